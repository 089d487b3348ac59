//! The list of a run's evaluations, to choose the one that is looked at.

use egui::{ComboBox, Ui};
use fusionscope_engine::protocol::EvaluationReport;

use crate::look;
use crate::panes::PaneContext;
use crate::store::metrics::{Which, headline, per_cent};

/// Lets the user choose; `None` follows the newest.
pub fn show(ui: &mut Ui, ctx: &PaneContext<'_>, chosen: &mut Option<Which>) {
    let metrics = &ctx.store.metrics;
    let Some(shown) = metrics.chosen(chosen.as_ref()) else { return };
    if metrics.reports().len() < 2 {
        return;
    }
    let dataset = ctx.store.dataset.as_ref().map_or("", |dataset| dataset.name.as_str());
    ui.horizontal(|ui| {
        ui.label(egui::RichText::new("Evaluation").color(ctx.tokens.weak));
        let width = (ui.available_width() - 8.0).max(60.0);
        let combo = ComboBox::from_id_salt("evaluations").width(width).truncate().selected_text(words(shown, dataset));
        let combo = combo.show_ui(ui, |ui| {
            ui.selectable_value(chosen, None, "the newest, as they come");
            for report in metrics.reports().iter().rev() {
                let miou = per_cent(headline(report).and_then(|scores| scores.miou));
                let text = format!("{} · mIoU {miou}", words(report, dataset));
                ui.selectable_value(chosen, Some(Which::of(report)), text);
            }
        });
        combo.response.accessible_name("Evaluations");
    });
}

/// `val · step 1,500 · missing: drop · 3.2 s`; on other data than are open, these first, and whether settings were
/// changed before; and whether it is the teacher's, or of degraded sensors.
fn words(report: &EvaluationReport, dataset: &str) -> String {
    let data = if report.dataset == dataset { String::new() } else { format!("{} · ", report.dataset) };
    let took = look::milliseconds((1000.0 * report.secs) as f32);
    let changed = if report.changed.is_empty() { "" } else { " · settings changed" };
    format!(
        "{data}{} · step {}{} · missing: {} · {took}{changed}",
        report.split,
        look::count(report.step),
        report.apart(),
        report.missing
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_evaluation_is_told_by_split_step_treatment_and_time() {
        let report = EvaluationReport {
            dataset: "streets".to_owned(),
            split: "val".to_owned(),
            step: 1500,
            missing: "drop".to_owned(),
            secs: 3.0,
            ..EvaluationReport::default()
        };
        let own = words(&report, "streets");
        assert!(own.starts_with("val · step 1,500 · missing: drop · 3"), "{own}");
        assert!(words(&report, "other").starts_with("streets · val"));
        let degraded = vec!["colour=fog:0.6".parse().unwrap()];
        let foggy = words(&EvaluationReport { degraded, ..report.clone() }, "streets");
        assert!(foggy.starts_with("val · step 1,500 · degraded: colour=fog:0.6 · missing"), "{foggy}");
        let of_teacher = words(&EvaluationReport { of_teacher: true, ..report }, "streets");
        assert!(of_teacher.starts_with("val · step 1,500 · the teacher · missing"), "{of_teacher}");
    }
}
