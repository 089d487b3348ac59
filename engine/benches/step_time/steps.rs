//! A table of whole student steps.

use crate::peer::{Peer, Side};
use crate::{figure, median};

/// A network that is trained for some steps.
#[derive(Clone, Copy)]
pub struct Course {
    /// The word that chooses it.
    pub word: &'static str,
    /// What it is called.
    pub name: &'static str,
    /// The encoder, in the recipe's word, or a demo preset.
    pub family: &'static str,
    /// Batch, height and width.
    pub size: [usize; 3],
    /// Steps that are counted.
    pub steps: usize,
}

impl Course {
    /// The request that builds it.
    pub fn request(&self) -> String {
        let [batch, height, width] = self.size;
        format!("build {} {batch} {height} {width}", self.family)
    }

    /// What tables call it.
    pub fn title(&self) -> String {
        let [batch, height, width] = self.size;
        format!("{}, {batch}×3×{height}×{width}", self.name)
    }
}

/// The networks. The paper's crop of 480 would take B3 minutes on two cores.
pub const COURSES: [Course; 4] = [
    Course { word: "nano", name: "OGP-Net nano", family: "nano", size: [4, 120, 160], steps: 15 },
    Course { word: "lite0", name: "OGP-Net Lite0", family: "efficientnet-lite0", size: [4, 120, 160], steps: 9 },
    Course { word: "b3", name: "OGP-Net B3", family: "efficientnet-b3", size: [1, 240, 320], steps: 5 },
    Course { word: "segformer", name: "SegFormer-B0 + MFF", family: "mit-b0", size: [4, 120, 160], steps: 9 },
];

/// The demo presets, each at the size that it learns the sample data at.
pub const DEMOS: [Course; 7] = [
    demo("ogp-net-demo", "nano", 4),
    demo("baseline-demo", "baseline-demo", 4),
    demo("single-demo", "single-demo", 4),
    demo("any2seg-demo", "any2seg-demo", 2),
    demo("smmcl-demo", "smmcl-demo", 4),
    demo("amdanet-demo", "amdanet-demo", 4),
    demo("cross-spectral-uda-demo", "cross-spectral-uda-demo", 4),
];

/// Networks at sizes that people train real data at, and the presets of papers at their own, one image at a time.
pub const REAL: [Course; 9] = [
    real("baseline Lite0, decoder 128", "baseline-lite0", [8, 240, 320], 5),
    real("SegFormer-B0 + MFF", "mit-b0", [2, 480, 640], 5),
    real("ogp-net", "preset:ogp-net", [1, 480, 480], 3),
    real("baseline", "preset:baseline", [1, 480, 480], 3),
    real("single", "preset:single", [1, 480, 480], 3),
    real("any2seg", "preset:any2seg", [1, 1024, 1024], 2),
    real("smmcl", "preset:smmcl", [1, 480, 640], 2),
    real("amdanet", "preset:amdanet", [1, 480, 640], 2),
    real("cross-spectral-uda", "preset:cross-spectral-uda", [1, 480, 640], 2),
];

const fn real(name: &'static str, family: &'static str, size: [usize; 3], steps: usize) -> Course {
    Course { word: family, name, family, size, steps }
}

const fn demo(name: &'static str, family: &'static str, batch: usize) -> Course {
    Course { word: name, name, family, size: [batch, 120, 160], steps: 15 }
}

/// What a side made of a course.
#[derive(Clone, Default)]
pub struct Measured {
    /// Trained parameters.
    pub parameters: Option<f64>,
    /// Milliseconds of each counted step.
    pub millis: Vec<f64>,
}

/// Lets the sides take their steps in turn. The first steps warm caches, allocators and compilers and are not counted.
pub fn measure(course: &Course, steps: usize, warm_up: usize, peers: &mut [Option<Peer>]) -> Vec<Measured> {
    let mut found = vec![Measured::default(); peers.len()];
    let mut asked = |found: &mut Vec<Measured>, request: &str, take: &dyn Fn(&mut Measured, f64)| {
        for (peer, found) in peers.iter_mut().zip(found) {
            if let Some(&number) = peer.as_mut().map(|peer| peer.ask(request)).unwrap_or_default().first() {
                take(found, number);
            }
        }
    };
    asked(&mut found, &course.request(), &|found, number| found.parameters = Some(number));
    for step in 0..steps + warm_up {
        asked(&mut found, "step", &|found, millis| {
            if step >= warm_up {
                found.millis.push(millis);
            }
        });
    }
    found
}

/// Measures each network on every side. `title` says of what the courses are.
pub fn print(title: &str, courses: &[&Course], rounds: Option<usize>) {
    println!("\n{title}, milliseconds; ratio is ours to PyTorch");
    let heads = ["parameters", "ours", "stock", "PyTorch", "ratio"];
    let [parameters, ours, stock, torch, ratio] = heads;
    println!("{:32} {parameters:>10} {ours:>8} {stock:>9} {torch:>8} {ratio:>6}", "network");
    for course in courses {
        let mut peers = Peer::start_all(&[Side::Ours, Side::Stock, Side::Torch]);
        let found = measure(course, rounds.unwrap_or(course.steps), 2, &mut peers);
        let [ours, stock, torch] = [0, 1, 2].map(|side| median(found[side].millis.clone()));
        let [own, plain, other] = [ours, stock, torch].map(|millis| figure(millis, 0));
        let parameters = found[0].parameters.unwrap_or(f64::NAN);
        let ratio = figure(ours / torch, 2);
        println!("{:32} {parameters:>10} {own:>8} {plain:>9} {other:>8} {ratio:>6}", course.title());
        if let Some(theirs) = found[2].parameters.filter(|&theirs| theirs != parameters) {
            println!("  PyTorch's network has {theirs} parameters: the two are not the same");
        }
    }
}
