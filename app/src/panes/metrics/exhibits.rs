//! What the metrics pane hands out: its tables, the confusion matrix and the reliability diagram.

use fusionscope_engine::drawing::{Bars, Chart, Line, Matrix, Paper, Ruler, Stroke};
use fusionscope_engine::files::csv;
use fusionscope_engine::protocol::{Degraded, EvaluationReport, FurtherScores, ReliabilityBin, SubsetScores};
use fusionscope_engine::robustness::{Grid, GridRow, grid_picture};

use super::measure::Measure;
use crate::exhibit::{Exhibit, ink, paper};
use crate::look::{self, Tokens};

/// Everything that is known of a report, with the classes of one subset of the sensors.
pub(super) fn exhibits(
    report: &EvaluationReport,
    scores: &SubsetScores,
    measure: Measure,
    tokens: &Tokens,
) -> Vec<Exhibit> {
    let paper = paper(tokens);
    let mut exhibits = Vec::new();
    if let Some(grid) = Grid::of_subsets(report) {
        exhibits.push(of_grid("mIoU by sensors", "miou-by-sensors", grid, paper));
    }
    exhibits.push(of_grid("Figures by class", "classes", by_class(report, scores, measure), paper));
    let count = report.classes.len();
    if count > 0 && scores.confusion.len() == count * count {
        let matrix = matrix(report, scores);
        let exhibit = Exhibit::new("Confusion matrix", "confusion").csv(confusion_csv(report, scores));
        exhibits.push(exhibit.drawn(move |[width, _]| Ok(matrix.drawing(width, paper))));
    }
    if let Some(further) = &scores.further {
        let chart = reliability(report, scores, further, tokens);
        let exhibit = Exhibit::new("Reliability diagram", "reliability").csv(reliability_csv(further));
        exhibits.push(exhibit.drawn(move |size| Ok(chart.drawing(size, paper))));
    }
    exhibits
}

fn of_grid(title: &str, stem: &str, grid: Grid, paper: &'static Paper) -> Exhibit {
    Exhibit::new(title, stem).csv(grid.csv()).drawn_as_it_is(move || Ok(grid_picture(&grid).on(paper)))
}

/// Of what the figures are: `colour + thermal · night · test, step 500 · means by nanmean`.
fn about(report: &EvaluationReport, scores: &SubsetScores) -> String {
    let tag = if scores.tag.is_empty() { String::new() } else { format!(", {}", scores.tag) };
    let degraded = Degraded::words(&report.degraded);
    let degraded = if degraded.is_empty() { String::new() } else { format!(" · degraded: {degraded}") };
    format!(
        "{}{tag} · {}, {}, step {} · means by {}{degraded}",
        scores.sensors.join(" + "),
        report.dataset,
        report.split,
        look::count(report.step),
        report.convention
    )
}

fn by_class(report: &EvaluationReport, scores: &SubsetScores, measure: Measure) -> Grid {
    let accuracy = |class: usize| scores.classes.get(class).and_then(|figures| figures.accuracy);
    let row = |(class, name): (usize, &String)| GridRow {
        name: name.clone(),
        cells: vec![measure.of_class(scores, class), accuracy(class)],
        ..GridRow::default()
    };
    Grid {
        title: format!("{} and accuracy by class, %", measure.of_class_word()),
        sensors: Vec::new(),
        columns: vec![measure.of_class_word().to_owned(), "accuracy".to_owned()],
        rows: report.classes.iter().enumerate().map(row).collect(),
        notes: vec![about(report, scores)],
    }
}

fn matrix(report: &EvaluationReport, scores: &SubsetScores) -> Matrix {
    let count = report.classes.len();
    let row = |row: &[u64]| {
        let total: u64 = row.iter().sum();
        row.iter().map(|&pixels| (total > 0).then(|| pixels as f64 / total as f64)).collect::<Vec<_>>()
    };
    Matrix {
        title: "Confusion matrix".to_owned(),
        caption: format!(
            "Rows are the truth, columns the prediction; % of the truth’s pixels. {}.",
            about(report, scores)
        ),
        names: report.classes.clone(),
        shares: scores.confusion.chunks(count).flat_map(row).collect(),
    }
}

/// Pixels by truth and prediction.
fn confusion_csv(report: &EvaluationReport, scores: &SubsetScores) -> String {
    let mut text = csv::line(std::iter::once("truth").chain(report.classes.iter().map(String::as_str)));
    for (name, row) in report.classes.iter().zip(scores.confusion.chunks(report.classes.len())) {
        text.push_str(&csv::line(std::iter::once(name.clone()).chain(row.iter().map(u64::to_string))));
    }
    text
}

fn reliability(report: &EvaluationReport, scores: &SubsetScores, further: &FurtherScores, tokens: &Tokens) -> Chart {
    let bins = &further.reliability;
    let width = 1.0 / bins.len().max(1) as f64;
    let total = bins.iter().map(|bin| bin.pixels).sum::<u64>().max(1) as f64;
    let bar = |(at, bin): (usize, &ReliabilityBin)| {
        let from = 100.0 * width * at as f64;
        [from + 4.0 * width, from + 96.0 * width, 100.0 * bin.pixels as f64 / total]
    };
    let found = bins.iter().filter_map(|bin| Some([100.0 * bin.confidence, 100.0 * bin.accuracy()?]));
    let error = further.calibration_error.map_or_else(String::new, |error| {
        format!("Expected calibration error {:.1} %, Guo et al. 2017. ", 100.0 * error)
    });
    Chart {
        title: "Reliability diagram".to_owned(),
        caption: format!("{error}{}.", about(report, scores)),
        across: Ruler::over("Probability of the predicted class (%)", 0.0, 100.0),
        up: Ruler::over("%", 0.0, 100.0),
        bars: vec![Bars {
            name: "share of the pixels".to_owned(),
            ink: paper(tokens).fading(ink(tokens.weak), 0.6),
            bars: bins.iter().enumerate().map(bar).collect(),
        }],
        lines: vec![
            Line {
                name: "as sure as right".to_owned(),
                ink: ink(tokens.weak),
                width: 1.0,
                stroke: Stroke::Dashed,
                pieces: vec![vec![[0.0, 0.0], [100.0, 100.0]]],
                ..Line::default()
            },
            Line {
                name: "right".to_owned(),
                ink: ink(tokens.accent),
                pieces: vec![found.collect()],
                dots: 2.2,
                ..Line::default()
            },
        ],
        marks: Vec::new(),
        is_square: true,
    }
}

fn reliability_csv(further: &FurtherScores) -> String {
    let mut text = csv::line(["from", "to", "pixels", "right", "confidence", "accuracy"]);
    let width = 1.0 / further.reliability.len().max(1) as f64;
    for (at, bin) in further.reliability.iter().enumerate() {
        let [from, to] = [at, at + 1].map(|end| (end as f64 * width).to_string());
        let accuracy = bin.accuracy().map_or_else(String::new, |share| share.to_string());
        let (pixels, right, confidence) = (bin.pixels.to_string(), bin.right.to_string(), bin.confidence.to_string());
        text.push_str(&csv::line([from, to, pixels, right, confidence, accuracy]));
    }
    text
}

#[cfg(test)]
mod tests {
    use fusionscope_engine::protocol::ClassScores;

    use super::*;
    use crate::exhibit::{Format, Sheet};
    use crate::look::Theme;

    fn report() -> EvaluationReport {
        let class = |iou| ClassScores { iou: Some(iou), accuracy: Some(0.75), pixels: 4 };
        let reliability = vec![ReliabilityBin::default(), ReliabilityBin { pixels: 8, right: 6, confidence: 0.9 }];
        let further = FurtherScores { calibration_error: Some(0.15), reliability, ..FurtherScores::default() };
        let scores = SubsetScores {
            sensors: vec!["colour".to_owned()],
            miou: Some(0.5),
            classes: vec![class(0.4), class(0.6)],
            confusion: vec![3, 1, 2, 2],
            further: Some(Box::new(further)),
            ..SubsetScores::default()
        };
        EvaluationReport {
            dataset: "streets".to_owned(),
            split: "test".to_owned(),
            convention: "nanmean".to_owned(),
            classes: vec!["road".to_owned(), "car, parked".to_owned()],
            subsets: vec![scores],
            ..EvaluationReport::default()
        }
    }

    #[test]
    fn every_part_has_a_picture_and_the_numbers_of_the_report() {
        let report = report();
        let all = exhibits(&report, &report.subsets[0], Measure::Iou, Tokens::of(Theme::Light));
        let titles: Vec<&str> = all.iter().map(|exhibit| exhibit.title.as_str()).collect();
        assert_eq!(titles, ["mIoU by sensors", "Figures by class", "Confusion matrix", "Reliability diagram"]);
        let text = |at: usize, format| String::from_utf8(all[at].bytes(format, Sheet::default()).unwrap()).unwrap();
        assert!(text(0, Format::Csv).ends_with("colour,1,0.5\n"), "{}", text(0, Format::Csv));
        assert_eq!(text(1, Format::Csv), "row,IoU,accuracy\nroad,0.4,0.75\n\"car, parked\",0.6,0.75\n");
        assert_eq!(text(2, Format::Csv), "truth,road,\"car, parked\"\nroad,3,1\n\"car, parked\",2,2\n");
        assert_eq!(text(3, Format::Csv).lines().nth(2), Some("0.5,1,8,6,0.9,0.75"));
        for place in 0..all.len() {
            assert!(text(place, Format::Svg).starts_with("<svg"), "{place}");
        }
        let shares = matrix(&report, &report.subsets[0]).shares;
        assert_eq!(shares, [Some(0.75), Some(0.25), Some(0.5), Some(0.5)]);
    }
}
