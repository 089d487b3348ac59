//! Which scenes are left by how the network does on them.

use serde::{Deserialize, Serialize};

/// Which scenes are left.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ErrorFilter {
    /// All of them.
    #[default]
    Any,
    /// Those whose mean IoU is below so many per cent.
    Below(u8),
    /// Those whose mean IoU is so many per cent or more.
    AtLeast(u8),
}

impl ErrorFilter {
    /// The per cent that it begins with.
    pub const FIRST: u8 = 50;

    /// In words.
    pub fn words(self) -> String {
        match self {
            Self::Any => "mIoU: all scenes".to_owned(),
            Self::Below(per_cent) => format!("mIoU below {per_cent} %"),
            Self::AtLeast(per_cent) => format!("mIoU from {per_cent} %"),
        }
    }

    /// Whether a scene is left; `miou` is the network's on it, 0 to 1, `None` where it was not counted.
    pub fn fits(self, miou: Option<f32>) -> bool {
        match self {
            Self::Any => true,
            Self::Below(per_cent) => miou.is_some_and(|miou| 100.0 * miou < f32::from(per_cent)),
            Self::AtLeast(per_cent) => miou.is_some_and(|miou| 100.0 * miou >= f32::from(per_cent)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scene_that_was_not_counted_is_neither_good_nor_bad() {
        let left = |miou| [ErrorFilter::Any, ErrorFilter::Below(50), ErrorFilter::AtLeast(50)].map(|by| by.fits(miou));
        assert_eq!(left(None), [true, false, false]);
        assert_eq!(left(Some(0.499)), [true, true, false]);
        assert_eq!(left(Some(0.5)), [true, false, true]);
    }
}
