//! Where things lie under a degradation, and how they are spread, as the words about it state.

use super::amounts_tests::{SIZE, flat, image, near, share, worse};
use super::image::Image;
use crate::data::sample::ModalityKind::{Colour, Depth, Disparity, Event, Thermal};
use crate::protocol::Degradation;

/// Where the thing stood, column and row, that a pixel shows: of a photograph whose two channels are its columns and
/// its rows.
fn stood(kind: Degradation, severity: f32, seed: u64) -> impl Fn(usize, usize) -> [f64; 2] {
    let columns = image(Thermal, |_, column| column as f32 / SIZE.width as f32);
    let rows = image(Thermal, |row, _| row as f32 / SIZE.height as f32);
    let both = Image { channels: 2, values: [columns.values, rows.values].concat(), ..rows };
    let seen = worse(&both, kind, severity, seed);
    move |column, row| {
        let pixel = row * SIZE.width + column;
        let [x, y] = [seen[pixel], seen[SIZE.area() + pixel]].map(f64::from);
        [x * SIZE.width as f64, y * SIZE.height as f64]
    }
}

#[test]
fn what_is_moved_scaled_and_turned_lies_where_the_words_say() {
    let about_the_middle = |[x, y]: [f64; 2]| [x - 159.5, y - 95.5];
    let before = about_the_middle([200.0, 110.0]);
    for severity in [0.5_f32, 1.0] {
        let amount = f64::from(severity);
        let (mut directions, mut larger, mut left, mut nearer) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for seed in 0..12 {
            let shift = stood(Degradation::Shift, severity, seed);
            let [x, y] = shift(160, 96);
            let [right, down] = [160.0 - x, 96.0 - y];
            near(right.hypot(down), 32.0 * amount, 0.72, "a shift by a tenth of the width, in whole pixels");
            let [x, y] = shift(100, 60);
            near((100.0 - x - right).hypot(60.0 - y - down), 0.0, 1e-3, "a shift of the whole");
            directions.push(down.atan2(right).to_degrees());

            let [x, y] = about_the_middle(stood(Degradation::Scale, severity, seed)(200, 110));
            let factor = x.hypot(y) / before[0].hypot(before[1]);
            near(factor.max(1.0 / factor), 1.0 + 0.25 * amount, 1e-3, "a scale");
            near(y.atan2(x), before[1].atan2(before[0]), 1e-4, "a scale turns nothing");
            larger.push(factor < 1.0);

            let [x, y] = about_the_middle(stood(Degradation::Rotation, severity, seed)(200, 110));
            let turn = (y.atan2(x) - before[1].atan2(before[0])).to_degrees();
            near(turn.abs(), 15.0 * amount, 0.01, "degrees");
            near(x.hypot(y), before[0].hypot(before[1]), 1e-3, "a turn scales nothing");
            left.push(turn > 0.0);

            // A twentieth and four tenths of the range away.
            let parallax = stood(Degradation::Parallax, severity, seed);
            let ([near_x, near_y], [far_x, far_y]) = (parallax(160, 40), parallax(160, 150));
            near((near_x - 160.0).abs(), 0.08 * 320.0 * amount, 1e-3, "of the nearest");
            near((far_x - 160.0) / (near_x - 160.0), 0.25, 1e-3, "four times the nearest tenth away");
            near((near_y - 40.0).hypot(far_y - 150.0), 0.0, 1e-3, "to one side");
            nearer.push(near_x > 160.0);
        }
        for (way, words) in [(larger, "larger"), (left, "left"), (nearer, "to the right")] {
            assert!(way.contains(&true) && way.contains(&false), "{words}, and the other way");
        }
        let span = |of: fn(f64, f64) -> f64| directions.iter().copied().reduce(of).unwrap();
        assert!(span(f64::max) - span(f64::min) > 90.0, "{directions:?}");
    }
}

#[test]
fn a_point_in_motion_is_a_line_as_long_as_the_path() {
    let point = image(Thermal, |row, column| f32::from(u8::from([row, column] == [96, 160])));
    for severity in [0.4_f32, 0.8] {
        let path = 0.1 * 320.0 * f64::from(severity);
        for seed in 0..8 {
            let values = worse(&point, Degradation::MotionBlur, severity, seed);
            let lit = |axis: fn(usize) -> usize| {
                let places: Vec<usize> = (0..SIZE.area()).filter(|&pixel| values[pixel] > 0.0).map(axis).collect();
                (places.iter().max().unwrap() - places.iter().min().unwrap()) as f64
            };
            let length = lit(|pixel| pixel % SIZE.width).hypot(lit(|pixel| pixel / SIZE.width));
            // Each end lies between two pixels of either axis.
            near(length, path + 1.4, 1.45, "pixels from end to end");
            near(values.iter().copied().map(f64::from).sum(), 1.0, 1e-3, "its light");
        }
    }
}

#[test]
fn glare_is_white_at_its_source_and_a_quarter_of_that_everywhere() {
    let half_px = 0.2 * 192.0_f64.hypot(320.0);
    for severity in [0.5_f32, 1.0] {
        let amount = f64::from(severity);
        for seed in 0..8 {
            let values = worse(&flat(Colour, 0.0), Degradation::Glare, severity, seed);
            let peak = (0..SIZE.area()).max_by(|&left, &right| values[left].total_cmp(&values[right])).unwrap();
            near(f64::from(values[peak]), amount, 1e-3, "at the source");
            assert!(peak / SIZE.width <= SIZE.height / 2, "in the upper half");
            let veil = 0.25 + 0.75 / (1.0 + (75.0 / half_px).powi(2));
            near(f64::from(values[peak + 75 * SIZE.width]), amount * veil, 0.005, "75 pixels below");
            assert!(values.iter().all(|&value| f64::from(value) >= 0.25 * amount), "everywhere");
            assert_eq!(worse(&flat(Colour, 1.0), Degradation::Glare, severity, seed)[peak], 1.0);
        }
    }
}

#[test]
fn rain_veils_a_third_and_has_a_streak_in_every_so_many_pixels() {
    let halves = image(Colour, |row, _| if row < SIZE.height / 2 { 0.0 } else { 1.0 });
    let values = worse(&halves, Degradation::Rain, 1.0, 1);
    for (half, expected) in values.chunks(SIZE.area() / 2).zip([0.165, 0.835]) {
        let darkest = half.iter().copied().fold(1.0, f32::min);
        near(f64::from(darkest), expected, 1e-4, "what no streak covers");
    }
    // A picture 192 high has a streak in 150 · 0.8² pixels. One is 4 to 10 % of the height long, 13.9 pixels on
    // average, of which 3.5 % lie below the image, and some lie on others.
    let streaks =
        |severity: f32| share(&worse(&flat(Colour, 0.2), Degradation::Rain, severity, 1), |value| value > 0.21);
    for severity in [0.5_f32, 1.0] {
        let on_each = f64::from(severity) * 13.9 * (1.0 - 0.035) / (150.0 * 0.64);
        near(streaks(severity), 1.0 - (-on_each).exp(), 0.01, "pixels of streaks");
    }
}

#[test]
fn distances_keep_as_many_steps_as_the_severity_leaves() {
    let ramp = image(Disparity, |_, column| column as f32 / 319.0);
    for (severity, steps) in [(0.5, 32.0_f32), (0.75, 16.0), (1.0, 4.0)] {
        let values = worse(&ramp, Degradation::DepthQuantisation, severity, 0);
        let expected: Vec<f32> = ramp.values.iter().map(|value| (value * steps).floor() / steps).collect();
        assert_eq!(values, expected, "{severity}");
    }
    // What is left of 1 / (distance + 0.05): whole numbers at severity 1, eighths at one half.
    for (severity, distance, expected) in [
        (1.0, 0.97, 1.0),
        (1.0, 0.9, 1.0 - 0.05),
        (1.0, 0.46, 1.0 - 0.05),
        (1.0, 0.4, 1.0 / 2.0 - 0.05),
        (1.0, 0.3, 1.0 / 2.0 - 0.05),
        (1.0, 0.21, 1.0 / 3.0 - 0.05),
        (1.0, 0.04, 1.0 / 11.0 - 0.05),
        (0.5, 0.9, 8.0 / 8.0 - 0.05),
        (0.5, 0.4, 8.0 / 17.0 - 0.05),
        (0.5, 0.21, 8.0 / 30.0 - 0.05),
    ] {
        let found = worse(&flat(Depth, distance), Degradation::DepthQuantisation, severity, 0)[0];
        near(f64::from(found), f64::min(expected, 1.0), 1e-5, &format!("{distance} at {severity}"));
    }
}

#[test]
fn a_pixel_of_low_resolution_is_as_many_wide_and_high_as_stated() {
    for (severity, side) in [(0.2, 4), (1.0, 16)] {
        let ramp = image(Depth, |row, column| (row * SIZE.width + column) as f32 / SIZE.area() as f32);
        let middle = |at: usize| at / side * side + side / 2;
        let expected = image(Depth, |row, column| ramp.values[middle(row) * SIZE.width + middle(column)]);
        assert_eq!(worse(&ramp, Degradation::LowResolution, severity, 0), expected.values, "{side}");

        let event = image(Event, |row, column| if [row, column] == [100, 165] { 1.0 } else { 0.5 });
        let values = worse(&event, Degradation::LowResolution, severity, 0);
        assert_eq!(values.iter().filter(|&&value| value == 1.0).count(), side * side);

        // A pixel half a pixel beside the large one's middle gives and takes that much less, along either axis.
        let place = [96 + side / 2, 160 + side / 2];
        let point = image(Thermal, |row, column| f32::from(u8::from([row, column] == place)));
        let values = worse(&point, Degradation::LowResolution, severity, 0);
        let beside = 0.5 / side as f64;
        let along = (1.0 - beside).powi(2) + beside.powi(2);
        let peak = f64::from(values.iter().copied().fold(0.0, f32::max));
        near(peak * (side * side) as f64, along.powi(2), 1e-3, "a point's light over a pixel");
        near(values.iter().copied().map(f64::from).sum(), 1.0, 1e-3, "all of its light");
    }
}
