//! The window: drains the session, draws the panes, and performs actions. It never waits for the engine.

mod attaching;
mod banner;
mod bar;
mod binning;
mod class_map;
mod closing;
mod dialogs;
mod docking;
mod edits;
mod engine;
mod engine_card;
mod fetching;
mod floating;
mod focus;
mod folders;
mod gallery;
mod handler;
mod kept_pane;
mod keyboard;
mod layout;
mod lessons;
mod line;
mod machine_card;
mod memory;
mod notice;
mod question;
mod reader;
mod recent;
mod run_list;
mod runs;
mod runs_folders;
mod studies;
mod supposing;
#[cfg(test)]
mod tests;
mod time;
mod widths;
mod window;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Instant;

use egui::{CentralPanel, Color32, Frame, Key, Panel, Ui};
use egui_tiles::Tree;
use fusionscope_engine::protocol::{
    AlbumWish, Command, Event, EventFiles, Level, RunsWatch, SessionState, Subject, ViewRequest, WhatIf,
};
use fusionscope_engine::recipe::{FIRST_RECIPE, Recipe, preset};
use serde::{Deserialize, Serialize};

use self::binning::Binning;
use self::class_map::ClassMapping;
use self::closing::Closing;
use self::dialogs::{Chosen, Dialogs};
use self::docking::Docking;
use self::engine_card::EngineCard;
use self::floating::Floating;
use self::focus::{Focus, Part};
use self::machine_card::MachineCard;
use self::memory::Memory;
use self::notice::Notice;
use self::question::Question;
use self::reader::{Answer, Reader};
use self::recent::Recent;
use self::run_list::RunList;
use self::runs_folders::RunsFolders;
pub use self::window::open;
use crate::action::Action;
use crate::arrangement::{Layout, PaneKind};
use crate::link::ssh::Remote;
use crate::link::{Engine, Engines, Fetching, NoStudies, Place, Studies};
use crate::look::{self, TextSize, Theme, Tokens, space};
use crate::palette::{self, Palette};
use crate::panes::{self, Pane, PaneContext};
use crate::store::embedding::SLOTS;
use crate::store::gallery::Sight;
use crate::store::{Cause, Store, Undone};

const CHOICES_KEY: &str = "fusionscope-choices-1";

/// What the window begins with.
#[derive(Clone, Debug, Default)]
pub struct Launch {
    /// The data set to open.
    pub data: Option<PathBuf>,
    /// The run or checkpoint to open.
    pub run: Option<PathBuf>,
    /// What could not be found, said as soon as the window opens.
    pub problem: Option<String>,
    /// The recipe to begin with; it comes after the run.
    pub recipe: Option<Recipe>,
    /// The layout, in place of the one that was used last.
    pub layout: Option<Layout>,
    /// The theme, in place of the one that was used last.
    pub theme: Option<Theme>,
    /// Whether lesson 1 is offered, unless it has been opened or put away before.
    pub offers_lessons: bool,
}

impl Launch {
    /// The sample data and the demo checkpoint, as far as they are there; what is trained next is the demo preset
    /// itself, whatever the checkpoint was trained with.
    pub fn first() -> Self {
        let (data, problem) = match crate::places::sample_data() {
            Ok(path) => (Some(path), None),
            Err(problem) => (None, Some(problem)),
        };
        Self {
            data,
            problem,
            run: crate::places::demo_checkpoint(),
            recipe: preset(FIRST_RECIPE).ok(),
            offers_lessons: true,
            ..Self::default()
        }
    }
}

/// What is kept from one day to the next beside the layouts.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct Choices {
    theme: Theme,
    layout: Layout,
    reduced_motion: bool,
    /// Whether runs write event files for TensorBoard.
    writes_events: bool,
    own_colours: bool,
    text_size: TextSize,
    /// What-ifs that were kept, as their files' text: they are of sensors and settings by name, and so of any run that has
    /// these.
    what_ifs: Vec<String>,
    /// Scenes of which runs keep pages, by split and id, by the data set's name.
    pins: BTreeMap<String, Vec<(String, String)>>,
    /// How many mebibytes the pages of a run take at most.
    album_mib: Option<u32>,
    /// Class colours chosen by hand, by the data set's name.
    recoloured: BTreeMap<String, BTreeMap<u8, [u8; 3]>>,
    /// Data sets that were opened.
    recent: Recent,
    /// Runs that were opened or begun.
    recent_runs: Recent,
    /// Folders below which runs are listed.
    runs_folders: RunsFolders,
    /// For which width of the window the columns of each layout stand, in points.
    fitted: BTreeMap<String, f32>,
    /// How much curves are smoothed.
    smoothing: Option<f32>,
    /// Where the windows of floating panes stood, by the pane's name.
    windows: BTreeMap<String, floating::Place>,
    /// Where the engine is; `None` where that was never chosen.
    engine: Option<Place>,
    /// The machine that what was opened lately, and where runs are looked for, is of; empty of this one.
    memory_of: String,
    /// The same of the other machines, by their names.
    elsewhere: BTreeMap<String, Memory>,
    /// Machines that the engine was on, by their names.
    machines: BTreeMap<String, Remote>,
    /// The study that was open.
    study: Option<PathBuf>,
    /// Whether lessons were opened, or their offer put away.
    has_seen_lessons: bool,
    /// What was chosen in each pane, in the pane's own words.
    panes: BTreeMap<String, String>,
}

/// The application.
pub struct Workbench {
    engine: Box<dyn Engine>,
    engines: Option<Box<dyn Engines>>,
    engine_card: EngineCard,
    machine_card: MachineCard,
    /// A run that is copied from the engine's machine.
    fetching: Option<Fetching>,
    /// The data set, split, scene and what-if that were in sight before the engine told all anew.
    resumed_scene: Option<(PathBuf, String, usize, WhatIf)>,
    studies: Box<dyn Studies>,
    store: Store,
    panes: BTreeMap<PaneKind, Box<dyn Pane>>,
    layouts: layout::Layouts,
    choices: Choices,
    palette: Palette,
    dialogs: Dialogs,
    question: Question,
    run_list: RunList,
    binning: Binning,
    class_map: ClassMapping,
    closing: Closing,
    reader: Reader,
    help: bool,
    notice: Notice,
    floating: Floating,
    focus: Focus,
    /// The request as sent last, to send only what changed.
    asked: Option<ViewRequest>,
    /// What the session was told last to keep of pinned scenes.
    kept_album: AlbumWish,
    /// What the session looks at of other runs.
    watched: Option<RunsWatch>,
    /// What the session makes small pictures of, and of which state of the data set.
    in_sight: Option<(u64, Sight)>,
    /// A run shall begin as soon as the one in hand has ended.
    restart: bool,
    /// The layout was changed in the frame before: a drag in several frames is one undo.
    was_editing: bool,
}

impl std::fmt::Debug for Workbench {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Workbench").field("state", &self.store.state).finish_non_exhaustive()
    }
}

impl Workbench {
    /// A workbench on a session; `storage` holds what was kept.
    pub fn new(
        ctx: &egui::Context,
        storage: Option<&dyn eframe::Storage>,
        engine: Box<dyn Engine>,
        launch: Launch,
    ) -> Self {
        look::install(ctx);
        let mut choices: Choices =
            storage.and_then(|storage| eframe::get_value(storage, CHOICES_KEY)).unwrap_or_default();
        choices.theme = launch.theme.unwrap_or(choices.theme);
        choices.layout = launch.layout.unwrap_or(choices.layout);
        look::use_theme(ctx, choices.theme);
        look::use_motion(ctx, !choices.reduced_motion);
        // The size of text is an action of ours, remembered and shown.
        ctx.options_mut(|options| options.zoom_with_keyboard = false);
        let mut store = Store::default();
        store.reduced_motion = choices.reduced_motion;
        store.writes_events = choices.writes_events;
        store.text_size = choices.text_size;
        store.lesson.is_offered = launch.offers_lessons && !choices.has_seen_lessons;
        store.pins.most_mib = choices.album_mib.unwrap_or(AlbumWish::MOST_MIB);
        store.scene.own_colours = choices.own_colours;
        store.scene.recoloured.clone_from(&choices.recoloured);
        store.engine.remotes.clone_from(&choices.machines);
        for what_if in choices.what_ifs.iter().filter_map(|text| WhatIf::from_toml(text).ok()) {
            store.scene.supposing.keep(what_if);
        }
        if let Some(smoothing) = choices.smoothing {
            store.curves.set_smoothing(smoothing.clamp(0.0, 0.99));
        }
        let mut panes: BTreeMap<PaneKind, Box<dyn Pane>> =
            PaneKind::all().map(|kind| (kind, panes::make(kind))).collect();
        for (kind, pane) in &mut panes {
            if let Some(kept) = choices.panes.get(kind.title()) {
                pane.restore(kept);
            }
        }
        let floating = Floating::kept(std::mem::take(&mut choices.windows));
        let mut workbench = Self {
            engine,
            engines: None,
            engine_card: EngineCard::default(),
            machine_card: MachineCard::default(),
            fetching: None,
            resumed_scene: None,
            studies: Box::new(NoStudies),
            store,
            panes,
            layouts: layout::restored(storage.and_then(|storage| eframe::get_value(storage, layout::STORAGE_KEY))),
            choices,
            palette: Palette::default(),
            dialogs: Dialogs::default(),
            question: Question::default(),
            run_list: RunList::default(),
            binning: Binning::default(),
            class_map: ClassMapping::default(),
            closing: Closing::default(),
            reader: Reader::new(ctx),
            help: false,
            notice: Notice::default(),
            floating,
            focus: Focus::default(),
            asked: None,
            kept_album: AlbumWish::default(),
            watched: None,
            in_sight: None,
            restart: false,
            was_editing: false,
        };
        ctx.set_zoom_factor(workbench.text_scale());
        workbench.look_at_runs();
        workbench.begin(launch);
        workbench
    }

    /// What the app knows; for tests and screenshots.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// Whether runs that begin from now on write event files.
    fn tell_of_events(&mut self) {
        let events = self.store.writes_events.then(EventFiles::default);
        self.send(Command::WriteEvents { events });
    }

    fn begin(&mut self, launch: Launch) {
        if self.store.writes_events {
            self.tell_of_events();
        }
        self.ask_disk(reader::Question::SampleData { opens: false });
        self.ask_disk(reader::Question::DemoModel);
        self.ask_disk(reader::Question::Machines);
        if let Some(problem) = launch.problem {
            self.store.tell(Cause::Told(Subject::Data), Level::Error, problem);
        }
        if let Some(path) = launch.data.clone() {
            self.load_data(path);
        }
        if let Some(path) = launch.run {
            self.send(Command::OpenRun { path, data: launch.data });
        }
        if let Some(recipe) = launch.recipe {
            *self.store.origin = recipe.clone();
            *self.store.recipe = recipe.clone();
            self.send(Command::LoadRecipe { recipe });
        }
    }

    fn load_data(&mut self, path: PathBuf) {
        self.store.asked_data = Some(path.clone());
        self.send(Command::LoadData { path });
    }

    fn send(&mut self, command: Command) {
        if self.store.engine.line.is_down() {
            self.notice.say("The line to the engine is down; a run goes on there".to_owned());
            return;
        }
        if self.store.engine.lost.is_some() {
            self.notice.say("The engine is gone: its menu in the bar starts it again".to_owned());
            return;
        }
        if let Err(text) = self.engine.send(command) {
            self.store.say(Level::Error, text);
        }
    }

    fn tokens(&self) -> &'static Tokens {
        Tokens::of(self.choices.theme)
    }

    /// Takes in everything that has happened.
    fn drain(&mut self) {
        // What a new line brings is of an engine that begins by telling all that it has.
        let events = if self.follow_line(Instant::now()) { self.engine.events() } else { Vec::new() };
        for event in events {
            match event {
                Event::ViewReady { view } => {
                    if let Some(pictures) = self.engine.view(view) {
                        self.store.take_pictures(pictures);
                    }
                }
                Event::Runs { path, runs } => self.run_list.list(path, runs),
                Event::Disk(news) => self.take_disk_news(&news),
                event => {
                    let is_data = matches!(event, Event::Dataset(_));
                    if is_data {
                        self.leave_scenes();
                    }
                    self.follow_opening(&event);
                    self.follow_pins(&event);
                    self.store.apply(event);
                    if is_data {
                        self.resume_scene();
                    }
                }
            }
        }
        self.follow_engine();
        self.follow_fetching();
        if let Some(command) = self.dialogs.asks() {
            self.send(Command::Disk(command));
        }
        for slot in 0..SLOTS {
            let view = self.engine.embedding(slot as u64);
            self.store.take_layout(slot, view);
        }
        for news in self.studies.news() {
            self.store.study.apply(news);
        }
        self.follow_restart();
        self.ask_for_pictures();
    }

    /// Takes in what the disk has answered.
    fn take_answers(&mut self, ctx: &egui::Context) {
        for answer in self.reader.answers() {
            match answer {
                Answer::Recipe(Ok(recipe)) => self.use_recipe(*recipe),
                Answer::Recipe(Err(text)) => self.store.say(Level::Error, text),
                Answer::Dropped(Action::OpenDataFolder(path) | Action::OpenRunFolder(path))
                    if self.store.engine.is_afar() =>
                {
                    let machine = self.store.engine.seat.place.machine();
                    let text = format!("It lies on this machine, and the engine is on {machine}: {}", path.display());
                    self.store.say(Level::Error, text);
                }
                Answer::Dropped(action) => self.perform(action, Some(ctx)),
                Answer::Exists(path, is_there) => {
                    if let Some(action) = self.dialogs.found(&path, is_there) {
                        self.perform(action, Some(ctx));
                    }
                }
                Answer::Machines(names) => self.store.engine.machines = names,
                Answer::DemoModel(found) => self.store.demo_model = found,
                Answer::SampleData { found, opens } => {
                    self.store.sample_data = found.as_ref().ok().cloned();
                    match found {
                        _ if !opens => {}
                        Ok(path) => self.load_data(path),
                        Err(text) => self.store.say(Level::Error, text),
                    }
                }
            }
        }
    }

    /// Sends the request where it changed; the session drops what it supersedes.
    fn ask_for_pictures(&mut self) {
        if self.store.scene_count() == 0 || self.store.engine.line.is_down() {
            return;
        }
        self.store.settle_time();
        self.tell_of_pins();
        let request = self.store.scene.request();
        if self.store.scene.stale || self.asked.as_ref() != Some(&request) {
            self.asked = Some(request.clone());
            self.store.scene.asked = Some(std::time::Instant::now());
            self.send(Command::View(request));
        }
        self.store.scene.stale = false;
    }

    /// Starts without motion, whatever was chosen, where drawing takes from the cores that train. It can be switched on
    /// again, and nothing of this is kept.
    pub(super) fn hold_still(&mut self, ctx: &egui::Context) {
        self.store.reduced_motion = true;
        look::use_motion(ctx, false);
    }

    /// Whether something over the panes has the keys.
    fn is_asking(&self) -> bool {
        self.palette.is_open()
            || self.dialogs.is_open()
            || self.question.is_open()
            || self.run_list.is_open()
            || self.binning.is_open()
            || self.class_map.is_open()
            || self.closing.is_open()
            || self.engine_card.is_open()
            || self.machine_card.is_open()
            || self.help
    }

    /// Lets Escape leave what was entered last: a menu, a field, a list or a question see to themselves and come first,
    /// then what the panes have to leave.
    fn escape(&mut self, ctx: &egui::Context) {
        let is_asked = self.is_asking() || ctx.memory(|memory| memory.top_modal_layer().is_some());
        let is_elsewhere = is_asked || self.focus.was_typing() || egui::Popup::is_any_open(ctx);
        if is_elsewhere || !ctx.input(|input| input.key_pressed(Key::Escape)) {
            return;
        }
        let context = PaneContext::new(&self.store, self.tokens(), self.choices.layout == Layout::Teach);
        // What is selected in a cloud lies over the pictures, and so it goes before them.
        let order = [PaneKind::Embedding].into_iter().chain(PaneKind::all());
        let has_left = order.into_iter().any(|kind| self.panes.get_mut(&kind).is_some_and(|pane| pane.leave(&context)));
        let actions = context.into_actions();
        if has_left {
            self.focus.give_back(ctx);
        }
        for action in actions {
            self.perform(action, Some(ctx));
        }
    }

    fn tree(&self) -> Option<&Tree<PaneKind>> {
        self.layouts.get(self.choices.layout.name())
    }

    /// Draws the docked panes; returns what they asked for.
    fn docked_ui(&mut self, ui: &mut Ui) -> Vec<Action> {
        let name = self.choices.layout.name();
        let Some(mut tree) = self.layouts.remove(name) else { return Vec::new() };
        let fitted = self.choices.fitted.get(name).copied();
        if let Some(width) = widths::fit(&mut tree, self.choices.layout, fitted, ui.available_width()) {
            self.choices.fitted.insert(name.to_owned(), width);
        }
        let before = (!self.was_editing).then(|| tree.clone());
        let context = PaneContext::new(&self.store, self.tokens(), self.choices.layout == Layout::Teach);
        let mut docking =
            Docking { panes: &mut self.panes, context: &context, edited: false, parts: Vec::new(), tabs: Vec::new() };
        tree.ui(&mut docking, ui);
        let Docking { edited, parts, tabs, .. } = docking;
        self.floating.ui(ui.ctx(), &mut self.panes, &layout::floating(&tree), &context);
        self.focus.parts.extend(parts);
        self.focus.tabs = tabs;
        let (shows_runs, scenes) = (context.shows_runs(), context.shown_scenes());
        let actions = context.into_actions();
        self.watch_runs(shows_runs);
        self.look_at_scenes(scenes);
        if edited && let Some(text) = before.and_then(|before| serde_json::to_string(&before).ok()) {
            self.store.history.push(Undone::Layout { layout: self.choices.layout, tree: text });
        }
        self.was_editing = edited;
        if !layout::is_whole(&tree, self.choices.layout) {
            tree = layout::mended(&tree, self.choices.layout);
        }
        self.layouts.insert(name.to_owned(), tree);
        actions
    }

    /// Repaints only while something moves by itself; events wake the window through the session.
    fn keep_time(&self, ctx: &egui::Context) {
        if matches!(self.store.state, SessionState::Preparing { .. } | SessionState::Evaluating { .. }) {
            ctx.request_repaint_after_secs(0.25);
        } else if matches!(self.store.state, SessionState::Training) {
            ctx.request_repaint_after_secs(1.0);
        }
    }
}

impl eframe::App for Workbench {
    fn logic(&mut self, ctx: &egui::Context, _frame: &mut eframe::Frame) {
        self.drain();
        self.take_answers(ctx);
        self.follow_closing(ctx);
        self.follow_lesson(ctx);
        self.follow_time(ctx);
        if let Some(action) = self.dialogs.chosen() {
            self.perform(action, Some(ctx));
        }
    }

    fn ui(&mut self, ui: &mut Ui, _frame: &mut eframe::Frame) {
        let ctx = ui.ctx().clone();
        let tokens = self.tokens();
        self.focus.follow(&ctx);
        // A question is answered before anything else is done.
        let is_asked = ctx.memory(|memory| memory.top_modal_layer().is_some()) && !self.help;
        let mut actions = if is_asked { Vec::new() } else { keyboard::actions(&ctx, &self.store, self.is_asking()) };
        self.escape(&ctx);
        for path in dialogs::dropped(&ctx) {
            self.ask_disk(reader::Question::Dropped(path));
        }

        Panel::top("bar")
            .exact_size(space::BAR)
            .frame(Frame::NONE.fill(tokens.surface))
            .show_separator_line(false)
            .show(ui, |ui| {
                let recent = (self.choices.recent.paths(), self.choices.recent_runs.paths());
                let draw = |ui: &mut Ui| bar::ui(ui, &self.store, tokens, self.choices.layout, recent);
                let (bar, pressed) = Part::drawn(ui, ui.max_rect(), draw);
                self.focus.parts = vec![bar];
                actions.extend(pressed);
            });
        if self.store.lesson.is_offered {
            Panel::top("offer")
                .frame(Frame::NONE.fill(tokens.accent_weak).inner_margin(egui::Margin::symmetric(12, 4)))
                .show_separator_line(false)
                .show(ui, |ui| actions.extend(self.offer_ui(ui)));
        }
        if self.store.engine.line.is_down() {
            Panel::top("line")
                .frame(Frame::NONE.fill(tokens.warning_weak).inner_margin(egui::Margin::symmetric(12, 4)))
                .show_separator_line(false)
                .show(ui, |ui| actions.extend(line::ui(ui, &self.store, tokens)));
        }
        if let Some(pressed) = banner::ui(ui, &self.store, tokens) {
            match pressed {
                banner::Pressed::Act(action) => actions.push(action),
                banner::Pressed::PutAway => self.store.alert = None,
            }
        }
        CentralPanel::default()
            .frame(Frame::NONE.fill(tokens.ground).inner_margin(egui::Margin { left: 0, right: 0, top: 2, bottom: 0 }))
            .show(ui, |ui| actions.extend(self.docked_ui(ui)));
        actions.extend(self.palette.ui(&ctx, &self.store, tokens));
        match self.dialogs.ui(&ctx, tokens, (self.choices.recent.paths(), self.choices.recent_runs.paths())) {
            Some(Chosen::Open(action)) => actions.push(action),
            Some(Chosen::LookFor(path)) => self.ask_disk(reader::Question::Exists(path)),
            None => {}
        }
        actions.extend(self.run_list.ui(&ctx, tokens));
        actions.extend(self.binning.ui(&ctx, tokens));
        actions.extend(self.class_map.ui(&ctx, tokens));
        self.closing_ui(&ctx);
        actions.extend(self.engine_card.ui(&ctx, &self.store, tokens));
        actions.extend(self.machine_card.ui(&ctx, tokens, &self.store.engine.machines));
        if let Some(decision) = self.question.ui(&ctx, &self.store, tokens) {
            self.decide(decision, &ctx);
        }
        if self.help {
            self.help = palette::keys_ui(&ctx, &self.store, tokens);
        }
        self.notice.ui(&ctx, tokens);
        self.focus.ring(&ctx, tokens);
        for action in actions {
            self.perform(action, Some(&ctx));
        }
        self.ask_for_pictures();
        let (hover, looked_at) = self.store.embedding.turn();
        if self.store.scene.turn() || hover {
            ctx.request_repaint();
        }
        for action in looked_at.into_iter().flat_map(panes::embedding::show) {
            self.perform(action, Some(&ctx));
        }
        self.keep_time(&ctx);
    }

    fn save(&mut self, storage: &mut dyn eframe::Storage) {
        self.choices.own_colours = self.store.scene.own_colours;
        self.choices.text_size = self.store.text_size;
        self.choices.recoloured.clone_from(&self.store.scene.recoloured);
        self.choices.what_ifs = self.store.scene.supposing.kept.iter().map(WhatIf::to_toml).collect();
        self.choices.machines.clone_from(&self.store.engine.remotes);
        self.choices.study.clone_from(&self.store.study.wanted);
        self.choices.windows = self.floating.places();
        self.choices.smoothing = Some(self.store.curves.smoothing());
        let chosen = self.panes.iter().filter_map(|(kind, pane)| Some((kind.title().to_owned(), pane.choices()?)));
        self.choices.panes = chosen.collect();
        eframe::set_value(storage, layout::STORAGE_KEY, &self.layouts);
        eframe::set_value(storage, CHOICES_KEY, &self.choices);
    }

    fn clear_color(&self, _visuals: &egui::Visuals) -> [f32; 4] {
        let ground: Color32 = self.tokens().ground;
        ground.to_normalized_gamma_f32()
    }
}
