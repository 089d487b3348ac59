//! A tile's picture as a PNG file, and a map's values as NPY.

use std::path::Path;

use egui::{Button, Color32, ColorImage, Ui};
use fusionscope_engine::files::{npy, picture, write_whole};
use fusionscope_engine::protocol::{Content, Frame, Pixels};

use crate::canvas::value_of;
use crate::panes::PaneContext;
use crate::panes::saving::{self, Saving};
use crate::system_dialog::FileKind;

const PICTURE: saving::Export = saving::Export {
    title: "Save the picture",
    name: "picture.png",
    kind: FileKind { name: "PNG: the picture as drawn, at its own size", endings: &["png"] },
};
const VALUES: saving::Export = saving::Export {
    title: "Save the values",
    name: "values.npy",
    kind: FileKind { name: "NPY: height × width numbers, in the 256 steps that the window has", endings: &["npy"] },
};

/// What is written of a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// As it is drawn.
    Picture,
    /// What its pixels stand for.
    Values,
}

/// What is exported, and where to.
#[derive(Debug, Default)]
pub(super) struct Export {
    saving: Saving,
    wanted: Option<(Content, Form)>,
}

impl Export {
    /// Asks where to save in the next frame.
    pub(super) fn want(&mut self, content: Content, form: Form) {
        self.wanted = Some((content, form));
    }

    /// What was asked for since the last frame.
    pub(super) fn take_wanted(&mut self) -> Option<(Content, Form)> {
        self.wanted.take()
    }

    /// The lines of a tile's menu.
    pub(super) fn items(&mut self, ui: &mut Ui, ctx: &PaneContext<'_>, content: &Content) {
        let frame = ctx.store.scene.frame(content).filter(|_| !self.saving.is_busy());
        let has_values = frame.is_some_and(|frame| !matches!(frame.pixels, Pixels::Rgba(_)));
        for (words, form, can) in [
            ("Save the picture as PNG…", Form::Picture, frame.is_some()),
            ("Save the values as NPY…", Form::Values, has_values),
        ] {
            if ui.add_enabled(can, Button::new(words)).clicked() {
                self.want(content.clone(), form);
                ui.close();
            }
        }
    }

    /// Asks where a picture shall go.
    pub(super) fn ask_for_picture(&mut self, picture: ColorImage) {
        self.saving.ask(PICTURE, move |path| write_png(path, &picture));
    }

    /// Asks where values shall go.
    pub(super) fn ask_for_values(&mut self, bytes: Vec<u8>) {
        self.saving.ask(VALUES, move |path| {
            write_whole(path, &bytes)
                .map_err(|error| format!("Could not write the values: {error}: {}", path.display()))
        });
    }

    /// Draws the question, or what came of it.
    pub(super) fn ui(&mut self, ui: &Ui, ctx: &PaneContext<'_>) {
        self.saving.ui(ui, ctx);
    }
}

/// The picture as it is drawn, at its own size: `over` drawn on `below` where that is of one size.
pub(super) fn composed(below: Option<&ColorImage>, over: &ColorImage, opacity: f32) -> ColorImage {
    let Some(below) = below.filter(|below| below.size == over.size) else { return over.clone() };
    let mix = |(below, over): (&Color32, &Color32)| below.blend(over.gamma_multiply(opacity));
    ColorImage::new(over.size, below.pixels.iter().zip(&over.pixels).map(mix).collect())
}

/// Writes a picture as PNG.
fn write_png(path: &Path, picture: &ColorImage) -> Result<(), String> {
    let refused = |reason: String| format!("Could not write the picture: {reason}: {}", path.display());
    let [width, height] = picture.size;
    let bytes: Vec<u8> = picture.pixels.iter().flat_map(Color32::to_srgba_unmultiplied).collect();
    let png = image::RgbaImage::from_raw(width as u32, height as u32, bytes)
        .ok_or_else(|| refused(format!("{width} × {height} pixels are too many")))?;
    picture::write_png(path, &png).map_err(|error| refused(error.to_string()))
}

/// The values of a map, `[height, width]`: numbers in its unit, in 256 steps as the window has them, NaN where nothing
/// was measured; ids of classes and words as numbers. `None` for a photograph and for a frame that lies about its size.
pub(super) fn values(frame: &Frame) -> Option<Vec<u8>> {
    let (width, height) = (frame.width as usize, frame.height as usize);
    let numbers: Vec<f32> = match &frame.pixels {
        Pixels::Rgba(_) => return None,
        Pixels::Scalar { values, low, high, has_holes, .. } => {
            let value = |&byte: &u8| value_of(byte, (*low, *high), *has_holes).unwrap_or(f32::NAN);
            values.iter().map(value).collect()
        }
        Pixels::Labels { ids, .. } | Pixels::Categories { ids, .. } | Pixels::Errors(ids) => {
            ids.iter().map(|&id| f32::from(id)).collect()
        }
    };
    (numbers.len() == width * height && !numbers.is_empty()).then(|| npy(&numbers, width))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_is_written_as_it_is_drawn() {
        let below = ColorImage::filled([2, 1], Color32::BLACK);
        let over = ColorImage::new([2, 1], vec![Color32::TRANSPARENT, Color32::WHITE]);
        let half = composed(Some(&below), &over, 0.5);
        assert_eq!(half.pixels[0], Color32::BLACK);
        assert!((110..146).contains(&half.pixels[1].r()), "{:?}", half.pixels[1]);
        let other = ColorImage::filled([1, 1], Color32::BLACK);
        assert_eq!(composed(Some(&other), &over, 1.0), over, "a picture of another size is left out");

        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.png");
        write_png(&path, &half).unwrap();
        let back = image::open(&path).unwrap().into_rgba8();
        assert_eq!((back.dimensions(), back.get_pixel(0, 0).0), ((2, 1), [0, 0, 0, 255]));
        let error = write_png(&folder.path().join("no such folder/a.png"), &half).unwrap_err();
        assert!(error.starts_with("Could not write the picture"), "{error}");
    }

    #[test]
    fn values_are_in_their_unit_and_what_was_not_measured_is_no_number() {
        let numbers = |pixels| {
            let bytes = values(&Frame { width: 3, height: 1, pixels }).unwrap();
            let header = String::from_utf8_lossy(&bytes[10..]).into_owned();
            assert!(header.contains("'shape': (1, 3)"), "{header}");
            let tail = &bytes[bytes.len() - 12..];
            tail.chunks_exact(4).map(|part| f32::from_le_bytes(part.try_into().unwrap())).collect::<Vec<f32>>()
        };
        let scalar = |has_holes| Pixels::Scalar {
            values: vec![0, 1, 255],
            low: -10.0,
            high: 40.0,
            unit: "°C".to_owned(),
            has_holes,
        };
        let found = numbers(scalar(true));
        assert!(found[0].is_nan() && found[1..] == [-10.0, 40.0], "{found:?}");
        assert_eq!(numbers(scalar(false))[0], -10.0);
        assert_eq!(numbers(Pixels::Labels { ids: vec![0, 7, 255], confidence: Vec::new() }), [0.0, 7.0, 255.0]);
        let lying = Frame { width: 9, height: 9, pixels: Pixels::Errors(vec![0]) };
        assert_eq!(values(&lying), None);
    }
}
