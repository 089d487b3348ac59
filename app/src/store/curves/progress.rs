//! How far a run is, how fast it goes, and how long it will take.

use fusionscope_engine::protocol::StepReport;

use crate::look::{clock, count};

/// Weight of the newest step in the mean step time, once there are enough of them.
const NEWEST: f64 = 0.1;

/// What the newest step reports say about the run's progress.
#[derive(Clone, Debug, Default)]
pub struct Progress {
    last: Option<StepReport>,
    /// Of each phase so far, the present one last: a teacher's step takes half as long as a student's.
    phases: Vec<Measured>,
}

/// How long the steps of a phase take.
#[derive(Clone, Copy, Debug, Default)]
struct Measured {
    /// Steps that the phase has.
    steps: u64,
    mean_secs: Option<f64>,
    /// How many steps the mean is made of.
    count: u32,
}

/// How long a run will take from here.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TimeLeft {
    /// Seconds.
    pub secs: f64,
    /// Whether these are the seconds to the end of the phase, because the speed of the next one is not known yet.
    pub is_of_phase: bool,
}

impl TimeLeft {
    /// `1:58`, or `0:12 in this phase`.
    pub fn words(self) -> String {
        if self.is_of_phase { format!("{} in this phase", clock(self.secs)) } else { clock(self.secs) }
    }
}

impl Progress {
    /// Takes in one step.
    pub fn push(&mut self, report: &StepReport) {
        if self.last.as_ref().is_none_or(|last| last.phase != report.phase) {
            self.phases.push(Measured::default());
        }
        if let Some(phase) = self.phases.last_mut() {
            phase.steps = report.phase_steps;
            if report.secs.is_finite() && report.secs > 0.0 {
                phase.count = phase.count.saturating_add(1);
                let mean = phase.mean_secs.unwrap_or(report.secs);
                // A plain mean at first, so that a slow first step is soon forgotten.
                phase.mean_secs = Some(mean + NEWEST.max(1.0 / f64::from(phase.count)) * (report.secs - mean));
            }
        }
        self.last = Some(report.clone());
    }

    /// The newest step.
    pub fn last(&self) -> Option<&StepReport> {
        self.last.as_ref()
    }

    /// Steps a second.
    pub fn rate(&self) -> Option<f64> {
        self.mean_secs().map(|secs| 1.0 / secs)
    }

    fn mean_secs(&self) -> Option<f64> {
        self.phases.last()?.mean_secs
    }

    /// How long a whole run like this one takes, in seconds: its steps, without evaluations. `None` until steps of
    /// every phase were measured.
    pub fn whole_secs(&self) -> Option<f64> {
        let total = self.last.as_ref()?.total_steps;
        let known: u64 = self.phases.iter().map(|phase| phase.steps).sum();
        if total == 0 || known != total {
            return None;
        }
        self.phases.iter().map(|phase| Some(phase.steps as f64 * phase.mean_secs?)).sum()
    }

    /// How long it takes at the present rate: to the end of the run, or of a phase that another one follows. `None` at
    /// the end.
    pub fn time_left(&self) -> Option<TimeLeft> {
        let last = self.last.as_ref()?;
        let end = if last.phase_steps == 0 { last.total_steps } else { last.phase_end() };
        let left = end.min(last.total_steps).saturating_sub(last.step);
        let is_of_phase = end < last.total_steps;
        (left > 0 || is_of_phase).then_some(())?;
        Some(TimeLeft { secs: left as f64 * self.mean_secs()?, is_of_phase })
    }

    /// The share of all phases' steps that is done, 0 to 1.
    pub fn share(&self) -> Option<f32> {
        let last = self.last.as_ref()?;
        (last.total_steps > 0).then(|| (last.step as f32 / last.total_steps as f32).clamp(0.0, 1.0))
    }

    /// Where the run stands: `student · step 412/1,500`.
    pub fn place(&self) -> Option<String> {
        let last = self.last.as_ref()?;
        Some(format!("{} · step {}/{}", last.phase.name(), count(last.step), count(last.total_steps)))
    }

    /// Where a run that moves stands, how fast it is and how long it takes:
    /// `student · step 412/1,500 · 9.1 it/s · 1:58 left`.
    pub fn line(&self) -> Option<String> {
        let mut line = self.place()?;
        if let Some(rate) = self.rate() {
            line.push_str(&format!(" · {}", rate_text(rate)));
        }
        if let Some(TimeLeft { secs, is_of_phase }) = self.time_left() {
            line.push_str(&format!(" · {} left{}", clock(secs), if is_of_phase { " in this phase" } else { "" }));
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

#[cfg(test)]
mod tests {
    use fusionscope_engine::protocol::Phase;

    use super::*;

    #[test]
    fn the_line_names_phase_step_rate_and_time_left() {
        let mut progress = Progress::default();
        assert_eq!(progress.line(), None);
        progress.push(&StepReport { step: 412, total_steps: 1500, secs: 0.11, ..StepReport::default() });
        assert_eq!(progress.line().unwrap(), "student · step 412/1,500 · 9.1 it/s · 2:00 left");
    }

    #[test]
    fn the_teacher_s_speed_says_nothing_about_the_student_s() {
        let mut progress = Progress::default();
        let step = |phase, step, phase_step, phase_steps, secs| StepReport {
            phase,
            step,
            phase_step,
            phase_steps,
            total_steps: 1000,
            secs,
            ..StepReport::default()
        };
        for at in 1..=40 {
            progress.push(&step(Phase::Teacher, at, at, 100, 0.1));
        }
        assert_eq!(progress.time_left().map(TimeLeft::words).as_deref(), Some("0:06 in this phase"));
        assert!(progress.line().is_some_and(|line| line.ends_with("0:06 left in this phase")));
        progress.push(&step(Phase::Teacher, 100, 100, 100, 0.1));
        progress.push(&step(Phase::Student, 101, 1, 900, 0.3));
        let left = progress.time_left().unwrap();
        assert!(!left.is_of_phase && (left.secs - 899.0 * 0.3).abs() < 1e-9, "{left:?}");
        assert_eq!(progress.place().as_deref(), Some("student · step 101/1,000"));
        let whole = progress.whole_secs().unwrap();
        assert!((whole - (100.0 * 0.1 + 900.0 * 0.3)).abs() < 1e-6, "{whole}");
    }

    #[test]
    fn a_run_s_length_is_told_only_once_every_phase_was_measured() {
        let step = |phase, step, phase_steps| StepReport {
            phase,
            step,
            phase_step: step,
            phase_steps,
            total_steps: 1000,
            secs: 0.1,
            ..StepReport::default()
        };
        let mut progress = Progress::default();
        assert_eq!(progress.whole_secs(), None);
        progress.push(&step(Phase::Teacher, 1, 100));
        assert_eq!(progress.whole_secs(), None, "the student's step is not known");
        progress.push(&step(Phase::Student, 101, 900));
        assert!(progress.whole_secs().is_some_and(|secs| (secs - 100.0).abs() < 1e-6));
    }

    #[test]
    fn a_finished_run_has_no_time_left_and_a_slow_one_counts_seconds_a_step() {
        let mut progress = Progress::default();
        progress.push(&StepReport { step: 10, total_steps: 10, secs: 3.2, ..StepReport::default() });
        assert_eq!(progress.line().unwrap(), "student · step 10/10 · 3.2 s/it");
        assert_eq!(clock(7420.4), "2:03:40");
    }
}
