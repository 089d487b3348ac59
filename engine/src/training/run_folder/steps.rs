//! The steps of a run, as `metrics.jsonl` keeps them.

use std::fs;
use std::io;

use super::RunFolder;
use super::metrics::{METRICS, Metrics};
use crate::files::write_whole;
use crate::protocol::StepReport;
use crate::training::error::RunError;

impl RunFolder {
    /// Adds a line to `metrics.jsonl`. What cannot be written is kept and tried again with the next line.
    pub fn append_step(&mut self, report: &StepReport) -> Result<(), RunError> {
        let path = self.path.join(METRICS);
        let unwritable = |error: io::Error| RunError::unwritable("the metrics", &error, &path);
        let mut line = serde_json::to_vec(report).map_err(|error| unwritable(error.into()))?;
        line.push(b'\n');
        if self.metrics.is_none() {
            self.in_place()?;
        }
        let metrics = match &mut self.metrics {
            Some(metrics) => metrics,
            None => self.metrics.insert(Metrics::open(&path).map_err(unwritable)?),
        };
        metrics.keep(&line);
        self.in_place()?;
        self.metrics.as_mut().map_or(Ok(()), Metrics::write).map_err(unwritable)
    }

    /// How many steps are missing from the metrics, once others could be written again.
    pub fn take_loss(&mut self) -> Option<String> {
        let metrics = self.metrics.as_mut().filter(|metrics| metrics.left_out > 0 && metrics.unsaved.is_empty())?;
        let count = std::mem::take(&mut metrics.left_out);
        let path = self.path.join(METRICS);
        Some(format!(
            "The metrics can be written again; {count} steps in between were left out of them: {}",
            path.display()
        ))
    }

    /// The reports in `metrics.jsonl`, oldest first, up to the first line that is not whole.
    pub fn steps(&self) -> Result<Vec<StepReport>, RunError> {
        let path = self.path.join(METRICS);
        match fs::read(&path) {
            Ok(bytes) => Ok(whole_lines(&bytes)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
            Err(error) => Err(RunError::unreadable("the metrics", &error, &path)),
        }
    }

    /// Drops the reports after `step`, and returns those that stay.
    pub fn truncate_steps(&mut self, step: u64) -> Result<Vec<StepReport>, RunError> {
        self.metrics = None;
        let mut steps = self.steps()?;
        steps.retain(|report| report.step <= step);
        let path = self.path.join(METRICS);
        let unwritable = |error: io::Error| RunError::unwritable("the metrics", &error, &path);
        // The lines as they were written: numbers that were read and written again may differ in their last digit.
        let bytes = if steps.is_empty() { Vec::new() } else { fs::read(&path).map_err(unwritable)? };
        let text: Vec<u8> = bytes.split_inclusive(|&byte| byte == b'\n').take(steps.len()).flatten().copied().collect();
        write_whole(&path, &text).map_err(unwritable)?;
        Ok(steps)
    }
}

/// The reports before the first torn or foreign line.
fn whole_lines(bytes: &[u8]) -> Vec<StepReport> {
    bytes
        .split_inclusive(|&byte| byte == b'\n')
        .map_while(|line| serde_json::from_slice(line.strip_suffix(b"\n")?).ok())
        .collect()
}
