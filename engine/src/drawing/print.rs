//! Drawings as files.

use std::path::Path;

use super::shape::Drawing;

/// A drawing's pixels in an inch of print.
pub const INCH: f64 = 96.0;
/// What wrote a file, in the file.
pub(super) const MAKER: &str = "Fusionscope";

/// How a drawing becomes a file.
#[derive(Clone, Debug, PartialEq)]
pub struct Print {
    /// Pixels an inch, where it is made of pixels: twice those of the drawing where nobody says so, sharp in print.
    pub dpi: f64,
    /// What made it, which the file tells; may be empty.
    pub command: String,
}

impl Default for Print {
    fn default() -> Self {
        Self { dpi: 2.0 * INCH, command: String::new() }
    }
}

impl Print {
    /// Made by that command.
    pub fn by(command: impl Into<String>) -> Self {
        Self { command: command.into(), ..Self::default() }
    }
}

/// Refuses a name that ends in none of `.svg`, `.png` and `.pdf`.
pub fn check_ending(path: &Path) -> Result<(), String> {
    match ending_of(path).as_str() {
        "svg" | "png" | "pdf" => Ok(()),
        _ => Err("a picture's name ends in .svg, .png or .pdf".to_owned()),
    }
}

fn ending_of(path: &Path) -> String {
    path.extension().unwrap_or_default().to_string_lossy().to_ascii_lowercase()
}

/// A drawing as a file of the kind that the name ends in, `.svg`, `.png` or `.pdf`; a sentence where it is none of
/// these, or where there is nothing to draw.
pub fn drawing_file(
    path: &Path,
    print: &Print,
    draw: impl FnOnce() -> Result<Drawing, String>,
) -> Result<Vec<u8>, String> {
    check_ending(path)?;
    match ending_of(path).as_str() {
        "svg" => Ok(draw()?.svg(&print.command).into_bytes()),
        "pdf" => Ok(draw()?.pdf(print)),
        _ => draw()?.png(print),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_drawing_is_of_the_kind_that_its_name_ends_in() {
        let (draw, print) = (|| Ok(Drawing { width: 4.0, height: 3.0, ..Drawing::default() }), Print::default());
        assert!(drawing_file(Path::new("a.SVG"), &print, draw).unwrap().starts_with(b"<svg"));
        assert!(drawing_file(Path::new("a.pdf"), &print, draw).unwrap().starts_with(b"%PDF-"));
        let png = image::load_from_memory(&drawing_file(Path::new("a.png"), &print, draw).unwrap()).unwrap();
        assert_eq!((png.width(), png.height()), (8, 6));
        assert!(drawing_file(Path::new("a.jpg"), &print, draw).unwrap_err().contains(".svg, .png or .pdf"));
        let tiny = drawing_file(Path::new("a.png"), &Print { dpi: 1e9, ..print }, draw).unwrap_err();
        assert!(tiny.contains("fewer pixels an inch"), "{tiny}");
    }

    #[test]
    fn a_png_knows_its_size_in_print_and_what_made_it() {
        let draw = || Ok(Drawing { width: 96.0, height: 48.0, title: "Straßen".to_owned(), ..Drawing::default() });
        let print = Print { dpi: 300.0, ..Print::by("fusionscope figure a --out ü.png") };
        let bytes = drawing_file(Path::new("a.png"), &print, draw).unwrap();
        let reader = png::Decoder::new(std::io::Cursor::new(bytes)).read_info().unwrap();
        let info = reader.info();
        assert_eq!((info.width, info.height), (300, 150), "an inch of 300 pixels");
        let size = info.pixel_dims.unwrap();
        assert_eq!((size.xppu, size.yppu, size.unit), (11_811, 11_811, png::Unit::Meter));
        let said: Vec<(String, String)> =
            info.utf8_text.iter().map(|chunk| (chunk.keyword.clone(), chunk.get_text().unwrap())).collect();
        let has = |word: &str, text: &str| said.contains(&(word.to_owned(), text.to_owned()));
        assert!(has("Title", "Straßen") && has("Comment", &print.command) && has("Software", MAKER), "{said:?}");
    }
}
