//! NPY: `[height, width]`, `[height, width, channels]` or `[channels, height, width]`.

use npyz::{DType, NpyFile, Order, TypeChar};

use super::{Fault, Header, Raster, Values, checked_size};
use crate::half::Half;

/// Headers longer or more deeply nested than this describe no image (and would cost the header parser its stack).
const MAX_HEADER_BYTES: usize = 4096;
const MAX_BRACKETS: usize = 8;

/// How the array lies in the file.
struct Layout {
    header: Header,
    kind: TypeChar,
    item_bytes: u64,
    channels_first: bool,
    fortran: bool,
}

pub(super) fn header(bytes: &[u8]) -> Result<Header, Fault> {
    open(bytes).map(|(_, layout)| layout.header)
}

fn open(bytes: &[u8]) -> Result<(NpyFile<&[u8]>, Layout), Fault> {
    let length = match bytes {
        [_, _, _, _, _, _, 1, _, low, high, ..] => usize::from(u16::from_le_bytes([*low, *high])),
        [_, _, _, _, _, _, 2 | 3, _, a, b, c, d, ..] => u32::from_le_bytes([*a, *b, *c, *d]) as usize,
        _ => return Err(Fault::broken("expected an NPY header of version 1 to 3")),
    };
    let head = &bytes[..bytes.len().min(length.saturating_add(12))];
    let brackets = head.iter().filter(|byte| matches!(byte, b'(' | b'[' | b'{')).count();
    if length > MAX_HEADER_BYTES || brackets > MAX_BRACKETS {
        return Err(Fault::broken("expected the header of a plain array"));
    }
    let file = NpyFile::new(bytes).map_err(Fault::broken)?;
    let DType::Plain(kind) = file.dtype() else { return Err(Fault::broken("expected plain numbers, found records")) };
    let sides = file.shape().iter().map(|&side| usize::try_from(side).unwrap_or(usize::MAX)).collect::<Vec<_>>();
    let (height, width, channels, channels_first) = match *sides.as_slice() {
        [height, width] => (height, width, 1, false),
        [height, width, channels] if channels <= 16 => (height, width, channels, false),
        [channels, height, width] if channels <= 16 => (height, width, channels, true),
        _ => return Err(Fault::Broken(format!("expected [height, width] with or without channels, found {sides:?}"))),
    };
    checked_size(width, height)?;
    if channels == 0 {
        return Err(Fault::Zero { width: 0, height: 0 });
    }
    let item_bytes = kind.size_field();
    let bits = match (kind.type_char(), item_bytes) {
        (TypeChar::Uint | TypeChar::Bool, 1) => 8,
        (TypeChar::Uint, 2) => 16,
        (TypeChar::Int | TypeChar::Uint, 1 | 2 | 4 | 8) | (TypeChar::Float, 2 | 4 | 8) => 32,
        (other, size) => return Err(Fault::Broken(format!("expected numbers, found {}{size}", other.to_str()))),
    };
    let needed = (width * height * channels) as u64 * item_bytes;
    if (bytes.len() as u64) < needed {
        return Err(Fault::Broken(format!("the file is truncated: expected {needed} bytes of values")));
    }
    let fortran = file.order() == Order::Fortran;
    let header = Header { width, height, channels, bits };
    Ok((file, Layout { header, kind: kind.type_char(), item_bytes, channels_first, fortran }))
}

pub(super) fn decode(bytes: &[u8]) -> Result<Raster, Fault> {
    let (file, layout) = open(bytes)?;
    let order = layout.positions();
    let values = match (layout.kind, layout.item_bytes) {
        (TypeChar::Bool, _) => Values::Bytes(picked(&vec_of::<bool>(file)?, &order, u8::from)?),
        (TypeChar::Uint, 1) => Values::Bytes(picked(&vec_of::<u8>(file)?, &order, |value| value)?),
        (TypeChar::Uint, 2) => Values::Words(picked(&vec_of::<u16>(file)?, &order, |value| value)?),
        (TypeChar::Uint, 4) => Values::Floats(picked(&vec_of::<u32>(file)?, &order, |value| value as f32)?),
        (TypeChar::Uint, _) => Values::Floats(picked(&vec_of::<u64>(file)?, &order, |value| value as f32)?),
        (TypeChar::Int, 1) => Values::Floats(picked(&vec_of::<i8>(file)?, &order, f32::from)?),
        (TypeChar::Int, 2) => Values::Floats(picked(&vec_of::<i16>(file)?, &order, f32::from)?),
        (TypeChar::Int, 4) => Values::Floats(picked(&vec_of::<i32>(file)?, &order, |value| value as f32)?),
        (TypeChar::Int, _) => Values::Floats(picked(&vec_of::<i64>(file)?, &order, |value| value as f32)?),
        (_, 2) => Values::Floats(picked(&vec_of::<Half>(file)?, &order, |value| value.0)?),
        (_, 4) => Values::Floats(picked(&vec_of::<f32>(file)?, &order, |value| value)?),
        _ => Values::Floats(picked(&vec_of::<f64>(file)?, &order, |value| value as f32)?),
    };
    let Header { width, height, channels, .. } = layout.header;
    Ok(Raster { width, height, channels, values, top: 255, palette: None })
}

fn vec_of<T: npyz::Deserialize>(file: NpyFile<&[u8]>) -> Result<Vec<T>, Fault> {
    file.into_vec().map_err(Fault::broken)
}

fn picked<T: Copy, U>(values: &[T], order: &[usize], convert: impl Fn(T) -> U) -> Result<Vec<U>, Fault> {
    let picked: Option<Vec<U>> = order.iter().map(|&at| values.get(at).map(|&value| convert(value))).collect();
    picked.ok_or_else(|| Fault::broken("the file is truncated"))
}

impl Layout {
    /// Where in the file each value lies, pixel by pixel with the channels together.
    fn positions(&self) -> Vec<usize> {
        let Header { width, height, channels, .. } = self.header;
        let sides = if self.channels_first { [channels, height, width] } else { [height, width, channels] };
        let strides =
            if self.fortran { [1, sides[0], sides[0] * sides[1]] } else { [sides[1] * sides[2], sides[2], 1] };
        let [row, column, channel] = if self.channels_first { [strides[1], strides[2], strides[0]] } else { strides };
        let mut positions = Vec::with_capacity(width * height * channels);
        for y in 0..height {
            for x in 0..width {
                positions.extend((0..channels).map(|c| y * row + x * column + c * channel));
            }
        }
        positions
    }
}
