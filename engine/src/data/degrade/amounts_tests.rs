//! The amounts that the words about degradations state, on images whose answer is known: flat ones, ramps and points.
//! Tolerances are about four deviations of what is drawn.

use super::apply::{Draws, apply};
use super::image::Image;
use crate::data::align::Size;
use crate::data::sample::ModalityKind::{self, Colour, Depth, Disparity, Event, Lidar, Thermal};
use crate::protocol::Degradation;
use crate::random::Streams;

pub(super) const SIZE: Size = Size { height: 192, width: 320 };

/// One sensor's image, whose values follow from row and column.
pub(super) fn image(kind: ModalityKind, value: impl Fn(usize, usize) -> f32) -> Image {
    let values = (0..SIZE.area()).map(|pixel| value(pixel / SIZE.width, pixel % SIZE.width)).collect();
    Image { kind, channels: 1, size: SIZE, values, has_holes: matches!(kind, Depth | Disparity | Lidar) }
}

pub(super) fn flat(kind: ModalityKind, value: f32) -> Image {
    image(kind, |_, _| value)
}

/// An image's values under a degradation; what is drawn follows from the seed.
pub(super) fn worse(image: &Image, kind: Degradation, severity: f32, seed: u64) -> Vec<f32> {
    let draws = Draws { streams: Streams::new(seed), sensor: "sensor".to_owned(), scene: 7 };
    // Near things above, others below.
    let distances: Vec<f32> =
        (0..SIZE.area()).map(|pixel| if pixel / SIZE.width < SIZE.height / 2 { 0.05 } else { 0.4 }).collect();
    let mut image = image.clone();
    apply(&mut image, kind, severity, &draws, &distances);
    image.values
}

/// Mean and deviation.
fn moments(values: impl IntoIterator<Item = f64>) -> [f64; 2] {
    let (mut count, mut sum, mut squares) = (0.0, 0.0, 0.0);
    for value in values {
        count += 1.0;
        sum += value;
        squares += value * value;
    }
    let mean: f64 = sum / count;
    [mean, (squares / count - mean * mean).max(0.0).sqrt()]
}

fn moments_of(values: &[f32]) -> [f64; 2] {
    moments(values.iter().copied().map(f64::from))
}

pub(super) fn share(values: &[f32], is: impl Fn(f32) -> bool) -> f64 {
    moments(values.iter().map(|&value| f64::from(u8::from(is(value)))))[0]
}

pub(super) fn near(found: f64, expected: f64, within: f64, what: &str) {
    assert!((found - expected).abs() <= within, "{what}: {found}, expected {expected} ± {within}");
}

#[test]
fn exposures_are_four_stops_more_and_eight_less() {
    let light = |value: f32| f64::from(value).powf(2.2);
    for severity in [0.25_f32, 0.5, 1.0] {
        let at = |kind: Degradation, value: f32| worse(&flat(Colour, value), kind, severity, 0)[0];
        let stops = (light(at(Degradation::OverExposure, 0.2)) / light(0.2)).log2();
        near(stops, 4.0 * f64::from(severity), 1e-3, "stops");
        let level = f64::from(at(Degradation::UnderExposure, 0.9)) * 255.0;
        near(level, 0.9 * 255.0 * (-8.0 * f64::from(severity) / 2.2).exp2(), 0.501, "stops down, to the next step");
        near(level, level.round(), 1e-3, "whole steps of 255");
    }
    assert_eq!(worse(&flat(Colour, 0.5), Degradation::OverExposure, 1.0, 0)[0], 1.0, "the full well");
}

#[test]
fn noise_has_the_stated_deviations_in_the_dark_and_in_white() {
    let noisy = |value: f32, severity: f32| worse(&flat(Thermal, value), Degradation::Noise, severity, 1);
    let [mean, deviation] = moments_of(&noisy(0.5, 0.5));
    near(mean, 0.5, 0.0015, "the mean stays");
    near(deviation, 0.5 * (0.2_f64 * 0.2 * 0.5 + 0.12 * 0.12).sqrt(), 0.0011, "half of grey's");
    // Half of the distribution is cut off at either end of the range.
    for (value, expected) in [(0.0_f32, 0.12), (1.0, 0.2332)] {
        let squares = noisy(value, 1.0).into_iter().map(|now| f64::from(now - value).powi(2));
        near((2.0 * moments(squares)[0]).sqrt(), expected, 0.02 * expected, "at an end of the range");
    }
}

#[test]
fn thermal_drift_is_a_level_a_gradient_columns_and_pixels() {
    let Size { height, width } = SIZE;
    let values = worse(&flat(Thermal, 0.5), Degradation::ThermalDrift, 0.5, 1);
    let rows: Vec<f64> = values.chunks(width).map(|row| moments_of(row)[0]).collect();
    let of_column = |at: usize| moments(values[at..].iter().step_by(width).map(|&value| f64::from(value)))[0];
    let columns: Vec<f64> = (0..width).map(of_column).collect();
    let place = |at: usize, side: usize| (at as f64 + 0.5) / side as f64 - 0.5;
    let slope = |means: &[f64]| {
        let at = |at: usize| place(at, means.len());
        let along: f64 = means.iter().enumerate().map(|(index, mean)| at(index) * mean).sum();
        along / (0..means.len()).map(|index| at(index).powi(2)).sum::<f64>()
    };
    let [mean, _] = moments_of(&values);
    near((mean - 0.5).abs(), 0.5 * 0.2, 0.009, "level");
    near(slope(&rows).hypot(slope(&columns)), 0.5 * 0.2, 0.028, "gradient");
    let across = slope(&columns);
    let left = columns.iter().enumerate().map(|(at, column)| column - across * place(at, width));
    near(moments(left)[1], 0.5 * 0.08, 0.0065, "columns");
    let pixels = (0..height * width).map(|at| f64::from(values[at]) - rows[at / width] - columns[at % width]);
    near(moments(pixels)[1], 0.5 * 0.05, 0.0004, "pixels");
}

#[test]
fn thermal_crossover_leaves_a_twentieth_of_the_contrast_and_the_noise() {
    let halves = image(Thermal, |row, _| if row < SIZE.height / 2 { 0.25 } else { 0.75 });
    for severity in [0.5_f32, 1.0] {
        let values = worse(&halves, Degradation::ThermalCrossover, severity, 1);
        let (above, below) = values.split_at(SIZE.area() / 2);
        let ([cold, deviation], [warm, _]) = (moments_of(above), moments_of(below));
        near((warm - cold) / 0.5, 1.0 - 0.95 * f64::from(severity), 0.0013, "contrast");
        near(deviation, 0.02 * f64::from(severity), 0.0004, "noise");
    }
}

#[test]
fn a_quarter_of_the_rows_and_of_the_columns_is_dead_the_same_in_every_scene_of_a_seed() {
    let image = flat(Thermal, 0.5);
    let (mut lines, mut whites, mut pixels) = (Vec::new(), Vec::new(), Vec::new());
    for seed in 0..24 {
        let values = worse(&image, Degradation::DeadLines, 1.0, seed);
        let rows = values.chunks(SIZE.width).map(|row| row.iter().all(|&value| value != 0.5));
        let column = |at: usize| values[at..].iter().step_by(SIZE.width).all(|&value| value != 0.5);
        lines.extend(rows.chain((0..SIZE.width).map(column)).map(|is_dead| f64::from(u8::from(is_dead))));
        let dead_rows = values.chunks(SIZE.width).filter(|row| row.iter().all(|&value| value != 0.5));
        whites.extend(dead_rows.map(|row| f64::from(row[0])));
        pixels.push(share(&values, |value| value != 0.5));
    }
    near(moments(lines)[0], 0.25, 0.016, "lines");
    near(moments(whites)[0], 0.5, 0.06, "white ones");
    near(moments(pixels)[0], 0.4375, 0.024, "pixels: 1 - 0.75 · 0.75");
    let at = |kind: Degradation, scene: u64| {
        let mut image = image.clone();
        let draws = Draws { streams: Streams::new(3), sensor: "thermal".to_owned(), scene };
        apply(&mut image, kind, 1.0, &draws, &[]);
        image
    };
    for (kind, is_same) in
        [(Degradation::DeadLines, true), (Degradation::ThermalDrift, true), (Degradation::Noise, false)]
    {
        assert_eq!(at(kind, 1) == at(kind, 2), is_same, "{}", kind.word());
    }
}

#[test]
fn nine_beams_of_ten_are_lost_and_three_in_ten_of_the_other_returns() {
    let image = flat(Lidar, 0.5);
    for severity in [0.5_f32, 1.0] {
        let (mut beams, mut returns) = (Vec::new(), Vec::new());
        for seed in 0..24 {
            let values = worse(&image, Degradation::BeamLoss, severity, seed);
            for beam in values.chunks(SIZE.area() / 64) {
                let lost = share(beam, f32::is_nan);
                beams.push(f64::from(u8::from(lost == 1.0)));
                if lost < 1.0 {
                    returns.push(lost);
                }
            }
        }
        near(moments(beams)[0], 0.9 * f64::from(severity), 0.05, "beams");
        near(moments(returns)[0], 0.3 * f64::from(severity), 0.006, "returns of the others");
    }
}

#[test]
fn a_shaking_lidar_has_the_stated_deviations_of_turn_and_of_range() {
    let (still, ramp) = (flat(Lidar, 0.5), image(Lidar, |_, column| column as f32 / SIZE.width as f32));
    for severity in [0.5_f32, 1.0] {
        let [mean, deviation] = moments_of(&worse(&still, Degradation::LidarJitter, severity, 1));
        near(mean, 0.5, 0.001, "no offset");
        near(deviation, 0.05 * f64::from(severity), 0.0006, "range");
        let mut turns = Vec::new();
        for seed in 0..24 {
            let values = worse(&ramp, Degradation::LidarJitter, severity, seed);
            for beam in values.chunks(SIZE.area() / 64) {
                // Far enough from the edges.
                let inner = (0..beam.len()).filter(|pixel| (100..220).contains(&(pixel % SIZE.width)));
                turns.push(
                    moments(inner.map(|at| f64::from(beam[at]) - (at % SIZE.width) as f64 / SIZE.width as f64))[0],
                );
            }
        }
        near(moments(turns)[1], 0.03 * f64::from(severity), 0.0025 * f64::from(severity), "turn, of the width");
    }
}

#[test]
fn a_quarter_of_the_pixels_fires_and_half_of_the_events_are_missing() {
    let image = image(Event, |_, column| if column % 4 == 0 { 0.8 } else { 0.5 });
    for severity in [0.5_f32, 1.0] {
        let values = worse(&image, Degradation::EventNoise, severity, 1);
        let fired: Vec<f32> = values.iter().copied().filter(|value| [0.0, 1.0].contains(value)).collect();
        near(fired.len() as f64 / values.len() as f64, 0.25 * f64::from(severity), 0.007, "fired");
        near(moments_of(&fired)[0], 0.5, 0.023, "of either sign");
        let events: Vec<f32> = values.into_iter().step_by(4).filter(|value| [0.5, 0.8].contains(value)).collect();
        near(share(&events, |value| value == 0.5), 0.5 * f64::from(severity), 0.019, "missing");
    }
}

#[test]
fn covered_unmeasured_and_silent_parts_are_as_large_as_stated() {
    for severity in [0.25_f32, 0.5, 1.0] {
        let amount = f64::from(severity);
        let covered = worse(&flat(Colour, 0.5), Degradation::Occlusion, severity, 1);
        near(share(&covered, |value| value == 0.0), 0.8 * amount, 0.001, "covered");
        let holes = worse(&flat(Depth, 0.5), Degradation::DepthHoles, severity, 1);
        near(share(&holes, f32::is_nan), 0.9 * amount, 0.001, "without a measurement");
        let silent = worse(&flat(Colour, 0.5), Degradation::Blackout, severity, 1);
        let (read, empty) = silent.split_at((SIZE.area() as f64 * (1.0 - amount)) as usize);
        assert!(read.iter().all(|&value| value == 0.5) && empty.iter().all(|&value| value == 0.0), "{severity}");
    }
}
