//! Numbers in text, as spreadsheets and scripts write them: one separator a file, perhaps names of columns in the first
//! line.
//!
//! What is odd is refused with line and column, counted from 1: a guess would be a number that nobody measured.

use std::borrow::Cow;

use crate::failure::short;

/// The most columns that a table may have.
const MAX_COLUMNS: usize = 65_536;

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
    let is_used = |&(at, line): &(usize, &str)| {
        let line = line.trim();
        !line.is_empty() && (at == 1 || !line.starts_with('#'))
    };
    // Line by line, so that text takes no more memory than its numbers.
    let mut lines = text.lines().zip(1..).map(|(line, at)| (at, line)).filter(is_used).peekable();
    let Some(&(first_at, first)) = lines.peek() else { return Err("the file holds no numbers".to_owned()) };
    let separator = Separator::of(first);
    let names = Some(separator.cells(first)).filter(|cells| is_names(cells));
    if names.is_some() {
        lines.next();
    }
    let Some(&(at, row)) = lines.peek() else { return Err("the file holds no numbers".to_owned()) };
    let width = separator.cells(row).len();
    if width > MAX_COLUMNS {
        return Err(format!("line {at} has more than {MAX_COLUMNS} columns; expected a point a line"));
    }
    let dropped = dropped(names.as_deref(), width).ok_or_else(|| {
        format!("line {first_at} names {} columns; line {at} has {width}", names.map_or(0, |names| names.len()))
    })?;
    let mut numbers = Vec::new();
    for (at, line) in lines {
        let cells = separator.cells(line);
        if cells.len() != width {
            return Err(format!("line {at} has {} numbers; expected {width}{}", cells.len(), separator.other(line)));
        }
        for (column, cell) in (1..).zip(cells).skip(usize::from(dropped)) {
            numbers.push(number(cell, at, column, separator)?);
        }
    }
    let note = dropped.then(|| "the first column has no name: it is taken for row numbers and left out".to_owned());
    match width - usize::from(dropped) {
        0 => Err("the file holds no numbers".to_owned()),
        width => Ok(Table { numbers, width, note }),
    }
}

/// UTF-8, or UTF-16 where a byte-order mark says so.
fn text_of(bytes: &[u8]) -> Option<Cow<'_, str>> {
    let wide = |from: fn([u8; 2]) -> u16, bytes: &[u8]| {
        let units = bytes.as_chunks::<2>().0.iter().map(|&pair| from(pair));
        let text = char::decode_utf16(units).collect::<Result<String, _>>();
        text.ok().filter(|text| !text.is_empty()).map(Cow::Owned)
    };
    match bytes {
        [0xff, 0xfe, rest @ ..] => wide(u16::from_le_bytes, rest),
        [0xfe, 0xff, rest @ ..] => wide(u16::from_be_bytes, rest),
        _ => std::str::from_utf8(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes)).ok().map(Cow::Borrowed),
    }
}

impl Separator {
    /// The separator of a file, by its first line.
    fn of(line: &str) -> Self {
        let bare: String = line.split('"').step_by(2).collect();
        let letter = ['\t', ';', ','].into_iter().find(|&letter| bare.contains(letter));
        letter.map_or(Self::Blanks, Self::Letter)
    }

    /// Cells without blanks and quotes around them; of a line with too many, one more than may be.
    fn cells(self, line: &str) -> Vec<&str> {
        let line = if self == Self::Blanks { line.trim() } else { line };
        let mut is_quoted = false;
        let ends = |letter: char| {
            is_quoted ^= letter == '"';
            let is_separator = match self {
                Self::Letter(separator) => letter == separator,
                Self::Blanks => letter.is_whitespace(),
            };
            is_separator && !is_quoted
        };
        let cells = line.split(ends).filter(|cell| self != Self::Blanks || !cell.is_empty());
        cells.map(bare).take(MAX_COLUMNS + 1).collect()
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

/// A cell without the blanks and quotes around it.
fn bare(cell: &str) -> &str {
    let cell = cell.trim();
    cell.strip_prefix('"').and_then(|cell| cell.strip_suffix('"')).unwrap_or(cell).trim()
}

/// A first line of which no cell is a number holds names. A leading `#` marks them as NumPy does.
fn is_names(cells: &[&str]) -> bool {
    let is_number = |cell: &&str| cell.parse::<f32>().is_ok() || decimal_comma(cell).is_some();
    let mut cells = cells.iter().filter(|cell| !cell.is_empty()).peekable();
    cells.peek().is_some() && !cells.any(is_number)
}

/// Whether the first column is left out: its name is missing, as spreadsheets and statistics programs write row
/// numbers. `None` where there are not as many names as columns.
fn dropped(names: Option<&[&str]>, width: usize) -> Option<bool> {
    let Some(names) = names else { return Some(false) };
    let is_marked = names.first() == Some(&"#");
    let is_unnamed = |name: &&str| name.is_empty() || name.starts_with("Unnamed:");
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
        let cell = short(cell);
        return Err(format!("{place}: `{cell}` has a decimal comma; write numbers with a point, as {}", short(&point)));
    }
    let blanks = cell.contains(char::is_whitespace) && separator != Separator::Blanks;
    let hint = if blanks { "; a file has one separator throughout, and a point before decimals" } else { "" };
    Err(format!("{place}: `{}` is no number{hint}", short(cell)))
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
    fn text_takes_little_more_memory_than_it_is_long() {
        use crate::kernels::most_bytes;
        let lines = [b"1,2\n".as_slice(), &vec![b'\n'; 1 << 20], b"3,4\n"].concat();
        let (table, most) = most_bytes(|| read(&lines).unwrap());
        assert!(table.numbers == [1.0, 2.0, 3.0, 4.0] && most < 10_000, "{most} bytes");
        let cells = vec![b','; 8 << 20];
        let (refused, most) = most_bytes(|| read(&cells).unwrap_err());
        assert!(refused.contains("more than 65536 columns") && most < 24 << 20, "{most} bytes: {refused}");
        let word = "x".repeat(1 << 20);
        assert!(read(format!("1,2\n3,{word}\n").as_bytes()).unwrap_err().len() < 500);
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
