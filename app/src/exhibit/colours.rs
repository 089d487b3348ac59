//! The window's colours in print.

use egui::Color32;
use fusionscope_engine::drawing::{Ink, Paper};

use crate::look::{Theme, Tokens};

/// What a drawing in these colours lies on.
pub fn paper(tokens: &Tokens) -> &'static Paper {
    match tokens.theme {
        Theme::Light => &Paper::WHITE,
        Theme::Dark => &Paper::DARK,
    }
}

/// A colour that nothing shines through.
pub fn ink(colour: Color32) -> Ink {
    [colour.r(), colour.g(), colour.b()]
}
