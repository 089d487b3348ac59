//! The colours that printed pictures share.

use super::shape::Ink;

/// Text.
pub const TEXT: Ink = [0x1b, 0x1f, 0x24];
/// Text that explains.
pub const WEAK: Ink = [0x5b, 0x63, 0x6e];
/// Lines of a grid.
pub const GRID: Ink = [0xe3, 0xe6, 0xea];
/// Every other row's ground.
pub const BAND: Ink = [0xf5, 0xf6, 0xf8];
