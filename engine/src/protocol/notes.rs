//! What is to be said of work that went on.

/// Sentences for the log.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Notes {
    /// Good to know: all is as it was asked for.
    pub facts: Vec<String>,
    /// Something is not as one would suppose, and somebody should look.
    pub warnings: Vec<String>,
}

impl Notes {
    /// Adds others behind these.
    pub fn add(&mut self, others: Self) {
        self.facts.extend(others.facts);
        self.warnings.extend(others.warnings);
    }
}
