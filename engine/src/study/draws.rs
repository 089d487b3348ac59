//! Intervals over scenes between runs of a study, from the counts in their folders, each read once.

use std::collections::{BTreeMap, HashMap};

use super::bootstrap::{OverScenes, Resampled};
use super::figure::Figure;
use super::standing::Scored;
use crate::failure::sentence;
use crate::protocol::{EvaluationReport, SceneCounts};
use crate::training::RunFolder;

/// What was drawn for the runs of a table.
#[derive(Default)]
pub(super) struct Draws {
    counts: HashMap<(usize, u32), Result<SceneCounts, String>>,
    drawn: HashMap<(usize, u32, usize), Result<Resampled, String>>,
    /// For which rows there is no interval, by the reason.
    lacking: BTreeMap<String, Vec<String>>,
}

/// A run of a row.
#[derive(Clone, Copy)]
pub(super) struct RowRun<'a> {
    /// The row's place.
    pub(super) row: usize,
    /// The row's name.
    pub(super) name: &'a str,
    /// The run.
    pub(super) scored: &'a Scored,
    /// Whether it was scored with a what-if.
    pub(super) is_supposed: bool,
}

impl Draws {
    /// The interval of `ours − theirs` in the study's figure at that place, for runs from one seed.
    pub(super) fn interval(
        &mut self,
        (place, figure): (usize, &Figure),
        seed: u32,
        ours: RowRun<'_>,
        theirs: RowRun<'_>,
    ) -> Option<OverScenes> {
        for run in [ours, theirs] {
            self.draw((place, figure), seed, run);
        }
        let drawn = |run: RowRun<'_>| self.drawn.get(&(run.row, seed, place));
        let found = match (drawn(ours)?, drawn(theirs)?) {
            (Ok(ours), Ok(theirs)) => ours.minus(theirs),
            (Err(reason), _) | (_, Err(reason)) => Err(reason.clone()),
        };
        match found {
            Ok(interval) => Some(interval),
            Err(reason) => {
                let rows = self.lacking.entry(reason).or_default();
                if !rows.iter().any(|row| row == ours.name) {
                    rows.push(ours.name.to_owned());
                }
                None
            }
        }
    }

    fn draw(&mut self, (place, figure): (usize, &Figure), seed: u32, run: RowRun<'_>) {
        let report = &run.scored.report;
        let counts = self.counts.entry((run.row, seed)).or_insert_with(|| {
            if run.is_supposed {
                return Err("a what-if keeps no counts of single scenes".to_owned());
            }
            counts_of(run.scored, report)
        });
        self.drawn.entry((run.row, seed, place)).or_insert_with(|| match counts {
            Ok(counts) => Resampled::of(figure, report, counts),
            Err(reason) => Err(reason.clone()),
        });
    }

    /// Which rows have no interval over scenes, and why, a sentence a reason.
    pub(super) fn warnings(self) -> impl Iterator<Item = String> {
        self.lacking
            .into_iter()
            .map(|(reason, rows)| format!("{} from one seed: no interval over scenes, since {reason}", rows.join(", ")))
    }
}

fn counts_of(scored: &Scored, report: &EvaluationReport) -> Result<SceneCounts, String> {
    let found = RunFolder::open(&scored.run).and_then(|run| run.scene_counts(report)).map_err(sentence)?;
    let missing = || {
        let split = &report.split;
        format!(
            "a run keeps no counts of single scenes, as those of older programs; `fusionscope evaluate RUN --split {split}` adds them"
        )
    };
    found.ok_or_else(missing)
}
