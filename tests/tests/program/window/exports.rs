//! Exports: one dialog for every pane, in which form, how large, in which colours, and files that replace nothing unasked.

use std::path::Path;
use std::time::{Duration, Instant};

use egui::{Event as UiEvent, Key, Modifiers};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;
use fusionscope::action::{Action, Exported};
use fusionscope::panes::PaneKind;
use fusionscope::workbench::Workbench;
use fusionscope_engine::protocol::Event;

use super::scripts;
use super::whole::{perform, window};

/// What stands above the path, whatever is exported.
const TITLE: &str = "Export";

/// The window on a run that has taken steps and was evaluated.
fn trained() -> Harness<'static, Workbench> {
    let (mut harness, script) = window();
    script.say(Event::Steps((1..=60).map(scripts::step).collect()));
    script.say(Event::Evaluation(scripts::evaluation(200)));
    harness.run_steps(3);
    harness
}

fn open(harness: &mut Harness<'_, Workbench>, exported: Exported) {
    perform(harness, Action::Export(exported));
}

fn is_open(harness: &Harness<'_, Workbench>) -> bool {
    harness.query_by_label("Path").is_some()
}

#[test]
fn what_is_exported_is_chosen_from_a_list_that_lies_over_the_dialog_each_time() {
    let mut harness = trained();
    for round in 0..3 {
        open(&mut harness, Exported::pane(PaneKind::Inspect));
        harness.get_by_label("What is exported").click();
        harness.run_steps(3);
        harness.get_by_label("Figure of the scene, as papers print it").click();
        harness.run_steps(3);
        assert!(is_open(&harness), "round {round}: the dialog is still there");
        let path = harness.get_by_label("Path").value().expect("where to");
        assert!(path.ends_with("figure.png"), "round {round}: {path}");
        harness.key_press(Key::Escape);
        harness.run_steps(3);
        assert!(!is_open(&harness), "round {round}");
    }
}

/// Types where to, and presses Save.
fn save(harness: &mut Harness<'_, Workbench>, path: &Path) {
    harness.get_by_label("Path").focus();
    harness.run_steps(2);
    harness.key_press_modifiers(Modifiers::COMMAND, Key::A);
    harness.event(UiEvent::Text(path.display().to_string()));
    harness.run_steps(2);
    harness.get_by_label("Save").click();
    harness.run_steps(2);
}

/// Draws on until something holds.
fn wait(harness: &mut Harness<'_, Workbench>, what: &str, holds: impl Fn(&Harness<'_, Workbench>) -> bool) {
    let begun = Instant::now();
    while !holds(harness) {
        assert!(begun.elapsed() < Duration::from_secs(30), "waited in vain until {what}");
        std::thread::sleep(Duration::from_millis(5));
        harness.run_steps(1);
    }
}

#[test]
fn every_pane_hands_something_out_or_says_why_not() {
    let (mut harness, _script) = window();
    for kind in PaneKind::all() {
        open(&mut harness, Exported::pane(kind));
        let refused = format!("Export {}: ", kind.title().to_lowercase());
        let says_why = harness.query_all_by_label_contains(&refused).next().is_some();
        assert!(is_open(&harness) != says_why, "{kind:?}: a dialog or a reason, and not both");
        if is_open(&harness) {
            assert_eq!(harness.unnamed_widgets(), Vec::<String>::new(), "{kind:?}");
            harness.get_by_label("Cancel").click();
            harness.run_steps(3);
        }
        assert!(!is_open(&harness), "{kind:?}");
    }
}

#[test]
fn every_form_of_every_pane_of_a_run_is_written() {
    let mut harness = trained();
    let folder = tempfile::tempdir().unwrap();
    for (kind, forms) in [
        (PaneKind::Curves, &["PNG", "SVG", "PDF", "CSV"][..]),
        (PaneKind::Metrics, &["PNG", "SVG", "PDF", "CSV"][..]),
        (PaneKind::Inspect, &["PNG", "SVG", "PDF", "CSV"][..]),
        (PaneKind::Recipe, &["TOML"][..]),
    ] {
        for form in forms {
            open(&mut harness, Exported::pane(kind));
            harness.get_by_label(form).click();
            harness.run_steps(2);
            let path = folder.path().join(format!("{kind:?}.{}", form.to_lowercase()));
            save(&mut harness, &path);
            wait(&mut harness, "the dialog has gone", |harness| !is_open(harness));
            let bytes = std::fs::read(&path).unwrap();
            let begins: &[u8] = match *form {
                "PNG" => b"\x89PNG",
                "SVG" => b"<svg",
                "PDF" => b"%PDF-",
                _ => b"",
            };
            assert!(!bytes.is_empty() && bytes.starts_with(begins), "{kind:?} as {form}");
        }
    }
}

#[test]
fn a_plot_goes_out_with_its_numbers_which_are_those_of_the_store() {
    let mut harness = trained();
    let folder = tempfile::tempdir().unwrap();
    open(&mut harness, Exported::part(PaneKind::Curves, "Loss terms"));
    harness.get_by_label("SVG").click();
    harness.run_steps(2);
    harness.get_by_label("The numbers too, as CSV beside it").click();
    harness.run_steps(2);
    let path = folder.path().join("losses.svg");
    save(&mut harness, &path);
    wait(&mut harness, "both files are there", |harness| !is_open(harness));
    let svg = std::fs::read_to_string(&path).unwrap();
    // 175 mm, as offered at first, in pixels of 1/96 inch.
    assert!(svg.contains("viewBox=\"0 0 662"), "{}", &svg[..200.min(svg.len())]);
    assert!(svg.contains("Loss terms"), "letters are outlines, and what they say is kept");

    let csv = std::fs::read_to_string(folder.path().join("losses.csv")).unwrap();
    let mut lines = csv.lines();
    let head: Vec<&str> = lines.next().unwrap().split(',').collect();
    let at = head.iter().position(|column| *column == "total").expect("the whole loss is shown");
    let store = harness.state().store();
    let total = store.curves.term("total").unwrap();
    let found: Vec<(u64, f32)> = lines
        .filter_map(|line| {
            let cells: Vec<&str> = line.split(',').collect();
            Some((cells[0].parse().unwrap(), cells.get(at)?.parse().ok()?))
        })
        .collect();
    let kept: Vec<(u64, f32)> = total
        .steps()
        .iter()
        .copied()
        .zip(total.values().iter().copied())
        .filter(|(_, value)| value.is_finite())
        .collect();
    assert!(!kept.is_empty() && found == kept, "{found:?} {kept:?}");
}

#[test]
fn nothing_is_replaced_unasked_and_what_fails_is_said_where_it_can_be_mended() {
    let (mut harness, _script) = window();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("recipe.toml");
    std::fs::write(&path, "theirs").unwrap();
    open(&mut harness, Exported::pane(PaneKind::Recipe));
    save(&mut harness, &path);
    wait(&mut harness, "it is asked again", |harness| harness.query_by_label_contains("press Save again").is_some());
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "theirs");
    harness.get_by_label("Save").click();
    wait(&mut harness, "it is replaced", |harness| !is_open(harness));
    assert!(std::fs::read_to_string(&path).unwrap().contains("version"), "the recipe is there now");

    open(&mut harness, Exported::pane(PaneKind::Recipe));
    save(&mut harness, &folder.path().join("no such folder/recipe.toml"));
    wait(&mut harness, "it is said", |harness| harness.query_by_label_contains("could not be written").is_some());
    assert!(is_open(&harness), "the path stays to be mended");
}

#[test]
fn the_key_the_menu_of_a_tab_and_that_of_a_tile_lead_to_the_same_dialog() {
    let mut harness = trained();
    harness.key_press_modifiers(Modifiers::COMMAND, Key::E);
    harness.run_steps(3);
    assert!(is_open(&harness) && harness.query_all_by_label(TITLE).next().is_some());
    harness.key_press(Key::Escape);
    harness.run_steps(3);
    assert!(!is_open(&harness));

    let tab = harness.get_by_label("Curves tab").rect().center();
    harness.get_by_label("Curves tab").click_secondary();
    harness.run_steps(3);
    // Panes have such a button too; the menu stands where it was asked for.
    let from_tab = |node: &egui_kittest::Node<'_>| (node.rect().center() - tab).length();
    let nearest = |a: &_, b: &_| from_tab(a).total_cmp(&from_tab(b));
    harness.get_all_by_label("Export…").min_by(nearest).unwrap().click();
    harness.run_steps(3);
    assert!(is_open(&harness));
    harness.get_by_label("Cancel").click();
    harness.run_steps(3);

    open(&mut harness, Exported::part(PaneKind::Inspect, "thermal"));
    assert!(harness.query_by_label("NPY").is_some(), "a map has values, and the wall has none");
    harness.get_by_label("Cancel").click();
    harness.run_steps(3);
    open(&mut harness, Exported::pane(PaneKind::Inspect));
    assert!(harness.query_by_label("NPY").is_none());
}
