//! Image files to stored values: the format is told by content, the size is checked before memory is taken, palettes stay
//! indices, and alpha is a channel like any other.

mod jpeg;
mod npy;
mod png;
mod raster;
mod tiff;

use std::path::Path;

use super::error::DataError;
use crate::progress::disk;

pub(crate) use self::raster::{Raster, Values};

/// The longest side that is decoded, in pixels.
pub const MAX_SIDE_PX: usize = 16_384;

/// The largest area that is decoded, in pixels.
pub const MAX_AREA_PX: usize = 128 << 20;

/// The longest file that is read: 16-bit four-channel pixels at the largest area, and some room for a header.
const MAX_FILE_BYTES: u64 = (MAX_AREA_PX as u64) * 8 + (1 << 20);

/// What an image's header says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Header {
    pub(crate) width: usize,
    pub(crate) height: usize,
    pub(crate) channels: usize,
    /// 8, 16 or 32; fewer than 8 count as 8.
    pub(crate) bits: u8,
}

/// Why bytes are no image, before it is known which file they are from.
#[derive(Debug)]
pub(crate) enum Fault {
    Zero { width: usize, height: usize },
    Large { width: usize, height: usize },
    Broken(String),
}

impl Fault {
    fn broken(reason: impl std::fmt::Display) -> Self {
        Self::Broken(reason.to_string())
    }

    pub(crate) fn in_file(self, path: &Path) -> DataError {
        let path = path.to_owned();
        match self {
            Self::Zero { width, height } => DataError::ZeroSize { width, height, path },
            Self::Large { width, height } => {
                DataError::TooLarge { width, height, max_side: MAX_SIDE_PX, max_pixels: MAX_AREA_PX, path }
            }
            Self::Broken(reason) => DataError::Image { reason, path },
        }
    }
}

/// Reads and decodes a file.
pub(crate) fn read(path: &Path) -> Result<Raster, DataError> {
    decode(&read_bytes(path)?).map_err(|fault| fault.in_file(path))
}

/// Reads a file's header.
pub(crate) fn read_header(path: &Path) -> Result<Header, DataError> {
    header(&read_bytes(path)?).map_err(|fault| fault.in_file(path))
}

fn read_bytes(path: &Path) -> Result<Vec<u8>, DataError> {
    let unreadable = |error: std::io::Error| DataError::unreadable("an image", path, &error);
    let meta = std::fs::metadata(path).map_err(unreadable)?;
    if !meta.is_file() {
        return Err(DataError::image("it is no regular file", path));
    }
    if meta.len() > MAX_FILE_BYTES {
        return Err(DataError::image(format!("the file is too long ({} bytes)", meta.len()), path));
    }
    disk::read(path).map_err(unreadable)
}

/// Decodes an image of any known format.
pub(crate) fn decode(bytes: &[u8]) -> Result<Raster, Fault> {
    let raster = match format_of(bytes)? {
        Format::Png => png::decode(bytes)?,
        Format::Jpeg => jpeg::decode(bytes)?,
        Format::Tiff => tiff::decode(bytes)?,
        Format::Npy => npy::decode(bytes)?,
    };
    let expected = raster.width * raster.height * raster.channels;
    if raster.values.len() != expected {
        return Err(Fault::Broken(format!("expected {expected} values, found {}", raster.values.len())));
    }
    Ok(raster)
}

/// What the header of an image of any known format says, its size checked.
pub(crate) fn header(bytes: &[u8]) -> Result<Header, Fault> {
    match format_of(bytes)? {
        Format::Png => png::header(bytes),
        Format::Jpeg => jpeg::header(bytes),
        Format::Tiff => tiff::header(bytes),
        Format::Npy => npy::header(bytes),
    }
}

enum Format {
    Png,
    Jpeg,
    Tiff,
    Npy,
}

fn format_of(bytes: &[u8]) -> Result<Format, Fault> {
    match bytes {
        [] => Err(Fault::broken("the file is empty")),
        [0x89, b'P', b'N', b'G', ..] => Ok(Format::Png),
        [0xff, 0xd8, ..] => Ok(Format::Jpeg),
        [b'I', b'I', 42 | 43, 0, ..] | [b'M', b'M', 0, 42 | 43, ..] => Ok(Format::Tiff),
        [0x93, b'N', b'U', b'M', b'P', b'Y', ..] => Ok(Format::Npy),
        _ => Err(Fault::broken("expected PNG, JPEG, TIFF or NPY, found none of them")),
    }
}

/// Refuses sizes without pixels and sizes that would fill the memory.
fn checked_size(width: usize, height: usize) -> Result<(), Fault> {
    if width == 0 || height == 0 {
        return Err(Fault::Zero { width, height });
    }
    if width > MAX_SIDE_PX || height > MAX_SIDE_PX || width * height > MAX_AREA_PX {
        return Err(Fault::Large { width, height });
    }
    Ok(())
}

#[cfg(test)]
mod tests;
