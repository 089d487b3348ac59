//! The one dialog in which something is written to files: what, in which form, how large, in which colours, where to.

use std::path::Path;

use egui::{ComboBox, Context, DragValue, Label, Ui};
use fusionscope_engine::files::write_whole;

use crate::arrangement::PaneKind;
use crate::exhibit::{Exhibit, Format, Sheet};
use crate::look::{self, Theme, Tokens, space};
use crate::panes::saving::{self, Saving};

/// Widths and heights in millimetres that papers and slides have room for.
const SIZES: [(&str, [f64; 2]); 3] = [("Column", [85.0, 60.0]), ("Page", [175.0, 100.0]), ("Slide", [254.0, 143.0])];
/// Pixels an inch: of a screen, of print, of line art.
const DPIS: [f64; 3] = [96.0, 300.0, 600.0];

/// Writes what was chosen to a path, or says why not.
type Write = Box<dyn Fn(&Path) -> Result<(), String> + Send + Sync>;

/// The dialog.
#[derive(Debug, Default)]
pub(super) struct Exporting {
    saving: Saving,
    exhibits: Vec<Exhibit>,
    /// Whose exhibits they are.
    pub(super) pane: PaneKind,
    wish: Wish,
}

/// What was chosen in it, which the next export begins with.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Wish {
    /// The place of what is written among what the pane shows.
    chosen: usize,
    format: Format,
    sheet: Sheet,
    theme: Theme,
    /// The numbers go into a file beside it.
    with_numbers: bool,
}

impl Default for Wish {
    fn default() -> Self {
        let sheet = Sheet::default();
        Self { chosen: 0, format: Format::Png, sheet, theme: Theme::Light, with_numbers: false }
    }
}

impl Exporting {
    pub(super) fn is_open(&self) -> bool {
        self.saving.is_asking()
    }

    /// In which colours it is drawn.
    pub(super) fn theme(&self) -> Theme {
        self.wish.theme
    }

    /// Asks what of these is written, beginning with the one of this title.
    pub(super) fn open(&mut self, pane: PaneKind, exhibits: Vec<Exhibit>, part: Option<&str>) {
        let chosen = exhibits.iter().position(|exhibit| Some(exhibit.title.as_str()) == part).unwrap_or(0);
        (self.pane, self.exhibits, self.wish.chosen) = (pane, exhibits, chosen);
        self.settle();
        let Some((export, write)) = self.file() else { return };
        self.saving.ask(export, write);
    }

    /// The same things in other colours.
    pub(super) fn replace(&mut self, exhibits: Vec<Exhibit>) {
        let title = self.exhibits.get(self.wish.chosen).map(|exhibit| exhibit.title.clone());
        self.wish.chosen = exhibits.iter().position(|exhibit| Some(&exhibit.title) == title.as_ref()).unwrap_or(0);
        self.exhibits = exhibits;
        self.settle();
        self.change();
    }

    /// Takes a form that there is.
    fn settle(&mut self) {
        let formats = self.exhibits.get(self.wish.chosen).map_or_else(Vec::new, Exhibit::formats);
        if let (false, Some(first)) = (formats.contains(&self.wish.format), formats.first()) {
            self.wish.format = *first;
        }
    }

    fn change(&mut self) {
        if let Some((export, write)) = self.file() {
            self.saving.change(export, write);
        }
    }

    /// The file that is to be written, and how.
    fn file(&self) -> Option<(saving::Export, Write)> {
        let exhibit = self.exhibits.get(self.wish.chosen)?.clone();
        let Wish { format, sheet, with_numbers, .. } = self.wish;
        let beside = (with_numbers && has_numbers_beside(&exhibit, format)).then_some(Format::Csv.ending());
        let name = format!("{}.{}", exhibit.stem, format.ending());
        let export = saving::Export { title: "Export", name, kind: format.kind(), beside };
        let write = move |path: &Path| {
            let numbers = beside.map(|ending| (path.with_extension(ending), Format::Csv));
            for (path, format) in std::iter::once((path.to_owned(), format)).chain(numbers) {
                let bytes = exhibit.bytes(format, sheet);
                let written = bytes.and_then(|bytes| write_whole(&path, &bytes).map_err(|error| error.to_string()));
                written.map_err(|why| format!("{} could not be written: {why}: {}", exhibit.title, path.display()))?;
            }
            Ok(())
        };
        Some((export, Box::new(write)))
    }

    /// Draws it. Returns what came of the last export, and whether other colours were asked for.
    pub(super) fn ui(&mut self, ctx: &Context, tokens: &Tokens) -> (Option<Result<String, String>>, bool) {
        let mut wish = self.wish;
        let exhibits = &self.exhibits;
        self.saving.question_ui(ctx, tokens, |ui| head(ui, tokens, exhibits, &mut wish));
        let before = std::mem::replace(&mut self.wish, wish);
        self.settle();
        if self.wish != before {
            self.change();
        }
        if !self.saving.is_busy() {
            self.exhibits.clear();
        }
        (self.saving.take_outcome(), self.wish.theme != before.theme)
    }
}

fn has_numbers_beside(exhibit: &Exhibit, format: Format) -> bool {
    format != Format::Csv && exhibit.formats().contains(&Format::Csv)
}

/// What stands above the path.
fn head(ui: &mut Ui, tokens: &Tokens, exhibits: &[Exhibit], wish: &mut Wish) {
    ui.spacing_mut().item_spacing.y = space::S;
    if exhibits.len() > 1 {
        let name = exhibits.get(wish.chosen).map_or("", |exhibit| exhibit.title.as_str());
        let combo = ComboBox::from_id_salt("export-what").selected_text(name).truncate().width(360.0).height(420.0);
        let combo = combo.show_ui(ui, |ui| {
            for (place, exhibit) in exhibits.iter().enumerate() {
                ui.selectable_value(&mut wish.chosen, place, exhibit.title.as_str());
            }
        });
        combo.response.accessible_name("What is exported");
    } else if let Some(only) = exhibits.first() {
        ui.label(look::medium(&only.title).color(tokens.text));
    }
    let Some(exhibit) = exhibits.get(wish.chosen) else { return };
    let formats = exhibit.formats();
    if !formats.contains(&wish.format) {
        wish.format = formats.first().copied().unwrap_or(wish.format);
    }
    let words: Vec<&str> = formats.iter().map(|format| format.word()).collect();
    let place = formats.iter().position(|format| *format == wish.format).unwrap_or(0);
    if let Some(place) = look::segmented(ui, tokens, "export-format", &words, place) {
        wish.format = formats[place];
    }
    let is_drawn = exhibit.is_drawn(wish.format);
    if exhibit.is_sized(wish.format) {
        size_ui(ui, tokens, &mut wish.sheet);
    }
    if is_drawn {
        ui.horizontal(|ui| {
            if wish.format == Format::Png {
                let dpi = DragValue::new(&mut wish.sheet.dpi).range(36.0..=1200.0).speed(2.0).max_decimals(0);
                ui.add(dpi.suffix(" dpi")).accessible_name("Pixels an inch");
                for dpi in DPIS {
                    if ui.selectable_label(wish.sheet.dpi == dpi, format!("{dpi:.0}")).clicked() {
                        wish.sheet.dpi = dpi;
                    }
                }
                ui.separator();
            }
            let themes = [Theme::Light, Theme::Dark];
            let place = usize::from(wish.theme == Theme::Dark);
            if let Some(place) = look::segmented(ui, tokens, "export-theme", &["On white", "On dark"], place) {
                wish.theme = themes[place];
            }
        });
    }
    ui.horizontal(|ui| {
        if has_numbers_beside(exhibit, wish.format) {
            ui.checkbox(&mut wish.with_numbers, "The numbers too, as CSV beside it");
        }
        if wish.format.is_text() && ui.button("Copy").on_hover_text("To the clipboard, without a file").clicked() {
            let bytes = exhibit.bytes(wish.format, wish.sheet).unwrap_or_default();
            ui.ctx().copy_text(String::from_utf8_lossy(&bytes).into_owned());
        }
    });
    if !exhibit.command.is_empty() {
        ui.label(look::small("The same from the command line, as the file will say:").color(tokens.weak));
        ui.horizontal(|ui| {
            if ui.button("Copy the command").clicked() {
                ui.ctx().copy_text(exhibit.command.clone());
            }
            let words = egui::RichText::new(&exhibit.command).monospace().size(look::size::SMALL).color(tokens.text);
            ui.add(Label::new(words).truncate()).on_hover_text(&exhibit.command);
        });
    }
    ui.add_space(space::XS);
}

fn size_ui(ui: &mut Ui, tokens: &Tokens, sheet: &mut Sheet) {
    ui.horizontal(|ui| {
        for (side, name) in sheet.millimetres.iter_mut().zip(["Width", "Height"]) {
            let field = DragValue::new(side).range(30.0..=1000.0).speed(0.5).max_decimals(1).suffix(" mm");
            ui.label(look::small(name).color(tokens.weak));
            ui.add(field).accessible_name(name);
        }
        for (word, millimetres) in SIZES {
            if ui.selectable_label(sheet.millimetres == millimetres, word).clicked() {
                sheet.millimetres = millimetres;
            }
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open(exhibits: Vec<Exhibit>, part: Option<&str>) -> Exporting {
        let mut exporting = Exporting::default();
        exporting.open(PaneKind::Curves, exhibits, part);
        exporting
    }

    #[test]
    fn the_part_that_is_asked_for_is_chosen_and_a_form_that_it_lacks_is_not() {
        let text = |title: &str| Exhibit::new(title, "words").text(Format::Text, "a".to_owned());
        let exporting = open(vec![text("first"), text("second")], Some("second"));
        assert_eq!((exporting.wish.chosen, exporting.wish.format), (1, Format::Text));
        assert!(exporting.is_open());
        let (export, _) = exporting.file().unwrap();
        assert_eq!((export.name.as_str(), export.beside), ("words.txt", None));
        assert_eq!(open(vec![text("first")], Some("gone")).wish.chosen, 0);
    }

    #[test]
    fn numbers_go_beside_a_picture_and_both_files_are_written() {
        let picture = Exhibit::new("Plot", "plot").with(Format::Png, || Ok(vec![7])).csv("a\n1\n".to_owned());
        let mut exporting = open(vec![picture], None);
        exporting.wish.with_numbers = true;
        let (export, write) = exporting.file().unwrap();
        assert_eq!((export.name.as_str(), export.beside), ("plot.png", Some("csv")));
        let folder = tempfile::tempdir().unwrap();
        write(&folder.path().join("mine.png")).unwrap();
        assert_eq!(std::fs::read(folder.path().join("mine.png")).unwrap(), [7]);
        assert_eq!(std::fs::read_to_string(folder.path().join("mine.csv")).unwrap(), "a\n1\n");
        let refused = write(&folder.path().join("no such folder/a.png")).unwrap_err();
        assert!(refused.starts_with("Plot could not be written") && refused.ends_with("a.png"), "{refused}");
        exporting.wish.format = Format::Csv;
        assert_eq!(exporting.file().unwrap().0.beside, None, "numbers have none beside themselves");
    }
}
