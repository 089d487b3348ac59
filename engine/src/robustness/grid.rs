//! Figures in rows and columns: which sensors were there, and what the network scored.

use crate::files::csv;
use crate::protocol::{EvaluationReport, FAILURES, NoiseLevel, Protocol, ProtocolReport, SubsetScores, Trial};

/// Mean IoUs in rows and columns.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Grid {
    /// What it shows, with the unit.
    pub title: String,
    /// The sensors of which each row says whether they are there; none where the rows tell other things.
    pub sensors: Vec<String>,
    /// What stands over each column of figures.
    pub columns: Vec<String>,
    /// Its rows.
    pub rows: Vec<GridRow>,
    /// How the figures were made, a sentence each.
    pub notes: Vec<String>,
}

/// One row of a [`Grid`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct GridRow {
    /// What it is of.
    pub name: String,
    /// Of each sensor of the grid whether it is as it is.
    pub present: Vec<bool>,
    /// Whether a sensor that is not as it is is missing as a whole, so that the row is one of the subsets that can be shown.
    pub is_subset: bool,
    /// A share for each column; `None` where there is no figure.
    pub cells: Vec<Option<f64>>,
}

impl Grid {
    /// The subsets of the sensors of an evaluation, by condition.
    pub fn of_subsets(report: &EvaluationReport) -> Option<Self> {
        let all = report.subsets.iter().filter(|scores| scores.tag.is_empty()).map(|scores| &scores.sensors);
        let sensors = all.clone().max_by_key(|sensors| sensors.len())?.clone();
        let tags: Vec<&str> = std::iter::once("").chain(report.tags()).collect();
        let row = |present: &Vec<String>| {
            let of = |tag: &&str| {
                report.subsets.iter().find(|scores| scores.tag == **tag && scores.sensors == *present)?.miou
            };
            GridRow {
                name: present.join(" + "),
                present: sensors.iter().map(|sensor| present.contains(sensor)).collect(),
                is_subset: true,
                cells: tags.iter().map(of).collect(),
            }
        };
        Some(Self {
            title: format!("mIoU with each subset of the sensors, % · {}, {}", report.dataset, report.split),
            columns: tags.iter().map(|tag| head_of(tag)).collect(),
            rows: all.map(row).collect(),
            notes: vec![format!(
                "A sensor that is not there: {} · means by {}{}",
                report.missing_words(),
                report.convention,
                changed_words(report.changed.len())
            )],
            sensors,
        })
    }

    /// The failing sensors of a protocol that takes some of them away, by condition or by the share that is taken; `None` of
    /// other protocols.
    pub fn of_combinations(report: &ProtocolReport) -> Option<Self> {
        let shares = report.shares();
        let failing = |trial: &Trial| match trial {
            Trial::Clean => Some(Vec::new()),
            Trial::Missing { sensors } | Trial::Holed { sensors, .. } => Some(sensors.clone()),
            _ => None,
        };
        let mut sets: Vec<Vec<String>> = Vec::new();
        for set in report.trials.iter().filter_map(|scored| failing(&scored.trial)) {
            if !sets.contains(&set) {
                sets.push(set);
            }
        }
        if sets.len() < 2 {
            return None;
        }
        let mut tags = vec![""];
        for scored in &report.trials {
            if !tags.contains(&scored.scores.tag.as_str()) {
                tags.push(&scored.scores.tag);
            }
        }
        let of = |set: &[String], tag: &str, share: Option<f64>| {
            let is_it = |trial: &Trial| match trial {
                Trial::Clean => set.is_empty(),
                Trial::Missing { sensors } => share.is_none() && sensors == set,
                Trial::Holed { sensors, share: own } => share == Some(*own) && sensors == set,
                _ => false,
            };
            report.trials.iter().find(|scored| scored.scores.tag == tag && is_it(&scored.trial))?.scores.miou
        };
        let row = |set: &Vec<String>| GridRow {
            name: name_of(&report.sensors, set, !shares.is_empty()),
            present: report.sensors.iter().map(|sensor| !set.contains(sensor)).collect(),
            is_subset: shares.is_empty() || set.is_empty(),
            cells: match shares.as_slice() {
                [] => tags.iter().map(|tag| of(set, tag, None)).collect(),
                shares => shares.iter().map(|share| of(set, "", Some(*share))).collect(),
            },
        };
        let what = match (report.protocol, shares.is_empty()) {
            (_, false) => "mIoU with a share r of the elements of failing sensors at 0 (RMM), %",
            (Protocol::Emm, true) => "mIoU with failing sensors at 0 (EMM), %",
            _ => "mIoU with each subset of the sensors, %",
        };
        Some(Self {
            title: format!("{what} · {}, {}", report.dataset, report.split),
            sensors: report.sensors.clone(),
            columns: match shares.as_slice() {
                [] => tags.iter().map(|tag| head_of(tag)).collect(),
                shares => shares.iter().map(|taken| format!("r = {taken}")).collect(),
            },
            rows: sets.iter().map(row).collect(),
            notes: notes_of(report),
        })
    }

    /// Means and expectations over failing sensors, a row a protocol and share; `None` where none of these reports has such.
    pub fn of_averages(reports: &[&ProtocolReport]) -> Option<Self> {
        let miou = |scores: &SubsetScores| scores.miou;
        let mut grid = Self { columns: vec!["avg".to_owned()], ..Self::default() };
        grid.columns.extend(FAILURES.map(|failure| format!("E({failure})")));
        for report in reports {
            let rows: Vec<(Option<f64>, String)> = match report.protocol {
                Protocol::Emm => vec![(None, "EMM, entire missing".to_owned())],
                Protocol::Rmm => {
                    let name = |taken: f64| format!("RMM, r = {taken}");
                    report.shares().into_iter().map(|taken| (Some(taken), name(taken))).collect()
                }
                Protocol::Subsets => vec![(None, "subsets (missing as the network takes it)".to_owned())],
                _ => Vec::new(),
            };
            if rows.is_empty() {
                continue;
            }
            for (share, name) in rows {
                let average = report.average(share, miou);
                let expected = FAILURES.map(|failure| report.expected(share, failure, miou));
                let cells = std::iter::once(average).chain(expected).collect();
                grid.rows.push(GridRow { name, cells, ..GridRow::default() });
                grid.title = format!("mIoU over failing sensors, % · {}, {}", report.dataset, report.split);
            }
            let is_new = |note: &String| !grid.notes.contains(note);
            let notes: Vec<String> = notes_of(report).into_iter().filter(is_new).collect();
            grid.notes.extend(notes);
        }
        if grid.rows.is_empty() {
            return None;
        }
        grid.notes.insert(
            0,
            "avg: plain mean over all combinations of failing sensors, none failing counted, all failing not; E(p): what is to \
             be expected where each sensor fails with probability p on its own; r: the share of a failing sensor's elements \
             that are 0"
                .to_owned(),
        );
        Some(grid)
    }

    /// The figures under noise on all sensors at once; `None` of other protocols.
    pub fn of_noise(report: &ProtocolReport) -> Option<Self> {
        let clean = report.clean()?.miou;
        let level = |level: NoiseLevel| report.scores(&Trial::Noisy(level)).map(|scores| scores.miou);
        let levels: Option<Vec<Option<f64>>> = NoiseLevel::ALL.into_iter().map(level).collect();
        let words = NoiseLevel::ALL.map(|level| format!("{} noise", level.word()));
        Some(Self {
            title: format!("mIoU with noise on all sensors at once (NM), % · {}, {}", report.dataset, report.split),
            sensors: Vec::new(),
            columns: std::iter::once("clean".to_owned()).chain(words).collect(),
            rows: vec![GridRow {
                name: "NM, noisy".to_owned(),
                cells: std::iter::once(clean).chain(levels?).collect(),
                ..GridRow::default()
            }],
            notes: notes_of(report),
        })
    }

    /// What a protocol prints, a row a figure.
    pub fn of_figures(report: &ProtocolReport) -> Self {
        Self {
            title: format!("Protocol {}, % · {}, {}", report.protocol.word(), report.dataset, report.split),
            sensors: Vec::new(),
            columns: ["mIoU", "mAcc", "F1"].map(str::to_owned).into(),
            rows: report
                .figures
                .iter()
                .map(|figure| GridRow {
                    name: figure.name.clone(),
                    cells: vec![figure.miou, figure.mean_accuracy, figure.mean_f1],
                    ..GridRow::default()
                })
                .collect(),
            notes: notes_of(report),
        }
    }

    /// The largest figure, by which colours are chosen: rounded up to tenths, so that it is the same for figures that are
    /// alike; 0.1 at least.
    pub fn reach(&self) -> f64 {
        let figures = self.rows.iter().flat_map(|row| &row.cells).flatten().copied().filter(|share| share.is_finite());
        ((figures.fold(0.0, f64::max) * 10.0 - 1e-9).ceil() / 10.0).clamp(0.1, 1.0)
    }

    /// As CSV: a column a sensor (1 where it is as it is), then the figures as shares with every digit.
    pub fn csv(&self) -> String {
        let heads = std::iter::once("row").chain(self.sensors.iter().map(String::as_str));
        let mut text = csv::line(heads.chain(self.columns.iter().map(String::as_str)));
        for row in &self.rows {
            let present = row.present.iter().map(|there| u8::from(*there).to_string());
            let figures = row.cells.iter().map(|cell| cell.map_or_else(String::new, |share| share.to_string()));
            text.push_str(&csv::line(std::iter::once(row.name.clone()).chain(present).chain(figures)));
        }
        text
    }
}

fn head_of(tag: &str) -> String {
    if tag.is_empty() { "all".to_owned() } else { tag.to_owned() }
}

fn name_of(all: &[String], failing: &[String], is_in_part: bool) -> String {
    match failing {
        [] => "all as they are".to_owned(),
        failing if is_in_part => format!("{} failing", failing.join(" + ")),
        failing => {
            let left = all.iter().filter(|sensor| !failing.contains(sensor));
            left.map(String::as_str).collect::<Vec<_>>().join(" + ")
        }
    }
}

/// How the figures of a protocol were made.
fn notes_of(report: &ProtocolReport) -> Vec<String> {
    let mut notes = Vec::new();
    if !report.stand_in.is_empty() {
        notes.push(report.stand_in.clone());
    }
    let alone = if report.single.is_empty() {
        String::new()
    } else {
        format!(", one alone by `inference.single` {}", report.single)
    };
    let seed = report.seed.map_or_else(String::new, |seed| format!(" · drawn with seed {seed}"));
    let whose = if report.of_teacher { " · the teacher" } else { "" };
    notes.push(format!(
        "Step {} · missing: {}{alone} · means by {}{seed}{whose}{}",
        report.step,
        report.missing,
        report.convention,
        changed_words(report.changed.len())
    ));
    notes.extend(report.warnings.iter().cloned());
    notes
}

fn changed_words(changed: usize) -> &'static str {
    if changed == 0 { "" } else { " · settings were changed after the run had begun" }
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;

    #[test]
    fn rows_of_failing_sensors_say_which_are_left_and_keep_the_protocols_order() {
        let grid = Grid::of_combinations(&sample::emm()).unwrap();
        assert_eq!(grid.sensors, ["colour", "thermal"]);
        let rows: Vec<(&str, &[bool], Option<f64>)> =
            grid.rows.iter().map(|row| (row.name.as_str(), row.present.as_slice(), row.cells[0])).collect();
        assert_eq!(rows[0], ("all as they are", &[true, true][..], Some(0.6)));
        assert_eq!(rows[1], ("thermal", &[false, true][..], Some(0.2)));
        assert_eq!(rows[2], ("colour", &[true, false][..], Some(0.4)));
        assert!(grid.rows.iter().all(|row| row.is_subset) && grid.title.contains("EMM"), "{}", grid.title);
        assert_eq!(Grid::of_combinations(&sample::severity(0.1)), None);
    }

    #[test]
    fn what_is_taken_in_part_is_told_by_its_share_and_is_no_subset() {
        let grid = Grid::of_combinations(&sample::rmm()).unwrap();
        assert_eq!(grid.columns, ["r = 0.25", "r = 0.75"]);
        assert_eq!(grid.rows[1].name, "colour failing");
        assert_eq!(grid.rows[1].cells, [Some(0.5), Some(0.3)]);
        assert_eq!(grid.rows.iter().map(|row| row.is_subset).collect::<Vec<_>>(), [true, false, false]);
        assert_eq!(grid.rows[0].cells, [Some(0.6); 2], "clean is clean whatever is taken elsewhere");
    }

    #[test]
    fn means_and_expectations_of_several_protocols_stand_in_one_table() {
        let (emm, rmm, severity) = (sample::emm(), sample::rmm(), sample::severity(0.1));
        let grid = Grid::of_averages(&[&emm, &rmm, &severity]).unwrap();
        assert_eq!(grid.columns, ["avg", "E(0.2)", "E(0.1)", "E(0.05)"]);
        let names: Vec<&str> = grid.rows.iter().map(|row| row.name.as_str()).collect();
        assert_eq!(names, ["EMM, entire missing", "RMM, r = 0.25", "RMM, r = 0.75"]);
        assert!((grid.rows[0].cells[0].unwrap() - 0.4).abs() < 1e-12);
        assert!(grid.notes[0].starts_with("avg: plain mean"), "{:?}", grid.notes);
        assert_eq!(Grid::of_averages(&[&severity]), None);
    }

    #[test]
    fn noise_stands_beside_the_clean_figure_and_says_so() {
        let grid = Grid::of_noise(&sample::nm()).unwrap();
        assert_eq!(grid.columns, ["clean", "low noise", "mid noise", "high noise"]);
        assert_eq!(grid.rows[0].cells, [Some(0.6), Some(0.4), Some(0.2), Some(0.1)]);
        assert_eq!(Grid::of_noise(&sample::emm()), None);
    }

    #[test]
    fn a_table_is_written_as_csv_with_every_sensor_and_figure() {
        let grid = Grid::of_combinations(&sample::emm()).unwrap();
        let csv = grid.csv();
        assert_eq!(csv.lines().next(), Some("row,colour,thermal,all"));
        assert_eq!(csv.lines().nth(2), Some("thermal,0,1,0.2"));
        assert!((grid.reach() - 0.6).abs() < 1e-12);
        assert!((Grid::default().reach() - 0.1).abs() < 1e-12);
    }
}
