//! How much of each split's labels is of each class, as bars in the classes' colours; a click filters by one.

use egui::{Align2, CornerRadius, FontId, Rect, Role, Sense, Ui, WidgetInfo, pos2, vec2};
use fusionscope_engine::protocol::{DatasetSummary, DatasetSurvey, SplitSurvey};

use crate::look::{self, size, space};
use crate::panes::PaneContext;
use crate::store::ClassesOf;
use crate::store::gallery::{Order, Wishes};

/// The height of a class's row in points.
const ROW: f32 = 26.0;
/// The least width of a split's column.
const COLUMN: f32 = 46.0;

/// The table: a row a class, a column a split.
pub(super) fn show(
    ui: &mut Ui,
    ctx: &PaneContext<'_>,
    dataset: &DatasetSummary,
    survey: &DatasetSurvey,
    shown: &Wishes,
    kept: &mut Wishes,
) {
    let tokens = ctx.tokens;
    let shares: Vec<Vec<f64>> = survey.splits.iter().map(SplitSurvey::shares).collect();
    let width = ui.available_width() - 6.0;
    let name = (0.36 * width).clamp(70.0, 130.0);
    let columns = shares.len().min(((width - name) / COLUMN).floor().max(1.0) as usize);
    let column = (width - name) / columns.max(1) as f32;
    let most = shares.iter().take(columns).flatten().copied().fold(0.0, f64::max);
    let small = || FontId::proportional(size::SMALL);
    ui.spacing_mut().item_spacing.y = 0.0;
    ui.label(look::caption(tokens, "Share of labelled pixels by split"));
    let (head, _) = ui.allocate_exact_size(vec2(width, 18.0), Sense::hover());
    for (at, split) in dataset.splits.iter().take(columns).enumerate() {
        let right = head.left() + name + (at + 1) as f32 * column - 2.0;
        let words = look::elided(ui, &split.name, small(), column - 4.0, tokens.weak);
        ui.painter().galley(pos2(right - words.size().x, head.top() + 2.0), words, tokens.weak);
    }
    let colours = ctx.store.colours_of(ClassesOf::Labels);
    for (class, of) in dataset.classes.iter().enumerate() {
        let share = |split: usize| shares.get(split).and_then(|shares| shares.get(class)).copied().unwrap_or(0.0);
        let (rect, response) = ui.allocate_exact_size(vec2(width, ROW), Sense::click());
        let is_on = shown.classes.contains(of);
        response.widget_info(|| {
            let each = dataset.splits.iter().take(columns).enumerate();
            let words: Vec<String> =
                each.map(|(at, split)| format!("{} {}", split.name, look::share(share(at)))).collect();
            WidgetInfo::selected(Role::CheckBox, true, is_on, format!("Class {of}: {}", words.join(", ")))
        });
        if is_on || response.hovered() || response.has_focus() {
            let ground = if is_on { tokens.accent_weak } else { tokens.hovered };
            ui.painter().rect_filled(rect, CornerRadius::same(space::RADIUS), ground);
        }
        if response.hovered() {
            ctx.store.scene.hover_class.set(u8::try_from(class).ok());
        }
        let colour = u8::try_from(class).ok().and_then(|class| colours.get(class)).unwrap_or(tokens.faint);
        let middle = rect.center().y;
        let square = Rect::from_center_size(pos2(rect.left() + 8.0, middle), vec2(9.0, 9.0));
        look::fill_outlined(ui.painter(), tokens, square, 2, colour);
        let words = look::elided(ui, of, FontId::proportional(size::BODY), name - 24.0, tokens.text);
        ui.painter().galley(pos2(rect.left() + 18.0, middle - words.size().y / 2.0), words, tokens.text);
        for at in 0..columns {
            let left = rect.left() + name + at as f32 * column;
            let ink = if share(at) > 0.0 { tokens.text } else { tokens.faint };
            let place = pos2(left + column - 2.0, rect.top() + 10.0);
            ui.painter().text(place, Align2::RIGHT_CENTER, look::share(share(at)), small(), ink);
            let track = Rect::from_min_size(pos2(left + 4.0, rect.bottom() - 7.0), vec2(column - 6.0, 4.0));
            ui.painter().rect_filled(track, CornerRadius::same(1), tokens.raised);
            if share(at) > 0.0 && most > 0.0 {
                let long = (track.width() * (share(at) / most) as f32).max(1.0);
                look::fill_outlined(ui.painter(), tokens, track.with_max_x(track.left() + long), 1, colour);
            }
        }
        if response.clicked() {
            kept.turn_class(of);
        }
        look::context_menu(&response, |ui| {
            if ui.button("Sort by its share").clicked() {
                (kept.order, kept.is_turned) = (Order::Class(of.clone()), false);
                ui.close();
            }
        });
        response.on_hover_ui(|ui| {
            ui.label(look::semibold(of).color(tokens.text));
            for (split, found) in dataset.splits.iter().zip(&survey.splits) {
                let pixels = found.pixels.get(class).copied().unwrap_or_default();
                let scenes = found.scenes.get(class).copied().unwrap_or_default();
                let words =
                    format!("{}: {} in {}", split.name, look::counted(pixels, "pixel"), look::counted(scenes, "scene"));
                ui.label(look::small(words).color(tokens.weak));
            }
            ui.label(look::small("Click to show only scenes that have it").color(tokens.faint));
        });
    }
    let ignored: u64 = survey.splits.iter().map(|split| split.ignored).sum();
    let all = ignored + survey.splits.iter().flat_map(|split| &split.pixels).sum::<u64>();
    let mut notes = Vec::new();
    if ignored > 0 {
        let share = look::share(ignored as f64 / all as f64);
        notes.push(format!("{share} of all label pixels count nowhere and are left out"));
    }
    if columns < dataset.splits.len() {
        let others: Vec<&str> = dataset.splits[columns..].iter().map(|split| split.name.as_str()).collect();
        notes.push(format!("Point at a class for {}", others.join(", ")));
    }
    for note in notes {
        ui.add_space(space::XS);
        ui.add(egui::Label::new(look::small(note).color(tokens.weak)).wrap());
    }
}
