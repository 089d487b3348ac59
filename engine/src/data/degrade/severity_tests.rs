//! The more severe, the farther from the original: on the sample data, by a distance that suits the sensor.

use super::DEGRADATION_SEED;
use super::tests::{Bench, benches, each};
use crate::data::sample::{ModalityKind, Sample};
use crate::protocol::Degradation;

/// How far two values in the unit range, or holes, are from each other; `None` where that is not counted.
type Far = fn(Option<f32>, Option<f32>) -> Option<f32>;

/// The mean over a sensor's values in some scenes.
fn mean(bench: &Bench, at: usize, now: &[Sample], far: Far) -> f64 {
    let (sensor, hole) = (&bench.dataset.modalities[at], bench.dataset.hole(at));
    let span = sensor.high - sensor.low;
    let of = |value: f32| (hole != Some(value)).then(|| ((value - sensor.low) / span).clamp(0.0, 1.0));
    let (mut sum, mut count) = (0.0, 0.0);
    for (then, now) in bench.plain.iter().zip(now) {
        for (&then, &now) in then.planes[at].values.iter().zip(&now.planes[at].values) {
            if let Some(far) = far(of(then), of(now)) {
                sum += f64::from(far);
                count += 1.0;
            }
        }
    }
    sum / count
}

/// The difference; a measurement against none counts 1.
#[expect(clippy::unnecessary_wraps, reason = "one of three distances, another of which may be undefined")]
fn difference(then: Option<f32>, now: Option<f32>) -> Option<f32> {
    match (then, now) {
        (None, None) => Some(0.0),
        (Some(then), Some(now)) => Some((then - now).abs()),
        _ => Some(1.0),
    }
}

/// The difference where both were measured.
fn error(then: Option<f32>, now: Option<f32>) -> Option<f32> {
    Some((then? - now?).abs())
}

/// Whether it is another value.
#[expect(clippy::unnecessary_wraps, reason = "one of three distances, another of which may be undefined")]
fn change(then: Option<f32>, now: Option<f32>) -> Option<f32> {
    Some(f32::from(u8::from(then != now)))
}

#[test]
fn the_image_goes_away_from_the_original_as_severity_grows_and_stays_in_range() {
    each(|bench, at, kind| {
        let (sensor, hole) = (&bench.dataset.modalities[at], bench.dataset.hole(at));
        let mut found: Vec<f64> = Vec::new();
        for severity in [0.02, 0.2, 0.4, 0.6, 0.8, 1.0] {
            let now = bench.degraded(at, kind, severity, DEGRADATION_SEED);
            for (now, plain) in now.iter().zip(&bench.plain).filter(|_| kind != Degradation::FrozenFrame) {
                // What was out of range and is left alone stays so.
                let is_fine = |(now, then): (&f32, &f32)| {
                    now == then || hole == Some(*now) || (sensor.low..=sensor.high).contains(now)
                };
                let mut pairs = now.planes[at].values.iter().zip(&plain.planes[at].values);
                assert!(pairs.all(is_fine), "{} of {} at {severity}", kind.word(), sensor.name);
            }
            found.push(mean(bench, at, &now, difference));
        }
        let words = format!("{} of {}: {found:?}", kind.word(), sensor.name);
        // The returns of a lidar and the edges of events lie in lines: what has moved by the distance of two of them,
        // or is taken from every so many pixels, lies on another one, and is as near to the original as before.
        let is_sparse = ["lidar", "event"].contains(&bench.name(at));
        let meets_others = matches!(kind, Degradation::Shift | Degradation::Scale | Degradation::LowResolution);
        let rises = found.windows(2).all(|pair| pair[1] >= 0.85 * pair[0]);
        assert!(rises || (is_sparse && meets_others), "{words}");
        // A scene is frozen or is not.
        let grows = if kind == Degradation::FrozenFrame { 1.0 } else { 1.2 };
        assert!(found[5] > 0.0 && found[5] >= grows * found[0], "{words}");
    });
}

#[test]
fn distances_returns_and_events_become_worse_with_every_step_of_severity() {
    let benches = benches(8);
    let [depth, disparity] = [ModalityKind::Depth, ModalityKind::Disparity];
    let [lidar, event] = [ModalityKind::Lidar, ModalityKind::Event];
    // By how much each fifth of severity is to multiply the distance. Where that grows with the severity, the last one
    // brings 1.25.
    let cases: [(ModalityKind, Degradation, Far, f64); 11] = [
        (depth, Degradation::DepthHoles, change, 1.2),
        (disparity, Degradation::DepthHoles, change, 1.2),
        (depth, Degradation::DepthQuantisation, error, 1.8),
        (disparity, Degradation::DepthQuantisation, error, 1.8),
        (lidar, Degradation::BeamLoss, change, 1.15),
        (lidar, Degradation::LidarJitter, error, 1.15),
        (event, Degradation::EventNoise, change, 1.2),
        (depth, Degradation::LowResolution, error, 1.03),
        (disparity, Degradation::LowResolution, error, 1.03),
        (lidar, Degradation::LowResolution, difference, 1.0),
        (event, Degradation::LowResolution, change, 1.03),
    ];
    for (sensor, kind, far, grows) in cases {
        let has = |bench: &Bench| bench.dataset.modalities.iter().position(|found| found.kind == sensor);
        let (bench, at) = benches.iter().find_map(|bench| Some((bench, has(bench)?))).unwrap();
        let found = [0.2, 0.4, 0.6, 0.8, 1.0].map(|severity| {
            let now = bench.degraded(at, kind, severity, DEGRADATION_SEED);
            mean(bench, at, &now, far)
        });
        let words = format!("{} of {}: {found:?}", kind.word(), sensor.name());
        assert!(found[0] > 0.0 && found.windows(2).all(|pair| pair[1] >= grows * pair[0]), "{words}");
    }
}
