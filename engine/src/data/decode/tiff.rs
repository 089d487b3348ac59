//! TIFF: 8- and 16-bit numbers, and floating point; as stored, also where white is zero.

use std::io::Cursor;

use tiff::ColorType;
use tiff::decoder::{Decoder, DecodingResult, Limits};
use tiff::tags::{PhotometricInterpretation, Tag};

use super::{Fault, Header, MAX_AREA_PX, Raster, Values, checked_channels, checked_size, jpeg};

/// JPEG, in its old and its new form.
const JPEG: [u16; 2] = [6, 7];

/// A tile may be larger than the picture, up to this side.
const MAX_PART_PX: usize = 4096;

/// Blocks of JPEG are as wide and high at most; a strip's or tile's picture may be filled up to them.
const JPEG_BLOCK_PX: usize = 64;

type Open<'a> = (Decoder<Cursor<&'a [u8]>>, Header);

fn open(bytes: &[u8]) -> Result<Open<'_>, Fault> {
    let mut limits = Limits::default();
    limits.decoding_buffer_size = MAX_AREA_PX * 8;
    limits.intermediate_buffer_size = MAX_AREA_PX * 8;
    let mut decoder = Decoder::new(Cursor::new(bytes)).map_err(Fault::broken)?.with_limits(limits);
    let (width, height) = decoder.dimensions().map_err(Fault::broken)?;
    let (width, height) = (width as usize, height as usize);
    checked_size(width, height)?;
    let part_width = decoder.chunk_dimensions().0 as usize;
    if part_width > width.max(MAX_PART_PX) {
        return Err(Fault::Broken(format!("it is cut into parts that are {part_width} px wide")));
    }
    let (channels, bits) = match decoder.colortype().map_err(Fault::broken)? {
        ColorType::Gray(bits) => (1, bits),
        ColorType::GrayA(bits) => (2, bits),
        ColorType::RGB(bits) => (3, bits),
        ColorType::RGBA(bits) => (4, bits),
        ColorType::Multiband { bit_depth, num_samples } => (usize::from(num_samples), bit_depth),
        other => return Err(Fault::Broken(format!("expected grey or RGB values, found {other:?}"))),
    };
    checked_channels(channels)?;
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
    let is_inverted =
        number(&mut decoder, Tag::PhotometricInterpretation) == Some(PhotometricInterpretation::WhiteIsZero.to_u16());
    if is_jpeg(&mut decoder) {
        checked_jpegs(&mut decoder, height, bytes)?;
    }
    let mut read = decoder.read_image().map_err(Fault::broken)?;
    if is_inverted {
        as_stored(&mut read);
    }
    let values = match read {
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

/// Whether the file's compression changes values.
pub(super) fn is_lossy(bytes: &[u8]) -> bool {
    open(bytes).is_ok_and(|(mut decoder, _)| is_jpeg(&mut decoder))
}

fn is_jpeg(decoder: &mut Decoder<Cursor<&[u8]>>) -> bool {
    number(decoder, Tag::Compression).is_some_and(|compression| JPEG.contains(&compression))
}

/// Refuses strips and tiles whose own pictures are larger than they: the decoder would believe those.
fn checked_jpegs(decoder: &mut Decoder<Cursor<&[u8]>>, height: usize, bytes: &[u8]) -> Result<(), Fault> {
    let (part_width, part_height) = decoder.chunk_dimensions();
    let (width, height) = (part_width as usize, (part_height as usize).min(height.max(MAX_PART_PX)));
    let mut list = |strips: Tag, tiles: Tag| {
        let found = decoder.get_tag_u64_vec(strips).or_else(|_no_strips| decoder.get_tag_u64_vec(tiles));
        found.map_err(Fault::broken)
    };
    let offsets = list(Tag::StripOffsets, Tag::TileOffsets)?;
    let counts = list(Tag::StripByteCounts, Tag::TileByteCounts)?;
    let parts = offsets.into_iter().zip(counts).filter_map(|(offset, count)| {
        let (start, end) = (usize::try_from(offset).ok()?, usize::try_from(offset.saturating_add(count)).ok()?);
        jpeg::largest_frame(bytes.get(start..end.min(bytes.len()))?)
    });
    // What all parts begin with may announce a picture, too.
    let tables = decoder.get_tag_u8_vec(Tag::JPEGTables).unwrap_or_default();
    let mut frames = parts.chain(jpeg::largest_frame(&tables));
    let is_large = |&(x, y): &(usize, usize)| x > width + JPEG_BLOCK_PX || y > height + JPEG_BLOCK_PX;
    match frames.find(is_large) {
        Some((x, y)) => {
            Err(Fault::Broken(format!("it holds a JPEG of {x} × {y} px in a part of {width} × {height} px")))
        }
        None => Ok(()),
    }
}

fn number(decoder: &mut Decoder<Cursor<&[u8]>>, tag: Tag) -> Option<u16> {
    decoder.find_tag_unsigned(tag).ok().flatten()
}

/// Undoes what the decoder does where white is zero: measurements and label ids are meant as they are stored.
fn as_stored(read: &mut DecodingResult) {
    match read {
        DecodingResult::U8(values) => values.iter_mut().for_each(|value| *value = u8::MAX - *value),
        DecodingResult::U16(values) => values.iter_mut().for_each(|value| *value = u16::MAX - *value),
        DecodingResult::U32(values) => values.iter_mut().for_each(|value| *value = u32::MAX - *value),
        DecodingResult::F32(values) => values.iter_mut().for_each(|value| *value = 1.0 - *value),
        DecodingResult::F64(values) => values.iter_mut().for_each(|value| *value = 1.0 - *value),
        // The decoder refuses to turn the others.
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use tiff::encoder::{TiffEncoder, colortype};

    use crate::data::decode::{Values, decode};

    /// A file whose white is zero.
    fn inverted<C: colortype::ColorType>(values: &[C::Inner]) -> Vec<u8>
    where
        [C::Inner]: tiff::encoder::TiffValue,
    {
        let mut bytes = std::io::Cursor::new(Vec::new());
        let mut encoder = TiffEncoder::new(&mut bytes).unwrap();
        encoder.write_image::<C>(values.len() as u32, 1, values).unwrap();
        let mut bytes = bytes.into_inner();
        // The entry of tag 262, a short.
        let entry = [6, 1, 3, 0, 1, 0, 0, 0, 1, 0];
        let at = bytes.windows(entry.len()).position(|window| window == entry).unwrap();
        bytes[at + 8] = 0;
        bytes
    }

    #[test]
    fn values_of_a_file_whose_white_is_zero_are_those_that_are_stored() {
        let read = |bytes: &[u8]| decode(bytes).unwrap().values;
        assert_eq!(read(&inverted::<colortype::Gray8>(&[0, 1, 3, 255])), Values::Bytes(vec![0, 1, 3, 255]));
        assert_eq!(read(&inverted::<colortype::Gray16>(&[0, 7, 65_535])), Values::Words(vec![0, 7, 65_535]));
        assert_eq!(
            read(&inverted::<colortype::Gray32Float>(&[0.0, 1.0, 300.0])),
            Values::Floats(vec![0.0, 1.0, 300.0])
        );
    }
}
