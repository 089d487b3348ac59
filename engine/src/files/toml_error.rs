//! Why a file is no TOML, with the place.

use std::ops::Range;

/// What a tab is drawn as: how wide it is differs from one terminal to the next.
const TAB: &str = "    ";

/// Longer lines are not quoted.
const LONGEST: usize = 160;

/// Where and why a text is no TOML: the place, the line with carets below what is wrong, then the parser's words. Each
/// letter has the same width in a fixed-width font, those of Chinese, Japanese and Korean twice that.
pub fn reason(text: &str, error: &toml::de::Error) -> String {
    let words = error.message().trim();
    let Some(Range { start, end }) = error.span().filter(|span| text.is_char_boundary(span.start)) else {
        return words.to_owned();
    };
    let before = text.get(..start).unwrap_or_default();
    let (number, from) = (before.matches('\n').count() + 1, before.rfind('\n').map_or(0, |place| place + 1));
    let line = text.get(from..).unwrap_or_default().lines().next().unwrap_or_default();
    let place = format!("line {number}, column {}", before[from..].chars().count() + 1);
    if line.chars().count() > LONGEST {
        return format!("{place}: {words}");
    }
    let wrong = text.get(start..end.min(from + line.len()).max(start)).unwrap_or_default();
    let carets = "^".repeat(width(wrong).max(1));
    let gutter = " ".repeat(number.to_string().len());
    let blank = " ".repeat(width(&before[from..]));
    format!("{place}\n{gutter} |\n{number} | {}\n{gutter} | {blank}{carets}\n{words}", line.replace('\t', TAB))
}

/// How many narrow letters a text is as wide as.
fn width(text: &str) -> usize {
    let of = |letter| match letter {
        '\t' => TAB.len(),
        '\u{1100}'..='\u{115f}' | '\u{2e80}'..='\u{a4cf}' | '\u{ac00}'..='\u{d7a3}' | '\u{f900}'..='\u{faff}' => 2,
        '\u{fe30}'..='\u{fe6f}' | '\u{ff00}'..='\u{ff60}' | '\u{ffe0}'..='\u{ffe6}' | '\u{1f300}'..='\u{1faff}' => 2,
        _ => 1,
    };
    text.chars().map(of).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reason_of(text: &str) -> String {
        reason(text, &text.parse::<toml::Table>().unwrap_err())
    }

    #[test]
    fn carets_stand_below_what_is_wrong() {
        // The second sign has no place on a line.
        for text in ["a = 1\nb = 2 c = 3\n", "\t\tb = 2 c = 3", "\"街\" = 2 c = 3", "\"é\" = 2 c = 3"] {
            let reason = reason_of(text);
            let lines: Vec<&str> = reason.lines().collect();
            let shown = lines.iter().position(|line| line.contains(" = 2")).unwrap();
            let caret = lines[shown + 1].find('^').unwrap();
            let above = lines[shown].rfind('=').unwrap();
            assert_eq!(width(&lines[shown + 1][..caret]), width(&lines[shown][..above]), "{reason}");
        }
    }

    #[test]
    fn the_place_comes_first_and_the_words_last() {
        let reason = reason_of("a = 1\nthis is no toml\n");
        assert!(reason.starts_with("line 2, column 6\n  |\n2 | this is no toml\n  |      ^"), "{reason}");
        assert!(reason.lines().count() == 5 && !reason.ends_with('\n'), "{reason}");
        let long = reason_of(&format!("a = [{}\nb", "1, ".repeat(100)));
        assert!(long.starts_with("line "), "{long}");
        // The end of a text is a place too.
        assert!(reason_of("a =").starts_with("line 1, column "));
    }
}
