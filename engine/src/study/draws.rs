//! Intervals over scenes between runs of a study, from the counts in their folders.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::bootstrap::{OverScenes, Resampled};
use super::figure::Figure;
use super::standing::Scored;
use crate::failure::sentence;
use crate::files::sum_of;
use crate::protocol::{EvaluationReport, SceneCounts};
use crate::training::RunFolder;

/// The most bytes of draws that are held.
const MOST_BYTES: usize = 256 << 20;

/// What tells a run, as it was scored, from any other.
type Print = u64;

/// What was drawn for the runs of a study. It is kept from one table to the next, since a run that is done stays as it
/// is; the counts that it is drawn from take far more, and go at once.
#[derive(Debug)]
pub(super) struct Draws {
    /// By the run and the figure's place.
    drawn: HashMap<(Print, usize), Result<Resampled, String>>,
    most_bytes: usize,
    /// The runs of the table that is being made, by row and seed.
    prints: HashMap<(usize, u32), Print>,
    /// For which of its rows there is no interval, by the reason.
    lacking: BTreeMap<String, Vec<String>>,
}

impl Default for Draws {
    fn default() -> Self {
        let (drawn, prints, lacking) = (HashMap::new(), HashMap::new(), BTreeMap::new());
        Self { drawn, most_bytes: MOST_BYTES, prints, lacking }
    }
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
    /// The interval of `ours − theirs` in one of the study's figures, by its place, for runs from one seed.
    pub(super) fn interval(
        &mut self,
        (place, figures): (usize, &[Figure]),
        seed: u32,
        ours: RowRun<'_>,
        theirs: RowRun<'_>,
    ) -> Option<OverScenes> {
        let runs = [ours, theirs];
        let prints = runs.map(|run| *self.prints.entry((run.row, seed)).or_insert_with(|| print_of(run.scored)));
        if self.bytes() > self.most_bytes {
            self.drawn.retain(|(print, _), _| prints.contains(print));
        }
        for (run, print) in runs.into_iter().zip(prints) {
            self.draw(print, place, figures, run);
        }
        let found = match prints.map(|print| self.drawn.get(&(print, place))) {
            [Some(Ok(ours)), Some(Ok(theirs))] => ours.minus(theirs),
            [Some(Err(reason)), _] | [_, Some(Err(reason))] => Err(reason.clone()),
            _ => return None,
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

    /// Draws for every figure of a run at once, so that its counts are read once and held for no longer.
    fn draw(&mut self, print: Print, place: usize, figures: &[Figure], run: RowRun<'_>) {
        if self.drawn.contains_key(&(print, place)) {
            return;
        }
        let report = &run.scored.report;
        let counts = if run.is_supposed {
            Err("a what-if keeps no counts of single scenes".to_owned())
        } else {
            counts_of(run.scored, report)
        };
        for (place, figure) in figures.iter().enumerate() {
            self.drawn.entry((print, place)).or_insert_with(|| match &counts {
                Ok(counts) => Resampled::of(figure, report, counts),
                Err(reason) => Err(reason.clone()),
            });
        }
    }

    /// Ends a table: says which rows have no interval over scenes, and why, a sentence a reason. What was drawn for its
    /// runs stays for the next one; what could not be is tried again.
    pub(super) fn end_table(&mut self) -> Vec<String> {
        let of_table: HashSet<Print> = std::mem::take(&mut self.prints).into_values().collect();
        self.drawn.retain(|(print, _), found| of_table.contains(print) && found.is_ok());
        let words = |(reason, rows): (String, Vec<String>)| {
            format!("{} from one seed: no interval over scenes, since {reason}", rows.join(", "))
        };
        std::mem::take(&mut self.lacking).into_iter().map(words).collect()
    }

    fn bytes(&self) -> usize {
        self.drawn.values().flatten().map(Resampled::bytes).sum()
    }
}

fn print_of(scored: &Scored) -> Print {
    let report = serde_json::to_string(&scored.report).unwrap_or_default();
    sum_of(format!("{}\n{report}", scored.run.display()).as_bytes())
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

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::evaluation::{ConfusionMatrix, Convention, scores_from_matrix};
    use crate::protocol::{CountedScene, Evaluated};
    use crate::recipe::Recipe;
    use crate::training::Environment;

    /// A run that was scored on four scenes, in which so many more pixels of each are right.
    fn scored(runs: &Path, name: &str, more: u64) -> Scored {
        let classes = vec!["road".to_owned(), "car".to_owned()];
        let sensors = vec!["colour".to_owned()];
        let mut counts = SceneCounts::new(&classes, [sensors.clone()]);
        let mut whole = ConfusionMatrix::new(2);
        for scene in 0..4_u64 {
            let matrix = ConfusionMatrix::from_counts(2, vec![5 + more + scene, 3, 2, 7 + scene * more]).unwrap();
            counts.scenes.push(CountedScene { id: scene.to_string(), ..CountedScene::default() });
            counts.subsets[0].push(matrix.cells());
            whole.merge(&matrix);
        }
        let scores = scores_from_matrix(&whole, &classes, Convention::NanMean, sensors, "", "fused", 4);
        let report = EvaluationReport {
            dataset: "streets".to_owned(),
            split: "test".to_owned(),
            convention: "nanmean".to_owned(),
            step: 1,
            classes,
            subsets: vec![scores],
            ..EvaluationReport::default()
        };
        let mut run = RunFolder::create(runs, &Recipe::defaults(name), &Environment::default()).unwrap();
        run.keep_evaluation(&Evaluated { report: report.clone(), scenes: Some(counts) }).unwrap();
        Scored { run: run.path().to_owned(), report, protocols: Vec::new(), version: String::new() }
    }

    fn row(row: usize, scored: &Scored) -> RowRun<'_> {
        RowRun { row, name: "mine", scored, is_supposed: false }
    }

    #[test]
    fn what_was_drawn_for_a_run_holds_for_the_next_table_until_it_is_scored_anew() {
        let runs = tempfile::tempdir().unwrap();
        let (ours, theirs) = (scored(runs.path(), "ours", 3), scored(runs.path(), "theirs", 0));
        let figures = [Figure::usual()];
        let mut draws = Draws::default();
        let interval =
            |draws: &mut Draws, ours: &Scored| draws.interval((0, &figures), 1, row(0, ours), row(1, &theirs));
        let first = interval(&mut draws, &ours);
        assert!(first.is_some_and(|found| found.scenes == 4));
        assert_eq!(draws.end_table(), [] as [String; 0]);
        assert_eq!(draws.drawn.len(), 2);

        // Their counts are not read again.
        for run in [&ours, &theirs] {
            std::fs::remove_dir_all(run.run.join("scenes")).unwrap();
        }
        assert_eq!(interval(&mut draws, &ours), first);
        assert_eq!(draws.end_table(), [] as [String; 0]);

        let anew = Scored { report: EvaluationReport { step: 2, ..ours.report.clone() }, ..ours.clone() };
        assert_eq!(interval(&mut draws, &anew), None, "another evaluation, whose counts were not kept");
        let warnings = draws.end_table();
        assert!(warnings.len() == 1 && warnings[0].starts_with("mine from one seed: no interval"), "{warnings:?}");
        assert_eq!(draws.drawn.len(), 1, "what the table did not take goes, and so does what failed");
    }

    #[test]
    fn no_more_is_held_than_may_be_beside_the_two_runs_in_hand() {
        let runs = tempfile::tempdir().unwrap();
        let all: Vec<Scored> = (0..4).map(|more| scored(runs.path(), &format!("run-{more}"), more)).collect();
        let figures = [Figure::usual()];
        let of_all = |mut draws: Draws| -> (Vec<Option<OverScenes>>, usize) {
            let found = (1..4).map(|at| draws.interval((0, &figures), 1, row(at, &all[at]), row(0, &all[0]))).collect();
            (found, draws.drawn.len())
        };
        let (roomy, held) = of_all(Draws::default());
        let (narrow, fewest) = of_all(Draws { most_bytes: 0, ..Draws::default() });
        assert_eq!(roomy, narrow, "it changes no figure");
        assert!(roomy.iter().all(Option::is_some));
        assert_eq!((held, fewest), (4, 2));
    }
}
