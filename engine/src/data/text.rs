//! Text files as people make them: with byte-order marks, CRLF, blank lines, Latin-1 letters.

use std::path::Path;

use super::error::DataError;
use crate::progress::disk;

/// The longest list that is read.
pub(crate) const MAX_LIST_BYTES: u64 = 64 << 20;

/// The longest manifest that is read: some hundred thousand ids.
pub(crate) const MAX_MANIFEST_BYTES: u64 = 16 << 20;

/// The most lines of a list: a million scenes.
const MAX_LINES: usize = 1_000_000;

/// A longer line names no file of any system.
pub(crate) const MAX_LINE_BYTES: usize = 16 << 10;

/// Reads a text file of at most `most_bytes`; a byte-order mark is dropped, and bytes that are not UTF-8 read as
/// replacement characters.
pub(crate) fn read_text(path: &Path, what: &str, most_bytes: u64) -> Result<String, DataError> {
    let bytes = disk::read(path, most_bytes).map_err(|error| DataError::unreadable(what, path, &error))?;
    Ok(text_from_bytes(&bytes))
}

/// Text out of bytes: UTF-8 or, where marked, UTF-16.
pub(crate) fn text_from_bytes(bytes: &[u8]) -> String {
    let wide = |from: fn([u8; 2]) -> u16| -> String {
        let units: Vec<u16> = bytes[2..].as_chunks::<2>().0.iter().map(|&pair| from(pair)).collect();
        String::from_utf16_lossy(&units)
    };
    match bytes {
        [0xff, 0xfe, ..] => wide(u16::from_le_bytes),
        [0xfe, 0xff, ..] => wide(u16::from_be_bytes),
        _ => String::from_utf8_lossy(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes)).into_owned(),
    }
}

/// The lines that say something, trimmed.
pub(crate) fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.split(['\n', '\r']).map(str::trim).filter(|line| !line.is_empty())
}

/// Refuses a list of more lines than a data set can have scenes.
pub(crate) fn checked_count(text: &str, what: &str, path: &Path) -> Result<(), DataError> {
    let count = lines(text).take(MAX_LINES + 1).count();
    if count <= MAX_LINES {
        return Ok(());
    }
    let reason = format!("it has more than {MAX_LINES} lines, the most that a list may have");
    Err(DataError::Unreadable { what: what.to_owned(), reason, path: path.to_owned() })
}

/// Whether a line of a list is a comment, unless it names a file.
pub(crate) fn is_comment(line: &str) -> bool {
    line.starts_with('#')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_blank_lines_and_line_ends_of_every_kind_are_dropped() {
        let text = text_from_bytes(b"\xef\xbb\xbf a b \r\n\r\nc\rd\n");
        assert_eq!(lines(&text).collect::<Vec<_>>(), ["a b", "c", "d"]);
        let wide: Vec<u8> =
            [0xff, 0xfe].into_iter().chain("é\r\n1".encode_utf16().flat_map(u16::to_le_bytes)).collect();
        assert_eq!(lines(&text_from_bytes(&wide)).collect::<Vec<_>>(), ["é", "1"]);
    }
}
