//! What a part of the pane shows, as a file or on the clipboard.

use std::path::Path;

use egui::Ui;
use fusionscope_engine::drawing::{Drawing, Print, drawing_file};
use fusionscope_engine::files::write_whole;

use crate::panes::PaneContext;
use crate::panes::saving::{self, Saving};
use crate::system_dialog::FileKind;

const FILE: saving::Export = saving::Export {
    title: "Save the figures",
    name: "robustness.svg",
    kind: FileKind {
        name: "A picture as SVG, PNG or PDF, or a table as CSV, as the ending says",
        endings: &["svg", "png", "pdf", "csv"],
    },
};

/// A table, and the picture of it.
#[derive(Clone, Debug)]
pub(super) struct Sheet {
    pub(super) csv: String,
    pub(super) picture: Result<Drawing, String>,
}

/// The question where to.
#[derive(Debug, Default)]
pub(super) struct Export {
    saving: Saving,
}

impl Export {
    /// The button of the part that is called so, with its menu; what it shows is put together when it is asked for.
    pub(super) fn menu(&mut self, ui: &mut Ui, name: &str, sheet: impl Fn() -> Sheet) {
        let menu = ui.menu_button("Export ▾", |ui| {
            if ui.add_enabled(!self.saving.is_busy(), egui::Button::new("Save as SVG, PNG, PDF or CSV…")).clicked() {
                let sheet = sheet();
                self.saving.ask(FILE, move |path| write(path, &sheet));
                ui.close();
            }
            if ui.button("Copy as CSV").clicked() {
                ui.ctx().copy_text(sheet().csv);
                self.saving.say(&format!("Copied {name} as CSV"));
                ui.close();
            }
        });
        menu.response.accessible_name(format!("Export {name}"));
    }

    /// Draws what is asked, and what came of it.
    pub(super) fn ui(&mut self, ui: &Ui, ctx: &PaneContext<'_>) {
        self.saving.ui(ui, ctx);
    }
}

fn write(path: &Path, sheet: &Sheet) -> Result<(), String> {
    let is_table = path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("csv"));
    let bytes = if is_table {
        Ok(sheet.csv.clone().into_bytes())
    } else {
        drawing_file(path, &Print::default(), || sheet.picture.clone())
            .map_err(|why| format!("{why}; a table's in .csv"))
    };
    let written = bytes.and_then(|bytes| write_whole(path, &bytes).map_err(|error| error.to_string()));
    written.map_err(|reason| format!("Could not write the figures: {reason}: {}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_written_as_the_ending_says() {
        let picture = Ok(Drawing { width: 8.0, height: 8.0, ..Drawing::default() });
        let sheet = Sheet { csv: "a,b\n".to_owned(), picture };
        let folder = tempfile::tempdir().unwrap();
        for (name, begins) in [("f.CSV", "a,b"), ("f.svg", "<svg"), ("f.png", "\u{fffd}PNG"), ("f.pdf", "%PDF")] {
            let path = folder.path().join(name);
            write(&path, &sheet).unwrap();
            let written = std::fs::read(&path).unwrap();
            assert!(String::from_utf8_lossy(&written).starts_with(begins), "{name}");
        }
        let refused = write(&folder.path().join("f.doc"), &sheet).unwrap_err();
        assert!(refused.contains(".svg, .png or .pdf; a table's in .csv") && refused.ends_with("f.doc"), "{refused}");
    }
}
