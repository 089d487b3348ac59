//! What a paper prints beside the figures of a study.

use std::collections::BTreeMap;

use super::figure::Figure;
use super::metric::Metric;
use super::published::{Measure, PublishedPaper, PublishedTable, published_table};
use super::written::{PrintedFigure, Written, WrittenPrinted};

/// Where a study's printed figures come from.
pub(super) struct Beside<'a> {
    /// Said by the study for the figures that it writes down itself.
    source: &'a str,
    figures: &'a [Figure],
    published: Option<Published>,
}

/// A published table, and which of its columns each figure of the study stands in.
struct Published {
    paper: PublishedPaper,
    table: PublishedTable,
    columns: Vec<Option<usize>>,
}

impl<'a> Beside<'a> {
    /// A sentence where the study names a table or column that there is not.
    pub fn of(study: &'a Written, figures: &'a [Figure]) -> Result<Self, String> {
        let published = study.published.as_deref().map(|address| Published::of(address, study, figures)).transpose()?;
        Ok(Self { source: &study.source, figures, published })
    }

    /// Where all printed figures of the study come from, with what is known to be wrong about them; empty without any.
    pub fn source(&self) -> String {
        let published = self.published.as_ref().map(|Published { paper, table, .. }| {
            let flags = table.flags.iter().map(|flag| format!(" Beware: {}.", flag.trim_end_matches('.')));
            format!("{}.{}", table.source(paper), flags.collect::<String>())
        });
        match published {
            Some(published) if self.source.is_empty() => published,
            Some(published) => format!("{}. {published}", self.source.trim_end_matches('.')),
            None => self.source.to_owned(),
        }
    }

    /// What is printed beside a row, a fraction or nothing a figure; a sentence where that cannot be.
    pub fn row(&self, name: &str, printed: Option<&WrittenPrinted>) -> Result<Vec<Option<f64>>, String> {
        let places = 0..self.figures.len();
        let values = match printed {
            None => Ok(vec![None; self.figures.len()]),
            Some(WrittenPrinted::Row(row)) => places.map(|at| self.published_value(row, at)).collect(),
            Some(WrittenPrinted::Figures(written)) => self.written_values(written),
        };
        values.map_err(|reason: String| format!("`printed` of row `{name}`: {reason}"))
    }

    fn written_values(&self, written: &BTreeMap<String, PrintedFigure>) -> Result<Vec<Option<f64>>, String> {
        if let Some(title) = written.keys().find(|title| !self.figures.iter().any(|figure| figure.title == **title)) {
            let known: Vec<&str> = self.figures.iter().map(|figure| figure.title.as_str()).collect();
            return Err(format!("no figure is called `{title}`; there are {}", known.join(", ")));
        }
        let value = |(at, figure): (usize, &Figure)| match written.get(&figure.title) {
            None => Ok(None),
            Some(PrintedFigure::Percent(_)) if self.source.is_empty() => {
                Err("`source` of the study must say where its figures stand".to_owned())
            }
            Some(PrintedFigure::Percent(percent)) => Ok(Some(percent / 100.0)),
            Some(PrintedFigure::Row(row)) => self.published_value(row, at),
        };
        self.figures.iter().enumerate().map(value).collect()
    }

    /// What a published row has under the column of a figure.
    fn published_value(&self, row: &str, at: usize) -> Result<Option<f64>, String> {
        let Some(Published { table, columns, .. }) = &self.published else {
            return Err(format!("`{row}` is a row of a published table; `published` must say of which"));
        };
        let row = table.row(row).map_err(|error| error.to_string())?;
        let Some(place) = columns[at] else { return Ok(None) };
        let (column, figure) = (&table.columns[place], &self.figures[at]);
        if !measures(&figure.metric, table.measure_of(row, column)) {
            let (column, title) = (&column.name, &figure.title);
            return Err(format!("`{column}` of `{}` measures something else than the figure `{title}`", row.name));
        }
        Ok(row.values[place].value.map(|percent| percent / 100.0))
    }
}

impl Published {
    fn of(address: &str, study: &Written, figures: &[Figure]) -> Result<Self, String> {
        let (paper, table) = published_table(address).map_err(|error| format!("`published`: {error}"))?;
        let column = |(at, figure): (usize, &Figure)| match study
            .figures
            .get(at)
            .and_then(|written| written.column.as_deref())
        {
            Some(column) => {
                table.column(column).map(Some).map_err(|error| format!("figure `{}`: {error}", figure.title))
            }
            None => Ok(table.column(&figure.title).ok()),
        };
        let columns: Vec<Option<usize>> = figures.iter().enumerate().map(column).collect::<Result<_, _>>()?;
        if columns.iter().all(Option::is_none) {
            let known: Vec<&str> = table.columns.iter().map(|column| column.name.as_str()).collect();
            return Err(format!(
                "`published`: no figure of the study is called like a column of {address} or names one by `column`; there \
                 are {}",
                known.join(", ")
            ));
        }
        Ok(Self { paper, table, columns })
    }
}

/// Whether a study's figure is what a printed one measures; a paper's average precision is its code's class accuracy.
fn measures(metric: &Metric, printed: Measure) -> bool {
    match printed {
        Measure::Iou => matches!(metric, Metric::Miou | Metric::Iou(_)),
        Measure::Accuracy | Measure::AveragePrecision => {
            matches!(metric, Metric::MeanAccuracy | Metric::PixelAccuracy | Metric::Accuracy(_))
        }
        Measure::F1 => matches!(metric, Metric::MeanF1 | Metric::F1(_)),
        Measure::Gain | Measure::Parameters | Measure::Flops => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::study::written::WrittenFigure;

    fn beside(study: &str, row: &str) -> Result<(Vec<Option<f64>>, String), String> {
        let text = format!("title = 't'\nbase = 'ogp-net-demo'\nseeds = 2\n{study}\n[[rows]]\nname = 'a'\n{row}\n");
        let written: Written = toml::from_str(&text).unwrap();
        let figures: Vec<Figure> = match written.figures.as_slice() {
            [] => vec![Figure::usual()],
            all => all.iter().map(|figure: &WrittenFigure| Figure::of(figure).unwrap()).collect(),
        };
        let beside = Beside::of(&written, &figures)?;
        Ok((beside.row("a", written.rows[0].printed.as_ref())?, beside.source()))
    }

    #[test]
    fn a_row_takes_its_figures_from_the_published_row_that_it_names() {
        let (values, source) = beside("published = 'ogp-net/table-5'", "printed = 'OGP-Net - GSU'").unwrap();
        assert_eq!(values, [Some(0.6962)]);
        assert!(source.starts_with("OGP-Net (AAAI 2025), Table 5, page 7: MSRS, RGB + IR; mIoU"), "{source}");
        let figures = "published = 'amdanet/table-5'\n\
                       figures = [{}, { tag = 'night' }, { metric = 'mean-accuracy', column = 'mAP' }]";
        let (values, source) = beside(figures, "printed = 'without SCI'").unwrap();
        assert_eq!(values, [58.1, 0.0, 69.2].map(|percent| (percent > 0.0).then_some(percent / 100.0)));
        assert!(source.contains("Beware: The text calls FDAM the largest loss"), "{source}");
    }

    #[test]
    fn each_figure_may_name_a_row_of_its_own_or_stand_there_in_per_cent() {
        let figures = "published = 'ogp-net/table-1'\nsource = 'elsewhere'\n\
                       figures = [{ column = 'MSRS' }, { sensors = ['thermal'], column = 'MSRS', title = 'thermal' }]";
        let (values, source) = beside(figures, "printed = { mIoU = 'OGP-Net', thermal = 'OGP-Net, IR only' }").unwrap();
        assert_eq!(values, [Some(0.6997), Some(0.6677)]);
        assert!(source.starts_with("elsewhere. OGP-Net (AAAI 2025)"), "{source}");
        let (values, _source) = beside(figures, "printed = { mIoU = 50.0 }").unwrap();
        assert_eq!(values, [Some(0.5), None]);
    }

    #[test]
    fn names_that_no_table_has_are_refused_with_those_that_there_are() {
        let refused = |study: &str, row: &str| beside(study, row).unwrap_err();
        assert!(refused("published = 'ogp-net/table-9'", "").contains("there are table-1"));
        assert!(refused("published = 'ogp-net/table-5'", "printed = 'GSU'").contains("there are OGP-Net, OGP-Net - "));
        assert!(refused("", "printed = 'GSU'").contains("`published` must say of which"));
        let figures = |column: &str| format!("published = 'ogp-net/table-4'\nfigures = [{{ {column} }}]");
        assert!(refused(&figures("column = 'mAcc'"), "").contains("there are mIoU, parameters"));
        let row = "printed = 'shared'";
        assert!(refused(&figures("column = 'parameters'"), row).contains("measures something else"));
        assert!(refused(&figures("metric = 'mean-f1', column = 'mIoU'"), row).contains("measures something else"));
        assert!(refused(&figures("tag = 'night'"), "").contains("no figure of the study is called like a column"));
    }
}
