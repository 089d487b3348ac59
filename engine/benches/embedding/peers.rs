//! Other programs, each in a process of its own.

use std::ffi::OsString;
use std::path::Path;
use std::process::Command;

use crate::{ITERATIONS, PERPLEXITY};

/// The Python side.
pub const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/embedding/peers.py");

/// A program to compare with.
pub struct Peer {
    /// What the table calls it.
    pub name: String,
    /// What follows the script or program: which method.
    words: Vec<&'static str>,
    program: Option<OsString>,
}

/// The Python that is asked.
pub fn python() -> OsString {
    std::env::var_os("FUSIONSCOPE_PYTHON").unwrap_or_else(|| "python3".into())
}

/// Every peer, whether it can be had or not.
pub fn all() -> Vec<Peer> {
    let of = |name: &str, words: &[&'static str], program: Option<OsString>| Peer {
        name: name.to_owned(),
        words: words.to_vec(),
        program,
    };
    let bhtsne = std::env::var_os("FUSIONSCOPE_BHTSNE").unwrap_or_default();
    vec![
        of("scikit-learn, Barnes-Hut", &["sklearn"], None),
        of("openTSNE, Barnes-Hut", &["openTSNE-bh"], None),
        of("openTSNE, FIt-SNE", &["openTSNE-fft"], None),
        of("bhtsne, Barnes-Hut, rate x 4", &["bh"], Some(bhtsne.clone())),
        of("bhtsne, FIt-SNE, rate x 4", &["fit"], Some(bhtsne)),
    ]
}

impl Peer {
    /// Lays out the points; seconds of the fit as the program says, and of the processor.
    pub fn run(&self, points: &Path, start: &Path, folder: &Path, threads: usize) -> Result<(f64, f64), String> {
        let layout = folder.join("layout.npy");
        let mut command = match &self.program {
            None => {
                let mut command = Command::new(python());
                command.arg(SCRIPT).args(&self.words).args([points, start, &layout]);
                command.args([ITERATIONS.to_string(), PERPLEXITY.to_string(), threads.to_string()]);
                command
            }
            Some(program) if program.is_empty() => return Err("FUSIONSCOPE_BHTSNE names no program".to_owned()),
            Some(program) => {
                let mut command = Command::new(program);
                command.args(&self.words).args([points, &layout]).arg("--init").arg(start).args(["--lr", "4x"]);
                command.args(["--iters", &ITERATIONS.to_string(), "--perplexity", &PERPLEXITY.to_string()]);
                command
            }
        };
        for name in ["OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "RAYON_NUM_THREADS"] {
            command.env(name, threads.to_string());
        }
        let before = cpu_secs();
        let ran = command.output().map_err(|error| error.to_string())?;
        let said = String::from_utf8_lossy(&ran.stdout);
        let secs = said.split("fit_s=").nth(1).and_then(|rest| rest.split_whitespace().next()?.parse().ok());
        match secs {
            Some(secs) if ran.status.success() => Ok((secs, cpu_secs() - before)),
            _ => Err(String::from_utf8_lossy(&ran.stderr).lines().last().unwrap_or("it says nothing").to_owned()),
        }
    }
}

/// Processor seconds of this process and of those it has waited for, where the system tells; else NaN.
pub fn cpu_secs() -> f64 {
    // The clock of these figures ticks a hundred times a second on all Linux systems.
    let ticks = || {
        let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
        let fields = stat.rsplit_once(") ")?.1;
        let ticks: Vec<f64> = fields.split(' ').skip(11).take(4).filter_map(|field| field.parse().ok()).collect();
        Some(ticks.iter().sum::<f64>() / 100.0)
    };
    ticks().unwrap_or(f64::NAN)
}
