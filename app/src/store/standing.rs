//! Where the run in hand stands, and what it is called.

use fusionscope_engine::protocol::SessionState;

use super::Store;
use super::embedding::Origin;

impl Store {
    /// Whether nothing is under way, so that something else may begin.
    pub fn is_at_rest(&self) -> bool {
        self.state.is_at_rest()
    }

    /// Whether a run is under way: being prepared, training or held.
    pub fn is_running(&self) -> bool {
        matches!(self.state, SessionState::Training | SessionState::Paused | SessionState::Preparing { .. })
    }

    /// Whether the shipped demo model is the network in view.
    pub fn shows_demo(&self) -> bool {
        self.model.is_some() && self.model == self.demo_model
    }

    /// Whether there is a run that has steps left to take.
    pub fn can_resume(&self) -> bool {
        let is_complete = self.curves.progress().last().is_some_and(|last| last.step >= last.total_steps);
        self.run.is_some() && !is_complete
    }

    /// Whether going on with the run in view is what a user most likely wants: it has steps left, and the recipe asks
    /// for no other run.
    pub fn is_interrupted(&self) -> bool {
        self.is_at_rest() && self.can_resume() && self.findings().waiting.is_empty()
    }

    /// Where a run that is neither under way nor complete was left: its newest step, and how many it was to take.
    pub fn left_at(&self) -> Option<(u64, u64)> {
        match (&self.state, self.curves.progress().last()) {
            (SessionState::Stopped { step, of }, _) => Some((*step, *of)),
            (SessionState::Idle, Some(last)) if self.can_resume() => Some((last.step, last.total_steps)),
            _ => None,
        }
    }

    /// Whether the steps in the curves were taken here, with the data set that is open.
    pub fn is_timed(&self) -> bool {
        let data = self.dataset.as_ref().map(|dataset| &dataset.path);
        self.timed.as_ref().is_some_and(|(run, on)| *run == self.run && on.as_ref() == data)
    }

    /// The name of the run for the bar: the recipe's, and the time at which the run began where there is one.
    pub fn run_name(&self) -> String {
        let folder = self.run.as_ref().and_then(|path| path.file_name()).map(|name| name.to_string_lossy());
        folder.map_or_else(|| self.recipe.name.clone(), |name| words_from_run_folder(&name))
    }

    /// Whose layout a slot shows.
    pub fn origin_of_layout(&self, slot: u64) -> Origin {
        let other = self.embedding.shown(slot as usize).and_then(|view| view.request.run.clone());
        let folder = other.as_ref().and_then(|path| path.file_name()).map(|name| name.to_string_lossy());
        let name = folder.map_or_else(|| self.run_name(), |name| words_from_run_folder(&name));
        Origin { run: other.or_else(|| self.run.clone()), name }
    }
}

/// `20261121-084312-ogp-net-demo` reads as `ogp-net-demo · 08:43`; other folders keep their name.
fn words_from_run_folder(folder: &str) -> String {
    let is_number = |word: &str, digits: usize| word.len() == digits && word.bytes().all(|byte| byte.is_ascii_digit());
    let mut parts = folder.splitn(3, '-');
    match (parts.next(), parts.next(), parts.next()) {
        (Some(day), Some(time), Some(name)) if is_number(day, 8) && is_number(time, 6) => {
            format!("{name} · {}:{}", &time[..2], &time[2..4])
        }
        _ => folder.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn run_folders_read_as_a_name_and_a_time() {
        assert_eq!(words_from_run_folder("20261121-084312-ogp-net-demo"), "ogp-net-demo · 08:43");
        assert_eq!(words_from_run_folder("my-own-folder"), "my-own-folder");
    }
}
