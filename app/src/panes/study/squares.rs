//! A small square for every run of a study, which says how far it is.

use egui::{Color32, Pos2, Rect, Stroke, StrokeKind, Ui, pos2, vec2};

use crate::link::StudyView;
use crate::look::{Tokens, space};
use crate::store::study::{JobState, state_of};

/// The side of a square, and how far the next one is.
const SQUARE: (f32, f32) = (7.0, 9.0);
/// More runs of a row than this have no square each.
const MOST: usize = 16;

/// The room that so many take.
pub(super) fn width(runs: usize) -> f32 {
    runs.min(MOST) as f32 * SQUARE.1
}

/// Draws a square for each run of a row; says where the words may begin.
pub(super) fn show(ui: &Ui, tokens: &Tokens, view: &StudyView, row: &str, from: Pos2) -> f32 {
    let mut left = from.x;
    let runs = view.runs_of(row).take(MOST);
    for (job, standing) in runs {
        let state = state_of(view, *job, standing);
        let square = Rect::from_min_size(pos2(left, from.y - SQUARE.0 / 2.0), vec2(SQUARE.0, SQUARE.0));
        let ink = ink_of(tokens, &state);
        draw(ui, square, Sign::of(&state), ink);
        left += SQUARE.1;
    }
    left + space::XS
}

/// What is drawn in a run's square, so that its state is told without colour.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Sign {
    /// Nothing.
    Empty,
    /// So much of it, from below.
    Part(f32),
    /// The same, in a frame twice as wide.
    Moving(f32),
    /// A smaller square within.
    Core,
    /// All of it.
    Full,
    /// Both diagonals.
    Cross,
    /// One diagonal.
    Slash,
}

impl Sign {
    fn of(state: &JobState) -> Self {
        let share = |step: u64, of: u64| step as f32 / of.max(1) as f32;
        match state {
            JobState::Missing => Self::Empty,
            JobState::Begun { step, of } => Self::Part(share(*step, *of)),
            JobState::Running { step, of } => Self::Moving(share(*step, *of)),
            JobState::Trained => Self::Core,
            JobState::Done => Self::Full,
            JobState::Failed(_) => Self::Cross,
            JobState::Stale(_) => Self::Slash,
        }
    }
}

fn draw(ui: &Ui, square: Rect, sign: Sign, ink: Color32) {
    let painter = ui.painter();
    let frame = |width: f32| painter.rect_stroke(square, 1.0, Stroke::new(width, ink), StrokeKind::Inside);
    let fill = |part: Rect| painter.rect_filled(part, 1.0, ink);
    let filled = |share: f32| fill(square.with_min_y(square.bottom() - square.height() * share));
    let line = |from: Pos2, to: Pos2| painter.line_segment([from, to], Stroke::new(1.5, ink));
    match sign {
        Sign::Empty => {
            frame(1.0);
        }
        Sign::Part(share) => {
            frame(1.0);
            filled(share);
        }
        Sign::Moving(share) => {
            frame(2.0);
            filled(share);
        }
        Sign::Core => {
            frame(1.0);
            fill(square.shrink(2.0));
        }
        Sign::Full => {
            fill(square);
        }
        Sign::Cross => {
            line(square.left_top(), square.right_bottom());
            line(square.left_bottom(), square.right_top());
        }
        Sign::Slash => {
            frame(1.0);
            line(square.left_bottom(), square.right_top());
        }
    }
}

/// The colour of a run's square.
pub(super) fn ink_of(tokens: &Tokens, state: &JobState) -> Color32 {
    match state {
        JobState::Missing | JobState::Begun { .. } => tokens.outline,
        JobState::Running { .. } | JobState::Trained => tokens.accent,
        JobState::Stale(_) => tokens.warning,
        JobState::Failed(_) => tokens.error,
        JobState::Done => tokens.good,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::look::Theme;

    #[test]
    fn squares_tell_how_their_runs_stand_by_shape_and_by_colour() {
        let begun = |step| JobState::Begun { step, of: 4 };
        assert_eq!(Sign::of(&begun(3)), Sign::Part(0.75));
        let states = [
            JobState::Missing,
            begun(3),
            JobState::Running { step: 3, of: 4 },
            JobState::Trained,
            JobState::Done,
            JobState::Failed(String::new()),
            JobState::Stale(String::new()),
        ];
        let signs = states.each_ref().map(Sign::of);
        assert!(signs.iter().enumerate().all(|(at, sign)| !signs[..at].contains(sign)), "{signs:?}");
        let tokens = Tokens::of(Theme::Dark);
        assert_ne!(ink_of(tokens, &JobState::Done), ink_of(tokens, &JobState::Failed(String::new())));
    }
}
