//! One step of a lesson.

use egui::{Align, Layout, Response, ScrollArea, Ui};
use egui_commonmark::{CommonMarkCache, CommonMarkViewer};

use super::readings;
use crate::action::{Action, key_words};
use crate::lesson::{Lesson, Step};
use crate::look::{self, Icon, size, space};
use crate::panes::PaneContext;

/// The height in points from which figures stand below the text, and the text alone is scrolled.
const TALL: f32 = 280.0;

pub(super) fn ui(
    ui: &mut Ui,
    ctx: &PaneContext<'_>,
    cache: &mut CommonMarkCache,
    (lesson, step): (&'static Lesson, &'static Step),
) {
    // What a step has come to is seen without scrolling, whatever there is to read above it.
    let stays = ui.available_height() > TALL && readings::are_known(ctx, &step.work.read);
    egui::Panel::bottom("steps of the lesson").frame(egui::Frame::new()).show_separator_line(false).show(ui, |ui| {
        if stays {
            readings::ui(ui, ctx, &step.work.read);
        }
        ui.add_space(space::S);
        button(ui, ctx, step);
        foot(ui, ctx);
    });
    ui.horizontal(|ui| {
        ui.label(look::caption(ctx.tokens, &lesson.title));
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            if look::icon_button(ui, ctx.tokens, Icon::Close, "List the lessons", false).clicked() {
                ctx.act(Action::CloseLesson);
            }
            let place = ctx.store.lesson.at.map_or(0, |at| at.step);
            let words = format!("{} of {}", place + 1, lesson.steps.len());
            ui.label(look::small(words).color(ctx.tokens.faint));
        });
    });
    ui.add_space(space::S);
    ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
        ui.label(look::semibold(&step.title).size(size::TITLE).color(ctx.tokens.text));
        ui.add_space(space::S);
        text(ui, cache, &step.text);
        if !stays {
            readings::ui(ui, ctx, &step.work.read);
        }
        question(ui, ctx, cache, step);
    });
}

/// A text as Markdown, with room between its paragraphs.
fn text(ui: &mut Ui, cache: &mut CommonMarkCache, text: &str) {
    ui.scope(|ui| {
        ui.spacing_mut().item_spacing.y = space::S;
        CommonMarkViewer::new().show(ui, cache, text);
    });
}

fn button(ui: &mut Ui, ctx: &PaneContext<'_>, step: &Step) {
    let store = ctx.store;
    if !step.has_button() {
        return;
    }
    let known = Action::DoLessonStep.describe(store);
    let is_done = store.lesson_step_is_done();
    ui.horizontal_wrapped(|ui| {
        let icon = if is_done { Icon::Check } else { Icon::Play };
        let press = &step.work.press;
        let response = ui
            .add_enabled_ui(known.enabled.is_ok(), |ui| {
                look::main_button(ui, ctx.tokens, icon, press, &[press], !is_done)
            })
            .inner;
        if response.on_hover_text(hint(ui, ctx)).clicked() {
            ctx.act(Action::DoLessonStep);
        }
        if !store.lesson.doing.is_empty() {
            ui.spinner();
            if look::button(ui, ctx.tokens, None, "Leave off", false).clicked() {
                ctx.act(Action::LeaveLessonStep);
            }
        } else if is_done && !step.work.done.is_empty() {
            ui.label(look::medium("Done").color(ctx.tokens.good));
        }
    });
}

/// What the button is for, and the key that does it and then goes on, which a presenter's clicker sends.
fn hint(ui: &Ui, ctx: &PaneContext<'_>) -> String {
    let known = Action::DoLessonStep.describe(ctx.store);
    let both = Action::LessonForth.describe(ctx.store).key.map(|key| key_words(ui.ctx(), &key));
    let forth = both.map_or_else(String::new, |key| format!("\n{key} does it, too, and then goes on"));
    known.hint(ui.ctx()) + &forth
}

fn question(ui: &mut Ui, ctx: &PaneContext<'_>, cache: &mut CommonMarkCache, step: &Step) {
    if step.work.question.is_empty() {
        return;
    }
    ui.add_space(space::M);
    text(ui, cache, &step.work.question);
    let shows = ctx.store.lesson.shows_answer;
    if look::button(ui, ctx.tokens, None, if shows { "Fold the answer" } else { "Show the answer" }, shows).clicked() {
        ctx.act(Action::ToggleLessonAnswer);
    }
    if shows {
        ui.add_space(space::S);
        text(ui, cache, &step.work.answer);
    }
}

/// Back, next, and back to how this step began.
fn foot(ui: &mut Ui, ctx: &PaneContext<'_>) {
    ui.horizontal(|ui| {
        let steps = [(Action::LessonBack, Icon::Left, "Back"), (Action::LessonNext, Icon::Right, "Next")];
        for (action, icon, word) in steps {
            foot_button(ui, ctx, action, |ui| look::button(ui, ctx.tokens, Some(icon), word, false));
        }
        // Its words have no room beside the two in the large type of a lecture.
        let reset = |ui: &mut Ui| look::icon_button(ui, ctx.tokens, Icon::Restart, "Reset to here", false);
        foot_button(ui, ctx, Action::ResetLessonStep, reset);
    });
}

fn foot_button(ui: &mut Ui, ctx: &PaneContext<'_>, action: Action, draw: impl FnOnce(&mut Ui) -> Response) {
    let known = action.describe(ctx.store);
    let response = ui.add_enabled_ui(known.enabled.is_ok(), draw).inner;
    let hint = known.hint(ui.ctx());
    if response.on_hover_text(&hint).on_disabled_hover_text(&hint).clicked() {
        ctx.act(action);
    }
}
