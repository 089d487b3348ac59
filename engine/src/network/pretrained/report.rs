//! What a file of weights gave and what it did not.

use std::fmt;
use std::path::PathBuf;

/// How a file of weights was used. Nothing in the file and nothing it should have filled goes unmentioned: as text it
/// says what was done, [`LoadReport::gaps`] what was not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoadReport {
    /// The file.
    pub path: PathBuf,
    /// Whose names it has.
    pub style: &'static str,
    /// What stands before all of them, often nothing.
    pub prefix: String,
    /// Parameters and running statistics that were filled, by our names.
    pub loaded: Vec<String>,
    /// Ours that the file should have and has not; they keep their first values.
    pub missing: Vec<String>,
    /// Ours whose counterpart has another shape, with both shapes; they keep their first values.
    pub unfit: Vec<String>,
    /// Ours that were filled after a change of shape, and what was done.
    pub reshaped: Vec<String>,
    /// How many were not 32-bit floats, by the type they were converted from.
    pub converted: Vec<(String, usize)>,
    /// Names in the file that nothing was filled from, beside others of the same part that were used.
    pub unexpected: Vec<String>,
    /// Names of parts of the file that nothing here is made of, such as its classifier.
    pub foreign: Vec<String>,
    /// How many more are counters of batches, which PyTorch's norms keep and nothing here needs.
    pub counters: usize,
}

impl fmt::Display for LoadReport {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { path, style, prefix, loaded, .. } = self;
        write!(to, "filled {} tensors from {} by the names of {style}", loaded.len(), path.display())?;
        if !prefix.is_empty() {
            write!(to, " under `{prefix}`")?;
        }
        for (found, count) in &self.converted {
            write!(to, "; converted from {found}: {count}")?;
        }
        let lists = [("changed in shape", &self.reshaped), ("parts that have no place here", &self.foreign)];
        for (title, names) in lists.into_iter().filter(|(_, names)| !names.is_empty()) {
            write!(to, "; {title}: {}", sample_of(names))?;
        }
        if self.counters > 0 {
            write!(to, "; and {} counters of batches, which nothing needs", self.counters)?;
        }
        Ok(())
    }
}

impl LoadReport {
    /// What should have been filled and was not, and what lay ready and was not used; `None` where all fits.
    pub fn gaps(&self) -> Option<String> {
        let lists = [
            ("not in the file and left as they were", &self.missing),
            ("of another shape and left as they were", &self.unfit),
            ("not used", &self.unexpected),
        ];
        let told: Vec<String> = lists
            .into_iter()
            .filter(|(_, names)| !names.is_empty())
            .map(|(title, names)| format!("{title}: {}", sample_of(names)))
            .collect();
        (!told.is_empty()).then(|| format!("{}: {}", told.join("; "), self.path.display()))
    }
}

/// The first few names, and how many more there are.
pub fn sample_of<S: AsRef<str>>(names: &[S]) -> String {
    let first = names.iter().take(8).map(AsRef::as_ref).collect::<Vec<_>>().join(", ");
    match names.len() {
        0 => "no tensors at all".to_owned(),
        count if count <= 8 => first,
        count => format!("{first} and {} more", count - 8),
    }
}
