//! The command that is being carried out, as a shell takes it again.

use std::env;

use fusionscope_engine::files::shell;

/// For files that tell what made them.
pub fn command_words() -> String {
    let arguments = env::args_os().skip(1);
    let words = arguments.map(|argument| shell::word(&argument.to_string_lossy()));
    std::iter::once("fusionscope".to_owned()).chain(words).collect::<Vec<_>>().join(" ")
}
