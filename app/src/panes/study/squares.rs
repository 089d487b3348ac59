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
        match share_of(&state) {
            // What has begun fills from below.
            Some(share) => {
                ui.painter().rect_stroke(square, 1.0, Stroke::new(1.0, ink), StrokeKind::Inside);
                let filled = square.with_min_y(square.bottom() - square.height() * share);
                ui.painter().rect_filled(filled, 1.0, ink);
            }
            None => {
                ui.painter().rect_filled(square, 1.0, ink);
            }
        }
        left += SQUARE.1;
    }
    left + space::XS
}

/// How much of a run is done; `None` of one that has come to its end.
fn share_of(state: &JobState) -> Option<f32> {
    match state {
        JobState::Missing => Some(0.0),
        JobState::Running { step, of } | JobState::Begun { step, of } => Some(*step as f32 / (*of).max(1) as f32),
        JobState::Stale(_) | JobState::Failed(_) | JobState::Trained | JobState::Done => None,
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
    fn a_square_fills_with_the_steps_of_its_run() {
        assert_eq!(share_of(&JobState::Missing), Some(0.0));
        assert_eq!(share_of(&JobState::Running { step: 3, of: 4 }), Some(0.75));
        assert_eq!(share_of(&JobState::Done), None);
        let tokens = Tokens::of(Theme::Dark);
        assert_ne!(ink_of(tokens, &JobState::Done), ink_of(tokens, &JobState::Failed(String::new())));
    }
}
