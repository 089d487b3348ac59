//! Lists of runs: sorted, filtered, folded, chosen and laid over each other.

use std::collections::BTreeSet;
use std::path::Path;

use fusionscope_engine::protocol::{
    EvaluationReport, Figure, FiguresBy, Quantity, RunCard, RunFigures, RunStanding, RunTrace, ShelfNews, StepReport,
    SubsetFigure, SubsetScores,
};
use fusionscope_engine::recipe::Recipe;
use fusionscope_engine::recipe::catalogue::{exchange, training};

use super::*;

fn by() -> FiguresBy {
    FiguresBy {
        dataset: "streets".to_owned(),
        split: "test".to_owned(),
        convention: "nanmean".to_owned(),
        missing: "drop".to_owned(),
    }
}

/// A run of this name and seed, with channel exchange or without, and its mean IoU.
fn card(path: &str, seed: u64, exchanges: bool, miou: Option<f64>) -> RunCard {
    let mut recipe = Recipe::defaults(if exchanges { "with" } else { "without" });
    recipe.put(training::SEED, seed).unwrap();
    recipe.turn(exchange::channel::ENABLED, exchanges);
    let subset = SubsetFigure { sensors: vec!["colour".to_owned(), "thermal".to_owned()], tag: String::new(), miou };
    RunCard {
        path: path.into(),
        recipe: Some(recipe),
        started: format!("2026-01-0{seed}T00:00:00Z"),
        dataset: "streets".to_owned(),
        step: 10 * seed,
        steps: 100,
        standing: RunStanding::Complete,
        figures: vec![RunFigures { by: by(), subsets: vec![subset], ..RunFigures::default() }],
        ..RunCard::default()
    }
}

fn shelf_of(cards: Vec<RunCard>) -> Shelf {
    let mut shelf = Shelf::default();
    shelf.take(ShelfNews::Cards { cards, gone: Vec::new(), waiting: 0, remarks: Vec::new() });
    shelf
}

fn shelf() -> Shelf {
    shelf_of(vec![
        card("a1", 1, true, Some(0.5)),
        card("a2", 2, true, Some(0.7)),
        card("b1", 1, false, Some(0.65)),
        card("c3", 3, true, None),
        RunCard { path: "torn".into(), standing: RunStanding::Unreadable("x".to_owned()), ..RunCard::default() },
    ])
}

fn wishes(sorted_by: Column, is_ascending: bool, folds: bool) -> Wishes {
    Wishes {
        filter: Filter::default(),
        sorted_by: (sorted_by, is_ascending),
        by: Some(by()),
        folds,
        unfolded: BTreeSet::new(),
    }
}

fn words(list: &Arranged) -> Vec<String> {
    let word = |row: &Row| match row {
        Row::Family { runs, .. } => format!("{} runs", runs.len()),
        Row::Run { path, is_inner } => format!("{}{}", if *is_inner { "- " } else { "" }, path.display()),
    };
    list.rows.iter().map(word).collect()
}

#[test]
fn rows_sort_by_a_figure_either_way_and_what_has_none_comes_last() {
    let miou = Column::Figure(FigureColumn::All);
    let falling = Arranged::of(&shelf(), &wishes(miou.clone(), false, false));
    assert_eq!(words(&falling), ["a2", "b1", "a1", "c3", "torn"]);
    let rising = Arranged::of(&shelf(), &wishes(miou.clone(), true, false));
    assert_eq!(words(&rising), ["a1", "b1", "a2", "c3", "torn"]);
    let other = FiguresBy { convention: "nan-as-zero".to_owned(), ..by() };
    let unlike = Arranged::of(&shelf(), &Wishes { by: Some(other), ..wishes(miou, false, false) });
    assert_eq!(words(&unlike)[0], "c3", "no figure of another convention is taken, so the newest comes first");
}

#[test]
fn runs_of_other_seeds_fold_into_one_row_where_their_mean_stands_and_unfold() {
    let shelf = shelf();
    let mut wishes = wishes(Column::Figure(FigureColumn::All), false, true);
    let list = Arranged::of(&shelf, &wishes);
    assert_eq!(words(&list), ["b1", "3 runs", "torn"], "0.65 is above the mean of 0.5 and 0.7");
    let Row::Family { family, .. } = list.rows[1] else { panic!("{list:?}") };
    wishes.unfolded.insert(family);
    assert_eq!(words(&Arranged::of(&shelf, &wishes)), ["b1", "3 runs", "- a2", "- a1", "- c3", "torn"]);
}

#[test]
fn a_row_names_the_settings_in_which_the_listed_runs_differ_the_unusual_first() {
    let shelf = shelf();
    let list = Arranged::of(&shelf, &wishes(Column::Name, true, false));
    assert_eq!(list.differing, [exchange::channel::ENABLED.id()]);
    let run = |name: &str| shelf.run(Path::new(name)).unwrap();
    assert_eq!(list.values_of(run("b1")).0, ["exchange.channel.enabled=off"]);
    assert_eq!(list.values_of(run("a1")), (Vec::new(), vec!["exchange.channel.enabled=on".to_owned()]));
    let only = Wishes { filter: Filter::of("channel.enabled=on"), ..wishes(Column::Name, true, false) };
    let list = Arranged::of(&shelf, &only);
    assert_eq!((words(&list), list.left), (["a1", "a2", "c3"].map(str::to_owned).to_vec(), 3));
    assert!(list.differing.is_empty(), "among those left nothing differs but the seed");
}

#[test]
fn news_change_runs_and_take_those_away_that_have_gone() {
    let mut shelf = shelf();
    let before = shelf.run(Path::new("a1")).unwrap().family;
    let changed = RunCard { step: 99, ..card("a1", 1, true, Some(0.9)) };
    let gone = vec!["b1".into()];
    shelf.take(ShelfNews::Cards { cards: vec![changed], gone, waiting: 2, remarks: vec!["x".to_owned()] });
    let run = shelf.run(Path::new("a1")).unwrap();
    assert_eq!((run.card.step, run.family), (99, before));
    assert!(shelf.run(Path::new("b1")).is_none());
    assert_eq!((shelf.waiting(), shelf.remarks().len(), shelf.len()), (Some(2), 1, 4));
}

#[test]
fn runs_chosen_together_share_a_colour_and_keep_it_when_others_go() {
    let mut shelf = shelf();
    shelf.choose(&["b1".into()], true);
    shelf.choose(&["a1".into(), "a2".into()], true);
    let place = |shelf: &Shelf, run: &str| shelf.colour_of(Path::new(run));
    assert_eq!([place(&shelf, "b1"), place(&shelf, "a1"), place(&shelf, "a2")], [Some(0), Some(1), Some(1)]);
    shelf.choose(&["b1".into()], false);
    assert_eq!(place(&shelf, "a1"), Some(1));
    shelf.choose(&["c3".into()], true);
    assert_eq!(place(&shelf, "c3"), Some(0), "a colour that is free is given again");
    assert_eq!(shelf.watch().traced.len(), 3);
    shelf.choose(&["nowhere".into()], true);
    assert_eq!(shelf.chosen().len(), 3);
    shelf.choose_none();
    assert!(shelf.chosen().is_empty() && shelf.watch().traced.is_empty());
}

fn trace(run: &str, values: &[f32], secs: f64) -> ShelfNews {
    let steps = (1..).zip(values).map(|(step, value)| StepReport {
        step,
        phase_step: step,
        phase_steps: 4,
        total_steps: 4,
        secs,
        terms: vec![Figure::new("total", Quantity::Loss, *value)],
        ..StepReport::default()
    });
    let report = |step, miou| EvaluationReport {
        dataset: "streets".to_owned(),
        split: "test".to_owned(),
        convention: "nanmean".to_owned(),
        missing: "drop".to_owned(),
        step,
        subsets: vec![SubsetScores { sensors: vec!["colour".to_owned()], miou: Some(miou), ..SubsetScores::default() }],
        ..EvaluationReport::default()
    };
    let evaluations = vec![report(2, 0.5), EvaluationReport { of_teacher: true, ..report(3, 0.9) }, report(4, 0.6)];
    ShelfNews::Trace(RunTrace {
        run: run.into(),
        is_whole: true,
        steps: steps.collect(),
        evaluations,
        ..RunTrace::default()
    })
}

fn traced() -> Shelf {
    let mut shelf = shelf();
    shelf.choose(&["b1".into()], true);
    shelf.choose(&["a1".into(), "a2".into()], true);
    shelf.take(trace("b1", &[3.0, 2.0, 1.0, 0.5], 0.25));
    shelf.take(trace("a1", &[4.0, 3.0, 2.0, 1.0], 0.5));
    shelf.take(trace("a2", &[6.0, 5.0, 4.0], 1.5));
    shelf
}

#[test]
fn runs_lie_over_each_other_by_steps_and_seconds_and_seeds_as_mean_and_spread() {
    let shelf = traced();
    let total = What::Term("total".to_owned());
    let overlaid = Overlaid::of(&shelf, &total, Along::Steps, true, 0.0);
    let [alone, mean] = overlaid.groups.as_slice() else { panic!("{overlaid:?}") };
    assert_eq!((alone.place, alone.label.as_str()), (0, "without, seed 1"));
    assert_eq!((alone.series.steps(), alone.series.values()), (&[1, 2, 3, 4][..], &[3.0, 2.0, 1.0, 0.5][..]));
    assert_eq!((mean.place, mean.label.as_str()), (1, "with, 2 runs"));
    assert_eq!(mean.series.values(), &[5.0, 4.0, 3.0], "only as far as both have come");
    let [places, low, high] = mean.band.as_ref().unwrap();
    assert_eq!(places, &[1.0, 2.0, 3.0]);
    assert!((high[0] - low[0] - 2.0 * 2.0_f64.sqrt()).abs() < 1e-5, "{low:?} {high:?}");

    let seconds = Overlaid::of(&shelf, &total, Along::Seconds, true, 0.0);
    assert_eq!(seconds.groups[0].series.steps(), &[250, 500, 750, 1000], "thousandths of a second");
    assert_eq!(seconds.groups[1].series.steps(), &[1000, 2000, 3000], "the mean of 0.5 s and 1.5 s a step");

    let each = Overlaid::of(&shelf, &total, Along::Steps, false, 0.0);
    assert_eq!(each.groups.len(), 3);
    assert_eq!(each.groups[1].place, each.groups[2].place, "seeds of one choice have one colour");
}

#[test]
fn the_table_of_an_overlay_holds_every_point_its_mean_and_its_spread() {
    let shelf = traced();
    let total = What::Term("total".to_owned());
    let overlaid = Overlaid::of(&shelf, &total, Along::Steps, true, 0.0);
    let text = overlaid.csv(Along::Steps, |_| true);
    let mut lines = text.lines();
    assert_eq!(lines.next(), Some("line,step,value,smoothed,deviation"));
    let rows: Vec<Vec<String>> = csv_rows(lines);
    assert_eq!(rows.len(), 7, "four steps of one run, three that both of the others have: {text}");
    assert_eq!(rows[3], ["without, seed 1", "4", "0.5", "0.5", ""]);
    assert_eq!(rows[4][..4], ["with, 2 runs", "1", "5", "5"]);
    let [_, low, high] = overlaid.groups[1].band.as_ref().unwrap();
    let deviation: f64 = rows[4][4].parse().unwrap();
    assert!((deviation - 2.0_f64.sqrt()).abs() < 1e-6 && deviation == (high[0] - low[0]) / 2.0, "{deviation}");

    let alone = &overlaid.groups[0].key;
    assert_eq!(overlaid.csv(Along::Steps, |key| key == alone).lines().count(), 5, "what is hidden is left out");
    let seconds = Overlaid::of(&shelf, &total, Along::Seconds, true, 0.0).csv(Along::Seconds, |_| true);
    let rows = csv_rows(seconds.lines().skip(1));
    assert_eq!(rows[0][1], "0.25", "{seconds}");
}

/// Rows whose first cell may stand in quotes.
fn csv_rows<'a>(lines: impl Iterator<Item = &'a str>) -> Vec<Vec<String>> {
    let row = |line: &str| {
        let (first, rest) = match line.strip_prefix('"').and_then(|line| line.split_once("\",")) {
            Some(parts) => parts,
            None => line.split_once(',').unwrap(),
        };
        std::iter::once(first).chain(rest.split(',')).map(str::to_owned).collect()
    };
    lines.map(row).collect()
}

#[test]
fn epochs_are_drawn_only_where_they_are_known() {
    let mut by_epochs = card("e1", 1, true, None);
    let recipe = by_epochs.recipe.as_mut().unwrap();
    recipe.put(training::STEPS, 0).unwrap();
    recipe.put(training::EPOCHS, 8).unwrap();
    let mut by_steps = card("s1", 1, false, None);
    by_steps.recipe.as_mut().unwrap().put(training::STEPS, 4).unwrap();
    let known = RunCard { epoch_steps: 8, path: "k1".into(), ..by_steps.clone() };
    let mut shelf = shelf_of(vec![by_epochs, by_steps, known]);
    for run in ["e1", "s1", "k1"] {
        shelf.choose(&[run.into()], true);
        shelf.take(trace(run, &[4.0, 3.0, 2.0, 1.0], 0.5));
    }
    let overlaid = Overlaid::of(&shelf, &What::Term("total".to_owned()), Along::Epochs, true, 0.0);
    assert_eq!(overlaid.groups.len(), 2);
    assert_eq!(overlaid.groups[0].series.steps(), &[2000, 4000, 6000, 8000], "thousandths of two epochs a step");
    assert_eq!(overlaid.groups[1].series.steps(), &[125, 250, 375, 500], "eight steps an epoch, as the run has kept");
    assert!(overlaid.remarks.iter().any(|remark| remark.contains("without, seed 1")), "{:?}", overlaid.remarks);
}

#[test]
fn scores_of_one_way_of_evaluating_are_drawn_and_never_the_teachers() {
    let shelf = traced();
    let offered = What::of(&shelf);
    let score = What::Score(FigureColumn::All, by());
    assert!(offered.contains(&score) && offered.contains(&What::Term("total".to_owned())), "{offered:?}");
    let overlaid = Overlaid::of(&shelf, &score, Along::Steps, true, 0.9);
    assert_eq!(overlaid.groups[0].series.steps(), &[2, 4]);
    assert_eq!(overlaid.groups[0].series.smoothed(), &[50.0, 60.0], "evaluations are never smoothed");
    let other = What::Score(FigureColumn::All, FiguresBy { split: "val".to_owned(), ..by() });
    let none = Overlaid::of(&shelf, &other, Along::Steps, true, 0.0);
    assert!(none.groups.is_empty() && none.remarks.iter().any(|remark| remark.contains("no such figure")));
}

#[test]
fn sides_of_one_name_are_told_apart_by_what_differs_and_else_by_their_folders() {
    let named = |path: &str, exchanges: bool| {
        let mut card = card(path, 1, exchanges, None);
        card.recipe.as_mut().unwrap().name = "mine".to_owned();
        card
    };
    let mut shelf = shelf_of(vec![named("runs/on", true), named("runs/off", false), card("runs/plain", 1, true, None)]);
    for run in ["runs/on", "runs/off", "runs/plain"] {
        shelf.choose(&[run.into()], true);
    }
    let of = |shelf: &Shelf| labels(&shelf.sides(true));
    assert_eq!(
        of(&shelf),
        ["mine, seed 1, exchange.channel.enabled on", "mine, seed 1, exchange.channel.enabled off", "with, seed 1"]
    );
    let mut twice = shelf_of(vec![named("runs/first", true), named("runs/second", true)]);
    for run in ["runs/first", "runs/second"] {
        twice.choose(&[run.into()], true);
    }
    assert_eq!(of(&twice), ["mine, seed 1, first", "mine, seed 1, second"]);
}

#[test]
fn any_side_can_be_the_one_that_others_are_held_against() {
    let shelf = traced();
    let compared = |run: &str| Compared::of(&shelf, None, Some(Path::new(run)));
    assert_eq!(compared("b1").reference, 0);
    let second = compared("a2");
    assert_eq!((second.reference, second.runs[1].as_path()), (1, Path::new("a1")));
    assert_eq!(compared("gone").reference, 0);
}

#[test]
fn accuracy_and_f1_stand_side_by_side_with_all_sensors_and_as_means_of_subsets() {
    let scores = |sensors: &[&str], share: f64| SubsetScores {
        sensors: sensors.iter().map(|&name| name.to_owned()).collect(),
        miou: Some(share),
        mean_accuracy: Some(share + 0.1),
        pixel_accuracy: Some(share + 0.2),
        mean_f1: Some(share + 0.3),
        ..SubsetScores::default()
    };
    let mut shelf = shelf();
    let reports = [
        ("a1", vec![scores(&["colour", "thermal"], 0.5), scores(&["colour"], 0.3)]),
        ("b1", vec![scores(&["colour", "thermal"], 0.6)]),
    ];
    for (run, subsets) in reports {
        shelf.choose(&[run.into()], true);
        let evaluations = vec![EvaluationReport { subsets, ..EvaluationReport::default() }];
        let trace = RunTrace { run: run.into(), is_whole: true, evaluations, ..RunTrace::default() };
        shelf.take(ShelfNews::Trace(trace));
    }
    let compared = Compared::of(&shelf, None, None);
    let mut parts: Vec<&str> = compared.figures.iter().map(|row| row.part).collect();
    parts.dedup();
    assert_eq!(parts, ["mIoU", "Accuracy and F1, all sensors", "Accuracy and F1, mean of subsets"]);
    let read = |part: &str, title: &str| {
        let row = compared.figures.iter().find(|row| row.part == part && row.title == title).unwrap();
        row.values.iter().map(|value| value.map_or_else(|| "–".to_owned(), Spread::per_cent)).collect::<Vec<_>>()
    };
    for (title, all, of_subsets) in [
        ("mean class accuracy", ["60.0", "70.0"], ["50.0", "–"]),
        ("right pixels", ["70.0", "80.0"], ["60.0", "–"]),
        ("mean F1", ["80.0", "90.0"], ["70.0", "–"]),
    ] {
        assert_eq!(read("Accuracy and F1, all sensors", title), all);
        assert_eq!(read("Accuracy and F1, mean of subsets", title), of_subsets, "of one subset there is no mean");
    }
    assert_eq!(read("mIoU", "mean of subsets"), ["40.0", "–"]);
}

#[test]
fn runs_on_different_data_are_never_compared_in_silence() {
    let other = RunCard { dataset: "forest".to_owned(), ..card("f1", 1, true, None) };
    let older = RunCard { data_sum: "9".to_owned(), ..card("o1", 2, true, None) };
    let plain = RunCard { data_sum: "7".to_owned(), ..card("p1", 3, true, None) };
    let mut shelf = shelf_of(vec![other, older, plain]);
    shelf.choose(&["o1".into(), "p1".into()], true);
    let said = |shelf: &Shelf| Overlaid::of(shelf, &What::Term("total".to_owned()), Along::Steps, true, 0.0).remarks;
    assert!(said(&shelf)[0].contains("other scenes"), "{:?}", said(&shelf));
    shelf.choose(&["f1".into()], true);
    assert!(said(&shelf)[0].contains("forest, streets"), "{:?}", said(&shelf));
}
