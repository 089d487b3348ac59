//! What a list of scenes lacks, because it is not known yet, and how it can be known.

use egui::Ui;
use fusionscope_engine::protocol::DatasetSummary;

use super::list::List;
use crate::action::Action;
use crate::look::{self, Icon};
use crate::panes::PaneContext;

/// A line for each thing that is not known.
pub(super) fn show(ui: &mut Ui, ctx: &PaneContext<'_>, dataset: &DatasetSummary, list: &List) {
    let (gallery, tokens) = (&ctx.store.gallery, ctx.tokens);
    let mut lines = Vec::new();
    if list.wishes.need_survey()
        && let Some((done, total)) = gallery.unread(ctx.store.all_scenes())
    {
        let words = format!(
            "What a scene holds is known of {} of {}: the others are left out, or come last",
            look::count(done),
            look::count(total)
        );
        lines.push((words, (!gallery.is_surveying()).then_some(Action::SurveyData)));
    }
    if list.wishes.need_scores() {
        let has = |split: &str| gallery.scores(split).is_some();
        let known: Vec<&str> =
            dataset.splits.iter().map(|split| split.name.as_str()).filter(|name| has(name)).collect();
        let unknown = match &list.wishes.split {
            Some(split) => (!has(split)).then_some(split),
            None => known.is_empty().then_some(&ctx.store.scene.split),
        };
        if let Some(split) = unknown {
            let words = format!("How the network does on single scenes of {split} is not known");
            lines.push((words, Some(Action::EvaluateSplit(split.clone()))));
        } else if known.len() < dataset.splits.len() && list.wishes.split.is_none() {
            lines.push((format!("How the network does on single scenes is known of {}", known.join(", ")), None));
        }
    }
    for (words, action) in lines {
        ui.horizontal_wrapped(|ui| {
            ui.label(look::small(words).color(tokens.warning));
            let Some(action) = action else { return };
            let known = action.describe(ctx.store);
            let hint = known.hint(ui.ctx());
            let button = ui.add_enabled_ui(known.enabled.is_ok(), |ui| {
                look::button(ui, tokens, Some(Icon::Play), &known.title, false)
            });
            if button.inner.on_hover_text(&hint).on_disabled_hover_text(&hint).clicked() {
                ctx.act(action);
            }
        });
    }
}
