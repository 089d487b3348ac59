//! What panes hand out to the dialog in which it is written to files.

use egui::Context;
use fusionscope_engine::protocol::{Command, Level};

use super::Workbench;
use crate::action::Exported;
use crate::arrangement::{Layout, PaneKind};
use crate::exhibit::Exhibit;
use crate::look::Tokens;
use crate::panes::PaneContext;

impl Workbench {
    /// Asks how and where to what a pane shows is written; says why not where it shows nothing that can be.
    pub(super) fn export(&mut self, exported: Exported, ctx: Option<&Context>) {
        let pane = exported.pane.or_else(|| self.focus.pane(ctx?)).unwrap_or_default();
        match self.exhibits(pane) {
            Ok(exhibits) => {
                self.exporting.open(pane, exhibits, exported.part.as_deref());
                if pane == PaneKind::Inspect {
                    self.store.figured.ask(self.store.pinned_requests());
                    for request in self.store.figured.asked().to_vec() {
                        self.send(Command::View(request));
                    }
                }
            }
            Err(why) => self.notice.say(format!("Export {}: {why}", pane.title().to_lowercase())),
        }
    }

    /// What a pane shows, in the colours that exports are drawn in.
    fn exhibits(&mut self, kind: PaneKind) -> Result<Vec<Exhibit>, String> {
        let tokens = Tokens::of(self.exporting.theme());
        let context = PaneContext::new(&self.store, tokens, self.choices.layout == Layout::Teach);
        let pane = self.panes.get_mut(&kind).ok_or("there is no such pane")?;
        let exhibits = pane.exhibits(&context)?;
        if exhibits.is_empty() { Err("it shows nothing that can be written".to_owned()) } else { Ok(exhibits) }
    }

    /// Draws the dialog, says what came of an export, and draws anew what is wanted in other colours.
    pub(super) fn exporting_ui(&mut self, ctx: &Context) {
        let tokens = self.tokens();
        let (outcome, recoloured) = self.exporting.ui(ctx, tokens);
        match outcome {
            Some(Ok(words)) => self.notice.say(words),
            Some(Err(why)) => self.store.say(Level::Error, why),
            None => {}
        }
        let is_more = self.store.figured.take_news();
        if !self.exporting.is_open() {
            for request in self.store.figured.asked().to_vec() {
                self.send(Command::CloseView { view: request.view });
            }
            self.store.figured.ask(Vec::new());
        }
        if (recoloured || is_more)
            && let Ok(exhibits) = self.exhibits(self.exporting.pane)
        {
            self.exporting.replace(exhibits);
        }
    }
}
