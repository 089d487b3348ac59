//! A plot of curves for print: drawn anew from the points in view, to any size.

use egui_plot::GridInput;
use fusionscope_engine::drawing::{Chart, Drawing, Line, Paper, Ruler, Tick};

use super::axis::{Scale, step_grid};
use super::figure::Figure;
use super::unit::Unit;
use super::view::View;
use crate::exhibit::{ink, paper};
use crate::look::Tokens;
use crate::store::curves::Trace;
use crate::store::shelf::Along;

/// So many columns of points are kept of each curve: more than the pixels of a page's width in print.
const COLUMNS: usize = 3000;
/// What stands beside and around the field of a chart, about, in pixels of 1/96 inch.
const AROUND: [f64; 2] = [60.0, 100.0];

/// What a plot shows, without the plot.
pub(super) struct Printed {
    chart: Chart,
    paper: &'static Paper,
    scale: Scale,
    unit: Unit,
    along: Along,
}

impl Figure<'_> {
    /// The part in view; `title` and `caption` stand on the sheet.
    pub(super) fn printed(&self, tokens: &Tokens, view: View, title: &str, caption: String) -> Printed {
        let paper = paper(tokens);
        let (low, high) = view.range(self.steps);
        let (pens, bands) = (self.pens(low, high, COLUMNS), self.bands());
        let (bottom, top) = self.vertical_range(&pens, &bands, low, high);
        let (mut lines, mut full) = (Vec::new(), Vec::new());
        for curve in self.shown() {
            let colour = self.choices.colour(curve);
            let is_smoothed = self.is_smoothed && !curve.has_dots;
            if is_smoothed {
                let pieces = within(self.placed(curve, Trace::Raw, low, high, COLUMNS), low, high);
                let pale = paper.fading(ink(colour), 0.7);
                lines.push(Line { ink: pale, width: 0.7, pieces, ..Line::default() });
            }
            let trace = if is_smoothed { Trace::Smoothed } else { Trace::Raw };
            full.push(Line {
                name: curve.label.clone(),
                ink: ink(colour),
                width: 1.5,
                stroke: curve.stroke,
                pieces: within(self.placed(curve, trace, low, high, COLUMNS), low, high),
                dots: if curve.has_dots { 2.0 } else { 0.0 },
                band: self.band_of(curve, low, high),
            });
        }
        lines.append(&mut full);
        // What was changed by hand is printed; what happens by itself would cover the curves.
        let changes = self.marks.iter().filter(|mark| mark.is_change);
        let marks = changes.map(|mark| Tick { at: mark.step as f64, words: mark.label.clone() }).collect();
        let chart = Chart {
            title: title.to_owned(),
            caption,
            across: Ruler { label: self.along.word().to_owned(), low, high, ticks: Vec::new() },
            up: Ruler { label: self.unit.title().to_owned(), low: bottom, high: top, ticks: Vec::new() },
            lines,
            marks,
            ..Chart::default()
        };
        Printed { chart, paper, scale: self.scale, unit: self.unit, along: self.along }
    }
}

impl Printed {
    /// The plot at this size, with as many numbers on its axes as have room.
    pub(super) fn drawing(&self, size: [f64; 2]) -> Drawing {
        let mut chart = self.chart.clone();
        let [width, height] = [0, 1].map(|side| (size[side] - AROUND[side]).max(60.0));
        let (low, high) = (chart.across.low, chart.across.high);
        let input = GridInput { bounds: (low, high), base_step_size: (high - low) / width };
        let steps = step_grid(&input, 1.0, 56.0, self.along.least_step());
        let named = steps.into_iter().map(|mark| Tick { at: mark.value, words: self.along.label(mark.value.max(0.0)) });
        chart.across.ticks = named.collect();
        let bounds = (chart.up.low, chart.up.high);
        let marks = self.scale.grid(bounds, (bounds.1 - bounds.0) / height, 24.0, self.unit);
        let named = marks.into_iter().map(|mark| Tick { at: mark.value, words: self.scale.label(mark, self.unit) });
        chart.up.ticks = named.collect();
        chart.drawing(size, self.paper)
    }
}

/// Pieces without the points beyond the ends, which only lead to the border.
fn within(pieces: Vec<Vec<[f64; 2]>>, low: f64, high: f64) -> Vec<Vec<[f64; 2]>> {
    let cut = |piece: Vec<[f64; 2]>| -> Vec<[f64; 2]> {
        piece.into_iter().filter(|[x, _]| (low..=high).contains(x)).collect()
    };
    pieces.into_iter().map(cut).filter(|piece| !piece.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use egui::Color32;
    use fusionscope_engine::drawing::{Shape, Stroke};
    use fusionscope_engine::protocol::Quantity;

    use super::super::curve::Curve;
    use super::super::legend::Choices;
    use super::*;
    use crate::look::Theme;
    use crate::store::curves::Series;

    #[test]
    fn a_printed_plot_has_its_curve_its_spread_its_axes_and_what_they_measure() {
        let mut series = Series::new(0.0);
        for step in 1..=200_u64 {
            series.push(step, 1.0 / step as f32);
        }
        let band = [vec![1.0, 200.0], vec![0.5, 0.0], vec![1.2, 0.1]];
        let curve = Curve {
            key: "total".to_owned(),
            label: "total".to_owned(),
            series: &series,
            colour: Color32::RED,
            unit: Unit::Of(Quantity::Loss),
            has_dots: false,
            stroke: Stroke::Solid,
            band: Some(&band),
        };
        let curves = [curve];
        let choices = Choices::default();
        let figure = Figure {
            name: "losses",
            curves: &curves,
            choices: &choices,
            scale: Scale::Linear,
            unit: Unit::Of(Quantity::Loss),
            is_smoothed: false,
            marks: &[],
            has_labels: true,
            phases: &[],
            steps: Some((1, 200)),
            height: 0.0,
            along: Along::Steps,
            is_of_runs: false,
        };
        let printed = figure.printed(Tokens::of(Theme::Light), View::All, "Loss terms", "Of a run.".to_owned());
        let drawing = printed.drawing([600.0, 300.0]);
        assert_eq!((drawing.width, drawing.height), (600.0, 300.0));
        let line = drawing.shapes.iter().find_map(|shape| match shape {
            Shape::Path { places, ink: [255, 0, 0], width: 1.5 } if places.len() > 2 => Some(places.len()),
            _ => None,
        });
        assert_eq!(line, Some(200), "every step in view is in the line");
        assert!(drawing.shapes.iter().any(|shape| matches!(shape, Shape::Area { places, .. } if places.len() == 4)));
        for words in ["Loss terms", "Of a run.", "Losses", "steps", "100", "total"] {
            let is_it = |shape: &Shape| matches!(shape, Shape::Text { text, .. } if text == words);
            assert!(drawing.shapes.iter().any(is_it), "{words}: {drawing:?}");
        }
        let part = figure.printed(Tokens::of(Theme::Dark), View::Part { low: 50.0, high: 59.0 }, "", String::new());
        assert_eq!(part.chart.lines[0].pieces[0].len(), 10, "what lies beyond the view is not printed");
    }
}
