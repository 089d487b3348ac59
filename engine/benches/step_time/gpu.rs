//! Whole student steps on a graphics card, beside PyTorch on CUDA.

use crate::peer::{Peer, Precision, Side};
use crate::steps::{Course, measure};
use crate::{figure, median};

/// Steps that tuning and compiling may take.
const WARM_UP: usize = 8;

/// Ours on the first hardware adapter, PyTorch eager and compiled, in fp32, TF32 and mixed.
pub fn print(courses: &[&Course], rounds: Option<usize>) {
    let compiler = if cfg!(feature = "vulkan") { "SPIR-V" } else { "WGSL" };
    println!("\nStudent steps on the graphics card (ours on wgpu with {compiler}), milliseconds");
    let torch = |compiled, precision| Side::TorchOnGpu { compiled, precision };
    let mut sides = vec![Side::OursOnGpu];
    for compiled in [false, true] {
        sides.extend([Precision::Full, Precision::Tf32, Precision::Mixed].map(|precision| torch(compiled, precision)));
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
    for course in courses {
        for &side in &sides {
            let family = if side == Side::OursOnGpu { side } else { plain };
            if !present.contains(&family) {
                continue;
            }
            // One side at a time: two would share the card's memory.
            let mut peers = Peer::start_all(&[side]);
            let found = measure(course, rounds.unwrap_or(30), WARM_UP, &mut peers);
            println!("{:32} {:30} {:>8}", course.title(), side.to_string(), figure(median(found[0].millis.clone()), 1));
        }
    }
}
