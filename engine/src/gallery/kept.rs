//! Small pictures as bytes: their frames as JSON without pixels, then the pixels of each as PNG.

use image::{GrayImage, ImageFormat, RgbImage};

use crate::files::picture::png_bytes;
use crate::protocol::{Frame, Pixels, ScenePlace, Thumbnail};

/// The bytes of small pictures; `None` for those that some are missing of, or that have pixels of another kind: they
/// are made anew each time.
pub(super) fn bytes_of(thumbnail: &Thumbnail) -> Option<Vec<u8>> {
    if !thumbnail.faults.is_empty() {
        return None;
    }
    let mut shell = thumbnail.clone();
    let mut pictures = Vec::new();
    for frame in frames(&mut shell) {
        let (width, height) = (frame.width, frame.height);
        let (channels, bytes) = pixels_of(&mut frame.pixels)?;
        let bytes = std::mem::take(bytes);
        let png = if channels == 4 {
            let colours = bytes.chunks_exact(4).flat_map(|pixel| [pixel[0], pixel[1], pixel[2]]).collect();
            png_bytes(&RgbImage::from_raw(width, height, colours)?)
        } else {
            png_bytes(&GrayImage::from_raw(width, height, bytes)?)
        };
        pictures.push(png.ok()?);
    }
    shell.scene = ScenePlace::default();
    let mut kept = Vec::new();
    for part in [serde_json::to_vec(&shell).ok()?].iter().chain(&pictures) {
        kept.extend((part.len() as u64).to_le_bytes());
        kept.extend(part);
    }
    Some(kept)
}

/// The small pictures that these are the bytes of; `None` where they are none.
pub(super) fn thumbnail_from(mut bytes: &[u8], scene: ScenePlace) -> Option<Thumbnail> {
    let mut next = || {
        let (length, rest) = bytes.split_first_chunk::<8>()?;
        let (part, rest) = rest.split_at_checked(usize::try_from(u64::from_le_bytes(*length)).ok()?)?;
        bytes = rest;
        Some(part)
    };
    let mut thumbnail: Thumbnail = serde_json::from_slice(next()?).ok()?;
    for frame in frames(&mut thumbnail) {
        let size = (frame.width, frame.height);
        let picture = image::load_from_memory_with_format(next()?, ImageFormat::Png).ok()?;
        let (channels, pixels) = pixels_of(&mut frame.pixels)?;
        let (found, bytes) = if channels == 4 {
            let colours = picture.into_rgba8();
            (colours.dimensions(), colours.into_raw())
        } else {
            let values = picture.into_luma8();
            (values.dimensions(), values.into_raw())
        };
        if found != size {
            return None;
        }
        *pixels = bytes;
    }
    thumbnail.scene = scene;
    Some(thumbnail)
}

fn frames(thumbnail: &mut Thumbnail) -> impl Iterator<Item = &mut Frame> {
    thumbnail.sensors.iter_mut().chain([&mut thumbnail.label]).flatten()
}

/// The bytes of a frame and how many a pixel has.
fn pixels_of(pixels: &mut Pixels) -> Option<(usize, &mut Vec<u8>)> {
    match pixels {
        Pixels::Rgba(bytes) => Some((4, bytes)),
        Pixels::Labels { ids: bytes, confidence } if confidence.is_empty() => Some((1, bytes)),
        Pixels::Scalar { values: bytes, .. } => Some((1, bytes)),
        _ => None,
    }
}
