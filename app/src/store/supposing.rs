//! How a what-if is worked on: the card, the tool in hand, what was kept, and what came of it on whole splits.

use fusionscope_engine::protocol::{Touch, WhatIf, WhatIfReport};

/// What the pointer does to the picture of the sensor on the card.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tool {
    /// Moves it.
    #[default]
    Move,
    /// Paints on it.
    Paint(Touch),
}

impl Tool {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Move, Self::Paint(Touch::Black), Self::Paint(Touch::Restore)];
}

/// How a what-if is worked on; what is supposed stands beside it.
#[derive(Debug)]
pub struct Supposing {
    /// The sensor that the card is open on.
    pub card: Option<String>,
    /// What the pointer does to that sensor's picture; `None` where it looks at it as at any other.
    pub tool: Option<Tool>,
    /// Half the width of the brush, as a share of the picture's.
    pub radius: f32,
    /// What-ifs that were kept, each under a name of its own, in the order of their names.
    pub kept: Vec<WhatIf>,
    /// What what-ifs came to on splits, of the run in view.
    pub reports: Vec<WhatIfReport>,
}

impl Default for Supposing {
    fn default() -> Self {
        Self { card: None, tool: None, radius: 0.06, kept: Vec::new(), reports: Vec::new() }
    }
}

impl Supposing {
    /// Puts the card and the tool away.
    pub fn leave(&mut self) {
        (self.card, self.tool) = (None, None);
    }

    /// Opens the card on a sensor; the tool stays for the next one.
    pub fn open(&mut self, sensor: &str) {
        self.card = Some(sensor.to_owned());
    }

    /// What the pointer does to this sensor's picture.
    pub fn tool_on(&self, sensor: &str) -> Option<Tool> {
        self.tool.filter(|_| self.card.as_deref() == Some(sensor))
    }

    /// Keeps one under its name, in place of one of the same name.
    pub fn keep(&mut self, what_if: WhatIf) {
        self.forget(&what_if.name);
        self.kept.push(what_if);
        self.kept.sort_by_cached_key(|kept| kept.name.to_lowercase());
    }

    /// Forgets the one of this name.
    pub fn forget(&mut self, name: &str) {
        self.kept.retain(|kept| kept.name != name);
    }

    /// Takes in what one came to, in place of an older one of the same.
    pub fn take(&mut self, report: WhatIfReport) {
        self.reports.retain(|old| !report.replaces(old));
        self.reports.push(report);
    }

    /// What this what-if came to on a split, the newest first.
    pub fn came_to<'a>(&'a self, what_if: &'a WhatIf, split: &'a str) -> impl Iterator<Item = &'a WhatIfReport> {
        let is_it = move |report: &&WhatIfReport| report.split == split && report.what_if.is_like(what_if);
        self.reports.iter().rev().filter(is_it)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(name: &str, dropped: &[&str]) -> WhatIf {
        WhatIf { name: name.to_owned(), ..WhatIf::without(dropped) }
    }

    #[test]
    fn what_is_kept_has_one_name_each_and_stands_in_their_order() {
        let mut supposing = Supposing::default();
        for (name, dropped) in [("night", "colour"), ("Dusk", "thermal"), ("night", "thermal")] {
            supposing.keep(named(name, &[dropped]));
        }
        assert_eq!(supposing.kept, [named("Dusk", &["thermal"]), named("night", &["thermal"])]);
        supposing.forget("Dusk");
        assert_eq!(supposing.kept.len(), 1);
    }

    #[test]
    fn what_it_came_to_is_found_whatever_it_is_called() {
        let mut supposing = Supposing::default();
        let report = |name: &str, step| WhatIfReport {
            what_if: named(name, &["colour"]),
            split: "test".to_owned(),
            step,
            ..WhatIfReport::default()
        };
        for (name, step) in [("a", 1), ("b", 2), ("c", 2)] {
            supposing.take(report(name, step));
        }
        let what_if = named("", &["colour"]);
        let steps: Vec<u64> = supposing.came_to(&what_if, "test").map(|report| report.step).collect();
        assert_eq!(steps, [2, 1], "the newest first, each once");
        assert_eq!(supposing.came_to(&what_if, "val").count(), 0);
    }
}
