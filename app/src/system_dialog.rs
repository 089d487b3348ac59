//! The system's file dialog, on a thread of its own: it may hang, be missing altogether, or fail without a word; the
//! window may not.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, TryRecvError, bounded};

/// Nobody closes a dialog as fast as this: it was never there.
const BLINK: Duration = Duration::from_millis(350);

/// What a dialog lets the user choose: it cannot offer folders and files together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Choice {
    /// A folder that is there.
    Folder,
    /// A file that is there.
    File(FileKind),
    /// A file to be written, by the name that is proposed.
    NewFile(FileKind, String),
}

/// A kind of file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileKind {
    /// What it is called.
    pub name: &'static str,
    /// The endings that such files have.
    pub endings: &'static [&'static str],
}

/// A dialog that is out.
#[derive(Debug)]
pub struct SystemDialog {
    answer: Receiver<Option<PathBuf>>,
    opened: Instant,
}

/// What a dialog ended with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ending {
    /// A path.
    Chosen(PathBuf),
    /// The user has closed it.
    Closed,
    /// It did not open, in a sentence.
    Failed(String),
}

impl SystemDialog {
    /// Opens one; wakes the window when it has ended.
    ///
    /// # Errors
    ///
    /// A sentence, where the system has no thread for it.
    pub fn open(ctx: &egui::Context, title: &str, choice: Choice) -> Result<Self, String> {
        let (sender, answer) = bounded(1);
        let (ctx, title) = (ctx.clone(), title.to_owned());
        let work = move || {
            let dialog = rfd::FileDialog::new().set_title(title);
            let path = match choice {
                Choice::Folder => dialog.pick_folder(),
                Choice::File(kind) => dialog.add_filter(kind.name, kind.endings).pick_file(),
                Choice::NewFile(kind, name) => {
                    dialog.add_filter(kind.name, kind.endings).set_file_name(name).save_file()
                }
            };
            // Nobody listens any more once the window has gone.
            let _gone = sender.send(path);
            ctx.request_repaint();
        };
        match std::thread::Builder::new().name("fusionscope-file-dialog".to_owned()).spawn(work) {
            Ok(_detached) => Ok(Self { answer, opened: Instant::now() }),
            Err(error) => Err(format!("The system's file dialog did not open: {error}")),
        }
    }

    /// One that is out, and the end at which it is answered.
    #[cfg(test)]
    pub(crate) fn awaiting() -> (crossbeam_channel::Sender<Option<PathBuf>>, Self) {
        let (sender, answer) = bounded(1);
        (sender, Self { answer, opened: Instant::now() })
    }

    /// What it ended with; `None` while it is out.
    pub fn ending(&self) -> Option<Ending> {
        match self.answer.try_recv() {
            Ok(Some(path)) => Some(Ending::Chosen(path)),
            // A system without dialogs gives the same answer as a user who has closed one, only sooner.
            Ok(None) if self.opened.elapsed() > BLINK => Some(Ending::Closed),
            Ok(None) | Err(TryRecvError::Disconnected) => {
                Some(Ending::Failed("The system's file dialog did not open; type the path instead".to_owned()))
            }
            Err(TryRecvError::Empty) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dialog(answers: &[Option<&str>], since: Duration) -> SystemDialog {
        let (sender, answer) = bounded(1);
        for path in answers {
            sender.send(path.map(PathBuf::from)).unwrap();
        }
        SystemDialog { answer, opened: Instant::now().checked_sub(since).unwrap() }
    }

    #[test]
    fn a_dialog_that_never_opened_is_told_from_one_that_was_closed() {
        let (at_once, later) = (Duration::ZERO, Duration::from_secs(2));
        assert!(
            matches!(dialog(&[None], at_once).ending(), Some(Ending::Failed(why)) if why.contains("type the path"))
        );
        assert_eq!(dialog(&[None], later).ending(), Some(Ending::Closed));
        assert_eq!(dialog(&[Some("a.csv")], at_once).ending(), Some(Ending::Chosen("a.csv".into())));
    }

    #[test]
    fn a_dialog_whose_thread_has_died_has_failed() {
        assert!(matches!(dialog(&[], Duration::from_secs(9)).ending(), Some(Ending::Failed(_))));
    }
}
