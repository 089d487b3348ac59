//! The values of one sensor's files, in numbers and sentences.

use serde::{Deserialize, Serialize};

use crate::files::aligned;

/// More than this share of clamped values is said.
const CLAMPED_SHARE: f32 = 0.03;

/// The same for sensors that measure how far things are: sky and horizon lie beyond any range worth telling apart.
const CLAMPED_SHARE_OF_DISTANCES: f32 = 0.1;

/// Less than this share of the range in use is said.
const USED_SHARE: f32 = 0.1;

/// What the files of one sensor hold, in its unit.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SensorValues {
    /// The sensor.
    pub sensor: String,
    /// Its unit; empty for photographs.
    pub unit: String,
    /// The ends of its range, as the manifest gives them.
    pub low: f32,
    /// The upper end.
    pub high: f32,
    /// Files that were read.
    pub files: u64,
    /// The smallest measured value.
    pub min: f32,
    /// The largest measured value.
    pub max: f32,
    /// The mean of measured values.
    pub mean: f32,
    /// The share of measured values outside `low..high`, which are clamped to it, 0 to 1.
    pub clamped: f32,
    /// The share of all values where nothing was measured: holes, and what is not finite, 0 to 1.
    pub unmeasured: f32,
    /// The share of all values that are not finite, 0 to 1.
    pub not_finite: f32,
    /// The share of `low..high` that measured values span, but for one in ten thousand at either end, 0 to 1.
    pub used: f32,
    /// Files that hold a single value each.
    pub constant_files: u64,
    /// Files of three channels that differ, of which the mean is taken.
    pub averaged_files: u64,
}

impl SensorValues {
    /// What is off, one sentence each; `has_holes` is whether the sensor has places where nothing is measured.
    pub(crate) fn warnings(&self, has_holes: bool) -> Vec<String> {
        let Self { sensor, low, high, files, min, max, .. } = self;
        let (low, high) = (self.value(*low), self.value(*high));
        let mut warnings = Vec::new();
        if self.averaged_files > 0 {
            warnings.push(format!(
                "{sensor}: {} of {files} files have three channels that differ, as pseudo-colours have, and are read as their \
                 mean; take files of measured values, or set `first_channel` or `channels = 3`",
                self.averaged_files
            ));
        }
        if self.not_finite > 0.0 && !has_holes {
            warnings.push(format!(
                "{sensor}: {} of the values are not finite and read as {low}, the `low` of the manifest",
                percent(self.not_finite)
            ));
        }
        if self.unmeasured >= 1.0 {
            warnings.push(format!("{sensor}: nothing was measured in any of {files} files"));
        } else if min == max {
            warnings.push(format!("{sensor}: every value of {files} files is {}", self.value(*min)));
        } else {
            if self.constant_files * 2 > *files {
                let constant = self.constant_files;
                warnings.push(format!("{sensor}: {constant} of {files} files hold a single value each"));
            }
            let range = format!("{} to {} found", self.value(*min), self.value(*max));
            if self.clamped > if has_holes { CLAMPED_SHARE_OF_DISTANCES } else { CLAMPED_SHARE } {
                warnings.push(format!(
                    "{sensor}: {} of the values lie outside {low} to {high} and are clamped ({range}); set `low`, `high` or \
                     `scale`",
                    percent(self.clamped)
                ));
            } else if self.used < USED_SHARE {
                warnings.push(format!(
                    "{sensor}: the values use {} of the range {low} to {high} ({range}); set `low` and `high`",
                    percent(self.used)
                ));
            }
        }
        warnings
    }

    fn value(&self, value: f32) -> String {
        let value = short(value);
        if self.unit.is_empty() { value } else { format!("{value} {}", self.unit) }
    }
}

/// The table for a terminal, a sensor a line; empty without sensors.
pub fn values_table(values: &[SensorValues]) -> String {
    if values.is_empty() {
        return String::new();
    }
    let heads = ["values", "min", "max", "mean", "range", "clamped", "not measured", "range used"];
    let mut columns = heads.map(|head| vec![head.to_owned()]);
    for sensor in values {
        let SensorValues { min, max, mean, low, high, unit, .. } = sensor;
        let (low, high) = (short(*low), short(*high));
        let cells = [
            sensor.sensor.clone(),
            short(*min),
            short(*max),
            short(*mean),
            if unit.is_empty() { format!("{low} to {high}") } else { format!("{low} to {high} {unit}") },
            percent(sensor.clamped),
            percent(sensor.unmeasured),
            percent(sensor.used),
        ];
        for (column, cell) in columns.iter_mut().zip(cells) {
            column.push(cell);
        }
    }
    aligned::table(&columns)
}

/// Four digits at most behind the first.
fn short(value: f32) -> String {
    let digits = match value.abs() {
        100.0.. => 1,
        1.0.. => 2,
        _ => 4,
    };
    let text = format!("{value:.digits$}");
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

fn percent(share: f32) -> String {
    if share > 0.0 && share < 0.001 { "<0.1 %".to_owned() } else { format!("{:.1} %", 100.0 * share) }
}
