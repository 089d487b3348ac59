//! What an image says of itself before it is decoded, and why it may be refused.

use std::path::Path;

use crate::data::error::DataError;

/// The longest side that is decoded, in pixels.
pub const MAX_SIDE_PX: usize = 16_384;

/// The largest area that is decoded, in pixels: 64 megapixels.
pub const MAX_AREA_PX: usize = 64 << 20;

/// The most channels that a file may hold.
pub const MAX_CHANNELS: usize = 16;

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
    Deep { channels: usize },
    Broken(String),
}

impl Fault {
    pub(super) fn broken(reason: impl std::fmt::Display) -> Self {
        Self::Broken(reason.to_string())
    }

    pub(crate) fn in_file(self, path: &Path) -> DataError {
        let path = path.to_owned();
        match self {
            Self::Zero { width, height } => DataError::ZeroSize { width, height, path },
            Self::Large { width, height } => {
                DataError::TooLarge { width, height, max_side: MAX_SIDE_PX, max_pixels: MAX_AREA_PX, path }
            }
            Self::Deep { channels } => DataError::TooDeep { channels, max_channels: MAX_CHANNELS, path },
            Self::Broken(reason) => DataError::Image { reason, path },
        }
    }
}

/// Refuses sizes without pixels and sizes that would fill the memory.
pub(super) fn checked_size(width: usize, height: usize) -> Result<(), Fault> {
    if width == 0 || height == 0 {
        return Err(Fault::Zero { width, height });
    }
    if width > MAX_SIDE_PX || height > MAX_SIDE_PX || width * height > MAX_AREA_PX {
        return Err(Fault::Large { width, height });
    }
    Ok(())
}

/// Refuses no channel, and more than any sensor has.
pub(super) fn checked_channels(channels: usize) -> Result<(), Fault> {
    match channels {
        0 => Err(Fault::Broken("it has no channels".to_owned())),
        1..=MAX_CHANNELS => Ok(()),
        _ => Err(Fault::Deep { channels }),
    }
}
