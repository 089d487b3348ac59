//! Beside the scenes: what the files of the whole data set hold, as far as they were read.

use egui::{ProgressBar, ScrollArea, Ui};
use fusionscope_engine::protocol::DatasetSummary;

use super::kept::Facts;
use super::list::List;
use super::{DatasetPane, histogram, problems, shares, tags};
use crate::action::Action;
use crate::look::{self, Icon, space};
use crate::panes::PaneContext;

impl DatasetPane {
    pub(super) fn facts(&mut self, ui: &mut Ui, ctx: &PaneContext<'_>, dataset: &DatasetSummary, list: &List) {
        let words = Facts::ALL.map(Facts::word);
        let chosen = Facts::ALL.iter().position(|facts| *facts == self.kept.facts).unwrap_or_default();
        if let Some(place) = look::segmented(ui, ctx.tokens, "dataset-facts", &words, chosen) {
            self.kept.facts = Facts::ALL[place];
        }
        ui.add_space(space::XS);
        if self.kept.facts != Facts::Tags {
            reading_ui(ui, ctx);
        }
        let survey = ctx.store.gallery.survey();
        let area = ScrollArea::vertical().id_salt(("dataset-facts", self.kept.facts.word())).auto_shrink(false);
        match (self.kept.facts, survey) {
            (Facts::Tags, _) => {
                area.show(ui, |ui| tags::show(ui, ctx, &list.wishes, &mut self.kept.wishes));
            }
            (Facts::Classes, _) if dataset.classes.is_empty() => {
                look::empty(ui, ctx.tokens, "The data set has no labels");
            }
            // Why there is nothing stands above.
            (_, None) => {}
            (Facts::Classes | Facts::Values, Some(survey)) if survey.done == 0 && !survey.is_done() => {}
            (Facts::Classes, Some(survey)) => {
                area.show(ui, |ui| shares::show(ui, ctx, dataset, survey, &list.wishes, &mut self.kept.wishes));
            }
            (Facts::Values, Some(survey)) => {
                area.show(ui, |ui| histogram::show(ui, ctx, survey));
            }
            (Facts::Problems, Some(survey)) => problems::show(ui, ctx, dataset, survey),
        }
    }
}

/// How many scenes' files were read, and the button that reads them or stops that.
fn reading_ui(ui: &mut Ui, ctx: &PaneContext<'_>) {
    let (gallery, tokens) = (&ctx.store.gallery, ctx.tokens);
    let Some((done, total)) = gallery.unread(ctx.store.all_scenes()) else { return };
    let words = format!("{} of {} read", look::count(done), look::counted(total, "scene"));
    let hint = if done == 0 {
        "What the files hold is known once they are read. That may take minutes and takes from a training's time"
    } else {
        "All figures here are of the scenes that were read so far"
    };
    let action = Action::SurveyData;
    let known = action.describe(ctx.store);
    let (icon, word) = if gallery.is_surveying() { (Icon::Stop, "Stop") } else { (Icon::Play, "Read all files") };
    ui.horizontal(|ui| {
        let told = known.hint(ui.ctx());
        let button = ui
            .add_enabled_ui(known.enabled.is_ok(), |ui| look::button(ui, tokens, Some(icon), word, false))
            .inner
            .on_hover_text(&told)
            .on_disabled_hover_text(&told);
        if button.clicked() {
            ctx.act(action);
        }
        let share = if total > 0 { done as f32 / total as f32 } else { 0.0 };
        let bar = ProgressBar::new(share).desired_height(space::ROW).text(look::small(words));
        ui.add(bar.desired_width(ui.available_width())).on_hover_text(hint);
    });
    ui.add(egui::Label::new(look::small(hint).color(tokens.weak)).wrap());
    ui.add_space(space::XS);
}
