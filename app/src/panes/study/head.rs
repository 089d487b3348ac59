//! What the open study is, how far it is, and the buttons that carry it out.

use std::path::Path;

use egui::{ComboBox, DragValue, Label, ProgressBar, RichText, Ui};
use fusionscope_engine::protocol::SessionState;
use fusionscope_engine::study::Standing;

use super::builder::measure;
use crate::action::Action;
use crate::link::{Carrier, StudyView};
use crate::look::{self, Icon, space};
use crate::panes::PaneContext;
use crate::store::study::{JobState, state_of, time_left};

/// What the main button can say.
const WORDS: [&str; 3] = ["Start", "Continue", "Pause"];

/// How the study is carried out when it is started.
#[derive(Debug)]
pub(super) struct Start {
    /// How many runs at once.
    jobs: u16,
    /// Runs of another build of the program are trained anew.
    retrains: bool,
}

impl Default for Start {
    fn default() -> Self {
        Self { jobs: 1, retrains: false }
    }
}

/// Draws it.
pub(super) fn show(ui: &mut Ui, ctx: &PaneContext<'_>, view: &StudyView, start: &mut Start) {
    let tokens = ctx.tokens;
    ui.add(Label::new(look::semibold(&view.study.title).size(look::size::TITLE).color(tokens.text)).wrap());
    if !view.study.note.is_empty() {
        ui.add(Label::new(RichText::new(&view.study.note).color(tokens.weak)).wrap());
    }
    ui.add_space(space::S);
    let count = Count::of(view);
    ui.horizontal_wrapped(|ui| {
        turn(ui, ctx, view, &count, start);
        let is_free = view.carrier == Carrier::Nobody;
        let field = DragValue::new(&mut start.jobs).range(1..=64).speed(0.05).suffix(" at once");
        let field = ui.add_enabled(is_free, field).accessible_name("Runs at once");
        field.on_hover_text(
            "Runs that are trained side by side: they share the cores, and queue for a graphics processor",
        );
        data(ui, ctx, view);
        let bar = ProgressBar::new(count.share(view)).desired_width(120.0).desired_height(6.0);
        ui.add(bar).accessible_name("How much of the study is done");
        ui.label(look::medium(count.words()).color(tokens.text));
    });
    if count.done < count.all {
        ui.horizontal_wrapped(|ui| time(ui, ctx, view, start.jobs));
    }
    if view.made_by_others > 0 && view.carrier == Carrier::Nobody {
        let runs = look::counted(view.made_by_others as u64, "run");
        let words = format!("Train {runs} of another build of the program anew");
        ui.checkbox(&mut start.retrains, words)
            .on_hover_text("Their figures may differ from what this build would find; else they are kept as they are");
    } else {
        start.retrains = false;
    }
    for (words, ink) in remarks(ctx, view) {
        ui.add(Label::new(RichText::new(words).color(ink)).wrap());
    }
}

fn turn(ui: &mut Ui, ctx: &PaneContext<'_>, view: &StudyView, count: &Count, start: &Start) {
    let Start { jobs, retrains } = *start;
    let is_begun = view.standings.iter().any(|(_, standing)| !matches!(standing, Standing::Missing));
    let (action, icon, word) = match view.carrier {
        Carrier::Nobody => {
            (Action::StartStudy { jobs, retrains }, Icon::Play, if is_begun { WORDS[1] } else { WORDS[0] })
        }
        Carrier::Ours | Carrier::Another => (Action::PauseStudy, Icon::Pause, WORDS[2]),
    };
    let is_over = view.carrier == Carrier::Nobody && count.done == count.all && !retrains;
    let can = !is_over && !ctx.store.study.is_turning;
    let stands_out = view.carrier == Carrier::Nobody;
    let button = |ui: &mut Ui| look::main_button(ui, ctx.tokens, icon, word, &WORDS, stands_out);
    let hint = match view.carrier {
        Carrier::Nobody => {
            "Trains and scores what is missing or stale, in processes of its own; whatever is done stays"
        }
        Carrier::Ours | Carrier::Another => "Stops its runs, each with a checkpoint from which it goes on bit for bit",
    };
    let why_not = if is_over { "All runs are done" } else { "It is being seen to" };
    let button = ui.add_enabled_ui(can, button).inner;
    if button.on_hover_text(hint).on_disabled_hover_text(why_not).clicked() {
        ctx.act(action);
    }
}

/// The data set of every run: the one that the study names, or the one that is open.
fn data(ui: &mut Ui, ctx: &PaneContext<'_>, view: &StudyView) {
    let name = |path: &Path| path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
    // Without a choice the study holds the data that it names.
    let own = match (&view.data, &view.study.data) {
        (None, Some(named)) => format!("on {}", name(named)),
        (None, None) => "on the sample data".to_owned(),
        (Some(_), _) => "on the data that it names".to_owned(),
    };
    let now = view.data.as_deref().map_or_else(|| own.clone(), |path| format!("on {}", name(path)));
    ui.add_enabled_ui(view.carrier == Carrier::Nobody, |ui| {
        let combo = ComboBox::from_id_salt("study-data").selected_text(now).truncate().show_ui(ui, |ui| {
            if ui.selectable_label(view.data.is_none(), own).clicked() && view.data.is_some() {
                ctx.act(Action::UseStudyData(None));
            }
            if let Some(open) = &ctx.store.dataset {
                let is_it = view.data.as_ref() == Some(&open.path);
                let choice = ui.selectable_label(is_it, format!("on the open data set, {}", open.name));
                if choice.on_hover_text(open.path.display().to_string()).clicked() && !is_it {
                    ctx.act(Action::UseStudyData(Some(open.path.clone())));
                }
            }
        });
        combo.response.accessible_name("Data set of the study").on_hover_text("What its runs are trained on");
    });
}

fn time(ui: &mut Ui, ctx: &PaneContext<'_>, view: &StudyView, jobs: u16) {
    let tokens = ctx.tokens;
    if let Some(estimate) = time_left(view, jobs, ctx.store.step_secs()) {
        let words = format!("About {} of training left, {}", look::roughly(estimate.secs), estimate.from);
        ui.label(look::small(words).color(tokens.weak));
        return;
    }
    ui.label(look::small("How long it takes is not known yet").color(tokens.weak));
    if view.carrier == Carrier::Nobody
        && let Some(row) = view.study.rows.first()
    {
        measure(ui, ctx, &row.recipe);
    }
}

/// What must be known beside the table.
fn remarks(ctx: &PaneContext<'_>, view: &StudyView) -> Vec<(String, egui::Color32)> {
    let tokens = ctx.tokens;
    let mut remarks = Vec::new();
    remarks.extend(view.outdated.clone().map(|words| (words, tokens.warning)));
    if let Some(why) = &view.ended {
        remarks.push((format!("It came to its end before all was done: {why}"), tokens.error));
    }
    // What the table does not show fails there unseen.
    for (job, why) in &view.failed {
        let row = &view.study.rows[job.row];
        if !row.is_shown {
            remarks.push((
                format!("{}, seed {}, which others take from, failed: {why}", row.name, job.seed),
                tokens.error,
            ));
        }
    }
    let is_at_work = view.carrier != Carrier::Nobody;
    if view.carrier == Carrier::Another {
        remarks
            .push(("Another program carries it out, and goes on when this window is closed".to_owned(), tokens.weak));
    }
    if is_at_work && ctx.store.state == SessionState::Training {
        let words = "The run in this window and the study take the same cores: each slows the other down";
        remarks.push((words.to_owned(), tokens.warning));
    }
    remarks
}

/// How many runs are how far.
#[derive(Debug, Default, PartialEq, Eq)]
struct Count {
    all: usize,
    done: usize,
    running: usize,
    failed: usize,
    stale: usize,
}

impl Count {
    fn of(view: &StudyView) -> Self {
        let mut count = Self { all: view.standings.len(), ..Self::default() };
        for (job, standing) in &view.standings {
            match state_of(view, *job, standing) {
                JobState::Done => count.done += 1,
                JobState::Running { .. } => count.running += 1,
                JobState::Failed(_) => count.failed += 1,
                JobState::Stale(_) => count.stale += 1,
                JobState::Missing | JobState::Begun { .. } | JobState::Trained => {}
            }
        }
        count
    }

    fn words(&self) -> String {
        let mut words = format!("{} of {} done", self.done, look::counted(self.all as u64, "run"));
        for (count, word) in [(self.running, "running"), (self.failed, "failed"), (self.stale, "stale")] {
            if count > 0 {
                words.push_str(&format!(" · {count} {word}"));
            }
        }
        words
    }

    /// The share of all steps that is taken.
    fn share(&self, view: &StudyView) -> f32 {
        let of = |(job, standing): &(_, _)| match state_of(view, *job, standing) {
            JobState::Done | JobState::Trained => 1.0,
            JobState::Running { step, of } | JobState::Begun { step, of } if of > 0 => step as f32 / of as f32,
            _ => 0.0,
        };
        view.standings.iter().map(of).sum::<f32>() / self.all.max(1) as f32
    }
}
