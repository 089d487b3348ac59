//! Studies that say what they are told to say, for tests of the window.

use std::sync::Arc;

use parking_lot::Mutex;

use super::studies::{Studies, StudyNews, StudyOrder};

/// Scripted studies. Clones share their script, so that a test can keep one and give the other to the window.
#[derive(Clone, Debug, Default)]
pub struct ScriptedStudies {
    shared: Arc<Mutex<(Vec<StudyNews>, Vec<StudyOrder>)>>,
}

impl ScriptedStudies {
    /// Queues news for the window's next frame.
    pub fn say(&self, news: StudyNews) {
        self.shared.lock().0.push(news);
    }

    /// Every order so far, oldest first.
    pub fn sent(&self) -> Vec<StudyOrder> {
        self.shared.lock().1.clone()
    }
}

impl Studies for ScriptedStudies {
    fn send(&mut self, order: StudyOrder) -> Result<(), String> {
        self.shared.lock().1.push(order);
        Ok(())
    }

    fn news(&mut self) -> Vec<StudyNews> {
        std::mem::take(&mut self.shared.lock().0)
    }
}
