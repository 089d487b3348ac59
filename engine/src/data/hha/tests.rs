use super::*;

const WIDTH: usize = 48;
const HEIGHT: usize = 36;
const FOCAL: [f32; 2] = [40.0, 42.0];
const CENTRE: [f32; 2] = [24.5, 17.0];

/// A floor, a wall and a box before it, as in `reference/hha.py`.
fn scene() -> Vec<f32> {
    let distance = |pixel: usize| {
        let (x, y) = (pixel % WIDTH, pixel / WIDTH);
        if ((3..7).contains(&y) && (30..36).contains(&x)) || (x, y) == (40, 20) {
            return 0.0;
        }
        let (u, v) = ((x as f64 + 1.0 - 24.5) / 40.0, (y as f64 + 1.0 - 17.0) / 42.0);
        let wall = 3.0 / (0.96 + 0.1 * u - 0.2 * v);
        let down = 0.98 * v + 0.2;
        let floor = if down > 0.02 { 1.3 / down } else { 100.0 };
        let near = wall.min(floor);
        let is_box = (10..22).contains(&x) && (12..28).contains(&y);
        let near = if is_box { near.min(1.9 / (0.9 - 0.3 * u - 0.2 * v)) } else { near };
        ((near * 1000.0).round() / 1000.0) as f32
    };
    (0..WIDTH * HEIGHT).map(distance).collect()
}

#[test]
fn hha_is_that_of_an_independent_computation() {
    let found = hha(&scene(), WIDTH, FOCAL, CENTRE, Some(0.0));
    // Printed by `reference/hha.py`.
    for ((x, y), expected) in [
        ((0, 0), [101, 255, 156]),
        ((24, 5), [105, 255, 156]),
        ((33, 4), [0, 0, 0]),
        ((15, 20), [154, 167, 155]),
        ((40, 20), [0, 0, 0]),
        ((24, 34), [148, 101, 65]),
        ((47, 35), [153, 97, 66]),
        ((5, 30), [126, 119, 65]),
        ((12, 13), [163, 195, 87]),
        ((30, 16), [101, 214, 155]),
    ] {
        let found = &found[3 * (y * WIDTH + x)..][..3];
        let is_near =
            found.iter().zip(expected).all(|(&found, expected): (&u8, i32)| (i32::from(found) - expected).abs() <= 1);
        assert!(is_near, "({x}, {y}): {found:?}, not {expected:?}");
    }
    // One step of rounding in fifty pixels at most.
    for (channel, expected) in [195_870_i64, 325_410, 215_816].into_iter().enumerate() {
        let sum: i64 = found.iter().skip(channel).step_by(3).map(|&value| i64::from(value)).sum();
        assert!((sum - expected).abs() <= 35, "channel {channel}: {sum}, not {expected}");
    }
}

#[test]
fn a_flat_floor_under_an_upright_camera_has_angle_0_and_height_0() {
    let metres: Vec<f32> = (0..40 * 40).map(|pixel: usize| 1.5 / ((pixel / 40 + 1) as f32 / 40.0)).collect();
    let found = hha(&metres, 40, [40.0; 2], [20.0, 0.0], Some(0.0));
    for pixel in [0, 40 * 20 + 7, 40 * 39 + 39] {
        assert_eq!(&found[3 * pixel + 1..3 * pixel + 3], [0, 38], "pixel {pixel}");
    }
}

#[test]
fn where_nothing_is_measured_nothing_is_said() {
    let found = hha(&[0.0, f32::NAN, -1.0, f32::INFINITY], 2, [1.0; 2], [1.0; 2], Some(0.0));
    assert_eq!(found, [0; 12]);
    // Too few points for any plane: the angle of none, as in the authors' code, 180° and the slack.
    let found = hha(&[2.0, 0.0, 0.0, 0.0], 2, [1.0; 2], [1.0; 2], Some(0.0));
    assert_eq!(found[..3], [155, 130, 218]);
    assert!(hha(&[], 0, [1.0; 2], [1.0; 2], None).is_empty());
}
