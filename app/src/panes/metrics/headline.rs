//! The figure that people quote, with everything that it depends on.

use egui::Ui;
use fusionscope_engine::protocol::{EvaluationReport, SubsetScores, changes_words};
use fusionscope_engine::recipe::{Kind, setting};

use crate::look::{self, space};
use crate::panes::PaneContext;
use crate::store::metrics::{cell, headline, per_cent_sign, rows};

/// The mean IoU of every head, and in small what it means.
pub fn show(ui: &mut Ui, ctx: &PaneContext<'_>, report: &EvaluationReport) {
    let tokens = ctx.tokens;
    let Some(best) = headline(report) else { return };
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = space::S;
        let figure = look::semibold(per_cent_sign(best.miou)).size(2.0 * look::size::TITLE).color(tokens.text);
        ui.label(figure).on_hover_text(format!("mIoU {}", head_words(best)));
        ui.vertical(|ui| {
            ui.add_space(4.0);
            ui.label(look::medium(format!("mIoU {}", head_words(best))).color(tokens.text));
            ui.horizontal_wrapped(|ui| {
                let scenes = format!("{} · step {}{}", report.split, look::count(report.step), report.apart());
                ui.label(look::small(scenes).color(tokens.weak));
                change(ui, ctx, report, best);
            });
        });
    });
    let singles: Vec<&SubsetScores> =
        rows(report).iter().filter(|row| row.sensors.len() == 1).filter_map(|row| cell(report, row, "")).collect();
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing.x = 6.0;
        for single in singles {
            look::swatch(ui, ctx.store.hue(tokens, &single.sensors[0]));
            ui.label(egui::RichText::new(&single.sensors[0]).color(tokens.weak));
            ui.label(look::medium(per_cent_sign(single.miou)).color(tokens.text));
            ui.add_space(space::XS);
        }
    });
    ui.add_space(2.0);
    let words = format!(
        "{}. Missing sensors: {}",
        sentence("evaluation.convention", &report.convention),
        sentence("evaluation.missing", &report.missing).to_lowercase()
    );
    let behind = ctx.store.curves.progress().last().map_or(0, |last| last.step.saturating_sub(report.step));
    let age = if behind > 0 { format!(" · {} ago", look::counted(behind, "step")) } else { String::new() };
    ui.add(egui::Label::new(look::small(format!("{words}{age}")).color(tokens.faint)).wrap()).on_hover_text(format!(
        "Convention {}: {}\nMissing sensors {}: {}\n{} of {} in {}",
        report.convention,
        sentence("evaluation.convention", &report.convention),
        report.missing,
        sentence("evaluation.missing", &report.missing),
        look::counted(best.scenes, "scene"),
        report.dataset,
        look::milliseconds((1000.0 * report.secs) as f32),
    ));
    if !report.changed.is_empty() {
        let words = format!("Settings changed: {}", changes_words(&report.changed));
        ui.add(egui::Label::new(look::small(words).color(tokens.warning)).wrap())
            .on_hover_text("These figures were not made by the recipe that the run began with");
    }
}

/// By how much it moved since the evaluation before.
fn change(ui: &mut Ui, ctx: &PaneContext<'_>, report: &EvaluationReport, best: &SubsetScores) {
    let before = ctx.store.metrics.before(report);
    let old = before.and_then(headline).filter(|old| old.sensors == best.sensors);
    let (Some(before), Some(old), Some(new)) = (before, old.and_then(|old| old.miou), best.miou) else { return };
    let (points, ink) = look::points(ctx.tokens, 100.0 * (new - old));
    ui.label(look::small(points).color(ink)).on_hover_text(format!("Points since step {}", look::count(before.step)));
}

fn head_words(scores: &SubsetScores) -> String {
    if scores.head.is_empty() { scores.sensors.join(" + ") } else { scores.head.clone() }
}

/// What a choice means, out of the catalogue; the word itself where the catalogue does not know it.
fn sentence(key: &str, id: &str) -> String {
    let options = match setting(key).map(|setting| setting.kind) {
        Some(Kind::Choice { options, .. }) => options,
        _ => &[],
    };
    let words = options.iter().find(|option| option.id == id).map_or(id, |option| option.summary);
    // The list of papers in brackets is for the recipe's card.
    words.split(" (").next().unwrap_or(words).to_owned()
}
