//! What is known of an action without doing it.

use egui::{Key, KeyboardShortcut, Modifiers};

use super::Action;

/// What an action is called, what it does, where it is found, and whether it can be done now.
#[derive(Clone, Debug)]
pub struct Description {
    /// The name in menus and in the palette.
    pub title: String,
    /// What it does, in a phrase.
    pub words: &'static str,
    /// Its key, where it is frequent. Keys do not depend on the store.
    pub key: Option<KeyboardShortcut>,
    /// A second key for the same, where people are used to two.
    pub second_key: Option<KeyboardShortcut>,
    /// The key that is shown beside it: its own, or that of the toggle it is half of.
    pub shown_key: Option<KeyboardShortcut>,
    /// Whether it stands in the list of all actions. What needs a value that only its own control can give does not.
    pub is_listed: bool,
    /// The actions of its kind that lists and keys know, where it comes with a value.
    pub family: Option<fn() -> Vec<Action>>,
    /// Whether it can be done now; else what to do first, or why not.
    pub enabled: Result<(), &'static str>,
    /// Whether the session lets go of the run in its memory, which is asked about where that run could not be saved.
    pub gives_up_run: bool,
}

impl Description {
    pub(super) fn of(title: impl Into<String>, words: &'static str) -> Self {
        Self {
            title: title.into(),
            words,
            key: None,
            second_key: None,
            shown_key: None,
            is_listed: false,
            family: None,
            enabled: Ok(()),
            gives_up_run: false,
        }
    }

    pub(super) fn listed(self) -> Self {
        Self { is_listed: true, ..self }
    }

    /// Listed with all actions of its kind.
    pub(super) fn listed_as(self, family: fn() -> Vec<Action>) -> Self {
        Self { is_listed: true, family: Some(family), ..self }
    }

    pub(super) fn key(self, key: Key) -> Self {
        let key = Some(KeyboardShortcut::new(Modifiers::NONE, key));
        Self { key, shown_key: key, ..self }
    }

    /// With Ctrl, on a Mac with Cmd.
    pub(super) fn command_key(self, key: Key) -> Self {
        self.modified_key(Modifiers::COMMAND, key)
    }

    pub(super) fn modified_key(self, modifiers: Modifiers, key: Key) -> Self {
        let key = Some(KeyboardShortcut::new(modifiers, key));
        Self { key, shown_key: key, ..self }
    }

    /// A second key with Ctrl, on a Mac with Cmd.
    pub(super) fn second_command_key(self, key: Key) -> Self {
        Self { second_key: Some(KeyboardShortcut::new(Modifiers::COMMAND, key)), ..self }
    }

    pub(super) fn keys(&self) -> impl Iterator<Item = KeyboardShortcut> {
        [self.key, self.second_key].into_iter().flatten()
    }

    pub(super) fn half_of(self, key: Key) -> Self {
        Self { shown_key: Some(KeyboardShortcut::new(Modifiers::NONE, key)), ..self }
    }

    /// Can be done only where `holds`; of several reasons why not the first one is told.
    pub(super) fn when(self, holds: bool, else_why: &'static str) -> Self {
        Self { enabled: self.enabled.and(if holds { Ok(()) } else { Err(else_why) }), ..self }
    }

    pub(super) fn giving_up_run(self) -> Self {
        Self { gives_up_run: true, ..self }
    }

    /// What the pointer is told: what it does and by which key, or why it cannot be done now.
    pub fn hint(&self, ctx: &egui::Context) -> String {
        match (self.enabled, self.shown_key) {
            (Err(why), _) => format!("{}: {why}", self.title),
            (Ok(()), Some(key)) => format!("{}  ({})", self.words, key_words(ctx, &key)),
            (Ok(()), None) => self.words.to_owned(),
        }
    }
}

/// A shortcut as people read it: `[` rather than the name of the key.
pub fn key_words(ctx: &egui::Context, shortcut: &KeyboardShortcut) -> String {
    let key = shortcut.logical_key;
    let modifiers = ctx.format_modifiers(shortcut.modifiers);
    let word = match key {
        Key::Period => ".",
        Key::OpenBracket => "[",
        Key::CloseBracket => "]",
        Key::Questionmark => "?",
        other => other.name(),
    };
    if modifiers.is_empty() { word.to_owned() } else { ctx.format_shortcut(shortcut) }
}
