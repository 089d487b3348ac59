//! The lesson in hand: where the user is in it, what its button has still to do, and what a step goes back to.

use std::collections::VecDeque;
use std::path::PathBuf;
use std::time::Instant;

use fusionscope_engine::protocol::WhatIf;
use fusionscope_engine::recipe::Recipe;

use crate::lesson::{Deed, Lesson, Step, lessons};

/// The lesson in hand.
#[derive(Debug, Default)]
pub struct LessonStore {
    /// Which lesson and which of its steps; `None` where none is open.
    pub at: Option<LessonPlace>,
    /// Whether the answer to the step's question is shown.
    pub shows_answer: bool,
    /// What the button has still to do.
    pub doing: VecDeque<Deed>,
    /// What the button did last, and when: the next thing waits for it.
    pub did: Option<(Deed, Instant)>,
    /// How things stood when the step was entered, to go back to.
    pub before: Option<Looks>,
    /// Whether lesson 1 is offered to someone who has just arrived.
    pub is_offered: bool,
}

/// A lesson and one of its steps, both counted from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LessonPlace {
    /// The lesson.
    pub lesson: usize,
    /// The step.
    pub step: usize,
}

/// What a step goes back to.
#[derive(Clone, Debug, PartialEq)]
pub struct Looks {
    /// The recipe as edited.
    pub recipe: Recipe,
    /// The packed model in view, else the run folder.
    pub network: Option<PathBuf>,
    /// The split and the index of the scene in view.
    pub scene: (String, usize),
    /// What is supposed of the sensors and the method.
    pub what_if: WhatIf,
    /// Names of watched maps.
    pub watched: Vec<String>,
    /// Whether differences are filled.
    pub difference: bool,
}

impl LessonStore {
    /// The open lesson and its step.
    pub fn open(&self) -> Option<(&'static Lesson, &'static Step)> {
        let LessonPlace { lesson, step } = self.at?;
        let lesson = lessons().get(lesson)?;
        Some((lesson, lesson.steps.get(step)?))
    }

    /// The step after the one in hand, else the next lesson's first; `None` at the end of the last one.
    pub fn next(&self) -> Option<LessonPlace> {
        let LessonPlace { lesson, step } = self.at?;
        let steps = lessons().get(lesson)?.steps.len();
        if step + 1 < steps {
            return Some(LessonPlace { lesson, step: step + 1 });
        }
        (lesson + 1 < lessons().len()).then_some(LessonPlace { lesson: lesson + 1, step: 0 })
    }

    /// The step before the one in hand; `None` at the beginning of a lesson.
    pub fn previous(&self) -> Option<LessonPlace> {
        let LessonPlace { lesson, step } = self.at?;
        Some(LessonPlace { lesson, step: step.checked_sub(1)? })
    }
}
