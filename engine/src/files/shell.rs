//! Words as a POSIX shell takes them.

/// A word as it is where a shell reads it so, else in quotes.
pub fn word(word: &str) -> String {
    let is_plain = |letter: char| letter.is_alphanumeric() || "-_./,:=+%@".contains(letter);
    if !word.is_empty() && word.chars().all(is_plain) { word.to_owned() } else { quoted(word) }
}

/// A word in quotes, in which a shell changes nothing.
pub fn quoted(word: &str) -> String {
    format!("'{}'", word.replace('\'', "'\\''"))
}

#[cfg(test)]
mod tests {
    use super::word;

    #[test]
    fn words_are_quoted_where_a_shell_would_take_them_apart() {
        let words = ["runs/a-1", "ours=runs/b", "a b", "", "it's", "$HOME", "0.1,0.2"];
        assert_eq!(words.map(word), ["runs/a-1", "ours=runs/b", "'a b'", "''", "'it'\\''s'", "'$HOME'", "0.1,0.2"]);
    }
}
