//! NPY: `[height, width]`, `[height, width, channels]` or `[channels, height, width]`.

use npyz::{DType, Deserialize, NpyFile, Order, TypeChar};

use super::{Fault, Header, MAX_CHANNELS, Raster, Values, checked_size};
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
        [height, width, channels] if channels <= MAX_CHANNELS => (height, width, channels, false),
        [channels, height, width] if channels <= MAX_CHANNELS => (height, width, channels, true),
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
    let values = match (layout.kind, layout.item_bytes) {
        (TypeChar::Bool, _) => Values::Bytes(layout.read::<bool, _>(file, u8::from)?),
        (TypeChar::Uint, 1) => Values::Bytes(layout.read::<u8, _>(file, |value| value)?),
        (TypeChar::Uint, 2) => Values::Words(layout.read::<u16, _>(file, |value| value)?),
        (TypeChar::Uint, 4) => Values::Floats(layout.read::<u32, _>(file, |value| value as f32)?),
        (TypeChar::Uint, _) => Values::Floats(layout.read::<u64, _>(file, |value| value as f32)?),
        (TypeChar::Int, 1) => Values::Floats(layout.read::<i8, _>(file, f32::from)?),
        (TypeChar::Int, 2) => Values::Floats(layout.read::<i16, _>(file, f32::from)?),
        (TypeChar::Int, 4) => Values::Floats(layout.read::<i32, _>(file, |value| value as f32)?),
        (TypeChar::Int, _) => Values::Floats(layout.read::<i64, _>(file, |value| value as f32)?),
        (_, 2) => Values::Floats(layout.read::<Half, _>(file, |value| value.0)?),
        (_, 4) => Values::Floats(layout.read::<f32, _>(file, |value| value)?),
        _ => Values::Floats(layout.read::<f64, _>(file, |value| value as f32)?),
    };
    let Header { width, height, channels, .. } = layout.header;
    Ok(Raster { width, height, channels, values, top: 255, palette: None })
}

impl Layout {
    /// The values pixel by pixel with the channels together, each put in its place as it is read: nothing but them
    /// takes memory.
    fn read<T: Deserialize, U: Clone + Default>(
        &self,
        file: NpyFile<&[u8]>,
        convert: impl Fn(T) -> U,
    ) -> Result<Vec<U>, Fault> {
        let Header { width, height, channels, .. } = self.header;
        let mut values = vec![U::default(); width * height * channels];
        let mut stored = file.data::<T>().map_err(Fault::broken)?;
        for place in self.places() {
            let value = stored.next().ok_or_else(|| Fault::broken("the file is truncated"))?;
            values[place] = convert(value.map_err(Fault::broken)?);
        }
        Ok(values)
    }

    /// Where each value of the file goes, in the file's order.
    fn places(&self) -> impl Iterator<Item = usize> {
        let Header { width, height, channels, .. } = self.header;
        let (down, across, deep) = ((height, width * channels), (width, channels), (channels, 1));
        let mut axes = if self.channels_first { [deep, down, across] } else { [down, across, deep] };
        if self.fortran {
            axes.reverse();
        }
        let along = |(count, step): (usize, usize)| (0..count).map(move |place| place * step);
        along(axes[0]).flat_map(move |outer| {
            along(axes[1]).flat_map(move |middle| along(axes[2]).map(move |inner| outer + middle + inner))
        })
    }
}
