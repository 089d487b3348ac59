//! TIFF: 8- and 16-bit numbers, and floating point.

use std::io::Cursor;

use tiff::ColorType;
use tiff::decoder::{Decoder, DecodingResult, Limits};

use super::{Fault, Header, MAX_AREA_PX, Raster, Values, checked_size};

type Open<'a> = (Decoder<Cursor<&'a [u8]>>, Header);

fn open(bytes: &[u8]) -> Result<Open<'_>, Fault> {
    let mut limits = Limits::default();
    limits.decoding_buffer_size = MAX_AREA_PX * 8;
    limits.intermediate_buffer_size = MAX_AREA_PX * 8;
    let mut decoder = Decoder::new(Cursor::new(bytes)).map_err(Fault::broken)?.with_limits(limits);
    let (width, height) = decoder.dimensions().map_err(Fault::broken)?;
    let (width, height) = (width as usize, height as usize);
    checked_size(width, height)?;
    let (channels, bits) = match decoder.colortype().map_err(Fault::broken)? {
        ColorType::Gray(bits) => (1, bits),
        ColorType::GrayA(bits) => (2, bits),
        ColorType::RGB(bits) => (3, bits),
        ColorType::RGBA(bits) => (4, bits),
        ColorType::Multiband { bit_depth, num_samples } => (usize::from(num_samples), bit_depth),
        other => return Err(Fault::Broken(format!("expected grey or RGB values, found {other:?}"))),
    };
    let bits = match bits {
        8 | 16 => bits,
        32 | 64 => 32,
        other => return Err(Fault::Broken(format!("expected 8, 16 or 32 bits a value, found {other}"))),
    };
    Ok((decoder, Header { width, height, channels, bits }))
}

pub(super) fn header(bytes: &[u8]) -> Result<Header, Fault> {
    open(bytes).map(|(_, header)| header)
}

pub(super) fn decode(bytes: &[u8]) -> Result<Raster, Fault> {
    let (mut decoder, Header { width, height, channels, .. }) = open(bytes)?;
    let values = match decoder.read_image().map_err(Fault::broken)? {
        DecodingResult::U8(values) => Values::Bytes(values),
        DecodingResult::U16(values) => Values::Words(values),
        DecodingResult::F32(values) => Values::Floats(values),
        DecodingResult::F16(values) => Values::Floats(values.into_iter().map(burn::tensor::f16::to_f32).collect()),
        DecodingResult::F64(values) => Values::Floats(values.into_iter().map(|value| value as f32).collect()),
        DecodingResult::U32(values) => Values::Floats(values.into_iter().map(|value| value as f32).collect()),
        DecodingResult::I16(values) => Values::Floats(values.into_iter().map(f32::from).collect()),
        DecodingResult::I32(values) => Values::Floats(values.into_iter().map(|value| value as f32).collect()),
        _ => return Err(Fault::broken("expected 8- or 16-bit numbers or floating point, found another kind of value")),
    };
    Ok(Raster { width, height, channels, values, top: 255, palette: None })
}
