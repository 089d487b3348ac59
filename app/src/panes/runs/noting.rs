//! The question what is to be noted of a run.

use std::path::PathBuf;

use egui::{TextEdit, Ui};
use fusionscope_engine::protocol::RunNotes;

use crate::action::Action;
use crate::look::{self, Icon, space};
use crate::panes::PaneContext;
use crate::store::shelf::Listed;

/// The question, while it is asked.
#[derive(Debug, Default)]
pub(super) struct Noting(Option<Draft>);

#[derive(Debug)]
struct Draft {
    run: PathBuf,
    title: String,
    tags: String,
    note: String,
    is_fresh: bool,
}

impl Noting {
    /// Asks about a run.
    pub(super) fn ask(&mut self, run: &Listed) {
        let RunNotes { tags, note } = run.card.notes.clone();
        let (tags, title) = (tags.join(", "), run.name());
        self.0 = Some(Draft { run: run.card.path.clone(), title, tags, note, is_fresh: true });
    }

    /// Draws the question over the window.
    pub(super) fn ui(&mut self, ui: &Ui, ctx: &PaneContext<'_>) {
        let Some(draft) = &mut self.0 else { return };
        let mut is_kept = false;
        let ((), goes) = look::modal(ui.ctx(), "run-notes", 460.0, |ui| {
            ui.heading("Tags and note");
            ui.label(look::small(&draft.title).color(ctx.tokens.weak));
            ui.add_space(space::S);
            ui.label(look::caption(ctx.tokens, "Tags, with commas between them"));
            let field = TextEdit::singleline(&mut draft.tags).desired_width(f32::INFINITY);
            let field = ui.add(field).accessible_name("Tags");
            if std::mem::take(&mut draft.is_fresh) {
                field.request_focus();
            }
            is_kept |= field.lost_focus() && ui.input(|input| input.key_pressed(egui::Key::Enter));
            ui.label(look::caption(ctx.tokens, "Note"));
            ui.add(TextEdit::multiline(&mut draft.note).desired_rows(3).desired_width(f32::INFINITY))
                .accessible_name("Note");
            ui.add_space(space::M);
            ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                is_kept |= look::primary_button(ui, ctx.tokens, Icon::Check, "Keep").clicked();
                if look::button(ui, ctx.tokens, None, "Cancel", false).clicked() {
                    ui.close();
                }
            });
        });
        if is_kept {
            let notes = RunNotes { tags: tags_of(&draft.tags), note: draft.note.trim().to_owned() };
            ctx.act(Action::NoteRun { run: draft.run.clone(), notes });
        }
        if is_kept || goes {
            self.0 = None;
        }
    }
}

/// The words between commas, each once.
fn tags_of(text: &str) -> Vec<String> {
    let mut tags: Vec<String> = Vec::new();
    for tag in text.split(',').map(|tag| tag.split_whitespace().collect::<Vec<_>>().join("-")) {
        if !tag.is_empty() && !tags.contains(&tag) {
            tags.push(tag);
        }
    }
    tags
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_stand_between_commas_each_once_and_without_blanks_by_which_a_filter_would_part_them() {
        assert_eq!(tags_of(" good, to  do,,good ,"), ["good", "to-do"]);
        assert!(tags_of("").is_empty());
    }
}
