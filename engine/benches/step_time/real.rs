//! Steps at real sizes, and answers as an evaluation asks for them, each beside the fastest that PyTorch can.

use crate::peer::{Peer, Side, Way};
use crate::steps::{Course, measure};
use crate::{figure, median};

/// Scenes that the inference row answers: a test split such as NYUDv2's, at half its size.
pub const SCENES: usize = 654;

/// What a side took for a step, and the most memory that it held.
#[derive(Clone, Copy)]
struct Taken {
    millis: f64,
    mebibytes: f64,
}

/// Steps of each course, one side after the other: at these sizes all of them at once would not fit into memory. What
/// bf16 takes is printed, but the peer is the fastest in fp32.
pub fn print(courses: &[&Course], rounds: Option<usize>) {
    println!("\nTraining steps at real sizes, milliseconds (MiB at most); ratio is ours to PyTorch's fastest in fp32");
    let ways: Vec<Way> = Way::ALL.into_iter().filter(|&way| way != Way::Mixed || has_bf16()).collect();
    println!("{:42} {:>14} {:>14}{}  ratio", "network", "ours", "PyTorch", heads(&ways));
    for &course in courses {
        let take = |side| taken(course, rounds.unwrap_or(course.steps), side);
        let [ours, plain] = [Side::Ours, Side::Torch].map(take);
        let others: Vec<Taken> = ways.iter().map(|&way| take(Side::TorchBy(way))).collect();
        let full = ways.iter().zip(&others).filter(|(way, _)| **way != Way::Mixed).map(|(_, taken)| taken.millis);
        let best = full.fold(plain.millis, f64::min);
        let cells: String = [ours, plain].iter().chain(&others).map(|&taken| format!(" {:>14}", cell(taken))).collect();
        println!("{:42}{cells} {:>6}", course.title(), figure(ours.millis / best, 2));
    }
}

/// Images a second of an evaluation: all sensors together and each alone.
pub fn print_answers(scenes: usize) {
    let course = Course { size: [1, 240, 320], ..crate::steps::REAL[0] };
    println!(
        "\n{scenes} scenes of 320×240, {}, all sensors together and each alone: scenes a second (MiB at most); PyTorch asks \
         the whole network for each",
        course.name
    );
    let ways: Vec<Way> = Way::ALL.into_iter().filter(|&way| way != Way::Mixed || has_bf16()).collect();
    let sides = [Side::Ours, Side::Stock, Side::Torch].into_iter().chain(ways.into_iter().map(Side::TorchBy));
    for side in sides {
        let Ok(mut peer) = Peer::start(side).inspect_err(|reason| println!("{reason}")) else { continue };
        peer.ask(&course.request());
        // Warms caches and compilers.
        peer.ask("answer 2");
        let secs = number(&mut peer, &format!("answer {scenes}"));
        let peak = number(&mut peer, "peak");
        println!("{:24} {:>8} ({})", side.to_string(), figure(scenes as f64 / secs, 2), figure(peak, 0));
    }
}

fn heads(ways: &[Way]) -> String {
    ways.iter().map(|way| format!(" {:>14}", way.word())).collect()
}

fn cell(taken: Taken) -> String {
    format!("{} ({})", figure(taken.millis, 0), figure(taken.mebibytes, 0))
}

fn taken(course: &Course, steps: usize, side: Side) -> Taken {
    let mut peers = [Peer::start(side).inspect_err(|reason| println!("{reason}")).ok()];
    // Two steps ahead: what a step keeps for the next, such as MFF's map, is compiled anew in the second.
    let found = measure(course, steps, 2, &mut peers);
    // Without the network it would be the memory of nothing.
    let built = peers[0].as_mut().filter(|_| found[0].parameters.is_some());
    let mebibytes = built.map_or(f64::NAN, |peer| number(peer, "peak"));
    Taken { millis: median(found[0].millis.clone()), mebibytes }
}

fn number(peer: &mut Peer, request: &str) -> f64 {
    peer.ask(request).first().copied().unwrap_or(f64::NAN)
}

/// Whether the processor multiplies bf16, where the system tells.
fn has_bf16() -> bool {
    std::fs::read_to_string("/proc/cpuinfo").is_ok_and(|text| text.contains("bf16"))
}
