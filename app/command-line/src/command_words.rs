//! The command that is being carried out, as a shell takes it again.

use std::env;

/// For files that tell what made them.
pub fn command_words() -> String {
    let arguments = env::args_os().skip(1);
    let words = arguments.map(|argument| quoted(&argument.to_string_lossy()));
    std::iter::once("fusionscope".to_owned()).chain(words).collect::<Vec<_>>().join(" ")
}

/// A word as it is where a shell reads it so, else in quotes.
fn quoted(word: &str) -> String {
    let is_plain = |letter: char| letter.is_alphanumeric() || "-_./,:=+%@".contains(letter);
    if !word.is_empty() && word.chars().all(is_plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', "'\\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_quoted_where_a_shell_would_take_them_apart() {
        let words = ["runs/a-1", "ours=runs/b", "a b", "", "it's", "$HOME", "0.1,0.2"];
        let quoted = words.map(quoted);
        assert_eq!(quoted, ["runs/a-1", "ours=runs/b", "'a b'", "''", "'it'\\''s'", "'$HOME'", "0.1,0.2"]);
    }
}
