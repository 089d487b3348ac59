//! Puts a study together: which parts of the recipe are switched, from how many seeds, and what the table shows.

use std::path::{Path, PathBuf};
use std::rc::Rc;

use crossbeam_channel::{Receiver, bounded};
use egui::{Button, ComboBox, DragValue, Grid, TextEdit, Ui, vec2};
use fusionscope_engine::files::write_whole;
use fusionscope_engine::protocol::WhatIf;
use fusionscope_engine::recipe::Recipe;
use fusionscope_engine::recipe::catalogue::training;
use fusionscope_engine::study::{Draft, DraftRow, MOST_PARTS, Matrix, Part, Planned};

use super::preview;
use super::wish::{METRICS, Wish, tags_of};
use crate::action::Action;
use crate::look::{self, Icon, space};
use crate::panes::PaneContext;
use crate::panes::saving::{self, Saving};
use crate::store::study::time_of;
use crate::system_dialog::FileKind;

/// The file of a study.
fn study_file() -> saving::Export {
    let kind = FileKind { name: "Study", endings: &["toml"] };
    saving::Export { title: "Save the study", name: "study.toml".to_owned(), kind, beside: None }
}

/// What a run gets at first where its length is in seconds.
const USUAL_SECONDS: f64 = 120.0;

/// The narrowest pane in which the rows stand beside the ticks.
const BESIDE_FROM: f32 = 760.0;

/// What was ticked, and the rows that follow.
#[derive(Debug, Default)]
pub(super) struct Builder {
    wish: Wish,
    /// The rows with what they follow from.
    planned: Option<(u64, Wish, Rc<Vec<Planned>>)>,
}

impl Builder {
    pub(super) fn show(
        &mut self,
        ui: &mut Ui,
        ctx: &PaneContext<'_>,
        saving: &mut Saving,
        saved: &mut Option<Receiver<PathBuf>>,
    ) {
        let tokens = ctx.tokens;
        ui.label(look::semibold("New study").size(look::size::TITLE).color(tokens.text));
        let words =
            format!("Parts of {} switched off and on, each row trained from the same seeds", ctx.store.recipe.name);
        ui.add(egui::Label::new(look::small(words).color(tokens.weak)).wrap());
        ui.add_space(space::S);
        if ui.available_width() >= BESIDE_FROM {
            ui.columns(2, |columns| {
                if let [left, right] = columns {
                    self.parts(left, ctx);
                    self.rest(right, ctx, saving, saved);
                }
            });
        } else {
            self.parts(ui, ctx);
            ui.add_space(space::M);
            self.rest(ui, ctx, saving, saved);
        }
    }

    /// The study as it is put together by now; a sentence where it is none yet.
    pub(super) fn draft(&mut self, ctx: &PaneContext<'_>) -> Result<Draft, String> {
        let rows = self.rows(ctx);
        self.wish.draft(ctx.store, &rows).map_err(str::to_owned)
    }

    /// The rows; worked out anew only where recipe or wish have changed.
    fn rows(&mut self, ctx: &PaneContext<'_>) -> Rc<Vec<Planned>> {
        let revision = ctx.store.recipe.revision();
        match &self.planned {
            Some((known, wish, rows)) if *known == revision && *wish == self.wish => Rc::clone(rows),
            _ => {
                let rows = Rc::new(self.wish.rows(&ctx.store.recipe));
                self.planned = Some((revision, self.wish.clone(), Rc::clone(&rows)));
                rows
            }
        }
    }

    /// Which parts, and how they are switched.
    fn parts(&mut self, ui: &mut Ui, ctx: &PaneContext<'_>) {
        let tokens = ctx.tokens;
        let words = Matrix::ALL.map(Matrix::title);
        let chosen = Matrix::ALL.iter().position(|matrix| *matrix == self.wish.matrix).unwrap_or_default();
        ui.horizontal_wrapped(|ui| {
            if let Some(place) = look::segmented(ui, tokens, "matrix", &words, chosen) {
                self.wish.matrix = Matrix::ALL[place];
                self.wish.reference = None;
            }
        });
        if self.wish.matrix == Matrix::All && self.wish.ticked.len() > MOST_PARTS {
            let words = format!("All combinations of at most {MOST_PARTS} parts are tried");
            ui.label(look::small(words).color(tokens.warning));
        }
        let mut group = "";
        for part in Part::all(&ctx.store.recipe) {
            if part.component.group != group {
                group = part.component.group;
                ui.add_space(space::XS);
                ui.label(look::caption(tokens, group));
            }
            let key = part.setting.key;
            let mut is_ticked = self.wish.ticked.contains(key);
            let response = ui.checkbox(&mut is_ticked, part.title());
            if response.changed() {
                if is_ticked {
                    self.wish.ticked.insert(key);
                } else {
                    self.wish.ticked.remove(key);
                }
            }
            response.on_hover_text(format!("{}\n{}", part.component.summary, part.component.source));
        }
        self.supposed(ui, ctx);
    }

    /// Adds the row that a what-if has come to, in place of one of the same name.
    pub(super) fn add_row(&mut self, row: DraftRow) {
        self.wish.supposed.retain(|old| old.name != row.name);
        self.wish.supposed.push(row);
    }

    /// The rows that what-ifs have come to.
    fn supposed(&mut self, ui: &mut Ui, ctx: &PaneContext<'_>) {
        if self.wish.supposed.is_empty() {
            return;
        }
        ui.add_space(space::XS);
        ui.label(look::caption(ctx.tokens, "From what-ifs"));
        self.wish.supposed.retain(|row| {
            let mut stays = true;
            let set = row.set.iter().map(|(key, value)| format!("{key} = {value}"));
            let supposed = row.what_if.iter().flat_map(WhatIf::words);
            let words: Vec<String> = set.chain(supposed).collect();
            ui.checkbox(&mut stays, row.name.as_str()).on_hover_text(words.join("\n"));
            stays
        });
    }

    /// From what, scored how, and the rows that come of it.
    fn rest(&mut self, ui: &mut Ui, ctx: &PaneContext<'_>, saving: &mut Saving, saved: &mut Option<Receiver<PathBuf>>) {
        let rows = self.rows(ctx);
        self.fields(ui, ctx, &rows);
        ui.add_space(space::S);
        self.figures(ui, ctx);
        ui.add_space(space::M);
        preview::show(ui, ctx.tokens, &self.wish.base(&ctx.store.recipe), &rows, self.wish.reference(&rows));
        ui.add_space(space::S);
        self.sum(ui, ctx, &rows);
        let draft = self.wish.draft(ctx.store, &rows);
        let why = draft.as_ref().err().copied().unwrap_or_default();
        let can = draft.is_ok() && !saving.is_busy();
        let save =
            ui.add_enabled_ui(can, |ui| look::primary_button(ui, ctx.tokens, Icon::Check, "Save and open…")).inner;
        let save = save.on_hover_text("Writes the study's file, which `fusionscope study` takes too, and opens it");
        if save.on_disabled_hover_text(why).clicked()
            && let Ok(draft) = draft
        {
            let (sender, receiver) = bounded(1);
            *saved = Some(receiver);
            saving.ask_named(study_file(), &Path::new("studies").join(self.wish.file_name()), move |path| {
                write(path, &draft)?;
                // The pane may have gone.
                let _unheard = sender.try_send(path.to_owned());
                Ok(())
            });
        }
        if !why.is_empty() {
            ui.add(egui::Label::new(look::small(format!("To save it, {why}")).color(ctx.tokens.weak)).wrap());
        }
    }

    fn fields(&mut self, ui: &mut Ui, ctx: &PaneContext<'_>, rows: &[Planned]) {
        let (tokens, dataset) = (ctx.tokens, ctx.store.dataset.as_ref());
        let name = |ui: &mut Ui, words: &str| {
            ui.label(egui::RichText::new(words).color(tokens.weak));
        };
        Grid::new("study-fields").num_columns(2).spacing(vec2(space::M, space::XS)).show(ui, |ui| {
            name(ui, "Title");
            let width = ui.available_width().clamp(60.0, 320.0);
            let field =
                TextEdit::singleline(&mut self.wish.title).hint_text("What the table is called").desired_width(width);
            ui.add(field).accessible_name("Title of the study");
            ui.end_row();

            name(ui, "Seeds");
            let seeds = DragValue::new(&mut self.wish.seeds).range(1..=100).speed(0.1);
            let seeds = ui.add(seeds).accessible_name("Seeds");
            seeds.on_hover_text("From 1 on. An interval needs two; five tell a good deal more");
            ui.end_row();

            name(ui, "Each run takes");
            ui.horizontal(|ui| self.budget(ui, ctx));
            ui.end_row();

            name(ui, "Data set");
            match dataset {
                Some(dataset) => ui.label(&dataset.name).on_hover_text(dataset.path.display().to_string()),
                None => ui.label(egui::RichText::new("none open: the sample data").color(tokens.weak)),
            };
            ui.end_row();

            name(ui, "Scored on");
            let now = self.wish.split(dataset).to_owned();
            let combo = ComboBox::from_id_salt("study-split").selected_text(&now).show_ui(ui, |ui| {
                for split in dataset.iter().flat_map(|dataset| &dataset.splits) {
                    if ui.selectable_label(split.name == now, &split.name).clicked() {
                        self.wish.split = Some(split.name.clone());
                    }
                }
            });
            combo.response.accessible_name("Scored on");
            ui.end_row();

            name(ui, "Compared with");
            let now = self.wish.reference(rows).unwrap_or("–").to_owned();
            let combo = ComboBox::from_id_salt("study-reference").selected_text(&now).truncate().width(width - 24.0);
            let combo = combo.show_ui(ui, |ui| {
                for planned in rows {
                    let row = &planned.row.name;
                    let choice = Button::selectable(*row == now, row);
                    if ui.add_enabled(planned.impossible.is_none(), choice).clicked() {
                        self.wish.reference = Some(row.clone());
                    }
                }
            });
            combo.response.accessible_name("Compared with");
            ui.end_row();
        });
    }

    /// How long each run is: in steps, or in seconds, where methods of unequal cost meet at equal cost.
    fn budget(&mut self, ui: &mut Ui, ctx: &PaneContext<'_>) {
        if let Some(seconds) = &mut self.wish.seconds {
            let field = DragValue::new(seconds).range(1.0..=1e7).speed(5.0).max_decimals(0);
            ui.add(field).accessible_name("Seconds").on_hover_text(
                "Of training, for every run of a row as many steps as they come to, measured once before its first run",
            );
        } else {
            let of_recipe = ctx.store.recipe.get(training::STEPS);
            let mut steps = self.wish.steps.unwrap_or(of_recipe);
            let field = DragValue::new(&mut steps).range(0..=10_000_000_u64).speed(10.0);
            let field = ui.add(field).accessible_name("Steps");
            if field.on_hover_text("Of the student phase of every run; 0 for its epochs").changed() {
                self.wish.steps = (steps != of_recipe).then_some(steps);
            }
        }
        let chosen = usize::from(self.wish.seconds.is_some());
        if let Some(place) = look::segmented(ui, ctx.tokens, "budget", &["steps", "seconds"], chosen)
            && place != chosen
        {
            self.wish.seconds = (place == 1).then_some(USUAL_SECONDS);
        }
    }

    fn figures(&mut self, ui: &mut Ui, ctx: &PaneContext<'_>) {
        let wish = &mut self.wish;
        ui.label(look::caption(ctx.tokens, "Figures"));
        ui.horizontal_wrapped(|ui| {
            let words = METRICS.map(|(word, _)| word);
            if let Some(place) = look::segmented(ui, ctx.tokens, "metric", &words, wish.metric) {
                wish.metric = place;
            }
            ui.checkbox(&mut wish.all, "all sensors");
            ui.checkbox(&mut wish.alone, "each alone");
            ui.checkbox(&mut wish.subsets, "mean of subsets");
            for tag in tags_of(ctx.store.dataset.as_ref()) {
                let mut is_ticked = wish.tags.contains(&tag);
                if ui.checkbox(&mut is_ticked, format!("{tag} apart")).changed() && !wish.tags.remove(&tag) {
                    wish.tags.insert(tag);
                }
            }
        });
    }

    /// How many runs, and how long they take.
    fn sum(&self, ui: &mut Ui, ctx: &PaneContext<'_>, rows: &[Planned]) {
        let possible = || rows.iter().filter(|row| row.impossible.is_none());
        let count = possible().count() as u64;
        if count == 0 {
            return;
        }
        let (tokens, seeds) = (ctx.tokens, self.wish.seeds);
        let runs = look::counted(count * u64::from(seeds), "run");
        let sum = format!("{} × {} = {runs}", look::counted(count, "row"), look::counted(seeds.into(), "seed"));
        ui.horizontal_wrapped(|ui| {
            ui.label(look::medium(sum).color(tokens.text));
            if let Some(secs) = self.wish.seconds {
                let all = secs * (count * u64::from(seeds)) as f64;
                let words = format!("{} of training one after another", look::roughly(all));
                ui.label(look::small(words).color(tokens.weak));
                return;
            }
            let known = ctx.store.step_secs();
            let secs = known.as_ref().and_then(|(step, from)| {
                let recipes = possible().map(|planned| &planned.recipe);
                Some((time_of(recipes, seeds, *step)?, from))
            });
            let words = secs.map_or_else(
                || "How long they take is not known yet".to_owned(),
                |(secs, from)| format!("about {} of training one after another, {from}", look::roughly(secs)),
            );
            ui.label(look::small(words).color(tokens.weak));
            measure(ui, ctx, &self.wish.base(&ctx.store.recipe));
        });
    }
}

/// The button that measures a step of a recipe.
pub(super) fn measure(ui: &mut Ui, ctx: &PaneContext<'_>, recipe: &Recipe) {
    if let Some(name) = &ctx.store.study.measuring {
        ui.spinner();
        ui.label(look::small(format!("taking a few steps of {name} …")).color(ctx.tokens.weak));
        return;
    }
    let button = look::button(ui, ctx.tokens, None, "Measure a step", false);
    if button.on_hover_text("Takes a few steps of it in a process of its own, on all cores").clicked() {
        ctx.act(Action::MeasureStep(Box::new(recipe.clone())));
    }
}

fn write(path: &Path, draft: &Draft) -> Result<(), String> {
    let refused = |error: std::io::Error| format!("Could not write the study: {error}: {}", path.display());
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(refused)?;
    }
    write_whole(path, draft.to_toml().as_bytes()).map_err(refused)
}
