//! A study's table as a file or on the clipboard.

use std::path::Path;

use egui::Ui;
use fusionscope_engine::drawing::Print;
use fusionscope_engine::files::write_whole;
use fusionscope_engine::study::{Table, csv_text, latex, markdown, picture_file, terminal};

use crate::panes::PaneContext;
use crate::panes::saving::{self, Saving};
use crate::system_dialog::FileKind;

const TABLE: saving::Export = saving::Export {
    title: "Save the table",
    name: "table.md",
    kind: FileKind {
        name: "Markdown, CSV, LaTeX, JSON or text, or its differences as SVG, PNG or PDF, as the ending says",
        endings: &["md", "csv", "tex", "json", "txt", "svg", "png", "pdf"],
    },
};

/// A form of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Markdown,
    Csv,
    Latex,
    Json,
    Text,
}

impl Form {
    const ALL: [(Self, &'static str); 5] = [
        (Self::Markdown, "Markdown"),
        (Self::Csv, "CSV"),
        (Self::Latex, "LaTeX"),
        (Self::Json, "JSON"),
        (Self::Text, "text"),
    ];

    /// The form that a file's ending asks for.
    fn of(path: &Path) -> Option<Self> {
        match ending_of(path).as_str() {
            "md" | "markdown" => Some(Self::Markdown),
            "csv" => Some(Self::Csv),
            "tex" => Some(Self::Latex),
            "json" => Some(Self::Json),
            "txt" => Some(Self::Text),
            _ => None,
        }
    }

    fn text(self, table: &Table) -> String {
        match self {
            Self::Markdown => markdown(table),
            Self::Csv => csv_text(table),
            Self::Latex => latex(table),
            // Numbers and text alone always have a form.
            Self::Json => serde_json::to_string_pretty(table).unwrap_or_default(),
            Self::Text => terminal(table, None),
        }
    }
}

/// The menu, and the question where to.
#[derive(Debug, Default)]
pub(super) struct Export {
    saving: Saving,
}

impl Export {
    /// The button with its menu.
    pub(super) fn menu(&mut self, ui: &mut Ui, table: &Table) {
        ui.menu_button("Export ▾", |ui| {
            if ui.add_enabled(!self.saving.is_busy(), egui::Button::new("To a file…")).clicked() {
                let table = table.clone();
                self.saving.ask(TABLE, move |path| write(path, &table));
            }
            ui.separator();
            for (form, name) in Form::ALL {
                if ui.button(format!("Copy as {name}")).clicked() {
                    ui.ctx().copy_text(form.text(table));
                    self.saving.say(&format!("Copied the table as {name}"));
                }
            }
        });
    }

    /// Draws what is asked, and what came of it.
    pub(super) fn ui(&mut self, ui: &Ui, ctx: &PaneContext<'_>) {
        self.saving.ui(ui, ctx);
    }
}

/// Writes a table in the form that the file's ending asks for, or a picture of its differences.
fn write(path: &Path, table: &Table) -> Result<(), String> {
    let reason = match (Form::of(path), ending_of(path).as_str()) {
        (Some(form), _) => write_whole(path, form.text(table).as_bytes()).map_err(|error| error.to_string()),
        (None, "svg" | "png" | "pdf") => picture_file(table, path, &Print::default())
            .and_then(|bytes| write_whole(path, &bytes).map_err(|error| error.to_string())),
        (None, _) => Err(format!("expected an ending among {}", TABLE.kind.endings.join(", "))),
    };
    reason.map_err(|reason| format!("Could not write the table: {reason}: {}", path.display()))
}

fn ending_of(path: &Path) -> String {
    path.extension().unwrap_or_default().to_string_lossy().to_lowercase()
}

#[cfg(test)]
mod tests {
    use fusionscope_engine::study::Study;

    use super::*;

    #[test]
    fn a_table_is_written_as_the_ending_says_and_refused_where_it_says_nothing() {
        let text = "title = 'Two & more'\nbase = 'baseline-demo'\nseeds = 1\n[[rows]]\nname = 'a'\n";
        let table = Study::from_text(text, Path::new("s.toml")).unwrap().table_from([]);
        let folder = tempfile::tempdir().unwrap();
        for (name, begins) in [
            ("t.md", "**Two & more**"),
            ("t.CSV", "row,"),
            ("t.tex", "% \\usepackage"),
            ("t.json", "{"),
            ("t.txt", "Two"),
        ] {
            let path = folder.path().join(name);
            write(&path, &table).unwrap();
            let written = std::fs::read_to_string(&path).unwrap();
            assert!(written.starts_with(begins), "{name}: {written}");
        }
        let refused = write(&folder.path().join("t.doc"), &table).unwrap_err();
        assert!(refused.contains("tex, json") && refused.ends_with("t.doc"), "{refused}");
    }
}
