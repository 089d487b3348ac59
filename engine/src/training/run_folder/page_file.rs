//! The bytes of a page of the album.
//!
//! A line of JSON that says what the page is of ([`Head`]), with pictures whose pixels are empty; then their pixels, deflated
//! plane by plane; then the sum of all bytes before it (8 bytes, the lowest first). Pixels of maps and photographs are
//! told from their left neighbour, so that smooth ones take little; what comes back is what went in.

use miniz_oxide::deflate::compress_to_vec;
use miniz_oxide::inflate::decompress_to_vec_with_limit;
use serde::{Deserialize, Serialize};

use super::page::Page;
use crate::files::sum_of;
use crate::protocol::{Pixels, Tile};

const FORMAT: &str = "fusionscope album page";
const VERSION: u32 = 1;
/// Deflate's effort: more of it takes several times as long for a few parts in a hundred.
const EFFORT: u8 = 4;
/// The largest picture that is read, in pixels.
const MAX_AREA: u64 = 1 << 28;

/// The first line.
#[derive(Debug, Serialize, Deserialize)]
struct Head {
    format: String,
    version: u32,
    /// All but its pixels.
    page: Page,
    /// The bytes of each plane of each picture, deflated.
    planes: Vec<Vec<u64>>,
}

/// The file's bytes.
pub(super) fn page_file(page: &Page) -> Vec<u8> {
    let mut page = page.clone();
    let mut body = Vec::<u8>::new();
    let mut deflated = |tile: &mut Tile| -> Vec<u64> {
        let planes = planes(&mut tile.frame.pixels).into_iter();
        let lengths = planes.map(|(plane, neighbour)| {
            let mut bytes = std::mem::take(plane);
            tell_apart(&mut bytes, neighbour);
            let packed = compress_to_vec(&bytes, EFFORT);
            body.extend(&packed);
            packed.len() as u64
        });
        lengths.collect()
    };
    let planes = page.tiles.iter_mut().map(&mut deflated).collect();
    let head = Head { format: FORMAT.to_owned(), version: VERSION, page, planes };
    // Plain names and numbers always are JSON.
    let mut bytes = serde_json::to_vec(&head).unwrap_or_default();
    bytes.push(b'\n');
    bytes.extend(body);
    bytes.extend(sum_of(&bytes).to_le_bytes());
    bytes
}

/// What a file holds; a sentence where it is none, or not whole.
pub(super) fn page_from(bytes: &[u8]) -> Result<Page, String> {
    let short = || "expected a line of JSON, pictures and their sum, found less".to_owned();
    let (bytes, sum) = bytes.split_last_chunk::<8>().ok_or_else(short)?;
    if sum_of(bytes) != u64::from_le_bytes(*sum) {
        return Err("its sum is another, so it was cut or changed".to_owned());
    }
    let end = bytes.iter().position(|&byte| byte == b'\n').ok_or_else(short)?;
    let Head { mut page, planes: lengths, .. } = head(&bytes[..end])?;
    let mut rest = &bytes[end + 1..];
    if lengths.len() != page.tiles.len() {
        return Err(format!("expected planes of {} pictures, found {}", page.tiles.len(), lengths.len()));
    }
    for (tile, lengths) in page.tiles.iter_mut().zip(lengths) {
        let area = u64::from(tile.frame.width) * u64::from(tile.frame.height);
        if area > MAX_AREA {
            return Err(format!("expected a picture of {MAX_AREA} pixels at most, found {area}"));
        }
        let most = if matches!(tile.frame.pixels, Pixels::Rgba(_)) { 4 * area } else { area };
        let planes = planes(&mut tile.frame.pixels);
        if planes.len() != lengths.len() {
            return Err(format!("expected {} planes of a picture, found {}", planes.len(), lengths.len()));
        }
        for (place, ((plane, neighbour), length)) in planes.into_iter().zip(lengths).enumerate() {
            let length = usize::try_from(length).ok().filter(|length| *length <= rest.len()).ok_or_else(short)?;
            let (packed, after) = rest.split_at(length);
            rest = after;
            let unpacked = decompress_to_vec_with_limit(packed, most as usize);
            let mut found = unpacked.map_err(|error| format!("its pixels could not be unpacked ({error})"))?;
            // Labels have no confidence.
            let may_be_empty = place > 0;
            if found.len() as u64 != most && !(may_be_empty && found.is_empty()) {
                return Err(format!("expected {most} bytes of pixels, found {}", found.len()));
            }
            put_together(&mut found, neighbour);
            *plane = found;
        }
    }
    if rest.is_empty() { Ok(page) } else { Err(format!("{} bytes stand there that belong to nothing", rest.len())) }
}

/// What the first line says, its pictures without pixels.
pub(super) fn head_of(line: &[u8]) -> Result<Page, String> {
    head(line).map(|head| head.page)
}

fn head(line: &[u8]) -> Result<Head, String> {
    let head: Head = serde_json::from_slice(line).map_err(|error| error.to_string())?;
    if (head.format.as_str(), head.version) != (FORMAT, VERSION) {
        return Err(format!("expected {FORMAT} of version {VERSION}, found {} of {}", head.format, head.version));
    }
    Ok(head)
}

/// The planes of a picture, and how many bytes to the left the neighbour lies that a byte is told from: of what are no
/// values none.
fn planes(pixels: &mut Pixels) -> Vec<(&mut Vec<u8>, Option<usize>)> {
    match pixels {
        Pixels::Rgba(bytes) => vec![(bytes, Some(4))],
        Pixels::Labels { ids, confidence } => vec![(ids, None), (confidence, Some(1))],
        Pixels::Scalar { values, .. } => vec![(values, Some(1))],
        Pixels::Categories { ids, .. } | Pixels::Errors(ids) => vec![(ids, None)],
    }
}

fn tell_apart(bytes: &mut [u8], neighbour: Option<usize>) {
    let Some(apart) = neighbour else { return };
    for place in (apart..bytes.len()).rev() {
        bytes[place] = bytes[place].wrapping_sub(bytes[place - apart]);
    }
}

fn put_together(bytes: &mut [u8], neighbour: Option<usize>) {
    let Some(apart) = neighbour else { return };
    for place in apart..bytes.len() {
        bytes[place] = bytes[place].wrapping_add(bytes[place - apart]);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::protocol::{Content, Frame};

    fn page(width: u32, height: u32, seed: &[u8]) -> Page {
        let area = (width * height) as usize;
        let bytes = |count: usize, add: usize| -> Vec<u8> {
            (0..count).map(|place| seed[(place * 7 + add) % seed.len()]).collect()
        };
        let tile = |content, pixels| Tile { content, frame: Frame { width, height, pixels } };
        let probe = |name: &str| Content::Probe(name.to_owned());
        let legend = vec!["colour".to_owned(), "thermal".to_owned()];
        let labels = Pixels::Labels { ids: bytes(area, 0), confidence: bytes(area, 1) };
        let scalar =
            Pixels::Scalar { values: bytes(area, 3), low: -1.5, high: 0.1, unit: "nat".to_owned(), has_holes: false };
        Page {
            id: "scene 1".to_owned(),
            step: 40,
            every: 10,
            figures: vec![("theta".to_owned(), 0.1)],
            tiles: vec![
                tile(Content::Prediction("fused".to_owned()), labels),
                tile(Content::Label, Pixels::Labels { ids: bytes(area, 2), confidence: Vec::new() }),
                tile(probe("gate"), scalar),
                tile(probe("selection"), Pixels::Categories { ids: bytes(area, 4), legend }),
                tile(probe("image"), Pixels::Rgba(bytes(4 * area, 5))),
                tile(Content::Error("fused".to_owned()), Pixels::Errors(bytes(area, 6))),
            ],
            ..Page::default()
        }
    }

    #[test]
    fn a_changed_byte_or_a_cut_is_found() {
        let whole = page_file(&page(5, 3, &[0, 1, 1, 200]));
        assert!(page_from(&whole).is_ok());
        for length in 0..whole.len() {
            assert!(page_from(&whole[..length]).is_err(), "cut to {length}");
        }
        for place in (0..whole.len()).step_by(3) {
            let mut changed = whole.clone();
            changed[place] ^= 4;
            assert!(page_from(&changed).is_err(), "byte {place}");
        }
    }

    #[test]
    fn smooth_maps_and_large_regions_take_little() {
        let (width, height) = (96_u32, 128_u32);
        let area = (width * height) as usize;
        let ids = (0..area).map(|place| u8::from(place % 96 > 40 && place / 96 > 60)).collect();
        let confidence = (0..area).map(|place| (place % 96 + place / 96) as u8).collect();
        let frame = Frame { width, height, pixels: Pixels::Labels { ids, confidence } };
        let tiles = vec![Tile { content: Content::Prediction("fused".to_owned()), frame }];
        let bytes = page_file(&Page { tiles, ..Page::default() });
        assert!(bytes.len() < area / 12, "{} bytes of {}", bytes.len(), 2 * area);
    }

    #[test]
    fn sizes_that_the_pixels_do_not_have_are_refused_before_memory_is_taken() {
        for (width, height) in [(6, 3), (5, 4), (1 << 20, 1 << 20), (0, 0)] {
            let mut page = page(5, 3, &[0, 1, 1, 200]);
            page.tiles[0].frame.width = width;
            page.tiles[0].frame.height = height;
            assert!(page_from(&page_file(&page)).is_err(), "{width} × {height}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]

        #[test]
        fn pages_come_back_to_the_last_bit(
            width in 1_u32..20,
            height in 1_u32..20,
            seed in proptest::collection::vec(any::<u8>(), 1..80),
        ) {
            let page = page(width, height, &seed);
            prop_assert_eq!(page_from(&page_file(&page)), Ok(page));
        }

        #[test]
        fn random_bytes_with_a_right_sum_never_panic(tail in proptest::collection::vec(any::<u8>(), 0..60)) {
            let whole = page_file(&page(4, 4, &[3, 1]));
            let head = whole.iter().position(|&byte| byte == b'\n').unwrap() + 1;
            for mut bytes in [[&whole[..head], &tail].concat(), tail.clone()] {
                bytes.extend(sum_of(&bytes).to_le_bytes());
                let _any = page_from(&bytes);
            }
        }
    }
}
