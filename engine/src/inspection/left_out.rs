//! Scenes that are left out of a count, named as far as that helps.

use crate::protocol::counted;

/// Scenes named word by word; beyond them only their number is told.
const NAMED: usize = 5;

/// Why scenes were left out.
#[derive(Debug, Default)]
pub(super) struct LeftOut {
    named: Vec<String>,
    more: u64,
    first: Option<String>,
}

impl LeftOut {
    pub(super) fn add(&mut self, scene: &str, reason: &str) {
        self.first.get_or_insert_with(|| reason.to_owned());
        if self.named.len() < NAMED {
            self.named.push(format!("Scene `{scene}` was left out: {reason}"));
        } else {
            self.more += 1;
        }
    }

    /// Why the first one was.
    pub(super) fn first(&self) -> Option<&str> {
        self.first.as_deref()
    }

    /// One sentence each.
    pub(super) fn finish(mut self) -> Vec<String> {
        if self.more > 0 {
            self.named.push(format!("{} more were left out", counted(self.more, "scene")));
        }
        self.named
    }
}
