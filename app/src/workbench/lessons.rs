//! Lessons: walking through their steps, and doing what their buttons say, one thing after the other.

use std::time::{Duration, Instant};

use egui::{Context, RichText};
use fusionscope_engine::protocol::{Command, Level};

use super::Workbench;
use crate::action::Action;
use crate::arrangement::{Layout, PaneKind};
use crate::look::{self, Icon};
use crate::store::{LessonPlace, Looks};

/// How long something that cannot be done now is waited for, before it is said.
const PATIENCE: Duration = Duration::from_secs(5);

/// How long until it is looked again.
const A_WHILE: Duration = Duration::from_millis(100);

impl Workbench {
    /// One line for someone who has just arrived.
    pub(super) fn offer_ui(&self, ui: &mut egui::Ui) -> Option<Action> {
        let tokens = self.tokens();
        let mut pressed = None;
        ui.horizontal(|ui| {
            ui.label(
                RichText::new("New here? A first lesson shows why two sensors see more than one.").color(tokens.text),
            );
            if look::button(ui, tokens, Some(Icon::Play), "Begin lesson 1", false).clicked() {
                pressed = Some(Action::OpenLesson(0));
            }
            if look::button(ui, tokens, None, "No, thank you", false).clicked() {
                pressed = Some(Action::DismissLessons);
            }
        });
        pressed
    }

    /// Goes to a step, or to the list of lessons.
    pub(super) fn enter_lesson(&mut self, place: Option<LessonPlace>, ctx: Option<&Context>) {
        if place.is_some() && self.store.lesson.at.is_none() {
            self.use_layout(Layout::Teach, ctx);
        }
        let looks = self.store.looks();
        let lesson = &mut self.store.lesson;
        (lesson.at, lesson.shows_answer, lesson.did) = (place, false, None);
        lesson.doing.clear();
        lesson.before = place.map(|_| looks);
        lesson.is_offered = false;
        self.choices.has_seen_lessons = true;
        self.show_pane(PaneKind::Lesson, ctx);
    }

    /// Begins what the step's button says.
    pub(super) fn do_lesson_step(&mut self) {
        let lesson = &mut self.store.lesson;
        if let Some((_, step)) = lesson.open() {
            lesson.doing = step.work.deeds.iter().cloned().collect();
            lesson.did = None;
        }
    }

    /// Does the next thing of the step's button, as soon as the one before it has come to its end.
    pub(super) fn follow_lesson(&mut self, ctx: &Context) {
        while let Some(next) = self.store.lesson.doing.front().cloned() {
            let did = self.store.lesson.did.clone();
            if did.as_ref().is_some_and(|(did, since)| !self.store.has_settled(did, *since)) {
                // Not all that it waits for comes with an event that wakes the window.
                ctx.request_repaint_after(A_WHILE);
                return;
            }
            let actions = match Action::of_deed(&next, &self.store) {
                Ok(actions) => actions,
                Err(why) => {
                    self.store.lesson.doing.clear();
                    self.store.say(Level::Error, why);
                    return;
                }
            };
            let refused = actions.first().and_then(|action| action.describe(&self.store).enabled.err());
            if refused.is_some() && did.is_some_and(|(_, since)| since.elapsed() < PATIENCE) {
                ctx.request_repaint_after(A_WHILE);
                return;
            }
            self.store.lesson.doing.pop_front();
            if refused.is_some() {
                self.store.lesson.doing.clear();
            }
            self.store.lesson.did = Some((next, Instant::now()));
            for action in actions {
                self.perform(action, Some(ctx));
            }
        }
    }

    /// Sets things back to how they stood when the step was entered.
    pub(super) fn reset_lesson_step(&mut self) {
        let Some(Looks { recipe, network, scene: (split, index), what_if, watched, difference }) =
            self.store.lesson.before.clone()
        else {
            return;
        };
        self.store.lesson.doing.clear();
        self.store.lesson.shows_answer = false;
        let now = self.store.looks();
        let is_other = now.network != network;
        if let Some(path) = network.filter(|_| is_other) {
            self.steer_run(Command::OpenRun { path, data: None });
        }
        if now.recipe != recipe {
            self.edit_recipe(recipe);
        }
        self.store.show_scene(split, index);
        let scene = &mut self.store.scene;
        (scene.what_if, scene.difference) = (what_if, difference);
        scene.watch(watched);
    }
}
