//! The rows that would be: their names, in what their recipes differ, and which no run can be of.

use egui::{Label, RichText, Ui};
use fusionscope_engine::protocol::value_words;
use fusionscope_engine::recipe::Recipe;
use fusionscope_engine::study::Planned;

use crate::look::{self, Tokens};

/// Draws them.
pub(super) fn show(ui: &mut Ui, tokens: &Tokens, base: &Recipe, rows: &[Planned], reference: Option<&str>) {
    if rows.is_empty() {
        ui.label(RichText::new("Tick parts of the recipe: the rows of the study follow here").color(tokens.weak));
        return;
    }
    ui.label(look::caption(tokens, "Rows"));
    for planned in rows {
        let ink = if planned.impossible.is_some() { tokens.faint } else { tokens.text };
        ui.horizontal_wrapped(|ui| {
            ui.label(look::medium(&planned.row.name).color(ink));
            if reference == Some(planned.row.name.as_str()) {
                ui.label(look::small("the others are compared with it").color(tokens.accent_ink));
            }
            ui.label(look::small(differences(base, &planned.recipe)).color(tokens.weak));
            if let Some(what_if) = &planned.row.what_if {
                let words = format!("scored with: {}", what_if.words().join(", "));
                ui.label(look::small(words).color(tokens.warning));
            }
        });
        if let Some(why) = &planned.impossible {
            ui.add(Label::new(look::small(format!("Left out: {why}")).color(tokens.warning)).wrap());
            continue;
        }
        for why in &planned.idle {
            ui.add(Label::new(look::small(format!("Does nothing: {why}")).color(tokens.warning)).wrap());
        }
    }
}

/// In what a row's recipe differs from another.
pub(super) fn differences(base: &Recipe, row: &Recipe) -> String {
    let differences = base.differences(row);
    if differences.is_empty() {
        return "the same recipe".to_owned();
    }
    let words = |key: &str| key.trim_end_matches(".enabled").to_owned();
    let each = differences
        .iter()
        .map(|other| format!("{} {} → {}", words(other.key), value_words(&other.ours), value_words(&other.theirs)));
    each.collect::<Vec<_>>().join(", ")
}
