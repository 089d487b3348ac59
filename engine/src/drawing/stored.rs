//! Drawings compared with small pictures that were looked at and kept. `UPDATE_SNAPSHOTS=1` keeps them anew, as for
//! those of the window.

use std::path::Path;

use image::RgbImage;

use super::shape::Drawing;

/// By how much a channel may differ: where edges are rounded, another processor's rounding may.
const LEVELS: u8 = 24;
/// Pixels that may differ by more; another digit is more of them.
const MOST: usize = 4;

/// Asserts that a drawing, at half its size, looks as `src/drawing/stored/NAME.png` does.
pub(crate) fn assert_as_stored(drawing: &Drawing, name: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/drawing/stored").join(name).with_extension("png");
    let drawn = drawing.pixels(0.5).expect("a drawing has pixels");
    if std::env::var_os("UPDATE_SNAPSHOTS").is_some() {
        drawn.save(&path).expect("the picture can be kept");
    }
    let stored = image::open(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display())).into_rgb8();
    let differing = differing(&stored, &drawn);
    assert!(
        differing <= MOST,
        "{differing} pixels are not those of {}; with UPDATE_SNAPSHOTS=1 it becomes what is drawn now, to be looked at",
        path.display()
    );
}

/// How many pixels differ by more than edges may; all of them where the sizes do.
fn differing(stored: &RgbImage, drawn: &RgbImage) -> usize {
    if stored.dimensions() != drawn.dimensions() {
        return drawn.pixels().len();
    }
    let pairs = stored.pixels().zip(drawn.pixels());
    let differ = |(one, other): &(&image::Rgb<u8>, &image::Rgb<u8>)| {
        one.0.iter().zip(other.0).any(|(one, other)| one.abs_diff(other) > LEVELS)
    };
    pairs.filter(differ).count()
}

#[test]
fn other_letters_sizes_and_colours_are_seen() {
    use super::{Anchor, Shape, Weight};

    let drawn = |words: &str, ink| {
        let text = Shape::text([4.0, 20.0], Anchor::Start, 16.0, Weight::Regular, ink, words);
        let drawing = Drawing { width: 120.0, height: 40.0, shapes: vec![text], ..Drawing::default() };
        drawing.pixels(0.5).unwrap()
    };
    let stored = drawn("61.4 %", [0; 3]);
    assert_eq!(differing(&stored, &stored), 0);
    for other in [drawn("61.9 %", [0; 3]), drawn("61.4 %", [60, 0, 0])] {
        assert!(differing(&stored, &other) > MOST, "{}", differing(&stored, &other));
    }
    assert_eq!(differing(&stored, &RgbImage::new(60, 21)), 60 * 21);
}
