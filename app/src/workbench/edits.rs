//! Changes of the recipe, of class colours and of the layout, and taking them back.

use fusionscope_engine::protocol::{Command, Level};
use fusionscope_engine::recipe::{Change, Recipe, Value, component, setting};

use super::{Workbench, layout};
use crate::arrangement::Layout;
use crate::look;
use crate::store::Undone;

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
        let old = before.value(key).map(ToString::to_string).unwrap_or_default();
        self.store.tell_edit(key, &old, &value.to_string());
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
        self.store.history.push(Undone::Recipe(Box::new(self.store.recipe.clone())));
        self.replace_recipe(recipe);
    }

    fn replace_recipe(&mut self, recipe: Recipe) {
        let before = std::mem::replace(&mut *self.store.recipe, recipe);
        if self.store.is_running() {
            for change in self.store.recipe.clone().differences(&before) {
                self.tell_setting(change.key, change.ours);
            }
        } else {
            self.send(Command::LoadRecipe { recipe: self.store.recipe.clone() });
        }
    }

    pub(super) fn use_layout(&mut self, layout: Layout, ctx: Option<&egui::Context>) {
        let (was, is) = (self.choices.layout == Layout::Teach, layout == Layout::Teach);
        self.choices.layout = layout;
        if let Some(ctx) = ctx
            && was != is
        {
            ctx.set_zoom_factor(ctx.zoom_factor() / look::scale_of(was) * look::scale_of(is));
        }
    }

    pub(super) fn remember_layout(&mut self) {
        if let Some(text) = self.tree().and_then(|tree| serde_json::to_string(tree).ok()) {
            self.store.history.push(Undone::Layout(text));
        }
    }

    pub(super) fn set_class_colour(&mut self, class: u8, colour: Option<[u8; 3]>) {
        let before = self.store.colour_by_hand(class);
        let Some(dataset) = self.store.dataset.as_ref().map(|dataset| dataset.name.clone()) else { return };
        if before != colour {
            let key = format!("colour of class {class} of {dataset}");
            let entry = || Undone::ClassColour { dataset: dataset.clone(), class, before };
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

    pub(super) fn undo(&mut self) {
        match self.store.history.pop() {
            Some(Undone::Recipe(recipe)) => self.replace_recipe(*recipe),
            Some(Undone::Layout(text)) => {
                if let Ok(tree) = serde_json::from_str(&text)
                    && layout::is_whole(&tree)
                {
                    self.layouts.insert(self.choices.layout.name().to_owned(), tree);
                }
            }
            Some(Undone::ClassColour { dataset, class, before }) => self.paint_class(dataset, class, before),
            None => {}
        }
    }
}
