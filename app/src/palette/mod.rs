//! The list of everything: type a few letters, press Enter. It finds actions, and scenes when asked where to go.

mod fuzzy;

use egui::text::{CCursor, CCursorRange};
use egui::text_edit::TextEditState;
use egui::{Align2, Area, Frame, Id, Key, Modifiers, Order, RichText, ScrollArea, Sense, TextEdit, Ui, vec2};

use fusionscope_engine::protocol::SplitSummary;

use self::fuzzy::score;
use crate::action::{Action, Keyed, key_words};
use crate::look::{self, Tokens, size, space};
use crate::store::Store;

/// What is searched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Search {
    /// All actions.
    Actions,
    /// The scenes of all splits.
    Scenes,
}

/// The palette; closed until asked for.
#[derive(Debug, Default)]
pub struct Palette {
    open: Option<Search>,
    query: String,
    chosen: usize,
    fresh: bool,
}

struct Entry {
    title: String,
    detail: String,
    action: Action,
    /// Why it cannot be chosen now, shown in place of the detail and not searched.
    refused: Option<&'static str>,
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
        let down = ctx.input_mut(|input| input.count_and_consume_key(Modifiers::NONE, Key::ArrowDown));
        let up = ctx.input_mut(|input| input.count_and_consume_key(Modifiers::NONE, Key::ArrowUp));
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
                    let entries = self.found(ctx, search, store);
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
            Search::Actions => "Search actions",
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
            let mut state = TextEditState::load(ui.ctx(), field.id).unwrap_or_default();
            state.cursor.set_char_range(Some(CCursorRange::one(CCursor::new(self.query.chars().count()))));
            state.store(ui.ctx(), field.id);
        }
        if self.query != before {
            self.chosen = 0;
        }
    }

    fn list_ui(&mut self, ui: &mut Ui, tokens: &Tokens, entries: &[Entry], moved: bool) -> Option<usize> {
        let mut pressed = None;
        if entries.is_empty() {
            ui.label(RichText::new("Nothing of that name").color(tokens.weak));
        }
        ScrollArea::vertical().max_height(360.0).auto_shrink([false, true]).show(ui, |ui| {
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
                ui.painter().text(left, Align2::LEFT_CENTER, &entry.title, font.clone(), ink);
                let detail = entry.refused.unwrap_or(&entry.detail);
                ui.painter().text(right, Align2::RIGHT_CENTER, detail, font, tokens.weak);
                if response.clicked() {
                    pressed = Some(place);
                }
            }
        });
        pressed
    }

    fn found(&self, ctx: &egui::Context, search: Search, store: &Store) -> Vec<Entry> {
        let all = match search {
            Search::Actions => actions(ctx, store),
            Search::Scenes => scenes(store),
        };
        let mut ranked: Vec<(i32, Entry)> = all
            .into_iter()
            .filter_map(|entry| {
                let text = format!("{} {}", entry.title, entry.detail);
                let rank = score(&self.query, &text)?;
                Some((rank - if entry.refused.is_none() { 0 } else { 1000 }, entry))
            })
            .collect();
        // The sort is stable: without a query the order is that of the list.
        ranked.sort_by_key(|(rank, _)| std::cmp::Reverse(*rank));
        ranked.into_iter().map(|(_, entry)| entry).take(200).collect()
    }
}

fn actions(ctx: &egui::Context, store: &Store) -> Vec<Entry> {
    Action::listed(store)
        .map(|(action, known)| Entry {
            title: known.title,
            detail: known.shown_key.map(|key| key_words(ctx, &key)).unwrap_or_default(),
            refused: known.enabled.err(),
            action,
        })
        .collect()
}

/// The scenes of all splits, those of the split in view first.
fn scenes(store: &Store) -> Vec<Entry> {
    let splits = store.dataset.iter().flat_map(|dataset| &dataset.splits);
    let (here, others): (Vec<_>, Vec<_>) = splits.partition(|split| split.name == store.scene.split);
    let of = |split: &SplitSummary| -> Vec<Entry> {
        let entry = |(index, id): (usize, &String)| {
            let tags = split.tags.get(index).into_iter().flatten().map(String::as_str);
            Entry {
                title: format!("{}  {id}", index + 1),
                detail: std::iter::once(split.name.as_str()).chain(tags).collect::<Vec<_>>().join(", "),
                action: Action::ShowScene { split: split.name.clone(), index },
                refused: None,
            }
        };
        split.ids.iter().enumerate().map(entry).collect()
    };
    here.into_iter().chain(others).flat_map(of).collect()
}

/// The list of keys, as rows of key and meaning.
pub fn keys(ctx: &egui::Context, store: &Store) -> Vec<(String, String)> {
    let line = |keyed: Keyed| {
        let first = key_words(ctx, &keyed.first);
        let keys = keyed.last.map_or_else(|| first.clone(), |last| format!("{first} … {}", key_words(ctx, &last)));
        (keys, keyed.words.to_owned())
    };
    let mut rows: Vec<(String, String)> = Action::key_list(store).into_iter().map(line).collect();
    rows.push(("Enter".to_owned(), "Maximise the focused picture".to_owned()));
    rows
}

/// A window with the keys; returns whether it shall stay open.
pub fn keys_ui(ctx: &egui::Context, store: &Store, tokens: &Tokens) -> bool {
    let close = ctx.input_mut(|input| input.consume_key(Modifiers::NONE, Key::Escape));
    let frame = Frame::popup(&ctx.global_style()).inner_margin(space::L);
    let modal = egui::Modal::new(Id::unique("keys")).frame(frame).show(ctx, |ui| {
        ui.spacing_mut().interact_size.y = 16.0;
        ui.set_width(380.0);
        ui.heading("Keys");
        ui.add_space(space::S);
        egui::Grid::new("keys-grid").num_columns(2).spacing([space::L, 6.0]).show(ui, |ui| {
            for (key, text) in keys(ctx, store) {
                ui.label(look::medium(key));
                ui.label(RichText::new(text).color(tokens.weak));
                ui.end_row();
            }
        });
        ui.add_space(space::S);
        look::button(ui, tokens, None, "Close", true).clicked()
    });
    !(close || modal.inner || modal.should_close())
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
        let prefix = if shortcut.modifiers.command { "Ctrl/Cmd+" } else { "" };
        format!("{prefix}{key}").to_lowercase()
    }

    /// Every key that does something. Of the sensors' keys the first and the last.
    fn all_keys() -> BTreeSet<String> {
        let store = Store::default();
        let keyed = Action::with_keys(&store);
        let shown = keyed.filter(|(action, _)| !matches!(action, Action::ToggleSensor(1..=7)));
        shown.map(|(_, key)| word(key)).chain(["enter".to_owned()]).collect()
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
        let listed = keys(&ctx, &Store::default()).len();
        // The sensors share a row.
        assert_eq!(listed, all_keys().len() - 1);
    }

    struct Stage {
        palette: Palette,
        store: Store,
        chosen: Vec<Action>,
    }

    fn stage() -> Harness<'static, Stage> {
        let mut palette = Palette::default();
        palette.toggle(Search::Actions);
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
        harness.state_mut().palette.toggle(Search::Actions);
        harness.event(egui::Event::Text("lig".to_owned()));
        harness.step();
        harness.event(egui::Event::Text("ht".to_owned()));
        harness.step();
        harness.step();
        assert_eq!(harness.state().palette.query, "light");
    }
}
