//! Lists of scenes: by how far two networks differ on them, and by what is taken for what in them.

use std::collections::HashMap;
use std::path::Path;

use super::counted::Counted;
use super::{Workshop, no_model};
use crate::data::Dataset;
use crate::evaluation::Missing;
use crate::inspection::{Asked, compare_counts, compare_split, confused_scenes, count_scenes};
use crate::network::Model;
use crate::protocol::{
    ConfusedScenes, Confusion, CountedFrom, EvaluationReport, SceneCounts, SplitComparison, SplitRequest,
};
use crate::recipe::catalogue::evaluation::MISSING;
use crate::session::engine::Count;
use crate::session::halt::Halt;
use crate::training::RunFolder;

impl Workshop {
    /// Predicts the split with both networks.
    pub(super) fn compared_split(&self, of: &SplitRequest, progress: &mut Count<'_>) -> Result<SplitComparison, Halt> {
        let beside = self.beside.as_ref().ok_or_else(|| Halt::refused("Choose a run to compare with first"))?;
        let model = self.current_model().ok_or_else(no_model)?;
        let (dataset, other) = (self.dataset()?, self.read_beside(beside)?);
        let means = self.means_where_asked(&model, dataset, by_means(&model, of), progress)?;
        let first = Asked::new(&model, dataset, &of.dropped, means)?;
        let means = self.means_where_asked(&beside.model, &other, by_means(&beside.model, of), progress)?;
        let second = Asked::new(&beside.model, &other, &of.dropped, means)?;
        Ok(compare_split(&first, &second, of, progress)?)
    }

    /// What the newest evaluations of both runs counted; `None` where either kept nothing of this split and these sensors,
    /// or where they are of other classes.
    pub(super) fn compared_by_evaluations(&self, of: &SplitRequest) -> Option<SplitComparison> {
        let (beside, model) = (self.beside.as_ref()?, self.current_model()?);
        let dataset = self.dataset().ok()?;
        let (ours, our_counts) = counts_of(self.folder_in_hand()?, &model, dataset, of, |_any| true)?;
        let (theirs, their_counts) = counts_of(&beside.path, &beside.model, dataset, of, |_any| true)?;
        if our_counts.classes != model.classes || their_counts.classes != model.classes {
            return None;
        }
        let subsets = [
            our_counts.subset(&present(&model, &of.dropped))?,
            their_counts.subset(&present(&beside.model, &of.dropped))?,
        ];
        let (our_places, their_places) = (places(&our_counts), places(&their_counts));
        let samples = dataset.split(&of.split).ok()?.samples.iter().enumerate();
        let both = samples.filter_map(|(index, sample)| {
            let id = sample.id();
            Some((index, [*our_places.get(id)?, *their_places.get(id)?]))
        });
        let both: Vec<(usize, [usize; 2])> = both.collect();
        (!both.is_empty()).then(|| compare_counts(&model, &both, subsets, [ours.step, theirs.step], of))
    }

    /// The scenes of a cell of a confusion matrix: of what its evaluation counted where that was kept, else of what is
    /// counted now.
    pub(super) fn found_confused(&self, of: &Confusion, progress: &mut Count<'_>) -> Result<ConfusedScenes, Halt> {
        let model = self.current_model().ok_or_else(no_model)?;
        let dataset = self.dataset()?;
        let sensors = present(&model, &of.dropped);
        let kept = self.folder_in_hand().and_then(|folder| {
            let request = SplitRequest { split: of.split.clone(), dropped: of.dropped.clone() };
            let (report, counts) = counts_of(folder, &model, dataset, &request, |report| report.step == of.step)?;
            let found = confused_scenes(&counts, &sensors, dataset, of)?;
            Some(ConfusedScenes { step: report.step, ..found })
        });
        if let Some(found) = kept {
            return Ok(found);
        }
        self.count(&model, dataset, of, progress)?;
        let counted = self.counted.borrow();
        let counted = counted.as_ref().ok_or_else(no_model)?;
        let found = confused_scenes(&counted.counts, &sensors, dataset, of).ok_or_else(no_model)?;
        let warnings = counted.warnings.iter().cloned().chain(found.warnings).collect();
        Ok(ConfusedScenes { step: counted.step, from: CountedFrom::Predictions, warnings, ..found })
    }

    /// Counts what is taken for what in each scene of a split, unless that is what was counted last.
    fn count(&self, model: &Model, dataset: &Dataset, of: &Confusion, progress: &mut Count<'_>) -> Result<(), Halt> {
        let is_known = |counted: &Counted| {
            (&counted.split, &counted.dropped, counted.step) == (&of.split, &of.dropped, model.step)
        };
        if self.counted.borrow().as_ref().is_some_and(is_known) {
            return Ok(());
        }
        let request = SplitRequest { split: of.split.clone(), dropped: of.dropped.clone() };
        let means = self.means_where_asked(model, dataset, by_means(model, &request), progress)?;
        let asked = Asked::new(model, dataset, &of.dropped, means)?;
        let (counts, warnings) = count_scenes(&asked, &of.split, progress)?;
        let (split, dropped) = (of.split.clone(), of.dropped.clone());
        *self.counted.borrow_mut() = Some(Counted { split, dropped, step: model.step, counts, warnings });
        Ok(())
    }

    /// The folder of the run in hand; `None` of a packed model.
    pub(super) fn folder_in_hand(&self) -> Option<&Path> {
        let under_way = self.run.as_ref().map(|run| run.folder.path());
        under_way.or(self.resumable.as_deref())
    }
}

/// Whether mean images stand in for dropped sensors.
fn by_means(model: &Model, of: &SplitRequest) -> bool {
    !of.dropped.is_empty() && model.recipe.get(MISSING) == Missing::Mean
}

/// Names of the network's sensors that are not dropped.
fn present(model: &Model, dropped: &[String]) -> Vec<String> {
    let names = model.sensors.iter().map(|sensor| &sensor.name);
    names.filter(|name| !dropped.contains(name)).cloned().collect()
}

/// Where each scene stands in the counts, by its id.
fn places(counts: &SceneCounts) -> HashMap<&str, usize> {
    counts.scenes.iter().enumerate().map(|(place, scene)| (scene.id.as_str(), place)).collect()
}

/// The newest evaluation of a run that `is_wanted` and is of this split and network, and what it counted in single
/// scenes. Where something cannot be read there is nothing: it is counted anew then.
pub(super) fn counts_of(
    folder: &Path,
    model: &Model,
    dataset: &Dataset,
    of: &SplitRequest,
    is_wanted: impl Fn(&EvaluationReport) -> bool,
) -> Option<(EvaluationReport, SceneCounts)> {
    let missing: Missing = model.recipe.get(MISSING);
    let fits = |report: &&EvaluationReport| {
        (report.dataset.as_str(), report.split.as_str()) == (dataset.name.as_str(), of.split.as_str())
            && !report.of_teacher
            && (of.dropped.is_empty() || report.missing == missing.word())
            && is_wanted(report)
    };
    let run = RunFolder::open(folder).ok()?;
    let reports = run.evaluations().ok()?;
    let report = reports.iter().filter(fits).max_by_key(|report| report.step)?;
    let counts = run.scene_counts(report).ok()??;
    Some((report.clone(), counts))
}
