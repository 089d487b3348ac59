//! What is said of what happens: the banner and the log.

use fusionscope_engine::protocol::{EvaluationReport, Happening, Level, Recorded, SessionState, value_words};
use fusionscope_engine::recipe::{Change, setting};

use super::alert::{Alert, Cause};
use super::{Store, metrics};
use crate::look;

impl Store {
    /// Says what an action has come to: in the log, and where it could not be done in the banner, until one is done.
    pub fn say(&mut self, level: Level, text: impl Into<String>) {
        self.tell(Cause::Action, level, text);
    }

    /// Writes a sentence into the log, and a warning or error into the banner for as long as its cause lasts.
    pub fn tell(&mut self, cause: Cause, level: Level, text: impl Into<String>) {
        let text = text.into();
        if level != Level::Info {
            let others = match &self.alert {
                Some(before) if before.cause == cause => before.others + usize::from(before.text != text),
                _ => 0,
            };
            self.alert = Some(Alert { cause, level, text: text.clone(), others });
        }
        self.log.push(level, text, self.opened.elapsed().as_secs_f64());
    }

    /// Writes an edit of the recipe into the log. What a run takes up at once is told by its mark.
    pub fn tell_edit(&mut self, key: &str, old: &str, new: &str) {
        let is_live = setting(key).is_some_and(|setting| setting.change == Change::Live);
        if !(is_live && self.is_under_way()) {
            self.log.push_edit(key, (old, new), self.opened.elapsed().as_secs_f64());
        }
    }

    /// What happens to a run under way; what is read from the folder of another has its own past. How it begins, rests
    /// and ends is told by the session's state.
    pub(super) fn tell_recorded(&mut self, entries: &[Recorded]) {
        if !self.is_under_way() {
            return;
        }
        for entry in entries {
            match &entry.what {
                Happening::Change { key, old, new } => {
                    let at_secs = self.opened.elapsed().as_secs_f64();
                    self.log.push_edit(key, (&value_words(old), &value_words(new)), at_secs);
                }
                Happening::Phase { phase } => {
                    self.say(Level::Info, format!("Step {}: {} phase", look::count(entry.step), phase.name()));
                }
                _ => {}
            }
        }
    }

    pub(super) fn tell_evaluation(&mut self, report: &EvaluationReport) {
        if !self.is_under_way() {
            return;
        }
        let Some(best) = metrics::headline(report) else { return };
        let miou = best.miou.map_or_else(|| "no mIoU".to_owned(), |miou| format!("mIoU {} %", look::percent(miou)));
        let text = format!(
            "Evaluated {}{} at step {}: {miou} ({}) with {}, {} in {}",
            if report.of_teacher { "the teacher on " } else { "" },
            report.split,
            look::count(report.step),
            report.convention,
            best.sensors.join(" + "),
            look::counted(best.scenes, "scene"),
            look::milliseconds((1000.0 * report.secs) as f32)
        );
        self.say(Level::Info, text);
    }

    /// Whether a run trains or rests, or an evaluation goes on: what is told now happens now.
    fn is_under_way(&self) -> bool {
        matches!(self.state, SessionState::Training | SessionState::Paused | SessionState::Evaluating { .. })
    }

    /// What a change of the session's state means for a run, as a line of the log.
    pub(super) fn tell_state(&mut self, next: &SessionState) {
        let step = self.curves.progress().last().map_or(0, |last| last.step);
        let at = format!("at step {}", look::count(step));
        let text = match (&self.state, next) {
            (SessionState::Paused, SessionState::Training) => format!("Training goes on {at}"),
            (SessionState::Preparing { .. } | SessionState::Idle, SessionState::Training) if step > 0 => {
                format!("The run was resumed {at}")
            }
            (SessionState::Preparing { .. } | SessionState::Idle, SessionState::Training) => {
                "Training begins".to_owned()
            }
            (SessionState::Training, SessionState::Paused) => format!("The run is held {at}"),
            (SessionState::Training | SessionState::Paused, SessionState::Finished) => format!("The run ended {at}"),
            _ => return,
        };
        self.say(Level::Info, text);
    }
}
