//! Changes of the recipe, of class colours and of the layout, taking these and what is supposed back and doing them again.

use fusionscope_engine::protocol::{Command, Level, value_words};
use fusionscope_engine::recipe::{Change, Recipe, Value, component, setting};

use super::{Workbench, layout};
use crate::arrangement::Layout;
use crate::look::{self, TextStep};
use crate::store::{Undone, Way};

/// Edits made together that the log tells one by one.
const EDITS_TOLD: usize = 6;

impl Workbench {
    pub(super) fn set_setting(&mut self, key: &str, value: Value) {
        let before = self.store.recipe.clone();
        if let Err(error) = self.store.recipe.set(key, value.clone()) {
            self.store.say(Level::Error, error.to_string());
            return;
        }
        if *self.store.recipe == before {
            return;
        }
        self.store.history.before_edit(key, &before);
        let old = before.value(key).map(value_words).unwrap_or_default();
        self.store.tell_edit(key, &old, &value_words(&value));
        self.tell_setting(key, value);
    }

    /// All settings of the variant change together, so that one undo takes them back.
    pub(super) fn set_variant(&mut self, id: &str, variant: &str) {
        let Some(component) = component(id) else { return };
        let mut recipe = self.store.recipe.clone();
        match recipe.set_variant(component, variant) {
            Ok(()) if recipe == *self.store.recipe => {}
            Ok(()) => self.edit_recipe(recipe),
            Err(error) => self.store.say(Level::Error, error.to_string()),
        }
    }

    /// A structural setting of a run under way waits for the next run.
    fn tell_setting(&mut self, key: &str, value: Value) {
        let live = setting(key).is_some_and(|setting| setting.change == Change::Live);
        if live || !self.store.is_running() {
            self.send(Command::Set { key: key.to_owned(), value });
        }
    }

    pub(super) fn use_recipe(&mut self, recipe: Recipe) {
        self.edit_recipe(recipe.clone());
        *self.store.origin = recipe;
    }

    /// Takes a whole recipe: at once where nothing runs, its live settings where something does.
    pub(super) fn edit_recipe(&mut self, recipe: Recipe) {
        let before = self.replace_recipe(recipe);
        self.store.history.push(Undone::Recipe(Box::new(before)));
    }

    /// Returns the one before.
    fn replace_recipe(&mut self, recipe: Recipe) -> Recipe {
        let before = std::mem::replace(&mut *self.store.recipe, recipe);
        self.tell_edits(&before);
        if self.store.is_running() {
            for change in self.store.recipe.clone().differences(&before) {
                self.tell_setting(change.key, change.ours);
            }
        } else {
            self.send(Command::LoadRecipe { recipe: self.store.recipe.clone() });
        }
        before
    }

    /// Writes into the log what a whole recipe changes: each setting, or how many where they are many.
    fn tell_edits(&mut self, before: &Recipe) {
        let changes = self.store.recipe.differences(before);
        if changes.len() > EDITS_TOLD {
            let count = look::counted(changes.len() as u64, "setting differs/settings differ");
            let text = format!("Took the recipe {}: {count} from {}", self.store.recipe.name, before.name);
            self.store.say(Level::Info, text);
            return;
        }
        for change in changes {
            self.store.tell_edit(change.key, &value_words(&change.theirs), &value_words(&change.ours));
        }
    }

    pub(super) fn use_layout(&mut self, layout: Layout, ctx: Option<&egui::Context>) {
        self.choices.layout = layout;
        self.scale_text(ctx);
    }

    pub(super) fn step_text(&mut self, step: TextStep, ctx: Option<&egui::Context>) {
        self.store.text_size = self.store.text_size.stepped(step);
        self.scale_text(ctx);
    }

    /// The layout's own scale times the chosen one.
    fn scale_text(&self, ctx: Option<&egui::Context>) {
        if let Some(ctx) = ctx {
            ctx.set_zoom_factor(self.text_scale());
        }
    }

    pub(super) fn text_scale(&self) -> f32 {
        look::scale_of(self.choices.layout == Layout::Teach) * self.store.text_size.scale()
    }

    pub(super) fn remember_layout(&mut self) {
        if let Some(entry) = self.layout_as_it_is() {
            self.store.history.push(entry);
        }
    }

    fn layout_as_it_is(&self) -> Option<Undone> {
        let tree = serde_json::to_string(self.tree()?).ok()?;
        Some(Undone::Layout { layout: self.choices.layout, tree })
    }

    pub(super) fn set_class_colour(&mut self, class: u8, colour: Option<[u8; 3]>) {
        let before = self.store.colour_by_hand(class);
        let Some(dataset) = self.store.palette() else { return };
        if before != colour {
            let key = format!("colour of class {class} of {dataset}");
            let entry = || Undone::ClassColour { dataset: dataset.clone(), class, colour: before };
            self.store.history.push_once(&key, entry);
            self.paint_class(dataset, class, colour);
        }
    }

    fn paint_class(&mut self, dataset: String, class: u8, colour: Option<[u8; 3]>) {
        let by_hand = self.store.scene.recoloured.entry(dataset).or_default();
        match colour {
            Some(colour) => by_hand.insert(class, colour),
            None => by_hand.remove(&class),
        };
        self.store.scene.recoloured.retain(|_, by_hand| !by_hand.is_empty());
    }

    /// Takes the last change back, or does it again.
    pub(super) fn turn_history(&mut self, way: Way, ctx: Option<&egui::Context>) {
        let Some(entry) = self.store.history.take(way) else { return };
        if let Some(replaced) = self.exchange(entry, ctx) {
            self.store.history.turned(way, replaced);
        }
    }

    /// Puts something in place of what is there; returns what was there.
    fn exchange(&mut self, entry: Undone, ctx: Option<&egui::Context>) -> Option<Undone> {
        match entry {
            Undone::Recipe(recipe) => Some(Undone::Recipe(Box::new(self.replace_recipe(*recipe)))),
            Undone::Layout { layout, tree } => {
                let tree = serde_json::from_str(&tree).ok().filter(|tree| layout::is_whole(tree, layout))?;
                // A change is seen where it happens.
                self.use_layout(layout, ctx);
                let replaced = self.layout_as_it_is();
                self.layouts.insert(layout.name().to_owned(), tree);
                replaced
            }
            Undone::WhatIf(what_if) => {
                let before = std::mem::replace(&mut self.store.scene.what_if, *what_if);
                Some(Undone::WhatIf(Box::new(before)))
            }
            Undone::ClassColour { dataset, class, colour } => {
                let before = self.store.scene.recoloured.get(&dataset).and_then(|by_hand| by_hand.get(&class)).copied();
                self.paint_class(dataset.clone(), class, colour);
                Some(Undone::ClassColour { dataset, class, colour: before })
            }
        }
    }
}
