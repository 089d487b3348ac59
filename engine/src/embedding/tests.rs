//! The parts of t-SNE against each other, against automatic differentiation, and at their edges.

use std::ops::ControlFlow;
use std::sync::Arc;

use burn::tensor::{Device, Tensor, TensorData};
use rand::Rng as _;

use super::*;
use crate::random::Streams;

/// Goes on searching.
fn on(_done: usize) -> ControlFlow<()> {
    ControlFlow::Continue(())
}

/// Points in `clusters` bunches, cluster of point i = i modulo clusters.
pub(super) fn bunches(count: usize, width: usize, clusters: usize, seed: u64) -> Points {
    let mut stream = Streams::new(seed).stream("test", 0);
    let mut unit = || stream.next_u32() as f32 / u32::MAX as f32 - 0.5;
    let middles: Vec<f32> = (0..clusters * width).map(|_| 6.0 * unit()).collect();
    let numbers = (0..count)
        .flat_map(|point| (0..width).map(move |column| (point, column)))
        .map(|(point, column)| middles[point % clusters * width + column] + unit() + unit())
        .collect();
    Points::new(numbers, width).unwrap()
}

pub(super) fn graph_of(points: &Points, perplexity: f32) -> Graph {
    Prepared::new(points, perplexity, &on).unwrap().graph(perplexity).unwrap().0
}

/// A layout from the points' principal components.
fn laid_out(points: &Points, perplexity: f32, iterations: u32, repulsion: Repulsion) -> (Vec<[f32; 2]>, f64) {
    let graph = Arc::new(graph_of(points, perplexity));
    let places = Start::Pca.places(points, 0).unwrap();
    let schedule = Schedule::fresh(points.count(), iterations);
    let mut optimiser = Optimiser::new(Box::new(CpuEngine::new(repulsion)), graph, &places, schedule).unwrap();
    while optimiser.advance(50).unwrap().is_some() {}
    (optimiser.layout().unwrap(), optimiser.divergence().unwrap())
}

#[test]
fn neighbours_are_those_of_all_distances() {
    let points = bunches(300, 7, 5, 1);
    let neighbours = Neighbours::of_points(&points, 13, &on).unwrap();
    for point in 0..points.count() {
        let square = |other: usize| -> f64 {
            points.of(point).iter().zip(points.of(other)).map(|(a, b)| f64::from(a - b).powi(2)).sum()
        };
        let mut others: Vec<usize> = (0..points.count()).filter(|&other| other != point).collect();
        others.sort_by(|&a, &b| square(a).total_cmp(&square(b)));
        let found: Vec<usize> = neighbours.of(point).0.iter().map(|&other| other as usize).collect();
        assert_eq!(found, others[..13], "neighbours of {point}");
    }
}

#[test]
fn neighbours_far_from_the_origin_keep_their_order() {
    let near = bunches(120, 3, 4, 2);
    let far = Points::new(near.numbers().iter().map(|number| number + 1000.0).collect(), 3).unwrap();
    let of = |points: &Points| Neighbours::of_points(points, 6, &on).unwrap();
    let same = (0..120).filter(|&point| of(&near).of(point).0 == of(&far).of(point).0).count();
    assert!(same >= 118, "{same} of 120 rows");
}

#[test]
fn entropies_are_the_logarithm_of_the_perplexity() {
    let points = bunches(400, 10, 4, 3);
    let neighbours = Neighbours::of_points(&points, 60, &on).unwrap();
    for row in perplexity::conditional(&neighbours, 60, 20.0).chunks(60) {
        let entropy: f64 = row.iter().filter(|p| **p > 0.0).map(|&p| -f64::from(p) * f64::from(p).ln()).sum();
        assert!((entropy.exp() - 20.0).abs() < 2e-3, "{}", entropy.exp());
        assert!((row.iter().sum::<f32>() - 1.0).abs() < 1e-5);
    }
}

#[test]
fn affinities_are_symmetric_and_weigh_one_together() {
    let graph = graph_of(&bunches(250, 6, 4, 4), 12.0);
    assert!((graph.weights().iter().map(|&weight| f64::from(weight)).sum::<f64>() - 1.0).abs() < 1e-6);
    let weight = |from: usize, to: usize| -> f32 {
        let (columns, weights) = graph.row(from);
        columns.iter().zip(weights).filter(|(column, _)| **column as usize == to).map(|(_, weight)| weight).sum()
    };
    for from in 0..250 {
        for &to in graph.row(from).0 {
            assert_eq!(weight(from, to as usize), weight(to as usize, from));
        }
    }
}

#[test]
fn principal_components_are_uncorrelated_and_ordered() {
    let points = bunches(500, 20, 6, 5);
    let pca = Pca::fit(&points, 6);
    let projected = pca.project(&points).unwrap();
    for (a, b) in (0..6).flat_map(|a| (0..=a).map(move |b| (a, b))) {
        let product: f64 =
            (0..500).map(|point| f64::from(projected.of(point)[a]) * f64::from(projected.of(point)[b])).sum::<f64>()
                / 500.0;
        let expected = if a == b { pca.variances()[a] } else { 0.0 };
        assert!((product - expected).abs() < 1e-4 * pca.variances()[0], "{a}, {b}: {product} against {expected}");
    }
    assert!(pca.variances().is_sorted_by(|a, b| a >= b));
    let total: f64 = Pca::fit(&points, 20).variances().iter().sum();
    let mean = points.mean();
    let spread: f64 = points.numbers().iter().enumerate().map(|(at, x)| (f64::from(*x) - mean[at % 20]).powi(2)).sum();
    assert!((total - spread / 500.0).abs() < 1e-4 * total);
}

#[test]
fn signs_follow_an_earlier_fit() {
    let points = bunches(200, 5, 3, 6);
    let turned = Points::new(points.numbers().iter().map(|number| -number).collect(), 5).unwrap();
    let (earlier, mut later) = (Pca::fit(&points, 2), Pca::fit(&turned, 2));
    later.align_signs(&earlier);
    let (one, other) = (earlier.project(&points).unwrap(), later.project(&turned).unwrap());
    assert!(one.numbers().iter().zip(other.numbers()).all(|(a, b)| (a + b).abs() < 1e-3));
}

/// The divergence of a layout as a tensor, over all pairs, with automatic differentiation behind it.
fn differentiated(graph: &Graph, layout: &[[f32; 2]]) -> (f64, Vec<f32>) {
    let count = layout.len();
    let mut dense = vec![0.0_f32; count * count];
    for point in 0..count {
        let (columns, weights) = graph.row(point);
        for (&to, weight) in columns.iter().zip(weights) {
            dense[point * count + to as usize] += weight;
        }
    }
    let device = Device::flex().autodiff();
    let p = Tensor::<2>::from_data(TensorData::new(dense.clone(), [count, count]), &device);
    let y = Tensor::<2>::from_data(TensorData::new(layout.concat(), [count, 2]), &device).require_grad();
    let squares = y.clone().powi_scalar(2).sum_dim(1);
    let distances = squares.clone() + squares.transpose() - y.clone().matmul(y.clone().transpose()).mul_scalar(2.0);
    let logs = (distances.clone() + 1.0).log();
    let others = Tensor::<2>::ones([count, count], &device) - Tensor::<2>::eye(count, &device);
    let normaliser = ((distances + 1.0).recip() * others).sum();
    let loss = (p * logs).sum() + normaliser.log();
    let gradients = loss.backward();
    let constant: f64 = dense.iter().filter(|p| **p > 0.0).map(|&p| f64::from(p) * f64::from(p).ln()).sum();
    let gradient = y.grad(&gradients).unwrap().into_data().try_to_vec::<f32>().unwrap();
    (constant + f64::from(loss.into_scalar::<f32>()), gradient)
}

#[test]
fn the_gradient_and_the_divergence_are_those_of_automatic_differentiation() {
    let points = bunches(50, 4, 3, 7);
    let graph = Arc::new(graph_of(&points, 8.0));
    let layout: Vec<[f32; 2]> =
        Start::Pca.places(&points, 0).unwrap().iter().map(|place| place.map(|x| 2e4 * x)).collect();
    let (divergence, expected) = differentiated(&graph, &layout);
    for (repulsion, tolerance) in [(Repulsion::Exact, 1e-4), (Repulsion::Cells, 0.02)] {
        let mut engine = CpuEngine::new(repulsion);
        engine.begin(graph.clone(), &layout).unwrap();
        let found = engine.gradient().concat();
        let largest = expected.iter().fold(0.0_f32, |largest, part| largest.max(part.abs()));
        for (found, expected) in found.iter().zip(&expected) {
            assert!((found - expected).abs() < tolerance * largest, "{repulsion:?}: {found} against {expected}");
        }
        assert!((engine.divergence().unwrap() - divergence).abs() < 1e-4 * divergence, "{divergence}");
    }
}

#[test]
fn cells_push_like_all_pairs() {
    let points = bunches(4000, 8, 12, 8);
    let graph = Arc::new(graph_of(&points, 10.0));
    for scale in [1.0, 1e3, 1e5, 1e6] {
        let layout: Vec<[f32; 2]> =
            Start::Pca.places(&points, 0).unwrap().iter().map(|place| place.map(|x| scale * x)).collect();
        let of = |repulsion| {
            let mut engine = CpuEngine::new(repulsion);
            engine.begin(graph.clone(), &layout).unwrap();
            engine.gradient()
        };
        let (exact, cells) = (of(Repulsion::Exact), of(Repulsion::Cells));
        let norm =
            |gradient: &[[f32; 2]]| gradient.iter().flatten().map(|part| f64::from(*part).powi(2)).sum::<f64>().sqrt();
        let error: Vec<[f32; 2]> = exact.iter().zip(&cells).map(|(a, b)| [a[0] - b[0], a[1] - b[1]]).collect();
        let ratio = norm(&error) / norm(&exact);
        assert!(ratio < 0.02, "at scale {scale} the gradient is off by {ratio}");
    }
}

#[test]
fn bunches_come_apart() {
    let points = bunches(300, 8, 3, 9);
    for repulsion in [Repulsion::Exact, Repulsion::Cells] {
        let (layout, divergence) = laid_out(&points, 15.0, 400, repulsion);
        let neighbours = Neighbours::of_points(&Points::new(layout.concat(), 2).unwrap(), 5, &on).unwrap();
        let same =
            |point: usize| neighbours.of(point).0.iter().filter(|&&other| other as usize % 3 == point % 3).count();
        let purity = (0..300).map(same).sum::<usize>() as f64 / 1500.0;
        assert!(purity > 0.99 && divergence < 0.8, "{repulsion:?}: purity {purity}, divergence {divergence}");
    }
}

#[test]
fn layouts_repeat_on_any_number_of_threads() {
    let points = bunches(500, 8, 4, 10);
    let run = |threads: usize, repulsion| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| laid_out(&points, 10.0, 120, repulsion))
    };
    for repulsion in [Repulsion::Exact, Repulsion::Cells] {
        assert_eq!(run(1, repulsion), run(3, repulsion));
    }
}

#[test]
fn few_or_strange_points_still_get_places() {
    let finite = |points: &Points, case: &str| {
        let (layout, _) = laid_out(points, 30.0, 60, Repulsion::Auto);
        assert_eq!(layout.len(), points.count(), "{case}");
        assert!(layout.iter().flatten().all(|part| part.is_finite()), "{case}: {layout:?}");
        layout
    };
    for count in [1, 2, 3, 7] {
        finite(&bunches(count, 4, 2, 11), "few points");
    }
    finite(&Points::new(vec![3.0; 40 * 5], 5).unwrap(), "all the same");
    let line = finite(&bunches(60, 1, 3, 12), "one column");
    assert!(line.iter().any(|place| place[1].abs() > 1e-3), "points of one column stay on a line");
    let twice: Vec<f32> = bunches(30, 3, 2, 13).numbers().repeat(3);
    finite(&Points::new(twice, 3).unwrap(), "duplicates");
    let constant: Vec<f32> = bunches(50, 3, 2, 14).numbers().chunks(3).flat_map(|row| [row[0], 7.0, row[1]]).collect();
    finite(&Points::new(constant, 3).unwrap(), "a constant column");
    let huge: Vec<f32> = bunches(50, 3, 2, 15).numbers().iter().map(|number| number * 1e30).collect();
    finite(&Points::new(huge, 3).unwrap(), "huge numbers");
}

#[test]
fn what_is_no_point_is_refused_by_name() {
    let message = |numbers: Vec<f32>, width| Points::new(numbers, width).unwrap_err().to_string();
    assert!(message(vec![0.0, 1.0, 2.0, f32::NAN], 2).contains("point 1 is NaN in column 1"));
    assert!(message(vec![f32::INFINITY, 1.0], 1).contains("point 0 is inf in column 0"));
    assert!(message(Vec::new(), 3).contains("no points"));
    assert!(message(vec![0.0; 3], 2).contains("rows of 2"));
    assert!(Prepared::new(&bunches(9, 2, 1, 1), f32::NAN, &on).is_err());
    let start = Start::Given(vec![[0.0; 2]; 3]).places(&bunches(4, 2, 1, 1), 0).unwrap_err().to_string();
    assert!(start.contains("has 3 points; expected 4"), "{start}");
}

#[test]
fn alignment_takes_turns_mirrors_and_shifts_away() {
    let points = bunches(80, 2, 4, 16);
    let layout: Vec<[f32; 2]> = points.numbers().as_chunks::<2>().0.to_vec();
    let (sine, cosine) = 2.1_f32.sin_cos();
    for flip in [1.0, -1.0] {
        let turned: Vec<[f32; 2]> = layout
            .iter()
            .map(|[x, y]| [cosine * x - sine * flip * y + 3.0, sine * x + cosine * flip * y - 5.0])
            .collect();
        assert!(movement(&layout, &turned) > 0.5);
        assert!(movement(&layout, &align(&turned, &layout)) < 1e-5);
    }
    let doubled: Vec<[f32; 2]> = layout.iter().map(|place| place.map(|part| 2.0 * part)).collect();
    assert!(movement(&layout, &align(&doubled, &layout)) > 0.2, "alignment must not scale");
    assert!(align(&[], &[]).is_empty());
}

#[test]
fn new_points_land_in_their_bunch_and_move_none() {
    let all = bunches(330, 8, 3, 17);
    let rows: Vec<usize> = (0..300).collect();
    let (anchors, queries) = (all.chosen(&rows), all.chosen(&(300..330).collect::<Vec<_>>()));
    let (layout, _) = laid_out(&anchors, 15.0, 300, Repulsion::Exact);
    let places = Points::new(layout.concat(), 2).unwrap();
    for placing in [Placing::Median, Placing::Refined] {
        let placed = place(&anchors, &layout, &queries, placing).unwrap();
        let near = Neighbours::of_queries(&places, &Points::new(placed.concat(), 2).unwrap(), 5);
        let same =
            (0..30).filter(|&query| near.of(query).0.iter().all(|&other| other as usize % 3 == query % 3)).count();
        assert!(same >= 28, "{placing:?}: {same} of 30 landed in their bunch");
    }
    assert!(place(&anchors, &layout[1..], &queries, Placing::Median).is_err());
}

/// A layout of some epoch's points: from scratch, or warm from the last.
fn epoch(points: &Points, last: Option<&[[f32; 2]]>) -> (Vec<[f32; 2]>, f64, u32) {
    let graph = Arc::new(graph_of(points, 30.0));
    let (places, schedule) = match last {
        None => (Start::Pca.places(points, 0).unwrap(), Schedule::fresh(points.count(), 1000)),
        Some(last) => (last.to_vec(), Schedule::warm(points.count())),
    };
    let engine = Box::new(CpuEngine::new(Repulsion::Auto));
    let mut optimiser = Optimiser::new(engine, graph, &places, schedule).unwrap();
    while optimiser.advance(50).unwrap().is_some() {}
    (optimiser.layout().unwrap(), optimiser.divergence().unwrap(), schedule.iterations)
}

#[test]
fn a_warm_start_is_as_good_as_a_fresh_one_and_moves_little() {
    // Points that drift from one blob to eight bunches, as features do while a network trains.
    let (blob, apart) = (bunches(600, 16, 1, 18), bunches(600, 16, 8, 19));
    let at = |share: f32| {
        let mixed = blob.numbers().iter().zip(apart.numbers()).map(|(a, b)| (1.0 - share) * a + share * b).collect();
        Points::new(mixed, 16).unwrap()
    };
    let (mut layout, ..) = epoch(&at(0.6), None);
    for share in [0.66, 0.72] {
        let points = at(share);
        let (_, fresh, fresh_iterations) = epoch(&points, None);
        let (warm, divergence, iterations) = epoch(&points, Some(&layout));
        let moved = movement(&layout, &warm);
        assert_eq!(fresh_iterations, 4 * iterations);
        assert!(divergence < fresh + 0.05, "at {share}: {divergence} warm, {fresh} fresh");
        assert!(moved <= 0.3, "at {share} the points moved by {moved} of the radius");
        layout = warm;
    }
}
