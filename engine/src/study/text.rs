//! A study's table for the terminal, for a README and for a spreadsheet.

use super::bootstrap::OverScenes;
use super::cost::Cost;
use super::statistics::Summary;
use super::table::{Cell, Table, TableRow};
use crate::files::{aligned, csv};
use crate::protocol::{counted, percent_or_dash};

/// What stands where there is no figure.
const NONE: &str = "–";

/// What the seeds behind a difference mean.
pub(super) const SEEDS_NEEDED: &str = "Seeds behind a difference: from so many its interval would leave out 0 in about half of \
                                       all trials, if it is as large as it looks.";

/// Aligned text. Of a terminal's `width` in letters, where there is one, as much is used as there is: what a row costs is
/// left out where it has no room, and that is said.
pub fn terminal(table: &Table, width: Option<usize>) -> String {
    let (mut columns, mut costs) = (figure_columns(table), cost_columns(table));
    let letters = |column: &Vec<String>| column.iter().map(|cell| cell.chars().count() + 2).max().unwrap_or(0);
    let is_too_wide = |columns: &[Vec<String>], costs: &[Vec<String>]| {
        width.is_some_and(|width| columns.iter().chain(costs).map(letters).sum::<usize>() > width + 2)
    };
    let mut left_out = Vec::new();
    while is_too_wide(&columns, &costs)
        && let Some(column) = costs.pop()
    {
        left_out.insert(0, column[0].clone());
    }
    columns.extend(costs);
    let mut notes: String = notes(table).iter().map(|note| format!("{note}\n")).collect();
    if !left_out.is_empty() {
        notes.push_str(&format!("For a wider terminal, or --format csv: {}.\n", left_out.join(" · ")));
    }
    format!("{}\n{}\n\n{}\n{notes}", table.title, words(table), aligned::table(&columns))
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

/// A line a row, figure and seed, and one with mean and difference: fractions, empty where there is none. The latter ends
/// with the ends of the difference's interval, whether it is over seeds or over scenes, and what the row costs.
pub fn csv_text(table: &Table) -> String {
    let head = ["row", "against", "figure", "seed", "value", "deviation", "difference", "half width", "seeds needed"];
    let more = ["printed", "low", "high", "interval over", "parameters", "multiply adds", "height", "width"];
    let effort = ["training seconds", "peak bytes", "what if"];
    let empty = vec![String::new(); head.len() + more.len() + effort.len() - 6];
    let mut text = csv::line(head.into_iter().chain(more).chain(effort));
    let number = |value: Option<f64>| value.map_or_else(String::new, |value| format!("{value:.6}"));
    for row in &table.rows {
        for (figure, cell) in table.figures.iter().zip(&row.cells) {
            let name = [row.name.clone(), row.against.clone().unwrap_or_default(), figure.clone()];
            for (seed, value) in &cell.by_seed {
                let rest = [seed.to_string(), number(Some(*value))];
                let cells = name.iter().cloned().chain(rest).chain(empty.clone()).chain([row.what_if.clone()]);
                text.push_str(&csv::line(cells));
            }
            let Cell { summary, difference, needed, printed, .. } = cell;
            let [low, high] = cell.interval().map_or([None; 2], |ends| ends.map(Some));
            let over = match (difference.and_then(|found| found.half_width), cell.over_scenes) {
                (Some(_), _) => "seeds",
                (None, Some(_)) => "scenes",
                (None, None) => "",
            };
            let whole = |number: Option<u64>| number.map_or_else(String::new, |number| number.to_string());
            text.push_str(&csv::line(name.into_iter().chain([
                "mean".to_owned(),
                number(summary.map(|found| found.mean)),
                number(summary.and_then(|found| found.deviation)),
                number(difference.map(|found| found.differences.mean)),
                number(difference.and_then(|found| found.half_width)),
                needed.map_or_else(String::new, |needed| needed.to_string()),
                number(*printed),
                number(low),
                number(high),
                over.to_owned(),
                whole(row.cost.map(|cost| cost.parameters)),
                whole(row.cost.map(|cost| cost.multiply_adds)),
                whole(row.cost.map(|cost| cost.size[0])),
                whole(row.cost.map(|cost| cost.size[1])),
                number(row.secs.map(|secs| secs.mean)),
                row.peak_bytes.map_or_else(String::new, |bytes| format!("{:.0}", bytes.mean)),
                row.what_if.clone(),
            ])));
        }
    }
    text
}

/// What the figures are, in a sentence.
pub fn words(table: &Table) -> String {
    let Table { dataset, split, missing, convention, .. } = table;
    if dataset.is_empty() {
        return "no run is done yet".to_owned();
    }
    format!("{dataset}, {split}, in per cent, means by {convention}, missing sensors: {missing}")
}

/// The table column by column, heads first: the figures, then what the rows cost.
pub(super) fn columns(table: &Table) -> Vec<Vec<String>> {
    let mut columns = figure_columns(table);
    columns.extend(cost_columns(table));
    columns
}

fn column(table: &Table, head: &str, cell: &dyn Fn(&TableRow) -> String) -> Vec<String> {
    std::iter::once(head.to_owned()).chain(table.rows.iter().map(cell)).collect()
}

/// What the rows cost, as far as any row says it.
fn cost_columns(table: &Table) -> Vec<Vec<String>> {
    let of = |cost: Cost| column(table, cost.head(), &|row| cost.words(row));
    Cost::all_of(table).into_iter().map(of).collect()
}

/// The row's name, seeds done, and of each figure mean ± deviation, the difference with its interval, and what is
/// printed, where there is any.
fn figure_columns(table: &Table) -> Vec<Vec<String>> {
    let column = |head: &str, cell: &dyn Fn(&TableRow) -> String| column(table, head, cell);
    let mut columns = vec![
        column("", &TableRow::label),
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
            columns.push(column("printed", &|row| percent_or_dash(row.cells[at].printed)));
        }
        if of_all(&|cell| cell.printed_difference.is_some()) {
            columns.push(column("printed difference", &|row| {
                row.cells[at].printed_difference.map_or_else(String::new, signed)
            }));
        }
    }
    columns
}

/// What must be said below the table, a sentence or two each.
pub(super) fn notes(table: &Table) -> Vec<String> {
    let mut notes = Vec::new();
    if table.rows.iter().any(|row| row.cells.iter().any(|cell| cell.summary.is_some())) {
        notes.push("Mean ± standard deviation over seeds.".to_owned());
    }
    let mut differences = match references(table).as_slice() {
        [] => String::new(),
        [one] => format!("A difference is to {one}"),
        _ => "A difference is to the row in brackets".to_owned(),
    };
    let cells = || table.rows.iter().flat_map(|row| &row.cells);
    if !differences.is_empty() {
        if cells().any(|cell| cell.difference.is_some_and(|found| found.half_width.is_some())) {
            differences.push_str("; it is paired by seed, ± half of its 95 % interval by Student's t");
        }
        if let Some(found) = cells().find_map(|cell| cell.over_scenes) {
            let scenes = counted(found.scenes as u64, "scene");
            differences.push_str(&format!(
                "; from one seed its 95 % interval over {scenes} stands behind it, by the bootstrap, which says nothing of \
                 other seeds"
            ));
        }
        if cells().any(|cell| cell.interval().is_some()) {
            differences.push_str("; a star where the interval leaves out 0");
        }
        notes.push(differences + ".");
    }
    if table.rows.iter().any(|row| !row.what_if.is_empty()) {
        notes.push("Rows with a what-if are scored on images that were changed so, on the same scenes.".to_owned());
    }
    notes.extend(Cost::all_of(table).into_iter().filter_map(|cost| cost.note(table)).map(|note| note + "."));
    if cells().any(|cell| cell.seeds_needed_words().is_some()) {
        notes.push(SEEDS_NEEDED.to_owned());
    }
    if table.rows.iter().any(|row| row.cells.iter().any(|cell| cell.printed.is_some())) {
        notes.push(format!("Printed: {}.", table.source.trim_end_matches('.')));
    }
    notes.extend(table.warnings.iter().map(|warning| format!("Warning: {warning}")));
    notes
}

/// Mean ± deviation.
pub fn spread(summary: Option<Summary>) -> String {
    match summary {
        None => NONE.to_owned(),
        Some(Summary { mean, deviation: None, .. }) => percent_or_dash(Some(mean)),
        Some(Summary { mean, deviation: Some(deviation), .. }) => {
            format!("{} ± {}", percent_or_dash(Some(mean)), percent_or_dash(Some(deviation)))
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
    let Some(words) = beside_mark(cell) else { return NONE.to_owned() };
    let star = if cell.is_told_from_noise() { " *" } else { "" };
    let name = if names { format!(" ({against})") } else { String::new() };
    format!("{words}{star}{name}")
}

/// A difference, its interval, and how many seeds would tell it from noise where it is not yet; `None` without one.
pub(super) fn beside_mark(cell: &Cell) -> Option<String> {
    let mean = signed(cell.difference?.differences.mean);
    let seeds = cell.seeds_needed_words().map_or_else(String::new, |words| format!(" ({words})"));
    Some(format!("{mean}{}{seeds}", interval_words(cell)))
}

/// What stands behind a difference: ± half of its interval over seeds, or both ends of that over scenes.
pub fn interval_words(cell: &Cell) -> String {
    match (cell.difference.and_then(|found| found.half_width), cell.over_scenes) {
        (Some(half), _) => format!(" ± {}", percent_or_dash(Some(half))),
        (None, Some(OverScenes { low, high, .. })) => format!(" [{}, {}]", signed(low), signed(high)),
        (None, None) => String::new(),
    }
}

/// Percentage points with their sign.
pub fn signed(value: f64) -> String {
    // A minus as long as the plus.
    format!("{:+.1}", value * 100.0).replace('-', "−")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::study::sample_table::table;
    use crate::study::statistics::{paired, seeds_needed};

    #[test]
    fn an_interval_over_scenes_stands_in_brackets_and_one_over_seeds_behind_plus_and_minus() {
        let text = terminal(&table(), None);
        assert!(text.contains("−9.7 ± 1.4 *") && text.contains("+1.0 [−0.3, +2.6]"), "{text}");
        assert!(text.contains("over 40 scenes") && text.contains("a star where"), "{text}");
        let csv = csv_text(&table());
        let (plain, once) = (csv.lines().nth(8).unwrap(), csv.lines().nth(10).unwrap());
        assert!(
            plain.starts_with("plain,full,mIoU,mean,") && plain.contains(",seeds,1234000,5600000000,240,320,71.0"),
            "{csv}"
        );
        assert!(once.contains(",-0.003000,0.026000,scenes,"), "{csv}");
        let columns = |line: &str| line.split(',').count();
        assert!(csv.lines().all(|line| columns(line) == columns(csv.lines().next().unwrap())), "{csv}");
    }

    #[test]
    fn a_difference_that_noise_could_be_names_the_seeds_that_would_tell() {
        let with = |pairs: &[(f64, f64)]| {
            let mut table = table();
            let cell = &mut table.rows[1].cells[0];
            cell.difference = paired(pairs);
            cell.needed = cell.difference.as_ref().and_then(seeds_needed);
            [terminal(&table, None), markdown(&table), crate::study::latex(&table)]
        };
        for text in with(&[(0.60, 0.61), (0.63, 0.60), (0.61, 0.605)]) {
            assert!(text.contains("+0.8") && text.contains(" (26 seeds)") && text.contains("about half of"), "{text}");
        }
        // Nothing would tell it.
        for text in with(&[(0.61, 0.60), (0.59, 0.60)]) {
            assert!(text.contains(" (more than 1,000 seeds)"), "{text}");
        }
    }

    #[test]
    fn a_row_that_was_scored_with_a_what_if_says_so_in_every_form() {
        let mut table = table();
        table.rows[1].what_if = "fog 0.60 on colour".to_owned();
        let label = "plain (what if: fog 0.60 on colour)";
        for text in [terminal(&table, None), markdown(&table), crate::study::latex(&table)] {
            assert!(text.contains(label) && text.contains("scored on images that were changed so"), "{text}");
        }
        let csv = csv_text(&table);
        let of_row = |name: &str| csv.lines().filter(|line| line.starts_with(name)).collect::<Vec<_>>();
        assert!(
            !of_row("plain,").is_empty() && of_row("plain,").iter().all(|line| line.ends_with(",fog 0.60 on colour"))
        );
        assert!(of_row("full,").iter().all(|line| line.ends_with(',')), "{csv}");
        let json = serde_json::to_string(&table).unwrap();
        assert_eq!(json.matches("what_if").count(), 1, "and clean rows say nothing: {json}");
    }

    #[test]
    fn what_rows_cost_is_shown_where_there_is_room_and_else_said_to_be_left_out() {
        let wide = terminal(&table(), None);
        for head in ["parameters, M", "multiply-adds, G", "training, s", "peak memory, GiB"] {
            assert!(wide.contains(head) && markdown(&table()).contains(head), "{wide}");
        }
        assert!(
            wide.contains("1.23") && wide.contains("5.60") && wide.contains("1.50") && wide.contains("240 × 320"),
            "{wide}"
        );
        let narrow = terminal(&table(), Some(70));
        let lines: Vec<&str> = narrow.lines().collect();
        assert!(lines[3].contains("parameters, M") && !lines[3].contains("peak"), "{narrow}");
        assert!(lines[3..7].iter().all(|line| line.chars().count() <= 70), "{narrow}");
        assert!(narrow.contains("--format csv:") && narrow.contains("peak memory, GiB."), "{narrow}");
        // Rows of older programs' runs have neither.
        let mut old = table();
        for row in &mut old.rows {
            (row.cost, row.peak_bytes) = (None, None);
        }
        let text = terminal(&old, None);
        assert!(!text.contains("multiply-adds") && !text.contains("Peak") && text.contains("training, s"), "{text}");
    }
}
