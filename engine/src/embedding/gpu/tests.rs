//! The kernels against their twins, on whatever adapter there is.

use super::*;
use crate::embedding::tests::{bunches, graph_of};
use crate::embedding::{Optimiser, Schedule, Start};
use crate::fixtures::{Need, skip};

/// An engine on any adapter; `None`, said on the terminal, where there is none.
fn engine(test: &str) -> Option<GpuEngine> {
    let Some(adapter) = crate::device::any_graphics() else {
        skip(test, Need::Window, "a graphics adapter");
        return None;
    };
    Some(GpuEngine::new(&adapter).unwrap())
}

fn near(found: f32, expected: f32, largest: f32, what: &str) {
    assert!((found - expected).abs() <= 2e-4 * largest, "{what}: {found} against {expected}");
}

#[test]
fn submissions_grow_and_shrink_with_what_they_take() {
    assert_eq!(paced(4, Duration::from_millis(1)), 8);
    assert_eq!(paced(8, Duration::from_millis(60)), 4);
    assert_eq!(paced(1, Duration::from_secs(2)), 1);
}

#[test]
fn every_kernel_does_what_its_twin_does() {
    let Some(mut engine) = engine("every_kernel_does_what_its_twin_does") else { return };
    // No multiple of a tile, and more than one slice.
    let points = bunches(700, 6, 5, 21);
    let graph = Arc::new(graph_of(&points, 12.0));
    let places: Vec<[f32; 2]> =
        Start::Pca.places(&points, 0).unwrap().iter().map(|place| place.map(|part| 5e4 * part)).collect();
    let mut twin = CpuEngine::new(Repulsion::Exact);
    twin.begin(Arc::clone(&graph), &places).unwrap();
    engine.begin(Arc::clone(&graph), &places).unwrap();
    let step = Step { exaggeration: 4.0, rate: 700.0 / 4.0, momentum: 0.8 };
    let (expected, found) = (twin.iterate(&[step], true).unwrap(), engine.iterate(&[step], true).unwrap());

    let Work { buffers, .. } = engine.work.as_ref().unwrap();
    assert!(buffers.slices > 1);
    let read = |buffer, numbers| engine.graphics.read(buffer, numbers).unwrap();
    let pushes = read(&buffers.pushes, 4 * buffers.padded * buffers.slices as usize);
    let twins = twin.pushes();
    let largest = twins.iter().flat_map(|(force, _)| *force).fold(0.0, |largest: f32, part| largest.max(part.abs()));
    for (point, (force, share)) in twins.iter().enumerate() {
        let sum = |part: usize| -> f32 {
            (0..buffers.slices as usize).map(|slice| pushes[4 * (slice * buffers.padded + point) + part]).sum()
        };
        near(sum(0), force[0], largest, "repulse");
        near(sum(1), force[1], largest, "repulse");
        near(sum(2) - 1.0, *share, 700.0, "repulse");
    }
    let state = State::from_numbers(&read(&buffers.state, State::NUMBERS));
    let (normaliser, middle) = twin.reduced(&places);
    near(state.normaliser, normaliser as f32, normaliser as f32, "reduce");
    near(state.middle[0], middle[0], 1.0, "reduce");
    near(state.middle[1], middle[1], 1.0, "reduce");
    let motions = read(&buffers.motions, 4 * 700);
    for (found, (velocity, gain)) in motions.chunks(4).zip(twin.motions()) {
        near(found[0], velocity[0], 5.0, "attract");
        near(found[1], velocity[1], 5.0, "attract");
        assert_eq!(found[2..], gain, "attract");
    }
    let radius = expected.radius as f32;
    for (found, expected) in engine.layout().unwrap().iter().flatten().zip(twin.layout().unwrap().iter().flatten()) {
        near(*found, *expected, radius, "advance");
    }
    near(found.mean_step as f32, expected.mean_step as f32, expected.mean_step as f32, "tally");
    near(found.radius as f32, radius, radius, "tally");
    let divergences = [found.divergence, expected.divergence].map(Option::unwrap);
    near(divergences[0] as f32, divergences[1] as f32, divergences[1] as f32, "tally");
}

#[test]
fn blocks_of_rows_change_nothing() {
    let Some(mut engine) = engine("blocks_of_rows_change_nothing") else { return };
    let points = bunches(900, 5, 4, 22);
    let graph = Arc::new(graph_of(&points, 8.0));
    let places = Start::Pca.places(&points, 0).unwrap();
    let steps: Vec<Step> = (0..20).map(|iteration| Schedule::fresh(900, 40).step(iteration)).collect();
    let mut run = |tiles: usize| {
        engine.begin(Arc::clone(&graph), &places).unwrap();
        let GpuEngine { graphics, kernels, work: Some(work), .. } = &mut engine else { panic!("no work") };
        work.buffers.cut(graphics, kernels, tiles);
        engine.iterate(&steps, true).unwrap();
        engine.layout().unwrap()
    };
    assert_eq!(run(8), run(3));
}

#[test]
fn a_run_repeats_bit_for_bit_and_agrees_with_the_cpu() {
    let Some(engine) = engine("a_run_repeats_bit_for_bit_and_agrees_with_the_cpu") else { return };
    let points = bunches(400, 8, 5, 23);
    let graph = Arc::new(graph_of(&points, 15.0));
    // Both begin where clusters have formed: before that, roundings decide which of several minima a layout falls into.
    let start = Start::Pca.places(&points, 0).unwrap();
    let fresh = Schedule { iterations: 120, ..Schedule::fresh(400, 300) };
    let mut formed =
        Optimiser::new(Box::new(CpuEngine::new(Repulsion::Exact)), Arc::clone(&graph), &start, fresh).unwrap();
    while formed.advance(50).unwrap().is_some() {}
    let places = formed.layout().unwrap();
    let plain = Schedule { exaggerated: 0, iterations: 60, ..Schedule::fresh(400, 60) };
    let run = |engine: Box<dyn Engine>, chunk: u32| {
        let mut optimiser = Optimiser::new(engine, Arc::clone(&graph), &places, plain).unwrap();
        while optimiser.advance(chunk).unwrap().is_some() {}
        let (layout, divergence) = (optimiser.layout().unwrap(), optimiser.divergence().unwrap());
        (layout, divergence, optimiser.into_engine())
    };
    let (layout, divergence, engine) = run(Box::new(engine), 50);
    let (again, _, _) = run(engine, 7);
    assert_eq!(layout, again, "reruns differ");
    let (_, expected, _) = run(Box::new(CpuEngine::new(Repulsion::Exact)), 50);
    assert!((divergence - expected).abs() < 0.01 * expected, "{divergence} against {expected} on the CPU");
}

#[test]
fn a_change_of_perplexity_keeps_the_layout() {
    let Some(mut engine) = engine("a_change_of_perplexity_keeps_the_layout") else { return };
    let points = bunches(200, 4, 3, 24);
    let places = Start::Pca.places(&points, 0).unwrap();
    engine.begin(Arc::new(graph_of(&points, 5.0)), &places).unwrap();
    let steps = [Schedule::fresh(200, 100).step(0); 10];
    engine.iterate(&steps, true).unwrap();
    let before = engine.layout().unwrap();
    engine.change_graph(Arc::new(graph_of(&points, 20.0))).unwrap();
    assert_eq!(engine.layout().unwrap(), before);
    engine.iterate(&steps, true).unwrap();
    assert_ne!(engine.layout().unwrap(), before);
    assert!(engine.change_graph(Arc::new(graph_of(&bunches(10, 2, 1, 1), 2.0))).is_err());
}
