//! Tables as aligned text, for terminals.

/// The widest column whose cells are aligned: `format!` pads no further than 65,535 letters.
const WIDEST: usize = 500;

/// Columns beside each other, each with its cells from above: the first one to the left, the others to the right, two
/// spaces between them. As many rows as the first column has.
pub fn table(columns: &[Vec<String>]) -> String {
    let width = |column: &Vec<String>| column.iter().map(|cell| cell.chars().count()).max().unwrap_or(0).min(WIDEST);
    let widths: Vec<usize> = columns.iter().map(width).collect();
    let rows = columns.first().map_or(0, Vec::len);
    let mut text = String::new();
    for row in 0..rows {
        let mut line = String::new();
        for (index, (column, &width)) in columns.iter().zip(&widths).enumerate() {
            let cell = column.get(row).map_or("", String::as_str);
            if index == 0 {
                line.push_str(&format!("{cell:<width$}"));
            } else {
                line.push_str(&format!("  {cell:>width$}"));
            }
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_aligned_and_a_name_without_end_breaks_nothing() {
        let cells = |column: &[&str]| column.iter().map(|cell| (*cell).to_owned()).collect::<Vec<_>>();
        let columns = [cells(&["class", "road"]), cells(&["IoU", "7.0"]), cells(&["note"])];
        assert_eq!(table(&columns), "class  IoU  note\nroad   7.0\n");
        let long = "a".repeat(70_000);
        assert!(table(&[vec![long.clone()], cells(&["1"])]).starts_with(&long));
        assert_eq!(table(&[]), "");
    }
}
