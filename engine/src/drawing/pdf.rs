//! Drawings as PDF: one page, letters as outlines, pictures pixel by pixel (ISO 32000-1).

use std::fmt::Write as _;
use std::sync::Arc;

use image::RgbImage;
use miniz_oxide::deflate::compress_to_vec_zlib;
use vello_cpu::kurbo::{BezPath, PathEl, Point, Rect};

use super::print::{INCH, MAKER, Print};
use super::shape::{Drawing, Ink};
use super::surface::{Surface, number};

/// Points of a page for one of the drawing's pixels.
const POINT: f64 = 72.0 / INCH;
/// The numbers of the page's own objects, in the order in which they stand; pictures follow.
const CATALOGUE: usize = 1;
const PAGES: usize = 2;
const PAGE: usize = 3;
const CONTENT: usize = 4;
const INFORMATION: usize = 5;
/// How hard streams are pressed.
const PRESSED: u8 = 8;

impl Drawing {
    /// As a PDF file that knows its title and what made it.
    pub(super) fn pdf(&self, print: &Print) -> Vec<u8> {
        let [width, height] = [self.width * POINT, self.height * POINT];
        let mut sheet = Sheet { content: String::new(), pictures: Vec::new() };
        // The drawing's y goes downwards, the page's upwards; joins are round.
        let turned = format!("{} 0 0 {} 0 {} cm 1 j\n", number(POINT), number(-POINT), number(height));
        sheet.content.push_str(&turned);
        self.draw_on(&mut sheet);
        let Sheet { content, pictures } = sheet;
        let first = INFORMATION + 1;
        let named: String = (0..pictures.len()).map(|at| format!("/P{at} {} 0 R ", first + at)).collect();
        let mut file = File { bytes: b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n".to_vec(), begins: Vec::new() };
        file.object(&format!("<< /Type /Catalog /Pages {PAGES} 0 R >>"));
        file.object(&format!("<< /Type /Pages /Kids [{PAGE} 0 R] /Count 1 >>"));
        file.object(&format!(
            "<< /Type /Page /Parent {PAGES} 0 R /MediaBox [0 0 {} {}] /Contents {CONTENT} 0 R /Resources << /XObject << {named}>> \
             >> >>",
            number(width),
            number(height)
        ));
        file.stream("", content.as_bytes());
        file.object(&format!(
            "<< /Title {} /Subject {} /Creator {} >>",
            text(&self.title),
            text(&print.command),
            text(MAKER)
        ));
        for picture in &pictures {
            let about = format!(
                "/Type /XObject /Subtype /Image /Width {} /Height {} /ColorSpace /DeviceRGB /BitsPerComponent 8 ",
                picture.width(),
                picture.height()
            );
            file.stream(&about, picture.as_raw());
        }
        file.end()
    }
}

/// What is drawn, in the words of a page's content, and the pictures that it names.
struct Sheet {
    content: String,
    pictures: Vec<Arc<RgbImage>>,
}

impl Sheet {
    fn say(&mut self, words: &str) {
        self.content.push_str(words);
        self.content.push('\n');
    }

    fn follow(&mut self, path: &BezPath) {
        let mut at = Point::ZERO;
        for part in path.elements() {
            let (places, word): (Vec<Point>, &str) = match part {
                PathEl::MoveTo(to) => (vec![*to], "m"),
                PathEl::LineTo(to) => (vec![*to], "l"),
                // A page knows cubic curves alone.
                PathEl::QuadTo(by, to) => (vec![at.lerp(*by, 2.0 / 3.0), to.lerp(*by, 2.0 / 3.0), *to], "c"),
                PathEl::CurveTo(by, then, to) => (vec![*by, *then, *to], "c"),
                PathEl::ClosePath => (Vec::new(), "h"),
            };
            for place in &places {
                let _written = write!(self.content, "{} {} ", number(place.x), number(place.y));
            }
            self.say(word);
            at = places.last().copied().unwrap_or(at);
        }
    }
}

impl Surface for Sheet {
    fn fill(&mut self, path: &BezPath, ink: Ink) {
        self.say(&format!("{} rg", colour(ink)));
        self.follow(path);
        self.say("f");
    }

    fn stroke(&mut self, path: &BezPath, width: f64, ink: Ink) {
        self.say(&format!("{} RG {} w", colour(ink), number(width)));
        self.follow(path);
        self.say("S");
    }

    fn picture(&mut self, rect: Rect, pixels: &Arc<RgbImage>) {
        let [width, height, x, y] = [rect.width(), -rect.height(), rect.x0, rect.y1].map(number);
        self.say(&format!("q {width} 0 0 {height} {x} {y} cm /P{} Do Q", self.pictures.len()));
        self.pictures.push(Arc::clone(pixels));
    }
}

fn colour(ink: Ink) -> String {
    ink.map(|part| number(f64::from(part) / 255.0)).join(" ")
}

/// Text as a file has it: as it is where it is ASCII, else as numbers of UTF-16.
fn text(words: &str) -> String {
    if words.chars().all(|letter| letter == ' ' || letter.is_ascii_graphic()) {
        let safe = words.replace('\\', "\\\\").replace('(', "\\(").replace(')', "\\)");
        return format!("({safe})");
    }
    let numbers: String = words.encode_utf16().map(|unit| format!("{unit:04X}")).collect();
    format!("<FEFF{numbers}>")
}

/// The file, and where each of its objects begins.
struct File {
    bytes: Vec<u8>,
    begins: Vec<usize>,
}

impl File {
    fn object(&mut self, words: &str) {
        self.open();
        self.bytes.extend_from_slice(words.as_bytes());
        self.bytes.extend_from_slice(b"\nendobj\n");
    }

    fn stream(&mut self, about: &str, bytes: &[u8]) {
        let pressed = compress_to_vec_zlib(bytes, PRESSED);
        self.open();
        let head = format!("<< {about}/Filter /FlateDecode /Length {} >>\nstream\n", pressed.len());
        self.bytes.extend_from_slice(head.as_bytes());
        self.bytes.extend_from_slice(&pressed);
        self.bytes.extend_from_slice(b"\nendstream\nendobj\n");
    }

    fn open(&mut self) {
        self.begins.push(self.bytes.len());
        let head = format!("{} 0 obj\n", self.begins.len());
        self.bytes.extend_from_slice(head.as_bytes());
    }

    fn end(mut self) -> Vec<u8> {
        let (table, count) = (self.bytes.len(), self.begins.len() + 1);
        let mut words = format!("xref\n0 {count}\n0000000000 65535 f \n");
        for begin in &self.begins {
            let _written = writeln!(words, "{begin:010} 00000 n ");
        }
        let _written = write!(
            words,
            "trailer\n<< /Size {count} /Root {CATALOGUE} 0 R /Info {INFORMATION} 0 R >>\nstartxref\n{table}\n%%EOF\n"
        );
        self.bytes.extend_from_slice(words.as_bytes());
        self.bytes
    }
}

#[cfg(test)]
mod tests {
    use image::Rgb;
    use miniz_oxide::inflate::decompress_to_vec_zlib;

    use super::*;
    use crate::drawing::{Anchor, Shape, Weight};

    /// The words of an object, and its stream where it has one.
    fn object(file: &[u8], number: usize) -> (String, Vec<u8>) {
        let find =
            |from: usize, words: &[u8]| from + file[from..].windows(words.len()).position(|at| at == words).unwrap();
        let words = |range: std::ops::Range<usize>| String::from_utf8_lossy(&file[range]).into_owned();
        let table: usize = {
            let at = file.windows(9).rposition(|at| at == b"startxref").unwrap() + 10;
            words(at..find(at, b"\n")).parse().unwrap()
        };
        assert!(file[table..].starts_with(b"xref\n0 "), "the end names where the table of objects is");
        let lines: Vec<String> = words(table..file.len()).lines().map(str::to_owned).collect();
        let begin: usize = lines[2 + number][..10].parse().unwrap();
        assert!(
            file[begin..].starts_with(format!("{number} 0 obj\n").as_bytes()),
            "object {number} is where it should be"
        );
        let end = find(begin, b"\nendobj");
        let head = words(begin..end.min(find(begin, b">>\n")));
        let Some(length) = head.split("/Length ").nth(1) else { return (words(begin..end), Vec::new()) };
        let length: usize = length.trim().parse().unwrap();
        let from = find(begin, b"stream\n") + 7;
        assert!(file[from + length..].starts_with(b"\nendstream"), "a stream is as long as it says");
        (head, decompress_to_vec_zlib(&file[from..from + length]).unwrap())
    }

    #[test]
    fn a_page_has_its_size_its_outlines_and_its_pictures_where_its_table_says() {
        let pixels = Arc::new(RgbImage::from_fn(3, 2, |x, y| Rgb([x as u8, y as u8, 7])));
        let shapes = vec![
            Shape::Picture { from: [10.0, 20.0], size: [30.0, 20.0], pixels: Arc::clone(&pixels) },
            Shape::Edge { from: [1.0, 1.0], size: [8.0, 4.0], width: 1.5, ink: [255, 0, 51] },
            Shape::text([60.0, 40.0], Anchor::End, 20.0, Weight::Regular, [0; 3], "o"),
        ];
        let drawing = Drawing { width: 96.0, height: 48.0, title: "a (b) \\ c".to_owned(), shapes };
        let file = drawing.pdf(&Print::by("fusionscope figure ü"));
        assert!(file.starts_with(b"%PDF-1.7\n") && file.ends_with(b"%%EOF\n"));
        assert!(object(&file, CATALOGUE).0.contains("/Pages 2 0 R"));
        let (page, _) = object(&file, PAGE);
        assert!(page.contains("/MediaBox [0 0 72 36]") && page.contains("/P0 6 0 R"), "{page}");
        let (_, content) = object(&file, CONTENT);
        let content = String::from_utf8(content).unwrap();
        assert!(content.starts_with("0.75 0 0 -0.75 0 36 cm"), "{content}");
        assert!(
            content.contains("q 30 0 0 -20 10 40 cm /P0 Do Q") && content.contains("1 0 0.2 RG 1.5 w"),
            "{content}"
        );
        assert!(content.matches(" c\n").count() > 8, "a round letter has curves: {content}");
        let (picture, bytes) = object(&file, INFORMATION + 1);
        assert!(picture.contains("/Width 3 /Height 2"), "{picture}");
        assert_eq!(&bytes, pixels.as_raw());
        let (information, _) = object(&file, INFORMATION);
        assert!(
            information.contains("/Title (a \\(b\\) \\\\ c)") && information.contains("/Subject <FEFF0066"),
            "{information}"
        );
    }
}
