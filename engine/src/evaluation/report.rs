//! An evaluation in words: a table for the terminal, and CSV.

use super::conventions::Convention;
use crate::files::{aligned, csv};
use crate::protocol::{
    Degraded, EvaluationReport, FurtherScores, FusionImageScores, MEAN_OF_TAGS, MeanScores, NetworkCost, Spread,
    SubsetScores, changes_words, counted, percent_or_dash,
};

/// What stands in the sensors' place for the mean over all their subsets, each of equal weight.
const MEAN_OF_SUBSETS: &str = "mean of subsets";

/// A column of a table: its texts, the head first.
type Column = Vec<String>;

/// An aligned table for the terminal: the subsets with each tag's mIoU beside the whole split's, then the means of the
/// other figures over tags, where there are several, and IoU class by class.
///
/// Every figure is a percentage. The first lines name the split, the missing rule, the convention of mIoU, mAcc and F1,
/// and each setting that is no longer what the run's recipe says.
pub fn table_text(report: &EvaluationReport) -> String {
    let whole: Vec<&SubsetScores> = report.subsets.iter().filter(|scores| scores.tag.is_empty()).collect();
    let mut text = format!(
        "{} · {} · {}step {} · {} · missing sensors: {}{}\nin per cent; mIoU, mAcc and F1 by {}\n",
        report.dataset,
        report.split,
        if report.of_teacher { "the teacher at " } else { "" },
        report.step,
        counted(whole.first().map_or(0, |scores| scores.scenes), "scene"),
        report.missing_words(),
        if matches!(report.chosen.as_str(), "" | "all") {
            String::new()
        } else {
            format!(" · subsets: {}", report.chosen)
        },
        convention_words(&report.convention),
    );
    for degraded in &report.degraded {
        text.push_str(&format!("degraded: {degraded}\n"));
    }
    for change in &report.changed {
        text.push_str(&format!("changed: {change}\n"));
    }
    text.push('\n');
    text.push_str(&aligned::table(&subset_columns(report, &whole)));
    if report.tags().len() > 1 {
        text.push('\n');
        text.push_str(&aligned::table(&mean_of_tags_columns(report, &whole)));
    }
    if let Some(all) = whole.first() {
        let words: Vec<String> =
            all.conventions.iter().map(|(name, value)| format!("{name} {}", percent_or_dash(*value))).collect();
        text.push_str(&format!("\n{}, mIoU by convention: {}\n\n", sensors_of(all), words.join(" · ")));
    }
    text.push_str(&aligned::table(&class_columns(report, &whole)));
    if let Some((all, further)) = whole.first().and_then(|all| Some((all, all.further.as_ref()?))) {
        text.push_str(&further_words(all, further));
    }
    if let Some(cost) = &report.cost {
        let NetworkCost { parameters, multiply_adds, size: [height, width] } = cost;
        text.push_str(&format!(
            "\nnetwork: {:.2} M parameters · {:.2} G multiply-adds a scene of {height} × {width} pixels\n",
            *parameters as f64 / 1e6,
            *multiply_adds as f64 / 1e9
        ));
    }
    if let Some(scores) = &report.fusion_image {
        text.push_str(&fusion_image_words(scores));
    }
    for warning in &report.warnings {
        text.push_str(&format!("warning: {warning}\n"));
    }
    text
}

/// One row a subset and tag, then the means over subsets and over tags, which have no scenes, head, other conventions or
/// classes of their own; the figures as fractions, empty where there is none; then whether they are a `teacher`'s, how
/// sensors were degraded, and last the settings that are no longer what the run's recipe says.
///
/// `miou`, `mean accuracy` and `mean f1` follow the row's convention; `pixel accuracy` and `frequency weighted iou`
/// count every labelled pixel in all of them.
pub fn csv_text(report: &EvaluationReport) -> String {
    let mut head: Vec<String> =
        ["dataset", "split", "step", "missing", "convention", "sensors", "tag", "head", "scenes", "miou"]
            .map(str::to_owned)
            .to_vec();
    head.extend(Convention::ALL.map(|convention| format!("miou {}", convention.word())));
    head.extend(["mean accuracy", "pixel accuracy", "mean f1", "frequency weighted iou"].map(str::to_owned));
    head.extend(["boundary iou", "calibration error", "average precision"].map(str::to_owned));
    for figure in ["iou", "boundary iou", "average precision"] {
        head.extend(report.classes.iter().map(|class| format!("{figure} {class}")));
    }
    head.extend(["network", "degraded", "changed"].map(str::to_owned));
    let mut text = csv::line(&head);
    let network = if report.of_teacher { "teacher" } else { "" };
    let ending = || [network.to_owned(), Degraded::words(&report.degraded), changes_words(&report.changed)];
    for scores in &report.subsets {
        let mut row = vec![
            report.dataset.clone(),
            report.split.clone(),
            report.step.to_string(),
            report.missing.clone(),
            report.convention.clone(),
            scores.sensors.join("+"),
            scores.tag.clone(),
            scores.head.clone(),
            scores.scenes.to_string(),
            fraction(scores.miou),
        ];
        row.extend(Convention::ALL.map(|convention| {
            let found = scores.conventions.iter().find(|(name, _)| name == convention.word());
            fraction(found.and_then(|(_, value)| *value))
        }));
        row.extend(
            [scores.mean_accuracy, scores.pixel_accuracy, scores.mean_f1, scores.frequency_weighted_iou].map(fraction),
        );
        row.extend([scores.boundary_iou(), scores.calibration_error(), scores.average_precision()].map(fraction));
        row.extend(scores.classes.iter().map(|class| fraction(class.iou)));
        let further = |class: usize| scores.further.as_ref().and_then(|further| further.classes.get(class));
        let classes = 0..report.classes.len();
        row.extend(classes.clone().map(|class| fraction(further(class).and_then(|class| class.boundary_iou))));
        row.extend(classes.map(|class| fraction(further(class).and_then(|class| class.average_precision))));
        row.extend(ending());
        text.push_str(&csv::line(&row));
    }
    for (sensors, tag, mean) in means(report) {
        let mut row = [report.dataset.as_str(), &report.split, "", &report.missing, &report.convention, &sensors, &tag]
            .map(str::to_owned)
            .to_vec();
        row[2] = report.step.to_string();
        row.extend([String::new(), String::new(), fraction(mean.miou)]);
        row.extend(Convention::ALL.map(|_| String::new()));
        row.extend([mean.mean_accuracy, mean.pixel_accuracy, mean.mean_f1, mean.frequency_weighted_iou].map(fraction));
        row.extend([mean.boundary_iou, mean.calibration_error, mean.average_precision].map(fraction));
        row.extend(std::iter::repeat_n(String::new(), 3 * report.classes.len()));
        row.extend(ending());
        text.push_str(&csv::line(&row));
    }
    text
}

/// The means over subsets by tag, and those over tags by subset: sensors, tag and figures.
fn means(report: &EvaluationReport) -> Vec<(String, String, MeanScores)> {
    let tags = std::iter::once("").chain(report.tags());
    let mut means: Vec<(String, String, MeanScores)> = tags
        .filter_map(|tag| Some((MEAN_OF_SUBSETS.to_owned(), tag.to_owned(), report.mean_of_subsets(tag)?)))
        .collect();
    let whole = report.subsets.iter().filter(|scores| scores.tag.is_empty());
    means.extend(whole.filter_map(|scores| {
        Some((scores.sensors.join("+"), MEAN_OF_TAGS.to_owned(), report.mean_of_tags(&scores.sensors)?))
    }));
    let both = report.mean_of_subsets_and_tags();
    means.extend(both.map(|mean| (MEAN_OF_SUBSETS.to_owned(), MEAN_OF_TAGS.to_owned(), mean)));
    means
}

/// The fusion image's figures; and what this paper's other figure is called here.
fn fusion_image_words(scores: &FusionImageScores) -> String {
    let figure = |name: &str, spread: &Spread, digits: usize| {
        format!("{name} {:.digits$} ± {:.digits$}", spread.mean, spread.deviation)
    };
    let figures = [
        figure("EN", &scores.entropy, 2),
        figure("SD", &scores.deviation, 1),
        figure("SF", &scores.spatial_frequency, 1),
        figure("SCD", &scores.correlations_of_differences, 2),
    ];
    format!(
        "\nfusion image, {}, mean ± deviation: {}\nmAP (AMDANet's tables) ≈ mAcc above: its code computes no average precision\n",
        counted(scores.scenes, "scene"),
        figures.join(" · ")
    )
}

pub(super) fn convention_words(name: &str) -> String {
    Convention::of_words(name)
        .map_or_else(|| name.to_owned(), |convention| format!("{name} ({})", convention.summary()))
}

/// What the further figures are, and whose.
fn further_words(all: &SubsetScores, further: &FurtherScores) -> String {
    let precision = further.average_precision_error.map_or_else(String::new, |error| {
        format!(
            "AP, mAP: area under precision by recall, pixels ranked by probability in bins, off by {:.2} at most\n",
            100.0 * error
        )
    });
    format!(
        "bIoU and AP by class with {}\nbIoU: IoU within 2 % of the diagonal of contours (Cheng et al. 2021) · ECE: \
         expected calibration error, 15 bins (Guo et al. 2017)\n{precision}",
        sensors_of(all)
    )
}

fn subset_columns(report: &EvaluationReport, whole: &[&SubsetScores]) -> Vec<Column> {
    let column = |title: &str, cell: &dyn Fn(&SubsetScores) -> String| -> Column {
        std::iter::once(title.to_owned()).chain(whole.iter().map(|scores| cell(scores))).collect()
    };
    let mut columns = vec![
        column("sensors", &sensors_of),
        column("head", &|scores| scores.head.clone()),
        column("mIoU", &|scores| percent_or_dash(scores.miou)),
    ];
    for tag in report.tags() {
        columns.push(column(tag, &|scores| {
            let tagged = report.subsets.iter().find(|other| other.tag == tag && other.sensors == scores.sensors);
            percent_or_dash(tagged.and_then(|tagged| tagged.miou))
        }));
    }
    if report.tags().len() > 1 {
        columns.push(column(MEAN_OF_TAGS, &|scores| {
            percent_or_dash(report.mean_of_tags(&scores.sensors).and_then(|mean| mean.miou))
        }));
    }
    columns.push(column("mAcc", &|scores| percent_or_dash(scores.mean_accuracy)));
    columns.push(column("pixel acc", &|scores| percent_or_dash(scores.pixel_accuracy)));
    columns.push(column("F1", &|scores| percent_or_dash(scores.mean_f1)));
    columns.push(column("fwIoU", &|scores| percent_or_dash(scores.frequency_weighted_iou)));
    let has_further = whole.iter().any(|scores| scores.further.is_some());
    if has_further {
        columns.push(column("bIoU", &|scores| percent_or_dash(scores.boundary_iou())));
        columns.push(column("ECE", &|scores| percent_or_dash(scores.calibration_error())));
        columns.push(column("mAP", &|scores| percent_or_dash(scores.average_precision())));
    }
    let Some(mean) = report.mean_of_subsets("") else { return columns };
    let miou = |mean: Option<MeanScores>| percent_or_dash(mean.and_then(|mean| mean.miou));
    let mut means = vec![MEAN_OF_SUBSETS.to_owned(), String::new(), miou(Some(mean))];
    means.extend(report.tags().into_iter().map(|tag| miou(report.mean_of_subsets(tag))));
    if report.tags().len() > 1 {
        means.push(miou(report.mean_of_subsets_and_tags()));
    }
    means.extend(
        [mean.mean_accuracy, mean.pixel_accuracy, mean.mean_f1, mean.frequency_weighted_iou].map(percent_or_dash),
    );
    if has_further {
        means.extend([mean.boundary_iou, mean.calibration_error, mean.average_precision].map(percent_or_dash));
    }
    for (column, mean) in columns.iter_mut().zip(means) {
        column.push(mean);
    }
    columns
}

/// What the subsets' table has beside mIoU, as means over tags.
fn mean_of_tags_columns(report: &EvaluationReport, whole: &[&SubsetScores]) -> Vec<Column> {
    let of_subset = |scores: &&SubsetScores| Some((sensors_of(scores), report.mean_of_tags(&scores.sensors)?));
    let mut means: Vec<(String, MeanScores)> = whole.iter().filter_map(of_subset).collect();
    means.extend(report.mean_of_subsets_and_tags().map(|mean| (MEAN_OF_SUBSETS.to_owned(), mean)));
    let names = means.iter().map(|(sensors, _)| sensors.clone());
    let names: Column = std::iter::once(MEAN_OF_TAGS.to_owned()).chain(names).collect();
    let column = |title: &str, figure: fn(&MeanScores) -> Option<f64>| -> Column {
        let cells = means.iter().map(|(_, mean)| percent_or_dash(figure(mean)));
        std::iter::once(title.to_owned()).chain(cells).collect()
    };
    let mut columns = vec![
        names,
        column("mAcc", |mean| mean.mean_accuracy),
        column("pixel acc", |mean| mean.pixel_accuracy),
        column("F1", |mean| mean.mean_f1),
        column("fwIoU", |mean| mean.frequency_weighted_iou),
    ];
    if whole.iter().any(|scores| scores.further.is_some()) {
        columns.push(column("bIoU", |mean| mean.boundary_iou));
        columns.push(column("ECE", |mean| mean.calibration_error));
        columns.push(column("mAP", |mean| mean.average_precision));
    }
    columns
}

fn class_columns(report: &EvaluationReport, whole: &[&SubsetScores]) -> Vec<Column> {
    let class_column = |title: String, cell: &dyn Fn(usize) -> String| -> Column {
        std::iter::once(title).chain((0..report.classes.len()).map(cell)).collect()
    };
    let mut columns = vec![
        class_column("IoU by class".to_owned(), &|class| report.classes[class].clone()),
        class_column("pixels".to_owned(), &|class| {
            let scores = whole.first().and_then(|scores| scores.classes.get(class));
            scores.map_or_else(String::new, |scores| scores.pixels.to_string())
        }),
    ];
    for scores in whole {
        columns.push(class_column(sensors_of(scores), &|class| {
            percent_or_dash(scores.classes.get(class).and_then(|scores| scores.iou))
        }));
    }
    if let Some(further) = whole.first().and_then(|all| all.further.as_ref()) {
        let of = |class: usize| further.classes.get(class);
        columns.push(class_column("bIoU".to_owned(), &|class| {
            percent_or_dash(of(class).and_then(|class| class.boundary_iou))
        }));
        columns.push(class_column("AP".to_owned(), &|class| {
            percent_or_dash(of(class).and_then(|class| class.average_precision))
        }));
    }
    columns
}

fn sensors_of(scores: &SubsetScores) -> String {
    scores.sensors.join(" + ")
}

pub(super) fn fraction(value: Option<f64>) -> String {
    value.map_or_else(String::new, |value| format!("{value:.6}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evaluation::{ConfusionMatrix, scores_from_matrix};
    use crate::protocol::{FurtherClassScores, LiveChange};
    use crate::recipe::Value;

    fn report() -> EvaluationReport {
        let classes = vec!["road, wet".to_owned(), "person".to_owned(), "cone".to_owned()];
        let matrix = |counts: [u64; 9]| ConfusionMatrix::from_counts(3, counts.to_vec()).unwrap();
        let scores = |sensors: &[&str], tag: &str, counts| {
            let sensors = sensors.iter().map(|&sensor| sensor.to_owned()).collect();
            scores_from_matrix(&matrix(counts), &classes, Convention::NanMean, sensors, tag, "fused", 2)
        };
        EvaluationReport {
            dataset: "sample".to_owned(),
            split: "test".to_owned(),
            step: 12,
            of_teacher: false,
            degraded: Vec::new(),
            missing: "drop".to_owned(),
            single: String::new(),
            convention: "nanmean".to_owned(),
            subsets: vec![
                scores(&["colour", "thermal"], "", [8, 0, 0, 0, 4, 0, 0, 0, 0]),
                scores(&["colour"], "", [4, 4, 0, 4, 0, 0, 0, 0, 0]),
                scores(&["colour", "thermal"], "night", [4, 0, 0, 0, 2, 2, 0, 0, 0]),
            ],
            classes,
            chosen: "all".to_owned(),
            fusion_image: None,
            cost: None,
            changed: Vec::new(),
            secs: 1.0,
            warnings: vec!["scene `7` was left out".to_owned()],
        }
    }

    #[test]
    fn the_table_names_its_convention_and_keeps_its_columns_aligned() {
        let text = table_text(&report());
        assert!(text.contains("mIoU, mAcc and F1 by nanmean (absent classes left out)"), "{text}");
        assert!(text.ends_with("warning: scene `7` was left out\n"), "{text}");
        let lines: Vec<&str> = text.lines().collect();
        let head = lines.iter().find(|line| line.starts_with("sensors")).unwrap();
        let both = lines.iter().find(|line| line.starts_with("colour + thermal ")).unwrap();
        let colour = lines.iter().find(|line| line.starts_with("colour  ")).unwrap();
        let end_of = |column: &str| head.find(column).unwrap() + column.len();
        assert!(both[..end_of("mIoU")].ends_with("100.0"), "{text}");
        assert!(both[..end_of("night")].ends_with("50.0"), "{text}");
        assert!(colour[..end_of("mIoU")].ends_with(" 16.7"), "{text}");
        let mean = lines.iter().find(|line| line.starts_with("mean of subsets")).unwrap();
        let under = |column: &str| {
            let cells: String = mean.chars().take(end_of(column)).collect();
            cells.rsplit(' ').next().unwrap().to_owned()
        };
        assert_eq!(
            [under("mIoU"), under("mAcc"), under("F1")].map(|cell| cell.parse::<f64>().unwrap()),
            [58.3, 62.5, 62.5]
        );
        assert!(!text.contains("mean of tags"), "of one tag there is none: {text}");
    }

    #[test]
    fn settings_that_were_changed_stand_in_the_table_and_in_every_row() {
        let (old, new) = (Value::Switch(true), Value::Switch(false));
        let changed = vec![LiveChange { key: "exchange.channel.enabled".to_owned(), old, new, step: 7 }];
        let report = EvaluationReport { changed, ..report() };
        let words = "exchange.channel.enabled on → off after step 7";
        assert!(table_text(&report).contains(&format!("\nchanged: {words}\n\n")), "{}", table_text(&report));
        let csv = csv_text(&report);
        assert!(csv.lines().skip(1).all(|line| line.ends_with(&format!(",{words}"))), "{csv}");
    }

    #[test]
    fn tags_have_their_means_over_subsets_and_subsets_theirs_over_tags() {
        let mut report = report();
        for (tag, sensors) in [("day", vec!["colour", "thermal"]), ("day", vec!["colour"]), ("night", vec!["colour"])] {
            let mut scores = report.subsets[1].clone();
            (scores.tag, scores.sensors) = (tag.to_owned(), sensors.iter().map(|&name| name.to_owned()).collect());
            report.subsets.push(scores);
        }
        let text = table_text(&report);
        let head = text.lines().find(|line| line.starts_with("sensors")).unwrap();
        let mean = text.lines().find(|line| line.starts_with("mean of subsets")).unwrap();
        let under =
            |column: &str| mean[..head.find(column).unwrap() + column.len()].rsplit(' ').next().unwrap().to_owned();
        let both = report.mean_of_subsets_and_tags().unwrap().miou.unwrap() * 100.0;
        assert_eq!(under("mean of tags"), format!("{both:.1}"));
        assert_eq!((under("day"), under("night")), ("16.7".to_owned(), "33.3".to_owned()));
        let of_tags: Vec<&str> = text.lines().skip_while(|line| !line.starts_with(MEAN_OF_TAGS)).take(4).collect();
        assert!(of_tags[0].ends_with("mAcc  pixel acc    F1  fwIoU"), "{text}");
        for (line, name, mean) in [
            (of_tags[1], "colour + thermal", report.mean_of_tags(&["colour", "thermal"])),
            (of_tags[2], "colour", report.mean_of_tags(&["colour"])),
            (of_tags[3], MEAN_OF_SUBSETS, report.mean_of_subsets_and_tags()),
        ] {
            let mean = mean.unwrap();
            let figures = [mean.mean_accuracy, mean.pixel_accuracy, mean.mean_f1, mean.frequency_weighted_iou];
            let cells: Vec<&str> = line.strip_prefix(name).unwrap().split_whitespace().collect();
            assert_eq!(cells, figures.map(percent_or_dash), "{text}");
        }
        let csv = csv_text(&report);
        let rows: Vec<&str> = csv.lines().filter(|line| line.contains("mean of")).collect();
        assert_eq!(rows.len(), 6, "{csv}");
        assert!(rows[3].contains(",colour+thermal,mean of tags,,,0.333333,"), "{csv}");
        assert!(rows[5].contains(",mean of subsets,mean of tags,,,0.250000,"), "{csv}");
    }

    #[test]
    fn what_is_a_teachers_is_called_so_in_the_table_and_in_every_row() {
        let report = EvaluationReport { of_teacher: true, ..report() };
        let text = table_text(&report);
        assert!(text.starts_with("sample · test · the teacher at step 12 · 2 scenes"), "{text}");
        let csv = csv_text(&report);
        assert!(csv.lines().skip(1).all(|line| line.ends_with(",teacher,,")), "{csv}");
    }

    #[test]
    fn what_sensors_were_degraded_by_stands_above_the_table_and_in_every_row() {
        let degraded = ["colour=fog:0.6", "thermal=noise:0.25"].map(|text| text.parse().unwrap()).to_vec();
        let report = EvaluationReport { degraded, ..report() };
        let text = table_text(&report);
        assert!(text.contains("\ndegraded: colour=fog:0.6\ndegraded: thermal=noise:0.25\n\n"), "{text}");
        let csv = csv_text(&report);
        let words = "\"colour=fog:0.6, thermal=noise:0.25\",";
        assert!(csv.lines().skip(1).all(|line| line.ends_with(words)), "{csv}");
    }

    #[test]
    fn names_of_any_length_are_printed_and_a_choice_of_subsets_is_named() {
        let mut long = report();
        long.classes[1] = "x".repeat(70_000);
        long.subsets[0].sensors[1] = "y".repeat(70_000);
        let text = table_text(&long);
        assert!(text.contains(&long.classes[1]) && !text.contains("subsets:"));
        assert!(csv_text(&long).contains(&long.classes[1]));
        let text = table_text(&EvaluationReport { chosen: "singles".to_owned(), ..report() });
        assert!(text.lines().next().unwrap().ends_with("missing sensors: drop · subsets: singles"), "{text}");
    }

    #[test]
    fn the_fusion_images_figures_stand_below_the_classes() {
        let spread = |mean, deviation| Spread { mean, deviation, ..Spread::default() };
        let scores = FusionImageScores {
            scenes: 3,
            entropy: spread(6.789, 0.123),
            deviation: spread(34.56, 7.89),
            spatial_frequency: spread(12.34, 5.67),
            correlations_of_differences: spread(1.234, 0.056),
        };
        let text = table_text(&EvaluationReport { fusion_image: Some(Box::new(scores)), ..report() });
        let expected = "fusion image, 3 scenes, mean ± deviation: EN 6.79 ± 0.12 · SD 34.6 ± 7.9 · SF 12.3 ± 5.7 · SCD 1.23 ± 0.06";
        assert!(text.contains(expected), "{text}");
        assert!(!table_text(&report()).contains("fusion image"));
    }

    #[test]
    fn further_figures_stand_in_the_tables_where_they_were_counted() {
        let mut report = report();
        assert!(!table_text(&report).contains("bIoU"), "{}", table_text(&report));
        for (place, scores) in report.subsets.iter_mut().enumerate() {
            let class = |boundary_iou, average_precision| FurtherClassScores { boundary_iou, average_precision };
            scores.further = Some(Box::new(FurtherScores {
                boundary_iou: Some(0.421 + 0.1 * place as f64),
                calibration_error: Some(0.037),
                average_precision: Some(0.876),
                average_precision_error: Some(0.0021),
                reliability: Vec::new(),
                classes: vec![class(Some(0.432), Some(0.765)), class(Some(0.41), Some(0.987)), class(None, None)],
            }));
        }
        let text = table_text(&report);
        let line = |start: &str| text.lines().find(|line| line.starts_with(start)).unwrap().to_owned();
        assert!(line("sensors").ends_with("fwIoU  bIoU  ECE   mAP"), "{text}");
        assert!(line("colour + thermal  fused").ends_with("42.1  3.7  87.6"), "{text}");
        assert!(line("mean of subsets").ends_with("47.1  3.7  87.6"), "{text}");
        assert!(line("road, wet").ends_with("43.2  76.5"), "{text}");
        assert!(line("cone").ends_with("–     –"), "{text}");
        assert!(text.contains("bIoU and AP by class with colour + thermal\n") && text.contains("off by 0.21 at most"));
        let csv = csv_text(&report);
        let rows: Vec<&str> = csv.lines().collect();
        assert!(
            rows[1]
                .ends_with(",0.421000,0.037000,0.876000,1.000000,1.000000,,0.432000,0.410000,,0.765000,0.987000,,,,"),
            "{csv}"
        );
        assert!(rows[4].ends_with(",0.471000,0.037000,0.876000,,,,,,,,,,,,"), "{csv}");
    }

    #[test]
    fn accuracy_and_f1_follow_the_convention_as_the_iou_does() {
        let classes = vec!["road".to_owned(), "person".to_owned(), "cone".to_owned()];
        let matrix = ConfusionMatrix::from_counts(3, vec![8, 0, 0, 0, 4, 0, 0, 0, 0]).unwrap();
        let figures = |convention| {
            let scores = scores_from_matrix(&matrix, &classes, convention, Vec::new(), "", "fused", 1);
            [scores.miou, scores.mean_accuracy, scores.mean_f1]
        };
        assert_eq!(figures(Convention::NanMean), [Some(1.0); 3]);
        assert_eq!(figures(Convention::NanAsZero), [Some(2.0 / 3.0); 3]);
        assert_eq!(figures(Convention::Mfnet), [Some(1.0 / 3.0); 3]);
    }

    #[test]
    fn csv_has_one_row_a_subset_and_quotes_what_needs_it() {
        let text = csv_text(&report());
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines.len(), 5, "{text}");
        assert!(lines[4].starts_with("sample,test,12,drop,nanmean,mean of subsets,,,,0.583333,"), "{}", lines[4]);
        let classes = |figure: &str| format!("\"{figure} road, wet\",{figure} person,{figure} cone");
        let ending = ["iou", "boundary iou", "average precision"].map(classes).join(",") + ",network,degraded,changed";
        assert!(lines[0].ends_with(&ending), "{}", lines[0]);
        assert!(lines[1].starts_with("sample,test,12,drop,nanmean,colour+thermal,,fused,2,1.000000,"), "{}", lines[1]);
        let cells = ",,,,1.000000,1.000000,,,,,,,,,,";
        assert!(lines[1].ends_with(cells), "an absent class is an empty cell, as what was not counted: {}", lines[1]);
        let columns = |line: &str| line.replace("road, wet", "").split(',').count();
        assert!(lines.iter().all(|line| columns(line) == columns(lines[0])), "{text}");
    }
}
