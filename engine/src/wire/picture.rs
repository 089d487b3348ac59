//! Pictures on their way: what the other end has already is only named, and photographs travel as files.

use std::io::Cursor;

use image::codecs::jpeg::JpegEncoder;
use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::{DynamicImage, ExtendedColorType, ImageEncoder as _, ImageReader, RgbaImage};
use serde::{Deserialize, Serialize};

use super::error::WireError;
use crate::protocol::{Content, Frame, Pixels, SceneView, Tile};

/// How good JPEG files are, of 100.
const QUALITY: u8 = 90;

/// As what photographs travel. Label maps, scalar maps and all else arrive as they were sent, whatever is chosen here.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Photographs {
    /// As PNG files, which lose nothing.
    #[default]
    Png,
    /// As JPEG files, a tenth of that, which lose what few people see.
    Jpeg,
}

/// All pictures of a scene without those that the other end has.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PackedView {
    /// All of it but the pictures.
    view: SceneView,
    /// The pictures.
    tiles: Vec<PackedTile>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum PackedTile {
    /// The one at this place of the view that was sent before.
    Known(usize),
    /// A photograph as a file.
    File {
        content: Content,
        width: u32,
        height: u32,
        #[serde(with = "serde_bytes")]
        file: Vec<u8>,
    },
    /// Any other.
    Plain(Tile),
}

impl PackedView {
    /// Packs a view; `before` is what was sent last of the same slot.
    pub fn pack(view: &SceneView, before: Option<&SceneView>, photographs: Photographs) -> Self {
        let known = before.map_or(&[] as &[Tile], |before| &before.tiles);
        let packed = |tile: &Tile| match known.iter().position(|known| known == tile) {
            Some(place) => PackedTile::Known(place),
            None => file_of(tile, photographs).unwrap_or_else(|| PackedTile::Plain(tile.clone())),
        };
        let tiles = view.tiles.iter().map(packed).collect();
        Self { view: without_tiles(view), tiles }
    }

    /// The slot that it is of.
    pub fn slot(&self) -> u64 {
        self.view.request.view
    }

    /// The view; `before` is what came last of the same slot.
    pub fn unpack(self, before: Option<&SceneView>) -> Result<SceneView, WireError> {
        let Self { mut view, tiles } = self;
        let unpacked = |tile| match tile {
            PackedTile::Known(place) => {
                let known = before.and_then(|before| before.tiles.get(place)).cloned();
                known.ok_or_else(|| damaged("a picture that was never sent"))
            }
            PackedTile::File { content, width, height, file } => {
                Ok(Tile { content, frame: photograph(width, height, &file)? })
            }
            PackedTile::Plain(tile) => Ok(tile),
        };
        view.tiles = tiles.into_iter().map(unpacked).collect::<Result<_, WireError>>()?;
        Ok(view)
    }
}

fn damaged(what: &str) -> WireError {
    WireError::Damaged { what: what.to_owned() }
}

/// Field by field, so that the pictures are not copied first.
fn without_tiles(view: &SceneView) -> SceneView {
    SceneView {
        request: view.request.clone(),
        id: view.id.clone(),
        tags: view.tags.clone(),
        step: view.step,
        answer: view.answer.clone(),
        unfit: view.unfit.clone(),
        lack: view.lack.clone(),
        missing: view.missing.clone(),
        tiles: Vec::new(),
        effects: view.effects.clone(),
        switches: view.switches.clone(),
        offered: view.offered.clone(),
        refused: view.refused.clone(),
        figures: view.figures.clone(),
        beside: view.beside.clone(),
        millis: view.millis,
    }
}

/// A photograph as a file; `None` of what is none.
fn file_of(tile: &Tile, photographs: Photographs) -> Option<PackedTile> {
    let Pixels::Rgba(rgba) = &tile.frame.pixels else { return None };
    let (width, height) = (tile.frame.width, tile.frame.height);
    let rgb = DynamicImage::from(RgbaImage::from_raw(width, height, rgba.clone())?).into_rgb8();
    let mut file = Vec::new();
    let written = match photographs {
        Photographs::Png => PngEncoder::new_with_quality(&mut file, CompressionType::Fast, FilterType::Adaptive)
            .write_image(&rgb, width, height, ExtendedColorType::Rgb8),
        Photographs::Jpeg => {
            JpegEncoder::new_with_quality(&mut file, QUALITY).write_image(&rgb, width, height, ExtendedColorType::Rgb8)
        }
    };
    written.ok().map(|()| PackedTile::File { content: tile.content.clone(), width, height, file })
}

fn photograph(width: u32, height: u32, file: &[u8]) -> Result<Frame, WireError> {
    let reader = || ImageReader::new(Cursor::new(file)).with_guessed_format();
    let size = reader().ok().and_then(|reader| reader.into_dimensions().ok());
    // Looked at first: memory follows from the size.
    if size != Some((width, height)) {
        return Err(damaged("a photograph of another size"));
    }
    let image = reader()
        .map_err(|_| damaged("a photograph"))
        .and_then(|reader| reader.decode().map_err(|error| damaged(&format!("a photograph did not read: {error}"))))?;
    Ok(Frame { width, height, pixels: Pixels::Rgba(image.into_rgba8().into_raw()) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::ViewRequest;

    fn view() -> SceneView {
        let (width, height) = (64, 48);
        let pixel = |place: u32| (place * 7 % 251) as u8;
        let rgba = (0..width * height).flat_map(|place| [pixel(place), 90, pixel(place / 3), 255]).collect();
        let frame = |pixels| Frame { width, height, pixels };
        let ids: Vec<u8> = (0..width * height).map(|place| pixel(place) % 9).collect();
        let labels = Pixels::Labels { confidence: ids.clone(), ids: ids.clone() };
        let scalar =
            Pixels::Scalar { values: ids, low: f32::NEG_INFINITY, high: 2.5, unit: "m".to_owned(), has_holes: true };
        SceneView {
            request: ViewRequest { view: 3, ..ViewRequest::default() },
            id: "a".to_owned(),
            tags: Vec::new(),
            step: Some(7),
            answer: None,
            unfit: None,
            lack: None,
            missing: String::new(),
            tiles: vec![
                Tile { content: Content::Sensor("colour".to_owned()), frame: frame(Pixels::Rgba(rgba)) },
                Tile { content: Content::Label, frame: frame(labels) },
                Tile { content: Content::Probe("depth".to_owned()), frame: frame(scalar) },
            ],
            effects: Vec::new(),
            switches: Vec::new(),
            offered: vec!["depth".to_owned()],
            refused: Vec::new(),
            figures: vec![("a".to_owned(), 1.5)],
            beside: None,
            millis: 3.0,
        }
    }

    #[test]
    fn maps_arrive_as_they_are_and_photographs_as_well_as_their_file_keeps_them() {
        let sent = view();
        for photographs in [Photographs::Png, Photographs::Jpeg] {
            let mut came = PackedView::pack(&sent, None, photographs).unpack(None).unwrap();
            if photographs == Photographs::Jpeg {
                let (Pixels::Rgba(one), Pixels::Rgba(other)) =
                    (&came.tiles[0].frame.pixels, &sent.tiles[0].frame.pixels)
                else {
                    panic!("a photograph is none any more")
                };
                assert_eq!(one.len(), other.len());
                assert!(one.iter().skip(3).step_by(4).all(|&alpha| alpha == 255));
                came.tiles[0] = sent.tiles[0].clone();
            }
            assert_eq!(came, sent, "{photographs:?}");
        }
    }

    #[test]
    fn what_the_other_end_has_is_not_sent_again() {
        let first = view();
        let mut second = first.clone();
        let Pixels::Labels { ids, .. } = &mut second.tiles[1].frame.pixels else { panic!("no labels") };
        ids[5] ^= 1;
        second.tiles.swap(0, 2);
        let packed = PackedView::pack(&second, Some(&first), Photographs::Png);
        let known = packed.tiles.iter().filter(|tile| matches!(tile, PackedTile::Known(_))).count();
        assert_eq!(known, 2);
        assert_eq!(packed.clone().unpack(Some(&first)).unwrap(), second);
        assert!(packed.unpack(None).unwrap_err().to_string().contains("never sent"));
    }

    #[test]
    fn a_photograph_of_another_size_is_damage() {
        let mut packed = PackedView::pack(&view(), None, Photographs::Png);
        if let PackedTile::File { width, .. } = &mut packed.tiles[0] {
            *width = 1 << 30;
        }
        assert!(packed.unpack(None).unwrap_err().to_string().contains("another size"));
    }
}
