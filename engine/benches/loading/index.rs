//! Seconds until all scenes of a folder are known, in a warm cache of the system.

use std::path::Path;
use std::time::Instant;

use fusionscope_engine::data::{Dataset, MANIFEST_NAME};
use fusionscope_engine::progress::unwatched;

use crate::median;

/// Scenes, and the seconds that they may take.
const SIZES: [(usize, f64); 2] = [(10_000, 2.0), (60_000, 8.0)];

const SENSORS: [&str; 2] = ["colour", "thermal"];

/// Measures every size, some rounds each.
pub fn measure(folder: &Path, rounds: usize) {
    println!("Indexing scenes of two sensors with labels, {rounds} rounds");
    println!("{:>8} {:>9} {:>11}", "scenes", "seconds", "at most");
    for (scenes, most) in SIZES {
        let root = folder.join(scenes.to_string());
        write(&root, scenes);
        let open = || {
            let began = Instant::now();
            let dataset = Dataset::open(&root, &mut unwatched).expect("a data set");
            let found: usize = dataset.splits.iter().map(|split| split.samples.len()).sum();
            assert_eq!(found, scenes, "scenes are missing");
            began.elapsed().as_secs_f64()
        };
        // The first time fills the system's cache.
        open();
        println!("{scenes:>8} {:>9.2} {most:>11.1}", median((0..rounds).map(|_| open()).collect()));
    }
}

/// A data set whose files are all links to three.
fn write(root: &Path, scenes: usize) {
    let mut text = "version = 1\nname = \"many\"\n".to_owned();
    for name in SENSORS.iter().chain(&["label"]) {
        let folder = root.join(name);
        std::fs::create_dir_all(&folder).expect("a folder");
        let first = folder.join("000000.png");
        image::GrayImage::new(4, 4).save(&first).expect("a picture");
        for scene in 1..scenes {
            std::fs::hard_link(&first, folder.join(format!("{scene:06}.png"))).expect("a link");
        }
        if SENSORS.contains(name) {
            text += &format!("[[modalities]]\nname = \"{name}\"\nkind = \"{name}\"\npattern = \"{name}/{{id}}.png\"\n");
        }
    }
    text += "[labels]\npattern = \"label/{id}.png\"\nnames = [\"road\", \"car\"]\n[[splits]]\nname = \"train\"\n";
    std::fs::write(root.join(MANIFEST_NAME), text).expect("a manifest");
}
