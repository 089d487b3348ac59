//! Boundary IoU: IoU of the pixels near contours (Cheng, Girshick, Dollár, Berg, Kirillov, CVPR 2021).

use super::super::confusion::ratio;
use crate::data::IGNORE;

/// How far inside a contour pixels count, as a share of the image diagonal.
const REACH: f64 = 0.02;

/// Pixels near contours, class by class, summed over scenes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct BoundarySums {
    classes: Vec<Counts>,
}

/// Pixels of one class that lie near the contour of its mask.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Counts {
    /// Of the mask in the truth.
    truth: u64,
    /// Of the mask in the prediction.
    predicted: u64,
    /// Of both.
    both: u64,
}

impl BoundarySums {
    pub(super) fn new(classes: usize) -> Self {
        Self { classes: vec![Counts::default(); classes] }
    }

    /// Counts one scene, both maps of one class id a pixel, row by row.
    ///
    /// What is no class in the truth is cut out of both maps before contours are drawn, so that a prediction that is
    /// right wherever there is a label has the contours of the truth. (The authors' panoptic code takes unlabelled
    /// pixels out of the union alone.)
    pub(super) fn add(&mut self, truth: &[u8], ids: &[u8], width: usize) {
        let count = self.classes.len();
        let known = |class: u8| usize::from(class) < count;
        let labelled = |class: u8, id: u8| if known(class) { id } else { IGNORE };
        let truth: Vec<u8> = truth.iter().map(|&class| labelled(class, class)).collect();
        let predicted: Vec<u8> = truth.iter().zip(ids).map(|(&class, &id)| labelled(class, id)).collect();
        let near = near_contours(&truth, width).into_iter().zip(near_contours(&predicted, width));
        for ((&class, &id), (is_true, is_predicted)) in truth.iter().zip(&predicted).zip(near) {
            if is_true && known(class) {
                self.classes[usize::from(class)].truth += 1;
                self.classes[usize::from(class)].both += u64::from(is_predicted && id == class);
            }
            if is_predicted && known(id) {
                self.classes[usize::from(id)].predicted += 1;
            }
        }
    }

    pub(super) fn merge(&mut self, other: &Self) {
        for (sum, other) in self.classes.iter_mut().zip(&other.classes) {
            sum.truth += other.truth;
            sum.predicted += other.predicted;
            sum.both += other.both;
        }
    }

    /// `None` where the class has no contour in truth or prediction.
    pub(super) fn iou(&self, class: usize) -> Option<f64> {
        let Counts { truth, predicted, both } = *self.classes.get(class)?;
        ratio(both, truth + predicted - both)
    }
}

/// How many pixels from a contour still count, of an image of that size: at least one, halves to the even number, as
/// the authors' code rounds.
fn reach(height: usize, width: usize) -> usize {
    let diagonal = ((height * height + width * width) as f64).sqrt();
    ((REACH * diagonal).round_ties_even() as usize).max(1)
}

/// Which pixels lie within [`reach`] of another id or of the image's edge, by the greater of both distances (rows,
/// columns): what an erosion of each id's mask by so many steps of a 3 × 3 square takes away.
fn near_contours(ids: &[u8], width: usize) -> Vec<bool> {
    let mut near = vec![true; ids.len()];
    if width == 0 {
        return near;
    }
    let reach = reach(ids.len() / width, width);
    // How many rows up to this one are alike there, with all of the pixel's neighbours in the row.
    let mut rows_alike = vec![0_usize; width];
    let mut is_inner = vec![false; width];
    for (y, row) in ids.chunks_exact(width).enumerate() {
        is_inner.fill(false);
        let mut from = 0;
        while let Some(&id) = row.get(from) {
            let length = row[from..].iter().take_while(|&&other| other == id).count();
            if length > 2 * reach {
                is_inner[from + reach..from + length - reach].fill(true);
            }
            from += length;
        }
        for x in 0..width {
            let is_as_above = y > 0 && ids[(y - 1) * width + x] == row[x];
            rows_alike[x] = match (is_inner[x], is_as_above) {
                (false, _) => 0,
                (true, false) => 1,
                (true, true) => rows_alike[x] + 1,
            };
            if rows_alike[x] > 2 * reach {
                near[(y - reach) * width + x] = false;
            }
        }
    }
    near
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pixels_near_contours_are_those_that_an_erosion_takes_away() {
        // 9 × 12 pixels: the diagonal is 15, so one pixel. A block of 1 in a ground of 0.
        let (height, width) = (9, 12);
        let id = |y: usize, x: usize| u8::from((2..7).contains(&y) && (3..9).contains(&x));
        let ids: Vec<u8> = (0..height * width).map(|place| id(place / width, place % width)).collect();
        assert_eq!(reach(height, width), 1);
        let near = near_contours(&ids, width);
        for y in 0..height {
            for x in 0..width {
                let around =
                    (y.saturating_sub(1)..=y + 1).flat_map(|y| (x.saturating_sub(1)..=x + 1).map(move |x| (y, x)));
                let at_edge = y == 0 || x == 0 || y + 1 == height || x + 1 == width;
                let expected = at_edge || around.into_iter().any(|(other_y, other_x)| id(other_y, other_x) != id(y, x));
                assert_eq!(near[y * width + x], expected, "{y} {x}");
            }
        }
    }

    #[test]
    fn a_reach_is_a_fiftieth_of_the_diagonal_and_at_least_a_pixel() {
        assert_eq!([reach(480, 640), reach(3, 4), reach(75, 100), reach(1024, 2048)], [16, 1, 2, 46]);
    }

    #[test]
    fn a_prediction_that_is_right_where_there_is_a_label_has_the_contours_of_the_truth() {
        let truth = [[0, 0, 0, IGNORE, IGNORE, 1, 1, 1].repeat(4), vec![200; 8], vec![0; 24]].concat();
        let guess: Vec<u8> = truth.iter().map(|&class| if class < 2 { class } else { 0 }).collect();
        let mut sums = BoundarySums::new(3);
        sums.add(&truth, &guess, 8);
        assert_eq!([0, 1, 2].map(|class| sums.iou(class)), [Some(1.0), Some(1.0), None]);
        let mut ignored = BoundarySums::new(3);
        ignored.add(&[IGNORE; 64], &[1; 64], 8);
        assert_eq!(ignored, BoundarySums::new(3));
        let mut nothing = BoundarySums::new(3);
        nothing.add(&[], &[], 0);
        assert_eq!(nothing, ignored);
    }

    #[test]
    fn a_contour_that_is_off_costs_more_than_the_area_does() {
        let truth = [vec![0; 20], vec![1; 20]].concat().repeat(40);
        let guess = [vec![0; 22], vec![1; 18]].concat().repeat(40);
        let mut sums = BoundarySums::new(2);
        sums.add(&truth, &guess, 40);
        // The diagonal is 57: one pixel. Of class 1 the frame of 20 × 40 pixels beside that of 18 × 40.
        let (frame, other) = (20 * 40 - 18 * 38, 18 * 40 - 16 * 38);
        let both = 17 * 2 + 40;
        assert_eq!(sums.iou(1), Some(f64::from(both) / f64::from(frame + other - both)));
        assert!(sums.iou(1).unwrap() < 0.9 * 18.0 / 20.0, "{:?}", sums.iou(1));
    }
}
