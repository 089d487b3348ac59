//! Data at size: how long it takes to index many scenes, and how many scenes a second are decoded and augmented beside
//! a PyTorch `DataLoader` with Pillow, taken in turn on the same cores.
//!
//! `cargo bench --profile release --workspace --bench loading` measures both. Words after `--` choose:
//! `index`, `loader`; a number takes that many rounds. `FUSIONSCOPE_PYTHON` names another Python; without one that has
//! torch and Pillow our own figures alone are printed.

#![allow(clippy::print_stdout, clippy::expect_used, reason = "a benchmark talks to a terminal and may stop")]

mod index;
mod scenes;

/// The program's own allocator.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() {
    fusionscope_engine::kernels::keep_freed_memory();
    let words: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with('-')).collect();
    let known = ["index", "loader"];
    if let Some(word) = words.iter().find(|word| !known.contains(&word.as_str()) && word.parse::<usize>().is_err()) {
        println!("`{word}` chooses nothing; expected a number of rounds or one of {}", known.join(", "));
        return;
    }
    let rounds = words.iter().find_map(|word| word.parse().ok()).unwrap_or(3);
    let says_section = known.iter().any(|section| words.iter().any(|word| word == section));
    let wants = |section: &str| !says_section || words.iter().any(|word| word == section);
    let folder = tempfile::tempdir().expect("a folder");
    if wants("index") {
        index::measure(folder.path(), rounds);
    }
    if wants("loader") {
        scenes::measure(folder.path(), rounds);
    }
}

/// The middle one of some figures.
fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures.get(figures.len() / 2).copied().unwrap_or(f64::NAN)
}
