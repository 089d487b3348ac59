//! One file a pane. A pane reads the store and says what the user wants; it changes nothing itself.

pub mod controls;
mod curves;
pub mod embedding;
mod inspect;
mod log;
mod metrics;
mod recipe;
mod times;

use std::cell::RefCell;

use serde::{Deserialize, Serialize};

use crate::action::Action;
use crate::look::Tokens;
use crate::store::Store;

/// Which pane.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PaneKind {
    /// What is trained: every entry of the catalogue.
    Recipe,
    /// Train, pause, stop, and how far.
    Controls,
    /// The pictures.
    Inspect,
    /// Figures over steps.
    Curves,
    /// Figures by class and by sensors.
    Metrics,
    /// Sentences.
    Log,
    /// Where a step's time goes.
    Times,
    /// Features in the plane.
    Embedding,
}

impl PaneKind {
    /// Every pane.
    pub const ALL: [Self; 8] = [
        Self::Recipe,
        Self::Controls,
        Self::Inspect,
        Self::Curves,
        Self::Metrics,
        Self::Embedding,
        Self::Log,
        Self::Times,
    ];

    /// The word on its tab.
    pub fn title(self) -> &'static str {
        match self {
            Self::Recipe => "Recipe",
            Self::Controls => "Run",
            Self::Inspect => "Inspect",
            Self::Curves => "Curves",
            Self::Metrics => "Metrics",
            Self::Log => "Log",
            Self::Times => "Time",
            Self::Embedding => "Embedding",
        }
    }
}

/// One pane of the window.
pub trait Pane {
    /// Which pane it is.
    fn kind(&self) -> PaneKind;

    /// The word on its tab.
    fn title(&self) -> &'static str {
        self.kind().title()
    }

    /// What its user has chosen, as text to be kept until the next day; `None` where there is nothing to choose.
    fn choices(&self) -> Option<String> {
        None
    }

    /// Takes back what was kept; text that it does not understand changes nothing.
    fn restore(&mut self, _choices: &str) {}

    /// Draws it into the room that `ui` has; the ground is painted already, margins are the pane's own business.
    fn ui(&mut self, ui: &mut egui::Ui, ctx: &PaneContext<'_>);
}

/// What a pane may see and say.
#[derive(Debug)]
pub struct PaneContext<'a> {
    /// What the app knows.
    pub store: &'a Store,
    /// The colours of the theme in use.
    pub tokens: &'static Tokens,
    /// Whether the layout is the one for lectures: larger, calmer.
    pub teaching: bool,
    actions: RefCell<Vec<Action>>,
}

impl<'a> PaneContext<'a> {
    /// A context for one frame.
    pub fn new(store: &'a Store, tokens: &'static Tokens, teaching: bool) -> Self {
        Self { store, tokens, teaching, actions: RefCell::new(Vec::new()) }
    }

    /// Asks for an action; the workbench performs it after the frame is drawn.
    pub fn act(&self, action: Action) {
        self.actions.borrow_mut().push(action);
    }

    /// Takes what was asked for.
    pub fn into_actions(self) -> Vec<Action> {
        self.actions.into_inner()
    }
}

/// Every pane, freshly made.
pub fn all() -> Vec<Box<dyn Pane>> {
    vec![
        Box::new(recipe::RecipePane::default()),
        Box::new(controls::ControlsPane),
        Box::new(inspect::InspectPane::default()),
        Box::new(curves::CurvesPane::default()),
        Box::new(metrics::MetricsPane::default()),
        Box::new(embedding::EmbeddingPane::default()),
        Box::new(log::LogPane::default()),
        Box::new(times::TimesPane),
    ]
}
