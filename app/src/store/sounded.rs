//! What protocols have found of the run in hand beside the runs that are compared with it.

use std::path::Path;

use fusionscope_engine::protocol::{Protocol, ProtocolReport};
use fusionscope_engine::robustness::{Kept, Method};

use super::Store;

/// A run, or several that differ by their seed alone, whose figures can be shown.
#[derive(Clone, Debug)]
pub struct Sounded<'a> {
    /// What it is called.
    pub name: String,
    /// The place of its colour; `None` of the run in hand.
    pub place: Option<usize>,
    /// What each of the runs keeps.
    pub runs: Vec<Kept<'a>>,
}

impl Store {
    /// The run in hand first, then those that are compared with it and have been read: the run beside, the chosen ones.
    pub fn sounded(&self) -> Vec<Sounded<'_>> {
        let own = Kept { protocols: self.robustness.reports(), evaluations: self.metrics.reports() };
        let mut all = vec![Sounded { name: self.run_name(), place: None, runs: vec![own] }];
        let is_own = |path: &Path| self.run.as_deref() == Some(path);
        let kept = |path: &Path| {
            let trace = self.shelf.trace(path)?;
            Some(Kept { protocols: &trace.protocols, evaluations: &trace.evaluations })
        };
        let sides = self.shelf.sides(true);
        let beside = self.scene.beside.as_ref().map(|beside| beside.path.as_path());
        let is_chosen = |path: &Path| sides.iter().flat_map(|side| &side.runs).any(|run| run.card.path == path);
        if let Some(path) = beside.filter(|path| !is_own(path) && !is_chosen(path))
            && let (Some(run), Some(name)) = (kept(path), self.beside_name())
        {
            let place = sides.iter().map(|side| side.place + 1).max().unwrap_or(0);
            all.push(Sounded { name, place: Some(place), runs: vec![run] });
        }
        for (side, name) in sides.iter().zip(super::shelf::labels(&sides)) {
            let paths = side.runs.iter().map(|run| run.card.path.as_path()).filter(|path| !is_own(path));
            let runs: Vec<Kept<'_>> = paths.filter_map(kept).collect();
            if !runs.is_empty() {
                all.push(Sounded { name, place: Some(side.place), runs });
            }
        }
        all
    }
}

impl<'a> Sounded<'a> {
    /// Its severity curves on a split, made as `like` were; the mean of its runs. `None` where it has none.
    pub fn method(&self, split: &str, like: Option<&ProtocolReport>) -> Option<Method> {
        let of_run = |kept: &Kept<'a>| Some((*kept, kept.newest(Protocol::Severity, Some(split))?));
        let is_like = |(_, report): &(Kept<'a>, &ProtocolReport)| like.is_none_or(|like| report.is_like(like));
        let runs: Vec<_> = self.runs.iter().filter_map(of_run).filter(is_like).collect();
        let name = match (runs.len(), self.runs.len()) {
            (scored, all) if scored < all => format!("{} ({scored} scored)", self.name),
            _ => self.name.clone(),
        };
        Method::of(&name, &runs)
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use fusionscope_engine::protocol::{
        Degradation, Degraded, Event, RunCard, RunTrace, ShelfNews, SubsetScores, Trial, TrialScores,
    };

    use super::*;
    use crate::store::Robustness;

    fn report(protocol: Protocol, step: u64, end: f64) -> ProtocolReport {
        let scored =
            |trial, miou| TrialScores { trial, scores: SubsetScores { miou: Some(miou), ..SubsetScores::default() } };
        let fog = |severity| Trial::Degraded(Degraded { sensor: "depth".to_owned(), kind: Degradation::Fog, severity });
        ProtocolReport {
            protocol,
            split: "test".to_owned(),
            step,
            sensors: vec!["depth".to_owned()],
            trials: vec![scored(Trial::Clean, 0.6), scored(fog(1.0), end)],
            ..ProtocolReport::default()
        }
    }

    #[test]
    fn figures_that_were_made_alike_at_one_step_replace_each_other() {
        let mut robustness = Robustness::default();
        for report in [
            report(Protocol::Emm, 5, 0.1),
            report(Protocol::Emm, 5, 0.2),
            report(Protocol::Emm, 9, 0.2),
            report(Protocol::Rmm, 5, 0.2),
            ProtocolReport { split: "val".to_owned(), ..report(Protocol::Emm, 5, 0.1) },
        ] {
            robustness.push(report);
        }
        assert_eq!(robustness.reports().len(), 4);
    }

    #[test]
    fn runs_that_are_compared_stand_beside_the_one_in_hand_which_stands_there_once() {
        let mut store = Store { run: Some("runs/own".into()), ..Store::default() };
        store.robustness.push(report(Protocol::Severity, 5, 0.2));
        let runs = ["runs/own", "runs/other"].map(PathBuf::from);
        let cards = runs.iter().map(|path| RunCard { path: path.clone(), ..RunCard::default() }).collect();
        let cards = ShelfNews::Cards { cards, gone: Vec::new(), waiting: 0, remarks: Vec::new() };
        store.apply(Event::Shelf(cards));
        store.shelf.choose(&runs, true);
        assert_eq!(store.sounded().len(), 1, "nothing of the other was read yet");
        for run in &runs {
            let protocols = vec![report(Protocol::Severity, 7, 0.4)];
            let trace = RunTrace { run: run.clone(), is_whole: true, protocols, ..RunTrace::default() };
            store.apply(Event::Shelf(ShelfNews::Trace(trace)));
        }
        let sounded = store.sounded();
        assert_eq!(sounded.iter().map(|side| side.place).collect::<Vec<_>>(), [None, Some(0)]);
        let ends: Vec<f64> =
            sounded.iter().map(|side| side.method("test", None).unwrap().leans[0].courses[0].points[1][1]).collect();
        assert_eq!(ends, [0.2, 0.4]);
        assert_eq!(sounded[1].method("val", None), None);
        let like = ProtocolReport { missing: "zeros".to_owned(), ..report(Protocol::Severity, 5, 0.2) };
        assert_eq!(sounded[1].method("test", Some(&like)), None, "made in another way");
    }
}
