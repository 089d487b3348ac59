use std::io::Cursor;

use ::png::{BitDepth, ColorType};
use ::tiff::encoder::{TiffEncoder, colortype};
use image::codecs::jpeg::JpegEncoder;
use image::{ExtendedColorType, ImageEncoder as _};
use proptest::prelude::*;

use super::*;
use crate::data::fixture::{grey_jpeg, npy_bytes as npy, npy_halves, png_bytes, tiff_of_jpeg};
use crate::data::labels::LabelTable;
use crate::data::manifest::ModalityFiles;
use crate::data::sample::ModalityKind;
use crate::kernels::most_bytes;

fn tiff_f32(width: u32, height: u32, data: &[f32]) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    TiffEncoder::new(&mut bytes).unwrap().write_image::<colortype::Gray32Float>(width, height, data).unwrap();
    bytes.into_inner()
}

fn jpeg(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = Vec::new();
    let data: Vec<u8> = (0..width * height * 3).map(|at| (at * 5 % 251) as u8).collect();
    JpegEncoder::new(&mut bytes).write_image(&data, width, height, ExtendedColorType::Rgb8).unwrap();
    bytes
}

fn message(bytes: &[u8]) -> String {
    decode(bytes).unwrap_err().in_file(Path::new("bad file.png")).to_string()
}

#[test]
fn palettes_stay_indices_and_colours_are_looked_up_for_pictures() {
    let bytes = png_bytes(4, 1, ColorType::Indexed, BitDepth::Two, &[0b00_01_10_11]);
    let raster = decode(&bytes).unwrap();
    assert_eq!(raster.values, Values::Bytes(vec![0, 1, 2, 3]));
    let plane = raster.plane(&ModalityFiles::new("c", ModalityKind::Colour, "{id}"), Path::new("f")).unwrap();
    assert_eq!(plane.values[..4], [0.0, 1.0, 0.0, 9.0 / 255.0]);
}

#[test]
fn alpha_is_a_channel_like_any_other() {
    let bytes = png_bytes(1, 1, ColorType::Rgba, BitDepth::Eight, &[255, 102, 51, 0]);
    let raster = decode(&bytes).unwrap();
    let colour = ModalityFiles { first_channel: Some(0), ..ModalityFiles::new("c", ModalityKind::Colour, "{id}") };
    assert_eq!(raster.plane(&colour, Path::new("f")).unwrap().values, [1.0, 102.0 / 255.0, 51.0 / 255.0]);
    let thermal = ModalityFiles { first_channel: Some(3), ..ModalityFiles::new("t", ModalityKind::Thermal, "{id}") };
    assert_eq!(raster.plane(&thermal, Path::new("f")).unwrap().values, [0.0]);
    let beyond = ModalityFiles { first_channel: Some(4), ..thermal };
    let message = raster.plane(&beyond, Path::new("f")).unwrap_err().to_string();
    assert!(message.contains("expected at least 5 channels, found 4"), "{message}");
}

#[test]
fn grey_images_of_one_bit_span_the_unit_range_and_keep_their_label_ids() {
    let raster = decode(&png_bytes(8, 1, ColorType::Grayscale, BitDepth::One, &[0b1010_0000])).unwrap();
    assert_eq!(raster.values, Values::Bytes(vec![1, 0, 1, 0, 0, 0, 0, 0]));
    let plane = raster.plane(&ModalityFiles::new("t", ModalityKind::Thermal, "{id}"), Path::new("f")).unwrap();
    assert_eq!(plane.values[..3], [1.0, 0.0, 1.0]);
}

#[test]
fn sixteen_bits_where_eight_were_declared_is_a_sentence_and_the_other_way_round() {
    let sixteen = decode(&png_bytes(1, 1, ColorType::Grayscale, BitDepth::Sixteen, &[1, 2])).unwrap();
    assert_eq!(sixteen.values, Values::Words(vec![258]));
    let eight = decode(&png_bytes(1, 1, ColorType::Grayscale, BitDepth::Eight, &[7])).unwrap();
    let files = ModalityFiles::new("thermal", ModalityKind::Thermal, "{id}");
    let message = sixteen.plane(&files, Path::new("a/b.png")).unwrap_err().to_string();
    assert!(
        message.contains("`thermal`: expected 8 bits a value, found 16") && message.ends_with("a/b.png"),
        "{message}"
    );
    let files = ModalityFiles { bit_depth: 16, ..files };
    let message = eight.plane(&files, Path::new("a/b.png")).unwrap_err().to_string();
    assert!(message.contains("expected 16 bits a value, found 8"), "{message}");
}

#[test]
fn arrays_read_alike_in_every_order_of_axes() {
    let rows = npy(&[2, 3], npyz::Order::C, &[0.0_f32, 1.0, 2.0, 10.0, 11.0, f32::NAN]);
    let columns = npy(&[2, 3], npyz::Order::Fortran, &[0.0_f64, 10.0, 1.0, 11.0, 2.0, 12.0]);
    let files =
        ModalityFiles { bit_depth: 32, low: Some(-1.0), ..ModalityFiles::new("d", ModalityKind::Other, "{id}") };
    let plane = |bytes: &[u8]| decode(bytes).unwrap().plane(&files, Path::new("f")).unwrap().values;
    assert_eq!(plane(&rows), [0.0, 1.0, 2.0, 10.0, 11.0, -1.0]);
    assert_eq!(plane(&columns), [0.0, 1.0, 2.0, 10.0, 11.0, 12.0]);
    let first = decode(&npy(&[2, 1, 30], npyz::Order::C, &(0..60).collect::<Vec<u8>>())).unwrap();
    assert_eq!((first.width, first.height, first.channels), (30, 1, 2));
    assert_eq!(first.values, Values::Bytes((0..30).flat_map(|at| [at, at + 30]).collect()));
    let halves = npy_halves(&[1, 2], &[0.5, 300.0]);
    assert_eq!(decode(&halves).unwrap().values, Values::Floats(vec![0.5, 300.0]));
    assert_eq!(header(&halves).unwrap().bits, 32);
}

#[test]
fn arrays_take_no_memory_but_for_their_values() {
    let sides = [300, 200, 3];
    let bytes = [npyz::Order::C, npyz::Order::Fortran].map(|order| npy(&sides, order, &vec![7_u8; 300 * 200 * 3]));
    let words = npy(&sides[..2], npyz::Order::C, &vec![7_u16; 300 * 200]);
    let wide = npy(&sides[..2], npyz::Order::C, &vec![7_i64; 300 * 200]);
    let [rows, columns] = &bytes;
    for (file, values) in [(rows, 180_000), (columns, 180_000), (&words, 120_000), (&wide, 240_000)] {
        let (raster, most) = most_bytes(|| decode(file).unwrap());
        assert!(raster.values.len() >= 60_000 && most < values + 8_000, "{most} bytes for {values} bytes of values");
    }
}

/// Bytes of values, width × height × channels; decoding may take so many times as much.
fn bound(values: usize, file: &[u8]) -> usize {
    MOST_BYTES_A_VALUE * values + 2 * file.len() + (1 << 20)
}

#[test]
fn pictures_of_every_format_take_a_stated_multiple_of_their_values() {
    let (width, height) = (1200, 900);
    let area = (width * height) as usize;
    let words = png_bytes(width, height, ColorType::Rgba, BitDepth::Sixteen, &vec![9; 8 * area]);
    let bits = png_bytes(width, height, ColorType::Grayscale, BitDepth::One, &vec![0; area / 8]);
    let colours = jpeg(width, height);
    let floats = tiff_f32(width, height, &vec![0.25; area]);
    let doubles = npy(&[900, 1200], npyz::Order::C, &vec![0.5_f64; area]);
    for (file, channels) in [(&words, 4), (&bits, 1), (&colours, 3), (&floats, 1), (&doubles, 1)] {
        let (raster, most) = most_bytes(|| decode(file).unwrap());
        assert_eq!(raster.values.len(), channels * area);
        assert!(most <= bound(channels * area, file), "{most} bytes for {} values", channels * area);
    }
    // Sixteen bits are read where they stay: nothing stands beside them.
    let (raster, most) = most_bytes(|| decode(&words).unwrap());
    assert!(most < raster.size_bytes() + (1 << 20), "{most} bytes for {} of values", raster.size_bytes());
    // Looking at a sensor's values takes nothing but those of the file.
    let files = ModalityFiles { bit_depth: 16, ..ModalityFiles::new("c", ModalityKind::Colour, "{id}") };
    let (sum, most) = most_bytes(|| raster.readings(&files, Path::new("f"), 0.0).unwrap().sum::<f32>());
    assert!(sum > 0.0 && most < 10_000, "{most} bytes");
}

#[test]
fn what_is_beyond_the_limits_is_refused_before_memory_is_taken() {
    let refused = |bytes: &[u8], words: &str| {
        let (message, most) = most_bytes(|| message(bytes));
        assert!(message.contains(words) && message.ends_with("bad file.png"), "{message}");
        assert!(most < 2 * bytes.len() + (1 << 20), "{most} bytes for a file of {}: {message}", bytes.len());
    };
    let mut png = png_bytes(1, 1, ColorType::Rgba, BitDepth::Sixteen, &[0; 8]);
    png[16..20].copy_from_slice(&16_384_u32.to_be_bytes());
    png[20..24].copy_from_slice(&4097_u32.to_be_bytes());
    refused(&png, "at most 16384 px a side and 67108864 px in all, found 16384 × 4097");
    let mut large = jpeg(16, 16);
    let frame = large.windows(2).position(|marker| marker == [0xff, 0xc0]).unwrap();
    large[frame + 5..frame + 9].copy_from_slice(&[0xff; 4]);
    refused(&large, "found 65535 × 65535");
    let mut tiff = tiff_of_jpeg(16, 16, &grey_jpeg(16, 16, &[7; 256]));
    decode(&tiff).unwrap();
    let frame = tiff.windows(2).position(|marker| marker == [0xff, 0xc0]).unwrap();
    tiff[frame + 5..frame + 9].copy_from_slice(&[0x3e, 0x80, 0x3e, 0x80]);
    refused(&tiff, "a JPEG of 16000 × 16000 px in a part of 16 × 16 px");
    refused(&tiff_of_jpeg(20_000, 20_000, &[]), "found 20000 × 20000");
    refused(&npy(&[40, 40, 17], npyz::Order::C, &vec![0_u8; 40 * 40 * 17]), "expected [height, width]");
    for shape in ["(4294967296, 4294967296)", "(16384, 4097)", "(1, 18446744073709551615)", "(16, 16384, 16384)"] {
        let header = format!("{{'descr': '|u1', 'fortran_order': False, 'shape': {shape}, }}\n");
        let start = [b"\x93NUMPY\x01\0", (header.len() as u16).to_le_bytes().as_slice()].concat();
        refused(&[start, header.into_bytes(), vec![0; 64]].concat(), "");
    }
}

#[test]
fn more_channels_than_any_sensor_has_are_refused() {
    assert!(checked_channels(MAX_CHANNELS).is_ok());
    let refused = checked_channels(MAX_CHANNELS + 1).unwrap_err().in_file(Path::new("a.tif")).to_string();
    assert!(refused.contains("at most 16, found 17") && refused.ends_with("a.tif"), "{refused}");
}

#[test]
fn texts_and_profiles_that_unpack_to_far_more_are_passed_over() {
    // Forty megabytes of zeros in a few kilobytes.
    let packed = miniz_oxide::deflate::compress_to_vec_zlib(&vec![0; 40 << 20], 9);
    let crc = |bytes: &[u8]| {
        let step = |crc: u32, byte: &u8| {
            (0..8).fold(crc ^ u32::from(*byte), |crc, _| if crc & 1 == 1 { 0xedb8_8320 ^ (crc >> 1) } else { crc >> 1 })
        };
        !bytes.iter().fold(u32::MAX, step)
    };
    let whole = png_bytes(2, 1, ColorType::Grayscale, BitDepth::Eight, &[3, 4]);
    for (kind, head) in [(b"zTXt", &b"Comment\0\0"[..]), (b"iCCP", b"profile\0\0"), (b"iTXt", b"Title\0\x01\0\0\0")] {
        let body = [kind.as_slice(), head, &packed].concat();
        let chunk = [&((body.len() - 4) as u32).to_be_bytes(), body.as_slice(), &crc(&body).to_be_bytes()].concat();
        // Behind the header's chunk.
        let bytes = [&whole[..33], &chunk, &whole[33..]].concat();
        let (raster, most) = most_bytes(|| decode(&bytes).unwrap());
        assert_eq!(raster.values, Values::Bytes(vec![3, 4]));
        assert!(most < 4 << 20, "{most} bytes for {}", String::from_utf8_lossy(kind));
    }
}

#[cfg(unix)]
#[test]
fn pictures_and_labels_that_never_end_are_refused() {
    for path in ["/dev/zero", "/dev"] {
        let path = Path::new(path);
        for refused in [read(path).err(), visit(path, |_| Ok(())).err(), visit_label(path, |_| Ok(())).err()] {
            assert!(refused.unwrap().to_string().contains("an image"));
        }
        assert!(read_header(path).is_err());
    }
}

#[test]
fn floating_tiff_and_jpeg_read() {
    let raster = decode(&tiff_f32(2, 1, &[0.5, -2.0])).unwrap();
    assert_eq!((raster.bits(), &raster.values), (32, &Values::Floats(vec![0.5, -2.0])));
    let raster = decode(&jpeg(9, 5)).unwrap();
    assert_eq!((raster.width, raster.height, raster.channels, raster.bits()), (9, 5, 3, 8));
}

#[test]
fn sizes_without_pixels_or_beyond_memory_are_refused_before_decoding() {
    let with_size = |width: u32, height: u32| {
        let mut bytes = png_bytes(1, 1, ColorType::Grayscale, BitDepth::Eight, &[0]);
        bytes[16..20].copy_from_slice(&width.to_be_bytes());
        bytes[20..24].copy_from_slice(&height.to_be_bytes());
        message(&bytes)
    };
    assert!(with_size(0, 5).contains("found 0 × 5"), "{}", with_size(0, 5));
    assert!(with_size(16_385, 1).contains("found 16385 × 1"), "{}", with_size(16_385, 1));
    assert!(with_size(16_384, 16_384).contains("too large"), "{}", with_size(16_384, 16_384));
    let shape = npy(&[0, 4], npyz::Order::C, &[0_u8; 0]);
    assert!(message(&shape).contains("no pixels"), "{}", message(&shape));
    assert!(message(b"").contains("the file is empty"));
    assert!(message(b"BM hello").contains("expected PNG, JPEG, TIFF or NPY"));
}

#[test]
fn a_truncated_file_of_any_format_is_refused() {
    let whole = [
        png_bytes(8, 8, ColorType::Rgb, BitDepth::Eight, &(0..192).map(|at| (at * 37 % 256) as u8).collect::<Vec<_>>()),
        jpeg(32, 32),
        tiff_f32(8, 8, &[1.5; 64]),
        npy(&[8, 8], npyz::Order::C, &[7_u16; 64]),
    ];
    for bytes in whole {
        decode(&bytes).unwrap();
        for keep in [5, bytes.len() / 4, bytes.len() / 2, bytes.len() - 20] {
            let message = message(&bytes[..keep]);
            assert!(message.ends_with("bad file.png"), "{message}");
        }
    }
}

#[test]
fn a_deeply_nested_header_costs_no_stack() {
    let mut bytes = b"\x93NUMPY\x01\x00\xf0\xff".to_vec();
    bytes.extend(std::iter::repeat_n(b'(', 0xfff0));
    assert!(message(&bytes).contains("header"));
}

/// Valid files of every format, to be damaged.
fn seeds() -> Vec<Vec<u8>> {
    vec![
        png_bytes(5, 4, ColorType::Rgba, BitDepth::Sixteen, &[9; 160]),
        png_bytes(5, 4, ColorType::Indexed, BitDepth::Two, &[27; 8]),
        jpeg(16, 9),
        tiff_f32(3, 2, &[1.0; 6]),
        npy(&[3, 2, 2], npyz::Order::C, &[1.0_f32; 12]),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn random_bytes_are_refused_without_a_panic(kind in 0_usize..5, bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let magic: [&[u8]; 5] = [b"", b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR", b"\xff\xd8\xff", b"II*\0\x08\0\0\0", b"\x93NUMPY\x01\0"];
        let bytes = [magic[kind], &bytes].concat();
        let _header = header(&bytes);
        let _raster = decode(&bytes);
    }

    #[test]
    fn damaged_files_are_refused_or_read_without_a_panic(
        seed in 0_usize..5,
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
        keep in any::<prop::sample::Index>(),
        cut in any::<bool>(),
    ) {
        let mut bytes = seeds().swap_remove(seed);
        for (at, value) in damage {
            let at = at.index(bytes.len());
            bytes[at] = value;
        }
        if cut {
            bytes.truncate(keep.index(bytes.len()));
        }
        let _header = header(&bytes);
        if let Ok(raster) = decode(&bytes) {
            let _ids = LabelTable::plain(3).decode(&raster, Path::new("f"));
            let files = ModalityFiles { bit_depth: raster.bits(), ..ModalityFiles::new("c", ModalityKind::Colour, "{id}") };
            let _plane = raster.plane(&files, Path::new("f"));
        }
    }
}
