//! A lens out of focus.

use super::image::Image;
use crate::data::align::Size;

/// The disc's radius at severity 1, of the longer side.
const RADIUS: f32 = 0.03;

/// The mean of what was measured over a disc about each pixel; beyond the edges lies nothing.
pub(super) fn defocus(image: &mut Image, severity: f32) {
    let size = image.size;
    let radius = f64::from(severity * RADIUS * size.height.max(size.width) as f32);
    for channel in image.values.chunks_mut(size.area().max(1)) {
        let sums = over_discs(channel, |value| if value.is_nan() { 0.0 } else { f64::from(value) }, size, radius);
        let counts = over_discs(channel, |value| f64::from(u8::from(!value.is_nan())), size, radius);
        for ((value, sum), count) in channel.iter_mut().zip(sums).zip(counts) {
            if !value.is_nan() && count > 1e-6 {
                *value = (sum / count) as f32;
            }
        }
    }
}

/// Sums over the discs about all pixels, row by row of running sums: as many steps a pixel as a disc is high.
fn over_discs(values: &[f32], of: impl Fn(f32) -> f64, size: Size, radius: f64) -> Vec<f64> {
    let Size { height, width } = size;
    let reach = radius.floor() as usize;
    // What stands before each place of a row, with room for discs beyond both ends.
    let room = reach + 2;
    let stride = width + 1 + 2 * room;
    let mut before = vec![0.0; height * stride];
    for (row, line) in values.chunks(width).zip(before.chunks_mut(stride)) {
        let mut sum = 0.0;
        for (&value, place) in row.iter().zip(&mut line[room + 1..]) {
            sum += of(value);
            *place = sum;
        }
        line[room + 1 + width..].fill(sum);
    }
    let mut discs = vec![0.0; size.area()];
    for step in -(reach as i64)..=reach as i64 {
        let half = (radius * radius - (step * step) as f64).max(0.0).sqrt();
        // A pixel reaches half a pixel to either side of its centre.
        let [from, to] = [0.5 - half, 0.5 + half].map(|place| place + room as f64);
        let (first, last) = (from as usize, to as usize);
        for (row, discs) in discs.chunks_mut(width).enumerate() {
            let line = row as i64 + step;
            if line < 0 || line >= height as i64 {
                continue;
            }
            let line = &before[line as usize * stride..][..stride];
            let starts = line[first..=first + width].windows(2);
            let ends = line[last..=last + width].windows(2);
            for ((disc, start), end) in discs.iter_mut().zip(starts).zip(ends) {
                let upto = |pair: &[f64], share: f64| pair[0] + (pair[1] - pair[0]) * share;
                *disc += upto(end, to.fract()) - upto(start, from.fract());
            }
        }
    }
    discs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_point_becomes_a_disc_of_its_own_light() {
        let size = Size::new(21, 21);
        let point: Vec<f32> = (0..441).map(|place| f32::from(u8::from(place == 10 * 21 + 10))).collect();
        let discs = over_discs(&point, f64::from, size, 4.0);
        let area = over_discs(&[1.0; 441], f64::from, size, 4.0)[10 * 21 + 10];
        assert!((discs.iter().sum::<f64>() - area).abs() < 1e-9, "what spreads is what was there");
        assert!((area - std::f64::consts::PI * 16.0).abs() < 3.0, "{area}");
        let at = |row: usize, column: usize| discs[row * 21 + column];
        assert!(at(10, 10) == 1.0 && at(10, 13) == 1.0 && at(13, 10) == 1.0 && at(13, 13) < 0.3 && at(10, 15) == 0.0);
        // A disc within a pixel is the pixel's own light.
        let within = over_discs(&point, f64::from, size, 0.25);
        assert!((within[10 * 21 + 10] - 0.5).abs() < 1e-12 && within.iter().filter(|&&disc| disc > 0.0).count() == 1);
    }
}
