//! Orientation tags: how the camera was held (tag 274 of TIFF 6.0 and EXIF), in JPEG, PNG and TIFF alike.

use image::metadata::Orientation as Tag;

use super::format::Format;
use super::{Header, Raster, Values};

/// How stored rows and columns become those of the upright picture.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Orientation {
    /// Rows and columns change places, after the flips.
    is_transposed: bool,
    flips_columns: bool,
    flips_rows: bool,
}

impl Orientation {
    /// What a file's tag says; upright where there is none, or none of the eight.
    pub(super) fn of(format: Format, bytes: &[u8]) -> Self {
        let exif = match format {
            Format::Png => exif_of_png(bytes),
            Format::Jpeg => exif_of_jpeg(bytes),
            // A TIFF file is laid out as EXIF is.
            Format::Tiff => Some(bytes),
            Format::Npy => None,
        };
        exif.and_then(Tag::from_exif_chunk).map_or_else(Self::default, |tag| Self::from_tag(tag.to_exif()))
    }

    /// From the tag's value, 1 to 8.
    fn from_tag(tag: u8) -> Self {
        Self {
            is_transposed: tag >= 5,
            flips_columns: matches!(tag, 2 | 3 | 7 | 8),
            flips_rows: matches!(tag, 3 | 4 | 6 | 7),
        }
    }

    /// The header of the upright picture.
    pub(super) fn header(self, header: Header) -> Header {
        let Header { width, height, .. } = header;
        if self.is_transposed { Header { width: height, height: width, ..header } } else { header }
    }

    /// The upright picture.
    pub(super) fn upright(self, raster: Raster) -> Raster {
        if self == Self::default() {
            return raster;
        }
        let Raster { width, height, channels, values, top, palette } = raster;
        let values = match values {
            Values::Bytes(values) => Values::Bytes(self.turned(&values, width, height, channels)),
            Values::Words(values) => Values::Words(self.turned(&values, width, height, channels)),
            Values::Floats(values) => Values::Floats(self.turned(&values, width, height, channels)),
        };
        let (width, height) = if self.is_transposed { (height, width) } else { (width, height) };
        Raster { width, height, channels, values, top, palette }
    }

    fn turned<T: Copy>(self, values: &[T], width: usize, height: usize, channels: usize) -> Vec<T> {
        let (across, down) = if self.is_transposed { (height, width) } else { (width, height) };
        let mut turned = Vec::with_capacity(values.len());
        for y in 0..down {
            for x in 0..across {
                let (column, row) = if self.is_transposed { (y, x) } else { (x, y) };
                let column = if self.flips_columns { width - 1 - column } else { column };
                let row = if self.flips_rows { height - 1 - row } else { row };
                let at = (row * width + column) * channels;
                turned.extend_from_slice(&values[at..at + channels]);
            }
        }
        turned
    }
}

/// The `eXIf` chunk of a PNG, before or after the picture.
fn exif_of_png(bytes: &[u8]) -> Option<&[u8]> {
    let mut at = 8;
    loop {
        let length = u32::from_be_bytes(bytes.get(at..at + 4)?.try_into().ok()?) as usize;
        let kind = bytes.get(at + 4..at + 8)?;
        if kind == b"eXIf" {
            return bytes.get(at + 8..(at + 8).checked_add(length)?);
        }
        at = at.checked_add(length)?.checked_add(12)?;
    }
}

/// The EXIF segment of a JPEG, which stands before the picture.
fn exif_of_jpeg(bytes: &[u8]) -> Option<&[u8]> {
    const EXIF: &[u8] = b"Exif\0\0";
    let mut at = 2;
    loop {
        match *bytes.get(at..at + 4)? {
            [0xff, 0xff, ..] => at += 1,
            // Markers that stand alone.
            [0xff, 0x01 | 0xd0..=0xd8, ..] => at += 2,
            // The picture begins, or ends.
            [0xff, 0xd9 | 0xda, ..] => return None,
            [0xff, marker, high, low] => {
                let end = at + 2 + usize::from(u16::from_be_bytes([high, low]));
                let segment = bytes.get(at + 4..end)?;
                if let Some(exif) = segment.strip_prefix(EXIF).filter(|_| marker == 0xe1) {
                    return Some(exif);
                }
                at = end;
            }
            _ => return None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::decode::{decode, header};
    use crate::data::fixture::png_bytes;

    /// An EXIF block with the tag alone.
    pub(super) fn exif(tag: u8) -> Vec<u8> {
        let mut block = b"MM\0\x2a\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0".to_vec();
        block.extend([tag, 0, 0, 0, 0, 0, 0]);
        block
    }

    /// A PNG of 3 × 2 with the values 1 to 6 and the tag, before or after the picture.
    fn png(tag: u8, is_early: bool) -> Vec<u8> {
        let bytes = png_bytes(3, 2, png::ColorType::Grayscale, png::BitDepth::Eight, &[1, 2, 3, 4, 5, 6]);
        let block = exif(tag);
        let mut chunk = (block.len() as u32).to_be_bytes().to_vec();
        chunk.extend(b"eXIf");
        chunk.extend(&block);
        chunk.extend(crc(&chunk[4..]).to_be_bytes());
        // After the header's chunk, or before the closing one.
        let at = if is_early { 33 } else { bytes.len() - 12 };
        [&bytes[..at], &chunk, &bytes[at..]].concat()
    }

    fn crc(bytes: &[u8]) -> u32 {
        let step = |crc: u32, byte: &u8| {
            let shift = |crc: u32, _| if crc & 1 == 1 { 0xedb8_8320 ^ (crc >> 1) } else { crc >> 1 };
            (0..8).fold(crc ^ u32::from(*byte), shift)
        };
        !bytes.iter().fold(u32::MAX, step)
    }

    /// Rows of the upright picture for each of the eight tags, as EXIF 2.3 defines them.
    const UPRIGHT: [&[u8]; 8] = [
        &[1, 2, 3, 4, 5, 6],
        &[3, 2, 1, 6, 5, 4],
        &[6, 5, 4, 3, 2, 1],
        &[4, 5, 6, 1, 2, 3],
        &[1, 4, 2, 5, 3, 6],
        &[4, 1, 5, 2, 6, 3],
        &[6, 3, 5, 2, 4, 1],
        &[3, 6, 2, 5, 1, 4],
    ];

    #[test]
    fn all_eight_orientations_of_a_png_are_applied_wherever_the_tag_stands() {
        for (tag, expected) in (1..).zip(UPRIGHT) {
            for is_early in [true, false] {
                let bytes = png(tag, is_early);
                let raster = decode(&bytes).unwrap();
                assert_eq!(raster.values, Values::Bytes(expected.to_vec()), "{tag}");
                let size = if tag >= 5 { (2, 3) } else { (3, 2) };
                let header = header(&bytes).unwrap();
                assert_eq!(
                    (raster.width, raster.height, header.width, header.height),
                    (size.0, size.1, size.0, size.1)
                );
            }
        }
        assert_eq!(decode(&png(9, true)).unwrap().values, Values::Bytes(UPRIGHT[0].to_vec()));
    }

    #[test]
    fn a_tiff_of_sixteen_bits_is_turned_upright() {
        use tiff::encoder::{TiffEncoder, colortype};
        for (tag, expected) in (1_u16..).zip(UPRIGHT) {
            let mut bytes = std::io::Cursor::new(Vec::new());
            let mut encoder = TiffEncoder::new(&mut bytes).unwrap();
            let mut image = encoder.new_image::<colortype::Gray16>(3, 2).unwrap();
            image.encoder().write_tag(tiff::tags::Tag::Orientation, tag).unwrap();
            image.write_data(&[1, 2, 3, 4, 5, 6]).unwrap();
            let raster = decode(&bytes.into_inner()).unwrap();
            let expected: Vec<u16> = expected.iter().map(|&value| u16::from(value)).collect();
            assert_eq!(raster.values, Values::Words(expected), "{tag}");
        }
    }

    #[test]
    fn a_jpeg_is_turned_whatever_stands_before_its_tag() {
        use image::ImageEncoder as _;
        let mut bytes = Vec::new();
        let dark_left: Vec<u8> = (0..16 * 8).map(|at| if at % 16 < 8 { 20 } else { 220 }).collect();
        image::codecs::jpeg::JpegEncoder::new(&mut bytes)
            .write_image(&dark_left, 16, 8, image::ExtendedColorType::L8)
            .unwrap();
        let segment =
            |marker: u8, body: &[u8]| [&[0xff, marker][..], &(body.len() as u16 + 2).to_be_bytes(), body].concat();
        let tagged = |tag: u8| {
            let exif = segment(0xe1, &[b"Exif\0\0", exif(tag).as_slice()].concat());
            [&bytes[..2], &segment(0xfe, b"a comment"), &segment(0xe1, b"http://ns.adobe.com"), &exif, &bytes[2..]]
                .concat()
        };
        let turned = decode(&tagged(3)).unwrap();
        let Values::Bytes(values) = &turned.values else { panic!("expected bytes") };
        assert!(values[0] > 200 && values[15] < 40, "{values:?}");
        let turned = decode(&tagged(6)).unwrap();
        assert_eq!((turned.width, turned.height), (8, 16));
        let Values::Bytes(values) = &turned.values else { panic!("expected bytes") };
        assert!(values[0] < 40 && values[15 * 8] > 200, "{values:?}");
    }
}
