//! A study's figures, each row beside the one it is compared with.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Serialize;

use super::bootstrap::OverScenes;
use super::definition::Study;
use super::draws::{Draws, RowRun};
use super::over::Over;
use super::rows::Row;
use super::standing::{Job, Scored, Standing};
use super::statistics::{MOST_SEEDS, Paired, Summary, paired, seeds_needed, summary};
use crate::protocol::{EvaluationReport, NetworkCost, counted};
use crate::training::RunFolder;

/// The table of a study, of whatever is done by now.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Table {
    /// The study's title.
    pub title: String,
    /// What it is for.
    pub note: String,
    /// Where printed figures come from.
    pub source: String,
    /// The data set's name.
    pub dataset: String,
    /// The split that was scored.
    pub split: String,
    /// How missing sensors were replaced.
    pub missing: String,
    /// The convention of mean figures.
    pub convention: String,
    /// The heads of the figures.
    pub figures: Vec<String>,
    /// The rows, as the study has them.
    pub rows: Vec<TableRow>,
    /// What a reader must know beside the figures.
    pub warnings: Vec<String>,
}

/// One row.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TableRow {
    /// What it is called.
    pub name: String,
    /// What was supposed where it was scored, in words; empty of the data as they are.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub what_if: String,
    /// The row that it is compared with.
    pub against: Option<String>,
    /// The seeds that are done.
    pub seeds: Vec<u32>,
    /// How many there are to be.
    pub wanted: usize,
    /// Steps of training, all phases.
    pub steps: Option<Summary>,
    /// Parameters and multiply-adds, as the evaluations counted them.
    pub cost: Option<NetworkCost>,
    /// Seconds of training: the steps alone, evaluations left out.
    pub secs: Option<Summary>,
    /// The most memory in bytes that the training process held; that of a graphics processor is not in it.
    pub peak_bytes: Option<Summary>,
    /// One a figure.
    pub cells: Vec<Cell>,
}

/// One figure of a row. All are fractions.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Cell {
    /// The figure from each seed that has one.
    pub by_seed: BTreeMap<u32, f64>,
    /// Mean and spread of these.
    pub summary: Option<Summary>,
    /// The difference to the row that it is compared with, over the seeds that both have.
    pub difference: Option<Paired>,
    /// The interval of that difference over scenes, where both rows have one seed in common and no more.
    pub over_scenes: Option<OverScenes>,
    /// From how many seeds such a difference would be told from noise, where it is not yet.
    pub needed: Option<u32>,
    /// What the paper prints.
    pub printed: Option<f64>,
    /// The paper's own difference between the two rows.
    pub printed_difference: Option<f64>,
}

impl TableRow {
    /// Its name, and what it was scored with where that is no data as they are: no reader takes it for clean figures.
    pub fn label(&self) -> String {
        if self.what_if.is_empty() { self.name.clone() } else { format!("{} (what if: {})", self.name, self.what_if) }
    }
}

impl Cell {
    /// Both ends of the difference's 95 % interval: over seeds, or over scenes where there is one seed.
    pub fn interval(&self) -> Option<[f64; 2]> {
        let Paired { differences, half_width } = self.difference?;
        match (half_width, self.over_scenes) {
            (Some(half), _) => Some([differences.mean - half, differences.mean + half]),
            (None, over_scenes) => over_scenes.map(|found| [found.low, found.high]),
        }
    }

    /// Whether that interval leaves out 0.
    pub fn is_told_from_noise(&self) -> bool {
        self.interval().is_some_and(|[low, high]| low > 0.0 || high < 0.0)
    }

    /// How many seeds would tell the difference from noise, in words; `None` where it is told, or where a single seed says
    /// nothing of how far seeds lie apart.
    pub fn seeds_needed_words(&self) -> Option<String> {
        self.difference.filter(|found| found.half_width.is_some() && !found.is_told_from_noise())?;
        let words = |seeds: u32| counted(u64::from(seeds), "seed");
        Some(self.needed.map_or_else(|| format!("more than {}", words(MOST_SEEDS)), words))
    }
}

impl Study {
    /// The table of the runs that lie in a folder.
    pub fn table(&self, out: &Path) -> Table {
        self.table_from(self.jobs().into_iter().map(|job| (job, self.look(out, job))))
    }

    /// The table of jobs that were looked at.
    pub fn table_from(&self, standings: impl IntoIterator<Item = (Job, Standing)>) -> Table {
        self.table_with(standings, &mut Draws::default())
    }

    /// [`Study::table_from`] with what was drawn for the table before.
    pub(super) fn table_with(&self, standings: impl IntoIterator<Item = (Job, Standing)>, draws: &mut Draws) -> Table {
        let mut scored: Vec<BTreeMap<u32, Box<Scored>>> = vec![BTreeMap::new(); self.rows.len()];
        let mut warnings = Vec::new();
        for (job, standing) in standings {
            match standing {
                Standing::Done(done) => {
                    scored[job.row].insert(job.seed, done);
                }
                Standing::Stale { reason, .. } => warnings.push(format!("{}: {reason}", self.words_of(job))),
                Standing::Missing
                | Standing::Unfinished { .. }
                | Standing::Unscored { .. }
                | Standing::Prepared { .. } => {}
            }
        }
        self.table_of(&scored, warnings, draws)
    }

    /// A job in words: `full, seed 3`.
    pub fn words_of(&self, job: Job) -> String {
        format!("{}, seed {}", self.rows[job.row].name, job.seed)
    }

    fn table_of(&self, scored: &[BTreeMap<u32, Box<Scored>>], mut warnings: Vec<String>, draws: &mut Draws) -> Table {
        let all = || scored.iter().flat_map(BTreeMap::values);
        let one = |what: &dyn Fn(&Scored) -> String| all().next().map(|done| what(done)).unwrap_or_default();
        let sees_one_alone = self.figures.iter().any(|figure| figure.over != Over::All);
        for (name, what) in [
            ("convention", &(|done: &Scored| done.report.convention.clone()) as &dyn Fn(&Scored) -> String),
            ("data set", &|done| done.report.dataset.clone()),
            ("rule for missing sensors", &|done| done.report.missing.clone()),
            ("choice of subsets", &|done| {
                if sees_one_alone { subsets_of(&done.report) } else { String::new() }
            }),
            ("rule for a sensor left alone (`inference.single`)", &|done| {
                if sees_one_alone { done.report.single.clone() } else { String::new() }
            }),
        ] {
            let mut kinds: Vec<String> = all().map(|done| what(done)).collect();
            // Where nothing is said, the question did not arise.
            kinds.retain(|kind| !kind.is_empty());
            kinds.sort();
            kinds.dedup();
            if kinds.len() > 1 {
                warnings.push(format!("the runs are not of one {name}: {}", kinds.join(", ")));
            }
        }
        warnings.extend(self.programs(scored));
        for (row, done) in self.rows.iter().zip(scored) {
            warnings.extend(done.iter().flat_map(|(seed, done)| {
                done.report.warnings.iter().map(move |warning| format!("{}, seed {seed}: {warning}", row.name))
            }));
        }
        let values: Vec<Vec<BTreeMap<u32, f64>>> = scored
            .iter()
            .map(|done| {
                let read = |figure: &super::figure::Figure| {
                    done.iter()
                        .filter_map(|(&seed, done)| Some((seed, figure.read(&done.report, &done.protocols)?)))
                        .collect()
                };
                self.figures.iter().map(read).collect()
            })
            .collect();
        warnings.extend(self.figures.iter().filter_map(|figure| {
            let shown = self.rows.iter().zip(scored).filter(|(row, _)| row.is_shown);
            let mut done = shown.flat_map(|(_, done)| done.values());
            let why = done.find_map(|done| figure.read_or_why_not(&done.report, &done.protocols).err())?;
            Some(format!("{}: {why}", figure.title))
        }));
        let mut cell = |row: usize, figure: usize| -> Cell {
            let by_seed = &values[row][figure];
            let against = self.rows[row].against;
            let difference = against.and_then(|other| {
                let theirs = &values[other][figure];
                let pairs: Vec<(f64, f64)> =
                    by_seed.iter().filter_map(|(seed, ours)| Some((*ours, *theirs.get(seed)?))).collect();
                paired(&pairs)
            });
            let run = |row: usize, seed: u32| {
                let Row { name, what_if, .. } = &self.rows[row];
                Some(RowRun { row, name, scored: scored[row].get(&seed)?, is_supposed: what_if.is_some() })
            };
            let over_scenes = against.and_then(|other| {
                let mut common = by_seed.keys().filter(|seed| values[other][figure].contains_key(seed));
                let seed = *common.next().filter(|_| common.next().is_none())?;
                draws.interval((figure, &self.figures), seed, run(row, seed)?, run(other, seed)?)
            });
            let printed = self.rows[row].printed[figure];
            let figures: Vec<f64> = by_seed.values().copied().collect();
            Cell {
                summary: summary(&figures),
                difference,
                over_scenes,
                needed: difference.filter(|found| !found.is_told_from_noise()).and_then(|found| seeds_needed(&found)),
                printed,
                printed_difference: against.and_then(|other| Some(printed? - self.rows[other].printed[figure]?)),
                by_seed: by_seed.clone(),
            }
        };
        let shown = self.rows.iter().enumerate().filter(|(_, row)| row.is_shown);
        let rows = shown.map(|(at, row)| {
            let efforts: Vec<Effort> = scored[at].values().map(|done| Effort::of(done)).collect();
            let over_runs =
                |figure: fn(&Effort) -> Option<f64>| summary(&efforts.iter().filter_map(figure).collect::<Vec<_>>());
            TableRow {
                name: row.name.clone(),
                what_if: row.what_if.as_ref().map(|what_if| what_if.words().join(", ")).unwrap_or_default(),
                against: row.against.map(|other| self.rows[other].name.clone()),
                seeds: scored[at].keys().copied().collect(),
                wanted: self.seeds.len(),
                cost: scored[at].values().find_map(|done| done.report.cost),
                steps: summary(&scored[at].values().map(|done| done.report.step as f64).collect::<Vec<_>>()),
                secs: over_runs(|effort| effort.secs),
                peak_bytes: over_runs(|effort| effort.peak_bytes),
                cells: (0..self.figures.len()).map(|figure| cell(at, figure)).collect(),
            }
        });
        let rows: Vec<TableRow> = rows.collect();
        warnings.extend(draws.end_table());
        Table {
            title: self.title.clone(),
            note: self.note.clone(),
            source: self.source.clone(),
            dataset: one(&|done| done.report.dataset.clone()),
            split: self.split.clone(),
            missing: all()
                .find(|done| !done.report.single.is_empty())
                .or_else(|| all().next())
                .map(|done| done.report.missing_words())
                .unwrap_or_default(),
            convention: one(&|done| done.report.convention.clone()),
            figures: self.figures.iter().map(|figure| figure.title.clone()).collect(),
            rows,
            warnings,
        }
    }
}

impl Study {
    /// Which rows were made by which program, where there are several.
    fn programs(&self, scored: &[BTreeMap<u32, Box<Scored>>]) -> Option<String> {
        let mut made: BTreeMap<&str, Vec<String>> = BTreeMap::new();
        for (row, done) in self.rows.iter().zip(scored) {
            let mut seeds: BTreeMap<&str, Vec<String>> = BTreeMap::new();
            for (seed, done) in done {
                seeds.entry(&done.version).or_default().push(seed.to_string());
            }
            for (program, seeds) in seeds {
                made.entry(program).or_default().push(format!("{} from {}", row.name, seeds.join(", ")));
            }
        }
        let words: Vec<String> =
            made.iter().map(|(program, rows)| format!("{program} ({})", rows.join("; "))).collect();
        (words.len() > 1).then(|| format!("the runs are not of one program: {}", words.join(", ")))
    }
}

/// Which subsets of the sensors were scored, in words.
fn subsets_of(report: &EvaluationReport) -> String {
    let mut subsets: Vec<String> =
        report.subsets.iter().filter(|scores| scores.tag.is_empty()).map(|scores| scores.sensors.join("+")).collect();
    subsets.sort();
    subsets.join(" ")
}

/// What a run took.
#[derive(Default)]
struct Effort {
    /// Of all steps; `None` where the metrics do not hold every one.
    secs: Option<f64>,
    /// `None` in what older programs wrote.
    peak_bytes: Option<f64>,
}

impl Effort {
    fn of(done: &Scored) -> Self {
        let Ok(steps) = RunFolder::open(&done.run).and_then(|run| run.steps()) else { return Self::default() };
        let is_whole = steps.len() as u64 == done.report.step;
        Self {
            secs: is_whole.then(|| steps.iter().map(|step| step.secs).sum()),
            // A run that went on in another process has a peak of each.
            peak_bytes: steps.iter().filter_map(|step| step.peak_bytes).max().map(|bytes| bytes as f64),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::{EvaluationReport, SubsetScores};

    fn scored(miou: f64) -> Box<Scored> {
        let scores = SubsetScores { sensors: vec!["colour".to_owned()], miou: Some(miou), ..SubsetScores::default() };
        let report = EvaluationReport {
            dataset: "streets".to_owned(),
            convention: "nanmean".to_owned(),
            subsets: vec![scores],
            ..EvaluationReport::default()
        };
        Box::new(Scored { run: "/nowhere".into(), report, protocols: Vec::new(), version: "1".to_owned() })
    }

    #[test]
    fn differences_are_of_the_seeds_that_both_rows_have() {
        let text = "title = 't'\nbase = 'baseline-demo'\nseeds = 3\nreference = 'a'\nsource = 'Table 1'\n\
                    [[rows]]\nname = 'a'\nprinted = { mIoU = 60.0 }\n[[rows]]\nname = 'b'\nprinted = { mIoU = 62.0 }\n";
        let study = Study::from_text(text, Path::new("s.toml")).unwrap();
        let rows = [
            BTreeMap::from([(1, scored(0.5)), (2, scored(0.6))]),
            BTreeMap::from([(1, scored(0.55)), (2, scored(0.7)), (3, scored(0.9))]),
        ];
        let table = study.table_of(&rows, Vec::new(), &mut Draws::default());
        assert_eq!((table.dataset.as_str(), table.warnings.len()), ("streets", 0));
        let [a, b] = table.rows.as_slice() else { panic!("{table:?}") };
        assert_eq!((a.cells[0].difference, &a.against), (None, &None));
        assert_eq!((b.seeds.as_slice(), b.wanted), (&[1, 2, 3][..], 3));
        let cell = &b.cells[0];
        let difference = cell.difference.unwrap();
        assert_eq!(difference.differences.count, 2);
        assert!((difference.differences.mean - 0.075).abs() < 1e-12);
        assert!(cell.needed.is_some() && (cell.printed_difference.unwrap() - 0.02).abs() < 1e-12);
        assert!((cell.summary.unwrap().mean - 2.15 / 3.0).abs() < 1e-12);
    }

    #[test]
    fn runs_that_do_not_belong_together_are_told() {
        let text = "title = 't'\nbase = 'baseline-demo'\nseeds = 2\n[[rows]]\nname = 'a'\n";
        let study = Study::from_text(text, Path::new("s.toml")).unwrap();
        let mut other = scored(0.5);
        other.report.convention = "nan-as-zero".to_owned();
        other.version = "2".to_owned();
        let table =
            study.table_of(&[BTreeMap::from([(1, scored(0.5)), (2, other)])], Vec::new(), &mut Draws::default());
        let words = table.warnings.join("\n");
        assert!(
            words.contains("one convention: nan-as-zero, nanmean")
                && words.contains("one program: 1 (a from 1), 2 (a from 2)"),
            "{words}"
        );
    }
}
