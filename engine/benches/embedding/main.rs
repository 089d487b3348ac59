//! t-SNE beside its peers, taken in turn on the same cores: seconds, divergence and trustworthiness by one definition.
//!
//! `cargo bench --profile release --workspace --bench embedding` measures digits (1,797 × 64, where `python3`
//! has scikit-learn) and a mixture of 5,000 × 256 on one thread. Words after `--` choose: `digits`, `5k`, `20k`, `50k`,
//! `all`, `two` for two threads, `gpu` for the WGSL engine on any adapter as well; `alone` leaves the peers out. `card`
//! measures the WGSL engine on the first graphics card and nothing else; with `tiny`, a few iterations on any adapter.
//! `FUSIONSCOPE_PYTHON` names another Python; peers that it lacks are left out by name. `FUSIONSCOPE_BHTSNE` names a
//! program that is called as `PROGRAM bh|fit POINTS LAYOUT --init INIT --iters N --perplexity P --lr default|4x`.

#![allow(clippy::print_stdout, clippy::expect_used, reason = "a benchmark talks to a terminal and may stop")]

mod card;
mod data;
mod peers;

use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use fusionscope_engine::device::any_graphics;
use fusionscope_engine::embedding::{
    CpuEngine, Engine, GpuEngine, Optimiser, Points, Prepared, Repulsion, Schedule, Start, cpu, measures, read_points,
    write_places,
};

/// The program's own allocator.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// As all compared programs are told.
const PERPLEXITY: f32 = 30.0;
const ITERATIONS: u32 = 1000;

fn main() {
    let words: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with('-')).collect();
    let says = |word: &str| words.iter().any(|said| said == word);
    if says("card") {
        card::print(says("tiny"));
        return;
    }
    let chosen: Vec<_> = data::SETS.iter().filter(|set| says("all") || says(set.word)).collect();
    let chosen = if chosen.is_empty() { data::SETS[..2].iter().collect() } else { chosen };
    let threads = if says("two") { 2 } else { 1 };
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads");
    let folder = tempfile::tempdir().expect("a folder");
    println!("{ITERATIONS} iterations, perplexity {PERPLEXITY}, {threads} threads, ours on {}", cpu::lanes::words());
    for set in chosen {
        let points = match set.make(folder.path()) {
            Ok(points) => points,
            Err(reason) => {
                println!("\n{}: left out: {reason}", set.title);
                continue;
            }
        };
        println!("\n{}\n{:<34} {:>8} {:>8} {:>9} {:>8}", set.title, "", "secs", "cpu s", "KL", "trust");
        let points_file = folder.path().join("points.npy");
        data::write(&points_file, &points);
        let places = Start::Pca.places(&points, 0).expect("a start");
        let start_file = folder.path().join("start.npy");
        write_places(&start_file, &places).expect("a file");
        let exact = pool.install(|| graph_of(&points));
        let row = |name: &str, secs: f64, cpu: f64, layout: &[[f32; 2]]| {
            let mut engine = CpuEngine::new(Repulsion::Exact);
            engine.begin(Arc::clone(&exact), layout).expect("a layout");
            let divergence = engine.divergence().expect("a divergence");
            let trust = measures::trustworthiness(&points, layout, 12, 6000, 1).expect("a figure").trustworthiness;
            println!("{name:<34} {secs:>8.2} {cpu:>8.2} {divergence:>9.4} {trust:>8.4}");
        };
        for (name, repulsion, most) in
            [("ours, all pairs", Repulsion::Exact, 20_000), ("ours, cells", Repulsion::Cells, usize::MAX)]
        {
            if points.count() <= most {
                let (began, before) = (Instant::now(), peers::cpu_secs());
                let layout = pool.install(|| lay_out(&points, Box::new(CpuEngine::new(repulsion))));
                row(name, began.elapsed().as_secs_f64(), peers::cpu_secs() - before, &layout);
            }
        }
        if says("gpu") {
            match any_graphics().map(|adapter| (adapter.get_info().name, GpuEngine::new(&adapter))) {
                Some((name, Ok(engine))) => {
                    let (began, before) = (Instant::now(), peers::cpu_secs());
                    let layout = lay_out(&points, Box::new(engine));
                    let name = format!("ours, WGSL on {name}");
                    row(&name, began.elapsed().as_secs_f64(), peers::cpu_secs() - before, &layout);
                }
                Some((name, Err(error))) => println!("ours, WGSL on {name} left out: {error}"),
                None => println!("ours, WGSL left out: there is no adapter"),
            }
        }
        if !says("alone") {
            for peer in peers::all() {
                match peer.run(&points_file, &start_file, folder.path(), threads) {
                    Ok((secs, cpu)) => row(&peer.name, secs, cpu, &layout_of(&folder.path().join("layout.npy"))),
                    Err(reason) => println!("{:<34} left out: {reason}", peer.name),
                }
            }
        }
    }
}

fn graph_of(points: &Points) -> Arc<fusionscope_engine::embedding::Graph> {
    // Of all columns, as every program is judged.
    let prepared = Prepared::unreduced(points, PERPLEXITY, &|_| ControlFlow::Continue(())).expect("neighbours");
    Arc::new(prepared.graph(PERPLEXITY).expect("affinities").0)
}

/// Everything, from the points to the layout.
fn lay_out(points: &Points, engine: Box<dyn Engine>) -> Vec<[f32; 2]> {
    let prepared = Prepared::new(points, PERPLEXITY, &|_| ControlFlow::Continue(())).expect("neighbours");
    let graph = Arc::new(prepared.graph(PERPLEXITY).expect("affinities").0);
    let places = Start::Pca.places(prepared.points(), 0).expect("a start");
    let schedule = Schedule::fresh(points.count(), ITERATIONS);
    let mut optimiser = Optimiser::new(engine, graph, &places, schedule).expect("an optimiser");
    while optimiser.advance(50).expect("iterations").is_some() {}
    optimiser.layout().expect("a layout")
}

fn layout_of(path: &Path) -> Vec<[f32; 2]> {
    read_points(path).expect("a layout").0.numbers().as_chunks::<2>().0.to_vec()
}
