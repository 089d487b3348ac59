//! An engine on another machine: what is wrong with the line to it is said in words that help.

use std::sync::Arc;

use fusionscope_engine::protocol::{Command, EmbeddingView, Event, Failure, FailureKind, SceneView};
use fusionscope_engine::session::Wake;
use fusionscope_engine::wire::{Client, Peer, Standing};

use super::Engine;
use super::ssh::Remote;

/// An engine that `ssh` leads to.
pub(super) struct Afar {
    client: Client,
    remote: Remote,
}

impl Afar {
    /// Begins to attach to the engine there, which is started where none stays.
    pub(super) fn attach(remote: &Remote, wake: Wake) -> Result<Self, String> {
        let peer = Peer::start(remote.command()?).map_err(|error| error.to_string())?;
        let client = Client::start_afar(peer, remote.photographs, Some(wake)).map_err(|error| error.to_string())?;
        Ok(Self { client, remote: remote.clone() })
    }
}

impl Engine for Afar {
    fn send(&mut self, command: Command) -> Result<(), String> {
        Engine::send(&mut self.client, command)
    }

    fn events(&mut self) -> Vec<Event> {
        Engine::events(&mut self.client)
    }

    fn view(&self, view: u64) -> Option<Arc<SceneView>> {
        self.client.view(view)
    }

    fn embedding(&self, slot: u64) -> Option<Arc<EmbeddingView>> {
        self.client.embedding(slot)
    }

    fn standing(&self) -> Standing {
        match self.client.standing() {
            Standing::Lost { failure, last_words }
                if matches!(failure.kind, FailureKind::Broken | FailureKind::Unreadable) =>
            {
                let text = self.remote.refusal(&last_words);
                let words = || format!("The line to `{}` was cut: {}", self.remote.host, failure.text);
                let failure = Failure::new(failure.kind, text.unwrap_or_else(words));
                Standing::Lost { failure, last_words }
            }
            standing => standing,
        }
    }

    fn end_at_once(&mut self) {
        self.client.kill();
    }
}
