//! Whole student steps on a graphics card, beside PyTorch on CUDA.

use std::time::Instant;

use crate::peer::{Peer, Precision, Side};
use crate::steps::Course;
use crate::{figure, median};

/// The words that choose sides: ours in fp32 and in mixed precision, and PyTorch's ways.
pub const SIDES: [&str; 4] = ["ours", "mixed", "eager", "compiled"];

/// Steps that tuning and compiling may take.
const WARM_UP: usize = 8;

/// What became of a side of a course.
enum Outcome {
    /// Its row is there.
    Whole,
    /// The side broke off.
    Broken,
    /// The side is not on this machine.
    Absent,
    /// The side has no such network.
    Lacking,
}

/// Ours on the first hardware adapter in fp32 and mixed, PyTorch eager and compiled, in fp32, TF32 and mixed, or those
/// of [`SIDES`] that are `chosen`: the first step, all steps until kernels are tuned, and a step after that. `tiny` is one
/// small image and two steps, to try that all of it runs.
///
/// Whether all rows are there: where PyTorch has no such network, none is missing.
pub fn print(courses: &[&Course], chosen: &[&str], rounds: Option<usize>, tiny: bool) -> bool {
    let compiler = if cfg!(feature = "vulkan") { "SPIR-V" } else { "WGSL" };
    println!("\nStudent steps on the graphics card (ours on wgpu with {compiler})");
    println!(
        "{:42} {:24} {:>14} {:>12} {:>9} {:>10} {:>10}",
        "network", "", "first step, s", "warm-up, s", "step, ms", "host, MiB", "card, MiB"
    );
    let wants = |word: &str| chosen.is_empty() || chosen.contains(&word);
    let ours = [("ours", false), ("mixed", true)].into_iter().filter(|(word, _)| wants(word));
    let ours: Vec<Side> = ours.map(|(_, mixed)| Side::OursOnGpu { mixed }).collect();
    let mut torch = Vec::new();
    for precision in [Precision::Full, Precision::Tf32, Precision::Mixed] {
        let ways = [("eager", false), ("compiled", true)].into_iter().filter(|(word, _)| wants(word));
        torch.extend(ways.map(|(_, compiled)| Side::TorchOnGpu { compiled, precision }));
    }
    let steps = if tiny { [1, 1] } else { [WARM_UP, rounds.unwrap_or(30)] };
    let (mut is_whole, mut told) = (true, Vec::new());
    for course in courses {
        let course = if tiny { Course { size: [1, 64, 96], ..**course } } else { **course };
        for ways in [&ours, &torch] {
            for &side in ways {
                // One side at a time: two would share the card's memory.
                let outcome = print_side(&course, side, steps, &mut told);
                is_whole &= matches!(outcome, Outcome::Whole | Outcome::Lacking);
                // What PyTorch lacks in one way it lacks in all.
                if matches!(outcome, Outcome::Absent | Outcome::Lacking) {
                    break;
                }
            }
        }
    }
    is_whole
}

/// Prints a side's row or why there is none, and before it what the side says of itself, unless that is `told` already.
fn print_side(course: &Course, side: Side, [warm_up, steps]: [usize; 2], told: &mut Vec<String>) -> Outcome {
    let title = course.title();
    let mut peer = match Peer::start(side) {
        Ok(peer) => peer,
        Err(reason) => {
            println!("{title:42} {reason}");
            return Outcome::Absent;
        }
    };
    if !told.contains(&peer.words) {
        println!("{side} on {}", peer.words);
        told.push(peer.words.clone());
    }
    let name = side.to_string();
    let number = |answer: &[f64], place: usize| answer.get(place).copied().unwrap_or(f64::NAN);
    let began = Instant::now();
    if peer.ask(&course.request()).is_empty() && !peer.is_gone() {
        println!("{title:42} {name:24} has no such network");
        return Outcome::Lacking;
    }
    let first = number(&peer.ask("step"), 0) / 1e3;
    if first.is_finite() {
        // Stays in a log where the time is up before there is a row.
        eprintln!("{title}: {name} took its first step in {first:.2} s");
    }
    (1..warm_up).for_each(|_| _ = peer.ask("step"));
    let warm = began.elapsed().as_secs_f64();
    let millis = median((0..steps).map(|_| number(&peer.ask("step"), 0)).collect());
    let peak = peer.ask("peak");
    if peer.is_gone() {
        println!("{title:42} {name:24} broke off: {}", peer.reason());
        return Outcome::Broken;
    }
    println!(
        "{title:42} {name:24} {:>14} {:>12} {:>9} {:>10} {:>10}",
        figure(first, 2),
        figure(warm, 1),
        figure(millis, 1),
        figure(number(&peak, 0), 0),
        figure(number(&peak, 1), 0),
    );
    Outcome::Whole
}
