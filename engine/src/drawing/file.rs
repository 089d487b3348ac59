//! Drawings as files.

use std::io::Cursor;
use std::path::Path;

use image::ImageFormat;

use super::shape::Drawing;

/// Pixels of a PNG for one of the SVG: sharp in print at its size.
const SCALE: f64 = 2.0;

/// A drawing as a file of the kind that the name ends in, `.svg` or `.png`; a sentence where it is neither, or where there
/// is nothing to draw.
pub fn drawing_file(path: &Path, draw: impl FnOnce() -> Result<Drawing, String>) -> Result<Vec<u8>, String> {
    let ending = path.extension().unwrap_or_default().to_string_lossy().to_ascii_lowercase();
    match ending.as_str() {
        "svg" => Ok(draw()?.svg().into_bytes()),
        "png" => {
            let too_large = "the picture would be larger than 65,535 pixels on a side; write it as .svg";
            let pixels = draw()?.pixels(SCALE).ok_or(too_large)?;
            let mut bytes = Cursor::new(Vec::new());
            pixels.write_to(&mut bytes, ImageFormat::Png).map_err(|error| error.to_string())?;
            Ok(bytes.into_inner())
        }
        _ => Err("a picture's name ends in .svg or .png".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_drawing_is_of_the_kind_that_its_name_ends_in() {
        let draw = || Ok(Drawing { width: 4.0, height: 3.0, ..Drawing::default() });
        assert!(drawing_file(Path::new("a.SVG"), draw).unwrap().starts_with(b"<svg"));
        let png = image::load_from_memory(&drawing_file(Path::new("a.png"), draw).unwrap()).unwrap();
        assert_eq!((png.width(), png.height()), (8, 6));
        assert!(drawing_file(Path::new("a.jpg"), draw).unwrap_err().contains(".svg or .png"));
    }
}
