//! A protocol's figures in words: tables for the terminal, and CSV.

use crate::evaluation::conventions::Convention;
use crate::evaluation::report::{convention_words, fraction};
use crate::files::{aligned, csv};
use crate::protocol::{
    ProtocolFigure, ProtocolReport, Reliance, SubsetScores, Trial, TrialScores, changes_words, counted, percent_or_dash,
};
use crate::recipe::Choice as _;
use crate::recipe::catalogue::evaluation::Protocol;
use crate::recipe::catalogue::inference::Single;

/// The most columns that losses by class are shown in.
const MOST_COLUMNS: usize = 8;

/// A column of a table: its texts, the head first.
type Column = Vec<String>;

/// Aligned tables for the terminal: what the protocol prints, then what it is made of, then what each class loses where
/// one sensor alone fails. Every figure is a percentage; the lines above say how they were made.
pub fn protocol_table(report: &ProtocolReport) -> String {
    let ProtocolReport { protocol, dataset, split, step, of_teacher, stand_in, single, convention, seed, .. } = report;
    let scenes = report.clean().map_or(0, |scores| scores.scenes);
    let of_teacher = if *of_teacher { "the teacher at " } else { "" };
    let mut text = format!(
        "{} · {dataset} · {split} · {of_teacher}step {step} · {}\n{}\nin per cent; mIoU, mAcc and F1 by {}\n",
        protocol.word(),
        counted(scenes, "scene"),
        protocol.summary(),
        convention_words(convention),
    );
    if !stand_in.is_empty() {
        text.push_str(&format!("in place of what is missing: {stand_in}\n"));
    }
    if !single.is_empty() {
        text.push_str(&format!("one sensor alone by `inference.single` {single}\n"));
    }
    if let Some(seed) = seed {
        text.push_str(&format!("noise follows from seed {seed}, the scene and the sensor\n"));
    }
    if *protocol == Protocol::Heads {
        let is_asked = |rule: &Single| {
            let by = |trial: &Trial| matches!(trial, Trial::Alone { single, .. } if single == rule.word());
            report.trials.iter().any(|scored| by(&scored.trial))
        };
        for rule in Single::ALL.into_iter().filter(is_asked) {
            text.push_str(&format!("one sensor alone, {}: {}\n", rule.word(), rule.summary()));
        }
    }
    for change in &report.changed {
        text.push_str(&format!("changed: {change}\n"));
    }
    let parts = match protocol {
        Protocol::Severity => curves(report),
        Protocol::Rmm => by_share(report),
        _ => by_trial(report),
    };
    for columns in [figures(report), parts, losses(report)] {
        if columns.iter().any(|column| column.len() > 1) {
            text.push('\n');
            text.push_str(&aligned::table(&columns));
        }
    }
    for warning in &report.warnings {
        text.push_str(&format!("warning: {warning}\n"));
    }
    text
}

fn column<T>(title: &str, rows: &[T], cell: impl Fn(&T) -> String) -> Column {
    std::iter::once(title.to_owned()).chain(rows.iter().map(cell)).collect()
}

/// What the protocol prints, where that is more than its trials.
fn figures(report: &ProtocolReport) -> Vec<Column> {
    if matches!(report.protocol, Protocol::All | Protocol::Heads | Protocol::Heatnet | Protocol::Nm) {
        return Vec::new();
    }
    let rows = &report.figures;
    vec![
        column("figure", rows, |figure| figure.name.clone()),
        column("mIoU", rows, |figure| percent_or_dash(figure.miou)),
        column("mAcc", rows, |figure| percent_or_dash(figure.mean_accuracy)),
        column("F1", rows, |figure| percent_or_dash(figure.mean_f1)),
    ]
}

/// A row a trial, with a column a tag.
fn by_trial(report: &ProtocolReport) -> Vec<Column> {
    let rows: Vec<&TrialScores> = report.trials.iter().filter(|scored| scored.scores.tag.is_empty()).collect();
    let mut columns = vec![
        column("asked", &rows, |scored| scored.trial.words()),
        column("head", &rows, |scored| scored.scores.head.clone()),
        column("mIoU", &rows, |scored| percent_or_dash(scored.scores.miou)),
    ];
    let mut tags: Vec<&str> = Vec::new();
    for TrialScores { scores, .. } in &report.trials {
        if !scores.tag.is_empty() && !tags.contains(&scores.tag.as_str()) {
            tags.push(&scores.tag);
        }
    }
    for tag in tags {
        columns.push(column(tag, &rows, |row| {
            let is_it = |other: &&TrialScores| other.trial == row.trial && other.scores.tag == tag;
            percent_or_dash(report.trials.iter().find(is_it).and_then(|found| found.scores.miou))
        }));
    }
    if report.protocol == Protocol::Heatnet {
        // Papers print the usual mean beside it.
        let usual = Convention::NanMean.word();
        columns.push(column(usual, &rows, |row| percent_or_dash(by_convention(&row.scores, usual))));
    }
    columns.push(column("mAcc", &rows, |scored| percent_or_dash(scored.scores.mean_accuracy)));
    columns.push(column("pixel acc", &rows, |scored| percent_or_dash(scored.scores.pixel_accuracy)));
    columns.push(column("F1", &rows, |scored| percent_or_dash(scored.scores.mean_f1)));
    columns
}

/// A row a combination of failing sensors, a column a share.
fn by_share(report: &ProtocolReport) -> Vec<Column> {
    let shares = report.shares();
    let Some(&first) = shares.first() else { return by_trial(report) };
    let rows = report.combinations(Some(first));
    let names = |failing: &[String]| if failing.is_empty() { "none".to_owned() } else { failing.join(" + ") };
    let mut columns = vec![column("mIoU, failing", &rows, |row| names(row.failing))];
    for share in shares {
        let of_share = report.combinations(Some(share));
        columns.push(column(&share.to_string(), &rows, |row| {
            let found = of_share.iter().find(|other| other.failing == row.failing);
            percent_or_dash(found.and_then(|found| found.scores.miou))
        }));
    }
    columns
}

/// A row a sensor and degradation, a column a severity.
fn curves(report: &ProtocolReport) -> Vec<Column> {
    let rows = report.curves();
    let mut columns = vec![column("mIoU", &rows, |curve| format!("{} {}", curve.sensor, curve.kind.word()))];
    let most = rows.iter().map(|curve| curve.points.len()).max().unwrap_or(0);
    for place in 0..most {
        let severity = rows.iter().find_map(|curve| curve.points.get(place)).map_or(0.0, |point| point.severity);
        columns.push(column(&severity.to_string(), &rows, |curve| {
            percent_or_dash(curve.points.get(place).and_then(|point| point.scores.miou))
        }));
    }
    columns.push(column("area", &rows, |curve| percent_or_dash(curve.area(|scores| scores.miou))));
    columns
}

/// What each class loses where one sensor alone fails, worst as far as the protocol goes; nothing where that is too
/// much for a terminal.
fn losses(report: &ProtocolReport) -> Vec<Column> {
    let of_sensors = report.reliance();
    if of_sensors.is_empty() || of_sensors.len() > MOST_COLUMNS {
        return Vec::new();
    }
    let classes: Vec<usize> = (0..report.classes.len()).collect();
    let mut columns = vec![column("IoU lost", &classes, |&class| report.classes[class].clone())];
    columns[0].push("mean".to_owned());
    for Reliance { trial, miou, classes: of_class, .. } in &of_sensors {
        let mut lost =
            column(&trial.words(), &classes, |&class| percent_or_dash(of_class.get(class).copied().flatten()));
        lost.push(percent_or_dash(*miou));
        columns.push(lost);
    }
    columns
}

fn by_convention(scores: &SubsetScores, name: &str) -> Option<f64> {
    scores.conventions.iter().find(|(other, _)| other == name).and_then(|(_, value)| *value)
}

/// One row a trial and tag, then one a figure that the protocol prints, whose name stands where the trial's does; the
/// figures as fractions, empty where there is none. `failing` holds the sensors that were not as they are, `amount` the
/// share of elements taken away or the severity.
pub fn protocol_csv(report: &ProtocolReport) -> String {
    let mut head: Vec<String> = [
        "protocol",
        "dataset",
        "split",
        "step",
        "missing",
        "convention",
        "seed",
        "asked",
        "failing",
        "degradation",
        "amount",
        "tag",
        "head",
        "scenes",
        "miou",
    ]
    .map(str::to_owned)
    .to_vec();
    head.extend(Convention::ALL.map(|convention| format!("miou {}", convention.word())));
    head.extend(["mean accuracy", "pixel accuracy", "mean f1", "frequency weighted iou"].map(str::to_owned));
    head.extend(report.classes.iter().map(|class| format!("iou {class}")));
    head.extend(["network", "changed"].map(str::to_owned));
    let mut text = csv::line(&head);
    let begin = || {
        vec![
            report.protocol.word().to_owned(),
            report.dataset.clone(),
            report.split.clone(),
            report.step.to_string(),
            report.missing.clone(),
            report.convention.clone(),
            report.seed.map_or_else(String::new, |seed| seed.to_string()),
        ]
    };
    let network = if report.of_teacher { "teacher" } else { "" };
    let end = || [network.to_owned(), changes_words(&report.changed)];
    for TrialScores { trial, scores } in &report.trials {
        let (degradation, amount) = match trial {
            Trial::Holed { share, .. } => (String::new(), share.to_string()),
            Trial::Degraded(degraded) => (degraded.kind.word().to_owned(), degraded.severity.to_string()),
            _ => (String::new(), String::new()),
        };
        let failing = trial.failing().map_or_else(String::new, |sensors| sensors.join("+"));
        let mut row = begin();
        row.extend([trial.words(), failing, degradation, amount, scores.tag.clone(), scores.head.clone()]);
        row.extend([scores.scenes.to_string(), fraction(scores.miou)]);
        row.extend(Convention::ALL.map(|convention| fraction(by_convention(scores, convention.word()))));
        row.extend(
            [scores.mean_accuracy, scores.pixel_accuracy, scores.mean_f1, scores.frequency_weighted_iou].map(fraction),
        );
        row.extend(
            (0..report.classes.len()).map(|class| fraction(scores.classes.get(class).and_then(|found| found.iou))),
        );
        row.extend(end());
        text.push_str(&csv::line(&row));
    }
    for ProtocolFigure { name, miou, mean_accuracy, mean_f1 } in &report.figures {
        let mut row = begin();
        row.push(name.clone());
        row.extend(std::iter::repeat_n(String::new(), 6));
        row.push(fraction(*miou));
        row.extend(Convention::ALL.map(|_| String::new()));
        row.extend([fraction(*mean_accuracy), String::new(), fraction(*mean_f1), String::new()]);
        row.extend(report.classes.iter().map(|_| String::new()));
        row.extend(end());
        text.push_str(&csv::line(&row));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::ClassScores;

    fn report() -> ProtocolReport {
        let names = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect::<Vec<_>>();
        let scored = |trial: Trial, miou: f64| TrialScores {
            trial,
            scores: SubsetScores {
                head: "fused".to_owned(),
                scenes: 2,
                miou: Some(miou),
                classes: vec![ClassScores { iou: Some(miou), accuracy: None, pixels: 9 }],
                ..SubsetScores::default()
            },
        };
        let mut report = ProtocolReport {
            protocol: Protocol::Emm,
            dataset: "streets".to_owned(),
            split: "test".to_owned(),
            missing: "zeros".to_owned(),
            stand_in: "0 in the normalised image".to_owned(),
            convention: "nanmean".to_owned(),
            sensors: names(&["colour", "depth"]),
            classes: names(&["road, wet"]),
            trials: vec![
                scored(Trial::Clean, 0.6),
                scored(Trial::Missing { sensors: names(&["colour"]) }, 0.3),
                scored(Trial::Missing { sensors: names(&["depth"]) }, 0.45),
            ],
            ..ProtocolReport::default()
        };
        report.figures = report.figures_of_trials();
        report
    }

    #[test]
    fn the_table_says_how_figures_were_made_and_what_each_class_loses() {
        let text = protocol_table(&report());
        assert!(text.starts_with("emm · streets · test · step 0 · 2 scenes\n"), "{text}");
        for line in [
            "in place of what is missing: 0 in the normalised image\n",
            "\navg      45.0",
            "\nE(0.2)   52.5",
            "\nwithout colour  fused  30.0",
            "\nroad, wet            30.0           15.0",
        ] {
            assert!(text.contains(line), "{line:?} in\n{text}");
        }
    }

    #[test]
    fn every_row_of_the_csv_has_every_column() {
        let text = protocol_csv(&report());
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines.len(), 1 + 3 + 4, "{text}");
        let columns = |line: &str| line.replace("road, wet", "").split(',').count();
        assert!(lines.iter().all(|line| columns(line) == columns(lines[0])), "{text}");
        assert!(
            lines[2].starts_with("emm,streets,test,0,zeros,nanmean,,without colour,colour,,,,fused,2,0.300000,"),
            "{text}"
        );
        assert!(lines[4].starts_with("emm,streets,test,0,zeros,nanmean,,avg,,,,,,,0.450000,"), "{text}");
    }
}
