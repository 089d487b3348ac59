//! Where the session stands, in words and as a bar. The bar at the top of the window says the same.

use egui::{Color32, CornerRadius, Rect, Sense, Ui, vec2};
use fusionscope_engine::protocol::SessionState;

use crate::look::{self, Tokens, space};
use crate::panes::PaneContext;
use crate::store::Store;

const TRAINING: &str = "Training";

/// A session's state for people.
#[derive(Clone, Debug, PartialEq)]
pub struct Status {
    /// One word or two: `Training`, `Indexing nyudv2`.
    pub title: String,
    /// How far, how fast, how long: `student · step 412/1500 · 9.1 it/s · 1:58 left`. May be empty.
    pub detail: String,
    /// The share that is done, 0 to 1; `None` where unknown.
    pub share: Option<f32>,
    /// What kind of state it is.
    pub tone: Tone,
}

/// What kind of state a session is in, which decides the colour of its dot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// Nothing has been asked for yet.
    Calm,
    /// Something is under way.
    Busy,
    /// A run is held.
    Held,
    /// A run came to its end.
    Done,
    /// A failure, whose reason stands in [`Status::detail`].
    Failed,
}

impl Status {
    /// The colour of its dot.
    pub fn colour(&self, tokens: &Tokens) -> Color32 {
        match self.tone {
            Tone::Calm => tokens.faint,
            Tone::Busy => tokens.accent,
            Tone::Held => tokens.warning,
            Tone::Done => tokens.good,
            Tone::Failed => tokens.error,
        }
    }

    /// All of it in one line, for the bar. The reason of a failure is left to the banner below it.
    pub fn line(&self) -> String {
        if self.detail.is_empty() || self.tone == Tone::Failed {
            self.title.clone()
        } else if self.title == TRAINING {
            // Steps say themselves that it trains, and room is short.
            self.detail.clone()
        } else {
            format!("{} · {}", self.title, self.detail)
        }
    }
}

/// The words for the session's state.
pub fn status_of(store: &Store) -> Status {
    let progress = store.curves.progress();
    // A run that is held has no speed.
    let is_moving = store.state == SessionState::Training;
    let line = if is_moving { progress.line() } else { progress.place() }.unwrap_or_default();
    let plain = |title: &str, detail: String, share, tone| Status { title: title.to_owned(), detail, share, tone };
    let of = |done: u64, total: u64| (total > 0).then(|| (done as f32 / total as f32).clamp(0.0, 1.0));
    let waiting = store.state_since.elapsed().as_secs();
    let counted = |done: u64, total: u64| match (done, total) {
        (0, 0) if waiting > 1 => format!("{waiting} s"),
        (0, 0) => String::new(),
        (done, 0) => look::count(done),
        (done, total) => format!("{} of {}", look::count(done), look::count(total)),
    };
    match &store.state {
        SessionState::Idle if store.dataset.is_none() => plain("No data set", String::new(), None, Tone::Calm),
        SessionState::Idle if store.left_at().is_some() => stopped(store, progress.share()),
        SessionState::Idle if store.run.is_some() && progress.last().is_some() => {
            plain("Finished", line, progress.share(), Tone::Done)
        }
        SessionState::Idle => plain("Ready", line, None, Tone::Calm),
        SessionState::Preparing { what, done, total } => {
            plain(what, counted(*done, *total), of(*done, *total), Tone::Busy)
        }
        SessionState::Training if line.is_empty() => plain(TRAINING, "first step".to_owned(), None, Tone::Busy),
        SessionState::Training => plain(TRAINING, line, progress.share(), Tone::Busy),
        SessionState::Paused => plain("Paused", line, progress.share(), Tone::Held),
        SessionState::Evaluating { done, total } => {
            plain("Evaluating", counted(*done, *total), of(*done, *total), Tone::Busy)
        }
        SessionState::Finished => plain("Finished", line, progress.share(), Tone::Done),
        SessionState::Stopped { .. } => stopped(store, progress.share()),
        SessionState::Failed(failure) => Status {
            title: "Failed".to_owned(),
            detail: failure.text.clone(),
            share: progress.share(),
            tone: Tone::Failed,
        },
    }
}

/// The height in points of a title, two lines of detail and the bar.
const ROOM: f32 = 66.0;

/// A run that was left on its way.
fn stopped(store: &Store, share: Option<f32>) -> Status {
    let title = match store.left_at() {
        Some((step, of)) if of > 0 => format!("Stopped at step {} of {}", look::count(step), look::count(of)),
        Some((step, _)) => format!("Stopped at step {}", look::count(step)),
        None => "Stopped".to_owned(),
    };
    Status { title, detail: String::new(), share, tone: Tone::Held }
}

/// The state at the head of the pane. What is said in it moves no button below.
pub fn show(ui: &mut Ui, ctx: &PaneContext<'_>) {
    ui.vertical(|ui| {
        ui.set_min_height(ROOM);
        words_and_bar(ui, ctx);
    });
}

fn words_and_bar(ui: &mut Ui, ctx: &PaneContext<'_>) {
    let status = status_of(ctx.store);
    let tokens = ctx.tokens;
    ui.horizontal(|ui| {
        let (dot, _) = ui.allocate_exact_size(vec2(8.0, 16.0), Sense::hover());
        ui.painter().circle_filled(dot.center(), 3.5, status.colour(tokens));
        let title = look::semibold(&status.title).size(look::size::TITLE).color(tokens.text);
        ui.add(egui::Label::new(title).truncate());
    });
    if status.tone == Tone::Failed {
        egui::Frame::new().fill(tokens.error_weak).corner_radius(space::RADIUS).inner_margin(8).show(ui, |ui| {
            ui.set_width(ui.available_width());
            let text = egui::RichText::new(&status.detail).color(tokens.error);
            ui.add(egui::Label::new(text).wrap().selectable(true));
        });
    } else if !status.detail.is_empty() {
        ui.add(egui::Label::new(egui::RichText::new(&status.detail).color(tokens.weak)).wrap());
    }
    if let Some(share) = status.share {
        ui.add_space(2.0);
        bar(ui, ctx, share, if status.tone == Tone::Failed { tokens.error } else { tokens.accent });
    }
}

/// A thin bar; during a run, a tick stands where a phase ended.
fn bar(ui: &mut Ui, ctx: &PaneContext<'_>, share: f32, colour: Color32) {
    let tokens = ctx.tokens;
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), 6.0), Sense::hover());
    let radius = CornerRadius::same(3);
    ui.painter().rect_filled(rect, radius, tokens.raised);
    let filled = Rect::from_min_size(rect.min, vec2(rect.width() * share.clamp(0.0, 1.0), rect.height()));
    ui.painter().rect_filled(filled, radius, colour);
    let total = ctx.store.curves.progress().last().map_or(0, |last| last.total_steps);
    if total > 0 && matches!(ctx.store.state, SessionState::Training | SessionState::Paused) {
        for span in ctx.store.curves.phases().iter().skip(1) {
            let x = rect.left() + rect.width() * (span.start as f32 / total as f32).min(1.0);
            ui.painter().vline(x, rect.y_range(), egui::Stroke::new(1.5, tokens.surface));
        }
    }
    response.widget_info(|| {
        let mut info = egui::WidgetInfo::labeled(egui::Role::ProgressIndicator, true, "Progress");
        info.value = Some(f64::from(share));
        info
    });
}

#[cfg(test)]
mod tests {
    use fusionscope_engine::protocol::{Event, Failure, FailureKind, StepReport};

    use super::*;

    #[test]
    fn preparing_says_what_and_how_far() {
        let mut store = Store::default();
        let state = SessionState::Preparing { what: "Indexing nyudv2".to_owned(), done: 1204, total: 3983 };
        store.apply(Event::State(state));
        let status = status_of(&store);
        assert_eq!((status.title.as_str(), status.detail.as_str()), ("Indexing nyudv2", "1,204 of 3,983"));
        assert_eq!(status.line(), "Indexing nyudv2 · 1,204 of 3,983");
        assert!(status.tone == Tone::Busy && status.share.is_some_and(|share| (share - 0.302).abs() < 1e-3));
    }

    #[test]
    fn a_stopped_run_is_not_finished_in_this_session_nor_when_it_is_opened_again() {
        let mut store = Store::default();
        let step = |step| Event::Steps(vec![StepReport { step, total_steps: 1500, ..StepReport::default() }]);
        store.apply(Event::Dataset(fusionscope_engine::protocol::DatasetSummary::default()));
        store.apply(Event::Run { path: "runs/a".into(), checkpoint: Some(412) });
        store.apply(step(412));
        let words = "Stopped at step 412 of 1,500";
        assert_eq!((status_of(&store).line().as_str(), status_of(&store).tone), (words, Tone::Held));
        store.apply(Event::State(SessionState::Stopped { step: 412, of: 1500 }));
        assert_eq!(status_of(&store).line(), words);
        store.apply(step(1500));
        store.apply(Event::State(SessionState::Idle));
        assert_eq!((status_of(&store).title.as_str(), status_of(&store).tone), ("Finished", Tone::Done));
    }

    #[test]
    fn a_failure_keeps_its_reason_and_how_far_the_run_came() {
        let mut store = Store::default();
        store.apply(Event::Steps(vec![StepReport { step: 50, total_steps: 100, secs: 0.1, ..StepReport::default() }]));
        store.apply(Event::State(SessionState::Failed(Failure::new(FailureKind::Broken, "disk full: runs/1"))));
        let status = status_of(&store);
        assert_eq!((status.tone, status.line().as_str()), (Tone::Failed, "Failed"));
        assert_eq!((status.detail.as_str(), status.share), ("disk full: runs/1", Some(0.5)));
    }
}
