//! The one place that writes to the terminal.
//!
//! Results go to standard output, everything else to standard error, so that results can be piped. Where standard
//! output takes no more, that is said once and the work goes on: a reader that has closed its end
//! (`fusionscope evaluate … | head -1`) changes no exit code, a disk that is full does.
//!
//! Names of files, classes, sensors and recipes come from elsewhere. What a terminal would obey in them is printed as
//! an escape.

use std::borrow::Cow;
use std::io::{self, ErrorKind, IsTerminal as _};
use std::sync::LazyLock;

use super::stream::Stream;

static OUT: LazyLock<Stream> = LazyLock::new(|| Stream::of("fusionscope-out", io::stdout()));
static ERR: LazyLock<Stream> = LazyLock::new(|| Stream::of("fusionscope-err", io::stderr()));

/// Writes a line to standard output and flushes it, so that a reader sees each line as it is made. What breaks lines
/// within it is escaped.
pub fn line(text: &str) {
    lines([text]);
}

/// Many lines at once, each as by [`line`].
pub fn lines(all: impl IntoIterator<Item = impl AsRef<str>>) {
    write(all.into_iter().map(|text| format!("{}\n", shown(text.as_ref()).replace('\n', "\\n"))).collect());
}

/// Writes text that ends its own lines to standard output.
pub fn text(text: &str) {
    write(shown(text).into_owned());
}

/// Writes a value to standard output as one line of JSON.
pub fn json(value: &impl serde::Serialize) -> anyhow::Result<()> {
    write(format!("{}\n", json_text(value)?));
    Ok(())
}

/// A value as JSON that no terminal obeys: of what one would, JSON itself escapes only the first 32 letters.
fn json_text(value: &impl serde::Serialize) -> serde_json::Result<String> {
    let escaped = |letter| format!("\\u{:04x}", u32::from(letter));
    Ok(replaced(&serde_json::to_string(value)?, escaped).into_owned())
}

/// Writes a line to standard error; if nobody reads it, nothing is lost.
pub fn complain(text: &str) {
    let _nobody_listens = ERR.write(format!("{}\n", shown(text)));
}

/// How many letters a line of standard output has room for; `None` where it is no terminal.
pub fn width() -> Option<usize> {
    let terminal = console::Term::stdout();
    io::stdout().is_terminal().then(|| terminal.size_checked()).flatten().map(|(_, columns)| usize::from(columns))
}

/// Whether a person watches standard error, so that a progress bar makes sense.
pub fn is_watched() -> bool {
    io::stderr().is_terminal()
}

/// Whether results were lost for another reason than that nobody reads them.
pub fn was_lost() -> bool {
    OUT.lost.get().is_some_and(|&kind| kind != ErrorKind::BrokenPipe)
}

/// Text as a terminal may have it: what it would obey, such as colours, titles and the order of letters, becomes an
/// escape like `\u{1b}`. Tabs and ends of lines stay.
pub fn shown(text: &str) -> Cow<'_, str> {
    replaced(text, |letter| letter.escape_default().to_string())
}

fn replaced(text: &str, escape: impl Fn(char) -> String) -> Cow<'_, str> {
    if !text.contains(is_obeyed) {
        return Cow::Borrowed(text);
    }
    let mut clean = String::with_capacity(text.len());
    for letter in text.chars() {
        if is_obeyed(letter) { clean.push_str(&escape(letter)) } else { clean.push(letter) }
    }
    Cow::Owned(clean)
}

/// Control letters, and those that turn the direction of what follows.
fn is_obeyed(letter: char) -> bool {
    let turns = matches!(letter, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    turns || letter.is_control() && !matches!(letter, '\n' | '\t')
}

fn write(text: String) {
    let Err(error) = OUT.write(text) else { return };
    let what = "the work goes on, and what it prints is lost";
    match error.kind() {
        ErrorKind::BrokenPipe => complain(&format!("Standard output was closed; {what}")),
        ErrorKind::TimedOut => complain(&format!("Standard output is not read; {what}")),
        _ => complain(&format!("error: could not write to standard output: {error}; {what}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_terminal_obeys_is_escaped_and_all_other_letters_stay() {
        assert!(matches!(shown("Straße 街\t1\n"), Cow::Borrowed(_)));
        assert_eq!(shown("a\u{1b}[31mb\r\u{7}\u{9b}c\u{7f}"), "a\\u{1b}[31mb\\r\\u{7}\\u{9b}c\\u{7f}");
        assert_eq!(shown("png.\u{202e}gpj"), "png.\\u{202e}gpj");
    }

    #[test]
    fn json_stays_json() {
        let escaped = json_text(&"a\u{1b}\u{9b}\u{202e}\"").unwrap();
        assert!(!escaped.contains(is_obeyed), "{escaped}");
        assert_eq!(serde_json::from_str::<String>(&escaped).unwrap(), "a\u{1b}\u{9b}\u{202e}\"");
    }
}
