//! How the network in hand does on single scenes.

use super::Workshop;
use super::counting::counts_of;
use crate::data::SampleEntry;
use crate::inspection::score_scenes;
use crate::protocol::{Evaluated, SceneCounts, SceneScores, SplitRequest};
use crate::recipe::catalogue::evaluation::CONVENTION;

impl Workshop {
    /// Keeps what an evaluation counted of a network that has no run folder; of each split the newest.
    pub(super) fn keep_unfiled(&mut self, evaluated: &Evaluated) {
        let of = |kept: &Evaluated| (kept.report.dataset.clone(), kept.report.split.clone());
        self.unfiled.retain(|kept| of(kept) != of(evaluated));
        self.unfiled.push(evaluated.clone());
    }

    /// One entry a split of which an evaluation of the network in hand counted single scenes.
    pub(super) fn scored_scenes(&self) -> Vec<SceneScores> {
        let Some((model, data)) = self.current_model().zip(self.data.as_ref()) else { return Vec::new() };
        let dataset = &data.dataset;
        let convention = model.recipe.get(CONVENTION);
        let scored = dataset.splits.iter().filter_map(|split| {
            let of = SplitRequest { split: split.name.clone(), dropped: Vec::new() };
            let (step, counts) = match self.folder_in_hand() {
                Some(folder) => {
                    let (report, counts) = counts_of(folder, &model, dataset, &of, |_any| true)?;
                    (report.step, counts)
                }
                None => self.unfiled_counts(&dataset.name, &split.name)?,
            };
            let ids = split.samples.iter().map(SampleEntry::id);
            let miou = score_scenes(ids, &dataset.classes, &counts, convention)?;
            Some(SceneScores { split: split.name.clone(), step, convention: convention.word().to_owned(), miou })
        });
        scored.collect()
    }

    fn unfiled_counts(&self, dataset: &str, split: &str) -> Option<(u64, SceneCounts)> {
        let is_it = |kept: &&Evaluated| (kept.report.dataset.as_str(), kept.report.split.as_str()) == (dataset, split);
        let kept = self.unfiled.iter().find(is_it)?;
        Some((kept.report.step, kept.scenes.clone()?))
    }
}
