//! Which columns the runs on the shelf can fill.

use fusionscope_engine::protocol::FiguresBy;

use crate::store::Shelf;
use crate::store::shelf::{Column, FigureColumn};

/// Every column, those with figures as far as any run has them, and those that are shown already.
pub(super) fn offered(shelf: &Shelf, by: Option<&FiguresBy>, shown: &[Column]) -> Vec<Column> {
    let mut figures = vec![FigureColumn::All, FigureColumn::Subsets];
    for found in shelf.runs().filter_map(|run| run.figures(by)) {
        let most = found.subsets.iter().map(|subset| subset.sensors.len()).max().unwrap_or(0);
        for subset in &found.subsets {
            let figure = match (subset.tag.as_str(), subset.sensors.len()) {
                ("", count) if count < most => FigureColumn::Sensors(subset.sensors.clone()),
                (tag, count) if count == most && !tag.is_empty() => FigureColumn::Tag(tag.to_owned()),
                _ => continue,
            };
            if !figures.contains(&figure) {
                figures.push(figure);
            }
        }
    }
    // Tags before sensors, and few sensors before many.
    figures[2..].sort_by_key(|figure| match figure {
        FigureColumn::Tag(tag) => (0, tag.clone()),
        FigureColumn::Sensors(sensors) => (sensors.len(), sensors.join("+")),
        FigureColumn::All | FigureColumn::Subsets => (0, String::new()),
    });
    let mut all: Vec<Column> = Column::plain().into_iter().chain(figures.into_iter().map(Column::Figure)).collect();
    all.extend(shown.iter().filter(|column| !all.contains(column)).cloned().collect::<Vec<_>>());
    all
}
