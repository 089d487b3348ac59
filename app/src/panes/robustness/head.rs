//! Which protocol to run on which split, and how far it is.

use egui::{Button, ComboBox, Label, ProgressBar, RichText, Ui};
use fusionscope_engine::protocol::{Protocol, SessionState};
use fusionscope_engine::recipe::Choice as _;

use crate::action::Action;
use crate::look::{self, Icon, space};
use crate::panes::PaneContext;

/// What is to be run, and whose figures are shown.
#[derive(Clone, Debug)]
pub(super) struct Wish {
    pub(super) protocol: Protocol,
    /// The split that is run on and whose figures are shown; another one where the data set has it not.
    pub(super) split: String,
}

impl Default for Wish {
    fn default() -> Self {
        Self { protocol: Protocol::Severity, split: String::new() }
    }
}

impl Wish {
    /// Draws it.
    pub(super) fn show(&mut self, ui: &mut Ui, ctx: &PaneContext<'_>) {
        self.settle(ctx);
        ui.horizontal_wrapped(|ui| {
            self.protocol_ui(ui);
            self.split_ui(ui, ctx);
            if let SessionState::Evaluating { done, total } = ctx.store.state {
                progress(ui, ctx, done, total);
            } else {
                self.button(ui, ctx);
            }
        });
        let summary = summary(self.protocol);
        ui.add(Label::new(RichText::new(summary).color(ctx.tokens.weak)).wrap());
    }

    /// Takes a split that there is: that of the newest figures, of tests, of validation, in view, or the first.
    pub(super) fn settle(&mut self, ctx: &PaneContext<'_>) {
        let store = ctx.store;
        let splits: Vec<&str> =
            store.dataset.iter().flat_map(|dataset| &dataset.splits).map(|split| split.name.as_str()).collect();
        let newest = store.robustness.reports().last().map(|report| report.split.as_str());
        let of_evaluation = store.metrics.latest().map(|report| report.split.as_str());
        if splits.contains(&self.split.as_str()) || (splits.is_empty() && newest == Some(self.split.as_str())) {
            return;
        }
        let wanted = [newest, Some("test"), of_evaluation, Some("val"), Some(store.scene.split.as_str())];
        let mut wanted = wanted.into_iter().flatten();
        let found = wanted.find(|name| splits.contains(name)).or_else(|| splits.first().copied());
        found.or(newest).or(of_evaluation).unwrap_or_default().clone_into(&mut self.split);
    }

    fn protocol_ui(&mut self, ui: &mut Ui) {
        let combo = ComboBox::from_id_salt("protocol").selected_text(self.protocol.word()).width(104.0);
        let combo = combo.height(360.0).show_ui(ui, |ui| {
            for protocol in Protocol::ALL {
                let choice = ui.selectable_value(&mut self.protocol, protocol, protocol.word());
                choice.on_hover_text(summary(protocol));
            }
        });
        combo
            .response
            .accessible_name("Protocol")
            .on_hover_text("What is done to the sensors, and which figures are taken");
    }

    fn split_ui(&mut self, ui: &mut Ui, ctx: &PaneContext<'_>) {
        let Some(dataset) = &ctx.store.dataset else { return };
        let combo = ComboBox::from_id_salt("robust-split").selected_text(self.split.as_str()).show_ui(ui, |ui| {
            for split in &dataset.splits {
                let words = format!("{} ({})", split.name, look::count(split.ids.len() as u64));
                ui.selectable_value(&mut self.split, split.name.clone(), words);
            }
        });
        combo.response.accessible_name("Split of the protocol").on_hover_text("Run on, and shown below");
    }

    fn button(&self, ui: &mut Ui, ctx: &PaneContext<'_>) {
        let action = Action::RunProtocol { protocol: self.protocol, split: self.split.clone() };
        let why_not = action.describe(ctx.store).enabled.err();
        let button = |ui: &mut Ui| look::primary_button(ui, ctx.tokens, Icon::Play, "Run protocol");
        let button = ui.add_enabled_ui(why_not.is_none(), button).inner;
        let hint =
            "Takes its figures of the network in view and keeps them in the run's folder; training waits meanwhile";
        let button = button.on_hover_text(hint).on_disabled_hover_text(why_not.unwrap_or_default());
        if button.clicked() {
            ctx.act(action);
        }
    }
}

/// How far it is and how long it still takes, and the way to end it.
fn progress(ui: &mut Ui, ctx: &PaneContext<'_>, done: u64, total: u64) {
    let what = ctx.store.robustness.asked.map_or("evaluating", Protocol::word);
    let share = if total > 0 { done as f32 / total as f32 } else { 0.0 };
    let left = time_left(ctx.store.state_since.elapsed().as_secs_f64(), done, total);
    let left = left.map_or_else(String::new, |secs| format!(" · {} left", look::clock(secs)));
    let words = format!("{what}: {} of {}{left}", look::count(done), look::count(total));
    let bar = ProgressBar::new(share).desired_width(230.0).desired_height(space::ROW).text(look::small(words.as_str()));
    ui.add(bar).accessible_name(words);
    let stop = look::button(ui, ctx.tokens, Some(Icon::Stop), "Cancel", false);
    if stop.on_hover_text("Leaves the figures before as they were").clicked() {
        ctx.act(Action::Stop);
    }
}

/// Seconds, where enough is done to tell.
fn time_left(elapsed: f64, done: u64, total: u64) -> Option<f64> {
    (done > 0 && total >= done && elapsed > 1.0).then(|| elapsed / done as f64 * (total - done) as f64)
}

/// What a protocol is, in a sentence.
fn summary(protocol: Protocol) -> &'static str {
    let option = Protocol::OPTIONS.iter().find(|option| option.id == protocol.word());
    option.map_or("", |option| option.summary)
}

/// The choice of the runs whose tables are shown, where there are several.
pub(super) fn whose(ui: &mut Ui, ctx: &PaneContext<'_>, names: &[&str], chosen: &mut usize) {
    if names.len() < 2 {
        return;
    }
    *chosen = (*chosen).min(names.len() - 1);
    ui.horizontal_wrapped(|ui| {
        ui.label(RichText::new("Tables of").color(ctx.tokens.weak));
        for (place, name) in names.iter().enumerate() {
            if ui.add(Button::selectable(place == *chosen, *name)).clicked() {
                *chosen = place;
            }
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_is_told_when_something_is_done() {
        assert_eq!(time_left(30.0, 10, 40), Some(90.0));
        assert_eq!((time_left(30.0, 0, 40), time_left(0.2, 3, 40)), (None, None));
        assert!(Protocol::ALL.into_iter().all(|protocol| !summary(protocol).is_empty()));
    }
}
