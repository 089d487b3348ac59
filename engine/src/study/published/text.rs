//! A printed table in words, for the terminal and for the notes of a study.

use super::paper::{Measure, Measured, PublishedPaper, PublishedRow, PublishedTable};
use crate::files::aligned;

impl PublishedTable {
    /// Where it stands and what it measures: paper, table, page, data, split, sensors and convention.
    pub fn source(&self, paper: &PublishedPaper) -> String {
        let page = self.page.map_or_else(String::new, |page| format!(", page {page}"));
        let what = [&self.data, &self.split, &self.sensors].into_iter().filter(|words| !words.is_empty());
        let what = what.map(String::as_str).collect::<Vec<_>>().join(", ");
        let what = if what.is_empty() { String::new() } else { format!(": {what}") };
        format!("{} ({}), {}{page}{what}; {}", paper.name, paper.venue, self.printed_as, self.convention)
    }
}

/// A whole table as aligned text, with its source, its notes and what is wrong about it.
pub fn published_text(paper: &PublishedPaper, table: &PublishedTable) -> String {
    let mut text = format!("{}/{}: {}\n", paper.key, table.id, table.title);
    text.push_str(&format!("{}.\n\n{}\n", table.source(paper), aligned::table(&columns(table))));
    let mut say = |words: &str| text.push_str(&format!("{}.\n", words.trim_end_matches('.')));
    say(units(table));
    if !table.note.is_empty() {
        say(&table.note);
    }
    for column in &table.columns {
        if let Some(head) = &column.head {
            say(&format!("{} stands under the head {head}", column.name));
        }
    }
    say(&format!("{}, {}, “{}”; pages: {}", paper.authors, paper.venue, paper.title, paper.pages));
    table.flags.iter().for_each(|flag| say(&format!("Beware: {flag}")));
    text
}

fn units(table: &PublishedTable) -> &'static str {
    let has = |measure| table.columns.iter().any(|column| column.measure == Some(measure));
    match (has(Measure::Parameters), has(Measure::Flops)) {
        (false, false) => "In per cent",
        (true, false) => "In per cent; parameters in millions",
        _ => "In per cent; parameters in millions, FLOPs in thousand millions",
    }
}

/// Column by column, heads first; what rows say of themselves only where any does.
fn columns(table: &PublishedTable) -> Vec<Vec<String>> {
    let column = |head: &str, cell: &dyn Fn(&PublishedRow) -> String| -> Vec<String> {
        std::iter::once(head.to_owned()).chain(table.rows.iter().map(cell)).collect()
    };
    let mut columns = vec![column("", &|row| row.name.clone())];
    for (at, head) in table.columns.iter().enumerate() {
        columns.push(column(&head.name, &|row| {
            let printed = &row.values[at];
            let gain = printed.gain.map_or_else(String::new, |gain| format!(" ({gain:+})"));
            format!("{}{gain}", printed.text)
        }));
    }
    let mut about = |head: &str, words: &dyn Fn(&PublishedRow) -> Option<&str>| {
        if table.rows.iter().any(|row| words(row).is_some()) {
            columns.push(column(head, &|row| words(row).unwrap_or_default().to_owned()));
        }
    };
    about("data", &|row| row.data.as_deref());
    about("sensors", &|row| row.sensors.as_deref());
    about("backbone", &|row| row.backbone.as_deref());
    about("with", &|row| row.settings.as_deref());
    columns.push(column("measured", &|row| {
        match table.measured_of(row) {
            Measured::Here => "by the authors",
            Measured::Elsewhere => "quoted",
            Measured::Unsaid => "not said",
        }
        .to_owned()
    }));
    columns
}

#[cfg(test)]
mod tests {
    use super::super::shipped::{published_papers, published_table};
    use super::published_text;

    #[test]
    fn a_table_is_printed_with_its_source_its_gains_and_what_is_wrong_about_it() {
        let (paper, table) = published_table("amdanet/table-1").unwrap();
        let text = published_text(&paper, &table);
        assert!(
            text.contains("AMDANet (ICCV 2025), Table 1, page 5: MFNet, RGB + IR; mIoU over all classes"),
            "{text}"
        );
        assert!(text.contains("62.1 (+3.6)") && text.contains("Beware: The gain is printed as 3.6 %"), "{text}");
        let (paper, table) = published_table("any2seg/table-8").unwrap();
        assert!(published_text(&paper, &table).contains("mIoU stands under the head mAcc."));
    }

    #[test]
    fn every_row_of_every_table_is_printed() {
        for paper in published_papers().unwrap() {
            for table in &paper.tables {
                let text = published_text(&paper, table);
                assert!(table.rows.iter().all(|row| text.contains(&row.name)), "{text}");
            }
        }
    }
}
