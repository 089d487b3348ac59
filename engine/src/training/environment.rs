//! Where and with what a run was made: `environment.json`.

use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

use super::build::build;
use crate::files::{path_json, sum_of};
use crate::protocol::DatasetSummary;

/// What a reader of a run needs to know to repeat it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Environment {
    /// The program's version.
    pub version: String,
    /// A sum over the program's file, which tells builds of a version apart; empty where it was not kept.
    #[serde(default)]
    pub build: String,
    /// When the run began, in UTC: `2026-11-21T08:15:00Z`.
    pub started: String,
    /// Operating system and architecture.
    pub os: String,
    /// The processor's name.
    pub cpu: String,
    /// The training device in words.
    pub device: String,
    /// The data set's folder.
    #[serde(with = "path_json")]
    pub data: PathBuf,
    /// The data set's name.
    pub dataset: String,
    /// A sum over the data set's sensors, classes, splits and sample ids; a resumed run compares it.
    pub data_sum: String,
    /// Steps that one pass over the labelled training scenes takes; 0 where it was not kept.
    #[serde(default)]
    pub epoch_steps: u64,
    /// The command line.
    pub command_line: Vec<String>,
}

impl Environment {
    /// This machine, this moment, this data set; how long an epoch is, the trainer knows.
    pub fn here(device: &str, dataset: &DatasetSummary, command_line: &[String]) -> Self {
        Self {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            build: build().to_owned(),
            started: Moment::now().iso(),
            os: os_words(),
            cpu: cpu_name(),
            device: device.to_owned(),
            data: std::path::absolute(&dataset.path).unwrap_or_else(|_unknown| dataset.path.clone()),
            dataset: dataset.name.clone(),
            data_sum: data_sum(dataset),
            epoch_steps: 0,
            command_line: command_line.to_vec(),
        }
    }

    /// The program that the run was begun with, version and build: `0.1.0, build 00c0ffee00c0ffee`.
    pub fn program(&self) -> String {
        program(&self.version, &self.build)
    }

    /// This program, in the same words.
    pub fn program_here() -> String {
        program(env!("CARGO_PKG_VERSION"), build())
    }
}

fn program(version: &str, build: &str) -> String {
    if build.is_empty() { version.to_owned() } else { format!("{version}, build {build}") }
}

/// A sum over everything that a data set's manifest says and finds, wherever the folder lies.
pub fn data_sum(dataset: &DatasetSummary) -> String {
    // Proposals are the program's, and change with it.
    let placeless = DatasetSummary { path: PathBuf::new(), proposals: Vec::new(), ..dataset.clone() };
    let text = serde_json::to_string(&placeless).unwrap_or_default();
    format!("{:016x}", sum_of(text.as_bytes()))
}

fn os_words() -> String {
    let release = std::fs::read_to_string("/etc/os-release").unwrap_or_default();
    let pretty = release.lines().find_map(|line| line.strip_prefix("PRETTY_NAME=")).map(|name| name.trim_matches('"'));
    format!("{} {}", pretty.unwrap_or(std::env::consts::OS), std::env::consts::ARCH)
}

fn cpu_name() -> String {
    let info = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let name = info.lines().find(|line| line.starts_with("model name")).and_then(|line| line.split_once(':'));
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let name = name.map_or("unknown processor", |(_, name)| name.trim());
    format!("{name}, {threads} threads")
}

/// A moment in UTC, by the calendar.
pub(super) struct Moment {
    year: i64,
    month: u64,
    day: u64,
    secs: u64,
}

impl Moment {
    pub(super) fn now() -> Self {
        Self::at(SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs()))
    }

    /// Days to year, month and day in the Gregorian calendar, counted in eras of 400 years from March.
    fn at(unix_secs: u64) -> Self {
        let days = unix_secs / 86_400 + 719_468;
        let (era, day_of_era) = (days / 146_097, days % 146_097);
        let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let shifted = (5 * day_of_year + 2) / 153;
        let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
        let year = (year_of_era + era * 400) as i64 + i64::from(month <= 2);
        Self { year, month, day: day_of_year - (153 * shifted + 2) / 5 + 1, secs: unix_secs % 86_400 }
    }

    /// For files and people: `2026-11-21T08:15:00Z`.
    pub(super) fn iso(&self) -> String {
        let Self { year, month, day, secs } = self;
        format!("{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}Z", secs / 3600, secs / 60 % 60, secs % 60)
    }

    /// For names of folders: `20261121-081500`.
    pub(super) fn compact(&self) -> String {
        let Self { year, month, day, secs } = self;
        format!("{year:04}{month:02}{day:02}-{:02}{:02}{:02}", secs / 3600, secs / 60 % 60, secs % 60)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_follow_the_calendar() {
        for (secs, expected) in [
            (0, "1970-01-01T00:00:00Z"),
            (951_782_400, "2000-02-29T00:00:00Z"),
            (1_709_164_799, "2024-02-28T23:59:59Z"),
            (1_795_248_000, "2026-11-21T08:00:00Z"),
            (4_107_542_400, "2100-03-01T00:00:00Z"),
        ] {
            assert_eq!(Moment::at(secs).iso(), expected);
        }
    }

    #[test]
    fn a_run_of_a_program_that_kept_no_build_opens_and_is_of_another() {
        let here = Environment::here("cpu", &DatasetSummary::default(), &[]);
        assert_eq!(here.program(), Environment::program_here());
        let mut value = serde_json::to_value(&here).unwrap();
        value.as_object_mut().unwrap().remove("build").unwrap();
        let old: Environment = serde_json::from_value(value).unwrap();
        assert_eq!(old.program(), old.version);
        assert_ne!(old.program(), Environment::program_here());
    }

    #[test]
    fn the_data_sum_forgets_the_place_and_sees_the_samples() {
        let mut dataset = DatasetSummary { name: "a".to_owned(), path: "/x".into(), ..DatasetSummary::default() };
        let sum = data_sum(&dataset);
        dataset.path = "/y".into();
        assert_eq!(sum, data_sum(&dataset));
        dataset.classes.push("road".to_owned());
        assert_ne!(sum, data_sum(&dataset));
    }
}
