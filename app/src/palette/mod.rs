//! The list of everything: type a few letters, press Enter. It finds actions, settings, maps, classes and scenes, or
//! scenes alone when asked where to go.

mod entries;
mod fuzzy;

use egui::text::{CCursor, CCursorRange};
use egui::text_edit::TextEditState;
use egui::{Align2, Area, Frame, Id, Key, Modifiers, Order, RichText, ScrollArea, Sense, TextEdit, Ui, vec2};

use self::entries::Entry;
use crate::action::{Action, Keyed, key_words};
use crate::look::{self, Tokens, size, space};
use crate::store::Store;

/// What is searched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Search {
    /// Everything.
    Everything,
    /// Scenes.
    Scenes,
}

/// Entries that a key for pages goes over.
const PAGE: usize = 10;

/// The palette; closed until asked for.
#[derive(Debug, Default)]
pub struct Palette {
    open: Option<Search>,
    query: String,
    chosen: usize,
    fresh: bool,
    /// The query is another one than in the frame before.
    is_new: bool,
}

impl Palette {
    /// Opens it empty, or closes it when it already searches the same.
    pub fn toggle(&mut self, search: Search) {
        self.open = if self.open == Some(search) { None } else { Some(search) };
        self.query.clear();
        self.chosen = 0;
        self.fresh = true;
    }

    /// Whether it is open.
    pub fn is_open(&self) -> bool {
        self.open.is_some()
    }

    /// Draws it over everything; returns what was chosen.
    pub fn ui(&mut self, ctx: &egui::Context, store: &Store, tokens: &Tokens) -> Option<Action> {
        let search = self.open?;
        let close = ctx.input_mut(|input| input.consume_key(Modifiers::NONE, Key::Escape));
        // Keys are taken before the field sees them, and obeyed after it: what was typed in the same frame counts
        // first.
        let pressed = |key| ctx.input_mut(|input| input.count_and_consume_key(Modifiers::NONE, key));
        let down = pressed(Key::ArrowDown) + PAGE * pressed(Key::PageDown);
        let up = pressed(Key::ArrowUp) + PAGE * pressed(Key::PageUp);
        let enter = ctx.input_mut(|input| input.consume_key(Modifiers::NONE, Key::Enter));

        let screen = ctx.content_rect();
        let width = 560.0_f32.min(screen.width() - 32.0);
        let area = Area::new(Id::unique("palette"))
            .order(Order::Foreground)
            .anchor(Align2::CENTER_TOP, vec2(0.0, (screen.height() * 0.12).min(120.0)))
            .show(ctx, |ui| {
                Frame::popup(ui.style()).inner_margin(8).show(ui, |ui| {
                    ui.set_width(width);
                    self.field_ui(ui, search);
                    ui.add_space(space::XS);
                    let entries = match search {
                        Search::Everything => entries::everything(ctx, store, &self.query),
                        Search::Scenes => entries::scenes_alone(store, &self.query),
                    };
                    self.chosen = (self.chosen + down).saturating_sub(up).min(entries.len().saturating_sub(1));
                    let pressed = self.list_ui(ui, tokens, &entries, down + up > 0);
                    (entries, pressed)
                })
            });
        let (entries, pressed) = area.inner.inner;
        let outside = !self.fresh
            && ctx.input(|input| input.pointer.any_click())
            && !ctx.pointer_interact_pos().is_some_and(|at| area.response.rect.contains(at));
        self.fresh = false;
        let place = pressed.or_else(|| enter.then_some(self.chosen));
        let picked = place
            .and_then(|place| entries.into_iter().nth(place))
            .filter(|entry| entry.refused.is_none())
            .map(|entry| entry.action);
        if close || outside || picked.is_some() {
            self.open = None;
        }
        picked
    }

    fn field_ui(&mut self, ui: &mut Ui, search: Search) {
        let hint = match search {
            Search::Everything => "Search actions, settings, views, classes, scenes",
            Search::Scenes => "Go to scene: a number, an id, a tag or a split",
        };
        let before = self.query.clone();
        if self.fresh {
            // The field is not there yet when the palette opens; letters that were typed on are not lost.
            ui.input_mut(|input| {
                input.events.retain(|event| match event {
                    egui::Event::Text(text) => {
                        self.query.push_str(text);
                        false
                    }
                    _ => true,
                });
            });
        }
        let field = ui
            .add(
                TextEdit::singleline(&mut self.query)
                    .hint_text(hint)
                    .desired_width(f32::INFINITY)
                    .font(egui::FontId::proportional(size::TITLE))
                    .margin(egui::Margin::symmetric(8, 6)),
            )
            .accessible_name(hint);
        field.request_focus();
        if self.fresh {
            // Nothing of the last search comes back, by undo neither.
            let mut state = TextEditState::default();
            state.cursor.set_char_range(Some(CCursorRange::one(CCursor::new(self.query.chars().count()))));
            state.store(ui.ctx(), field.id);
        }
        self.is_new = self.fresh || self.query != before;
        if self.is_new {
            self.chosen = 0;
        }
    }

    fn list_ui(&mut self, ui: &mut Ui, tokens: &Tokens, entries: &[Entry], moved: bool) -> Option<usize> {
        let mut pressed = None;
        if entries.is_empty() {
            ui.label(RichText::new("Nothing of that name").color(tokens.weak));
        }
        let list = ScrollArea::vertical().max_height(360.0).auto_shrink([false, true]);
        // A search that has just begun, or was changed, begins at the top.
        let list = if self.is_new { list.vertical_scroll_offset(0.0) } else { list };
        list.show(ui, |ui| {
            ui.spacing_mut().item_spacing.y = 0.0;
            for (place, entry) in entries.iter().enumerate() {
                let wanted = vec2(ui.available_width(), space::ROW + 2.0);
                let (rect, response) = ui.allocate_exact_size(wanted, Sense::click());
                response.widget_info(|| {
                    let enabled = entry.refused.is_none();
                    egui::WidgetInfo::labeled(egui::Role::Button, enabled, format!("Action {}", entry.title))
                });
                let on = place == self.chosen;
                if on && moved {
                    response.scroll_to_me(None);
                }
                if on || response.hovered() {
                    let ground = if on { tokens.accent_weak } else { tokens.raised };
                    ui.painter().rect_filled(rect, egui::CornerRadius::same(space::RADIUS), ground);
                }
                let ink = if entry.refused.is_none() { tokens.text } else { tokens.faint };
                let font = egui::FontId::proportional(size::BODY);
                let (left, right) = (rect.left_center() + vec2(8.0, 0.0), rect.right_center() - vec2(8.0, 0.0));
                let detail = entry.refused.unwrap_or(&entry.detail);
                let detail = look::elided(ui, detail, font.clone(), 0.6 * (right.x - left.x), tokens.weak);
                let room = right.x - left.x - detail.size().x - space::S;
                let title = look::elided(ui, &entry.title, font, room, ink);
                ui.painter().galley(left - vec2(0.0, title.size().y / 2.0), title, ink);
                let corner = right - vec2(detail.size().x, detail.size().y / 2.0);
                ui.painter().galley(corner, detail, tokens.weak);
                if response.clicked() {
                    pressed = Some(place);
                }
            }
        });
        pressed
    }
}

/// The list of keys, as rows of key and meaning.
pub fn keys(ctx: &egui::Context, store: &Store) -> Vec<(String, String)> {
    let line = |keyed: Keyed| {
        let first = key_words(ctx, &keyed.first);
        let keys = match (keyed.last, keyed.second) {
            (Some(last), _) => format!("{first} … {}", key_words(ctx, &last)),
            (None, Some(second)) => format!("{first}, {}", key_words(ctx, &second)),
            (None, None) => first,
        };
        (keys, keyed.words.to_owned())
    };
    let mut rows: Vec<(String, String)> = Action::key_list(store).into_iter().map(line).collect();
    rows.push(("Enter".to_owned(), "Maximise the focused picture, or open the focused run".to_owned()));
    rows.push(("Delete".to_owned(), "Move the focused run to the bin, after asking".to_owned()));
    rows.push(("Shift+F10".to_owned(), "Menu of the focused picture, run or scene".to_owned()));
    rows.push(("Escape".to_owned(), "Leave what was opened, maximised or selected last".to_owned()));
    rows
}

/// A window with the keys; returns whether it shall stay open.
pub fn keys_ui(ctx: &egui::Context, store: &Store, tokens: &Tokens) -> bool {
    let ((), goes) = look::modal(ctx, "keys", 380.0, |ui| {
        ui.spacing_mut().interact_size.y = 16.0;
        ui.heading("Keys");
        ui.add_space(space::S);
        // With large text there are more lines than the window is high.
        let list = ScrollArea::vertical().max_height((ctx.content_rect().height() - 160.0).max(96.0));
        list.auto_shrink([false, true]).show(ui, |ui| {
            egui::Grid::new("keys-grid").num_columns(2).spacing([space::L, 6.0]).show(ui, |ui| {
                for (key, text) in keys(ctx, store) {
                    ui.label(look::medium(key));
                    ui.label(RichText::new(text).color(tokens.weak));
                    ui.end_row();
                }
            });
        });
        ui.add_space(space::S);
        if look::button(ui, tokens, None, "Close", true).clicked() {
            ui.close();
        }
    });
    !goes
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use egui::KeyboardShortcut;
    use egui_kittest::Harness;

    use super::*;
    use crate::look::Theme;

    /// A key as the README writes it.
    fn word(shortcut: KeyboardShortcut) -> String {
        let bare = KeyboardShortcut::new(Modifiers::NONE, shortcut.logical_key);
        let key = key_words(&egui::Context::default(), &bare);
        let command = if shortcut.modifiers.command { "Ctrl/Cmd+" } else { "" };
        let shift = if shortcut.modifiers.shift { "Shift+" } else { "" };
        format!("{command}{shift}{key}").to_lowercase()
    }

    /// Every key that does something. Of the sensors' keys the first and the last.
    fn all_keys() -> BTreeSet<String> {
        let store = Store::default();
        let keyed = Action::with_keys(&store);
        let shown = keyed.filter(|(action, _)| !matches!(action, Action::ToggleSensor(1..=7)));
        let others = ["enter", "delete", "escape", "shift+f10"].map(str::to_owned);
        shown.map(|(_, key)| word(key)).chain(others).collect()
    }

    #[test]
    fn the_table_of_keys_in_the_readme_is_complete_and_true() {
        let readme = include_str!("../../../README.md");
        let section = readme.split("## Keys").nth(1).and_then(|rest| rest.split("\n## ").next()).unwrap();
        let rows = section.lines().filter(|line| line.starts_with('|')).skip(2);
        let cells = rows.flat_map(|row| {
            let cells: Vec<&str> = row.trim_matches('|').split('|').map(str::trim).collect();
            cells.into_iter().step_by(2).filter(|cell| !cell.is_empty()).collect::<Vec<_>>()
        });
        let written: BTreeSet<String> = cells
            .flat_map(|cell| cell.split_whitespace().filter(|word| *word != "…"))
            .map(|word| word.trim_matches('`').to_lowercase())
            .collect();
        assert_eq!(written, all_keys());
    }

    #[test]
    fn the_list_of_keys_in_the_window_is_complete() {
        let ctx = egui::Context::default();
        let rows = keys(&ctx, &Store::default());
        // The first and the last sensor share a row, and so do two keys for the same.
        let shared = rows.iter().filter(|(keys, _)| keys.contains(", ")).count() + 1;
        assert_eq!(rows.len(), all_keys().len() - shared);
    }

    #[test]
    fn every_opening_begins_afresh() {
        let mut harness = stage();
        harness.run_steps(2);
        harness.event(egui::Event::Text("theme".to_owned()));
        for _ in 0..3 {
            harness.key_press(Key::ArrowDown);
        }
        harness.run_steps(2);
        harness.key_press(Key::Escape);
        harness.run_steps(2);
        assert!(!harness.state().palette.is_open());
        harness.state_mut().palette.toggle(Search::Everything);
        harness.run_steps(2);
        harness.key_press_modifiers(Modifiers::COMMAND, Key::Z);
        harness.run_steps(2);
        let palette = &harness.state().palette;
        assert_eq!((palette.query.as_str(), palette.chosen), ("", 0));
    }

    struct Stage {
        palette: Palette,
        store: Store,
        chosen: Vec<Action>,
    }

    fn stage() -> Harness<'static, Stage> {
        let mut palette = Palette::default();
        palette.toggle(Search::Everything);
        let draw = |ui: &mut Ui, stage: &mut Stage| {
            let ctx = ui.ctx().clone();
            stage.chosen.extend(stage.palette.ui(&ctx, &stage.store, Tokens::of(Theme::Dark)));
        };
        let setup = |ctx: &egui::Context| {
            look::install(ctx);
            look::use_theme(ctx, Theme::Dark);
        };
        let stage = Stage { palette, store: Store::default(), chosen: Vec::new() };
        Harness::builder().with_size([800.0, 600.0]).with_context_setup(setup).build_ui_state(draw, stage)
    }

    #[test]
    fn letters_and_enter_in_one_frame_run_what_the_letters_name() {
        let mut harness = stage();
        harness.run_steps(3);
        harness.event(egui::Event::Text("theme".to_owned()));
        harness.key_press(Key::Enter);
        harness.step();
        harness.step();
        assert_eq!(harness.state().chosen, [Action::ToggleTheme], "what ran is not what was typed");
        assert!(!harness.state().palette.is_open());
    }

    #[test]
    fn letters_that_come_with_the_opening_are_not_lost() {
        let mut harness = stage();
        harness.state_mut().palette = Palette::default();
        harness.run_steps(2);
        harness.state_mut().palette.toggle(Search::Everything);
        harness.event(egui::Event::Text("lig".to_owned()));
        harness.step();
        harness.event(egui::Event::Text("ht".to_owned()));
        harness.step();
        harness.step();
        assert_eq!(harness.state().palette.query, "light");
    }
}
