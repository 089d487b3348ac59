//! Image files to stored values: the format is told by content, the size is checked before memory is taken, palettes
//! stay indices, alpha is a channel like any other, and pictures are turned upright.
//!
//! A picture of any format within [`MAX_AREA_PX`] takes, while it is decoded, at most [`MOST_BYTES_A_VALUE`] times
//! width × height × channels on top of its file's bytes; one within a file of many besides a chunk of that file.

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
use crate::files::stack::{Numbers, Outline};
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
    match header_within(path) {
        Some(header) => raster_within(path, header?),
        None => decode(&read_bytes(path)?).map_err(|fault| fault.in_file(path)),
    }
}

/// What `work` makes of a file's picture, which is not kept. Large pictures are worked on one after the other.
pub(crate) fn visit<T>(path: &Path, work: impl FnOnce(Raster) -> Result<T, DataError>) -> Result<T, DataError> {
    visit_where(path, |_| Ok(()), work)
}

/// [`visit`] for a label: a file that changes the values it is given holds no ids.
pub(crate) fn visit_label<T>(path: &Path, work: impl FnOnce(Raster) -> Result<T, DataError>) -> Result<T, DataError> {
    let is_exact = |bytes: &[u8]| {
        let lossy = match format_of(bytes).map_err(|fault| fault.in_file(path))? {
            Format::Jpeg => Some("JPEG"),
            Format::Tiff if tiff::is_lossy(bytes) => Some("TIFF with JPEG compression"),
            Format::Png | Format::Tiff | Format::Npy => None,
        };
        lossy.map_or(Ok(()), |format| Err(DataError::lossy_label(format, path)))
    };
    visit_where(path, is_exact, work)
}

/// [`visit`] where the file's bytes fit.
fn visit_where<T>(
    path: &Path,
    fits: impl FnOnce(&[u8]) -> Result<(), DataError>,
    work: impl FnOnce(Raster) -> Result<T, DataError>,
) -> Result<T, DataError> {
    if let Some(header) = header_within(path) {
        let header = header?;
        let _turn = turn(header);
        return raster_within(path, header).and_then(work);
    }
    let bytes = read_bytes(path)?;
    fits(&bytes)?;
    // What cannot be read is told by who decodes it.
    let _turn = header(&bytes).ok().and_then(turn);
    decode(&bytes).map_err(|fault| fault.in_file(path)).and_then(work)
}

/// Waits until no other large picture is at work, where this is one.
fn turn(Header { width, height, channels, .. }: Header) -> Option<MutexGuard<'static, ()>> {
    (width * height * channels > MANY_VALUES).then(|| LARGE.lock())
}

/// Reads a file's header.
pub(crate) fn read_header(path: &Path) -> Result<Header, DataError> {
    header_within(path).unwrap_or_else(|| header(&read_bytes(path)?).map_err(|fault| fault.in_file(path)))
}

fn read_bytes(path: &Path) -> Result<Vec<u8>, DataError> {
    disk::read(path, MAX_FILE_BYTES).map_err(|error| unreadable(path, &error))
}

fn unreadable(path: &Path, error: &std::io::Error) -> DataError {
    DataError::unreadable("an image", path, error)
}

/// The header of the picture that a path leads to within a file; `None` where it leads into none.
fn header_within(path: &Path) -> Option<Result<Header, DataError>> {
    let outline = disk::outline(path)?;
    Some(outline.map_err(|error| unreadable(path, &error)).and_then(|outline| {
        let Outline { width, height, channels, bits } = outline;
        let checked = checked_size(width, height).and_then(|()| checked_channels(channels));
        checked.map(|()| Header { width, height, channels, bits }).map_err(|fault| fault.in_file(path))
    }))
}

/// The picture of this header within a file.
fn raster_within(path: &Path, Header { width, height, channels, .. }: Header) -> Result<Raster, DataError> {
    let values = match disk::numbers(path).map_err(|error| unreadable(path, &error))? {
        Numbers::Bytes(values) => Values::Bytes(values),
        Numbers::Words(values) => Values::Words(values),
        Numbers::Floats(values) => Values::Floats(values),
    };
    Ok(Raster { width, height, channels, values, top: 255, palette: None })
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
