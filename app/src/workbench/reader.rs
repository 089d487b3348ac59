//! Files are looked at on threads of their own: a disk that sleeps, or a folder on a network that has gone, stops no
//! frame.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crossbeam_channel::{Receiver, Sender, bounded};
use fusionscope_engine::recipe::Recipe;

use crate::action::Action;
use crate::link::ssh;
use crate::places;

/// Answers that wait to be taken; threads that have more wait too.
const WAITING: usize = 16;

/// What the window wants to know of the disk. Each call may take as long as it likes.
pub(super) trait Files: Send + Sync {
    /// Reads a recipe file.
    fn recipe(&self, path: &Path) -> Result<Recipe, String>;

    /// Whether there is anything at this path.
    fn exists(&self, path: &Path) -> bool;

    /// Whether this is a folder of a run, or of several.
    fn is_run(&self, path: &Path) -> bool;

    /// Where the sample data lies.
    fn sample_data(&self) -> Result<PathBuf, String>;

    /// Where the demo model lies.
    fn demo_model(&self) -> Option<PathBuf>;

    /// The machines that the user's SSH configuration names.
    fn machines(&self) -> Vec<String> {
        Vec::new()
    }
}

/// The disk.
struct Disk;

impl Files for Disk {
    fn recipe(&self, path: &Path) -> Result<Recipe, String> {
        Recipe::read(path).map_err(|error| error.to_string())
    }

    fn exists(&self, path: &Path) -> bool {
        path.exists()
    }

    fn is_run(&self, path: &Path) -> bool {
        let is_run = |path: &Path| path.join("recipe.toml").is_file();
        let holds_runs = || {
            let inside = std::fs::read_dir(path).into_iter().flatten().flatten();
            inside.filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir())).any(|entry| is_run(&entry.path()))
        };
        is_run(path) || path.join("checkpoints").is_dir() || holds_runs()
    }

    fn sample_data(&self) -> Result<PathBuf, String> {
        places::sample_data()
    }

    fn demo_model(&self) -> Option<PathBuf> {
        places::demo_checkpoint()
    }

    fn machines(&self) -> Vec<String> {
        ssh::hosts()
    }
}

/// What is asked of the disk.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Question {
    /// What a recipe file says.
    Recipe(PathBuf),
    /// Whether there is anything at a path.
    Exists(PathBuf),
    /// What was dropped on the window.
    Dropped(PathBuf),
    /// Where the sample data lies.
    SampleData {
        /// Whether it shall be opened.
        opens: bool,
    },
    /// Where the demo model lies.
    DemoModel,
    /// Which machines the user's SSH configuration names.
    Machines,
}

/// What the disk answered.
#[derive(Debug)]
pub(super) enum Answer {
    /// What the recipe file that was asked for last says, or why it cannot be read.
    Recipe(Result<Box<Recipe>, String>),
    /// Whether there is anything at the path.
    Exists(PathBuf, bool),
    /// What opening the dropped thing means.
    Dropped(Action),
    /// Where the sample data lies, or where it was looked for.
    SampleData {
        /// The folder.
        found: Result<PathBuf, String>,
        /// Whether it shall be opened.
        opens: bool,
    },
    /// Where the demo model lies, if anywhere.
    DemoModel(Option<PathBuf>),
    /// The machines that the user's SSH configuration names.
    Machines(Vec<String>),
}

/// Asks the disk and gathers its answers.
pub(super) struct Reader {
    files: Arc<dyn Files>,
    ctx: egui::Context,
    sender: Sender<(Question, Answer)>,
    answers: Receiver<(Question, Answer)>,
    /// The recipe file that was asked for last: one that a slow disk brings after it is not wanted any more.
    recipe: Option<Question>,
}

impl Reader {
    /// A reader of the disk, which wakes this window when it has an answer.
    pub(super) fn new(ctx: &egui::Context) -> Self {
        Self::of(ctx, Arc::new(Disk))
    }

    /// The same on other files.
    pub(super) fn of(ctx: &egui::Context, files: Arc<dyn Files>) -> Self {
        let (sender, answers) = bounded(WAITING);
        Self { files, ctx: ctx.clone(), sender, answers, recipe: None }
    }

    /// Asks; returns at once, with a sentence where nobody could be sent.
    pub(super) fn ask(&mut self, question: Question) -> Result<(), String> {
        if matches!(question, Question::Recipe(_)) {
            self.recipe = Some(question.clone());
        }
        let (files, sender, ctx) = (Arc::clone(&self.files), self.sender.clone(), self.ctx.clone());
        let work = move || {
            let answer = answer(&*files, &question);
            // Nobody listens any more once the window has gone.
            let _gone = sender.send((question, answer));
            ctx.request_repaint();
        };
        // A thread a question: one that hangs holds up no other.
        let spawned = std::thread::Builder::new().name("fusionscope-files".to_owned()).spawn(work);
        spawned.map(drop).map_err(|error| format!("Files cannot be looked at: {error}"))
    }

    /// What has been answered since the last call.
    pub(super) fn answers(&mut self) -> Vec<Answer> {
        let Self { answers, recipe, .. } = self;
        let is_wanted =
            |question: &Question| !matches!(question, Question::Recipe(_)) || recipe.as_ref() == Some(question);
        answers.try_iter().filter(|(question, _)| is_wanted(question)).map(|(_, answer)| answer).collect()
    }
}

fn answer(files: &dyn Files, question: &Question) -> Answer {
    match question {
        Question::Recipe(path) => Answer::Recipe(files.recipe(path).map(Box::new)),
        Question::Exists(path) => Answer::Exists(path.clone(), files.exists(path)),
        Question::Dropped(path) => Answer::Dropped(opening(files, path)),
        Question::Machines => Answer::Machines(files.machines()),
        Question::DemoModel => Answer::DemoModel(files.demo_model()),
        Question::SampleData { opens } => Answer::SampleData { found: files.sample_data(), opens: *opens },
    }
}

/// What opening this path means.
fn opening(files: &dyn Files, path: &Path) -> Action {
    let path_buf = path.to_owned();
    let has = |ending: &str| path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case(ending));
    if has("toml") && path.file_name().is_some_and(|name| name == "dataset.toml") {
        return Action::OpenDataFolder(path.parent().map_or(path_buf, Path::to_owned));
    }
    if has("toml") {
        return Action::OpenRecipeFile(path_buf);
    }
    if has("safetensors") || files.is_run(path) {
        return Action::OpenRunFolder(path_buf);
    }
    Action::OpenDataFolder(path_buf)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_dropped_opens_as_what_it_is() {
        let action_for = |path: &str| opening(&Disk, Path::new(path));
        assert_eq!(action_for("a/mine.toml"), Action::OpenRecipeFile("a/mine.toml".into()));
        assert_eq!(action_for("a/dataset.toml"), Action::OpenDataFolder("a".into()));
        assert_eq!(action_for("x.safetensors"), Action::OpenRunFolder("x.safetensors".into()));
        assert_eq!(action_for("pictures"), Action::OpenDataFolder("pictures".into()));
        let folder = tempfile::tempdir().unwrap();
        let runs = folder.path().join("runs");
        std::fs::create_dir_all(runs.join("one")).unwrap();
        assert_eq!(opening(&Disk, &runs), Action::OpenDataFolder(runs.clone()));
        std::fs::write(runs.join("one/recipe.toml"), "").unwrap();
        assert_eq!(opening(&Disk, &runs), Action::OpenRunFolder(runs));
    }
}
