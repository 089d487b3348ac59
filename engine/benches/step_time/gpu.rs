//! Whole student steps on a graphics card, beside PyTorch on CUDA.

use std::time::Instant;

use crate::peer::{Peer, Precision, Side};
use crate::steps::Course;
use crate::{figure, median};

/// Steps that tuning and compiling may take.
const WARM_UP: usize = 8;

/// Ours on the first hardware adapter, PyTorch eager and compiled, in fp32, TF32 and mixed: the first step, all steps
/// until kernels are tuned, and a step after that. `tiny` is one small image and two steps, to try that all of it runs.
/// Ours computes in fp32 alone: the engine has no mixed precision.
pub fn print(courses: &[&Course], rounds: Option<usize>, tiny: bool) {
    let compiler = if cfg!(feature = "vulkan") { "SPIR-V" } else { "WGSL" };
    println!("\nStudent steps on the graphics card (ours on wgpu with {compiler})");
    println!(
        "{:42} {:24} {:>14} {:>12} {:>9} {:>10}",
        "network", "", "first step, s", "warm-up, s", "step, ms", "host, MiB"
    );
    let torch = |compiled, precision| Side::TorchOnGpu { compiled, precision };
    let mut sides = vec![Side::OursOnGpu];
    for precision in [Precision::Full, Precision::Tf32, Precision::Mixed] {
        sides.extend([false, true].map(|compiled| torch(compiled, precision)));
    }
    let plain = torch(false, Precision::Full);
    // The first of each kind says what there is; without a device the others need not be tried.
    let mut present = Vec::new();
    for side in [Side::OursOnGpu, plain] {
        match Peer::start(side) {
            Ok(peer) => {
                println!("{side} on {}", peer.words);
                present.push(side);
            }
            Err(reason) => println!("{reason}"),
        }
    }
    if present.is_empty() {
        println!("There is nothing to measure");
        return;
    }
    let (warm_up, steps) = if tiny { (1, 1) } else { (WARM_UP, rounds.unwrap_or(30)) };
    for course in courses {
        let course = if tiny { Course { size: [1, 64, 96], ..**course } } else { **course };
        for &side in &sides {
            let family = if side == Side::OursOnGpu { side } else { plain };
            if present.contains(&family) {
                // One side at a time: two would share the card's memory.
                print_side(&course, side, warm_up, steps);
            }
        }
    }
}

fn print_side(course: &Course, side: Side, warm_up: usize, steps: usize) {
    let mut peer = match Peer::start(side) {
        Ok(peer) => peer,
        Err(reason) => {
            println!("{reason}");
            return;
        }
    };
    let mut ask = |request: &str| peer.ask(request).first().copied().unwrap_or(f64::NAN);
    let began = Instant::now();
    if ask(&course.request()).is_nan() {
        println!("{:42} {:24} has no such network", course.title(), side.to_string());
        return;
    }
    let first = ask("step");
    (1..warm_up).for_each(|_| _ = ask("step"));
    let warm = began.elapsed().as_secs_f64();
    let millis = median((0..steps).map(|_| ask("step")).collect());
    println!(
        "{:42} {:24} {:>14} {:>12} {:>9} {:>10}",
        course.title(),
        side.to_string(),
        figure(first / 1e3, 2),
        figure(warm, 1),
        figure(millis, 1),
        figure(ask("peak"), 0),
    );
}
