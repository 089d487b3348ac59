//! The lesson pane: the list of lessons, and the steps of the one in hand with buttons that do what they say.

mod readings;
mod steps;

use egui::{ScrollArea, Ui};
use egui_commonmark::CommonMarkCache;

use super::{Pane, PaneContext};
use crate::action::Action;
use crate::exhibit::{Exhibit, Format};
use crate::lesson::lessons;
use crate::look::{self, space};

/// The lesson pane.
#[derive(Default)]
pub struct LessonPane {
    cache: CommonMarkCache,
}

impl Pane for LessonPane {
    fn exhibits(&mut self, ctx: &PaneContext<'_>) -> Result<Vec<Exhibit>, String> {
        let place = ctx.store.lesson.at.map(|at| at.lesson).ok_or("open a lesson first")?;
        let lesson = lessons().get(place).ok_or("there is no such lesson")?;
        let steps = lesson.steps.iter().map(|step| format!("\n## {}\n\n{}\n", step.title, step.text.trim()));
        let text = format!("# {}\n\n{}\n{}", lesson.title, lesson.summary.trim(), steps.collect::<String>());
        Ok(vec![Exhibit::new("Text of the lesson", format!("lesson-{}", place + 1)).text(Format::Markdown, text)])
    }

    fn ui(&mut self, ui: &mut Ui, ctx: &PaneContext<'_>) {
        egui::Frame::new().inner_margin(space::M).show(ui, |ui| match ctx.store.lesson.open() {
            Some((lesson, step)) => steps::ui(ui, ctx, &mut self.cache, (lesson, step)),
            None => list_ui(ui, ctx),
        });
    }
}

fn list_ui(ui: &mut Ui, ctx: &PaneContext<'_>) {
    ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
        ui.label(look::semibold("Lessons").size(look::size::TITLE).color(ctx.tokens.text));
        let words = "Each takes about ten minutes, on the sample data, and needs nothing known before.";
        ui.label(look::message(words).color(ctx.tokens.weak));
        for (place, lesson) in lessons().iter().enumerate() {
            ui.add_space(space::M);
            let title = format!("{}  {}", place + 1, lesson.title);
            if look::button(ui, ctx.tokens, None, &title, false).clicked() {
                ctx.act(Action::OpenLesson(place));
            }
            ui.label(look::message(&lesson.summary).color(ctx.tokens.weak));
        }
    });
}
