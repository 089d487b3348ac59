//! Small data sets for tests, written into temporary folders.

use std::fs::{File, create_dir_all};
use std::io::BufWriter;
use std::path::{Path, PathBuf};

use png::{BitDepth, ColorType, Encoder};

use super::dataset::Dataset;
use super::error::DataError;
use crate::fixtures::{Need, skip};
use crate::progress::unwatched;

/// A PNG's bytes.
pub(crate) fn png_bytes(width: u32, height: u32, colour: ColorType, depth: BitDepth, data: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = Encoder::new(&mut bytes, width, height);
    encoder.set_color(colour);
    encoder.set_depth(depth);
    if colour == ColorType::Indexed {
        encoder.set_palette(vec![0, 0, 0, 255, 0, 0, 0, 128, 255, 9, 9, 9]);
    }
    encoder.write_header().unwrap().write_image_data(data).unwrap();
    bytes
}

/// A TIFF's bytes, grey and in one strip, which holds these bytes of a JPEG.
pub(crate) fn tiff_of_jpeg(width: u32, height: u32, jpeg: &[u8]) -> Vec<u8> {
    let entries: [(u16, u32); 9] = [
        (256, width),
        (257, height),
        // Bits a value, JPEG, black is zero.
        (258, 8),
        (259, 7),
        (262, 1),
        // One strip behind the header and the directory, of one channel.
        (273, 8 + 2 + 9 * 12 + 4),
        (277, 1),
        (278, height),
        (279, jpeg.len() as u32),
    ];
    let mut bytes = b"II*\0\x08\0\0\0\x09\0".to_vec();
    for (tag, value) in entries {
        bytes.extend(tag.to_le_bytes());
        // A whole number of 32 bits, once.
        bytes.extend([4, 0, 1, 0, 0, 0]);
        bytes.extend(value.to_le_bytes());
    }
    bytes.extend([0; 4]);
    bytes.extend(jpeg);
    bytes
}

/// A grey JPEG's bytes.
pub(crate) fn grey_jpeg(width: u32, height: u32, values: &[u8]) -> Vec<u8> {
    use image::ImageEncoder as _;
    let mut bytes = Vec::new();
    let encoder = image::codecs::jpeg::JpegEncoder::new(&mut bytes);
    encoder.write_image(values, width, height, image::ExtendedColorType::L8).unwrap();
    bytes
}

/// An NPY file's bytes.
pub(crate) fn npy_bytes<T: npyz::AutoSerialize + Copy>(shape: &[u64], order: npyz::Order, data: &[T]) -> Vec<u8> {
    use npyz::WriterBuilder as _;
    let mut bytes = Vec::new();
    let options = npyz::WriteOptions::new().default_dtype().shape(shape).order(order);
    let mut writer = options.writer(&mut bytes).begin_nd().unwrap();
    writer.extend(data.iter().copied()).unwrap();
    writer.finish().unwrap();
    bytes
}

/// An NPY file's bytes, of half-precision numbers.
pub(crate) fn npy_halves(shape: &[u64], numbers: &[f32]) -> Vec<u8> {
    let bits: Vec<u16> = numbers.iter().map(|&number| burn::tensor::f16::from_f32(number).to_bits()).collect();
    let mut bytes = npy_bytes(shape, npyz::Order::C, &bits);
    let at = bytes.windows(3).position(|kind| kind == b"<u2").unwrap();
    bytes[at + 1] = b'f';
    bytes
}

/// Writes a file and the folders above it.
pub(crate) fn write(root: &Path, name: &str, bytes: &[u8]) -> PathBuf {
    let path = root.join(name);
    create_dir_all(path.parent().unwrap()).unwrap();
    std::io::Write::write_all(&mut BufWriter::new(File::create(&path).unwrap()), bytes).unwrap();
    path
}

/// Writes an 8-bit PNG whose every value is `value`.
pub(crate) fn flat(root: &Path, name: &str, width: u32, height: u32, colour: ColorType, value: u8) -> PathBuf {
    let data = vec![value; width as usize * height as usize * colour.samples()];
    write(root, name, &png_bytes(width, height, colour, BitDepth::Eight, &data))
}

pub(crate) fn open(root: &Path) -> Result<Dataset, DataError> {
    Dataset::open(root, &mut unwatched)
}

/// A data set of `count` scenes of 8 × 6: colour, 16-bit depth in millimetres, labels 0 to 2; the values tell the
/// scenes apart.
pub(crate) fn small(root: &Path, count: usize) {
    for scene in 0..count {
        let id = format!("{scene:04}{}", if scene % 2 == 0 { "D" } else { "N" });
        let shade = |at: usize| ((at * 7 + scene * 13) % 256) as u8;
        let colour: Vec<u8> = (0..8 * 6 * 3).map(shade).collect();
        let depth: Vec<u8> = (0..8 * 6).flat_map(|at| ((at * 100 + scene) as u16).to_be_bytes()).collect();
        let label: Vec<u8> = (0..8 * 6).map(|at| ((at + scene) % 3) as u8).collect();
        let png = |colour, depth, data: &[u8]| png_bytes(8, 6, colour, depth, data);
        write(root, &format!("rgb/{id}.png"), &png(ColorType::Rgb, BitDepth::Eight, &colour));
        write(root, &format!("depth/{id}.png"), &png(ColorType::Grayscale, BitDepth::Sixteen, &depth));
        write(root, &format!("label/{id}.png"), &png(ColorType::Grayscale, BitDepth::Eight, &label));
    }
    write(root, "dataset.toml", SMALL.as_bytes());
}

/// The manifest of [`small`].
pub(crate) const SMALL: &str = r#"
version = 1
name = "small"

[[modalities]]
name = "colour"
kind = "colour"
pattern = "rgb/{id}.png"

[[modalities]]
name = "depth"
kind = "depth"
pattern = "depth/{id}.png"
bit_depth = 16
scale = 0.001
unit = "m"
high = 5.0

[labels]
pattern = "label/{id}.png"
names = ["road", "car", "sky"]

[[splits]]
name = "train"

[[tags]]
name = "night"
suffix = "N"

[[class_maps]]
name = "two"
map = [0, 1, 0]
names = ["rest", "car"]
"#;

/// The folder of real images of that name; without it the test is skipped by name, or fails where it is required.
pub(crate) fn realdata(test: &str, name: &str) -> Option<PathBuf> {
    let root = std::env::var_os("FUSIONSCOPE_REALDATA")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/realdata"), PathBuf::from);
    let path = root.join(name);
    if path.is_dir() {
        return Some(path);
    }
    skip(test, Need::RealData, &format!("real images at {}", path.display()));
    None
}
