//! The data sets of the comparison.

use std::path::Path;
use std::process::Command;

use fusionscope_engine::embedding::{Points, read_points};
use fusionscope_engine::random::Streams;
use rand::Rng as _;

use crate::peers;

/// A data set and the word that chooses it.
pub struct Set {
    /// The word.
    pub word: &'static str,
    /// What it is.
    pub title: &'static str,
    /// Points and columns of a mixture; `None` for the digits.
    mixture: Option<[usize; 2]>,
}

/// All of them.
pub const SETS: [Set; 4] = [
    Set { word: "digits", title: "digits, 1,797 x 64", mixture: None },
    Set { word: "5k", title: "mixture, 5,000 x 256", mixture: Some([5_000, 256]) },
    Set { word: "20k", title: "mixture, 20,000 x 64", mixture: Some([20_000, 64]) },
    Set { word: "50k", title: "mixture, 50,000 x 50", mixture: Some([50_000, 50]) },
];

/// To try that all of it runs.
pub const TINY: [Set; 1] = [Set { word: "tiny", title: "mixture, 500 x 16", mixture: Some([500, 16]) }];

/// Components of a mixture, and directions in which each spreads.
const COMPONENTS: usize = 20;
const SPREAD: usize = 6;

impl Set {
    /// Its points, where it is a mixture.
    pub fn mixed(&self) -> Option<Points> {
        self.mixture.map(|[count, width]| mixture(count, width))
    }

    /// Its points.
    pub fn make(&self, folder: &Path) -> Result<Points, String> {
        if let Some(points) = self.mixed() {
            return Ok(points);
        }
        let path = folder.join("digits.npy");
        let ran = Command::new(peers::python()).arg(peers::SCRIPT).arg("digits").arg(&path).output();
        match ran {
            Ok(ran) if ran.status.success() => {
                read_points(&path).map(|(points, _note)| points).map_err(|error| error.to_string())
            }
            Ok(ran) => Err(String::from_utf8_lossy(&ran.stderr).lines().last().unwrap_or_default().to_owned()),
            Err(error) => Err(error.to_string()),
        }
    }
}

/// Gaussians of few dimensions in many, with faint noise.
fn mixture(count: usize, width: usize) -> Points {
    let mut stream = Streams::new(20240501).stream("mixture", width as u64);
    let mut unit = || (f64::from(stream.next_u32()) + 0.5) / 2.0_f64.powi(32);
    let mut normal = || ((-2.0 * unit().ln()).sqrt() * (std::f64::consts::TAU * unit()).cos()) as f32;
    let scaled = |scale: f32, count: usize, normal: &mut dyn FnMut() -> f32| -> Vec<f32> {
        (0..count).map(|_| scale * normal()).collect()
    };
    let means = scaled(0.35, COMPONENTS * width, &mut normal);
    let factors = scaled(1.6 / (width as f32).sqrt(), COMPONENTS * SPREAD * width, &mut normal);
    let mut numbers = Vec::with_capacity(count * width);
    for point in 0..count {
        let component = point * 7919 % COMPONENTS;
        let along = scaled(1.0, SPREAD, &mut normal);
        for column in 0..width {
            let factor = |part: usize| factors[(component * SPREAD + part) * width + column];
            let spread: f32 = along.iter().enumerate().map(|(part, along)| along * factor(part)).sum();
            numbers.push(means[component * width + column] + spread + 0.05 * normal());
        }
    }
    Points::new(numbers, width).expect("finite points")
}

/// Writes points as NPY.
pub fn write(path: &Path, points: &Points) {
    let shape = format!("({}, {})", points.count(), points.width());
    let mut header = format!("{{'descr': '<f4', 'fortran_order': False, 'shape': {shape}, }}");
    header.push_str(&" ".repeat((10 + header.len() + 1).next_multiple_of(64) - 11 - header.len()));
    header.push('\n');
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    bytes.extend((header.len() as u16).to_le_bytes());
    bytes.extend(header.as_bytes());
    bytes.extend(points.numbers().iter().flat_map(|number| number.to_le_bytes()));
    std::fs::write(path, bytes).expect("a file");
}
