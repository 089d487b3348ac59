//! The figures that a step speaks of, as they stand now, beside the range that they are in when the lesson is followed.

use egui::Ui;

use crate::lesson::{Figure, Reading};
use crate::look::{self, space};
use crate::panes::PaneContext;

pub(super) fn ui(ui: &mut Ui, ctx: &PaneContext<'_>, readings: &[Reading]) {
    if readings.is_empty() {
        return;
    }
    ui.add_space(space::M);
    for reading in readings {
        let found = ctx.store.figure(&reading.of);
        ui.add(egui::Label::new(look::message(&reading.name).color(ctx.tokens.text)).wrap());
        ui.horizontal(|ui| {
            let words = found.map_or_else(|| "–".to_owned(), |value| words(&reading.of, value));
            ui.label(look::semibold(words).color(ctx.tokens.text));
            let [least, most] = reading.between;
            let usual = format!("usually {} to {}", digits(&reading.of, least), words_of_most(&reading.of, most));
            ui.label(look::small(usual).color(ctx.tokens.weak));
        });
        ui.add_space(space::XS);
    }
}

/// Whether any of them stands.
pub(super) fn are_known(ctx: &PaneContext<'_>, readings: &[Reading]) -> bool {
    readings.iter().any(|reading| ctx.store.figure(&reading.of).is_some())
}

fn digits(figure: &Figure, value: f64) -> String {
    if figure.is_per_cent() { format!("{value:.0}") } else { look::significant(value) }
}

fn words_of_most(figure: &Figure, most: f64) -> String {
    if figure.is_per_cent() { format!("{most:.0} %") } else { digits(figure, most) }
}

/// A figure in its unit.
fn words(figure: &Figure, value: f64) -> String {
    if figure.is_per_cent() { format!("{value:.1} %") } else { look::significant(value) }
}
