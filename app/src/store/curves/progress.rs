//! How far a run is, how fast it goes, and how long it will take.

use fusionscope_engine::protocol::StepReport;

/// Weight of the newest step in the mean step time.
const NEWEST: f64 = 0.1;

/// What the newest step reports say about the run's progress.
#[derive(Clone, Debug, Default)]
pub struct Progress {
    last: Option<StepReport>,
    mean_secs: Option<f64>,
}

impl Progress {
    /// Takes in one step.
    pub fn push(&mut self, report: &StepReport) {
        if report.secs.is_finite() && report.secs > 0.0 {
            self.mean_secs = Some(match self.mean_secs {
                Some(mean) => mean + NEWEST * (report.secs - mean),
                None => report.secs,
            });
        }
        self.last = Some(report.clone());
    }

    /// The newest step.
    pub fn last(&self) -> Option<&StepReport> {
        self.last.as_ref()
    }

    /// Steps a second.
    pub fn rate(&self) -> Option<f64> {
        self.mean_secs.map(|secs| 1.0 / secs)
    }

    /// Seconds until all phases are done at the present rate.
    pub fn secs_left(&self) -> Option<f64> {
        let last = self.last.as_ref()?;
        Some(last.total_steps.saturating_sub(last.step) as f64 * self.mean_secs?)
    }

    /// The share of all phases' steps that is done, 0 to 1.
    pub fn share(&self) -> Option<f32> {
        let last = self.last.as_ref()?;
        (last.total_steps > 0).then(|| (last.step as f32 / last.total_steps as f32).clamp(0.0, 1.0))
    }

    /// One line: `student · step 412/1500 · 9.1 it/s · 1:58 left`.
    pub fn line(&self) -> Option<String> {
        let last = self.last.as_ref()?;
        let mut line = format!("{} · step {}/{}", last.phase.name(), last.step, last.total_steps);
        if let Some(rate) = self.rate() {
            line.push_str(&format!(" · {}", rate_text(rate)));
        }
        if let Some(secs) = self.secs_left().filter(|_| last.step < last.total_steps) {
            line.push_str(&format!(" · {} left", clock(secs)));
        }
        Some(line)
    }
}

/// A rate with sensible digits: `9.1 it/s`, or `3.2 s/it` below one step a second.
pub fn rate_text(rate: f64) -> String {
    if !rate.is_finite() || rate <= 0.0 {
        "–".to_owned()
    } else if rate >= 100.0 {
        format!("{rate:.0} it/s")
    } else if rate >= 1.0 {
        format!("{rate:.1} it/s")
    } else {
        format!("{:.1} s/it", 1.0 / rate)
    }
}

/// Seconds as people read them: `0:07`, `1:58`, `2:03:40`.
pub fn clock(secs: f64) -> String {
    let secs = if secs.is_finite() { secs.max(0.0).round() as u64 } else { 0 };
    let (hours, minutes, rest) = (secs / 3600, secs / 60 % 60, secs % 60);
    if hours > 0 { format!("{hours}:{minutes:02}:{rest:02}") } else { format!("{minutes}:{rest:02}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_names_phase_step_rate_and_time_left() {
        let mut progress = Progress::default();
        assert_eq!(progress.line(), None);
        progress.push(&StepReport { step: 412, total_steps: 1500, secs: 0.11, ..StepReport::default() });
        assert_eq!(progress.line().unwrap(), "student · step 412/1500 · 9.1 it/s · 2:00 left");
    }

    #[test]
    fn a_finished_run_has_no_time_left_and_a_slow_one_counts_seconds_a_step() {
        let mut progress = Progress::default();
        progress.push(&StepReport { step: 10, total_steps: 10, secs: 3.2, ..StepReport::default() });
        assert_eq!(progress.line().unwrap(), "student · step 10/10 · 3.2 s/it");
        assert_eq!(clock(7420.4), "2:03:40");
    }
}
