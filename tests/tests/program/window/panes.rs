//! Every pane in every state.

use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;
use egui_kittest::wgpu::WgpuTestRenderer;
use fusionscope::look::{self, Theme, Tokens};
use fusionscope::panes::{self, Pane, PaneContext, PaneKind};
use fusionscope::store::Store;
use fusionscope_engine::protocol::{Event, Level, SessionState, Subject};

use super::{robustness, scripts};

/// A session's name and how to make it.
type Script = (&'static str, fn() -> Store);

const SESSIONS: [Script; 10] = [
    ("sounded", robustness::sounded),
    ("sounded beside other runs", robustness::sounded_beside_others),
    ("listed", || scripts::listed(150)),
    ("empty", scripts::empty),
    ("travelling", || scripts::travelling(150)),
    ("compared", || scripts::compared(150)),
    ("running", || scripts::running(500)),
    ("failed", scripts::failed),
    ("reopened", scripts::reopened),
    ("beside other runs", scripts::beside_others),
];

/// What a harness of one pane holds.
pub struct Stage {
    pub pane: Box<dyn Pane>,
    pub store: Store,
    pub theme: Theme,
    pub asked: Vec<fusionscope::action::Action>,
}

/// One pane of this kind in a window of its own.
pub fn stage(kind: PaneKind, store: Store, theme: Theme, size: [f32; 2]) -> Harness<'static, Stage> {
    stage_with(kind, store, theme, size, None)
}

/// The same, drawn by this renderer.
pub fn stage_with(
    kind: PaneKind,
    store: Store,
    theme: Theme,
    size: [f32; 2],
    renderer: Option<WgpuTestRenderer>,
) -> Harness<'static, Stage> {
    let pane = panes::make(kind);
    let draw = |ui: &mut egui::Ui, stage: &mut Stage| {
        let tokens = Tokens::of(stage.theme);
        let ground = egui::Frame::new().fill(tokens.surface);
        let asked = ground.show(ui, |ui| {
            ui.set_min_size(ui.available_size());
            let ctx = PaneContext::new(&stage.store, tokens, false);
            stage.pane.ui(ui, &ctx);
            ctx.into_actions()
        });
        stage.asked.extend(asked.inner);
        stage.store.scene.turn();
    };
    let builder = Harness::builder()
        .with_size(size)
        .with_theme(match theme {
            Theme::Dark => egui::Theme::Dark,
            Theme::Light => egui::Theme::Light,
        })
        .with_context_setup(move |ctx| {
            look::install(ctx);
            look::use_theme(ctx, theme);
        });
    let builder = match renderer {
        Some(renderer) => builder.renderer(renderer),
        None => builder,
    };
    builder.build_ui_state(draw, Stage { pane, store, theme, asked: Vec::new() })
}

#[test]
fn curves_of_a_part_of_the_steps_say_how_many() {
    let label = "7 of 2,000 steps are drawn and exported";
    let mut harness = stage(PaneKind::Curves, scripts::running(5), Theme::Dark, [900.0, 400.0]);
    harness.run_steps(3);
    assert!(harness.query_by_label(label).is_none());
    harness.state_mut().store.apply(Event::Steps(vec![scripts::step(1000), scripts::step(2000)]));
    harness.run_steps(3);
    assert!(harness.query_by_label(label).is_some());
}

#[test]
fn every_pane_draws_an_empty_a_running_a_failed_and_a_reopened_session() {
    for kind in PaneKind::all() {
        for (name, session) in SESSIONS {
            for (size, theme) in [([1200.0, 700.0], Theme::Dark), ([320.0, 240.0], Theme::Light)] {
                let mut harness = stage(kind, session(), theme, size);
                harness.run_steps(3);
                // The ground is one shape; whatever a pane says is more.
                assert!(harness.output().shapes.len() > 1, "{kind:?} draws nothing for a session that is {name}");
                assert_eq!(harness.unnamed_widgets(), Vec::<String>::new(), "{kind:?} has controls without a name");
                assert_eq!(harness.state().asked, [], "{kind:?} acts by itself in a session that is {name}");
            }
        }
    }
}

#[test]
fn a_reopened_run_says_on_its_card_and_in_the_recipe_what_was_changed_live() {
    for (kind, words) in [
        (PaneKind::Recipe, "Changed live: 2"),
        (PaneKind::Controls, "objective.contrast.enabled on → off after step 320"),
    ] {
        let mut harness = stage(kind, scripts::reopened(), Theme::Dark, [340.0, 900.0]);
        harness.run_steps(3);
        assert!(harness.query_by_label_contains(words).is_some(), "{kind:?} says nothing of `{words}`");
        let mut harness = stage(kind, scripts::running(100), Theme::Dark, [340.0, 900.0]);
        harness.run_steps(3);
        assert!(harness.query_by_label_contains("Changed live").is_none(), "{kind:?}");
    }
}

#[test]
fn a_new_value_in_the_legend_of_curves_moves_no_name() {
    let mut harness = stage(PaneKind::Curves, scripts::running(300), Theme::Dark, [980.0, 400.0]);
    harness.state_mut().store.curves.set_smoothing(0.0);
    let mut names_at = |step: u64, total: f32| {
        let mut report = scripts::step(301);
        report.step = step;
        report.terms.iter_mut().filter(|term| term.name == "total").for_each(|term| term.value = total);
        harness.state_mut().store.apply(Event::Steps(vec![report]));
        harness.run_steps(3);
        harness.query_all_by_label_contains("Curve ").map(|node| node.rect()).collect::<Vec<_>>()
    };
    let before = names_at(301, 0.5);
    assert!(before.len() > 4);
    assert_eq!(names_at(302, 0.05), before);
}

#[test]
fn a_run_that_pauses_or_ends_moves_no_button_of_its_pane() {
    let mut harness = stage(PaneKind::Controls, scripts::running(150), Theme::Dark, [340.0, 900.0]);
    let mut places_in = |state: SessionState| {
        harness.state_mut().store.apply(Event::State(state));
        harness.run_steps(3);
        ["Save a checkpoint", "Open a data set…"].map(|name| harness.get_by_label(name).rect())
    };
    let training = places_in(SessionState::Training);
    assert_eq!(places_in(SessionState::Paused), training);
    assert_eq!(places_in(SessionState::Finished)[0], training[0]);
}

#[test]
fn a_count_of_the_log_that_grows_moves_no_button() {
    let mut harness = stage(PaneKind::Log, scripts::failed(), Theme::Dark, [700.0, 220.0]);
    harness.run_steps(3);
    let places = |harness: &Harness<'_, Stage>| ["Warnings", "Errors"].map(|name| harness.get_by_label(name).rect());
    let before = places(&harness);
    for line in 0..120 {
        let (about, text) = (Subject::Run, format!("line {line}"));
        harness.state_mut().store.apply(Event::Notice { about, level: Level::Info, text });
    }
    harness.run_steps(3);
    assert_eq!(places(&harness), before);
}

/// What Ablate leaves to the curves of a window of 1280×720.
#[test]
fn both_curve_panels_stay_useful_in_a_low_pane_and_no_curve_is_lost() {
    let mut harness = stage(PaneKind::Curves, scripts::running(500), Theme::Dark, [768.0, 189.0]);
    harness.run_steps(3);
    for name in ["Loss terms", "mIoU by sensors"] {
        let plot = harness.get_by_label(name).rect();
        assert!(plot.height() >= 80.0 && plot.width() >= 180.0, "{name}: {plot:?}");
        assert!(plot.bottom() <= 189.0, "{name} is cut: {plot:?}");
    }
    let shown = harness.query_all_by_label_contains("Curve ").count();
    let more = harness.get_all_by_label_contains("more curve").next().expect("a button of the folded names");
    more.click();
    harness.run_steps(3);
    assert!(harness.query_all_by_label_contains("Curve ").count() > shown, "the menu holds the others");
}

/// Draws panes into a folder for looking at them: `FUSIONSCOPE_DRAW=folder cargo test draw_panes -- --ignored`.
#[test]
#[ignore = "draws pictures for people"]
fn draw_panes() {
    let Some(folder) = std::env::var_os("FUSIONSCOPE_DRAW") else { return };
    let folder = std::path::PathBuf::from(folder);
    for kind in PaneKind::all() {
        let size = match kind {
            PaneKind::Recipe | PaneKind::Controls => [300.0, 760.0],
            PaneKind::Inspect | PaneKind::Embedding => [900.0, 600.0],
            PaneKind::Dataset => [1100.0, 640.0],
            PaneKind::Runs | PaneKind::Compare => [1000.0, 420.0],
            PaneKind::Robustness => [1180.0, 1300.0],
            PaneKind::Curves => [980.0, 260.0],
            PaneKind::Metrics => [330.0, 760.0],
            PaneKind::Log => [700.0, 220.0],
            PaneKind::Times => [420.0, 420.0],
            PaneKind::Study => [1100.0, 700.0],
            PaneKind::Lesson => [360.0, 620.0],
        };
        for theme in [Theme::Dark, Theme::Light] {
            for (name, session) in SESSIONS {
                let mut harness = stage(kind, session(), theme, size);
                harness.run_steps(4);
                if kind == PaneKind::Recipe && name == "running" {
                    for place in
                        ["Settings of Channel exchange", "Settings of Encoder", "Settings of Pixel contrast (L_CL)"]
                    {
                        harness.get_by_label(place).click();
                        harness.run_steps(2);
                    }
                    let recipe = &mut harness.state_mut().store.recipe;
                    recipe.set_text("encoder.family", "efficientnet-lite0").expect("a family");
                    recipe.set_text("encoder.pretrained", "").expect("no weights");
                    recipe.set_text("exchange.channel.threshold", "0.05").expect("a threshold");
                    harness.run_steps(2);
                }
                if kind == PaneKind::Curves && name == "running" {
                    harness.hover_at(egui::pos2(330.0, 150.0));
                    harness.run_steps(4);
                }
                let picture = harness.render().expect("a picture");
                picture.save(folder.join(format!("{kind:?}-{name}-{theme:?}.png"))).expect("a file");
            }
        }
    }
}
