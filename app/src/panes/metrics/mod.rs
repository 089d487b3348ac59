//! The metrics pane: the headline, what each subset of the sensors is worth, and which classes pay for it.

mod by_class;
mod by_sensors;
mod confused;
mod confusion;
mod evaluations;
mod exhibits;
mod fusion_image;
mod headline;
mod measure;
mod reliability;

use egui::{Align, ComboBox, Layout, Ui};
use fusionscope_engine::protocol::{Confusion, DatasetSummary, EvaluationReport, SessionState, SubsetScores};

use self::confusion::Matrix;
use self::measure::Measure;
use super::{Pane, PaneContext};
use crate::action::Action;
use crate::exhibit::Exhibit;
use crate::look::{self, Icon, space};
use crate::store::metrics::{Which, headline, rows};

/// Below this width in points what stands in one row goes below each other.
const NARROW: f32 = 250.0;

/// The metrics pane.
#[derive(Debug, Default)]
pub struct MetricsPane {
    /// The split to evaluate; empty takes the one in view.
    split: String,
    /// The evaluation that is looked at; `None` follows the newest.
    evaluation: Option<Which>,
    /// The chosen row of the modality table: sensors and head. `None` stands for all sensors.
    chosen: Option<(Vec<String>, String)>,
    /// The chosen column of the modality table.
    tag: String,
    /// What the tables show.
    measure: Measure,
    is_sorted: bool,
    matrix: Matrix,
    is_reliability_open: bool,
    /// The cell of the confusion matrix whose scenes were asked for.
    confusion: Option<Confusion>,
}

impl Pane for MetricsPane {
    fn choices(&self) -> Option<String> {
        let Self { measure, is_sorted, matrix, is_reliability_open, .. } = self;
        serde_json::to_string(&(is_sorted, matrix.is_open, is_reliability_open, measure)).ok()
    }

    fn restore(&mut self, choices: &str) {
        // Two of them are all that older programs kept.
        let older = || serde_json::from_str(choices).map(|(sorted, open)| (sorted, open, false, Measure::Iou));
        if let Ok((is_sorted, is_open, is_reliability_open, measure)) =
            serde_json::from_str(choices).or_else(|_| older())
        {
            let matrix = Matrix::opened(is_open);
            *self = Self { measure, is_sorted, matrix, is_reliability_open, ..Self::default() };
        }
    }

    fn exhibits(&mut self, ctx: &PaneContext<'_>) -> Result<Vec<Exhibit>, String> {
        let report = ctx.store.metrics.chosen(self.evaluation.as_ref()).ok_or("nothing was evaluated yet")?;
        let shown = self.shown(report).ok_or("the evaluation has no figures")?;
        Ok(exhibits::exhibits(report, shown, self.measure, ctx.tokens))
    }

    fn ui(&mut self, ui: &mut Ui, ctx: &PaneContext<'_>) {
        egui::ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
            egui::Frame::new().inner_margin(egui::Margin::symmetric(12, 10)).show(ui, |ui| {
                ui.set_width(ui.available_width());
                evaluations::show(ui, ctx, &mut self.evaluation);
                match ctx.store.metrics.chosen(self.evaluation.as_ref()) {
                    Some(report) => self.report(ui, ctx, report),
                    None => self.empty(ui, ctx),
                }
            });
        });
    }
}

impl MetricsPane {
    fn report(&mut self, ui: &mut Ui, ctx: &PaneContext<'_>, report: &EvaluationReport) {
        headline::show(ui, ctx, report);
        ui.add_space(space::S);
        self.evaluate_row(ui, ctx);
        ui.add_space(space::M);
        let measure = by_sensors::measure_ui(ui, ctx, report, &mut self.measure);
        if let Some((row, tag)) = by_sensors::show(ui, ctx, report, measure, self.chosen.as_ref(), &self.tag) {
            self.chosen = row;
            self.tag = tag;
        }
        ui.add_space(space::M);
        let Some(shown) = self.shown(report) else { return };
        let reference = self.chosen.as_ref().and_then(|_| headline(report));
        by_class::show(ui, ctx, report, measure, (shown, reference), &mut self.is_sorted);
        ui.add_space(space::M);
        if let Some(cell) = self.matrix.show(ui, ctx, report, shown) {
            self.confusion = confused::asking(ctx, report, shown, cell);
            if let Some(of) = self.confusion.clone() {
                ctx.act(Action::FindConfused(of));
            }
        }
        if self.matrix.is_open {
            confused::show(ui, ctx, self.confusion.as_ref(), report);
        }
        if let Some(further) = &shown.further {
            reliability::show(ui, ctx, further, &mut self.is_reliability_open);
        }
        if let Some(scores) = &report.fusion_image {
            ui.add_space(space::M);
            fusion_image::show(ui, ctx, scores);
        }
    }

    /// The scores of the chosen cell of the modality table; all sensors on the whole split where it is gone.
    fn shown<'a>(&self, report: &'a EvaluationReport) -> Option<&'a SubsetScores> {
        let all = rows(report).into_iter().max_by_key(|row| row.sensors.len());
        let row = match &self.chosen {
            Some((sensors, head)) => rows(report).into_iter().find(|row| row.sensors == *sensors && row.head == *head),
            None => None,
        };
        let row = row.or(all)?;
        crate::store::metrics::cell(report, &row, &self.tag).or_else(|| headline(report))
    }

    fn empty(&mut self, ui: &mut Ui, ctx: &PaneContext<'_>) {
        ui.label(look::semibold("No evaluation yet").size(look::size::TITLE).color(ctx.tokens.text));
        ui.add_space(space::XS);
        let what = "An evaluation measures mean IoU with every subset of the sensors: what each one is worth, by day and by night";
        ui.add(egui::Label::new(egui::RichText::new(what).color(ctx.tokens.weak)).wrap());
        ui.add_space(space::M);
        self.evaluate_row(ui, ctx);
        ui.add_space(space::S);
        let hint = if ctx.store.dataset.is_none() {
            "Open a data set first"
        } else if ctx.store.network.is_none() {
            "Press Train or open a run first: there is no network to evaluate"
        } else {
            "A run also evaluates its validation split as often as the recipe says (Evaluate every)"
        };
        ui.add(egui::Label::new(look::small(hint).color(ctx.tokens.faint)).wrap());
    }

    /// Takes the same room while an evaluation goes on, so that nothing below it moves.
    fn evaluate_row(&mut self, ui: &mut Ui, ctx: &PaneContext<'_>) {
        let Some(dataset) = &ctx.store.dataset else { return };
        let is_narrow = ui.available_width() < NARROW;
        let height = if is_narrow { 2.0 * space::ROW + ui.spacing().item_spacing.y } else { space::ROW };
        ui.vertical(|ui| {
            ui.set_min_height(height);
            self.evaluate_ui(ui, ctx, dataset, is_narrow);
        });
    }

    fn evaluate_ui(&mut self, ui: &mut Ui, ctx: &PaneContext<'_>, dataset: &DatasetSummary, is_narrow: bool) {
        if let SessionState::Evaluating { done, total } = ctx.store.state {
            let share = if total > 0 { done as f32 / total as f32 } else { 0.0 };
            let words = format!("{} of {} scenes", look::count(done), look::count(total));
            ui.add(egui::ProgressBar::new(share).desired_height(space::ROW).text(look::small(words)));
            return;
        }
        if !dataset.splits.iter().any(|split| split.name == self.split) {
            let is_preferred =
                |name: &str| dataset.splits.iter().any(|split| split.name == name).then(|| name.to_owned());
            let newest = ctx.store.metrics.latest().map(|report| report.split.as_str());
            self.split = newest
                .into_iter()
                .chain(["val", "test", ctx.store.scene.split.as_str()])
                .find_map(is_preferred)
                .or_else(|| dataset.splits.first().map(|split| split.name.clone()))
                .unwrap_or_default();
        }
        if is_narrow {
            ui.horizontal(|ui| self.split_ui(ui, ctx, dataset));
            self.evaluate_button(ui, ctx);
            return;
        }
        ui.horizontal(|ui| {
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                self.evaluate_button(ui, ctx);
                ui.with_layout(Layout::left_to_right(Align::Center), |ui| self.split_ui(ui, ctx, dataset));
            });
        });
    }

    fn evaluate_button(&self, ui: &mut Ui, ctx: &PaneContext<'_>) {
        let action = Action::EvaluateSplit(self.split.clone());
        let can = action.enabled(ctx.store);
        let answer =
            ui.add_enabled_ui(can, |ui| look::button(ui, ctx.tokens, Some(Icon::Play), "Evaluate now", false)).inner;
        let answer = answer
            .on_hover_text("Score every subset of the sensors on this split; training waits meanwhile")
            .on_disabled_hover_text("Needs a network and a data set, and a session that is not busy");
        if answer.clicked() {
            ctx.act(action);
        }
    }

    fn split_ui(&mut self, ui: &mut Ui, ctx: &PaneContext<'_>, dataset: &DatasetSummary) {
        let held_out = dataset.splits.iter().any(|split| split.name == self.split && split.held_out);
        let word = |name: &str| {
            let count = dataset.splits.iter().find(|split| split.name == name).map_or(0, |split| split.ids.len());
            format!("{name} ({})", look::count(count as u64))
        };
        let label = ui.label(egui::RichText::new("Split").color(ctx.tokens.weak));
        let combo = ComboBox::from_id_salt("split").selected_text(word(&self.split)).show_ui(ui, |ui| {
            for split in &dataset.splits {
                ui.selectable_value(&mut self.split, split.name.clone(), word(&split.name));
            }
        });
        let combo = combo.response.labelled_by(label.id);
        if held_out {
            combo.on_hover_text("Held out of the training split, because the folder has none of this name");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn choices_come_back_also_those_of_older_programs() {
        let mut pane = MetricsPane::default();
        pane.restore("[true,true]");
        assert!(pane.is_sorted && pane.matrix.is_open && !pane.is_reliability_open);
        pane.measure = Measure::Boundary;
        pane.is_reliability_open = true;
        let mut again = MetricsPane::default();
        again.restore(&pane.choices().unwrap());
        assert!(again.is_sorted && again.matrix.is_open && again.is_reliability_open);
        assert_eq!(again.measure, Measure::Boundary);
    }
}
