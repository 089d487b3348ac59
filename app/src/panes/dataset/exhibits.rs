//! What the dataset pane hands out: the values of each sensor, class shares by split, the list of scenes.

use fusionscope_engine::drawing::{Bars, Chart, Ruler, Tick};
use fusionscope_engine::files::csv;
use fusionscope_engine::protocol::{DatasetSummary, DatasetSurvey, SensorSpread, SplitSurvey};
use fusionscope_engine::robustness::{Grid, GridRow, grid_picture};

use crate::exhibit::{Exhibit, ink, paper};
use crate::look;
use crate::panes::PaneContext;
use crate::store::gallery::Arranged;

/// Everything that is known of a data set by now.
pub(super) fn exhibits(ctx: &PaneContext<'_>, dataset: &DatasetSummary, list: &Arranged) -> Vec<Exhibit> {
    let mut exhibits = Vec::new();
    if let Some(survey) = ctx.store.gallery.survey() {
        exhibits.extend(survey.sensors.iter().map(|sensor| values(ctx, survey, sensor)));
        exhibits.push(shares(ctx, dataset, survey));
    }
    exhibits.push(Exhibit::new("List of the scenes in view", "scenes").csv(scenes_csv(dataset, list)));
    exhibits
}

/// How much of the data set was looked at.
fn looked_at(survey: &DatasetSurvey) -> String {
    format!("{} of {} scenes", look::count(survey.done), look::count(survey.total))
}

fn values(ctx: &PaneContext<'_>, survey: &DatasetSurvey, sensor: &SensorSpread) -> Exhibit {
    let unit = if sensor.unit.is_empty() { String::new() } else { format!(" ({})", sensor.unit) };
    let total = sensor.bins.iter().sum::<u64>().max(1) as f64;
    let ends = ends_of(sensor);
    let bars: Vec<[f64; 3]> =
        ends.iter().zip(&sensor.bins).map(|([from, to], count)| [*from, *to, 100.0 * *count as f64 / total]).collect();
    let most = bars.iter().map(|bar| bar[2]).fold(0.0, f64::max);
    let chart = Chart {
        title: format!("Values of {}", sensor.name),
        caption: format!(
            "{} to {}, mean {}; values beyond either end count in the outermost bars. {}.",
            look::significant(f64::from(sensor.min)),
            look::significant(f64::from(sensor.max)),
            look::significant(f64::from(sensor.mean)),
            looked_at(survey)
        ),
        across: Ruler::over(&format!("{}{unit}", sensor.name), f64::from(sensor.low), f64::from(sensor.high)),
        up: Ruler::over("share of the values (%)", 0.0, 1.05 * most.max(1e-6)),
        bars: vec![Bars { name: String::new(), ink: ink(ctx.store.hue(ctx.tokens, &sensor.name)), bars }],
        marks: vec![Tick { at: f64::from(sensor.mean), words: "mean".to_owned() }],
        ..Chart::default()
    };
    let mut text = csv::line(["from", "to", "values"]);
    for ([from, to], count) in ends.iter().zip(&sensor.bins) {
        text.push_str(&csv::line([from.to_string(), to.to_string(), count.to_string()]));
    }
    let paper = paper(ctx.tokens);
    let exhibit = Exhibit::new(chart.title.clone(), format!("values-{}", sensor.name)).csv(text);
    exhibit.drawn(move |size| Ok(chart.drawing(size, paper)))
}

/// Where each bin begins and ends.
fn ends_of(sensor: &SensorSpread) -> Vec<[f64; 2]> {
    let (low, high) = (f64::from(sensor.low), f64::from(sensor.high));
    let step = (high - low) / sensor.bins.len().max(1) as f64;
    (0..sensor.bins.len()).map(|at| [at, at + 1].map(|end| low + step * end as f64)).collect()
}

fn shares(ctx: &PaneContext<'_>, dataset: &DatasetSummary, survey: &DatasetSurvey) -> Exhibit {
    let of: Vec<Vec<f64>> = survey.splits.iter().map(SplitSurvey::shares).collect();
    let row = |(class, name): (usize, &String)| GridRow {
        name: name.clone(),
        cells: of.iter().map(|shares| shares.get(class).copied()).collect(),
        ..GridRow::default()
    };
    let grid = Grid {
        title: format!("Share of labelled pixels by split, % · {}", dataset.name),
        sensors: Vec::new(),
        columns: dataset.splits.iter().map(|split| split.name.clone()).collect(),
        rows: dataset.classes.iter().enumerate().map(row).collect(),
        notes: vec![looked_at(survey)],
    };
    let paper = paper(ctx.tokens);
    let exhibit = Exhibit::new("Class shares by split", "class-shares").csv(grid.csv());
    exhibit.drawn_as_it_is(move || Ok(grid_picture(&grid).on(paper)))
}

fn scenes_csv(dataset: &DatasetSummary, list: &Arranged) -> String {
    let mut text = csv::line(["split", "id", "tags"]);
    for scene in &list.scenes {
        let Some(split) = dataset.splits.get(scene.split as usize) else { continue };
        let index = scene.index as usize;
        let tags = split.tags.get(index).map_or_else(String::new, |tags| tags.join(" "));
        let id = split.ids.get(index).map_or("", String::as_str);
        text.push_str(&csv::line([split.name.as_str(), id, &tags]));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bins_lie_beside_each_other_from_end_to_end() {
        let sensor = SensorSpread { low: -1.0, high: 1.0, bins: vec![3, 0, 5, 2], ..SensorSpread::default() };
        assert_eq!(ends_of(&sensor), [[-1.0, -0.5], [-0.5, 0.0], [0.0, 0.5], [0.5, 1.0]]);
    }
}
