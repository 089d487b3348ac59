//! Bringing the images of one scene to one size.
//!
//! The rule: the label's size is the scene's, or the first sensor's where there is no label. Photographs (colour,
//! thermal, near infrared, polarisation) are resampled with a triangle filter; labels, depth, disparity, LiDAR, event
//! and other maps take the nearest pixel, for the mean of two distances is the distance of nothing. Pixel centres
//! coincide in both. Images whose aspect ratios differ by more than 2 % are refused.

use std::ops::Range;

use super::sample::{Modality, ModalityKind, Plane, Sample, Window};

/// The largest relative difference of two aspect ratios that still counts as the same view.
pub(crate) const ASPECT_TOLERANCE: f64 = 0.02;

/// A height and a width in pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Size {
    pub(crate) height: usize,
    pub(crate) width: usize,
}

impl Size {
    pub(crate) fn new(height: usize, width: usize) -> Self {
        Self { height, width }
    }

    pub(crate) fn area(self) -> usize {
        self.height * self.width
    }

    /// Whether the two can show the same view.
    pub(crate) fn fits(self, other: Self) -> bool {
        let ratio = (self.width * other.height) as f64 / (self.height * other.width) as f64;
        (ratio - 1.0).abs() <= ASPECT_TOLERANCE && (1.0 / ratio - 1.0).abs() <= ASPECT_TOLERANCE
    }
}

/// Whether values between two pixels mean something.
pub(crate) fn is_smooth(kind: ModalityKind) -> bool {
    matches!(
        kind,
        ModalityKind::Colour | ModalityKind::Thermal | ModalityKind::NearInfrared | ModalityKind::Polarisation
    )
}

/// A whole scene at another size: photographs by a triangle filter, everything else by the nearest pixel. `sensors` are
/// those of the sample's planes, in the same order.
pub fn resized(sample: &Sample, sensors: &[Modality], height: usize, width: usize) -> Sample {
    let (from, to) = (Size::new(sample.height, sample.width), Size::new(height, width));
    if from == to {
        return sample.clone();
    }
    let kind = |index: usize| sensors.get(index).map_or(ModalityKind::Other, |modality| modality.kind);
    Sample {
        height,
        width,
        planes: sample.planes.iter().enumerate().map(|(at, plane)| plane_at(plane, kind(at), from, to)).collect(),
        label: sample.label.as_ref().map(|label| nearest(label, from, to)),
        id: sample.id.clone(),
        tags: sample.tags.clone(),
        valid: Window::whole(to),
    }
}

impl Window {
    /// All of an image.
    pub(super) fn whole(size: Size) -> Self {
        Self { rows: 0..size.height, columns: 0..size.width }
    }

    fn size(&self) -> Size {
        Size::new(self.rows.len(), self.columns.len())
    }
}

/// One plane at another size.
pub(crate) fn plane_at(plane: &Plane, kind: ModalityKind, from: Size, to: Size) -> Plane {
    plane_in(plane, kind, from, to, &Window::whole(to))
}

/// A part of [`plane_at`], of which nothing else is computed.
pub(crate) fn plane_in(plane: &Plane, kind: ModalityKind, from: Size, to: Size, window: &Window) -> Plane {
    if from == to && window.size() == to {
        return plane.clone();
    }
    let is_smooth = is_smooth(kind) && from != to;
    let mut values = Vec::with_capacity(plane.channels * window.size().area());
    for channel in plane.values.chunks(from.area()) {
        if is_smooth {
            values.extend(triangle_in(channel, from, to, window));
        } else {
            values.extend(nearest_in(channel, from, to, window));
        }
    }
    Plane { channels: plane.channels, values }
}

/// A plane moved by whole pixels to the right and down (or left and up); what comes in at an edge is what stood there.
pub(crate) fn shifted(plane: &Plane, size: Size, right: i64, down: i64) -> Plane {
    let source = |at: usize, by: i64, side: usize| (at as i64 - by).clamp(0, side as i64 - 1) as usize;
    let columns: Vec<usize> = (0..size.width).map(|x| source(x, right, size.width)).collect();
    let mut values = Vec::with_capacity(plane.values.len());
    for channel in plane.values.chunks(size.area()) {
        for y in 0..size.height {
            let row = source(y, down, size.height) * size.width;
            values.extend(columns.iter().map(|&x| channel[row + x]));
        }
    }
    Plane { channels: plane.channels, values }
}

/// The pixel whose square holds the centre of each new pixel.
pub(crate) fn nearest<T: Copy>(values: &[T], from: Size, to: Size) -> Vec<T> {
    nearest_in(values, from, to, &Window::whole(to))
}

/// A part of [`nearest`].
pub(crate) fn nearest_in<T: Copy>(values: &[T], from: Size, to: Size, window: &Window) -> Vec<T> {
    let source = |at: usize, to: usize, from: usize| ((2 * at + 1) * from / (2 * to)).min(from - 1);
    let columns: Vec<usize> = window.columns.clone().map(|x| source(x, to.width, from.width)).collect();
    let mut resized = Vec::with_capacity(window.size().area());
    for y in window.rows.clone() {
        let row = &values[source(y, to.height, from.height) * from.width..][..from.width];
        resized.extend(columns.iter().map(|&x| row[x]));
    }
    resized
}

/// A part of an image at another size by a triangle filter: linear interpolation when enlarging, a weighted mean over
/// the covered pixels when shrinking. Only the rows that it is made of are looked at.
fn triangle_in(values: &[f32], from: Size, to: Size, window: &Window) -> Vec<f32> {
    let columns = weights(from.width, to.width, window.columns.clone());
    let rows = weights(from.height, to.height, window.rows.clone());
    let (Some((begin, _)), Some((last, reach))) = (rows.first(), rows.last()) else { return Vec::new() };
    let (begin, width) = (*begin, columns.len());
    let mut narrow = Vec::with_capacity((last + reach.len() - begin) * width);
    for row in values[begin * from.width..(last + reach.len()) * from.width].chunks(from.width) {
        narrow.extend(columns.iter().map(|(first, weights)| {
            weights.iter().zip(&row[*first..]).map(|(weight, value)| weight * value).sum::<f32>()
        }));
    }
    let mut resized = vec![0.0; window.size().area()];
    for (line, (first, weights)) in resized.chunks_mut(width.max(1)).zip(&rows) {
        for (weight, row) in weights.iter().zip(narrow[(first - begin) * width..].chunks(width.max(1))) {
            line.iter_mut().zip(row).for_each(|(sum, value)| *sum += weight * value);
        }
    }
    resized
}

/// For each of some new pixels along one side, the first old pixel and the weights from there on; they sum to 1.
fn weights(from: usize, to: usize, some: Range<usize>) -> Vec<(usize, Vec<f32>)> {
    let scale = from as f64 / to as f64;
    let reach = scale.max(1.0);
    let one = |at: usize| {
        let centre = (at as f64 + 0.5) * scale;
        let first = (centre - reach).floor().max(0.0) as usize;
        let end = ((centre + reach).ceil() as usize).min(from);
        let raw = (first..end).map(|x| (1.0 - ((x as f64 + 0.5 - centre) / reach).abs()).max(0.0));
        let raw: Vec<f64> = raw.collect();
        let sum: f64 = raw.iter().sum();
        (first, raw.iter().map(|weight| (weight / sum) as f32).collect())
    };
    some.map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn triangle(values: &[f32], from: Size, to: Size) -> Vec<f32> {
        triangle_in(values, from, to, &Window::whole(to))
    }

    /// The filter as it is written down: one sum after the other.
    fn plainly(values: &[f32], from: Size, to: Size) -> Vec<f32> {
        let columns = weights(from.width, to.width, 0..to.width);
        let mut narrow = Vec::new();
        for row in values.chunks(from.width) {
            narrow.extend(columns.iter().map(|(first, weights)| {
                weights.iter().zip(&row[*first..]).map(|(weight, value)| weight * value).sum::<f32>()
            }));
        }
        let mut resized = vec![0.0; to.area()];
        for (line, (first, weights)) in resized.chunks_mut(to.width).zip(weights(from.height, to.height, 0..to.height))
        {
            for (weight, row) in weights.iter().zip(narrow[first * to.width..].chunks(to.width)) {
                line.iter_mut().zip(row).for_each(|(sum, value)| *sum += weight * value);
            }
        }
        resized
    }

    #[test]
    fn a_part_of_a_resized_image_is_bit_for_bit_that_part_of_the_whole() {
        let from = Size::new(23, 19);
        let values: Vec<f32> = (0..from.area()).map(|at| ((at * 37) % 101) as f32 / 7.0 - 5.0).collect();
        for to in [Size::new(23, 19), Size::new(40, 33), Size::new(9, 7), Size::new(1, 1), Size::new(30, 19)] {
            let bits = |values: &[f32]| values.iter().map(|value| value.to_bits()).collect::<Vec<_>>();
            assert_eq!(bits(&triangle(&values, from, to)), bits(&plainly(&values, from, to)), "{to:?}");
            let plane = Plane { channels: 1, values: values.clone() };
            for kind in [ModalityKind::Colour, ModalityKind::Depth] {
                let whole = plane_at(&plane, kind, from, to).values;
                for window in [
                    Window { rows: 0..to.height, columns: to.width / 3..to.width },
                    Window { rows: to.height / 2..to.height, columns: 0..1 },
                    Window { rows: to.height / 3..to.height.div_ceil(2), columns: to.width / 2..to.width },
                    Window { rows: 0..0, columns: 0..to.width },
                    Window { rows: 0..to.height, columns: 0..0 },
                ] {
                    let part = plane_in(&plane, kind, from, to, &window).values;
                    let rows = window.rows.clone();
                    let expected: Vec<f32> = rows
                        .flat_map(|y| window.columns.clone().map(move |x| (y, x)))
                        .map(|(y, x)| whole[y * to.width + x])
                        .collect();
                    assert_eq!(bits(&part), bits(&expected), "{to:?} {window:?}");
                }
            }
        }
    }

    #[test]
    fn shrinking_by_two_averages_photographs_and_keeps_stored_values_of_maps() {
        let plane = Plane { channels: 1, values: vec![0.0, 0.0, 1.0, 1.0, 0.0, 0.0, 1.0, 1.0] };
        let (from, to) = (Size::new(2, 4), Size::new(1, 2));
        let photo = plane_at(&plane, ModalityKind::Colour, from, to).values;
        assert!(photo[0] > 0.0 && photo[0] < 0.5 && (photo[0] + photo[1] - 1.0).abs() < 1e-6, "{photo:?}");
        assert_eq!(plane_at(&plane, ModalityKind::Depth, from, to).values, [0.0, 1.0]);
    }

    #[test]
    fn a_constant_image_stays_constant_at_any_size() {
        for (height, width) in [(1, 1), (3, 5), (7, 2), (64, 48)] {
            let values = triangle(&[0.25; 30], Size::new(5, 6), Size::new(height, width));
            assert_eq!(values.len(), height * width);
            assert!(values.iter().all(|value| (value - 0.25).abs() < 1e-6));
        }
    }

    #[test]
    fn enlarging_interpolates_between_pixel_centres() {
        // PyTorch: interpolate([[0, 1]], size = 4, mode = "bilinear", align_corners = False)
        assert_eq!(triangle(&[0.0, 1.0], Size::new(1, 2), Size::new(1, 4)), [0.0, 0.25, 0.75, 1.0]);
    }

    #[test]
    fn aspect_ratios_may_differ_by_two_percent() {
        let reference = Size::new(480, 640);
        assert!(reference.fits(Size::new(240, 320)) && reference.fits(Size::new(480, 652)));
        assert!(!reference.fits(Size::new(480, 656)) && !reference.fits(Size::new(640, 480)));
    }
}
