//! The three arrangements of panes, and how each divides the window.

use serde::{Deserialize, Serialize};

/// The three arrangements of panes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Layout {
    /// Recipe, pictures, curves and figures: for comparing components.
    #[default]
    Ablate,
    /// Large pictures and the log: for hunting a failure.
    Debug,
    /// Pictures and sensor switches in large type: for a lecture.
    Teach,
}

/// A place in a layout; the panes whose home it is share it as tabs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Place {
    /// In the middle, the largest: what is looked at.
    Middle,
    /// Below the middle, wide and low.
    Below,
    /// A column on the left: what is set.
    Side,
    /// A column on the right: what came of it.
    Figures,
    /// Below the figures: what was said.
    Words,
    /// Nowhere, until somebody asks for it: nothing that the layout is for needs it.
    Away,
}

/// How a part of the window is divided.
#[derive(Debug)]
pub enum Room {
    /// Not at all.
    Whole(Place),
    /// Side by side.
    Beside(&'static [Column]),
    /// One above the other, each with its share of the height.
    Stacked(&'static [(f32, Room)]),
}

/// A part of the window from top to bottom.
#[derive(Debug)]
pub struct Column {
    /// Its share of the width.
    pub share: f32,
    /// The width in points at which it has enough; infinite for pictures.
    pub most: f32,
    /// How it is divided.
    pub room: Room,
}

impl Layout {
    /// All of them, in the order of the bar.
    pub const ALL: [Self; 3] = [Self::Ablate, Self::Debug, Self::Teach];

    /// The word in the bar.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ablate => "Ablate",
            Self::Debug => "Debug",
            Self::Teach => "Teach",
        }
    }

    /// The layout of that name, upper or lower case.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|layout| layout.name().eq_ignore_ascii_case(name))
    }

    /// How it divides the window.
    pub fn room(self) -> &'static Room {
        use Place::{Below, Figures, Middle, Side, Words};
        use Room::{Beside, Stacked, Whole};

        const fn column(share: f32, most: f32, room: Room) -> Column {
            Column { share, most, room }
        }
        const ALL_THERE_IS: f32 = f32::INFINITY;

        match self {
            Self::Ablate => &Beside(
                const {
                    &[
                        column(0.19, 420.0, Whole(Side)),
                        column(0.60, ALL_THERE_IS, Stacked(&[(0.68, Whole(Middle)), (0.32, Whole(Below))])),
                        column(0.21, 520.0, Whole(Figures)),
                    ]
                },
            ),
            Self::Debug => &Beside(
                const {
                    &[
                        column(0.72, ALL_THERE_IS, Whole(Middle)),
                        column(0.28, 760.0, Stacked(&[(0.62, Whole(Figures)), (0.38, Whole(Words))])),
                    ]
                },
            ),
            Self::Teach => &Beside(
                const {
                    &[
                        column(0.27, 460.0, Whole(Side)),
                        column(0.49, ALL_THERE_IS, Whole(Middle)),
                        column(0.24, 520.0, Whole(Figures)),
                    ]
                },
            ),
        }
    }
}
