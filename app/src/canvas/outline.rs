//! Regions of a picture, filled or outlined: what a dropped sensor changes, or where a class is.

use egui::{Color32, ColorImage};
use fusionscope_engine::protocol::{Frame, Pixels};

/// A region of a picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mask {
    width: usize,
    height: usize,
    inside: Vec<bool>,
}

/// Where a label map names this class, or a categorical one this word.
pub fn class_mask(frame: &Frame, class: u8) -> Option<Mask> {
    mask_where(frame, |id| id == class)
}

/// Where a label map, or a categorical one, holds an id of these.
pub fn mask_where(frame: &Frame, is_inside: impl Fn(u8) -> bool) -> Option<Mask> {
    let (Pixels::Labels { ids, .. } | Pixels::Categories { ids, .. }) = &frame.pixels else { return None };
    Mask::new(frame, ids.iter().map(|&id| is_inside(id)).collect())
}

/// Where one label map names the class `truth` and another one, of the same size, the class `predicted`.
pub fn mask_of_both(labels: &Frame, truth: u8, answer: &Frame, predicted: u8) -> Option<Mask> {
    let (one, other) = (class_mask(labels, truth)?, class_mask(answer, predicted)?);
    if (one.width, one.height) != (other.width, other.height) {
        return None;
    }
    let inside = one.inside.iter().zip(&other.inside).map(|(one, other)| *one && *other).collect();
    Some(Mask { inside, ..one })
}

impl Mask {
    fn new(frame: &Frame, inside: Vec<bool>) -> Option<Self> {
        let (width, height) = (frame.width as usize, frame.height as usize);
        (width * height == inside.len() && !inside.is_empty()).then_some(Self { width, height, inside })
    }

    /// How many pixels are inside.
    pub fn count(&self) -> usize {
        self.inside.iter().filter(|inside| **inside).count()
    }

    /// Everything outside in this colour, the inside transparent: what lies below stands out there.
    pub fn veil(&self, colour: Color32) -> ColorImage {
        let pixel = |inside: &bool| if *inside { Color32::TRANSPARENT } else { colour };
        ColorImage::new([self.width, self.height], self.inside.iter().map(pixel).collect())
    }

    /// The border as an image, transparent elsewhere: several times the size of the map, so that the line is thinner
    /// than a pixel of it.
    pub fn outline(&self, colour: Color32) -> ColorImage {
        let fine = if self.inside.len() <= 120_000 { 4 } else { 2 };
        let size = [self.width * fine, self.height * fine];
        let at = |x: isize, y: isize| {
            x >= 0
                && y >= 0
                && (x as usize) < self.width
                && (y as usize) < self.height
                && self.inside[y as usize * self.width + x as usize]
        };
        let mut image = ColorImage::filled(size, Color32::TRANSPARENT);
        for y in 0..self.height {
            for x in 0..self.width {
                if !self.inside[y * self.width + x] {
                    continue;
                }
                let (column, row) = (x as isize, y as isize);
                let mut draw = |dx: std::ops::Range<usize>, dy: std::ops::Range<usize>| {
                    for sub_y in dy {
                        for sub_x in dx.clone() {
                            image.pixels[(y * fine + sub_y) * size[0] + x * fine + sub_x] = colour;
                        }
                    }
                };
                if !at(column - 1, row) {
                    draw(0..1, 0..fine);
                }
                if !at(column + 1, row) {
                    draw(fine - 1..fine, 0..fine);
                }
                if !at(column, row - 1) {
                    draw(0..fine, 0..1);
                }
                if !at(column, row + 1) {
                    draw(0..fine, fine - 1..fine);
                }
            }
        }
        image
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(ids: Vec<u8>) -> Frame {
        Frame { width: 3, height: 3, pixels: Pixels::Labels { ids, confidence: Vec::new() } }
    }

    #[test]
    fn a_veil_leaves_what_is_inside_as_it_is() {
        let legend = ["same", "changed"].map(str::to_owned).to_vec();
        let pixels = Pixels::Categories { ids: vec![0, 1, 1, 0, 0, 0, 0, 0, 0], legend };
        let mask = class_mask(&Frame { width: 3, height: 3, pixels }, 1).unwrap();
        assert_eq!(mask.count(), 2);
        let veil = mask.veil(Color32::BLACK);
        let free: Vec<bool> = veil.pixels.iter().map(|&pixel| pixel == Color32::TRANSPARENT).collect();
        assert_eq!(free, mask.inside);
    }

    #[test]
    fn a_single_pixel_is_ringed_and_its_middle_left_free() {
        let image = class_mask(&labels(vec![0, 0, 0, 0, 7, 0, 0, 0, 0]), 7).unwrap().outline(Color32::WHITE);
        assert_eq!(image.size, [12, 12]);
        let drawn = image.pixels.iter().filter(|&&pixel| pixel == Color32::WHITE).count();
        assert_eq!(drawn, 12);
        assert_eq!(image.pixels[5 * 12 + 5], Color32::TRANSPARENT);
    }

    #[test]
    fn pixels_of_one_class_taken_for_another_are_those_and_no_others() {
        let (truth, answer) = (labels(vec![1, 1, 1, 2, 2, 2, 0, 0, 255]), labels(vec![1, 2, 2, 2, 1, 1, 2, 0, 2]));
        let mask = mask_of_both(&truth, 1, &answer, 2).unwrap();
        assert_eq!((mask.count(), mask.inside[1], mask.inside[2]), (2, true, true));
        assert_eq!(mask_of_both(&truth, 1, &answer, 7).unwrap().count(), 0);
        let other = Frame { width: 9, height: 1, ..answer };
        assert_eq!(mask_of_both(&truth, 1, &other, 2), None);
    }

    #[test]
    fn a_map_that_lies_about_its_size_has_no_regions() {
        assert_eq!(class_mask(&Frame { width: 2, height: 9, ..labels(vec![0; 9]) }, 0), None);
    }
}
