//! Mapping a data set's classes to those of the network, by picking names.

use std::path::PathBuf;

use egui::{Align, ComboBox, Grid, Label, Layout, ScrollArea, TextEdit, Vec2, vec2};

use crate::action::Action;
use crate::look::{self, Icon, Tokens, space};
use crate::store::{ClassesOf, Store};

/// What a class is called that counts nowhere.
const IGNORED: &str = "ignore";

/// The room of a class's name, which is elided where it is longer.
const NAME: Vec2 = vec2(190.0, space::ROW);

/// The dialog, while it is open.
#[derive(Debug, Default)]
pub(super) struct ClassMapping(Option<Draft>);

#[derive(Debug)]
struct Draft {
    /// Names of the data set's classes.
    from: Vec<String>,
    /// Names of the network's.
    to: Vec<String>,
    /// The network's class for each of the data set's; `None` for one that counts nowhere.
    picks: Vec<Option<u8>>,
    /// The file that the map is written to.
    file: String,
}

impl ClassMapping {
    /// Asks for a map from the open data set's classes to the open network's; classes of the same name are picked
    /// already.
    pub(super) fn open(&mut self, store: &Store) {
        let (from, to) = (store.class_names(ClassesOf::Labels), store.class_names(ClassesOf::Answers));
        let same = |name: &String| to.iter().position(|other| other.eq_ignore_ascii_case(name));
        let picks = from.iter().map(|name| same(name).and_then(|place| u8::try_from(place).ok())).collect();
        let name = store.dataset.as_ref().map_or("classes", |dataset| dataset.name.as_str());
        self.0 = Some(Draft { from: from.to_vec(), to: to.to_vec(), picks, file: file_for(name) });
    }

    /// Whether it is shown.
    pub(super) fn is_open(&self) -> bool {
        self.0.is_some()
    }

    /// Draws it over everything; returns the use of the map that was made.
    pub(super) fn ui(&mut self, ctx: &egui::Context, tokens: &Tokens) -> Option<Action> {
        let Draft { from, to, picks, file } = self.0.as_mut()?;
        let mut done = None;
        let height = ctx.content_rect().height();
        let ((), goes) = look::modal(ctx, "class-map", 460.0, |ui| {
            ui.heading("Map the classes");
            let words = "Which of the network's classes each class of the data set is; what is ignored counts nowhere";
            ui.label(egui::RichText::new(words).color(tokens.weak));
            ui.add_space(space::S);
            ScrollArea::vertical().max_height((height - 280.0).max(96.0)).auto_shrink([false, true]).show(ui, |ui| {
                Grid::new("class-picks").num_columns(2).striped(true).spacing(vec2(18.0, 4.0)).show(ui, |ui| {
                    for (place, (name, pick)) in from.iter().zip(picks.iter_mut()).enumerate() {
                        ui.allocate_ui_with_layout(NAME, Layout::left_to_right(Align::Center), |ui| {
                            ui.set_min_width(NAME.x);
                            ui.add(Label::new(name).truncate());
                        });
                        let chosen = pick.and_then(|class| to.get(usize::from(class)));
                        let shown = chosen.map_or(IGNORED, String::as_str);
                        let combo = ComboBox::from_id_salt(("class-pick", place)).width(220.0).selected_text(shown);
                        let combo = combo.truncate().show_ui(ui, |ui| {
                            ui.selectable_value(pick, None, IGNORED);
                            for (class, name) in (0..).zip(to.iter()) {
                                ui.selectable_value(pick, Some(class), name);
                            }
                        });
                        combo.response.accessible_name(format!("The network's class for {name}"));
                        ui.end_row();
                    }
                });
            });
            ui.add_space(space::S);
            ui.horizontal(|ui| {
                let label = ui.label("Save as");
                ui.add(TextEdit::singleline(file).desired_width(ui.available_width())).labelled_by(label.id);
            });
            let hint = "`data.class_map` takes this file, in recipes and on the command line";
            ui.label(look::small(hint).color(tokens.weak));
            ui.add_space(space::M);
            ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                let can = picks.iter().any(Option::is_some) && !file.trim().is_empty();
                let word = "Use this map";
                let pressed = ui.add_enabled_ui(can, |ui| look::primary_button(ui, tokens, Icon::Check, word)).inner;
                if pressed.on_disabled_hover_text("Pick a class first").clicked() {
                    done = Some(Action::JoinClasses { picks: picks.clone(), file: with_ending(file.trim()) });
                }
                if look::button(ui, tokens, None, "Cancel", false).clicked() {
                    ui.close();
                }
            });
        });
        if goes || done.is_some() {
            self.0 = None;
        }
        done
    }
}

/// A file for the map of this data set.
fn file_for(dataset: &str) -> String {
    let name: String = dataset.chars().map(|letter| if letter.is_alphanumeric() { letter } else { '-' }).collect();
    format!("class-maps/{name}.toml")
}

/// A map is known by its ending.
fn with_ending(file: &str) -> PathBuf {
    let path = PathBuf::from(file);
    let is_toml = path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("toml"));
    if is_toml { path } else { PathBuf::from(format!("{file}.toml")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_map_has_a_file_that_is_known_as_one() {
        assert_eq!(file_for("My streets/2"), "class-maps/My-streets-2.toml");
        assert_eq!(with_ending("maps/mine"), PathBuf::from("maps/mine.toml"));
        assert_eq!(with_ending("maps/mine.TOML"), PathBuf::from("maps/mine.TOML"));
        assert_eq!(with_ending("v1.2"), PathBuf::from("v1.2.toml"));
    }
}
