//! The one handler of actions.

use fusionscope_engine::protocol::{Command, CountedFrom, Level, ShelfCommand, WhatIf};
use fusionscope_engine::recipe::preset;

use super::dialogs::Wanted;
use super::reader::Question;
use super::{Workbench, floating, layout};
use crate::action::Action;
use crate::arrangement::PaneKind;
use crate::link::StudyOrder;
use crate::look;
use crate::palette::Search;
use crate::panes::Errand;
use crate::store::{LessonPlace, Way};

impl Workbench {
    /// Performs an action that can be done now, and says of others why they cannot. `ctx` is there except before the
    /// first frame.
    pub fn perform(&mut self, action: Action, ctx: Option<&egui::Context>) {
        let known = action.describe(&self.store);
        if let Err(why) = known.enabled {
            if action != Action::HoldCompare(false) {
                self.notice.say(format!("{}: {why}", known.title));
            }
            return;
        }
        if known.gives_up_run && self.store.unsaved.is_some() {
            self.question.ask(action);
            return;
        }
        self.store.settle_action();
        match action {
            Action::Train => self.train(Command::Start),
            Action::StepOnce => self.train(Command::StepOnce),
            Action::Pause => self.steer_run(Command::Pause),
            Action::ToggleRun => {
                let (next, ..) = Action::main(&self.store);
                self.perform(next, ctx);
            }
            Action::Stop => self.steer_run(Command::Stop),
            Action::Restart => self.restart(),
            Action::Resume => self.steer_run(Command::ResumeRun),
            Action::SaveCheckpoint => self.send(Command::SaveCheckpoint),
            Action::Evaluate => self.send(Command::Evaluate { split: self.store.scene.split.clone() }),
            Action::EvaluateSplit(split) => self.send(Command::Evaluate { split }),
            Action::RunProtocol { protocol, split } => {
                self.store.robustness.asked = Some(protocol);
                self.send(Command::RunProtocol { protocol, split });
            }

            Action::ToggleSensor(place) => self.toggle_sensor(place),
            Action::KeepSensors(kept) => self.keep_sensors(&kept),
            Action::AllSensors => self.restore_sensors(),
            Action::ToggleWhatIf => self.toggle_card(None),
            Action::OpenCard(place) => self.toggle_card(Some(place)),
            Action::ChangeSensor { sensor, change } => self.change_sensor(&sensor, change),
            Action::SetSwitch { key, value } => self.set_switch(&key, value),
            Action::Suppose(what_if) => self.suppose("what-if", what_if),
            Action::SupposeNothing => self.suppose("nothing", WhatIf::default()),
            Action::UseTool(tool) => self.use_tool(tool),
            Action::SetBrush(radius) => self.store.scene.supposing.radius = radius.clamp(0.005, 0.5),
            Action::KeepWhatIf(name) => self.keep_what_if(&name),
            Action::ForgetWhatIf(name) => self.store.scene.supposing.forget(&name),
            Action::ApplyWhatIf => self.apply_what_if(),
            Action::StudyWhatIf => {
                if let Ok(row) = self.store.row_of_what_if() {
                    self.perform(Action::CloseStudy, ctx);
                    self.send_to(PaneKind::Study, &Errand::AddRow(row), ctx);
                }
            }
            Action::PreviousScene => self.store.turn_scene(-1),
            Action::NextScene => self.store.turn_scene(1),
            Action::GoToScene => self.search(Search::Scenes),
            Action::ShowScene { split, index } => self.store.show_scene(split, index),

            Action::TogglePin => self.toggle_pin(),
            Action::GoToTime(step) => self.go_to_time(step),
            Action::EarlierPage => self.go_to_time(self.store.scene.time.neighbour(false)),
            Action::LaterPage => self.go_to_time(self.store.scene.time.neighbour(true)),
            Action::PlayPages => self.play_pages(),
            Action::CompareTime => self.compare_time(),
            Action::SetAlbumBound(most) => self.set_album_bound(most),

            Action::Fit => self.store.scene.fit_requests += 1,
            Action::ToggleLabel => flip(&mut self.store.scene.label),
            Action::ToggleErrors => flip(&mut self.store.scene.errors),
            Action::ToggleSwipe => flip(&mut self.store.scene.swipe),
            Action::ToggleDifference => flip(&mut self.store.scene.difference),
            Action::HoldCompare(held) => self.store.scene.comparing = held,
            Action::SetOverlay(share) => self.store.scene.overlay = share.clamp(0.0, 1.0),
            Action::Watch(names) => self.store.scene.watch(names),
            Action::PickPixel(pixel) => self.store.scene.pick(pixel),
            Action::ForgetPixel => self.store.scene.forget_pixel(),
            Action::Explain(explained) => self.store.scene.explain(explained),
            Action::ToggleClass(class) => self.store.scene.toggle_class(class),
            Action::SoloClass(class) => self.store.scene.solo_class(class),
            Action::ShowAllClasses => self.store.scene.show_all_classes(),
            Action::ToggleOwnColours => flip(&mut self.store.scene.own_colours),
            Action::SetClassColour { class, colour } => self.set_class_colour(class, colour),

            Action::OpenData => self.dialogs.open(Wanted::Data),
            Action::OpenDataFolder(path) => {
                self.choices.recent.remember(&path);
                self.load_data(path);
            }
            Action::TrustData => {
                if let Some(path) = self.store.untrusted.take() {
                    self.store.engine.trusted = Some(path.clone());
                    self.send(Command::TrustData { path });
                }
            }
            Action::OpenSampleData => self.ask_disk(Question::SampleData { opens: true }),
            Action::OpenDemo => self.open_demo(),
            Action::OpenRecipe => self.dialogs.open(Wanted::Recipe),
            Action::OpenRecipeFile(path) => match self.recipe_told_of(&path) {
                Some(recipe) => self.use_recipe(recipe),
                None => self.ask_disk(Question::Recipe(path)),
            },
            Action::OpenRun => self.dialogs.open(Wanted::Run),
            Action::OpenRunFolder(path) => self.steer_run(Command::OpenRun { path, data: None }),
            Action::FindRun => self.send_to(PaneKind::Runs, &Errand::Search, ctx),
            Action::AddRunsFolder => self.dialogs.open(Wanted::RunsFolder),
            Action::ListRunsFolder(path) => {
                self.choices.runs_folders.add(&path);
                self.look_at_runs();
                self.show_pane(PaneKind::Runs, ctx);
            }
            Action::DropRunsFolder(path) => {
                self.choices.runs_folders.remove(&path);
                self.look_at_runs();
            }
            Action::CompareRuns { runs, is_on } => self.store.shelf.choose(&runs, is_on),
            Action::CompareNoRuns => self.store.shelf.choose_none(),
            Action::NoteRun { run, notes } => self.send(Command::Shelf(ShelfCommand::Note { run, notes })),
            Action::BinRuns(runs) => self.binning.ask(runs),
            Action::ReallyBinRuns(runs) => {
                for run in runs {
                    self.send(Command::Shelf(ShelfCommand::Bin { run }));
                }
            }
            Action::OverlayCurves => self.send_to(PaneKind::Curves, &Errand::Overlay, ctx),
            Action::ChooseCompared => self.dialogs.open(Wanted::Compared),
            Action::CompareWith(path) => self.send(Command::CompareWith { path }),
            Action::ToggleDifferingScenes => self.toggle_differing(),
            Action::CompareScenes => self.compare_scenes(CountedFrom::Predictions),
            Action::FindConfused(of) => self.send(Command::FindConfused(of)),
            Action::ShowConfused { index, of } => {
                self.store.show_scene(of.split.clone(), index);
                self.store.scene.outline_confused(&of);
            }
            Action::ClearOutline => self.store.scene.outline = None,
            Action::StopComparing => self.send(Command::StopComparing),
            Action::FindScenes => self.send_to(PaneKind::Dataset, &Errand::Search, ctx),
            Action::SurveyData => self.survey_data(!self.store.gallery.is_surveying()),
            Action::MapClasses => self.class_map.open(&self.store),
            Action::JoinClasses { picks, file } => self.send(Command::JoinClasses { picks, file }),
            Action::UsePreset(name) => match preset(&name) {
                Ok(recipe) => self.use_recipe(recipe),
                Err(error) => self.store.say(Level::Error, error.to_string()),
            },
            Action::ResetRecipe => self.edit_recipe(self.store.origin.clone()),
            Action::SetSetting { key, value } => self.set_setting(&key, value),
            Action::SetVariant { component, variant } => self.set_variant(&component, &variant),

            Action::Embed(request) => self.send(Command::Embed(request)),
            Action::ChooseLayoutRun(slot) => self.dialogs.open(Wanted::LayoutRun(slot)),
            Action::SetLayoutRun { slot, run } => {
                if let Some(request) = self.store.embedding.set_run(slot, run) {
                    self.send(Command::Embed(request));
                }
            }
            Action::SteerEmbedding { slot, steer } => self.send(Command::Steer { slot, steer }),
            Action::CloseEmbedding(slot) => self.send(Command::CloseEmbedding { slot }),
            Action::SelectPoints { split, pixels, choosing, slot } => {
                let origin = self.store.origin_of_layout(slot);
                self.store.embedding.select(&split, pixels, choosing, origin);
            }
            Action::ClearSelection => self.store.embedding.clear(),
            Action::OpenLesson(lesson) => self.enter_lesson(Some(LessonPlace { lesson, step: 0 }), ctx),
            Action::CloseLesson => self.enter_lesson(None, ctx),
            Action::LessonForth => {
                let does = !self.store.lesson_step_is_done() && Action::DoLessonStep.enabled(&self.store);
                self.perform(if does { Action::DoLessonStep } else { Action::LessonNext }, ctx);
            }
            Action::LessonBack => self.enter_lesson(self.store.lesson.previous(), ctx),
            Action::LessonNext => self.enter_lesson(self.store.lesson.next(), ctx),
            Action::DoLessonStep => self.do_lesson_step(),
            Action::LeaveLessonStep => self.store.lesson.doing.clear(),
            Action::ToggleLessonAnswer => flip(&mut self.store.lesson.shows_answer),
            Action::ResetLessonStep => self.reset_lesson_step(),
            Action::DismissLessons => {
                self.store.lesson.is_offered = false;
                self.choices.has_seen_lessons = true;
            }
            Action::ChooseStudy => self.dialogs.open(Wanted::Study),
            Action::OpenStudy(path) => {
                self.store.study.want(Some(path.clone()));
                self.order(StudyOrder::Open(path));
                self.show_pane(PaneKind::Study, ctx);
            }
            Action::UseStudyData(data) => self.order(StudyOrder::UseData(data)),
            Action::CloseStudy => {
                self.store.study.want(None);
                self.order(StudyOrder::Close);
            }
            Action::StartStudy { jobs, retrains } => self.turn_study(StudyOrder::Start { jobs, retrains }),
            Action::PauseStudy => self.turn_study(StudyOrder::Stop),
            Action::MeasureStep(recipe) => self.measure_step(recipe),
            Action::UseEngine(place) => self.use_place(place),
            Action::MoveEngine(place) => self.end_and_move(place),
            Action::Recover(recovery) => self.recover(recovery),
            Action::EndEngine if self.store.engine.is_afar() => self.send(Command::Shutdown),
            Action::EndEngine => self.engine.end_at_once(),
            Action::ChooseMachine => self.machine_card.open(&self.store.engine.remotes),
            Action::AttachAgain => self.try_line(),
            Action::FetchRun(run) => self.fetch_run(run, ctx),
            Action::SetSmoothing(share) => self.store.curves.set_smoothing(share),
            Action::SetViewBudget(share) => {
                self.store.view_budget = share.clamp(0.0, 1.0);
                self.send(Command::SetViewBudget { share: self.store.view_budget });
            }

            Action::UseLayout(layout) => self.use_layout(layout, ctx),
            Action::ResetLayout => {
                self.remember_layout();
                let layout = self.choices.layout;
                self.choices.fitted.remove(layout.name());
                self.layouts.insert(layout.name().to_owned(), layout::tree_of(layout));
                self.floating.forget();
            }
            Action::ShowPane(kind) => self.show_pane(kind, ctx),
            Action::FloatPane(kind) => {
                self.remember_layout();
                let layout = self.choices.layout;
                if let Some(tree) = self.layouts.get_mut(layout.name()) {
                    layout::toggle_floating(tree, layout, kind);
                }
            }
            Action::ToggleTheme => {
                self.choices.theme = self.choices.theme.other();
                if let Some(ctx) = ctx {
                    look::use_theme(ctx, self.choices.theme);
                }
            }
            Action::ToggleMotion => {
                flip(&mut self.store.reduced_motion);
                self.choices.reduced_motion = self.store.reduced_motion;
                if let Some(ctx) = ctx {
                    look::use_motion(ctx, !self.store.reduced_motion);
                }
            }
            Action::ToggleTensorboard => {
                flip(&mut self.store.writes_events);
                self.choices.writes_events = self.store.writes_events;
                self.tell_of_events();
            }
            Action::FindSetting(key) => self.send_to(PaneKind::Recipe, &Errand::Find(key), ctx),
            Action::ExportCurves => self.send_to(PaneKind::Curves, &Errand::Export, ctx),
            Action::ExportLayout => self.send_to(PaneKind::Embedding, &Errand::Export, ctx),
            Action::ExportPicture => self.send_to(PaneKind::Inspect, &Errand::Export, ctx),
            Action::TogglePalette => self.search(Search::Everything),
            Action::ToggleHelp => flip(&mut self.help),
            Action::Undo => self.turn_history(Way::Back, ctx),
            Action::Redo => self.turn_history(Way::Forth, ctx),
            Action::StepText(step) => self.step_text(step, ctx),
            Action::NextRegion => self.turn_focus(Way::Forth, ctx),
            Action::PreviousRegion => self.turn_focus(Way::Back, ctx),
        }
    }

    /// Asks something of the disk; the answer comes in a later frame.
    pub(super) fn ask_disk(&mut self, question: Question) {
        if let Err(text) = self.reader.ask(question) {
            self.store.say(Level::Error, text);
        }
    }

    /// What evaluations have counted already is listed at once.
    fn toggle_differing(&mut self) {
        let scene = &mut self.store.scene;
        flip(&mut scene.lists_differing);
        let is_there = scene.differing.as_ref().is_some_and(|found| found.of == scene.split_request());
        if scene.lists_differing && !is_there {
            self.compare_scenes(CountedFrom::Evaluations);
        }
    }

    fn compare_scenes(&mut self, from: CountedFrom) {
        self.send(Command::CompareSplit { of: self.store.scene.split_request(), from });
    }

    fn turn_focus(&mut self, way: Way, ctx: Option<&egui::Context>) {
        self.focus.turn(way);
        if let Some(ctx) = ctx {
            ctx.request_repaint();
        }
    }

    /// Only one thing lies over the panes at a time.
    fn search(&mut self, search: Search) {
        self.help = false;
        self.palette.toggle(search);
    }

    /// The pane comes to the front, to be seen doing it.
    fn send_to(&mut self, kind: PaneKind, errand: &Errand, ctx: Option<&egui::Context>) {
        self.show_pane(kind, ctx);
        if let Some(pane) = self.panes.get_mut(&kind) {
            pane.run(errand);
        }
    }

    pub(super) fn show_pane(&mut self, kind: PaneKind, ctx: Option<&egui::Context>) {
        let layout = self.choices.layout;
        if let Some(tree) = self.layouts.get_mut(layout.name()) {
            layout::fetch(tree, layout, kind);
            tree.make_active(|_, tile| matches!(tile, egui_tiles::Tile::Pane(found) if *found == kind));
        }
        if let Some(ctx) = ctx {
            floating::raise(ctx, kind);
        }
    }
}

fn flip(switch: &mut bool) {
    *switch = !*switch;
}
