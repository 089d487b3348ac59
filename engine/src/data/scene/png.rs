//! PNG files whose bytes depend on the picture alone.
//!
//! The image library compresses through whichever deflate implementation the whole program's feature set selects, and
//! one of them chooses its instructions by processor. The shipped data must be the same bytes everywhere, so this
//! writer fixes the filters and the compressor (`miniz_oxide`, plain Rust); readers cannot tell the difference.

/// How the samples of a pixel are stored.
#[derive(Clone, Copy)]
pub enum Format {
    /// One byte of brightness.
    Grey8,
    /// Two bytes of brightness, the high one first.
    Grey16,
    /// Red, green, blue, a byte each.
    Rgb8,
}

impl Format {
    /// Bit depth, PNG colour type, bytes a pixel.
    fn header(self) -> (u8, u8, usize) {
        match self {
            Self::Grey8 => (8, 0, 1),
            Self::Grey16 => (16, 0, 2),
            Self::Rgb8 => (8, 2, 3),
        }
    }
}

/// The file of a picture: the shortest of three ways of filtering it.
pub fn encode(bytes: &[u8], width: usize, height: usize, format: Format) -> Vec<u8> {
    let (depth, colour, pixel) = format.header();
    let filtered = [vec![UP], vec![NONE], vec![UP, SUB, AVERAGE, PAETH]]
        .map(|filters| miniz_oxide::deflate::compress_to_vec_zlib(&filter(bytes, width, pixel, &filters), 9));
    let data = filtered.into_iter().min_by_key(Vec::len).unwrap_or_default();
    let mut header = Vec::with_capacity(13);
    header.extend((width as u32).to_be_bytes());
    header.extend((height as u32).to_be_bytes());
    header.extend([depth, colour, 0, 0, 0]);
    let mut file = vec![0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n'];
    for (name, content) in [(b"IHDR", &header), (b"IDAT", &data), (b"IEND", &Vec::new())] {
        file.extend((content.len() as u32).to_be_bytes());
        let start = file.len();
        file.extend(name);
        file.extend(content);
        let checksum = checksum(&file[start..]);
        file.extend(checksum.to_be_bytes());
    }
    file
}

const NONE: u8 = 0;
const SUB: u8 = 1;
const UP: u8 = 2;
const AVERAGE: u8 = 3;
const PAETH: u8 = 4;

/// Each row behind the number of the filter that leaves the smallest differences.
fn filter(bytes: &[u8], width: usize, pixel: usize, filters: &[u8]) -> Vec<u8> {
    let length = width * pixel;
    let mut above = vec![0; length];
    let mut out = Vec::with_capacity(bytes.len() + bytes.len() / length.max(1));
    for row in bytes.chunks_exact(length) {
        let candidates = filters.iter().map(|&number| (number, filtered_row(number, row, &above, pixel)));
        let cost = |row: &[u8]| row.iter().map(|&byte| u64::from((byte as i8).unsigned_abs())).sum::<u64>();
        let mut best: Option<(u64, u8, Vec<u8>)> = None;
        for (number, candidate) in candidates {
            let cost = cost(&candidate);
            if best.as_ref().is_none_or(|(least, ..)| *least > 0 && cost <= *least) {
                best = Some((cost, number, candidate));
            }
        }
        if let Some((_, number, row)) = best {
            out.push(number);
            out.extend(row);
        }
        above.copy_from_slice(row);
    }
    out
}

fn filtered_row(number: u8, row: &[u8], above: &[u8], pixel: usize) -> Vec<u8> {
    let predicted = |at: usize| {
        let left = if at >= pixel { row[at - pixel] } else { 0 };
        let corner = if at >= pixel { above[at - pixel] } else { 0 };
        match number {
            SUB => left,
            UP => above[at],
            AVERAGE => left.midpoint(above[at]),
            PAETH => paeth(left, above[at], corner),
            _ => 0,
        }
    };
    row.iter().enumerate().map(|(at, &byte)| byte.wrapping_sub(predicted(at))).collect()
}

/// The neighbour nearest to left + above − corner.
fn paeth(left: u8, above: u8, corner: u8) -> u8 {
    let [a, b, c] = [left, above, corner].map(i32::from);
    let estimate = a + b - c;
    let (to_left, to_above, to_corner) = ((estimate - a).abs(), (estimate - b).abs(), (estimate - c).abs());
    if to_left <= to_above && to_left <= to_corner {
        left
    } else if to_above <= to_corner {
        above
    } else {
        corner
    }
}

/// The cyclic redundancy check of PNG chunks (ISO 3309).
fn checksum(bytes: &[u8]) -> u32 {
    let step = |sum: u32, &byte: &u8| {
        (0..8).fold(sum ^ u32::from(byte), |sum, _| (sum >> 1) ^ (0xedb8_8320 & (sum & 1).wrapping_neg()))
    };
    !bytes.iter().fold(u32::MAX, step)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_reader_gets_every_value_back() {
        let mut dice = super::super::arithmetic::Dice::new(crate::random::Streams::new(5).stream("test", 0));
        for (width, height) in [(1, 1), (7, 3), (33, 20)] {
            for (format, pixel) in [(Format::Grey8, 1), (Format::Grey16, 2), (Format::Rgb8, 3)] {
                let smooth = |at: usize| (at * 3 / width) as f32;
                let mut bytes = Vec::new();
                for at in 0..width * height * pixel {
                    bytes.push((smooth(at) + dice.range(0.0, 40.0)) as u8);
                }
                let file = encode(&bytes, width, height, format);
                let read = image::load_from_memory(&file).expect("a valid PNG");
                assert_eq!((read.width() as usize, read.height() as usize), (width, height));
                let found: Vec<u8> = match format {
                    Format::Grey8 => read.into_luma8().into_raw(),
                    Format::Grey16 => read.into_luma16().into_raw().into_iter().flat_map(u16::to_be_bytes).collect(),
                    Format::Rgb8 => read.into_rgb8().into_raw(),
                };
                assert!(found == bytes, "{width} × {height}, {pixel} bytes a pixel");
            }
        }
    }
}
