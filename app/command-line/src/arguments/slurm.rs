//! What a cluster is asked for.

use std::str::FromStr;

/// Options that a study's jobs have of their own, and why.
const OWN: &[&str] = &["array", "chdir", "dependency", "error", "input", "output", "parsable", "wrap"];

/// Who spreads a study's runs over machines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Scheduler {
    /// Slurm: a job array, one element a run
    Slurm,
}

/// An option of `sbatch` without its dashes: `partition=gpu`, or `exclusive`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SlurmOption {
    /// Its name.
    pub key: String,
    /// What it is set to; `None` for a switch.
    pub value: Option<String>,
}

impl SlurmOption {
    /// An option with a value.
    pub fn new(key: &str, value: &str) -> Self {
        Self { key: key.to_owned(), value: Some(value.to_owned()) }
    }
}

impl FromStr for SlurmOption {
    type Err = String;

    fn from_str(words: &str) -> Result<Self, String> {
        let (key, value) = words.split_once('=').map_or((words, None), |(key, value)| (key, Some(value)));
        let key = key.trim_start_matches("--");
        let is_named = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '-';
        if key.len() < 2 || !key.chars().all(is_named) {
            return Err("expected a long option of sbatch without its dashes, such as partition=gpu".to_owned());
        }
        if OWN.contains(&key) {
            return Err(format!("`{key}` is the study's own; all but {} may be given", OWN.join(", ")));
        }
        match value {
            Some(value) if value.is_empty() || value.chars().any(char::is_control) => {
                Err(format!("`{key}` needs a value of one line, such as {key}=…"))
            }
            value => Ok(Self { key: key.to_owned(), value: value.map(str::to_owned) }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_of_sbatch_are_read_and_those_of_the_study_refused() {
        assert_eq!("gres=gpu:a100:1".parse(), Ok(SlurmOption::new("gres", "gpu:a100:1")));
        assert_eq!("--time=2:00:00".parse(), Ok(SlurmOption::new("time", "2:00:00")));
        assert_eq!("comment=a = b".parse(), Ok(SlurmOption::new("comment", "a = b")));
        assert_eq!("exclusive".parse(), Ok(SlurmOption { key: "exclusive".to_owned(), value: None }));
        for (wrong, words) in [
            ("array=1-9", "study's own"),
            ("p=gpu", "long option"),
            ("two.toml", "long option"),
            ("time=", "value"),
            ("comment=a\nscancel", "one line"),
            ("", "long option"),
        ] {
            let refused = wrong.parse::<SlurmOption>().unwrap_err();
            assert!(refused.contains(words), "{wrong}: {refused}");
        }
    }
}
