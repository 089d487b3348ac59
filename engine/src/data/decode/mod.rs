//! Image files to stored values: the format is told by content, the size is checked before memory is taken, palettes
//! stay indices, alpha is a channel like any other, and pictures are turned upright.

mod format;
mod header;
mod jpeg;
mod npy;
mod orientation;
mod png;
mod raster;
mod tiff;

use std::path::Path;

use self::format::{Format, format_of};
use self::header::checked_size;
pub(crate) use self::header::{Fault, Header};
pub use self::header::{MAX_AREA_PX, MAX_SIDE_PX};
use self::orientation::Orientation;
pub(crate) use self::raster::{Raster, Values};
use super::error::DataError;
use crate::progress::disk;

/// The longest file that is read: 16-bit four-channel pixels at the largest area, and some room for a header.
const MAX_FILE_BYTES: u64 = (MAX_AREA_PX as u64) * 8 + (1 << 20);

/// Reads and decodes a file.
pub(crate) fn read(path: &Path) -> Result<Raster, DataError> {
    decode(&read_bytes(path)?).map_err(|fault| fault.in_file(path))
}

/// Reads and decodes a label: a file that changes the values it is given holds no ids.
pub(crate) fn read_label(path: &Path) -> Result<Raster, DataError> {
    let bytes = read_bytes(path)?;
    let fault = |fault: Fault| fault.in_file(path);
    let lossy = match format_of(&bytes).map_err(fault)? {
        Format::Jpeg => Some("JPEG"),
        Format::Tiff if tiff::is_lossy(&bytes) => Some("TIFF with JPEG compression"),
        Format::Png | Format::Tiff | Format::Npy => None,
    };
    match lossy {
        Some(format) => Err(DataError::lossy_label(format, path)),
        None => decode(&bytes).map_err(fault),
    }
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
    let format = format_of(bytes)?;
    let raster = match format {
        Format::Png => png::decode(bytes)?,
        Format::Jpeg => jpeg::decode(bytes)?,
        Format::Tiff => tiff::decode(bytes)?,
        Format::Npy => npy::decode(bytes)?,
    };
    let expected = raster.width * raster.height * raster.channels;
    if raster.values.len() != expected {
        return Err(Fault::Broken(format!("expected {expected} values, found {}", raster.values.len())));
    }
    Ok(Orientation::of(format, bytes).upright(raster))
}

/// What the header of an image of any known format says, its size checked and upright.
pub(crate) fn header(bytes: &[u8]) -> Result<Header, Fault> {
    let format = format_of(bytes)?;
    let header = match format {
        Format::Png => png::header(bytes)?,
        Format::Jpeg => jpeg::header(bytes)?,
        Format::Tiff => tiff::header(bytes)?,
        Format::Npy => npy::header(bytes)?,
    };
    Ok(Orientation::of(format, bytes).header(header))
}

#[cfg(test)]
mod tests;
