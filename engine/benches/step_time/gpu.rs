//! Whole student steps on a graphics card, beside PyTorch on CUDA.

use crate::peer::{Peer, Side};
use crate::steps::{Course, measure};
use crate::{figure, median};

/// Steps that tuning and compiling may take.
const WARM_UP: usize = 8;

/// Ours on the first hardware adapter, PyTorch eager and compiled, fp32 and TF32.
pub fn print(courses: &[&Course], rounds: Option<usize>) {
    let compiler = if cfg!(feature = "vulkan") { "SPIR-V" } else { "WGSL" };
    println!("\nStudent steps on the graphics card (ours on wgpu with {compiler}), milliseconds");
    let torch = |compiled, tf32| Side::TorchOnGpu { compiled, tf32 };
    let sides = [Side::OursOnGpu, torch(false, false), torch(false, true), torch(true, false), torch(true, true)];
    // The first of each kind says what there is; without a device the others need not be tried.
    let mut present = Vec::new();
    for side in [Side::OursOnGpu, torch(false, false)] {
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
        for side in sides {
            let family = if side == Side::OursOnGpu { side } else { torch(false, false) };
            if !present.contains(&family) {
                continue;
            }
            // One side at a time: two would share the card's memory.
            let mut peers = Peer::start_all(&[side]);
            let found = measure(course, rounds.unwrap_or(30), WARM_UP, &mut peers);
            println!("{:32} {:26} {:>8}", course.title(), side.to_string(), figure(median(found[0].millis.clone()), 1));
        }
    }
}
