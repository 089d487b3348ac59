//! Half-precision numbers of NPY files, read as 32-bit floats.

use std::io::Read;

use burn::tensor::f16;
use npyz::{DType, DTypeError, Deserialize, Endianness, TypeChar, TypeRead};

/// A number that is stored in 16 bits.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Half(pub(crate) f32);

/// Reads one number in the file's order of bytes.
pub(crate) struct HalfReader {
    is_big_endian: bool,
}

impl Deserialize for Half {
    type TypeReader = HalfReader;

    fn reader(dtype: &DType) -> Result<HalfReader, DTypeError> {
        match dtype {
            DType::Plain(kind) if kind.type_char() == TypeChar::Float && kind.size_field() == 2 => {
                Ok(HalfReader { is_big_endian: kind.endianness() == Endianness::Big })
            }
            other => Err(DTypeError::custom(format!("expected half-precision numbers, found {other:?}"))),
        }
    }
}

impl TypeRead for HalfReader {
    type Value = Half;

    fn read_one<R: Read>(&self, mut bytes: R) -> std::io::Result<Half> {
        let mut pair = [0; 2];
        bytes.read_exact(&mut pair)?;
        let half = if self.is_big_endian { f16::from_be_bytes(pair) } else { f16::from_le_bytes(pair) };
        Ok(Half(half.to_f32()))
    }
}
