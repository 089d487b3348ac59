//! Drawings as SVG. Letters are outlines, each defined once, so that they look the same everywhere; what a text says is
//! its title.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use image::RgbImage;
use vello_cpu::kurbo::{BezPath, PathEl, Point};

use super::base64::base64;
use super::print::MAKER;
use super::shape::{Anchor, Direction, Drawing, Ink, Place, Shape};
use super::surface::{number, placing};
use super::typeface::{EM, Weight};
use crate::files::picture::png_bytes;

/// For letters that ours lack.
const FAMILY: &str = "Inter, 'Helvetica Neue', Helvetica, Arial, sans-serif";

impl Drawing {
    /// As an SVG file; `command` is what made it, and may be empty.
    pub fn svg(&self, command: &str) -> String {
        let Self { width, height, title, shapes } = self;
        let title = escaped(title);
        let mut text = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" xmlns:xlink=\"http://www.w3.org/1999/xlink\" width=\"{width}\" \
             height=\"{height}\" viewBox=\"0 0 {width} {height}\" role=\"img\" stroke=\"none\" font-family=\"{FAMILY}\">\n\
             <title>{title}</title>\n{}<defs>\n",
            metadata(&title, &escaped(command))
        );
        for (weight, letter) in letters(shapes) {
            let outline = path(&weight.outline(letter));
            // Text takes all that is written.
            let _written = writeln!(text, "<path id=\"{}\" d=\"{outline}\"/>", name(weight, letter));
        }
        let _written = writeln!(text, "</defs>\n<rect width=\"{width}\" height=\"{height}\" fill=\"#ffffff\"/>");
        for shape in shapes {
            let _written = writeln!(text, "{}", element(shape));
        }
        text.push_str("</svg>\n");
        text
    }
}

fn metadata(title: &str, command: &str) -> String {
    let source = if command.is_empty() { String::new() } else { format!("<dc:source>{command}</dc:source>") };
    format!(
        "<metadata><rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\" \
         xmlns:dc=\"http://purl.org/dc/elements/1.1/\"><rdf:Description rdf:about=\"\"><dc:title>{title}</dc:title>{source}\
         <dc:creator>{MAKER}</dc:creator></rdf:Description></rdf:RDF></metadata>\n"
    )
}

/// The letters that are drawn, each once.
fn letters(shapes: &[Shape]) -> Vec<(Weight, u32)> {
    let mut met = BTreeSet::new();
    let mut letters = Vec::new();
    for shape in shapes {
        let Shape::Text { weight, text, size, .. } = shape else { continue };
        if !weight.knows(text) {
            continue;
        }
        for (letter, _) in weight.placed(text, *size) {
            if met.insert((weight.number(), letter)) {
                letters.push((*weight, letter));
            }
        }
    }
    letters
}

fn name(weight: Weight, letter: u32) -> String {
    format!("w{}-{letter}", weight.number())
}

fn element(shape: &Shape) -> String {
    match shape {
        Shape::Line { from: [x, y], to: [to_x, to_y], width, ink } => format!(
            "<line x1=\"{x:.2}\" y1=\"{y:.2}\" x2=\"{to_x:.2}\" y2=\"{to_y:.2}\" stroke=\"{}\" stroke-width=\"{width}\"/>",
            colour(*ink)
        ),
        Shape::Path { places, width, ink } => format!(
            "<polyline points=\"{}\" fill=\"none\" stroke=\"{}\" stroke-width=\"{width}\" stroke-linejoin=\"round\"/>",
            points(places),
            colour(*ink)
        ),
        Shape::Area { places, ink } => {
            format!("<polygon points=\"{}\" fill=\"{}\"/>", points(places), colour(*ink))
        }
        Shape::Rect { from, size, ink } => format!("<rect {} fill=\"{}\"/>", sides(*from, *size), colour(*ink)),
        Shape::Edge { from, size, width, ink } => format!(
            "<rect {} fill=\"none\" stroke=\"{}\" stroke-width=\"{width}\" stroke-linejoin=\"round\"/>",
            sides(*from, *size),
            colour(*ink)
        ),
        Shape::Picture { from, size, pixels } => format!(
            "<image {} preserveAspectRatio=\"none\" style=\"image-rendering:optimizeSpeed;image-rendering:pixelated\" \
             xlink:href=\"data:image/png;base64,{}\"/>",
            sides(*from, *size),
            encoded(pixels)
        ),
        Shape::Dot { at: [x, y], radius, ink } => {
            format!("<circle cx=\"{x:.2}\" cy=\"{y:.2}\" r=\"{radius}\" fill=\"{}\"/>", colour(*ink))
        }
        Shape::Diamond { at: [x, y], radius, width, ink } => {
            let corners = [[*x, y - radius], [x + radius, *y], [*x, y + radius], [x - radius, *y]];
            format!(
                "<polygon points=\"{}\" fill=\"#ffffff\" stroke=\"{}\" stroke-width=\"{width}\"/>",
                points(&corners),
                colour(*ink)
            )
        }
        Shape::Text { at, anchor, direction, size, weight, ink, text } if weight.knows(text) => {
            let begin = placing(*at, *anchor, *direction, weight.width(text, *size)) * Point::ZERO;
            let turn = match direction {
                Direction::Across => "",
                Direction::Upwards => " rotate(-90)",
            };
            let mut group = format!(
                "<g fill=\"{}\" transform=\"translate({} {}){turn} scale({:.6})\"><title>{}</title>",
                colour(*ink),
                number(begin.x),
                number(begin.y),
                size / EM,
                escaped(text)
            );
            for (letter, x) in weight.placed(text, EM) {
                let _written = write!(group, "<use xlink:href=\"#{}\" x=\"{x:.0}\"/>", name(*weight, letter));
            }
            group + "</g>"
        }
        Shape::Text { at: [x, y], anchor, direction, size, weight, ink, text } => {
            let anchor = match anchor {
                Anchor::Start => "start",
                Anchor::Middle => "middle",
                Anchor::End => "end",
            };
            let turn = match direction {
                Direction::Across => String::new(),
                Direction::Upwards => format!(" transform=\"rotate(-90 {x:.2} {y:.2})\""),
            };
            format!(
                "<text x=\"{x:.2}\" y=\"{y:.2}\" text-anchor=\"{anchor}\" font-size=\"{size}\" font-weight=\"{}\" \
                 fill=\"{}\"{turn}>{}</text>",
                weight.number(),
                colour(*ink),
                escaped(text)
            )
        }
    }
}

fn sides([x, y]: Place, [width, height]: Place) -> String {
    format!("x=\"{x:.2}\" y=\"{y:.2}\" width=\"{width:.2}\" height=\"{height:.2}\"")
}

/// A picture as a PNG file in letters; nothing where it has no pixels, of which there is no such file.
fn encoded(pixels: &RgbImage) -> String {
    png_bytes(pixels).map(|bytes| base64(&bytes)).unwrap_or_default()
}

fn path(path: &BezPath) -> String {
    let mut text = String::new();
    for part in path.elements() {
        let (letter, places): (char, Vec<Point>) = match part {
            PathEl::MoveTo(to) => ('M', vec![*to]),
            PathEl::LineTo(to) => ('L', vec![*to]),
            PathEl::QuadTo(by, to) => ('Q', vec![*by, *to]),
            PathEl::CurveTo(by, then, to) => ('C', vec![*by, *then, *to]),
            PathEl::ClosePath => ('Z', Vec::new()),
        };
        text.push(letter);
        text.push_str(
            &places.iter().map(|at| format!("{} {}", number(at.x), number(at.y))).collect::<Vec<_>>().join(" "),
        );
    }
    text
}

fn points(places: &[Place]) -> String {
    places.iter().map(|[x, y]| format!("{x:.2},{y:.2}")).collect::<Vec<_>>().join(" ")
}

fn colour([red, green, blue]: Ink) -> String {
    format!("#{red:02x}{green:02x}{blue:02x}")
}

/// Text with nothing in it that XML would obey or refuses.
fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            control if control.is_control() || matches!(control, '\u{fffe}' | '\u{ffff}') => safe.push(' '),
            other => safe.push(other),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use image::Rgb;

    use super::*;

    #[test]
    fn names_with_anything_in_them_stay_text() {
        let text = "a < b & \"c\" > d\u{0}\u{1b}[31m".to_owned();
        let shape = Shape::Text {
            at: [1.0, 2.0],
            anchor: Anchor::End,
            direction: Direction::Across,
            size: 12.0,
            weight: Weight::Semibold,
            ink: [0, 16, 255],
            text: text.clone(),
        };
        let path = Shape::Path { places: vec![[1.0, 2.0], [3.0, 4.5]], width: 2.0, ink: [0; 3] };
        let svg = Drawing { width: 10.0, height: 5.0, title: text.clone(), shapes: vec![shape, path] }.svg(&text);
        assert_eq!(svg.matches("a &lt; b &amp; &quot;c&quot; &gt; d  [31m").count(), 4, "{svg}");
        assert!(svg.contains("<dc:source>a &lt; b"), "{svg}");
        // The font has no letter for what is no letter, so this one is text with the fonts at hand.
        assert!(svg.contains("fill=\"#0010ff\"") && svg.contains("text-anchor=\"end\""), "{svg}");
        assert!(svg.contains("points=\"1.00,2.00 3.00,4.50\" fill=\"none\""), "{svg}");
        assert!(svg.chars().all(|letter| letter == '\n' || !letter.is_control()));
    }

    #[test]
    fn letters_are_outlines_that_stand_in_the_file_once() {
        let text = |at: Place, text: &str| Shape::text(at, Anchor::Middle, 16.0, Weight::Regular, [0; 3], text);
        let up = Shape::upwards([4.0, 40.0], Anchor::Start, 16.0, Weight::Regular, [0; 3], "moon");
        let shapes = vec![text([40.0, 20.0], "moon"), text([40.0, 40.0], "noon"), up];
        let svg = Drawing { width: 80.0, height: 50.0, title: String::new(), shapes }.svg("");
        assert!(!svg.contains("<text") && !svg.contains("dc:source"), "{svg}");
        assert_eq!((svg.matches("<path id=").count(), svg.matches("<use ").count()), (3, 12), "{svg}");
        assert!(svg.contains("<title>moon</title>") && svg.contains("translate(4 40) rotate(-90) scale("), "{svg}");
    }

    #[test]
    fn pictures_are_in_the_file_pixel_by_pixel() {
        let pixels = Arc::new(RgbImage::from_fn(3, 2, |x, y| Rgb([x as u8, y as u8, 7])));
        let picture = Shape::Picture { from: [1.0, 2.0], size: [30.0, 20.0], pixels };
        let svg = Drawing { width: 80.0, height: 50.0, title: String::new(), shapes: vec![picture] }.svg("");
        assert!(svg.contains("<image x=\"1.00\" y=\"2.00\" width=\"30.00\" height=\"20.00\""), "{svg}");
        assert!(
            svg.contains("image-rendering:pixelated") && svg.contains("data:image/png;base64,iVBORw0KGgo"),
            "{svg}"
        );
    }
}
