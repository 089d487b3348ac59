//! The forms that an exhibit can have as a file.

use crate::system_dialog::FileKind;

/// A form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Format {
    /// Pixels.
    Png,
    /// Shapes, for the web and for editing.
    Svg,
    /// Shapes, for LaTeX.
    Pdf,
    /// Numbers.
    Csv,
    /// A map's values.
    Npy,
    /// A recipe or a study.
    Toml,
    /// A table for notes.
    Markdown,
    /// A table for LaTeX.
    Latex,
    /// Figures for programs.
    Json,
    /// Words.
    Text,
}

impl Format {
    /// What its files are called, and their endings.
    pub fn kind(self) -> FileKind {
        let (name, endings): (_, &'static [&'static str]) = match self {
            Self::Png => ("PNG: pixels, so many an inch", &["png"]),
            Self::Svg => ("SVG: shapes at any size, letters as outlines", &["svg"]),
            Self::Pdf => ("PDF: shapes at any size, letters as outlines", &["pdf"]),
            Self::Csv => ("CSV: the numbers", &["csv"]),
            Self::Npy => ("NPY: height × width values, in the 256 steps that the window has", &["npy"]),
            Self::Toml => ("TOML: as the command line takes it", &["toml"]),
            Self::Markdown => ("Markdown: a table for notes", &["md"]),
            Self::Latex => ("LaTeX: a table", &["tex"]),
            Self::Json => ("JSON: for programs", &["json"]),
            Self::Text => ("Text", &["txt"]),
        };
        FileKind { name, endings }
    }

    /// The ending of its files.
    pub fn ending(self) -> &'static str {
        self.kind().endings[0]
    }

    /// The word on its button.
    pub fn word(self) -> &'static str {
        match self {
            Self::Png => "PNG",
            Self::Svg => "SVG",
            Self::Pdf => "PDF",
            Self::Csv => "CSV",
            Self::Npy => "NPY",
            Self::Toml => "TOML",
            Self::Markdown => "Markdown",
            Self::Latex => "LaTeX",
            Self::Json => "JSON",
            Self::Text => "Text",
        }
    }

    /// Whether it is words and numbers, which can be copied.
    pub fn is_text(self) -> bool {
        matches!(self, Self::Csv | Self::Toml | Self::Markdown | Self::Latex | Self::Json | Self::Text)
    }
}
