//! Formats, told by what a file begins with.

use super::header::Fault;

/// The formats that are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    Png,
    Jpeg,
    Tiff,
    Npy,
}

/// The format that bytes begin like.
pub(super) fn format_of(bytes: &[u8]) -> Result<Format, Fault> {
    match bytes {
        [] => Err(Fault::broken("the file is empty")),
        [0x89, b'P', b'N', b'G', ..] => Ok(Format::Png),
        [0xff, 0xd8, ..] => Ok(Format::Jpeg),
        [b'I', b'I', 42 | 43, 0, ..] | [b'M', b'M', 0, 42 | 43, ..] => Ok(Format::Tiff),
        [0x93, b'N', b'U', b'M', b'P', b'Y', ..] => Ok(Format::Npy),
        _ => Err(Fault::broken("expected PNG, JPEG, TIFF or NPY, found none of them")),
    }
}
