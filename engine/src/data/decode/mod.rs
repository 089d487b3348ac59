//! Image files to stored values: the format is told by content, the size is checked before memory is taken, palettes
//! stay indices, alpha is a channel like any other, and pictures are turned upright.
//!
//! A picture of any format within [`MAX_AREA_PX`] takes, while it is decoded, at most [`MOST_BYTES_A_VALUE`] times
//! width × height × channels on top of its file's bytes.

mod format;
mod header;
mod jpeg;
mod npy;
mod orientation;
mod png;
mod raster;
mod tiff;

use std::path::Path;

use parking_lot::{Mutex, MutexGuard};

use self::format::{Format, format_of};
pub(crate) use self::header::{Fault, Header};
pub use self::header::{MAX_AREA_PX, MAX_CHANNELS, MAX_SIDE_PX};
use self::header::{checked_channels, checked_size};
use self::orientation::Orientation;
pub(crate) use self::raster::{Raster, Values, is_measured};
use super::error::DataError;
use crate::progress::disk;

/// The longest file that is read: 16-bit four-channel pixels at the largest area, and some room for a header.
const MAX_FILE_BYTES: u64 = (MAX_AREA_PX as u64) * 8 + (1 << 20);

/// Bytes that a decoder takes a value at most: the widest stored number beside the 32-bit one that it becomes.
pub const MOST_BYTES_A_VALUE: usize = 12;

/// Of pictures with more values than this one at a time is read where many files are, so that the number of threads
/// does not multiply what a few large ones take.
const MANY_VALUES: usize = 16 << 20;

/// Held while a large picture is read among others.
static LARGE: Mutex<()> = Mutex::new(());

/// Reads and decodes a file.
pub(crate) fn read(path: &Path) -> Result<Raster, DataError> {
    decode(&read_bytes(path)?).map_err(|fault| fault.in_file(path))
}

/// What `work` makes of a file's picture, which is not kept. Large pictures are worked on one after the other.
pub(crate) fn visit<T>(path: &Path, work: impl FnOnce(Raster) -> Result<T, DataError>) -> Result<T, DataError> {
    let bytes = read_bytes(path)?;
    let _turn = turn(&bytes);
    decode(&bytes).map_err(|fault| fault.in_file(path)).and_then(work)
}

/// [`visit`] for a label: a file that changes the values it is given holds no ids.
pub(crate) fn visit_label<T>(path: &Path, work: impl FnOnce(Raster) -> Result<T, DataError>) -> Result<T, DataError> {
    let bytes = read_bytes(path)?;
    let fault = |fault: Fault| fault.in_file(path);
    let lossy = match format_of(&bytes).map_err(fault)? {
        Format::Jpeg => Some("JPEG"),
        Format::Tiff if tiff::is_lossy(&bytes) => Some("TIFF with JPEG compression"),
        Format::Png | Format::Tiff | Format::Npy => None,
    };
    if let Some(format) = lossy {
        return Err(DataError::lossy_label(format, path));
    }
    let _turn = turn(&bytes);
    decode(&bytes).map_err(fault).and_then(work)
}

/// Waits until no other large picture is at work, where this is one. What cannot be read is told by who decodes it.
fn turn(bytes: &[u8]) -> Option<MutexGuard<'static, ()>> {
    let Header { width, height, channels, .. } = header(bytes).ok()?;
    (width * height * channels > MANY_VALUES).then(|| LARGE.lock())
}

/// Reads a file's header.
pub(crate) fn read_header(path: &Path) -> Result<Header, DataError> {
    header(&read_bytes(path)?).map_err(|fault| fault.in_file(path))
}

fn read_bytes(path: &Path) -> Result<Vec<u8>, DataError> {
    disk::read(path, MAX_FILE_BYTES).map_err(|error| DataError::unreadable("an image", path, &error))
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
