//! One file of a scene alone, made small.

use super::align::{Size, nearest, plane_at};
use super::dataset::Dataset;
use super::decode;
use super::entry::SampleEntry;
use super::error::DataError;
use super::sample::Plane;

/// Something of a picture's size.
#[derive(Clone, Debug, PartialEq)]
pub struct Small<T> {
    /// Height in pixels.
    pub height: usize,
    /// Width in pixels.
    pub width: usize,
    /// What has it.
    pub of: T,
}

impl Dataset {
    /// The image of the sensor at this place, in its unit, shrunk so that its longer side has at most `side_px` pixels.
    /// It has its own shape, and is not brought to the other sensors'.
    pub fn small_plane(&self, entry: &SampleEntry, sensor: usize, side_px: usize) -> Result<Small<Plane>, DataError> {
        let (files, path) = (&self.pictures[sensor], self.file(entry, sensor)?);
        decode::visit(&path, |raster| {
            let raster = self.prepared(raster, entry, sensor)?;
            let from = Size::new(raster.height, raster.width);
            let to = within(from, side_px);
            let of = plane_at(&raster.plane(files, &path)?, files.kind, from, to);
            Ok(Small { height: to.height, width: to.width, of })
        })
    }

    /// The label in class ids, shrunk in the same way; `None` where the scene has none.
    pub fn small_label(&self, entry: &SampleEntry, side_px: usize) -> Result<Option<Small<Vec<u8>>>, DataError> {
        let shrunk = |(from, ids): (Size, Vec<u8>)| {
            let to = within(from, side_px);
            Small { height: to.height, width: to.width, of: nearest(&ids, from, to) }
        };
        Ok(self.label(entry)?.map(shrunk))
    }
}

/// The size of the same shape whose longer side has at most so many pixels.
fn within(size: Size, side_px: usize) -> Size {
    let longer = size.height.max(size.width);
    if longer <= side_px {
        return size;
    }
    let shrunk = |side: usize| ((side * side_px + longer / 2) / longer).max(1);
    Size::new(shrunk(size.height), shrunk(size.width))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shapes_are_kept_and_nothing_is_enlarged() {
        let small = |height, width, side| within(Size::new(height, width), side);
        assert_eq!(small(480, 640, 128), Size::new(96, 128));
        assert_eq!(small(640, 480, 128), Size::new(128, 96));
        assert_eq!(small(48, 64, 128), Size::new(48, 64));
        assert_eq!(small(1, 10_000, 100), Size::new(1, 100));
    }
}
