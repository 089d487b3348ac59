//! The printed figures that come with the program, read and checked.

use super::error::PublishedError;
use super::paper::{PublishedPaper, PublishedTable};
use crate::files::toml_error;

/// The format that this program reads.
const VERSION: i64 = 1;

macro_rules! paper_file {
    ($name:literal) => {
        ($name, include_str!(concat!("../../../../assets/published/", $name, ".toml")))
    };
}

/// Name and text of every file.
const FILES: [(&str, &str); 6] = [
    paper_file!("ogp-net"),
    paper_file!("any2seg"),
    paper_file!("smmcl"),
    paper_file!("amdanet"),
    paper_file!("cross-spectral-uda"),
    paper_file!("sensor-failures"),
];

/// All papers.
pub fn published_papers() -> Result<Vec<PublishedPaper>, PublishedError> {
    FILES.iter().map(|(key, text)| read(key, text)).collect()
}

/// The paper of that key: `ogp-net`.
pub fn published_paper(key: &str) -> Result<PublishedPaper, PublishedError> {
    let found = FILES.iter().find(|(known, _)| *known == key).ok_or_else(|| PublishedError::UnknownPaper {
        name: key.to_owned(),
        known: FILES.iter().map(|(key, _)| *key).collect::<Vec<_>>().join(", "),
    })?;
    read(found.0, found.1)
}

/// A table by its address, `ogp-net/table-5`, and its paper.
pub fn published_table(address: &str) -> Result<(PublishedPaper, PublishedTable), PublishedError> {
    let (paper, table) =
        address.split_once('/').ok_or_else(|| PublishedError::NoAddress { found: address.to_owned() })?;
    let paper = published_paper(paper)?;
    let table = paper.table(table)?.clone();
    Ok((paper, table))
}

fn read(key: &str, text: &str) -> Result<PublishedPaper, PublishedError> {
    let malformed = |reason: String| PublishedError::Malformed { paper: key.to_owned(), reason };
    let mut paper: PublishedPaper =
        toml::from_str(text).map_err(|error| malformed(toml_error::reason(text, &error)))?;
    key.clone_into(&mut paper.key);
    if paper.version != VERSION {
        return Err(malformed(format!("its version is {}; this program reads version {VERSION}", paper.version)));
    }
    if let Some(id) = doubled(paper.tables.iter().map(|table| table.id.as_str())) {
        return Err(malformed(format!("two tables are called `{id}`")));
    }
    paper.tables.iter().try_for_each(check).map_err(malformed)?;
    Ok(paper)
}

/// A sentence where a table contradicts itself.
fn check(table: &PublishedTable) -> Result<(), String> {
    let id = &table.id;
    if let Some(name) = doubled(table.columns.iter().map(|column| column.name.as_str())) {
        return Err(format!("two columns of {id} are called `{name}`"));
    }
    if let Some(name) = doubled(table.rows.iter().map(|row| row.name.as_str())) {
        return Err(format!("two rows of {id} are called `{name}`"));
    }
    if table.rows.is_empty() || table.columns.is_empty() || table.convention.is_empty() {
        return Err(format!("{id} lacks rows, columns or its convention"));
    }
    for row in &table.rows {
        if row.values.len() != table.columns.len() {
            let (found, expected) = (row.values.len(), table.columns.len());
            return Err(format!("row `{}` of {id}: expected {expected} figures, found {found}", row.name));
        }
        for (column, printed) in table.columns.iter().zip(&row.values) {
            let measure = table.measure_of(row, column);
            if printed.value.is_some_and(|value| !measure.allows(value)) {
                let (name, head, text) = (&row.name, &column.name, &printed.text);
                return Err(format!("row `{name}` of {id}: {text} under `{head}` is out of range"));
            }
        }
    }
    Ok(())
}

/// The first that stands there twice.
fn doubled<'a>(all: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let mut seen = std::collections::BTreeSet::new();
    all.into_iter().find(|one| !seen.insert(*one))
}

#[cfg(test)]
mod tests {
    use super::super::paper::{Column, Measure, Measured, PublishedRow};
    use super::*;

    #[test]
    fn every_figure_has_a_source_and_every_table_the_rows_and_columns_that_are_printed() {
        // Counted in the papers: rows of figures, columns of figures.
        let printed = [
            ("ogp-net/table-1", 13, 3),
            ("ogp-net/table-2", 16, 1),
            ("ogp-net/table-3", 6, 1),
            ("ogp-net/table-4", 4, 2),
            ("ogp-net/table-5", 5, 1),
            ("any2seg/table-1", 28, 1),
            ("any2seg/table-2", 10, 1),
            ("any2seg/table-3", 2, 17),
            ("any2seg/table-4", 13, 11),
            ("any2seg/table-5", 7, 6),
            ("any2seg/table-6", 8, 12),
            ("any2seg/table-7", 4, 6),
            ("any2seg/table-8", 4, 6),
            ("any2seg/supplement-table-1", 9, 27),
            ("any2seg/supplement-table-2", 6, 17),
            ("smmcl/table-2", 11, 1),
            ("smmcl/table-3", 12, 1),
            ("smmcl/table-4", 12, 1),
            // Printed with models as columns.
            ("smmcl/table-5", 4, 1),
            ("smmcl/table-6", 4, 3),
            ("amdanet/table-1", 11, 9),
            ("amdanet/table-2", 9, 9),
            ("amdanet/table-3", 11, 5),
            ("amdanet/table-4", 9, 3),
            ("amdanet/table-5", 5, 2),
            ("amdanet/table-6", 4, 2),
            ("amdanet/table-7", 5, 3),
            ("cross-spectral-uda/table-1", 16, 4),
            ("cross-spectral-uda/table-2", 11, 20),
            ("cross-spectral-uda/table-3", 4, 4),
            ("cross-spectral-uda/table-4", 5, 4),
            ("cross-spectral-uda/table-5", 6, 4),
            ("sensor-failures/deliver", 5, 13),
        ];
        let papers = published_papers().unwrap();
        let found: Vec<(String, usize, usize)> = papers
            .iter()
            .flat_map(|paper| paper.tables.iter().map(move |table| (paper, table)))
            .map(|(paper, table)| (format!("{}/{}", paper.key, table.id), table.rows.len(), table.columns.len()))
            .collect();
        let expected: Vec<_> = printed.iter().map(|&(name, rows, columns)| (name.to_owned(), rows, columns)).collect();
        assert_eq!(found, expected);
        for paper in &papers {
            let all = [&paper.name, &paper.title, &paper.authors, &paper.venue, &paper.pages];
            assert!(all.iter().all(|text| !text.is_empty()), "{}", paper.key);
            for table in &paper.tables {
                let of = format!("{}/{}", paper.key, table.id);
                assert_eq!(table.page.is_some(), paper.key != "sensor-failures", "{of}");
                assert!(
                    !table.printed_as.is_empty() && !table.title.is_empty() && !table.convention.is_empty(),
                    "{of}"
                );
                let has_data = |row: &PublishedRow, column: &Column| {
                    !table.data.is_empty() || row.data.is_some() || column.data.is_some() || column.measure.is_some()
                };
                let all = table.rows.iter().all(|row| table.columns.iter().all(|column| has_data(row, column)));
                assert!(all, "{of} has figures without a data set");
            }
        }
    }

    #[test]
    fn printed_figures_are_those_of_the_papers() {
        // Read in the papers' own text, apart from the files.
        let figures = [
            ("ogp-net/table-1", "DDFM", "parameters", "564.494"),
            ("ogp-net/table-1", "C.E.N, IR only", "MVSS", "40.33"),
            ("ogp-net/table-2", "MFNet", "mIoU", "39.7"),
            ("ogp-net/table-3", "DeepLabV3 + CWD", "mIoU", "59.36"),
            ("ogp-net/table-4", "unshared", "parameters", "24.89"),
            ("ogp-net/table-5", "OGP-Net - GSU", "mIoU", "69.62"),
            ("any2seg/table-1", "CMX, R+E", "mIoU", "56.62"),
            ("any2seg/table-2", "Any2Seg, I-A-D", "mIoU", "50.67"),
            ("any2seg/table-3", "CMNeXt", "DEL", "46.29"),
            ("any2seg/table-3", "Any2Seg", "EL", "1.99"),
            ("any2seg/table-4", "HRFuser, R-D", "UE", "44.00"),
            ("any2seg/table-4", "Any2Seg, R-D-E-L", "Night", "67.25"),
            ("any2seg/table-5", "cr + sup", "Δ Acc", "+3.00"),
            ("any2seg/table-6", "MCubeS, re-weight + residual", "Δ MISS mIoU", "−2.78"),
            ("any2seg/table-6", "DELIVER, all", "MISS Acc", "57.12"),
            ("any2seg/table-7", "R+E, base + se", "mAcc", "60.20"),
            ("any2seg/table-8", "R+D, base + cr", "F1", "72.36"),
            ("any2seg/supplement-table-1", "Any2Seg, IoU", "Water", "46.22"),
            ("any2seg/supplement-table-1", "CMNeXt, Acc", "Mean", "73.77"),
            ("any2seg/supplement-table-2", "Any2Seg, F1", "DE", "71.26"),
            ("smmcl/table-2", "SMMCL, SegFormer-B2", "mIoU", "67.77"),
            ("smmcl/table-3", "LASNet", "mIoU", "58.7"),
            ("smmcl/table-4", "TokenFusion, SegFormer-B3", "mIoU", "54.8"),
            ("smmcl/table-5", "intra-modal", "mIoU", "68.52"),
            ("smmcl/table-6", "Base + [26]", "Night", "59.48"),
            ("amdanet/table-1", "SegMiF", "Guard.", "0.1"),
            ("amdanet/table-2", "AMDANet", "T-Lamp", "37.4"),
            ("amdanet/table-3", "MRFS", "Fire-Exti.", "88.2"),
            ("amdanet/table-4", "OpenRss", "PST900", "87.8"),
            ("amdanet/table-5", "without SCI", "mAP", "69.2"),
            ("amdanet/table-6", "without L_si", "mIoU", "60.5"),
            ("amdanet/table-7", "SegMiF", "FLOPs", "45.61"),
            ("cross-spectral-uda/table-1", "MS-UDA*, D", "Bicycle", "55.6"),
            ("cross-spectral-uda/table-2", "CRM", "Motorcycle", "66.2"),
            ("cross-spectral-uda/table-2", "Ours", "Person", "71.9"),
            ("cross-spectral-uda/table-3", "Intra", "Bicycle", "56.1"),
            ("cross-spectral-uda/table-4", "Two-way distillation", "Thermal, night", "67.9"),
            ("cross-spectral-uda/table-5", "DeepLab-V3, Ours", "Car", "82.6"),
            ("sensor-failures/deliver", "GeminiFusion", "NM low", "5.52"),
        ];
        for (address, row, column, text) in figures {
            let (_paper, table) = published_table(address).unwrap();
            let at = table.column(column).unwrap();
            assert_eq!(table.row(row).unwrap().values[at].text, text, "{address}, {row}, {column}");
        }
        let (_paper, table) = published_table("amdanet/table-1").unwrap();
        assert_eq!(table.row("AMDANet").unwrap().values[8].gain, Some(3.6));
    }

    #[test]
    fn what_a_figure_measures_and_who_measured_it_is_said_by_column_row_or_table() {
        let (_paper, table) = published_table("any2seg/supplement-table-1").unwrap();
        let measure = |row: &str, column: usize| table.measure_of(table.row(row).unwrap(), &table.columns[column]);
        assert_eq!(measure("CMNeXt, F1", 0), Measure::Parameters);
        assert_eq!(measure("CMNeXt, F1", 1), Measure::F1);
        assert_eq!(measure("Δ, F1", 1), Measure::Gain);
        let (_paper, table) = published_table("smmcl/table-3").unwrap();
        let measured = |row: &str| table.measured_of(table.row(row).unwrap());
        assert_eq!(measured("CMX"), Measured::Elsewhere);
        assert_eq!(measured("TokenFusion"), Measured::Here);
    }

    #[test]
    fn names_that_there_are_not_are_refused_with_those_that_there_are() {
        let refused = |address: &str| published_table(address).unwrap_err().to_string();
        assert!(refused("table-5").contains("ogp-net/table-5"));
        assert!(refused("ogpnet/table-5").contains("there are ogp-net, any2seg"));
        assert!(refused("ogp-net/table-9").contains("ogp-net has no table `table-9`; there are table-1"));
        let (_paper, table) = published_table("ogp-net/table-4").unwrap();
        assert!(table.row("both").unwrap_err().to_string().contains("no row `both`; there are unshared, shared"));
        assert!(table.column("mAcc").unwrap_err().to_string().contains("there are mIoU, parameters"));
    }

    #[test]
    fn a_file_that_contradicts_itself_is_refused() {
        const HEAD: &str = "version = 1\nname = 'P'\ntitle = 't'\nauthors = 'a'\nvenue = 'v'\npages = 'p'\n";
        let refused = |tables: &str| read("p", &format!("{HEAD}{tables}")).unwrap_err().to_string();
        let table = |columns: &str, rows: &str| {
            format!(
                "[[tables]]\nid = 'one'\nprinted_as = 'Table 1'\ntitle = 't'\nconvention = 'c'\n\
                 columns = {columns}\nrows = {rows}\n"
            )
        };
        let one = table("['mIoU']", "[{ name = 'a', values = '1' }]");
        assert!(read("p", &format!("{HEAD}{one}")).is_ok());
        assert!(refused(&format!("{one}{one}")).contains("two tables are called `one`"));
        assert!(refused(&table("['a', 'a']", "[{ name = 'a', values = '1 2' }]")).contains("two columns"));
        let twice = "[{ name = 'a', values = '1' }, { name = 'a', values = '2' }]";
        assert!(refused(&table("['a']", twice)).contains("two rows"));
        assert!(refused(&table("['a']", "[{ name = 'a', values = '1 2' }]")).contains("expected 1 figures, found 2"));
        assert!(refused(&table("['a']", "[{ name = 'a', values = '101' }]")).contains("out of range"));
        assert!(refused(&table("['a']", "[{ name = 'a', values = 'x' }]")).contains("expected a number"));
        assert!(refused(&table("['a']", "[{ name = 'a', values = '1', colour = 'b' }]")).contains("colour"));
        assert!(refused(&table("[]", "[]")).contains("lacks rows"));
        assert!(read("p", "version = 2\n").is_err());
    }
}
