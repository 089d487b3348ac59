//! Choosing files and folders: a path field that always works, the system's dialog on a thread of its own, and things
//! dropped on the window.

use std::path::{Path, PathBuf};

use egui::{Context, Id, Key, Modifiers, TextEdit};
use fusionscope_engine::protocol::{DiskCommand, DiskNews};

use super::folders::{Folders, Picked};
use crate::action::Action;
use crate::look::{self, Icon, Tokens, space};
use crate::system_dialog::{Choice, Ending, FileKind, SystemDialog};

/// What is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wanted {
    /// A data set folder.
    Data,
    /// A recipe file.
    Recipe,
    /// A run folder or packed checkpoint.
    Run,
    /// The same, to compare with.
    Compared,
    /// The same, for a layout of this slot.
    LayoutRun(u64),
    /// A folder below which runs lie.
    RunsFolder,
    /// A study's file.
    Study,
}

const RECIPE: FileKind = FileKind { name: "Recipe", endings: &["toml"] };
const STUDY: FileKind = FileKind { name: "Study", endings: &["toml"] };
const MODEL: FileKind = FileKind { name: "Packed model", endings: &["safetensors"] };

impl Wanted {
    /// The system's dialogs that can find it, each with the word on its button.
    fn browsing(self) -> &'static [(Choice, &'static str)] {
        match self {
            Self::Data | Self::RunsFolder => &[(Choice::Folder, "Browse…")],
            Self::Recipe => &[(Choice::File(RECIPE), "Browse…")],
            Self::Run | Self::Compared | Self::LayoutRun(_) => {
                &[(Choice::Folder, "Run folder…"), (Choice::File(MODEL), "Model file…")]
            }
            Self::Study => &[(Choice::File(STUDY), "Browse…")],
        }
    }

    /// Points to leave for the buttons beside the path.
    fn browsing_width(self) -> f32 {
        if self.browsing().len() > 1 { 250.0 } else { 104.0 }
    }

    /// Whether it lies on the machine of the engine, wherever that is. Recipes and studies are read by the window.
    fn is_of_the_engine(self) -> bool {
        match self {
            Self::Data | Self::Run | Self::Compared | Self::LayoutRun(_) | Self::RunsFolder => true,
            Self::Recipe | Self::Study => false,
        }
    }

    fn title(self) -> &'static str {
        match self {
            Self::Data => "Open a data set",
            Self::Recipe => "Open a recipe",
            Self::Run => "Open a run",
            Self::Compared => "Compare with another run",
            Self::LayoutRun(_) => "Lay out a run's features",
            Self::RunsFolder => "Add a folder of runs",
            Self::Study => "Open a study",
        }
    }

    fn explanation(self) -> &'static str {
        match self {
            Self::Data => "A folder of a known layout (MFNet, MSRS, NYUDv2), or one with a dataset.toml",
            Self::Recipe => "A .toml file with settings of the catalogue",
            Self::Run => "A run folder, a folder of runs, or a packed checkpoint (.safetensors)",
            Self::Compared | Self::LayoutRun(_) => "A run folder, or a packed checkpoint (.safetensors)",
            Self::RunsFolder => "Every run below it is listed, however deep, such as those of a study",
            Self::Study => "The .toml file of a study; its runs lie below `studies`, in a folder of its name",
        }
    }

    fn action(self, path: PathBuf) -> Action {
        match self {
            Self::Data => Action::OpenDataFolder(path),
            Self::Recipe => Action::OpenRecipeFile(path),
            Self::Run => Action::OpenRunFolder(path),
            Self::RunsFolder => Action::ListRunsFolder(path),
            Self::Compared => Action::CompareWith(path),
            Self::LayoutRun(slot) => Action::SetLayoutRun { slot, run: Some(path) },
            Self::Study => Action::OpenStudy(path),
        }
    }
}

/// What a dialog ended with, or wants to know before it ends.
#[derive(Debug)]
pub(super) enum Chosen {
    /// Something to open.
    Open(Action),
    /// Whether there is anything at this path; [`Dialogs::found`] takes the answer.
    LookFor(PathBuf),
}

/// The dialog, if one is open, and the system's own, if one is out.
#[derive(Default)]
pub(super) struct Dialogs {
    open: Option<Wanted>,
    path: String,
    system: Option<(Wanted, SystemDialog)>,
    /// The typed path that is being looked for.
    sought: Option<PathBuf>,
    problem: Option<String>,
    /// It was just opened, and its field has not got the keys yet.
    is_fresh: bool,
    /// The engine's machine and its folders, where that is another one.
    machine: Option<(String, Folders)>,
}

impl Dialogs {
    /// From now on the engine is on this machine; on that of the window where it is `None`.
    pub(super) fn look_at_machine(&mut self, machine: Option<String>) {
        if self.machine.as_ref().map(|(machine, _)| machine) == machine.as_ref() {
            return;
        }
        self.machine = machine.map(|machine| (machine, Folders::default()));
        self.cancel();
    }

    /// What is to be asked of the engine's disk.
    pub(super) fn asks(&mut self) -> Option<DiskCommand> {
        self.machine.as_mut()?.1.asks()
    }

    /// Takes in what the engine's disk has answered.
    pub(super) fn hear(&mut self, news: &DiskNews) {
        let Some((_, folders)) = &mut self.machine else { return };
        if let Some(path) = folders.hear(news) {
            self.path = path.display().to_string();
        }
    }

    /// Opens the path dialog.
    pub(super) fn open(&mut self, wanted: Wanted) {
        self.open = Some(wanted);
        self.is_fresh = true;
        self.path.clear();
        self.sought = None;
        self.problem = None;
        if let Some((_, folders)) = self.machine.as_mut().filter(|_| wanted.is_of_the_engine()) {
            folders.look_again();
        }
    }

    /// Opens the dialog for a data set, and says why it is asked for.
    pub(super) fn ask_for_data(&mut self, why: String) {
        self.open(Wanted::Data);
        self.problem = Some(why);
    }

    /// Whether the path dialog is open.
    pub(super) fn is_open(&self) -> bool {
        self.open.is_some()
    }

    /// What the system's dialog has brought.
    pub(super) fn chosen(&mut self) -> Option<Action> {
        let (wanted, dialog) = self.system.as_ref()?;
        let (wanted, ending) = (*wanted, dialog.ending()?);
        self.system = None;
        match ending {
            Ending::Chosen(path) => {
                self.open = None;
                Some(wanted.action(path))
            }
            Ending::Closed => None,
            Ending::Failed(why) => {
                self.problem = Some(why);
                None
            }
        }
    }

    /// Whether there is anything at the path that was looked for: what opening it means. Answers that come after the
    /// user has gone on to something else are nobody's.
    pub(super) fn found(&mut self, path: &Path, is_there: bool) -> Option<Action> {
        let wanted = self.open?;
        let path = self.sought.take_if(|sought| *sought == *path)?;
        if !is_there {
            self.problem = Some(format!("There is nothing at {}", path.display()));
            return None;
        }
        self.open = None;
        Some(wanted.action(path))
    }

    /// Draws the dialog; `recent` are data sets and runs that were opened before.
    pub(super) fn ui(
        &mut self,
        ctx: &Context,
        tokens: &Tokens,
        (recent_data, recent_runs): (&[PathBuf], &[PathBuf]),
    ) -> Option<Chosen> {
        let wanted = self.open?;
        let recent = match wanted {
            Wanted::Data => recent_data,
            Wanted::Run | Wanted::Compared | Wanted::LayoutRun(_) => recent_runs,
            Wanted::Recipe | Wanted::RunsFolder | Wanted::Study => &[],
        };
        // Enter opens what was typed; on a button it presses that.
        let field_id = Id::unique("open-path-field");
        let is_at_button = ctx.memory(egui::Memory::focused).is_some_and(|id| id != field_id);
        let enter = !is_at_button && ctx.input_mut(|input| input.consume_key(Modifiers::NONE, Key::Enter));
        let (mut picked, mut typed, mut meant, mut browses) = (None, false, None, None);
        let folders = self.machine.as_ref().filter(|_| wanted.is_of_the_engine());
        let ((), goes) = look::modal(ctx, "open-path", 520.0, |ui| {
            ui.heading(wanted.title());
            ui.label(egui::RichText::new(wanted.explanation()).color(tokens.weak));
            ui.add_space(space::S);
            ui.horizontal(|ui| {
                let (hint, beside) = match folders {
                    Some(_) => ("Path on that machine", 0.0),
                    None => ("Path, or drop it on the window", wanted.browsing_width()),
                };
                let field = TextEdit::singleline(&mut self.path)
                    .id(field_id)
                    .hint_text(hint)
                    .desired_width((ui.available_width() - beside).max(60.0))
                    .margin(egui::Margin::symmetric(8, 5));
                let field = ui.add(field).accessible_name("Path");
                if self.is_fresh && self.problem.is_none() && !field.has_focus() {
                    field.request_focus();
                } else {
                    self.is_fresh = false;
                }
                let browsing: &[(Choice, &str)] = if folders.is_some() { &[] } else { wanted.browsing() };
                for (choice, word) in browsing {
                    let browse = look::button(ui, tokens, Some(Icon::Folder), word, false);
                    if browse.clicked() && self.system.is_none() {
                        browses = Some(choice.clone());
                    }
                }
            });
            if let Some(problem) = &self.problem {
                ui.add(egui::Label::new(look::small(problem.clone()).color(tokens.error)).wrap());
            } else if self.system.is_some() {
                ui.label(look::small("The system's dialog is open in a window of its own").color(tokens.weak));
            } else if let Some(sought) = &self.sought {
                let words = format!("Looking for {} …", sought.display());
                ui.label(look::small(words).color(tokens.weak));
            }
            if let Some((machine, folders)) = folders {
                ui.add_space(space::XS);
                ui.label(look::caption(tokens, format!("On {machine}")));
                meant = folders.ui(ui, tokens);
            }
            if !recent.is_empty() {
                ui.add_space(space::XS);
                ui.label(look::caption(tokens, "Recent"));
                for path in recent {
                    if ui.selectable_label(false, path.display().to_string()).clicked() {
                        picked = Some(path.clone());
                    }
                }
            }
            ui.add_space(space::M);
            ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                if look::primary_button(ui, tokens, Icon::Folder, "Open").clicked() || enter {
                    typed = true;
                }
                if look::button(ui, tokens, None, "Cancel", false).clicked() {
                    ui.close();
                }
            });
        });
        if let Some(choice) = browses {
            self.ask_system(wanted, choice, ctx);
        }
        if goes {
            self.cancel();
        }
        match meant {
            Some(Picked::Meant(path)) => {
                self.path = path.display().to_string();
                if let Some((_, folders)) = self.machine.as_mut().filter(|_| !is_model(&path)) {
                    folders.look_at(Some(path));
                }
            }
            Some(Picked::Open(path)) => picked = Some(path),
            None => {}
        }
        if let Some(path) = picked {
            self.open = None;
            return Some(Chosen::Open(wanted.action(path)));
        }
        let sought = if typed && self.open.is_some() { self.typed() } else { None };
        if self.machine.is_some() && wanted.is_of_the_engine() {
            // The engine says what there is at a path of its machine.
            return sought.map(|path| {
                self.open = None;
                Chosen::Open(wanted.action(path))
            });
        }
        sought.map(Chosen::LookFor)
    }

    /// What the system's dialog still brings after this is nobody's.
    fn cancel(&mut self) {
        self.open = None;
        self.system = None;
    }

    /// The path in the field, which is looked for before it is opened.
    fn typed(&mut self) -> Option<PathBuf> {
        let text = self.path.trim().trim_matches('"');
        if text.is_empty() {
            self.problem = Some("Type or choose a path first".to_owned());
            return None;
        }
        self.problem = None;
        self.sought = Some(PathBuf::from(text));
        self.sought.clone()
    }

    fn ask_system(&mut self, wanted: Wanted, choice: Choice, ctx: &Context) {
        self.problem = None;
        match SystemDialog::open(ctx, wanted.title(), choice) {
            Ok(dialog) => self.system = Some((wanted, dialog)),
            Err(why) => self.problem = Some(why),
        }
    }
}

/// Whether a file is meant, which has nothing in it to look at.
fn is_model(path: &Path) -> bool {
    path.extension().is_some_and(|ending| MODEL.endings.iter().any(|known| ending == *known))
}

/// What was dropped on the window.
pub(super) fn dropped(ctx: &Context) -> Vec<PathBuf> {
    ctx.input(|input| input.raw.dropped_files.iter().map(|file| file.path().to_owned()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_can_be_browsed_to_as_a_folder_and_as_a_packed_model() {
        let choices: Vec<Choice> = Wanted::Run.browsing().iter().map(|(choice, _)| choice.clone()).collect();
        assert_eq!(choices, [Choice::Folder, Choice::File(MODEL)]);
        assert_eq!(Wanted::Run.action("model.safetensors".into()), Action::OpenRunFolder("model.safetensors".into()));
    }

    #[test]
    fn a_typed_path_is_opened_when_it_is_found_and_not_after_the_user_has_gone_on() {
        let mut dialogs = Dialogs::default();
        let look_for = |dialogs: &mut Dialogs, path: &str| {
            dialogs.open(Wanted::Data);
            dialogs.path = format!(" \"{path}\" ");
            dialogs.typed().unwrap()
        };
        let path = look_for(&mut dialogs, "a folder");
        assert_eq!(dialogs.found(&path, false), None);
        assert!(dialogs.is_open() && dialogs.problem.as_deref() == Some("There is nothing at a folder"));
        let path = look_for(&mut dialogs, "a folder");
        assert_eq!(dialogs.found(&path, true), Some(Action::OpenDataFolder("a folder".into())));
        assert!(!dialogs.is_open());

        let (answer, system) = SystemDialog::awaiting();
        dialogs.open(Wanted::Data);
        dialogs.system = Some((Wanted::Data, system));
        dialogs.cancel();
        dialogs.open(Wanted::Recipe);
        // Nobody listens to the dialog that was given up.
        let _unheard = answer.send(Some("a folder".into()));
        assert_eq!(dialogs.chosen(), None);
        assert!(dialogs.is_open(), "and the new question stands");

        let late = look_for(&mut dialogs, "a slow folder");
        dialogs.open(Wanted::Recipe);
        assert_eq!(dialogs.found(&late, true), None);
        assert!(dialogs.is_open());
    }
}
