//! What a run makes for the runs of other rows.

use std::path::{Path, PathBuf};

use super::written::WrittenReference;
use crate::recipe::Key;
use crate::recipe::catalogue::{data, encoder, teacher};

/// What is taken from a run.
#[derive(Clone, Debug, PartialEq)]
pub enum Product {
    /// The run itself, whose teacher, or whose network on the guiding sensor alone, teaches: `teacher.run`.
    Teacher,
    /// The weights of its encoder: `encoder.pretrained`.
    Encoder,
    /// Its label maps of the training scenes: `data.pseudo_labels`.
    PseudoLabels {
        /// The sensor whose images are labelled; the network's first where `None`.
        sensor: Option<String>,
        /// Pixels that the network is less sure of are ignored, 0 to 1.
        min_confidence: f64,
    },
}

/// What a row takes from the run of another one, of the same seed or of that row's only one.
#[derive(Clone, Debug, PartialEq)]
pub struct Need {
    /// The place of the other row.
    pub row: usize,
    /// What is taken.
    pub product: Product,
}

impl Product {
    /// What a reference in place of this setting stands for; a sentence where it stands for nothing.
    pub(super) fn of(key: &str, written: &WrittenReference) -> Result<Self, String> {
        let WrittenReference { row: _, sensor, min_confidence } = written;
        if key == data::pseudo_labels::FILES.id() {
            let min_confidence = min_confidence.unwrap_or(0.0);
            if !(0.0..=1.0).contains(&min_confidence) {
                return Err(format!("expected a `min_confidence` of 0 to 1, found {min_confidence}"));
            }
            return Ok(Self::PseudoLabels { sensor: sensor.clone(), min_confidence });
        }
        let known = [Self::Teacher, Self::Encoder].into_iter().find(|product| product.key().id() == key);
        let product = known.ok_or_else(|| {
            let keys = [teacher::RUN, encoder::PRETRAINED, data::pseudo_labels::FILES].map(|key| key.id());
            format!("this setting takes no other row's result; {} do", keys.join(", "))
        })?;
        match (sensor, min_confidence) {
            (None, None) => Ok(product),
            _ => Err("`sensor` and `min_confidence` are for pseudo-labels".to_owned()),
        }
    }

    /// The setting that names it.
    pub fn key(&self) -> Key<String> {
        match self {
            Self::Teacher => teacher::RUN,
            Self::Encoder => encoder::PRETRAINED,
            Self::PseudoLabels { .. } => data::pseudo_labels::FILES,
        }
    }

    /// Where that of a run lies: in the folder of its job, by the name of the run, so that a run trained anew has another.
    pub fn path(&self, run: &Path) -> PathBuf {
        let name = run.file_name().unwrap_or_default().to_string_lossy();
        match self {
            Self::Teacher => run.to_owned(),
            Self::Encoder => run.with_file_name(format!("{name}-encoder.safetensors")),
            Self::PseudoLabels { sensor, min_confidence } => {
                let sensor = sensor.as_deref().map_or_else(String::new, |sensor| format!("-{}", plain(sensor)));
                run.with_file_name(format!("{name}-labels{sensor}-{min_confidence}"))
            }
        }
    }

    /// Whether that of a run is made.
    pub fn is_made(&self, run: &Path) -> bool {
        let path = self.path(run);
        match self {
            Self::Teacher | Self::PseudoLabels { .. } => path.is_dir(),
            Self::Encoder => path.is_file(),
        }
    }
}

/// A name as a part of that of a file; different ones stay different.
fn plain(name: &str) -> String {
    let plain = |letter: char| match letter {
        letter if letter.is_alphanumeric() => letter.to_string(),
        other => format!("_{:x}_", u32::from(other)),
    };
    name.chars().map(plain).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_others_take_lies_beside_the_run_under_names_that_differ() {
        let run = Path::new("/out/teacher/seed-3/20261129-teacher");
        let labels = |sensor: Option<&str>, min_confidence| {
            let product = Product::PseudoLabels { sensor: sensor.map(str::to_owned), min_confidence };
            product.path(run).file_name().unwrap().to_str().unwrap().to_owned()
        };
        assert_eq!(Product::Teacher.path(run), run);
        assert!(Product::Encoder.path(run).ends_with("seed-3/20261129-teacher-encoder.safetensors"));
        assert_eq!(labels(None, 0.0), "20261129-teacher-labels-0");
        let names = [labels(Some("a b"), 0.9), labels(Some("a-b"), 0.9), labels(Some("a-b"), 0.5), labels(None, 0.5)];
        assert!(names.iter().enumerate().all(|(at, name)| !names[..at].contains(name)), "{names:?}");
    }
}
