//! The log pane: sentences by level, searchable, to be copied.

use egui::{Align, Color32, FontId, Label, Layout, Rect, ScrollArea, TextEdit, Ui, Vec2, vec2};
use fusionscope_engine::protocol::Level;

use super::{Pane, PaneContext};
use crate::exhibit::{Exhibit, Format};
use crate::look::{self, Icon, Tokens, size, space};
use crate::store::log::{Entry, weight};

/// Below this width in points the filter has a row of its own.
const NARROW: f32 = 430.0;

/// The log pane.
#[derive(Debug)]
pub struct LogPane {
    shown: [bool; 3],
    filter: String,
}

impl Default for LogPane {
    fn default() -> Self {
        Self { shown: [true; 3], filter: String::new() }
    }
}

const LEVELS: [(Level, &str); 3] = [(Level::Info, "Notes"), (Level::Warning, "Warnings"), (Level::Error, "Errors")];

impl Pane for LogPane {
    fn exhibits(&mut self, ctx: &PaneContext<'_>) -> Result<Vec<Exhibit>, String> {
        let text = self.text(ctx);
        if text.is_empty() {
            return Err("no line fits the filter, or nothing has been said yet".to_owned());
        }
        Ok(vec![Exhibit::new("Shown lines", "log").text(Format::Text, text)])
    }

    fn ui(&mut self, ui: &mut Ui, ctx: &PaneContext<'_>) {
        egui::Frame::new().inner_margin(egui::Margin::symmetric(10, 6)).show(ui, |ui| {
            self.toolbar(ui, ctx);
            ui.add_space(space::XS);
            let shown: Vec<&Entry> = ctx.store.log.entries().filter(|entry| self.is_shown(entry)).collect();
            if shown.is_empty() {
                let words = if ctx.store.log.entries().len() == 0 {
                    "Nothing has been said yet"
                } else {
                    "No line fits the filter"
                };
                look::empty(ui, ctx.tokens, words);
                return;
            }
            ScrollArea::vertical().auto_shrink(false).stick_to_bottom(true).show(ui, |ui| {
                ui.spacing_mut().item_spacing = vec2(space::S, 3.0);
                if ctx.store.log.forgotten() > 0 {
                    let words = format!("{} gave way", look::counted(ctx.store.log.forgotten(), "earlier line"));
                    ui.label(look::small(words).color(ctx.tokens.faint));
                }
                for entry in shown {
                    line(ui, ctx, entry);
                }
            });
        });
    }
}

impl LogPane {
    fn is_shown(&self, entry: &Entry) -> bool {
        self.shown[weight(entry.level)]
            && (self.filter.is_empty() || entry.text.to_lowercase().contains(&self.filter.trim().to_lowercase()))
    }

    fn toolbar(&mut self, ui: &mut Ui, ctx: &PaneContext<'_>) {
        if ui.available_width() < NARROW {
            ui.horizontal_wrapped(|ui| self.levels(ui, ctx));
            // In a row of its own the field takes the whole of it.
            ui.horizontal(|ui| self.filter_ui(ui, ctx, f32::INFINITY));
            return;
        }
        ui.horizontal(|ui| {
            self.levels(ui, ctx);
            self.filter_ui(ui, ctx, 220.0);
        });
    }

    fn levels(&mut self, ui: &mut Ui, ctx: &PaneContext<'_>) {
        let counts = ctx.store.log.counts();
        ui.spacing_mut().item_spacing.x = space::XS;
        for (level, name) in LEVELS {
            let place = weight(level);
            let text = format!("{name} {}", look::count(counts[place]));
            let is_shown = self.shown[place];
            let ink = if is_shown { ctx.tokens.text } else { ctx.tokens.faint };
            let ground = if is_shown { ctx.tokens.raised } else { egui::Color32::TRANSPARENT };
            // Wide enough for thousands, so that no count that grows moves the next button.
            let widest = ui.painter().layout_no_wrap(format!("{name} 8,888"), FontId::proportional(size::SMALL), ink);
            let wanted = widest.size() + 2.0 * ui.spacing().button_padding;
            let button = egui::Button::new(look::small(text).color(ink)).fill(ground);
            let response = ui.add(button.min_size(vec2(wanted.x, 0.0)));
            response.widget_info(|| egui::WidgetInfo::selected(egui::Role::CheckBox, true, is_shown, name));
            if counts[place] > 0 && place > 0 {
                let foot = response.rect.with_min_y(response.rect.bottom() - 2.0).shrink2(vec2(6.0, 0.0));
                ui.painter().rect_filled(foot, 1.0, colour_of(ctx.tokens, level));
            }
            if response.on_hover_text(format!("Show or hide {}", name.to_lowercase())).clicked() {
                self.shown[place] = !self.shown[place];
            }
        }
    }

    fn filter_ui(&mut self, ui: &mut Ui, ctx: &PaneContext<'_>, widest: f32) {
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            if look::button(ui, ctx.tokens, None, "Copy", false).on_hover_text("Copy the shown lines").clicked() {
                ui.ctx().copy_text(self.text(ctx));
            }
            let width = (ui.available_width() - 8.0).clamp(60.0, widest);
            let field = TextEdit::singleline(&mut self.filter)
                .hint_text("Filter")
                .desired_width(width)
                .align(egui::Align2::LEFT_CENTER);
            let response = ui.add(field);
            if response.lost_focus() && ui.input(|input| input.key_pressed(egui::Key::Escape)) {
                self.filter.clear();
            }
            response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::TextInput, true, "Filter the log"));
        });
    }

    fn text(&self, ctx: &PaneContext<'_>) -> String {
        let mut text = String::new();
        for entry in ctx.store.log.entries().filter(|entry| self.is_shown(entry)) {
            let times = if entry.count > 1 { format!(" (×{})", entry.count) } else { String::new() };
            text.push_str(&format!(
                "{}\t{}\t{}{times}\n",
                look::date_and_time(ctx.store.opened, entry.at_secs),
                word_of(entry.level),
                entry.text
            ));
        }
        text
    }
}

/// Room for the time of day.
const TIME: Vec2 = vec2(52.0, 16.0);

fn line(ui: &mut Ui, ctx: &PaneContext<'_>, entry: &Entry) {
    let (tokens, opened) = (ctx.tokens, ctx.store.opened);
    ui.horizontal_top(|ui| {
        // Times are made for the lines in sight alone: the time zone is looked up for each.
        if ui.is_rect_visible(Rect::from_min_size(ui.cursor().min, TIME)) {
            let time = look::small(look::time_of_day(opened, entry.at_secs)).color(tokens.weak);
            let time = ui.add_sized(TIME, Label::new(time));
            time.on_hover_ui(|ui| {
                ui.label(look::date_and_time(opened, entry.at_secs));
            });
        } else {
            ui.allocate_exact_size(TIME, egui::Sense::hover());
        }
        let (rect, _) = ui.allocate_exact_size(vec2(14.0, 16.0), egui::Sense::hover());
        match entry.level {
            Level::Info => {
                ui.painter().circle_filled(rect.center(), 2.0, tokens.faint);
            }
            Level::Warning => Icon::Warning.paint(ui.painter(), rect, tokens.warning),
            Level::Error => Icon::Errors.paint(ui.painter(), rect, tokens.error),
        }
        if entry.count > 1 {
            look::badge(ui, &format!("×{}", look::count(entry.count)), tokens.weak, tokens.raised);
        }
        let ink = if entry.level == Level::Error { tokens.error } else { tokens.text };
        ui.add(egui::Label::new(look::message(&entry.text).color(ink)).wrap().selectable(true));
    });
}

fn colour_of(tokens: &Tokens, level: Level) -> Color32 {
    match level {
        Level::Info => tokens.weak,
        Level::Warning => tokens.warning,
        Level::Error => tokens.error,
    }
}

fn word_of(level: Level) -> &'static str {
    match level {
        Level::Info => "note",
        Level::Warning => "warning",
        Level::Error => "error",
    }
}
