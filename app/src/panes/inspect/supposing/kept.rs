//! Keeping a what-if, trying it on a whole split, and taking it elsewhere.

use egui::{TextEdit, Ui};
use fusionscope_engine::protocol::{WhatIf, WhatIfReport};

use crate::action::Action;
use crate::look::{self, Icon};
use crate::panes::PaneContext;
use crate::panes::inspect::state::InspectPane;

/// What can be done with a what-if beyond this scene.
pub(super) fn ui(pane: &mut InspectPane, ui: &mut Ui, ctx: &PaneContext<'_>) {
    let what_if = &ctx.store.scene.what_if;
    let is_empty = what_if.is_empty();
    ui.horizontal(|ui| {
        let hint = if is_empty { "name".to_owned() } else { what_if.words().join(", ") };
        let room = (ui.available_width() - 58.0).max(40.0);
        let field = TextEdit::singleline(&mut pane.working.name).hint_text(hint).desired_width(room);
        ui.add(field).accessible_name("Name of the what-if");
        let keep = ui.add_enabled_ui(!is_empty, |ui| look::button(ui, ctx.tokens, None, "Keep", false)).inner;
        if keep.on_hover_text("Keep it, to be used on other scenes, runs and days").clicked() {
            ctx.act(Action::KeepWhatIf(std::mem::take(&mut pane.working.name)));
        }
    });
    for kept in &ctx.store.scene.supposing.kept {
        kept_ui(ui, ctx, kept);
    }
    let known = Action::ApplyWhatIf.describe(ctx.store);
    let hint = known.hint(ui.ctx());
    let words =
        format!("Try on all {} of {}", look::counted(ctx.store.scene_count() as u64, "scene"), ctx.store.scene.split);
    let apply =
        ui.add_enabled_ui(known.enabled.is_ok(), |ui| look::button(ui, ctx.tokens, Some(Icon::Play), &words, false));
    if apply.inner.on_hover_text(&hint).on_disabled_hover_text(&hint).clicked() {
        ctx.act(Action::ApplyWhatIf);
    }
    for report in ctx.store.scene.supposing.came_to(what_if, &ctx.store.scene.split) {
        report_ui(ui, ctx, report);
    }
    let known = Action::StudyWhatIf.describe(ctx.store);
    let hint = known.hint(ui.ctx());
    let row =
        ui.add_enabled_ui(known.enabled.is_ok(), |ui| look::button(ui, ctx.tokens, None, "Put into a study", false));
    if row.inner.on_hover_text(&hint).on_disabled_hover_text(&hint).clicked() {
        ctx.act(Action::StudyWhatIf);
    }
    let copy =
        ui.add_enabled_ui(!is_empty, |ui| look::button(ui, ctx.tokens, None, "Copy for the command line", false));
    let hint = "As the text of a file that `fusionscope inspect --what-if FILE` and `evaluate --what-if FILE` take";
    if copy.inner.on_hover_text(hint).clicked() {
        ui.ctx().copy_text(what_if.to_toml());
    }
}

/// One that was kept: used by a click where the network and the data have what it is of.
fn kept_ui(ui: &mut Ui, ctx: &PaneContext<'_>, kept: &WhatIf) {
    let lack = lack_of(ctx, kept);
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 4.0;
        let is_it = kept.is_like(&ctx.store.scene.what_if);
        let room = (ui.available_width() - 28.0).max(40.0);
        let line = egui::Button::selectable(is_it, kept.name.as_str()).truncate().min_size(egui::vec2(room, 0.0));
        let response = ui.add_enabled(lack.is_none(), line);
        let response = response.on_hover_text(kept.words().join(", "));
        if response.on_disabled_hover_text(lack.unwrap_or_default()).clicked() {
            ctx.act(Action::Suppose(kept.clone()));
        }
        let forget = Action::ForgetWhatIf(kept.name.clone());
        let title = forget.title(ctx.store);
        if look::icon_button(ui, ctx.tokens, Icon::Close, &title, false).on_hover_text(&title).clicked() {
            ctx.act(forget);
        }
    });
}

/// What a what-if is of that is not there.
fn lack_of(ctx: &PaneContext<'_>, what_if: &WhatIf) -> Option<String> {
    let sensor = what_if.sensors.keys().find(|name| !ctx.store.looks_at_sensor(name));
    let switches = ctx.store.scene.shown().map_or(&[][..], |shown| shown.view.switches.as_slice());
    let key = what_if.settings.keys().find(|key| !switches.iter().any(|(known, _)| known == *key));
    match (sensor, key) {
        (Some(sensor), _) => Some(format!("The network in view does not use {sensor}")),
        (None, Some(key)) => Some(format!("{key} does not act on the network in view")),
        (None, None) => None,
    }
}

/// What one came to on a split.
fn report_ui(ui: &mut Ui, ctx: &PaneContext<'_>, report: &WhatIfReport) {
    let [Some(without), Some(with)] = report.miou() else { return };
    let (points, ink) = look::points(ctx.tokens, 100.0 * (with - without));
    let scenes = report.scores.first().map_or(0, |both| both[0].scenes);
    let tags = report.scores.iter().skip(1).filter_map(|both| {
        let [without, with] = [both[0].miou?, both[1].miou?];
        Some(format!("{}: {} → {} %", both[0].tag, look::percent(without), look::percent(with)))
    });
    let words = format!(
        "{}, {}, step {}\n{}\nBoth are of the same scenes, by {}; kept in what-if.json of the run, apart from its evaluations",
        report.split,
        look::counted(scenes, "scene"),
        look::count(report.step),
        tags.collect::<Vec<_>>().join("\n"),
        report.convention
    );
    ui.horizontal(|ui| {
        ui.label(look::small(format!("{} mIoU", report.split)).color(ctx.tokens.weak));
        let figures = format!("{} → {} %", look::percent(without), look::percent(with));
        ui.label(look::semibold(figures).color(ctx.tokens.text));
        ui.label(look::semibold(points).color(ink));
    })
    .response
    .on_hover_text(words);
}
