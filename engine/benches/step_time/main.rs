//! Ours beside PyTorch, taken in turn on the same cores: layers, whole training steps of OGP-Net and SegFormer, peak
//! memory.
//!
//! `cargo bench --profile release --workspace --bench step_time` measures all of it. Words after `--` choose:
//! `layers`, `methods`, `steps`, `memory`, `demos` (steps and memory of the demo presets), `real` (steps at real sizes),
//! `answers` (inference, for as many scenes as the number says); `nano`, `lite0`, `b3`,
//! `segformer` for one network; `gpu` for steps on the first graphics card beside PyTorch on CUDA, with `ours`, `mixed`
//! (ours in mixed precision), `eager` and `compiled` for some of its sides; a number for that many rounds. Every side is
//! a process of its own that works only when asked, so neither disturbs the other. Without a `python3` that has torch,
//! our own figures alone are printed. It exits with 3 where rows of `gpu` are missing, and with 2 after a word that
//! chooses nothing.

#![allow(clippy::print_stdout, clippy::expect_used, reason = "a benchmark talks to a terminal and may stop")]

mod gpu;
mod layer;
mod layers;
mod memory;
mod methods;
mod peer;
mod real;
mod serve;
mod steps;
mod student;

use std::time::Duration;

use crate::steps::Course;

/// The program's own allocator.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// The word with which this program starts itself as one of the sides.
const SERVE: &str = "serve";

/// Its exit status after a word that chooses nothing.
const UNKNOWN: i32 = 2;

/// Its exit status where rows of a graphics card are missing.
const INCOMPLETE: i32 = 3;

fn main() {
    fusionscope_engine::kernels::keep_freed_memory();
    let words: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with('-')).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    if words.first() == Some(&SERVE) {
        serve::serve(&words[1..]);
        return;
    }
    let sections = ["layers", "methods", "steps", "memory", "demos", "real", "answers", "gpu"];
    let all = || steps::COURSES.iter().chain(&steps::DEMOS).chain(&steps::REAL);
    let known = |word: &str| {
        let chooses = sections.contains(&word) || gpu::SIDES.contains(&word) || word == "tiny";
        chooses || all().any(|course| course.word == word)
    };
    if let Some(word) = words.iter().find(|word| !known(word) && word.parse::<usize>().is_err()) {
        let courses: Vec<&str> = all().map(|course| course.word).collect();
        println!(
            "`{word}` chooses nothing; expected a number of rounds or one of {}, {}",
            sections.join(", "),
            courses.join(", ")
        );
        std::process::exit(UNKNOWN);
    }
    let rounds = words.iter().find_map(|word| word.parse().ok());
    let named: Vec<&Course> = all().filter(|course| words.contains(&course.word)).collect();
    let courses = if named.is_empty() { steps::COURSES.iter().collect() } else { named.clone() };
    let says_section = sections.iter().any(|section| words.contains(section));
    let wants = |section| {
        if says_section {
            words.contains(&section)
        } else {
            // Real sizes take long, a graphics card is not everywhere.
            !matches!(section, "gpu" | "real" | "answers") && (named.is_empty() || section == "steps")
        }
    };
    println!("{} threads a side, medians, batch 4 where nothing else is said", threads());
    if is_busy() {
        println!(
            "Other work runs on this machine. PyTorch's threads spin while they wait for each other and suffer from it most, \
             so these ratios flatter ours: measure again when it is quiet"
        );
    }
    if wants("layers") {
        layers::print("Layers", &layers::CASES, rounds.unwrap_or(5));
    }
    if wants("methods") {
        layers::print("Parts of methods", &methods::CASES, rounds.unwrap_or(5));
    }
    if wants("steps") {
        steps::print("Training steps with two sensors, OGP-Net with a frozen teacher", &courses, rounds);
    }
    if wants("memory") {
        memory::print(&courses);
    }
    if wants("demos") {
        let demos: Vec<&Course> = steps::DEMOS.iter().collect();
        steps::print("Training steps of the demo presets", &demos, rounds);
        memory::print(&demos);
    }
    if wants("real") {
        let chosen: Vec<&Course> = steps::REAL.iter().filter(|course| words.contains(&course.word)).collect();
        let chosen = if chosen.is_empty() { steps::REAL.iter().collect() } else { chosen };
        real::print(&chosen, rounds);
    }
    if wants("answers") {
        real::print_answers(rounds.unwrap_or(real::SCENES));
    }
    if wants("gpu") {
        let sides: Vec<&str> = gpu::SIDES.into_iter().filter(|side| words.contains(side)).collect();
        if !gpu::print(&courses, &sides, rounds, words.contains(&"tiny")) {
            std::process::exit(INCOMPLETE);
        }
    }
}

/// Threads that each side may use.
fn threads() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// Whether other programs compute at this moment, where the system tells.
fn is_busy() -> bool {
    let running = || {
        std::thread::sleep(Duration::from_millis(20));
        let load = std::fs::read_to_string("/proc/loadavg").ok()?;
        load.split_whitespace().nth(3)?.split('/').next()?.parse::<f64>().ok()
    };
    // This thread is one of them.
    median((0..15).filter_map(|_| running()).collect()) > 1.0
}

/// The middle of some measurements, NaN where there are none.
fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

/// A figure for a table, a dash where there is none.
fn figure(value: f64, digits: usize) -> String {
    if value.is_finite() { format!("{value:.digits$}") } else { "–".to_owned() }
}
