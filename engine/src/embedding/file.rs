//! Points and layouts as files: NPY, or text with a row a line.

use std::path::Path;

use npyz::{DType, NpyFile, Order, TypeChar};

use super::error::EmbeddingError;
use super::points::Points;
use super::text_table::{self, Table};
use crate::files::output::write_out;
use crate::files::{csv, npy, read_at_most};
use crate::half::Half;

/// The longest file of points that is read: a million of a thousand columns.
const MAX_BYTES: u64 = 4 << 30;

/// Headers longer or more deeply nested than this describe no matrix (and would cost the header parser its stack).
const MAX_HEADER_BYTES: usize = 4096;
const MAX_BRACKETS: usize = 8;

/// Reads points from an `.npy` file `[points, columns]` of any number type, or from text: numbers separated by tabs,
/// semicolons, commas or blanks throughout, a point a line, perhaps with a line of names first; and what was left out,
/// in a sentence.
pub fn read_points(path: &Path) -> Result<(Points, Option<String>), EmbeddingError> {
    let unreadable = |what: String| EmbeddingError::Unreadable { what, path: path.to_owned() };
    let bytes =
        read_at_most(path, MAX_BYTES).map_err(|error| unreadable(format!("could not read the points ({error})")))?;
    let is_npy = bytes.starts_with(b"\x93NUMPY");
    let from_npy = |(numbers, width)| Table { numbers, width, note: None };
    let table = if is_npy { npy_numbers(&bytes).map(from_npy) } else { text_table::read(&bytes) };
    let Table { numbers, width, note } = table.map_err(unreadable)?;
    Points::new(numbers, width)
        .map(|points| (points, note))
        .map_err(|error| EmbeddingError::Points { source: Box::new(error), path: path.to_owned() })
}

/// Writes places, `[points, 2]`: as NPY of 32-bit floats, or as text where [`is_text`] says so.
pub fn write_places(path: &Path, places: &[[f32; 2]]) -> Result<(), EmbeddingError> {
    write(path, &if is_text(path) { to_text(places) } else { npy(places.as_flattened(), 2) })
}

/// Writes points as NPY of 32-bit floats, `[points, columns]`.
pub fn write_points(path: &Path, points: &Points) -> Result<(), EmbeddingError> {
    write(path, &npy(points.numbers(), points.width()))
}

/// Whether a file is text by its name: it ends in `.csv` or `.txt`.
pub fn is_text(path: &Path) -> bool {
    path.extension().is_some_and(|end| end.eq_ignore_ascii_case("csv") || end.eq_ignore_ascii_case("txt"))
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), EmbeddingError> {
    write_out(path, bytes)
        .map_err(|error| EmbeddingError::Unwritable { what: error.to_string(), path: path.to_owned() })
}

fn npy_numbers(bytes: &[u8]) -> Result<(Vec<f32>, usize), String> {
    let length = match bytes {
        [_, _, _, _, _, _, 1, _, low, high, ..] => usize::from(u16::from_le_bytes([*low, *high])),
        [_, _, _, _, _, _, 2 | 3, _, a, b, c, d, ..] => u32::from_le_bytes([*a, *b, *c, *d]) as usize,
        _ => return Err("expected an NPY header of version 1 to 3".to_owned()),
    };
    let head = &bytes[..bytes.len().min(length.saturating_add(12))];
    let brackets = head.iter().filter(|byte| matches!(byte, b'(' | b'[' | b'{')).count();
    if length > MAX_HEADER_BYTES || brackets > MAX_BRACKETS {
        return Err("expected the header of a plain NPY array".to_owned());
    }
    let broken = |error: std::io::Error| format!("the NPY file is broken ({error})");
    let file = NpyFile::new(bytes).map_err(broken)?;
    let DType::Plain(kind) = file.dtype() else {
        return Err("expected an NPY file of plain numbers, found records".to_owned());
    };
    let shape = file.shape().to_vec();
    let (count, width) = match *shape.as_slice() {
        [count] => (count, 1),
        [count, width] => (count, width),
        _ => return Err(format!("expected points as [points, columns], found an array of shape {shape:?}")),
    };
    let needed = count.checked_mul(width).and_then(|numbers| numbers.checked_mul(kind.size_field()));
    let held = bytes.len().saturating_sub(length + 10) as u64;
    if needed.is_none_or(|needed| needed > held) {
        return Err(format!("the NPY file is truncated: its header says {count} x {width} numbers"));
    }
    let order = file.order();
    macro_rules! numbers {
        ($kind:ty) => {
            file.into_vec::<$kind>().map_err(broken)?.into_iter().map(|number| number as f32).collect::<Vec<f32>>()
        };
    }
    let numbers = match (kind.type_char(), kind.size_field()) {
        (TypeChar::Float, 2) => file.into_vec::<Half>().map_err(broken)?.into_iter().map(|half| half.0).collect(),
        (TypeChar::Bool, _) => file.into_vec::<bool>().map_err(broken)?.into_iter().map(f32::from).collect(),
        (TypeChar::Float, 4) => numbers!(f32),
        (TypeChar::Float, 8) => numbers!(f64),
        (TypeChar::Int, 1) => numbers!(i8),
        (TypeChar::Int, 2) => numbers!(i16),
        (TypeChar::Int, 4) => numbers!(i32),
        (TypeChar::Int, 8) => numbers!(i64),
        (TypeChar::Uint, 1) => numbers!(u8),
        (TypeChar::Uint, 2) => numbers!(u16),
        (TypeChar::Uint, 4) => numbers!(u32),
        (TypeChar::Uint, 8) => numbers!(u64),
        (other, size) => return Err(format!("expected an NPY file of numbers, found type {}{size}", other.to_str())),
    };
    let (count, width) = (count as usize, width as usize);
    if order == Order::Fortran && width > 1 {
        let of = |place: usize| numbers[place % width * count + place / width];
        return Ok(((0..count * width).map(of).collect(), width));
    }
    Ok((numbers, width))
}

fn to_text(places: &[[f32; 2]]) -> Vec<u8> {
    let rows = places.iter().map(|place| csv::line(place.map(|number| number.to_string())));
    std::iter::once(csv::line(["x", "y"])).chain(rows).collect::<String>().into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8]) -> Result<Points, String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("points");
        std::fs::write(&path, bytes).unwrap();
        read_points(&path).map(|(points, _)| points).map_err(|error| error.to_string())
    }

    fn npy(descr: &str, fortran: &str, shape: &str, values: &[u8]) -> Vec<u8> {
        let header = format!("{{'descr': '{descr}', 'fortran_order': {fortran}, 'shape': {shape}, }}\n");
        [b"\x93NUMPY\x01\x00", &(header.len() as u16).to_le_bytes()[..], header.as_bytes(), values].concat()
    }

    #[test]
    fn places_read_back_as_they_were_written() {
        let places = vec![[0.5, -1.25], [3.0e-7, 4.0e9], [0.1, 0.2]];
        let folder = tempfile::tempdir().unwrap();
        for name in ["places.npy", "places.csv"] {
            let path = folder.path().join(name);
            write_places(&path, &places).unwrap();
            assert_eq!(read_points(&path).unwrap(), (Points::new(places.concat(), 2).unwrap(), None), "{name}");
        }
    }

    #[test]
    fn every_number_type_and_both_orders_are_read() {
        let expected = Points::new(vec![1.0, 2.0, 3.0, 4.0, 5.0, 6.0], 3).unwrap();
        assert_eq!(read(&npy("|u1", "False", "(2, 3)", &[1, 2, 3, 4, 5, 6])).as_ref(), Ok(&expected));
        assert_eq!(read(&npy("|u1", "True", "(2, 3)", &[1, 4, 2, 5, 3, 6])).as_ref(), Ok(&expected));
        let doubles: Vec<u8> = (1..=6).flat_map(|number| f64::from(number).to_le_bytes()).collect();
        assert_eq!(read(&npy("<f8", "False", "(2, 3)", &doubles)).as_ref(), Ok(&expected));
        assert_eq!(read(b"a;b;c\n1;2;3\n\n4;5;6\n").as_ref(), Ok(&expected));
        let halves: Vec<u8> =
            (1..=6).flat_map(|number| burn::tensor::f16::from_f32(number as f32).to_le_bytes()).collect();
        assert_eq!(read(&npy("<f2", "False", "(2, 3)", &halves)).as_ref(), Ok(&expected));
        assert_eq!(read(&npy("|b1", "False", "(2, 2)", &[1, 0, 0, 1])).unwrap().numbers(), [1.0, 0.0, 0.0, 1.0]);
        assert_eq!(read(&npy("|u1", "False", "(3,)", &[1, 2, 3])).unwrap().width(), 1);
    }

    #[test]
    fn points_beyond_their_limit_or_without_an_end_are_refused_by_name() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("points.npy");
        // A terabyte that takes no room on the disk.
        std::fs::File::create(&path).unwrap().set_len(1 << 40).unwrap();
        let (message, most) = crate::kernels::most_bytes(|| read_points(&path).unwrap_err().to_string());
        assert!(message.contains("longer than 4096 MiB") && message.ends_with("points.npy"), "{message}");
        assert!(most < 10_000, "{most} bytes");
        for shape in ["(4294967296, 4294967296)", "(18446744073709551615,)", "(9223372036854775808, 2)"] {
            let (message, most) =
                crate::kernels::most_bytes(|| read(&npy("<f4", "False", shape, &[0; 8])).unwrap_err());
            assert!(message.contains("points") && most < 100_000, "{most} bytes: {message}");
        }
        #[cfg(unix)]
        assert!(read_points(Path::new("/dev/zero")).unwrap_err().to_string().contains("not a regular file"));
    }

    #[test]
    fn what_cannot_be_read_is_named() {
        for (bytes, words) in [
            (&b"1,2\n3\n"[..], "line 2 has 1 numbers; expected 2"),
            (b"1,2\n3,x\n", "line 2, column 2: `x` is no number"),
            (b"names only\n", "holds no numbers"),
            (b"\xff\xfe", "expected an NPY file or text"),
            (b"1,2\nNaN,4\n", "point 1 is NaN in column 0"),
            (&npy("<f4", "False", "(2, 3)", &[0; 8]), "truncated"),
            (&npy("<f4", "False", "(1, 2, 3)", &[0; 24]), "shape [1, 2, 3]"),
            (&npy("<c8", "False", "(1, 1)", &[0; 8]), "expected an NPY file of numbers"),
            (b"\x93NUMPY\x09\x00", "version 1 to 3"),
        ] {
            let message = read(bytes).unwrap_err();
            assert!(message.contains(words), "{message} lacks `{words}`");
        }
    }
}
