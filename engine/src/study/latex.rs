//! A study's table for a paper.

use super::table::Table;
use super::text::{columns, notes, words};

/// A LaTeX table with the rules of `booktabs`.
pub fn latex(table: &Table) -> String {
    let columns = columns(table);
    let line = |row: usize| {
        let cells: Vec<String> = columns.iter().map(|column| escaped(&column[row])).collect();
        format!("    {} \\\\\n", cells.join(" & "))
    };
    let rows: String = (1..=table.rows.len()).map(line).collect();
    let notes = notes(table).iter().map(|note| escaped(note)).collect::<Vec<_>>().join(" ");
    format!(
        "% \\usepackage{{booktabs}}\n\\begin{{table}}\n  \\centering\n  \\caption{{{}: {}. {notes}}}\n  \
         \\begin{{tabular}}{{l{}}}\n    \\toprule\n{}    \\midrule\n{rows}    \\bottomrule\n  \\end{{tabular}}\n\\end{{table}}\n",
        escaped(&table.title),
        escaped(&words(table)),
        "r".repeat(columns.len() - 1),
        line(0),
    )
}

/// Text with nothing in it that LaTeX would obey or lacks.
fn escaped(text: &str) -> String {
    text.chars()
        .map(|letter| match letter {
            '&' | '%' | '$' | '#' | '_' | '{' | '}' => format!("\\{letter}"),
            '~' => "\\textasciitilde{}".to_owned(),
            '^' => "\\textasciicircum{}".to_owned(),
            '\\' => "\\textbackslash{}".to_owned(),
            '±' => "$\\pm$".to_owned(),
            '−' => "$-$".to_owned(),
            '–' => "--".to_owned(),
            '×' => "$\\times$".to_owned(),
            '·' => "$\\cdot$".to_owned(),
            other => other.to_string(),
        })
        .collect()
}
