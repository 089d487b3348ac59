//! The bar at the top: what runs, the one button that stands out, how far it is, and where everything else is found.

use std::path::PathBuf;

use egui::containers::menu::{MenuButton, MenuConfig};
use egui::{Align, CornerRadius, Layout as Flow, PopupCloseBehavior, Rect, RichText, Sense, Stroke, Ui, pos2, vec2};
use fusionscope_engine::protocol::SessionState;
use fusionscope_engine::recipe::catalogue::{teacher, training};
use fusionscope_engine::recipe::{FIRST_RECIPE, presets};

use crate::action::{Action, key_words};
use crate::arrangement::Layout;
use crate::link::Place;
use crate::look::{self, Icon, TextStep, Tokens, size, space};
use crate::panes::controls::{Tone, run_button, status_of};
use crate::store::{Recovery, Store};

/// Draws the bar; returns what was pressed.
pub(super) fn ui(
    ui: &mut Ui,
    store: &Store,
    tokens: &'static Tokens,
    layout: Layout,
    (recent, recent_runs): (&[PathBuf], &[PathBuf]),
) -> Vec<Action> {
    let mut bar = Bar { store, tokens, layout, recent, recent_runs, actions: Vec::new() };
    let room = ui.max_rect();
    ui.painter().hline(room.x_range(), room.bottom() - 0.5, Stroke::new(1.0, tokens.hairline));
    bar.progress_line(ui, room);
    ui.scope_builder(egui::UiBuilder::new().max_rect(room.shrink2(vec2(space::M, 0.0))), |ui| {
        ui.horizontal_centered(|ui| {
            ui.spacing_mut().item_spacing.x = space::XS;
            bar.name_ui(ui);
            bar.transport_ui(ui);
            ui.with_layout(Flow::right_to_left(Align::Center), |ui| {
                ui.spacing_mut().item_spacing.x = space::XS;
                bar.right_ui(ui, room.width());
                ui.add_space(space::XS);
                ui.with_layout(Flow::left_to_right(Align::Center), |ui| bar.status_ui(ui));
            });
        });
    });
    bar.actions
}

/// Below this width in points, as with very large text, what can be found elsewhere folds or goes.
const NARROW: f32 = 760.0;
/// From this width on there is room for the engine's menu, whose items stand in the list of all actions too.
const WITH_ENGINE: f32 = 920.0;
/// The same of what can only be done without.
const NARROWEST: f32 = 560.0;

struct Bar<'a> {
    store: &'a Store,
    tokens: &'static Tokens,
    layout: Layout,
    recent: &'a [PathBuf],
    recent_runs: &'a [PathBuf],
    actions: Vec<Action>,
}

impl Bar<'_> {
    /// A line along the bottom that fills as the work goes on.
    fn progress_line(&self, ui: &Ui, room: Rect) {
        let status = status_of(self.store);
        let colour = match status.tone {
            Tone::Busy => self.tokens.accent,
            Tone::Held => self.tokens.outline,
            Tone::Calm | Tone::Done | Tone::Failed => return,
        };
        let share = status.share.unwrap_or(0.0);
        let right = room.left() + room.width() * share.clamp(0.0, 1.0);
        let line = Rect::from_min_max(pos2(room.left(), room.bottom() - 2.0), pos2(right, room.bottom()));
        ui.painter().rect_filled(line, CornerRadius::ZERO, colour);
    }

    fn name_ui(&mut self, ui: &mut Ui) {
        let (rect, _) = ui.allocate_exact_size(vec2(20.0, 16.0), Sense::hover());
        let middle = rect.center();
        let stroke = |kind| Stroke::new(1.8, self.tokens.sensor(kind));
        ui.painter().circle_stroke(middle - vec2(3.5, 0.0), 5.5, stroke("colour"));
        ui.painter().circle_stroke(middle + vec2(3.5, 0.0), 5.5, stroke("thermal"));
        ui.add_space(2.0);
        // A run that begins has a longer name than the recipe: whatever it is, the buttons behind it stay in place.
        let (limit, width) = match ui.available_width() {
            room if room >= 1040.0 => (28, 208.0),
            room if room >= 720.0 => (15, 128.0),
            room if room >= 520.0 => (9, 88.0),
            _ => (6, 64.0),
        };
        let name = look::semibold(shortened(&self.store.run_name(), limit));
        let button = egui::Button::new(name).right_text("▾").truncate().min_size(vec2(width, 0.0));
        let place = ui.allocate_exact_size(vec2(width, space::ROW), Sense::hover()).0;
        let mut child = ui.new_child(egui::UiBuilder::new().max_rect(place).layout(Flow::left_to_right(Align::Center)));
        let menu = MenuButton::from_button(button);
        let (button, _) = menu.ui(&mut child, |ui| look::fitting(ui, |ui| self.run_menu(ui)));
        button.on_hover_text(
            self.store.run.as_ref().map_or_else(|| "No run yet".to_owned(), |path| path.display().to_string()),
        );
        ui.add_space(space::S);
    }

    fn run_menu(&mut self, ui: &mut Ui) {
        ui.set_min_width(240.0);
        ui.label(look::caption(self.tokens, "Recipe of the next run"));
        for preset in presets() {
            let chosen = self.store.origin.name == preset.name;
            if ui.selectable_label(chosen, preset.name).on_hover_text(preset.summary).clicked() {
                self.actions.push(Action::UsePreset(preset.name.to_owned()));
            }
        }
        self.item(ui, Action::OpenRecipe);
        ui.separator();
        ui.label(look::caption(self.tokens, "Run"));
        for action in [Action::OpenRun, Action::Resume, Action::Restart, Action::SaveCheckpoint, Action::Evaluate] {
            self.item(ui, action);
        }
        self.item(ui, Action::OpenDemo);
        self.item(ui, Action::ChooseCompared);
        self.item(ui, Action::StopComparing);
        self.recent_items(ui, self.recent_runs, Action::OpenRunFolder);
    }

    fn item(&mut self, ui: &mut Ui, action: Action) {
        let known = action.describe(self.store);
        let hint = known.hint(ui.ctx());
        let mut button = egui::Button::new(known.title);
        if let Some(key) = known.shown_key {
            button = button.shortcut_text(key_words(ui.ctx(), &key));
        }
        let response = ui.add_enabled(known.enabled.is_ok(), button);
        if response.on_hover_text(&hint).on_disabled_hover_text(&hint).clicked() {
            self.actions.push(action);
        }
    }

    /// What was opened before, each as an item that opens it again.
    fn recent_items(&mut self, ui: &mut Ui, recent: &[PathBuf], open: fn(PathBuf) -> Action) {
        if recent.is_empty() {
            return;
        }
        ui.separator();
        ui.label(look::caption(self.tokens, "Recent"));
        for path in recent {
            let name = path.file_name().map_or_else(|| path.display().to_string(), |n| n.to_string_lossy().into());
            let action = open(path.clone());
            let response = ui.add_enabled(action.enabled(self.store), egui::Button::new(name));
            if response.on_hover_text(path.display().to_string()).clicked() {
                self.actions.push(action);
            }
        }
    }

    fn transport_ui(&mut self, ui: &mut Ui) {
        let promise = self.promise();
        let pressed = run_button(ui, self.store, self.tokens, Some(&promise));
        self.actions.extend(pressed);
        self.icon(ui, Icon::Step, Action::StepOnce);
        self.icon(ui, Icon::Stop, Action::Stop);
        // Behind the others, which stay where they are when it comes.
        if Action::main(self.store).0 == Action::Resume
            && look::button(ui, self.tokens, None, "Train", false).on_hover_text(promise).clicked()
        {
            self.actions.push(Action::Train);
        }
        ui.add_space(space::S);
    }

    fn icon(&mut self, ui: &mut Ui, icon: Icon, action: Action) {
        let known = action.describe(self.store);
        let hint = known.hint(ui.ctx());
        let response = ui
            .add_enabled_ui(known.enabled.is_ok(), |ui| look::icon_button(ui, self.tokens, icon, &known.title, false))
            .inner
            .on_hover_text(&hint)
            .on_disabled_hover_text(&hint);
        if response.clicked() {
            self.actions.push(action);
        }
    }

    /// What pressing Train would do, in one line.
    fn promise(&self) -> String {
        let Some(dataset) = &self.store.dataset else { return "Open a data set first".to_owned() };
        let recipe = &self.store.recipe;
        let steps = recipe.get(training::STEPS) + recipe.get(teacher::STEPS);
        let is_demo = recipe.name == FIRST_RECIPE && !self.store.is_edited();
        let what = if is_demo && self.store.sample_data.as_ref() == Some(&dataset.path) {
            "OGP-Net on the sample data".to_owned()
        } else {
            format!("{} on {}", recipe.name, dataset.name)
        };
        // A time is told where one was measured: of the run in view, while the recipe asks for another one like it.
        let progress = self.store.curves.progress();
        let measured = progress.whole_secs().filter(|_| self.store.is_timed() && self.store.pending() == 0);
        match (progress.last(), measured) {
            (Some(last), Some(secs)) => {
                format!("{what}, {}, about {}", look::counted(last.total_steps, "step"), look::roughly(secs))
            }
            _ => format!("{what}, {}", look::counted(steps, "step")),
        }
    }

    /// How far the run is; what changes in it moves nothing beside it.
    fn status_ui(&self, ui: &mut Ui) {
        let tokens = self.tokens;
        ui.with_layout(Flow::right_to_left(Align::Center), |ui| {
            if self.store.pending() > 0 && self.store.is_running() && ui.available_width() > 300.0 {
                let waiting = look::counted(self.store.pending() as u64, "change waits/changes wait");
                let text = format!("{waiting} for a restart");
                look::badge(ui, &text, tokens.warning, tokens.warning_weak);
            }
            ui.with_layout(Flow::left_to_right(Align::Center), |ui| {
                // Before anything was asked for, what pressing Train would do says more than that the session is ready.
                let (text, ink) = if self.store.state == SessionState::Idle && self.store.run.is_none() {
                    (self.promise(), tokens.weak)
                } else {
                    let status = status_of(self.store);
                    let (rect, _) = ui.allocate_exact_size(vec2(10.0, 10.0), Sense::hover());
                    ui.painter().circle_filled(rect.center(), 3.5, status.colour(tokens));
                    (status.line(), tokens.text)
                };
                ui.add(egui::Label::new(RichText::new(&text).color(ink)).truncate());
            });
        });
    }

    /// How the window looks: theme, motion, size of text.
    fn look_ui(&mut self, ui: &mut Ui) {
        let config = MenuConfig::new().close_behavior(PopupCloseBehavior::CloseOnClickOutside);
        let (button, _) = MenuButton::new("Aa").config(config).ui(ui, |ui| {
            ui.set_min_width(220.0);
            self.item(ui, Action::ToggleTheme);
            self.item(ui, Action::ToggleMotion);
            ui.separator();
            ui.label(look::caption(self.tokens, "Text size"));
            ui.horizontal(|ui| {
                self.text_step(ui, "−", TextStep::Smaller);
                let size = format!("{} %", self.store.text_size.per_cent());
                ui.add_sized([48.0, space::ROW], egui::Label::new(size));
                self.text_step(ui, "+", TextStep::Larger);
                self.text_step(ui, "100 %", TextStep::Usual);
            });
        });
        button.accessible_name("Look of the window").on_hover_text("Theme, motion, size of text");
    }

    fn text_step(&mut self, ui: &mut Ui, word: &str, step: TextStep) {
        let action = Action::StepText(step);
        let known = action.describe(self.store);
        let button = egui::Button::new(word).min_size(vec2(32.0, space::ROW));
        let response = ui.add_enabled(known.enabled.is_ok(), button).accessible_name(&known.title);
        let hint = known.hint(ui.ctx());
        if response.on_hover_text(&hint).on_disabled_hover_text(&hint).clicked() {
            self.actions.push(action);
        }
    }

    fn right_ui(&mut self, ui: &mut Ui, width: f32) {
        self.look_ui(ui);
        if width >= NARROW {
            self.icon(ui, Icon::Help, Action::ToggleHelp);
        }
        self.search_ui(ui, width);
        ui.add_space(space::XS);
        self.layouts_ui(ui, width);
        ui.add_space(space::XS);
        self.data_ui(ui, width);
        if width >= WITH_ENGINE {
            ui.add_space(space::XS);
            self.engine_ui(ui, width);
        }
    }

    /// Where the engine is, and on what it trains.
    fn engine_ui(&mut self, ui: &mut Ui, width: f32) {
        let engine = &self.store.engine;
        let device = &self.store.device;
        let (text, ink) = match &engine.lost {
            Some(_) => ("Engine gone".to_owned(), self.tokens.error),
            None if engine.line.is_down() => ("Line cut".to_owned(), self.tokens.warning),
            None if engine.is_afar() => (shortened(&engine.seat.place.title(), 22), self.tokens.text),
            None if width > 1400.0 && !device.is_empty() => (shortened(device, 22), self.tokens.weak),
            None => ("Engine".to_owned(), self.tokens.weak),
        };
        let text = look::small(format!("{text}  ▾")).color(ink);
        let menu = ui.menu_button(text, |ui| look::fitting(ui, |ui| self.engine_menu(ui)));
        let words = if device.is_empty() { "its device is chosen when a run starts" } else { device };
        let hint = format!("The engine: {}, {words}", engine.seat.place.phrase());
        menu.response.accessible_name("Engine").on_hover_text(hint);
    }

    fn engine_menu(&mut self, ui: &mut Ui) {
        ui.set_min_width(260.0);
        ui.label(look::caption(self.tokens, "Where the engine is"));
        let places = Place::ALL.into_iter().chain(self.store.engine.remotes.values().cloned().map(Place::Afar));
        let offers = places.map(|place| (place.title(), Some(place)));
        for (title, place) in offers.chain([("On another machine…".to_owned(), None)]) {
            let is_there = self.store.engine.lost.is_none() && place.as_ref() == Some(&self.store.engine.seat.place);
            let action = place.map_or(Action::ChooseMachine, Action::UseEngine);
            let known = action.describe(self.store);
            let hint = known.hint(ui.ctx());
            let response = ui
                .add_enabled(known.enabled.is_ok(), egui::Button::selectable(is_there, title))
                .on_hover_text(&hint)
                .on_disabled_hover_text(&hint);
            if response.clicked() && !is_there {
                self.actions.push(action);
            }
        }
        if !self.store.device.is_empty() {
            ui.label(look::small(format!("It trains on {}", self.store.device)).color(self.tokens.weak));
        }
        ui.separator();
        if self.store.engine.lost.is_some() {
            for recovery in Recovery::ALL {
                self.item(ui, Action::Recover(recovery));
            }
        } else if self.store.engine.line.is_down() {
            self.item(ui, Action::AttachAgain);
        } else {
            self.item(ui, Action::EndEngine);
        }
    }

    fn layouts_ui(&mut self, ui: &mut Ui, width: f32) {
        if width < NARROWEST {
            return;
        }
        if width < NARROW {
            ui.menu_button(format!("{}  ▾", self.layout.name()), |ui| {
                for layout in Layout::ALL {
                    if ui.selectable_label(layout == self.layout, layout.name()).clicked() {
                        self.actions.push(Action::UseLayout(layout));
                    }
                }
            });
            return;
        }
        let names = Layout::ALL.map(Layout::name);
        let chosen = Layout::ALL.iter().position(|layout| *layout == self.layout).unwrap_or(0);
        if let Some(place) = look::segmented(ui, self.tokens, "layouts", &names, chosen) {
            self.actions.push(Action::UseLayout(Layout::ALL[place]));
        }
    }

    fn search_ui(&mut self, ui: &mut Ui, width: f32) {
        let known = Action::TogglePalette.describe(self.store);
        let key = known.key.map(|key| key_words(ui.ctx(), &key)).unwrap_or_default();
        if width < 1400.0 {
            self.icon(ui, Icon::Search, Action::TogglePalette);
            return;
        }
        let tokens = self.tokens;
        let font = egui::FontId::proportional(size::BODY);
        let word = ui.painter().layout_no_wrap("Search".to_owned(), font.clone(), tokens.weak);
        let key = ui.painter().layout_no_wrap(key, egui::FontId::proportional(size::SMALL), tokens.faint);
        let wanted = vec2(word.size().x + key.size().x + 14.0 + 6.0 + 16.0 + 20.0, space::ROW + 2.0);
        let (rect, response) = ui.allocate_exact_size(wanted, Sense::click());
        response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Button, true, "Search"));
        let ground = if response.hovered() { tokens.raised } else { tokens.field };
        let line = Stroke::new(1.0, tokens.hairline);
        ui.painter().rect(rect, CornerRadius::same(5), ground, line, egui::StrokeKind::Inside);
        let middle = rect.center().y;
        Icon::Search.paint(
            ui.painter(),
            Rect::from_center_size(pos2(rect.left() + 15.0, middle), vec2(12.0, 12.0)),
            tokens.weak,
        );
        let left = rect.left() + 27.0;
        ui.painter().galley(pos2(left, middle - word.size().y / 2.0), word, tokens.weak);
        let right = rect.right() - 8.0 - key.size().x;
        ui.painter().galley(pos2(right, middle - key.size().y / 2.0), key, tokens.faint);
        if response.clicked() {
            self.actions.push(Action::TogglePalette);
        }
    }

    fn data_ui(&mut self, ui: &mut Ui, width: f32) {
        let name = self.store.dataset.as_ref().map_or("no data", |dataset| dataset.name.as_str());
        let name = format!("{}  ▾", shortened(name, name_limit(width)));
        let menu = ui.menu_button(name, |ui| look::fitting(ui, |ui| self.data_menu(ui)));
        menu.response.on_hover_text("The data set");
    }

    fn data_menu(&mut self, ui: &mut Ui) {
        ui.set_min_width(240.0);
        if let Some(dataset) = &self.store.dataset {
            ui.label(look::small(dataset.path.display().to_string()).color(self.tokens.weak));
            for split in &dataset.splits {
                let held = if split.held_out { ", held out" } else { "" };
                let text = format!("{}  {}{held}", split.name, look::counted(split.ids.len() as u64, "scene"));
                ui.label(look::small(text).color(self.tokens.weak));
            }
            ui.separator();
        }
        self.item(ui, Action::OpenData);
        self.item(ui, Action::OpenSampleData);
        self.recent_items(ui, self.recent, Action::OpenDataFolder);
    }
}

/// How many characters of the data set's name a bar of this width has room for.
fn name_limit(width: f32) -> usize {
    match width {
        width if width >= 1240.0 => 32,
        width if width >= 1040.0 => 18,
        width if width >= NARROW => 12,
        _ => 8,
    }
}

/// At most `limit` characters, the middle left out.
fn shortened(text: &str, limit: usize) -> String {
    let letters: Vec<char> = text.chars().collect();
    if letters.len() <= limit {
        return text.to_owned();
    }
    let (head, tail) = (limit / 2, limit - limit / 2 - 1);
    let start: String = letters[..head].iter().collect();
    let end: String = letters[letters.len() - tail..].iter().collect();
    format!("{start}…{end}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_names_lose_their_middle() {
        assert_eq!(shortened("short", 10), "short");
        let long = shortened("2026-11-21-081500-ogp-net-demo", 16);
        assert_eq!(long.chars().count(), 16);
        assert!(long.starts_with("2026") && long.ends_with("demo"));
    }
}
