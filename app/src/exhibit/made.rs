//! An exhibit, and the files that it becomes.

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use fusionscope_engine::drawing::{Drawing, INCH, Print, drawing_file};

use super::Format;

/// Draws it at a width and height, in pixels of 1/96 inch.
type Draw = Arc<dyn Fn([f64; 2]) -> Result<Drawing, String> + Send + Sync>;
/// Makes the bytes of a file, or says why there is none.
type Make = Arc<dyn Fn() -> Result<Vec<u8>, String> + Send + Sync>;

/// Something that can be written to files.
#[derive(Clone)]
pub struct Exhibit {
    /// What it is, unlike all others of its pane.
    pub title: String,
    /// The name that is proposed for its file, without the ending.
    pub stem: String,
    /// The command that makes the same, where there is one: shown, and written into what is drawn.
    pub command: String,
    draw: Option<Draw>,
    /// Whether it is drawn to the size that is asked for; else it has one of its own.
    is_sized: bool,
    files: Vec<(Format, Make)>,
}

impl fmt::Debug for Exhibit {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let formats = self.formats();
        formatter.debug_struct("Exhibit").field("title", &self.title).field("formats", &formats).finish_non_exhaustive()
    }
}

/// How large, and with how many pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sheet {
    /// Width and height in millimetres, for what is drawn to a size.
    pub millimetres: [f64; 2],
    /// Pixels an inch, for what is made of pixels.
    pub dpi: f64,
}

impl Default for Sheet {
    fn default() -> Self {
        Self { millimetres: [175.0, 100.0], dpi: 300.0 }
    }
}

impl Sheet {
    fn pixels(self) -> [f64; 2] {
        self.millimetres.map(|side| side / 25.4 * INCH)
    }
}

impl Exhibit {
    /// One that has no form yet.
    pub fn new(title: impl Into<String>, stem: impl Into<String>) -> Self {
        let (title, stem) = (title.into(), stem.into());
        Self { title, stem, command: String::new(), draw: None, is_sized: false, files: Vec::new() }
    }

    /// Drawn to the size that is asked for.
    pub fn drawn(self, draw: impl Fn([f64; 2]) -> Result<Drawing, String> + Send + Sync + 'static) -> Self {
        Self { draw: Some(Arc::new(draw)), is_sized: true, ..self }
    }

    /// Drawn at a size of its own.
    pub fn drawn_as_it_is(self, draw: impl Fn() -> Result<Drawing, String> + Send + Sync + 'static) -> Self {
        Self { draw: Some(Arc::new(move |_| draw())), is_sized: false, ..self }
    }

    /// With another form.
    pub fn with(mut self, format: Format, make: impl Fn() -> Result<Vec<u8>, String> + Send + Sync + 'static) -> Self {
        self.files.push((format, Arc::new(make)));
        self
    }

    /// With a text as another form.
    pub fn text(self, format: Format, text: String) -> Self {
        self.with(format, move || Ok(text.clone().into_bytes()))
    }

    /// With the numbers behind it.
    pub fn csv(self, text: String) -> Self {
        self.text(Format::Csv, text)
    }

    /// The forms that it has.
    pub fn formats(&self) -> Vec<Format> {
        let drawn: &[Format] = if self.draw.is_some() { &[Format::Png, Format::Svg, Format::Pdf] } else { &[] };
        let mut formats: Vec<Format> =
            drawn.iter().copied().chain(self.files.iter().map(|(format, _)| *format)).collect();
        formats.sort();
        formats.dedup();
        formats
    }

    /// Whether the form is drawn, in the colours that are asked for.
    pub fn is_drawn(&self, format: Format) -> bool {
        self.draw.is_some() && self.file(format).is_none() && self.formats().contains(&format)
    }

    /// Whether the form is drawn to the size that is asked for.
    pub fn is_sized(&self, format: Format) -> bool {
        self.is_sized && self.is_drawn(format)
    }

    fn file(&self, format: Format) -> Option<&Make> {
        self.files.iter().find(|(own, _)| *own == format).map(|(_, make)| make)
    }

    /// The bytes of a file of this form.
    ///
    /// # Errors
    ///
    /// A sentence, where there is nothing to draw, it would be too large, or it has no such form.
    pub fn bytes(&self, format: Format, sheet: Sheet) -> Result<Vec<u8>, String> {
        if let Some(make) = self.file(format) {
            return make();
        }
        let none = || format!("{} has no form as {}", self.title, format.word());
        let draw = self.draw.as_ref().filter(|_| self.is_drawn(format)).ok_or_else(none)?;
        let print = Print { dpi: sheet.dpi, command: self.command.clone() };
        drawing_file(&Path::new("a").with_extension(format.ending()), &print, || draw(sheet.pixels()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plot() -> Exhibit {
        let draw = |[width, height]: [f64; 2]| Ok(Drawing { width, height, ..Drawing::default() });
        Exhibit::new("A plot", "plot").drawn(draw).csv("a,b\n1,2\n".to_owned())
    }

    #[test]
    fn a_plot_has_the_size_and_the_pixels_that_are_asked_for_in_every_form() {
        let plot = plot();
        assert_eq!(plot.formats(), [Format::Png, Format::Svg, Format::Pdf, Format::Csv]);
        let sheet = Sheet { millimetres: [50.8, 25.4], dpi: 300.0 };
        let png = image::load_from_memory(&plot.bytes(Format::Png, sheet).unwrap()).unwrap();
        assert_eq!((png.width(), png.height()), (600, 300));
        let svg = String::from_utf8(plot.bytes(Format::Svg, sheet).unwrap()).unwrap();
        assert!(svg.starts_with("<svg") && svg.contains("192"), "{svg}");
        assert!(plot.bytes(Format::Pdf, sheet).unwrap().starts_with(b"%PDF-"));
        assert_eq!(plot.bytes(Format::Csv, sheet).unwrap(), b"a,b\n1,2\n");
        assert!(plot.bytes(Format::Toml, sheet).unwrap_err().contains("no form as TOML"));
    }

    #[test]
    fn a_picture_with_pixels_of_its_own_is_not_drawn_in_their_place() {
        let own = plot().with(Format::Png, || Ok(vec![1, 2, 3]));
        assert_eq!(own.bytes(Format::Png, Sheet::default()).unwrap(), [1, 2, 3]);
        assert!(!own.is_drawn(Format::Png) && own.is_sized(Format::Svg) && !own.is_sized(Format::Csv));
        let words = Exhibit::new("Words", "words").text(Format::Text, "so".to_owned());
        assert_eq!(words.formats(), [Format::Text]);
        assert!(words.bytes(Format::Svg, Sheet::default()).unwrap_err().contains("no form as SVG"));
    }
}
