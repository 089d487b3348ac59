//! Numbers in text, as spreadsheets and scripts write them: one separator a file, perhaps names of columns in the first
//! line.
//!
//! What is odd is refused with line and column, counted from 1: a guess would be a number that nobody measured.

/// A table that was read.
#[derive(Debug, PartialEq)]
pub(super) struct Table {
    /// Row by row.
    pub(super) numbers: Vec<f32>,
    pub(super) width: usize,
    /// What was left out, in a sentence.
    pub(super) note: Option<String>,
}

/// What stands between the cells of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Separator {
    Letter(char),
    Blanks,
}

/// Reads text; the error says what is wrong with it, and where.
pub(super) fn read(bytes: &[u8]) -> Result<Table, String> {
    let text = text_of(bytes).ok_or("expected an NPY file or text with numbers")?;
    let lines: Vec<(usize, &str)> = text.lines().zip(1..).map(|(line, at)| (at, line)).collect();
    let is_used = |&&(at, line): &&(usize, &str)| {
        let line = line.trim();
        !line.is_empty() && (at == 1 || !line.starts_with('#'))
    };
    let lines: Vec<(usize, &str)> = lines.iter().filter(is_used).copied().collect();
    let Some(&(first_at, first)) = lines.first() else { return Err("the file holds no numbers".to_owned()) };
    let separator = Separator::of(first);
    let names = Some(separator.cells(first)).filter(|cells| is_names(cells));
    let rows = &lines[usize::from(names.is_some())..];
    let Some(&(at, row)) = rows.first() else { return Err("the file holds no numbers".to_owned()) };
    let width = separator.cells(row).len();
    let dropped = dropped(names.as_deref(), width).ok_or_else(|| {
        format!("line {first_at} names {} columns; line {at} has {width}", names.map_or(0, |names| names.len()))
    })?;
    let mut numbers = Vec::new();
    for &(at, line) in rows {
        let cells = separator.cells(line);
        if cells.len() != width {
            return Err(format!("line {at} has {} numbers; expected {width}{}", cells.len(), separator.other(line)));
        }
        for (column, cell) in (1..).zip(cells).skip(usize::from(dropped)) {
            numbers.push(number(&cell, at, column, separator)?);
        }
    }
    let note = dropped.then(|| "the first column has no name: it is taken for row numbers and left out".to_owned());
    match width - usize::from(dropped) {
        0 => Err("the file holds no numbers".to_owned()),
        width => Ok(Table { numbers, width, note }),
    }
}

/// UTF-8, or UTF-16 where a byte-order mark says so.
fn text_of(bytes: &[u8]) -> Option<String> {
    let wide = |from: fn([u8; 2]) -> u16, bytes: &[u8]| {
        let units: Vec<u16> = bytes.as_chunks::<2>().0.iter().map(|&pair| from(pair)).collect();
        String::from_utf16(&units).ok().filter(|text| !text.is_empty())
    };
    match bytes {
        [0xff, 0xfe, rest @ ..] => wide(u16::from_le_bytes, rest),
        [0xfe, 0xff, rest @ ..] => wide(u16::from_be_bytes, rest),
        _ => String::from_utf8(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes).to_vec()).ok(),
    }
}

impl Separator {
    /// The separator of a file, by its first line.
    fn of(line: &str) -> Self {
        let bare: String = line.split('"').step_by(2).collect();
        let letter = ['\t', ';', ','].into_iter().find(|&letter| bare.contains(letter));
        letter.map_or(Self::Blanks, Self::Letter)
    }

    /// Cells without blanks and quotes around them.
    fn cells(self, line: &str) -> Vec<String> {
        let mut cells = vec![String::new()];
        let mut is_quoted = false;
        let line = if self == Self::Blanks { line.trim() } else { line };
        for letter in line.chars() {
            is_quoted ^= letter == '"';
            let ends = match self {
                Self::Letter(separator) => letter == separator,
                Self::Blanks => letter.is_whitespace(),
            };
            match cells.last_mut() {
                Some(_) if ends && !is_quoted => cells.push(String::new()),
                Some(cell) => cell.push(letter),
                None => {}
            }
        }
        if self == Self::Blanks {
            cells.retain(|cell| !cell.is_empty());
        }
        let bare = |cell: &String| {
            let cell = cell.trim();
            cell.strip_prefix('"').and_then(|cell| cell.strip_suffix('"')).unwrap_or(cell).trim().to_owned()
        };
        cells.iter().map(bare).collect()
    }

    /// Words on another separator that a line uses, empty where it uses none.
    fn other(self, line: &str) -> String {
        let words = |separator| match separator {
            Self::Letter('\t') => "tabs",
            Self::Letter(';') => "semicolons",
            Self::Letter(_) => "commas",
            Self::Blanks => "blanks",
        };
        let own = Self::of(line);
        if own == self { String::new() } else { format!(", separated by {} as in the first line", words(self)) }
    }
}

/// A first line of which no cell is a number holds names. A leading `#` marks them as NumPy does.
fn is_names(cells: &[String]) -> bool {
    let is_number = |cell: &String| cell.parse::<f32>().is_ok() || decimal_comma(cell).is_some();
    let cells: Vec<&String> = cells.iter().filter(|cell| !cell.is_empty()).collect();
    !cells.is_empty() && !cells.into_iter().any(is_number)
}

/// Whether the first column is left out: its name is missing, as spreadsheets and statistics programs write row
/// numbers. `None` where there are not as many names as columns.
fn dropped(names: Option<&[String]>, width: usize) -> Option<bool> {
    let Some(names) = names else { return Some(false) };
    let is_marked = names.first().is_some_and(|name| name == "#");
    let is_unnamed = |name: &String| name.is_empty() || name.starts_with("Unnamed:");
    match names.len() - usize::from(is_marked) {
        count if count == width => Some(width > 1 && !is_marked && names.first().is_some_and(is_unnamed)),
        count if count + 1 == width && !is_marked => Some(true),
        _ => None,
    }
}

fn number(cell: &str, line: usize, column: usize, separator: Separator) -> Result<f32, String> {
    if let Ok(number) = cell.parse() {
        return Ok(number);
    }
    let place = format!("line {line}, column {column}");
    if cell.is_empty() {
        return Err(format!("{place} is empty"));
    }
    if let Some(point) = decimal_comma(cell) {
        return Err(format!("{place}: `{cell}` has a decimal comma; write numbers with a point, as {point}"));
    }
    let blanks = cell.contains(char::is_whitespace) && separator != Separator::Blanks;
    let hint = if blanks { "; a file has one separator throughout, and a point before decimals" } else { "" };
    Err(format!("{place}: `{cell}` is no number{hint}"))
}

/// A number that is written with a comma, with a point in its place.
fn decimal_comma(cell: &str) -> Option<String> {
    let point = cell.replacen(',', ".", 1);
    (cell.contains(',') && point.parse::<f32>().is_ok()).then_some(point)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(text: impl AsRef<[u8]>) -> (Vec<f32>, usize) {
        let table = read(text.as_ref()).unwrap();
        (table.numbers, table.width)
    }

    fn refused(text: &str, words: &str) {
        let message = read(text.as_bytes()).unwrap_err();
        assert!(message.contains(words), "{text:?}: {message} lacks `{words}`");
    }

    #[test]
    fn the_first_row_counts_behind_a_byte_order_mark() {
        let expected = (vec![1.0, -2.5, 3.0, 4.0], 2);
        for text in [
            "1,-2.5\n3,4\n",
            "1;-2.5\r\n3;4\r\n",
            "1\t-2.5\n3\t4",
            "  1   -2.5\n 3\t4\n",
            "\"1\",\"-2.5\"\n\"3\",\"4\"\n",
        ] {
            assert_eq!(numbers(text), expected, "{text:?}");
            assert_eq!(numbers(format!("\u{feff}{text}")), expected, "{text:?}");
            let wide = format!("\u{feff}{text}");
            assert_eq!(numbers(wide.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<_>>()), expected);
            assert_eq!(numbers(wide.encode_utf16().flat_map(u16::to_be_bytes).collect::<Vec<_>>()), expected);
        }
    }

    #[test]
    fn a_first_line_is_names_only_where_no_cell_is_a_number() {
        assert_eq!(numbers("a,b\n1,2\n"), (vec![1.0, 2.0], 2));
        assert_eq!(numbers("# x y\n1 2\n# more\n3 4\n"), (vec![1.0, 2.0, 3.0, 4.0], 2));
        assert_eq!(numbers("value\n1\n2\n"), (vec![1.0, 2.0], 1));
        refused("1.5o2.5,3\n4,5\n", "line 1, column 1: `1.5o2.5` is no number");
        refused("a,1\n4,5\n", "line 1, column 1: `a` is no number");
        refused("1,2,x\n4,5,6\n", "line 1, column 3: `x` is no number");
        refused("a,b,c\n1,2\n", "line 1 names 3 columns; line 2 has 2");
        refused("a,b\n", "no numbers");
    }

    #[test]
    fn a_file_has_one_separator() {
        refused("1;2\n3,4\n", "line 2 has 1 numbers; expected 2, separated by semicolons");
        refused("1,2,3\n4,5 6\n", "line 2 has 2 numbers; expected 3");
        refused("1\t2\n3 4\t5\n", "line 2, column 1: `3 4` is no number");
    }

    #[test]
    fn decimal_commas_are_refused_in_words() {
        refused("a;b\n0,5;1,25\n", "line 2, column 1: `0,5` has a decimal comma; write numbers with a point, as 0.5");
        refused("0,5;1,25\n", "line 1, column 1: `0,5` has a decimal comma");
        refused("1\t-2,5e3\n", "line 1, column 2: `-2,5e3` has a decimal comma");
        refused("\"0,5\",\"1\"\n", "line 1, column 1: `0,5` has a decimal comma");
        refused("1,000.5;2\n", "`1,000.5` is no number");
        refused("0,5 1,25\n", "line 1, column 2: `5 1` is no number; a file has one separator throughout, and a point");
    }

    #[test]
    fn a_column_of_row_numbers_is_left_out_and_said() {
        for text in [
            ",a,b\n0,1,2\n1,3,4\n",
            "\"\";\"a\";\"b\"\n\"r0\";1;2\n\"r1\";3;4\n",
            "a b\nx 1 2\ny 3 4\n",
            "Unnamed: 0,a,b\n0,1,2\n1,3,4\n",
        ] {
            let table = read(text.as_bytes()).unwrap();
            assert_eq!((table.numbers, table.width), (vec![1.0, 2.0, 3.0, 4.0], 2), "{text:?}");
            assert!(table.note.unwrap().contains("row numbers"), "{text:?}");
        }
        assert_eq!(read(b"i,a\n0,1\n").unwrap().note, None);
    }

    #[test]
    fn empty_cells_are_refused_with_line_and_column() {
        refused("1,2\n3,\n", "line 2, column 2 is empty");
        refused("a,b,c\n1,,3\n", "line 2, column 2 is empty");
        refused(",1\n2,3\n", "line 1, column 1 is empty");
        refused("1;2;\n3;4;\n", "line 1, column 3 is empty");
    }
}
