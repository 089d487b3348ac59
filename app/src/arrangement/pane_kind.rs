//! Which panes there are, what they are called and where they stand.

use serde::{Deserialize, Serialize};
use strum::IntoEnumIterator as _;

use super::Layout;
use super::layout::Place;

/// Which pane. The order is that of tabs which share a place.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, strum::EnumIter,
)]
#[serde(rename_all = "kebab-case")]
pub enum PaneKind {
    /// The pictures.
    #[default]
    Inspect,
    /// All scenes of the data set, and what its files hold.
    Dataset,
    /// All runs below the user's folders.
    Runs,
    /// Chosen runs side by side: recipes and figures.
    Compare,
    /// Figures by class and by sensors.
    Metrics,
    /// What failing sensors cost, by protocols.
    Robustness,
    /// Features in the plane.
    Embedding,
    /// Figures over steps.
    Curves,
    /// What is trained: every entry of the catalogue.
    Recipe,
    /// Train, pause, stop, and how far.
    Controls,
    /// Sentences.
    Log,
    /// Where a step's time goes.
    Times,
    /// Several recipes from several seeds, and their table.
    Study,
    /// Steps of a lesson, with buttons that do what they say.
    Lesson,
}

/// What the window knows of a pane without drawing it.
#[derive(Clone, Copy, Debug)]
pub struct Profile {
    /// The word on its tab.
    pub title: &'static str,
    /// Where it stands in each layout as delivered, and where it is put in a layout of the user's that lacks it.
    pub homes: Homes,
    /// Width and height in points of its window when it floats.
    pub floating: [f32; 2],
}

/// A pane's place in each layout. One that is [`Place::Away`] stands among the tabs once it has been asked for.
#[derive(Clone, Copy, Debug)]
pub struct Homes {
    /// In [`Layout::Ablate`].
    pub ablate: Place,
    /// In [`Layout::Debug`].
    pub debug: Place,
    /// In [`Layout::Teach`].
    pub teach: Place,
}

impl PaneKind {
    /// Every pane.
    pub fn all() -> impl Iterator<Item = Self> {
        Self::iter()
    }

    /// Its name, its places and its size: the one description of a pane beside its constructor in `panes`.
    pub fn profile(self) -> Profile {
        use Place::{Away, Below, Figures, Middle, Side, Words};

        let pane = |title, [ablate, debug, teach]: [Place; 3], floating| Profile {
            title,
            homes: Homes { ablate, debug, teach },
            floating,
        };
        match self {
            Self::Inspect => pane("Inspect", [Middle, Middle, Middle], [760.0, 520.0]),
            Self::Dataset => pane("Dataset", [Middle, Middle, Away], [1040.0, 620.0]),
            Self::Runs => pane("Runs", [Middle, Middle, Away], [980.0, 520.0]),
            Self::Compare => pane("Compare", [Middle, Middle, Away], [860.0, 560.0]),
            Self::Metrics => pane("Metrics", [Figures, Figures, Figures], [340.0, 520.0]),
            // Tables and many small plots are wide.
            Self::Robustness => pane("Robustness", [Middle, Middle, Away], [1080.0, 720.0]),
            // Two clouds have room side by side.
            Self::Embedding => pane("Embedding", [Figures, Figures, Figures], [1120.0, 640.0]),
            Self::Curves => pane("Curves", [Below, Figures, Figures], [720.0, 300.0]),
            Self::Recipe => pane("Recipe", [Side, Figures, Figures], [340.0, 520.0]),
            Self::Controls => pane("Run", [Side, Figures, Figures], [340.0, 520.0]),
            Self::Log => pane("Log", [Figures, Words, Figures], [560.0, 260.0]),
            Self::Times => pane("Time", [Figures, Words, Away], [340.0, 520.0]),
            // A table is wide.
            Self::Study => pane("Study", [Middle, Middle, Away], [1040.0, 620.0]),
            Self::Lesson => pane("Lesson", [Figures, Figures, Side], [420.0, 560.0]),
        }
    }

    /// The word on its tab.
    pub fn title(self) -> &'static str {
        self.profile().title
    }

    /// Its place in a layout.
    pub fn home(self, layout: Layout) -> Place {
        let Homes { ablate, debug, teach } = self.profile().homes;
        match layout {
            Layout::Ablate => ablate,
            Layout::Debug => debug,
            Layout::Teach => teach,
        }
    }
}
