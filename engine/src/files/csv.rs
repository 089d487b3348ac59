//! Tables as comma-separated text, which every CSV of the program is written by.

/// One line of a table. A cell that holds a separator, a quote or an end of line is quoted.
///
/// A text that a spreadsheet would take for a formula gets an apostrophe before it, which spreadsheets take for "this
/// is text": names of classes, sensors and scenes come from elsewhere. Numbers stay numbers, negative ones too.
pub fn line<T: AsRef<str>>(cells: impl IntoIterator<Item = T>) -> String {
    let mut text = String::new();
    for (place, cell) in cells.into_iter().enumerate() {
        if place > 0 {
            text.push(',');
        }
        push(&mut text, cell.as_ref());
    }
    text.push('\n');
    text
}

fn push(text: &mut String, cell: &str) {
    // What a terminal would obey is no text of anybody's; the file may be looked at in one.
    let is_obeyed = |letter: char| letter.is_control() && !matches!(letter, '\t' | '\n' | '\r');
    if cell.contains(is_obeyed) {
        let shown: String = cell
            .chars()
            .map(|letter| if is_obeyed(letter) { letter.escape_unicode().to_string() } else { letter.to_string() })
            .collect();
        return push(text, &shown);
    }
    let mark = if is_formula(cell) { "'" } else { "" };
    if cell.contains([',', ';', '"', '\t', '\n', '\r']) {
        text.push_str(&format!("\"{mark}{}\"", cell.replace('"', "\"\"")));
    } else {
        text.push_str(mark);
        text.push_str(cell);
    }
}

/// Whether a spreadsheet computes such a cell in place of showing it. Some look past blanks, and take wide forms of the
/// signs for the signs.
fn is_formula(cell: &str) -> bool {
    if cell.starts_with(['\t', '\r', '\n']) {
        return true;
    }
    let cell = cell.trim_start();
    let begins = cell.starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠']);
    let is_number = || {
        cell[1..].starts_with(|letter: char| letter.is_ascii_digit() || letter == '.') && cell.parse::<f64>().is_ok()
    };
    begins && !(cell.starts_with(['+', '-']) && is_number())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_become_text_and_numbers_stay_numbers() {
        for formula in ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "-x", "@SUM(A1)", " =1", "＝1", "-inf", "-", "+"] {
            assert!(line([formula]).trim_matches('"').starts_with('\''), "{formula}");
        }
        assert_eq!(line(["\t=1"]), "\"'\t=1\"\n");
        assert_eq!(line(["\r=1"]), "\"'\r=1\"\n");
        assert_eq!(line(["a\u{1b}[2Jb", "\u{9b}x"]), "a\\u{1b}[2Jb,\\u{9b}x\n");
        for number in ["-0.5", "-3", "+2", "-1e-7", "0", "-.5", "12", "nan", "1-2", "a=b"] {
            assert_eq!(line([number]), format!("{number}\n"));
        }
    }

    #[test]
    fn cells_are_quoted_where_they_need_it() {
        assert_eq!(line(["a", "b,c", "say \"x\"", "", "d\ne"]), "a,\"b,c\",\"say \"\"x\"\"\",,\"d\ne\"\n");
        assert_eq!(line(["=HYPERLINK(\"x\",1)"]), "\"'=HYPERLINK(\"\"x\"\",1)\"\n");
    }
}
