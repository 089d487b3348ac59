//! Folders of the engine's machine, as the engine lists them, where the system's dialog would show this machine's.

use std::path::{Path, PathBuf};

use egui::{Align, Layout, ScrollArea, Ui};
use fusionscope_engine::protocol::{DiskCommand, DiskNews, EntryKind, FolderEntry, FolderListing};

use crate::look::{self, Tokens, space};

/// How much of a folder is in sight, in points.
const HEIGHT: f32 = 240.0;

/// What of a folder was chosen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Picked {
    /// This is meant; of a folder, what lies in it is shown.
    Meant(PathBuf),
    /// It is to be opened.
    Open(PathBuf),
}

/// The folder in sight.
#[derive(Debug, Default)]
pub(super) struct Folders {
    listing: Option<FolderListing>,
    /// What was asked for last, while there is no answer.
    asked: Option<DiskCommand>,
    /// Whether that is still to be said.
    is_to_be_asked: bool,
    problem: Option<String>,
}

impl Folders {
    /// Looks at a folder; at the user's own where it is `None`.
    pub(super) fn look_at(&mut self, path: Option<PathBuf>) {
        self.asked = Some(DiskCommand::List { path });
        self.is_to_be_asked = true;
    }

    /// Looks at the folder in sight once more, or at the first.
    pub(super) fn look_again(&mut self) {
        self.look_at(self.listing.as_ref().map(|listing| listing.path.clone()));
    }

    /// What is to be asked of the engine.
    pub(super) fn asks(&mut self) -> Option<DiskCommand> {
        std::mem::take(&mut self.is_to_be_asked).then(|| self.asked.clone()).flatten()
    }

    /// Takes in what the engine has answered; the folder that came into sight. What was asked for before the last
    /// question is nobody's.
    pub(super) fn hear(&mut self, news: &DiskNews) -> Option<&Path> {
        match news {
            DiskNews::Listed(listing) => {
                let Some(DiskCommand::List { path }) = &self.asked else { return None };
                if path.as_ref().is_some_and(|path| *path != listing.path) {
                    return None;
                }
                (self.asked, self.problem) = (None, None);
                Some(&self.listing.insert(listing.clone()).path)
            }
            DiskNews::Refused { asked, failure } if self.asked.as_ref() == Some(asked) => {
                self.asked = None;
                self.problem = Some(failure.text.clone());
                None
            }
            DiskNews::Refused { .. } | DiskNews::Contents(_) | DiskNews::Piece { .. } => None,
        }
    }

    /// Draws the folder in sight.
    pub(super) fn ui(&self, ui: &mut Ui, tokens: &Tokens) -> Option<Picked> {
        if let Some(problem) = &self.problem {
            ui.add(egui::Label::new(look::small(problem.clone()).color(tokens.error)).wrap());
        }
        let Some(listing) = &self.listing else {
            ui.label(look::small("Asking the engine's machine …").color(tokens.weak));
            return None;
        };
        let mut picked = None;
        let rows = listing.entries.len() + usize::from(listing.parent.is_some());
        let height = ui.text_style_height(&egui::TextStyle::Body) + space::S;
        ScrollArea::vertical().max_height(HEIGHT).auto_shrink([false, true]).show_rows(
            ui,
            height,
            rows,
            |ui, shown| {
                for row in shown {
                    let entry = match &listing.parent {
                        Some(parent) if row == 0 => {
                            if ui.selectable_label(false, "The folder above").clicked() {
                                picked = Some(Picked::Meant(parent.clone()));
                            }
                            continue;
                        }
                        Some(_) => listing.entries.get(row - 1),
                        None => listing.entries.get(row),
                    };
                    if let Some(entry) = entry {
                        picked = entry_ui(ui, tokens, entry).or(picked.take());
                    }
                }
            },
        );
        if listing.entries.is_empty() {
            ui.label(look::small("Nothing in it can be opened").color(tokens.weak));
        }
        if listing.further > 0 {
            let words = format!("{} further entries: type their path", look::count(listing.further));
            ui.label(look::small(words).color(tokens.weak));
        }
        picked
    }
}

fn entry_ui(ui: &mut Ui, tokens: &Tokens, entry: &FolderEntry) -> Option<Picked> {
    let name = entry.path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    let word = match entry.kind {
        EntryKind::Folder => "",
        EntryKind::DataSet => "data set",
        EntryKind::Run => "run",
        EntryKind::Model => "model",
    };
    let row = |ui: &mut Ui| {
        let response = ui.selectable_label(false, name);
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            ui.label(look::small(word).color(tokens.weak));
        });
        response
    };
    let response = ui.horizontal(row).inner;
    if response.double_clicked() && entry.kind != EntryKind::Folder {
        return Some(Picked::Open(entry.path.clone()));
    }
    response.clicked().then(|| Picked::Meant(entry.path.clone()))
}

#[cfg(test)]
mod tests {
    use fusionscope_engine::protocol::Failure;

    use super::*;

    #[test]
    fn only_the_answer_to_the_last_question_is_taken() {
        let mut folders = Folders::default();
        let listed = |path: &str| DiskNews::Listed(FolderListing { path: path.into(), ..FolderListing::default() });
        folders.look_at(None);
        assert_eq!(folders.asks(), Some(DiskCommand::List { path: None }));
        assert_eq!(folders.asks(), None, "asked once");
        assert_eq!(folders.hear(&listed("/home/me")), Some(Path::new("/home/me")));
        assert_eq!(folders.hear(&listed("/late")), None);
        folders.look_at(Some("/a".into()));
        folders.look_at(Some("/b".into()));
        let asked = folders.asks().unwrap();
        assert_eq!(folders.hear(&listed("/a")), None);
        let refused = DiskNews::Refused { asked, failure: Failure::refused("Nobody may") };
        assert_eq!(folders.hear(&refused), None);
        assert_eq!(folders.problem.as_deref(), Some("Nobody may"));
        assert_eq!(folders.listing.as_ref().map(|listing| listing.path.as_path()), Some(Path::new("/home/me")));
        folders.look_again();
        assert_eq!(folders.asks(), Some(DiskCommand::List { path: Some("/home/me".into()) }));
    }
}
