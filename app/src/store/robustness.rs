//! What protocols have found of the run in hand.

use fusionscope_engine::protocol::{Protocol, ProtocolReport};

/// The figures of protocols of the run in hand, oldest first.
#[derive(Clone, Debug, Default)]
pub struct Robustness {
    reports: Vec<ProtocolReport>,
    /// What is being taken, as far as the window has asked for it.
    pub asked: Option<Protocol>,
}

impl Robustness {
    /// Takes in the figures of a protocol, in place of those that were made alike at the same step.
    pub fn push(&mut self, report: ProtocolReport) {
        let is_same =
            |old: &ProtocolReport| old.is_like(&report) && old.step == report.step && old.changed == report.changed;
        self.reports.retain(|old| !is_same(old));
        self.reports.push(report);
    }

    /// Forgets all.
    pub fn clear(&mut self) {
        *self = Self::default();
    }

    /// All figures.
    pub fn reports(&self) -> &[ProtocolReport] {
        &self.reports
    }
}
