//! Curves of the runs that are compared, over each other: one line a run, or mean and spread of its seeds.

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
use crate::look;
use crate::panes::PaneContext;
use crate::store::Shelf;
use crate::store::shelf::{Along, FigureColumn, Overlaid, What};

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
        let chosen = self.chosen.what.as_ref().filter(|what| offered.contains(what)).cloned();
        let Some(what) = chosen.or_else(|| usual(&ctx.store.shelf, &offered)) else {
            look::empty(ui, ctx.tokens, "Reading the runs, or they have not taken a step yet");
            return None;
        };
        self.ways(ui, ctx, &offered, &what);
        let overlaid = self.overlaid(ctx, &what);
        for remark in &overlaid.remarks {
            // The curves need the room; the pointer is told the rest.
            ui.add(egui::Label::new(look::small(remark).color(ctx.tokens.warning)).truncate());
        }
        let unit = overlaid.groups.iter().find_map(|group| group.quantity).map_or(Unit::PerCent, Unit::Of);
        let curves: Vec<Curve<'_>> = overlaid
            .groups
            .iter()
            .map(|group| Curve {
                key: group.key.clone(),
                label: group.label.clone(),
                series: &group.series,
                colour: ctx.tokens.series(group.place),
                unit,
                has_dots: unit == Unit::PerCent,
                // Colours come again after eight.
                stroke: [Stroke::Solid, Stroke::Dashed, Stroke::Dotted][group.place / 8 % 3],
                band: group.band.as_ref(),
            })
            .collect();
        if curves.is_empty() {
            return None;
        }
        let room = ui.available_height();
        legend::show(ui, ctx.tokens, &curves, &mut self.legend, room);
        if let What::Score(_, by) = &what {
            ui.label(look::small(by.words()).color(ctx.tokens.faint));
        }
        let height = ui.available_height().max(60.0);
        let figure = Figure {
            name: "Curves of the compared runs",
            curves: &curves,
            choices: &self.legend,
            scale: if unit == Unit::PerCent { Scale::Linear } else { scale },
            unit,
            is_smoothed: ctx.store.curves.smoothing() > 0.0 && unit != Unit::PerCent,
            marks: &[],
            has_labels: false,
            phases: &[],
            steps: ends(&overlaid),
            height,
            along: self.chosen.along,
            is_of_runs: true,
        };
        figure.show(ui, ctx.tokens, &mut self.view, cursor).map(|pointed| pointed.step)
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
