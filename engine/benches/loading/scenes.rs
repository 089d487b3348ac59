//! Scenes a second that are decoded, augmented and put into batches, ours beside PyTorch.

use std::ffi::OsString;
use std::ops::ControlFlow;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::Instant;

use fusionscope_engine::data::scene::{SceneSettings, write_dataset};
use fusionscope_engine::data::{Dataset, Loader};
use fusionscope_engine::progress::unwatched;
use fusionscope_engine::random::Streams;
use fusionscope_engine::recipe::Recipe;

use crate::median;

/// The other side.
const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/loading/pytorch.py");

/// Scenes of one pass, each of which is decoded once.
const SCENES: usize = 96;
const BATCH: usize = 4;
/// Threads of ours, processes of theirs.
const WORKERS: usize = 2;
const WIDTH: usize = 640;
const HEIGHT: usize = 480;

/// What is done to each scene, as the script does it.
const AUGMENTATION: [(&str, &str); 9] = [
    ("data.batch_size", "4"),
    ("data.crop", "640"),
    ("data.crop_height", "480"),
    ("data.scale_min", "0.5"),
    ("data.scale_max", "2.0"),
    ("data.flip", "0.5"),
    ("data.jitter", "0.5"),
    ("data.blur", "0.5"),
    ("data.normalisation", "imagenet"),
];

/// Measures both sides in turn.
pub fn measure(folder: &Path, rounds: usize) {
    let root = folder.join("streets");
    let settings = SceneSettings { train: SCENES, val: 1, test: 0, width: WIDTH, height: HEIGHT, ..Default::default() };
    write_dataset(&root, &settings, &mut |_, _| ControlFlow::Continue(())).expect("scenes");
    println!(
        "Colour and thermal images of {WIDTH} × {HEIGHT} with labels, batches of {BATCH}, {WORKERS} workers a side"
    );
    let dataset = Arc::new(Dataset::open(&root, &mut unwatched).expect("a data set"));
    let (mut own, mut theirs, mut lack) = (Vec::new(), Vec::new(), None);
    for round in 0..rounds {
        own.push(ours(&dataset, round as u64));
        match pytorch(&root) {
            Ok(figure) => theirs.push(figure),
            Err(reason) => lack = Some(reason),
        }
    }
    let (own, theirs) = (median(own), median(theirs));
    println!("{:<28} {own:>8.1} scenes/s", "ours");
    match lack {
        Some(reason) => println!("PyTorch is left out: {reason}"),
        None => println!(
            "{:<28} {theirs:>8.1} scenes/s\nours to PyTorch {:.2}, at least 1.00",
            "PyTorch DataLoader, Pillow",
            own / theirs
        ),
    }
}

/// From the first batch of a pass to its last, each scene decoded anew.
fn ours(dataset: &Arc<Dataset>, seed: u64) -> f64 {
    let mut recipe = Recipe::defaults("bench");
    for (key, value) in AUGMENTATION {
        recipe.set_text(key, value).expect("a setting");
    }
    let streams = Streams::new(seed);
    let loader = Loader::with_workers(Arc::clone(dataset), "train", &recipe, streams, 0, WORKERS);
    let mut loader = loader.expect("a loader");
    loader.next_batch().expect("a batch");
    let began = Instant::now();
    for _ in 1..SCENES / BATCH {
        loader.next_batch().expect("a batch");
    }
    (SCENES - BATCH) as f64 / began.elapsed().as_secs_f64()
}

/// The same of the script; why it cannot be had.
fn pytorch(root: &Path) -> Result<f64, String> {
    let python = std::env::var_os("FUSIONSCOPE_PYTHON").unwrap_or_else(|| OsString::from("python3"));
    let mut command = Command::new(python);
    command.arg(SCRIPT).arg(root.join("train")).args([WORKERS, BATCH, WIDTH, HEIGHT].map(|number| number.to_string()));
    let ran = command.output().map_err(|error| error.to_string())?;
    let said = String::from_utf8_lossy(&ran.stdout);
    let figure = said.split("scenes_s=").nth(1).and_then(|rest| rest.split_whitespace().next()?.parse().ok());
    let lack = || String::from_utf8_lossy(&ran.stderr).lines().last().unwrap_or("it says nothing").to_owned();
    figure.filter(|_| ran.status.success()).ok_or_else(lack)
}
