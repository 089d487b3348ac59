//! The one handler of actions.

use fusionscope_engine::protocol::{Command, Level, SessionState};
use fusionscope_engine::recipe::{Change, Recipe, Value, component, preset, setting};

use super::dialogs::Wanted;
use super::{Workbench, floating, layout};
use crate::action::{Action, Layout};
use crate::look;
use crate::palette::Search;
use crate::store::Undone;

/// Why the last sensor cannot be dropped.
const LAST_SENSOR: &str = "is the last sensor left: restore another one first";

impl Workbench {
    /// Performs an action, or says why it cannot be done now. `ctx` is there except before the first frame.
    pub fn perform(&mut self, action: Action, ctx: Option<&egui::Context>) {
        if !action.enabled(&self.store) {
            return;
        }
        match action {
            Action::Train => self.train(Command::Start),
            Action::StepOnce => self.train(Command::StepOnce),
            Action::Pause => self.send(Command::Pause),
            Action::ToggleRun => {
                let next = if self.store.state == SessionState::Training { Action::Pause } else { Action::Train };
                self.perform(next, ctx);
            }
            Action::Stop => self.send(Command::Stop),
            Action::Restart => {
                self.restart = true;
                self.send(Command::Stop);
            }
            Action::Resume => self.send(Command::ResumeRun),
            Action::SaveCheckpoint => self.send(Command::SaveCheckpoint),
            Action::Evaluate => self.send(Command::Evaluate { split: self.store.scene.split.clone() }),
            Action::EvaluateSplit(split) => self.send(Command::Evaluate { split }),
            Action::SetSmoothing(share) => self.store.curves.set_smoothing(share),
            Action::SetSetting { key, value } => self.set_setting(&key, value),
            Action::SetVariant { component, variant } => self.set_variant(&component, &variant),
            Action::UsePreset(name) => match preset(&name) {
                Ok(recipe) => self.use_recipe(recipe),
                Err(error) => self.store.say(Level::Error, error.to_string()),
            },
            Action::ResetRecipe => self.edit_recipe(self.store.origin.clone()),
            Action::OpenRecipeFile(path) => match Recipe::read(&path) {
                Ok(recipe) => self.use_recipe(recipe),
                Err(error) => self.store.say(Level::Error, error.to_string()),
            },
            Action::OpenRecipe => self.dialogs.open(Wanted::Recipe, ctx),
            Action::OpenData => self.dialogs.open(Wanted::Data, ctx),
            Action::OpenRun => self.dialogs.open(Wanted::Run, ctx),
            Action::OpenDataFolder(path) => {
                self.choices.recent.retain(|known| *known != path);
                self.choices.recent.insert(0, path.clone());
                self.choices.recent.truncate(8);
                self.send(Command::LoadData { path });
            }
            Action::OpenSampleData => match crate::places::sample_data() {
                Ok(path) => self.send(Command::LoadData { path }),
                Err(text) => self.store.say(Level::Error, text),
            },
            Action::OpenRunFolder(path) => self.send(Command::OpenRun { path }),
            Action::ChooseLayoutRun(slot) => self.dialogs.open(Wanted::LayoutRun(slot), ctx),
            Action::SetLayoutRun { slot, run } => {
                if let Some(request) = self.store.embedding.set_run(slot, run) {
                    self.send(Command::Embed(request));
                }
            }
            Action::Embed(request) => self.send(Command::Embed(request)),
            Action::SteerEmbedding { slot, steer } => self.send(Command::Steer { slot, steer }),
            Action::CloseEmbedding(slot) => self.send(Command::CloseEmbedding { slot }),
            Action::SelectPoints { split, pixels, choosing } => {
                self.store.embedding.select(&split, pixels, choosing);
            }
            Action::UseLayout(layout) => self.use_layout(layout, ctx),
            Action::ResetLayout => {
                self.remember_layout();
                let layout = self.choices.layout;
                self.layouts.insert(layout.name().to_owned(), layout::tree_of(layout));
            }
            Action::ShowPane(kind) => {
                if let Some(tree) = self.layouts.get_mut(self.choices.layout.name()) {
                    tree.make_active(|_, tile| matches!(tile, egui_tiles::Tile::Pane(found) if *found == kind));
                }
                if let Some(ctx) = ctx {
                    ctx.move_to_top(floating::layer(kind));
                }
            }
            Action::FloatPane(kind) => {
                self.remember_layout();
                if let Some(tree) = self.layouts.get_mut(self.choices.layout.name()) {
                    layout::toggle_floating(tree, kind);
                }
            }
            Action::ToggleTheme => {
                self.choices.theme = self.choices.theme.other();
                if let Some(ctx) = ctx {
                    look::use_theme(ctx, self.choices.theme);
                }
            }
            Action::ToggleMotion => {
                self.store.reduced_motion = !self.store.reduced_motion;
                self.choices.reduced_motion = self.store.reduced_motion;
                if let Some(ctx) = ctx {
                    look::use_motion(ctx, !self.store.reduced_motion);
                }
            }
            Action::TogglePalette => self.palette.toggle(Search::Actions),
            Action::GoToScene => self.palette.toggle(Search::Scenes),
            Action::ToggleHelp => self.help = !self.help,
            Action::SetViewBudget(share) => {
                self.store.view_budget = share.clamp(0.0, 1.0);
                self.send(Command::SetViewBudget { share: self.store.view_budget });
            }
            Action::SetClassColour { class, colour } => self.set_class_colour(class, colour),
            Action::Undo => self.undo(),
            scene => self.look_at(scene),
        }
    }

    /// Actions that change only how the scene is looked at.
    fn look_at(&mut self, action: Action) {
        let count = self.store.scene_count();
        if let Action::ToggleSensor(place) = action {
            self.toggle_sensor(place);
            return;
        }
        if action == Action::AllSensors {
            self.store.put_away(LAST_SENSOR);
        }
        let scene = &mut self.store.scene;
        match action {
            Action::AllSensors => scene.dropped.clear(),
            Action::PreviousScene => scene.index = (scene.index + count - 1) % count,
            Action::NextScene => scene.index = (scene.index + 1) % count,
            Action::ShowScene { split, index } => {
                scene.split = split;
                let count = self.store.scene_count();
                self.store.scene.index = index.min(count.saturating_sub(1));
            }
            Action::Fit => scene.fit_requests += 1,
            Action::ToggleLabel => scene.label = !scene.label,
            Action::ToggleErrors => scene.errors = !scene.errors,
            Action::ToggleSwipe => scene.swipe = !scene.swipe,
            Action::ToggleDifference => scene.difference = !scene.difference,
            Action::HoldCompare(held) => scene.comparing = held,
            Action::SetOverlay(share) => scene.overlay = share.clamp(0.0, 1.0),
            Action::Watch(names) => {
                scene.watched = names;
                scene.stale = true;
            }
            Action::PickPixel(pixel) => {
                scene.pixel = Some(pixel);
                scene.stale = true;
            }
            Action::ToggleClass(class) => {
                scene.solo = None;
                if !scene.hidden.remove(&class) {
                    scene.hidden.insert(class);
                }
            }
            Action::SoloClass(class) => {
                scene.solo = if scene.solo == Some(class) { None } else { Some(class) };
                scene.hidden.clear();
            }
            Action::ShowAllClasses => {
                scene.solo = None;
                scene.hidden.clear();
            }
            Action::ToggleOwnColours => scene.own_colours = !scene.own_colours,
            _ => {}
        }
    }

    fn toggle_sensor(&mut self, place: usize) {
        let Some(name) = self.store.sensor(place).map(|sensor| sensor.name.clone()) else { return };
        if self.store.scene.dropped.remove(&name) {
            self.store.put_away(LAST_SENSOR);
            return;
        }
        let sensors = self.store.dataset.iter().flat_map(|dataset| &dataset.modalities);
        let left = sensors
            .filter(|sensor| self.store.uses_sensor(&sensor.name) && !self.store.scene.dropped.contains(&sensor.name))
            .count();
        if left < 2 {
            self.store.say(Level::Warning, format!("{name} {LAST_SENSOR}"));
            return;
        }
        self.store.scene.dropped.insert(name);
    }

    /// Begins a run with the recipe as edited, or goes on with the one that is held.
    fn train(&mut self, command: Command) {
        if !matches!(self.store.state, SessionState::Paused | SessionState::Training) {
            if let Err(error) = self.store.recipe.check() {
                self.store.say(Level::Error, error.to_string());
                return;
            }
            self.store.alert = None;
            self.send(Command::LoadRecipe { recipe: self.store.recipe.clone() });
        }
        self.send(command);
    }

    fn set_setting(&mut self, key: &str, value: Value) {
        let before = self.store.recipe.clone();
        if let Err(error) = self.store.recipe.set(key, value.clone()) {
            self.store.say(Level::Error, error.to_string());
            return;
        }
        if self.store.recipe == before {
            return;
        }
        self.store.history.before_edit(key, &before);
        self.tell_setting(key, value);
    }

    /// All settings of the variant change together, so that one undo takes them back.
    fn set_variant(&mut self, id: &str, variant: &str) {
        let Some(component) = component(id) else { return };
        let mut recipe = self.store.recipe.clone();
        match recipe.set_variant(component, variant) {
            Ok(()) if recipe == self.store.recipe => {}
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

    fn use_recipe(&mut self, recipe: Recipe) {
        self.edit_recipe(recipe.clone());
        self.store.origin = recipe;
    }

    /// Takes a whole recipe: at once where nothing runs, its live settings where something does.
    fn edit_recipe(&mut self, recipe: Recipe) {
        self.store.history.push(Undone::Recipe(Box::new(self.store.recipe.clone())));
        self.replace_recipe(recipe);
    }

    fn replace_recipe(&mut self, recipe: Recipe) {
        let before = std::mem::replace(&mut self.store.recipe, recipe);
        if self.store.is_running() {
            for change in self.store.recipe.clone().differences(&before) {
                self.tell_setting(change.key, change.ours);
            }
        } else {
            self.send(Command::LoadRecipe { recipe: self.store.recipe.clone() });
        }
    }

    fn use_layout(&mut self, layout: Layout, ctx: Option<&egui::Context>) {
        let (was, is) = (self.choices.layout == Layout::Teach, layout == Layout::Teach);
        self.choices.layout = layout;
        if let Some(ctx) = ctx
            && was != is
        {
            ctx.set_zoom_factor(ctx.zoom_factor() / look::scale_of(was) * look::scale_of(is));
        }
    }

    fn remember_layout(&mut self) {
        if let Some(text) = self.tree().and_then(|tree| serde_json::to_string(tree).ok()) {
            self.store.history.push(Undone::Layout(text));
        }
    }

    fn set_class_colour(&mut self, class: u8, colour: Option<[u8; 3]>) {
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

    fn undo(&mut self) {
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
