//! The embedding pane on a real session with the sample data: t-SNE of what a network in training sees, a lasso, and
//! its pixels in the pictures.

use std::collections::BTreeSet;
use std::time::Duration;

use egui::{Event, Modifiers, PointerButton, Pos2, Rect, Shape, pos2};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;
use fusionscope::action::Action;
use fusionscope::look::{self, Theme, Tokens};
use fusionscope::panes::PaneKind;
use fusionscope::store::embedding::pixel_of;
use fusionscope::workbench::Workbench;
use fusionscope_engine::protocol::{EmbeddingStage, EmbeddingView, SessionState};

use super::session::{open_window, press, wait};

/// The newest layout of the first cloud.
fn view(harness: &Harness<'_, Workbench>) -> EmbeddingView {
    harness.state().store().embedding.shown(0).expect("a layout").as_ref().clone()
}

/// Marks of selected pixels that are drawn in the pictures.
fn lit(harness: &Harness<'_, Workbench>) -> usize {
    let colour = look::with_alpha(Tokens::of(Theme::Dark).accent, 0.75);
    let is_mark = |shape: &Shape| matches!(shape, Shape::Rect(rect) if rect.fill == colour);
    harness.output().shapes.iter().filter(|clipped| is_mark(&clipped.shape)).count()
}

/// Drags the pointer along a path.
fn drag(harness: &mut Harness<'_, Workbench>, path: &[Pos2]) {
    let button = |pos, pressed| Event::PointerButton {
        pos,
        button: PointerButton::Primary,
        pressed,
        modifiers: Modifiers::NONE,
    };
    harness.event(Event::PointerMoved(path[0]));
    harness.event(button(path[0], true));
    harness.run_steps(1);
    for &place in path {
        harness.event(Event::PointerMoved(place));
        harness.run_steps(1);
    }
    harness.event(button(path[path.len() - 1], false));
    harness.run_steps(3);
}

#[test]
fn a_lassoed_cluster_is_lit_in_the_pictures_and_a_hidden_pane_computes_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let sample_data = concat!(env!("CARGO_MANIFEST_DIR"), "/../datasets-sample");
    let mut harness = open_window(folder.path(), sample_data.into());
    press(&mut harness, "Train");
    wait(&mut harness, "the student phase", |store| store.curves.phases().len() == 2);
    harness.state_mut().perform(Action::ShowPane(PaneKind::Embedding), None);
    harness.run_steps(3);

    press(&mut harness, "Gather");
    wait(&mut harness, "the principal components", |store| store.embedding.shown(0).is_some());
    harness.run_steps(2);
    let projected = view(&harness);
    assert_eq!((projected.stage, projected.request.features.as_str()), (EmbeddingStage::Projected, "stage4"));
    assert_eq!(projected.sources, ["colour", "thermal"]);
    press(&mut harness, "Start t-SNE");
    press(&mut harness, "Pause");
    wait(&mut harness, "training rests", |store| store.state == SessionState::Paused);
    wait(&mut harness, "t-SNE has ended and is judged", |store| {
        store.embedding.shown(0).is_some_and(|view| view.stage == EmbeddingStage::Done && view.measures.is_some())
    });
    harness.run_steps(30);
    let done = view(&harness);
    assert!(done.layout.len() >= 1000 && done.layout != projected.layout, "{} points", done.layout.len());

    // Everything left of the middle, which is the origin while nobody has moved the cloud.
    assert_eq!(lit(&harness), 0);
    press(&mut harness, "Lasso");
    let cloud: Rect = harness.get_by_label_contains("Cloud of").rect();
    let (near, far) = (cloud.shrink(2.0), cloud.center().x);
    drag(&mut harness, &[near.left_top(), pos2(far, near.top()), pos2(far, near.bottom()), near.left_bottom()]);
    let inside = done.layout.iter().zip(&done.marks).filter(|([x, _], _)| *x < 0.0);
    let expected: BTreeSet<_> = inside.map(|(_, mark)| pixel_of(mark)).collect();
    let store = harness.state().store();
    assert!(!expected.is_empty() && *store.embedding.selected == expected, "{:?}", store.embedding.selected);
    let scene = store.scene.index;
    let here = expected.iter().filter(|(of, _)| *of as usize == scene).count();
    assert!(here > 0 && lit(&harness).is_multiple_of(here) && lit(&harness) >= here, "{here}, {}", lit(&harness));
    let counted = harness.query_all_by_label_contains(" / ").count();
    assert!(counted > 0, "the legend counts what is selected");

    // While its pane is not drawn, a layout that was begun anew stands still.
    press(&mut harness, "Start t-SNE");
    harness.state_mut().perform(Action::ShowPane(PaneKind::Log), None);
    harness.run_steps(5);
    std::thread::sleep(Duration::from_millis(100));
    harness.run_steps(2);
    let hidden = view(&harness);
    assert_ne!(hidden.stage, EmbeddingStage::Done, "it was hidden before it could end");
    std::thread::sleep(Duration::from_millis(300));
    harness.run_steps(2);
    assert_eq!((view(&harness).iteration, view(&harness).stage), (hidden.iteration, hidden.stage));
    harness.state_mut().perform(Action::ShowPane(PaneKind::Embedding), None);
    wait(&mut harness, "it goes on once it is seen", |store| {
        store.embedding.shown(0).is_some_and(|view| view.stage == EmbeddingStage::Done)
    });
    press(&mut harness, "Stop the run");
    wait(&mut harness, "the run has stopped", |store| matches!(store.state, SessionState::Stopped { .. }));
}
