//! The scenes that have the pixels of a cell of the confusion matrix.

use egui::{Align, Button, Label, Layout, ScrollArea, Ui};
use fusionscope_engine::protocol::{
    ConfusedScenes, Confusion, CountedFrom, EvaluationReport, SessionState, SubsetScores,
};

use crate::action::Action;
use crate::look::{self, space};
use crate::panes::PaneContext;

/// The list's height in points, at most.
const HEIGHT: f32 = 190.0;

/// What asks for the scenes of a cell; `None` where they cannot be looked at: the evaluation is of other data, of other
/// classes, or of another network than the one in view.
pub(super) fn asking(
    ctx: &PaneContext<'_>,
    report: &EvaluationReport,
    scores: &SubsetScores,
    (truth, predicted): (u8, u8),
) -> Option<Confusion> {
    let (dataset, network) = (ctx.store.dataset.as_ref()?, ctx.store.network.as_ref()?);
    let fits = dataset.name == report.dataset && dataset.classes == report.classes && !report.of_teacher;
    let dropped = network.sensors.iter().filter(|sensor| !scores.sensors.contains(sensor)).cloned().collect();
    let (split, step, tag) = (report.split.clone(), report.step, scores.tag.clone());
    fits.then_some(Confusion { split, step, dropped, tag, truth, predicted })
}

/// The list, below the matrix that it is of.
pub(super) fn show(ui: &mut Ui, ctx: &PaneContext<'_>, asked: Option<&Confusion>, report: &EvaluationReport) {
    let Some(asked) = asked.filter(|asked| (asked.split.as_str(), asked.step) == (report.split.as_str(), report.step))
    else {
        return;
    };
    let found = ctx.store.scene.confused.as_ref().filter(|found| found.of == *asked);
    ui.add_space(space::XS);
    ui.label(look::caption(ctx.tokens, words(report, asked)));
    match found {
        Some(found) => list_ui(ui, ctx, found),
        None if matches!(ctx.store.state, SessionState::Evaluating { .. }) => {
            ui.horizontal(|ui| {
                ui.label(look::small("Looking through the scenes…").color(ctx.tokens.weak));
                if look::button(ui, ctx.tokens, None, "Stop", false).clicked() {
                    ctx.act(Action::Stop);
                }
            });
        }
        None => {
            ui.label(look::small("Not found yet: click the cell").color(ctx.tokens.weak));
        }
    }
}

/// `person taken for building, night`.
fn words(report: &EvaluationReport, of: &Confusion) -> String {
    let name = |class: u8| report.classes.get(usize::from(class)).map_or("–", String::as_str);
    let what = if of.truth == of.predicted {
        format!("{} found", name(of.truth))
    } else {
        format!("{} taken for {}", name(of.truth), name(of.predicted))
    };
    let tag = if of.tag.is_empty() { String::new() } else { format!(", {}", of.tag) };
    let without = if of.dropped.is_empty() { String::new() } else { format!(", without {}", of.dropped.join(", ")) };
    format!("{what}{tag}{without}")
}

fn list_ui(ui: &mut Ui, ctx: &PaneContext<'_>, found: &ConfusedScenes) {
    let tokens = ctx.tokens;
    let total = found.pixels();
    let pixels = look::counted(total, "pixel");
    let scenes = format!("{} of {}", look::count(found.scenes.len() as u64), look::counted(found.looked_at, "scene"));
    let from = match found.from {
        CountedFrom::Evaluations => "counted by the evaluation",
        CountedFrom::Predictions => "counted now",
    };
    let step = look::count(found.step);
    let text = format!("{pixels} in {scenes}; {from}, step {step}");
    ui.add(Label::new(look::small(text).color(tokens.weak)).wrap());
    let in_view = ctx.store.scene.shown().and_then(|shown| shown.view.step);
    if let Some(now) = in_view.filter(|now| *now != found.step) {
        let hint = format!(
            "The pictures show step {} of the network, so that what is outlined there may be fewer or more pixels",
            look::count(now)
        );
        look::badge(ui, "another step is in view", tokens.warning, tokens.warning_weak).on_hover_text(hint);
    }
    if !found.warnings.is_empty() {
        look::badge(ui, "scenes left out", tokens.warning, tokens.warning_weak)
            .on_hover_text(found.warnings.join("\n"));
    }
    let split = ctx.store.dataset.iter().flat_map(|dataset| &dataset.splits).find(|split| split.name == found.of.split);
    ScrollArea::vertical().id_salt("confused-scenes").max_height(HEIGHT).auto_shrink([false, true]).show_rows(
        ui,
        space::ROW,
        found.scenes.len(),
        |ui, rows| {
            for &(index, pixels) in found.scenes.get(rows).unwrap_or_default() {
                let id = split.and_then(|split| split.ids.get(index)).map_or("–", String::as_str);
                let is_in_view = ctx.store.scene.split == found.of.split && ctx.store.scene.index == index;
                ui.horizontal(|ui| {
                    ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                        let share = look::share(pixels as f64 / total.max(1) as f64);
                        ui.label(look::small(format!("{} px  {share}", look::count(pixels))).color(tokens.weak));
                        ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                            let row = ui.add(Button::selectable(is_in_view, id).truncate());
                            if row.on_hover_text("Open it with these pixels outlined").clicked() {
                                ctx.act(Action::ShowConfused { index, of: found.of.clone() });
                            }
                        });
                    });
                });
            }
        },
    );
}
