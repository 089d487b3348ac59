//! A study's table for the terminal, for a README and for a spreadsheet.

use super::statistics::{Paired, Summary};
use super::table::{Cell, Table, TableRow};
use crate::evaluation::percent;
use crate::files::{aligned, csv};
use crate::protocol::counted;

/// What stands where there is no figure.
const NONE: &str = "–";

/// Aligned text.
pub fn terminal(table: &Table) -> String {
    let notes: String = notes(table).iter().map(|note| format!("{note}\n")).collect();
    format!("{}\n{}\n\n{}\n{notes}", table.title, words(table), aligned::table(&columns(table)))
}

/// A table of GitHub's Markdown.
pub fn markdown(table: &Table) -> String {
    let columns = columns(table);
    let line = |row: usize| {
        let cells: Vec<String> = columns.iter().map(|column| column[row].replace('|', "\\|")).collect();
        format!("| {} |\n", cells.join(" | "))
    };
    let mut text = format!("**{}** ({})\n\n{}|{}\n", table.title, words(table), line(0), "---|".repeat(columns.len()));
    text.extend((1..=table.rows.len()).map(line));
    text.extend(notes(table).iter().map(|note| format!("\n{note}\n")));
    text
}

/// A line a row, figure and seed, and one with mean and difference: fractions, empty where there is none.
pub fn csv_text(table: &Table) -> String {
    let head = ["row", "against", "figure", "seed", "value", "deviation", "difference", "half width", "seeds needed"];
    let mut text = csv::line(head.into_iter().chain(["printed"]));
    let number = |value: Option<f64>| value.map_or_else(String::new, |value| format!("{value:.6}"));
    for row in &table.rows {
        for (figure, cell) in table.figures.iter().zip(&row.cells) {
            let name = [row.name.clone(), row.against.clone().unwrap_or_default(), figure.clone()];
            for (seed, value) in &cell.by_seed {
                let rest = [seed.to_string(), number(Some(*value))];
                text.push_str(&csv::line(name.iter().cloned().chain(rest).chain(vec![String::new(); 5])));
            }
            let Cell { summary, difference, needed, printed, .. } = cell;
            text.push_str(&csv::line(name.into_iter().chain([
                "mean".to_owned(),
                number(summary.map(|found| found.mean)),
                number(summary.and_then(|found| found.deviation)),
                number(difference.map(|found| found.differences.mean)),
                number(difference.and_then(|found| found.half_width)),
                needed.map_or_else(String::new, |needed| needed.to_string()),
                number(*printed),
            ])));
        }
    }
    text
}

/// What the figures are, in a sentence.
pub(super) fn words(table: &Table) -> String {
    let Table { dataset, split, missing, convention, .. } = table;
    if dataset.is_empty() {
        return "no run is done yet".to_owned();
    }
    format!("{dataset}, {split}, in per cent, means by {convention}, missing sensors: {missing}")
}

/// The table column by column, heads first: the row's name, seeds done, and of each figure mean ± deviation, the
/// difference ± half of its interval, and what is printed, where there is any; steps of training, where rows differ in
/// them, and seconds of training last.
pub(super) fn columns(table: &Table) -> Vec<Vec<String>> {
    let column = |head: &str, cell: &dyn Fn(&TableRow) -> String| -> Vec<String> {
        std::iter::once(head.to_owned()).chain(table.rows.iter().map(cell)).collect()
    };
    let mut columns = vec![
        column("", &|row| row.name.clone()),
        column("seeds", &|row| match row.seeds.len() {
            done if done == row.wanted => done.to_string(),
            done => format!("{done} of {}", row.wanted),
        }),
    ];
    let references = references(table);
    for (at, figure) in table.figures.iter().enumerate() {
        let of_all = |has: &dyn Fn(&Cell) -> bool| table.rows.iter().any(|row| has(&row.cells[at]));
        columns.push(column(figure, &|row| spread(row.cells[at].summary)));
        if !references.is_empty() {
            columns.push(column("difference", &|row| difference(row, &row.cells[at], references.len() > 1)));
        }
        if of_all(&|cell| cell.printed.is_some()) {
            columns.push(column("printed", &|row| percent(row.cells[at].printed)));
        }
        if of_all(&|cell| cell.printed_difference.is_some()) {
            columns.push(column("printed difference", &|row| {
                row.cells[at].printed_difference.map_or_else(String::new, signed)
            }));
        }
    }
    let steps = |row: &TableRow| row.steps.map(|steps| steps.mean.round() as u64);
    let mut of_done = table.rows.iter().filter_map(steps);
    // Said where rows differ in it.
    if let Some(first) = of_done.next()
        && of_done.any(|other| other != first)
    {
        columns.push(column("steps", &|row| steps(row).map_or_else(|| NONE.to_owned(), |steps| steps.to_string())));
    }
    columns.push(column("training, s", &|row| {
        row.secs.map_or_else(|| NONE.to_owned(), |secs| format!("{:.0}", secs.mean))
    }));
    columns
}

/// What must be said below the table, a sentence or two each.
pub(super) fn notes(table: &Table) -> Vec<String> {
    let mut notes = Vec::new();
    if table.rows.iter().any(|row| row.cells.iter().any(|cell| cell.summary.is_some())) {
        notes.push("Mean ± standard deviation over seeds.".to_owned());
    }
    match references(table).as_slice() {
        [] => {}
        [one] => notes.push(format!("A difference is to {one}; {PAIRED}")),
        _ => notes.push(format!("A difference is to the row in brackets; {PAIRED}")),
    }
    for row in &table.rows {
        for (figure, cell) in table.figures.iter().zip(&row.cells) {
            if let Some(needed) = cell.needed {
                let needed = counted(u64::from(needed), "seed");
                notes.push(format!("{}, {figure}: such a difference would be told from noise by {needed}.", row.name));
            }
        }
    }
    if table.rows.iter().any(|row| row.cells.iter().any(|cell| cell.printed.is_some())) {
        notes.push(format!("Printed: {}.", table.source.trim_end_matches('.')));
    }
    notes.extend(table.warnings.iter().map(|warning| format!("Warning: {warning}")));
    notes
}

const PAIRED: &str =
    "it is paired by seed, ± half of its 95 % interval by Student's t, with a star where that leaves out 0.";

fn spread(summary: Option<Summary>) -> String {
    match summary {
        None => NONE.to_owned(),
        Some(Summary { mean, deviation: None, .. }) => percent(Some(mean)),
        Some(Summary { mean, deviation: Some(deviation), .. }) => {
            format!("{} ± {}", percent(Some(mean)), percent(Some(deviation)))
        }
    }
}

/// The rows that others are compared with.
fn references(table: &Table) -> Vec<&str> {
    let mut references: Vec<&str> = table.rows.iter().filter_map(|row| row.against.as_deref()).collect();
    references.sort_unstable();
    references.dedup();
    references
}

fn difference(row: &TableRow, cell: &Cell, names: bool) -> String {
    let Some(against) = &row.against else { return String::new() };
    let Some(found) = &cell.difference else { return NONE.to_owned() };
    let Paired { differences, half_width } = found;
    let half = half_width.map_or_else(String::new, |half| format!(" ± {}", percent(Some(half))));
    let star = if found.is_told_from_noise() { " *" } else { "" };
    let name = if names { format!(" ({against})") } else { String::new() };
    format!("{}{half}{star}{name}", signed(differences.mean))
}

fn signed(value: f64) -> String {
    // A minus as long as the plus.
    format!("{:+.1}", value * 100.0).replace('-', "−")
}
