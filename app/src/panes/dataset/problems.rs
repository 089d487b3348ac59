//! What is wrong with which files; a click opens the scene.

use egui::{Color32, CornerRadius, FontId, Role, ScrollArea, Sense, Ui, WidgetInfo, pos2, vec2};
use fusionscope_engine::protocol::{DatasetSummary, DatasetSurvey, FoundProblem, Severity};

use super::card::{id_of, word_of};
use super::open;
use crate::look::{self, size};
use crate::panes::PaneContext;

/// The height of a row in points: the file, and what is wrong with it.
const ROW: f32 = 36.0;

/// The list, of which only the rows in sight are made.
pub(super) fn show(ui: &mut Ui, ctx: &PaneContext<'_>, dataset: &DatasetSummary, survey: &DatasetSurvey) {
    let found = &survey.problems;
    if found.is_empty() {
        let words = if survey.is_done() { "No file has a problem" } else { "No file that was read has a problem" };
        look::empty(ui, ctx.tokens, words);
        return;
    }
    let errors = found.iter().filter(|found| found.problem.severity == Severity::Error).count();
    let mut words = format!(
        "{}, {}",
        look::counted(errors as u64, "error"),
        look::counted((found.len() - errors) as u64, "warning")
    );
    if survey.further_problems > 0 {
        let more = look::count(survey.further_problems);
        words.push_str(&format!(", and {more} more, which `fusionscope dataset check` lists"));
    }
    ui.add(egui::Label::new(look::small(words).color(ctx.tokens.weak)).wrap());
    ui.spacing_mut().item_spacing.y = 0.0;
    ScrollArea::vertical().id_salt("dataset-problems").auto_shrink(false).show_rows(
        ui,
        ROW,
        found.len(),
        |ui, rows| {
            for found in &found[rows] {
                row_ui(ui, ctx, dataset, found);
            }
        },
    );
}

fn row_ui(ui: &mut Ui, ctx: &PaneContext<'_>, dataset: &DatasetSummary, found: &FoundProblem) {
    let (tokens, problem) = (ctx.tokens, &found.problem);
    let sense = if found.scene.is_some() { Sense::click() } else { Sense::hover() };
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), ROW), sense);
    let name = problem.file.file_name().unwrap_or(problem.file.as_os_str()).to_string_lossy().into_owned();
    let word = word_of(problem.severity);
    response.widget_info(|| {
        let role = if found.scene.is_some() { Role::Button } else { Role::Label };
        WidgetInfo::labeled(role, true, format!("{word}: {}", problem.text))
    });
    let is_lit = found.scene.is_some() && (response.hovered() || response.has_focus());
    let ground = if is_lit { tokens.hovered } else { Color32::TRANSPARENT };
    ui.painter().rect_filled(rect, CornerRadius::same(4), ground);
    let font = || FontId::proportional(size::SMALL);
    let ink = if problem.severity == Severity::Error { tokens.error } else { tokens.warning };
    let room = rect.width() - 12.0;
    let left = rect.left() + 6.0;
    let kind = ui.painter().layout_no_wrap(word.to_owned(), font(), ink);
    let name = look::elided(ui, name, font(), room - kind.size().x - 8.0, tokens.text);
    ui.painter().galley(pos2(rect.right() - 6.0 - kind.size().x, rect.top() + 3.0), kind, ink);
    ui.painter().galley(pos2(left, rect.top() + 3.0), name, tokens.text);
    let text = look::elided(ui, &problem.text, font(), room, tokens.weak);
    ui.painter().galley(pos2(left, rect.top() + 18.0), text, tokens.weak);
    if let Some(scene) = found.scene.filter(|_| response.clicked()) {
        open(ctx, dataset, scene);
    }
    look::context_menu(&response, |ui| {
        if ui.button("Copy the file's path").clicked() {
            ui.ctx().copy_text(problem.file.display().to_string());
            ui.close();
        }
    });
    response.on_hover_ui(|ui| {
        ui.set_max_width(420.0);
        ui.add(egui::Label::new(&problem.text).wrap());
        if let Some(scene) = found.scene {
            let words = format!("Click to open scene {}", id_of(dataset, scene));
            ui.label(look::small(words).color(tokens.faint));
        }
    });
}
