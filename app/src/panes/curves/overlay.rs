//! Curves of the runs that are compared, over each other: one line a run, or mean and spread of its seeds.

use std::collections::BTreeSet;
use std::sync::Arc;

use egui::containers::menu::MenuButton;
use egui::{ScrollArea, Ui};
use fusionscope_engine::protocol::FiguresBy;
use serde::{Deserialize, Serialize};

use super::axis::Scale;
use super::curve::{Curve, Stroke};
use super::figure::Figure;
use super::legend::{self, Choices};
use super::unit::Unit;
use super::view::View;
use crate::exhibit::{Exhibit, Format};
use crate::look::{self, Tokens};
use crate::panes::PaneContext;
use crate::store::Shelf;
use crate::store::shelf::{Along, FigureColumn, Group, Overlaid, What};

/// What the plot is called.
const NAME: &str = "Curves of the compared runs";

/// What is worked out once a change of it.
type Asked = (u64, What, Along, bool, f32);

/// The curves of the compared runs.
#[derive(Debug, Default)]
pub struct Overlay {
    /// What was chosen.
    pub chosen: Chosen,
    /// The part in view.
    pub view: View,
    legend: Choices,
    drawn: Option<(Asked, Arc<Overlaid>)>,
}

/// What is kept of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Chosen {
    /// What is drawn of each run; the first there is where they do not have it.
    what: Option<What>,
    along: Along,
    /// Draws every seed by itself in place of mean and spread.
    apart: bool,
}

impl Chosen {
    /// Whether nothing was chosen.
    pub fn is_usual(&self) -> bool {
        *self == Self::default()
    }
}

impl Overlay {
    /// With what was chosen the day before.
    pub fn with(chosen: Chosen) -> Self {
        Self { chosen, ..Self::default() }
    }

    /// Draws it. Returns the place under the pointer.
    pub fn ui(&mut self, ui: &mut Ui, ctx: &PaneContext<'_>, scale: Scale, cursor: Option<f64>) -> Option<f64> {
        ctx.show_runs();
        if ctx.store.shelf.chosen().is_empty() {
            look::empty(ui, ctx.tokens, "Tick runs in the list of runs to see their curves over each other");
            return None;
        }
        let offered = What::of(&ctx.store.shelf);
        let Some(what) = self.what(ctx, &offered) else {
            look::empty(ui, ctx.tokens, "Reading the runs, or they have not taken a step yet");
            return None;
        };
        self.ways(ui, ctx, &offered, &what);
        let overlaid = self.overlaid(ctx, &what);
        for remark in &overlaid.remarks {
            // The curves need the room; the pointer is told the rest.
            ui.add(egui::Label::new(look::small(remark).color(ctx.tokens.warning)).truncate());
        }
        let (unit, curves) = curves_of(&overlaid, ctx.tokens);
        if curves.is_empty() {
            return None;
        }
        let room = ui.available_height();
        legend::show(ui, ctx.tokens, &curves, &mut self.legend, room);
        if let What::Score(_, by) = &what {
            ui.label(look::small(by.words()).color(ctx.tokens.faint));
        }
        let height = ui.available_height().max(60.0);
        let along = self.chosen.along;
        let figure = figure_of(ctx, (&curves, &self.legend, unit), (scale, along), &overlaid, height);
        figure.show(ui, ctx.tokens, &mut self.view, cursor).map(|pointed| pointed.step)
    }

    /// What it shows, with its numbers; `None` where there is no line.
    pub fn exhibit(&mut self, ctx: &PaneContext<'_>, scale: Scale) -> Option<Exhibit> {
        let offered = What::of(&ctx.store.shelf);
        let what = self.what(ctx, &offered)?;
        let overlaid = self.overlaid(ctx, &what);
        let (unit, curves) = curves_of(&overlaid, ctx.tokens);
        if curves.is_empty() {
            return None;
        }
        let along = self.chosen.along;
        let figure = figure_of(ctx, (&curves, &self.legend, unit), (scale, along), &overlaid, 0.0);
        let mut words = match &what {
            What::Score(_, by) => vec![format!("{}.", by.words())],
            What::Term(_) if figure.is_smoothed => {
                vec![format!("Exponential moving average by {:.2}.", ctx.store.curves.smoothing())]
            }
            What::Term(_) => Vec::new(),
        };
        if overlaid.groups.iter().any(|group| group.band.is_some()) {
            words.push("Lines: mean over seeds, bands: ± a standard deviation.".to_owned());
        }
        words.extend(overlaid.remarks.iter().map(|remark| format!("{remark}.")));
        let printed = figure.printed(ctx.tokens, self.view, &what.title(), words.join(" "));
        let shown: BTreeSet<String> =
            curves.iter().filter(|curve| self.legend.is_shown(&curve.key)).map(|curve| curve.key.clone()).collect();
        let numbers = Arc::clone(&overlaid);
        let exhibit = Exhibit::new(NAME, "overlay").drawn(move |size| Ok(printed.drawing(size)));
        Some(exhibit.with(Format::Csv, move || Ok(numbers.csv(along, |key| shown.contains(key)).into_bytes())))
    }

    /// What is drawn: as chosen, where the runs have it.
    fn what(&self, ctx: &PaneContext<'_>, offered: &[What]) -> Option<What> {
        let chosen = self.chosen.what.as_ref().filter(|what| offered.contains(what)).cloned();
        chosen.or_else(|| usual(&ctx.store.shelf, offered))
    }

    /// The first and last place of any line.
    pub fn ends(&self) -> Option<(u64, u64)> {
        self.drawn.as_ref().and_then(|(_, overlaid)| ends(overlaid))
    }

    fn overlaid(&mut self, ctx: &PaneContext<'_>, what: &What) -> Arc<Overlaid> {
        let (shelf, smoothing) = (&ctx.store.shelf, ctx.store.curves.smoothing());
        let Chosen { along, apart, .. } = self.chosen;
        let asked = (shelf.revision(), what.clone(), along, apart, smoothing);
        match &self.drawn {
            Some((before, overlaid)) if *before == asked => Arc::clone(overlaid),
            _ => {
                let overlaid = Arc::new(Overlaid::of(shelf, what, along, !apart, smoothing));
                self.drawn = Some((asked, Arc::clone(&overlaid)));
                overlaid
            }
        }
    }

    fn ways(&mut self, ui: &mut Ui, ctx: &PaneContext<'_>, offered: &[What], what: &What) {
        ui.horizontal_wrapped(|ui| {
            let (button, _) = MenuButton::new(format!("{}  ▾", what.title())).ui(ui, |ui| {
                ScrollArea::vertical().max_height(360.0).show(ui, |ui| {
                    for other in offered {
                        let answer = ui.selectable_label(other == what, other.title());
                        let answer = match other {
                            What::Score(_, by) => answer.on_hover_text(by.words()),
                            What::Term(_) => answer,
                        };
                        if answer.clicked() {
                            self.chosen.what = Some(other.clone());
                            ui.close();
                        }
                    }
                });
            });
            button.accessible_name("Which figure of the runs");
            let words = Along::ALL.map(Along::word);
            let place = Along::ALL.iter().position(|along| *along == self.chosen.along).unwrap_or(0);
            if let Some(place) = look::segmented(ui, ctx.tokens, "overlay-along", &words, place) {
                self.chosen.along = Along::ALL[place];
                self.view = View::All;
            }
            let spread = look::button(ui, ctx.tokens, None, "Mean of seeds", !self.chosen.apart);
            let hint = "Mean and standard deviation of runs that differ by their seed alone and were ticked together, \
                        as far as all of them have come; else each by itself";
            if spread.on_hover_text(hint).clicked() {
                self.chosen.apart = !self.chosen.apart;
            }
        });
    }
}

/// The lines with their colours, and in what they are written.
fn curves_of<'a>(overlaid: &'a Overlaid, tokens: &Tokens) -> (Unit, Vec<Curve<'a>>) {
    let unit = overlaid.groups.iter().find_map(|group| group.quantity).map_or(Unit::PerCent, Unit::Of);
    let curve = |group: &'a Group| Curve {
        key: group.key.clone(),
        label: group.label.clone(),
        series: &group.series,
        colour: tokens.series(group.place),
        unit,
        has_dots: unit == Unit::PerCent,
        // Colours come again after eight.
        stroke: [Stroke::Solid, Stroke::Dashed, Stroke::Dotted][group.place / 8 % 3],
        band: group.band.as_ref(),
    };
    (unit, overlaid.groups.iter().map(curve).collect())
}

fn figure_of<'a>(
    ctx: &PaneContext<'_>,
    (curves, choices, unit): (&'a [Curve<'a>], &'a Choices, Unit),
    (scale, along): (Scale, Along),
    overlaid: &Overlaid,
    height: f32,
) -> Figure<'a> {
    Figure {
        name: NAME,
        curves,
        choices,
        scale: if unit == Unit::PerCent { Scale::Linear } else { scale },
        unit,
        is_smoothed: ctx.store.curves.smoothing() > 0.0 && unit != Unit::PerCent,
        marks: &[],
        has_labels: false,
        phases: &[],
        steps: ends(overlaid),
        height,
        along,
        is_of_runs: true,
    }
}

fn ends(overlaid: &Overlaid) -> Option<(u64, u64)> {
    let ends = overlaid.groups.iter().filter_map(|group| {
        let steps = group.series.steps();
        Some((*steps.first()?, *steps.last()?))
    });
    ends.reduce(|all, own| (all.0.min(own.0), all.1.max(own.1)))
}

/// What is drawn until there is a choice: a mean IoU of all sensors that every run has at several steps, else the whole
/// loss.
fn usual(shelf: &Shelf, offered: &[What]) -> Option<What> {
    let is_common = |what: &&What| {
        let What::Score(FigureColumn::All, by) = what else { return false };
        shelf.chosen().iter().filter_map(|run| shelf.trace(&run.card.path)).all(|trace| {
            let own = trace.evaluations.iter().filter(|report| !report.of_teacher && FiguresBy::of(report) == *by);
            own.count() > 1
        })
    };
    let total = |what: &&What| matches!(what, What::Term(name) if name == "total");
    let found = offered.iter().find(is_common).or_else(|| offered.iter().find(total));
    found.or_else(|| offered.first()).cloned()
}
