//! A table of peak memory.

use crate::figure;
use crate::peer::{Peer, Side};
use crate::steps::Course;

/// As many as it takes until optimiser and allocator have all they keep.
const STEPS: usize = 5;

/// The peak of a fresh process of each side after some steps.
pub fn print(courses: &[&Course]) {
    println!("\nPeak resident memory after {STEPS} steps, MiB, and of it before the network was built");
    println!("{:32} {:>17} {:>17} {:>17} {:>6}", "network", "ours", "stock", "PyTorch", "ratio");
    for course in courses {
        let [ours, stock, torch] = [Side::Ours, Side::Stock, Side::Torch].map(|side| peak(side, course));
        let [own, plain, other] =
            [ours, stock, torch].map(|[before, peak]| format!("{:>8} ({:>6})", figure(peak, 0), figure(before, 0)));
        println!("{:32} {own:>17} {plain:>17} {other:>17} {:>6}", course.title(), figure(ours[1] / torch[1], 2));
    }
}

fn peak(side: Side, course: &Course) -> [f64; 2] {
    let mut peer = match Peer::start(side) {
        Ok(peer) => peer,
        Err(reason) => {
            println!("{reason}");
            return [f64::NAN; 2];
        }
    };
    let asked = |peer: &mut Peer| peer.ask("peak").first().copied().unwrap_or(f64::NAN);
    let before = asked(&mut peer);
    peer.ask(&course.request());
    for _ in 0..STEPS {
        peer.ask("step");
    }
    [before, asked(&mut peer)]
}
