//! Where a file goes: a field for the path, the system's dialog beside it, and what came of it.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crossbeam_channel::{Receiver, bounded};
use egui::{Align, Align2, Area, Frame, Key, Label, Layout, Order, RichText, TextEdit, Ui, vec2};

use super::PaneContext;
use crate::look::{self, Icon, Tokens, space};
use crate::system_dialog::{Choice, Ending, FileKind, SystemDialog};

/// Writes a file, or says why not.
type Write = Arc<dyn Fn(&Path) -> Result<(), String> + Send + Sync>;

/// A file that can be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Export {
    /// What the dialog is called.
    pub title: &'static str,
    /// The name that is proposed.
    pub name: String,
    /// What the file is.
    pub kind: FileKind,
    /// The ending of a second file of that name, which is written too.
    pub beside: Option<&'static str>,
}

impl Export {
    /// Every file that is written where one goes to this path.
    fn paths(&self, path: &Path) -> Vec<PathBuf> {
        std::iter::once(path.to_owned()).chain(self.beside.map(|ending| path.with_extension(ending))).collect()
    }
}

/// The question where to, the writing, and what came of it.
#[derive(Debug, Default)]
pub struct Saving {
    draft: Option<Draft>,
    system: Option<SystemDialog>,
    written: Option<Receiver<Written>>,
    /// The folder of the last export.
    folder: Option<PathBuf>,
    /// What came of the last export, shown until it is put away.
    outcome: Option<Result<String, String>>,
}

struct Draft {
    export: Export,
    write: Write,
    path: String,
    problem: Option<String>,
    /// The paths at which files lie already, once that was said.
    replaces: Vec<PathBuf>,
    is_fresh: bool,
}

impl fmt::Debug for Draft {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Draft").field("export", &self.export).field("path", &self.path).finish_non_exhaustive()
    }
}

/// What a thread that was to write has to say.
#[derive(Debug)]
enum Written {
    Done(PathBuf),
    /// Nothing was written, since something lies at these.
    Exist(Vec<PathBuf>),
    Failed(String),
}

/// Something that the user has done to the question.
enum Pressed {
    Save,
    Browse,
    Cancel,
}

impl Saving {
    /// Asks where to; `write` is called on a thread of its own.
    pub fn ask(&mut self, export: Export, write: impl Fn(&Path) -> Result<(), String> + Send + Sync + 'static) {
        let path = self.folder.clone().unwrap_or_default().join(&export.name);
        self.ask_named(export, &path, write);
    }

    /// Writes another thing in place of what was asked for. A name that was typed stays, with the other's ending.
    pub fn change(&mut self, export: Export, write: impl Fn(&Path) -> Result<(), String> + Send + Sync + 'static) {
        let Some(draft) = &mut self.draft else { return };
        let mut path = PathBuf::from(draft.path.trim());
        if path.file_name().is_some_and(|name| name.to_string_lossy() == draft.export.name) {
            path.set_file_name(&export.name);
        } else if path.file_name().is_some() {
            path.set_extension(Path::new(&export.name).extension().unwrap_or_default());
        }
        draft.path = path.display().to_string();
        draft.export = export;
        draft.write = Arc::new(write);
        (draft.problem, draft.replaces) = (None, Vec::new());
    }

    /// The same with a path to propose, from the working folder where it is not from the root.
    pub fn ask_named(
        &mut self,
        export: Export,
        path: &Path,
        write: impl Fn(&Path) -> Result<(), String> + Send + Sync + 'static,
    ) {
        let path = std::env::current_dir().unwrap_or_default().join(path).display().to_string();
        let write = Arc::new(write);
        self.draft = Some(Draft { export, write, path, problem: None, replaces: Vec::new(), is_fresh: true });
        self.outcome = None;
    }

    /// Whether it asks or writes.
    pub fn is_busy(&self) -> bool {
        self.draft.is_some() || self.written.is_some()
    }

    /// Whether it asks.
    pub fn is_asking(&self) -> bool {
        self.draft.is_some()
    }

    /// What came of the last export since this was asked last.
    pub fn take_outcome(&mut self) -> Option<Result<String, String>> {
        self.outcome.take()
    }

    /// Draws the question over the window, or what came of it into the corner of the pane.
    pub(super) fn ui(&mut self, ui: &Ui, ctx: &PaneContext<'_>) {
        self.question_ui(ui.ctx(), ctx.tokens, |_| {});
        if self.draft.is_none() {
            self.outcome_ui(ui, ctx);
        }
    }

    /// Draws the question over the window, with what `head` draws above the path.
    pub fn question_ui(&mut self, ctx: &egui::Context, tokens: &Tokens, head: impl FnOnce(&mut Ui)) {
        self.take_answers(ctx);
        match self.pressed_ui(ctx, tokens, head) {
            Some(Pressed::Cancel) => self.cancel(),
            Some(Pressed::Browse) => self.browse(ctx),
            Some(Pressed::Save) => self.save_typed(ctx),
            None => {}
        }
    }

    fn take_answers(&mut self, ctx: &egui::Context) {
        if let Some(ending) = self.system.as_ref().and_then(SystemDialog::ending) {
            self.system = None;
            match (ending, &mut self.draft) {
                // The system has asked already whether a file shall be replaced.
                (Ending::Chosen(path), Some(_)) => self.save(ctx, path.clone(), vec![path]),
                (Ending::Failed(why), Some(draft)) => draft.problem = Some(why),
                (Ending::Closed, _) | (_, None) => {}
            }
        }
        let Some(written) = self.written.as_ref().and_then(|written| written.try_recv().ok()) else { return };
        self.written = None;
        match (written, &mut self.draft) {
            (Written::Done(path), _) => {
                self.outcome = Some(Ok(format!("Saved {}", path.display())));
                self.folder = path.parent().map(Path::to_owned);
                self.draft = None;
            }
            (Written::Exist(paths), Some(draft)) => {
                let names: Vec<String> = paths.iter().map(|path| path.display().to_string()).collect();
                draft.problem =
                    Some(format!("A file of that name is there: press Save again to replace it: {}", names.join(", ")));
                draft.replaces = paths;
            }
            (Written::Failed(why), Some(draft)) => draft.problem = Some(why),
            (Written::Failed(why), None) => self.outcome = Some(Err(why)),
            (Written::Exist(_), None) => {}
        }
    }

    fn pressed_ui(&mut self, ctx: &egui::Context, tokens: &Tokens, head: impl FnOnce(&mut Ui)) -> Option<Pressed> {
        let (is_writing, is_browsing) = (self.written.is_some(), self.system.is_some());
        let draft = self.draft.as_mut()?;
        let mut pressed = None;
        let ((), goes) = look::modal(ctx, "save-path", 520.0, |ui| {
            ui.heading(draft.export.title);
            head(ui);
            ui.label(RichText::new(draft.export.kind.name).color(tokens.weak));
            ui.add_space(space::S);
            ui.horizontal(|ui| {
                let field = TextEdit::singleline(&mut draft.path)
                    .hint_text("Path")
                    .desired_width((ui.available_width() - 104.0).max(60.0))
                    .margin(egui::Margin::symmetric(8, 5));
                let field = ui.add(field).accessible_name("Path");
                if std::mem::take(&mut draft.is_fresh) {
                    field.request_focus();
                }
                if field.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter)) {
                    pressed = Some(Pressed::Save);
                }
                if look::button(ui, tokens, Some(Icon::Folder), "Browse…", false).clicked() && !is_browsing {
                    pressed = Some(Pressed::Browse);
                }
            });
            let (words, ink) = match &draft.problem {
                _ if is_writing => ("Writing …", tokens.weak),
                _ if is_browsing => ("The system's dialog is open in a window of its own", tokens.weak),
                Some(problem) => (problem.as_str(), tokens.error),
                None => ("", tokens.weak),
            };
            ui.add(Label::new(look::small(words).color(ink)).wrap());
            ui.add_space(space::S);
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                if look::primary_button(ui, tokens, Icon::Check, "Save").clicked() && !is_writing {
                    pressed = Some(Pressed::Save);
                }
                if look::button(ui, tokens, None, "Cancel", false).clicked() {
                    ui.close();
                }
            });
        });
        if goes { Some(Pressed::Cancel) } else { pressed }
    }

    /// Gives the question up. What the system's dialog still brings is a path for what was asked then, and for nothing
    /// that is asked later.
    fn cancel(&mut self) {
        self.draft = None;
        self.system = None;
    }

    fn browse(&mut self, ctx: &egui::Context) {
        let Some(draft) = &mut self.draft else { return };
        let choice = Choice::NewFile(draft.export.kind, draft.export.name.clone());
        match SystemDialog::open(ctx, draft.export.title, choice) {
            Ok(dialog) => self.system = Some(dialog),
            Err(why) => draft.problem = Some(why),
        }
    }

    fn save_typed(&mut self, ctx: &egui::Context) {
        let Some(draft) = &mut self.draft else { return };
        let text = draft.path.trim().trim_matches('"');
        if text.is_empty() {
            draft.problem = Some("Type or choose a path first".to_owned());
            return;
        }
        let path = whole_path(text, &draft.export.name);
        let replaces = draft.replaces.clone();
        self.save(ctx, path, replaces);
    }

    /// Writes where the disk may take its time, over no file but these.
    fn save(&mut self, ctx: &egui::Context, path: PathBuf, replaces: Vec<PathBuf>) {
        let Some(draft) = &mut self.draft else { return };
        draft.problem = None;
        let (write, paths, ctx) = (Arc::clone(&draft.write), draft.export.paths(&path), ctx.clone());
        let (send, receive) = bounded(1);
        let work = move || {
            let is_there = |path: &PathBuf| path.try_exists().unwrap_or(false);
            let there: Vec<PathBuf> = paths.into_iter().filter(is_there).collect();
            let written = if there.iter().any(|path| !replaces.contains(path)) {
                Written::Exist(there)
            } else {
                match write(&path) {
                    Ok(()) => Written::Done(path),
                    Err(why) => Written::Failed(why),
                }
            };
            // The pane may be gone by now; then nobody needs the answer.
            drop(send.send(written));
            ctx.request_repaint();
        };
        match std::thread::Builder::new().name("fusionscope-export".to_owned()).spawn(work) {
            Ok(_detached) => self.written = Some(receive),
            Err(error) => draft.problem = Some(format!("The file could not be written: {error}")),
        }
    }

    fn outcome_ui(&mut self, ui: &Ui, ctx: &PaneContext<'_>) {
        let Some(outcome) = &self.outcome else { return };
        let (words, ink) = match outcome {
            Ok(words) => (words, ctx.tokens.weak),
            Err(words) => (words, ctx.tokens.error),
        };
        let pane = ui.max_rect();
        let mut is_seen = false;
        Area::new(ui.scope_id().with("export-outcome"))
            .order(Order::Foreground)
            .pivot(Align2::RIGHT_BOTTOM)
            .fixed_pos(pane.right_bottom() - vec2(space::S, space::S))
            .constrain_to(pane)
            .show(ui.ctx(), |ui| {
                Frame::popup(ui.style()).show(ui, |ui| {
                    ui.set_max_width((pane.width() - 40.0).clamp(60.0, 480.0));
                    ui.horizontal_top(|ui| {
                        is_seen = look::icon_button(ui, ctx.tokens, Icon::Close, "Dismiss", false).clicked();
                        ui.add(Label::new(look::small(words.as_str()).color(ink)).wrap());
                    });
                });
            });
        if is_seen {
            self.outcome = None;
        }
    }
}

/// A typed path with the proposed name's ending where it has none.
fn whole_path(text: &str, name: &str) -> PathBuf {
    let mut path = PathBuf::from(text);
    if path.extension().is_none()
        && let Some(ending) = Path::new(name).extension()
    {
        path.set_extension(ending);
    }
    path
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::*;

    fn curves() -> Export {
        let kind = FileKind { name: "CSV", endings: &["csv"] };
        Export { title: "Save the curves", name: "curves.csv".to_owned(), kind, beside: None }
    }

    /// Asks, types the path, and waits for what comes of pressing Save.
    fn saved(saving: &mut Saving, path: &Path) {
        let ctx = egui::Context::default();
        if let Some(draft) = &mut saving.draft {
            draft.path = path.display().to_string();
        }
        saving.save_typed(&ctx);
        let start = Instant::now();
        while saving.written.is_some() {
            assert!(start.elapsed() < Duration::from_secs(20), "nothing was answered");
            saving.take_answers(&ctx);
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    fn asking() -> Saving {
        let mut saving = Saving::default();
        saving.ask(curves(), |path| std::fs::write(path, "new").map_err(|error| error.to_string()));
        saving
    }

    #[test]
    fn a_typed_path_is_written_and_a_file_that_is_there_is_replaced_only_when_asked_twice() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("mine.csv");
        let mut saving = asking();
        saved(&mut saving, &folder.path().join("mine"));
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "new", "the ending is added");
        assert!(!saving.is_busy());

        std::fs::write(&path, "theirs").unwrap();
        let mut saving = asking();
        saved(&mut saving, &path);
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "theirs");
        assert!(saving.draft.as_ref().unwrap().problem.as_ref().unwrap().contains("Save again"));
        saved(&mut saving, &path);
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "new");
    }

    #[test]
    fn what_cannot_be_written_is_said_and_the_path_stays_to_be_mended() {
        let folder = tempfile::tempdir().unwrap();
        let mut saving = asking();
        saved(&mut saving, &folder.path().join("no such folder/a.csv"));
        let draft = saving.draft.as_ref().unwrap();
        assert!(draft.problem.is_some() && draft.path.ends_with("a.csv"));
    }

    #[test]
    fn a_path_that_the_system_brings_after_cancel_is_not_written_by_the_next_export() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("map.npy");
        let ctx = egui::Context::default();
        let mut saving = asking();
        let (late, dialog) = SystemDialog::awaiting();
        saving.system = Some(dialog);
        saving.cancel();
        saving.ask(curves(), |path| std::fs::write(path, "a picture").map_err(|error| error.to_string()));
        // Nobody listens to the dialog that was given up.
        let _unheard = late.send(Some(path.clone()));
        saving.take_answers(&ctx);
        assert!(saving.written.is_none() && !path.exists(), "one kind of file lies under the name of another");
        assert!(saving.draft.is_some(), "and the new question stands");
    }

    #[test]
    fn what_is_written_beside_a_file_replaces_nothing_either() {
        let folder = tempfile::tempdir().unwrap();
        let (picture, numbers) = (folder.path().join("mine.svg"), folder.path().join("mine.csv"));
        std::fs::write(&numbers, "theirs").unwrap();
        let mut saving = asking();
        let kind = FileKind { name: "SVG", endings: &["svg"] };
        let export = Export { title: "Export", name: "plot.svg".to_owned(), kind, beside: Some("csv") };
        saving.change(export, |path| {
            let both = [path.to_owned(), path.with_extension("csv")];
            both.iter().try_for_each(|path| std::fs::write(path, "new").map_err(|error| error.to_string()))
        });
        saved(&mut saving, &picture);
        assert!(!picture.exists(), "nothing is written while one of both would be replaced");
        assert_eq!(std::fs::read_to_string(&numbers).unwrap(), "theirs");
        assert!(saving.draft.as_ref().unwrap().problem.as_ref().unwrap().contains("mine.csv"));
        saved(&mut saving, &picture);
        assert_eq!(std::fs::read_to_string(&numbers).unwrap(), "new");
        assert!(picture.exists());
    }

    #[test]
    fn another_form_keeps_the_name_that_was_typed_and_changes_its_ending() {
        let kind = FileKind { name: "SVG", endings: &["svg"] };
        let svg = || Export { title: "Export", name: "curves.svg".to_owned(), kind, beside: None };
        let mut saving = asking();
        saving.change(svg(), |_| Ok(()));
        assert!(saving.draft.as_ref().unwrap().path.ends_with("curves.svg"), "the proposed name is that of the form");
        let mut saving = asking();
        if let Some(draft) = &mut saving.draft {
            draft.path = "figures/mine.csv".to_owned();
        }
        saving.change(svg(), |_| Ok(()));
        assert_eq!(Path::new(&saving.draft.as_ref().unwrap().path), Path::new("figures/mine.svg"));
    }

    #[test]
    fn an_empty_path_is_asked_for() {
        let mut saving = asking();
        saved(&mut saving, Path::new(""));
        assert!(saving.draft.as_ref().unwrap().problem.as_ref().unwrap().contains("Type"));
    }
}
