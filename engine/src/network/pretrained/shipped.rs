//! The weights that come with the program: small encoders that have seen rendered streets by day, in half precision.

use std::path::PathBuf;

use crate::recipe::catalogue::encoder::Family;

/// Where a family's shipped weights lie in the source tree, and their bytes; no bytes for a family that has none.
pub fn shipped(family: Family) -> (PathBuf, &'static [u8]) {
    let bytes: &[u8] = match family {
        Family::Nano => include_bytes!("../../../../assets/encoders/nano.safetensors"),
        Family::MitNano => include_bytes!("../../../../assets/encoders/mit-nano.safetensors"),
        Family::MscanNano => include_bytes!("../../../../assets/encoders/mscan-nano.safetensors"),
        Family::EfficientNetLite0
        | Family::EfficientNetB3
        | Family::MscanB
        | Family::ResNet50
        | Family::ResNet101
        | Family::MitB0
        | Family::MitB2
        | Family::MitB4 => &[],
    };
    (PathBuf::from(format!("assets/encoders/{}.safetensors", family.word())), bytes)
}
