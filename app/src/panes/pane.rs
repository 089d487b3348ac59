//! What a pane is, and what it may see and say.

use std::cell::{Cell, RefCell};

use fusionscope_engine::study::DraftRow;

use crate::action::Action;
use crate::exhibit::Exhibit;
use crate::look::Tokens;
use crate::store::Store;
use crate::store::gallery::Sight;

/// One pane of the window.
pub trait Pane {
    /// What its user has chosen, as text to be kept until the next day; `None` where there is nothing to choose.
    fn choices(&self) -> Option<String> {
        None
    }

    /// Takes back what was kept; text that it does not understand changes nothing.
    fn restore(&mut self, _choices: &str) {}

    /// Leaves the innermost passing state that its user has entered, such as a picture that fills the pane; says
    /// whether there was one.
    fn leave(&mut self, _ctx: &PaneContext<'_>) -> bool {
        false
    }

    /// What it shows, to be written to files, in the colours of the context; a sentence where there is nothing to write.
    ///
    /// # Errors
    ///
    /// Why there is nothing.
    fn exhibits(&mut self, ctx: &PaneContext<'_>) -> Result<Vec<Exhibit>, String>;

    /// Does what was asked for elsewhere and only the pane itself can do, in the next frame.
    fn run(&mut self, _errand: &Errand) {}

    /// Draws it into the room that `ui` has; the ground is painted already, margins are the pane's own business.
    fn ui(&mut self, ui: &mut egui::Ui, ctx: &PaneContext<'_>);
}

/// What a pane is asked to do by an action.
#[derive(Clone, Debug, PartialEq)]
pub enum Errand {
    /// To bring the entry of the catalogue with this key into sight.
    Find(String),
    /// To take what is typed next as what to look for.
    Search,
    /// To add a row to the study that is being put together.
    AddRow(DraftRow),
    /// To show the curves of the runs that are compared.
    Overlay,
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
    shows_runs: Cell<bool>,
    sight: RefCell<Option<Sight>>,
}

impl<'a> PaneContext<'a> {
    /// A context for one frame.
    pub fn new(store: &'a Store, tokens: &'static Tokens, teaching: bool) -> Self {
        let (actions, shows_runs, sight) = (RefCell::default(), Cell::new(false), RefCell::default());
        Self { store, tokens, teaching, actions, shows_runs, sight }
    }

    /// Asks for an action; the workbench performs it after the frame is drawn.
    pub fn act(&self, action: Action) {
        self.actions.borrow_mut().push(action);
    }

    /// Says that runs which are not in hand are in sight, so that they are looked at while they are.
    pub fn show_runs(&self) {
        self.shows_runs.set(true);
    }

    /// Whether any pane has said so.
    pub fn shows_runs(&self) -> bool {
        self.shows_runs.get()
    }

    /// Says which scenes of the data set are in sight as small pictures, so that these are made.
    pub fn show_scenes(&self, sight: Sight) {
        *self.sight.borrow_mut() = Some(sight);
    }

    /// The scenes that a pane has said so of; `None` where none shows any.
    pub fn shown_scenes(&self) -> Option<Sight> {
        self.sight.take()
    }

    /// Takes what was asked for.
    pub fn into_actions(self) -> Vec<Action> {
        self.actions.into_inner()
    }
}
