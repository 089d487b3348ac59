//! What a what-if changes in the scene in view, in figures.

use egui::{Color32, Grid, Ui};
use fusionscope_engine::protocol::{Effect, OUTCOME};

use crate::look;
use crate::panes::PaneContext;
use crate::store::ClassesOf;

/// The figures, or why there are none.
pub(super) fn ui(ui: &mut Ui, ctx: &PaneContext<'_>) {
    let scene = &ctx.store.scene;
    let effect = match scene.effect_that_counts() {
        Some(effect) if !scene.what_if.is_empty() && scene.beside.is_none() => effect,
        _ => {
            let words = match () {
                () if scene.what_if.is_empty() => "Nothing is supposed yet: change something above",
                () if scene.beside.is_some() => {
                    "Two runs are in view: they are compared with each other, both with the what-if"
                }
                () if scene.is_outdated() => "Predicting…",
                () => "No head answers, or the network does not fit the data",
            };
            ui.add(egui::Label::new(look::small(words).color(ctx.tokens.weak)).wrap());
            return;
        }
    };
    if scene.is_outdated() {
        ui.label(look::small("Predicting… the figures are of what was supposed before").color(ctx.tokens.faint));
    }
    scene_ui(ui, ctx, effect);
    pixels_ui(ui, ctx, effect);
    classes_ui(ui, ctx, effect);
}

/// The scene's mean IoU, without and with.
fn scene_ui(ui: &mut Ui, ctx: &PaneContext<'_>, effect: &Effect) {
    let [Some(without), Some(with)] = effect.miou else {
        ui.label(look::small("The scene has no label, and so no IoU").color(ctx.tokens.weak));
        return;
    };
    let (points, ink) = look::points(ctx.tokens, 100.0 * (with - without));
    ui.horizontal(|ui| {
        ui.label(look::small("scene mIoU").color(ctx.tokens.weak));
        let figures = format!("{} → {} %", look::percent(without), look::percent(with));
        ui.label(look::semibold(figures).color(ctx.tokens.text));
        ui.label(look::semibold(points).color(ink));
    })
    .response
    .on_hover_text(format!("Of this one scene, without the what-if and with it ({})", effect.convention));
}

/// How many pixels have become what, in the colours of the map.
fn pixels_ui(ui: &mut Ui, ctx: &PaneContext<'_>, effect: &Effect) {
    let legend = OUTCOME.map(str::to_owned);
    let colours = ctx.tokens.categories(&legend, ctx.store.sensors());
    let all = effect.pixels().max(1) as f64;
    let told = OUTCOME.iter().zip(effect.counts).zip(colours).skip(1).enumerate();
    // What turned right and what turned wrong is always told, other things where they are.
    for (_, ((word, count), colour)) in told.filter(|(place, ((_, count), _))| *place < 2 || *count > 0) {
        ui.horizontal(|ui| {
            look::swatch(ui, colour);
            let share = look::share(count as f64 / all);
            ui.label(look::small(format!("{word}  {} px, {share}", look::count(count))).color(ctx.tokens.text));
        });
    }
}

/// The IoU of every class that is there, without and with.
fn classes_ui(ui: &mut Ui, ctx: &PaneContext<'_>, effect: &Effect) {
    let colours = ctx.store.colours_of(ClassesOf::Answers);
    let cell = |value: Option<f64>| value.map_or_else(|| "–".to_owned(), look::percent);
    Grid::new("what-if-classes").num_columns(5).spacing([8.0, 2.0]).show(ui, |ui| {
        for (class, both) in effect.classes.iter().enumerate() {
            if *both == [None, None] {
                continue;
            }
            let class = class as u8;
            look::swatch(ui, colours.get(class).unwrap_or(Color32::TRANSPARENT));
            ui.label(look::small(ctx.store.class_name(class)).color(ctx.tokens.text));
            for value in both {
                ui.label(look::small(cell(*value)).color(ctx.tokens.weak));
            }
            if let [Some(without), Some(with)] = both {
                let (points, ink) = look::points(ctx.tokens, 100.0 * (with - without));
                ui.label(look::small(points).color(ink));
            }
            ui.end_row();
        }
    });
}
