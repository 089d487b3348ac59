//! Strokes of a brush as a mask.

use super::align::{Size, nearest};
use crate::protocol::{Stroke, Touch};

/// The most points of all strokes together.
pub(crate) const MOST_POINTS: usize = 4000;
/// A mask is drawn no finer than this many pixels a side; a hand paints no finer either.
const FINEST: usize = 640;

/// What the last stroke over each pixel does there, row by row; `None` where none goes.
pub(super) fn mask_of(strokes: &[Stroke], size: Size) -> Vec<Option<Touch>> {
    let drawn = Size::new(size.height.min(FINEST), size.width.min(FINEST));
    let mut mask = vec![None; drawn.area()];
    for stroke in strokes {
        let places: Vec<[f32; 2]> = stroke.points.iter().map(|&[x, y]| [share(x), share(y)]).collect();
        let radius = share(stroke.radius);
        match places.as_slice() {
            [] => {}
            [alone] => draw(&mut mask, drawn, size, stroke.touch, radius, [*alone; 2]),
            _ => {
                for ends in places.windows(2) {
                    draw(&mut mask, drawn, size, stroke.touch, radius, [ends[0], ends[1]]);
                }
            }
        }
    }
    if drawn == size { mask } else { nearest(&mask, drawn, size) }
}

/// A share of a side; what is no number is the beginning.
fn share(value: f32) -> f32 {
    if value.is_finite() { value.clamp(0.0, 1.0) } else { 0.0 }
}

/// Touches every pixel whose centre lies within the radius of a line. Distances are those of the scene's own pixels.
fn draw(mask: &mut [Option<Touch>], drawn: Size, scene: Size, touch: Touch, radius: f32, ends: [[f32; 2]; 2]) {
    let (wide, high) = (scene.width as f32, scene.height as f32);
    let [[from_x, from_y], [to_x, to_y]] = ends.map(|[x, y]| [x * wide, y * high]);
    // A brush touches the pixel that it stands in, however thin it is.
    let radius = (radius * wide).max(0.5);
    let (along_x, along_y) = (to_x - from_x, to_y - from_y);
    let length = (along_x * along_x + along_y * along_y).max(f32::MIN_POSITIVE);
    let (step_x, step_y) = (wide / drawn.width as f32, high / drawn.height as f32);
    let span = |from: f32, to: f32, step: f32, side: usize| {
        let first = ((from.min(to) - radius) / step).floor().max(0.0) as usize;
        let last = (((from.max(to) + radius) / step).ceil().max(0.0) as usize).min(side);
        first..last
    };
    for y in span(from_y, to_y, step_y, drawn.height) {
        for x in span(from_x, to_x, step_x, drawn.width) {
            let (at_x, at_y) = ((x as f32 + 0.5) * step_x, (y as f32 + 0.5) * step_y);
            let share = (((at_x - from_x) * along_x + (at_y - from_y) * along_y) / length).clamp(0.0, 1.0);
            let (off_x, off_y) = (at_x - from_x - share * along_x, at_y - from_y - share * along_y);
            if off_x * off_x + off_y * off_y <= radius * radius {
                mask[y * drawn.width + x] = Some(touch);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn touched(mask: &[Option<Touch>], touch: Touch) -> usize {
        mask.iter().filter(|&&found| found == Some(touch)).count()
    }

    #[test]
    fn a_stroke_covers_a_line_with_round_ends_and_the_last_one_lies_on_top() {
        let size = Size::new(100, 200);
        let line = Stroke { touch: Touch::Black, radius: 0.05, points: vec![[0.25, 0.5], [0.75, 0.5]] };
        let mask = mask_of(std::slice::from_ref(&line), size);
        // 100 × 20 pixels between the ends, and a circle of radius 10 at both of them together.
        let area = touched(&mask, Touch::Black) as f32;
        assert!((area - (2000.0 + std::f32::consts::PI * 100.0)).abs() < 40.0, "{area}");
        assert_eq!(mask[50 * 200 + 100], Some(Touch::Black));
        assert_eq!((mask[50 * 200 + 20], mask[20 * 200 + 100]), (None, None));
        let back = Stroke { touch: Touch::Restore, radius: 0.02, points: vec![[0.5, 0.5]] };
        let both = mask_of(&[line, back], size);
        assert_eq!(both[50 * 200 + 100], Some(Touch::Restore));
        assert_eq!(touched(&both, Touch::Black) + touched(&both, Touch::Restore), area as usize);
    }

    #[test]
    fn strokes_mean_the_same_in_scenes_of_any_size_and_none_leads_out_of_one() {
        let wild = Stroke { touch: Touch::Black, radius: 0.1, points: vec![[-3.0, f32::NAN], [0.5, 0.5], [7.0, 2.0]] };
        for size in [Size::new(1, 1), Size::new(30, 40), Size::new(900, 1200)] {
            let mask = mask_of(std::slice::from_ref(&wild), size);
            assert_eq!(mask.len(), size.area());
            let share = touched(&mask, Touch::Black) as f32 / size.area() as f32;
            assert!(size.area() == 1 || (share - 0.306).abs() < 0.03, "{share} of {size:?}");
        }
    }

    #[test]
    fn a_thin_brush_touches_where_it_stands_and_no_points_touch_nothing() {
        let thin = Stroke { touch: Touch::Black, radius: 0.0, points: vec![[0.55, 0.55]] };
        let mask = mask_of(&[thin, Stroke::default()], Size::new(10, 10));
        assert_eq!(touched(&mask, Touch::Black), 1);
        assert_eq!(mask[5 * 10 + 5], Some(Touch::Black));
    }
}
