//! One plot: curves over steps, with phases shaded, marks labelled and a cross-hair that reads every curve.

use egui::{Align2, Color32, FontId, Pos2, Rangef, Rect, Role, Sense, Stroke, Ui, Vec2b, WidgetInfo, pos2, vec2};
use egui_plot::{AxisHints, FilledArea, Line, LineStyle, Plot, PlotPoint, PlotTransform, Points, Span};

use super::axis::{Scale, step_grid};
use super::curve::{self, Curve};
use super::legend::Choices;
use super::unit::Unit;
use super::view::View;
use crate::look::{self, Tokens, size};
use crate::store::curves::{Curves, Mark, PhaseSpan, Sample, Trace};
use crate::store::shelf::Along;

/// What the plots of losses and scores are called.
pub(super) const LOSSES: &str = "Loss terms";
pub(super) const SCORES: &str = "mIoU by sensors";

/// How much of a mark's label is drawn at least and at most, in points.
const LEAST_OF_LABEL: f32 = 48.0;
const MOST_OF_LABEL: f32 = 160.0;

/// Grid lines closer than this are not drawn.
const GRID_PX: f32 = 8.0;

/// What a plot shows.
pub struct Figure<'a> {
    /// Unique among the plots, and what screen readers call it.
    pub name: &'a str,
    /// The curves, hidden ones included.
    pub curves: &'a [Curve<'a>],
    /// Which of them are shown, and how.
    pub choices: &'a Choices,
    /// The vertical axis.
    pub scale: Scale,
    /// What the curves are written in.
    pub unit: Unit,
    /// Draws raw values faint behind smoothed ones.
    pub is_smoothed: bool,
    /// What happened along the step axis.
    pub marks: &'a [Mark],
    /// Writes the marks' labels along them, not only into the card.
    pub has_labels: bool,
    /// Phases of the run.
    pub phases: &'a [PhaseSpan],
    /// The first and last step of the run.
    pub steps: Option<(u64, u64)>,
    /// Height in points.
    pub height: f32,
    /// What lies along the horizontal axis.
    pub along: Along,
    /// The curves are of several runs, which need not have a point at the same place.
    pub is_of_runs: bool,
}

impl<'a> Figure<'a> {
    /// Of the run in hand, with all its labels; its unit is that of its curves.
    pub fn of_run(
        store: &'a Curves,
        choices: &'a Choices,
        (name, curves): (&'a str, &'a [Curve<'a>]),
        (scale, marks): (Scale, &'a [Mark]),
        steps: Option<(u64, u64)>,
    ) -> Self {
        Self {
            name,
            curves,
            choices,
            scale,
            unit: curves.first().map_or(Unit::PerCent, |curve| curve.unit),
            is_smoothed: store.smoothing() > 0.0,
            marks,
            has_labels: true,
            phases: store.phases(),
            steps,
            height: 0.0,
            along: Along::Steps,
            is_of_runs: false,
        }
    }
}

/// What the pointer says in a plot.
pub struct Pointed {
    /// The step under it.
    pub step: f64,
    /// Whether it was pressed there.
    pub is_clicked: bool,
}

pub(super) struct Pen {
    points: Vec<[f64; 2]>,
    colour: Color32,
    width: f32,
    has_dots: bool,
    style: LineStyle,
}

/// The spread around a mean, on this plot's axis.
pub(super) struct Band {
    places: Vec<f64>,
    low: Vec<f64>,
    high: Vec<f64>,
    colour: Color32,
}

impl Figure<'_> {
    /// Draws the plot and lets drag, scroll and double click change `view`. Returns the step under the pointer.
    pub fn show(&self, ui: &mut Ui, tokens: &Tokens, view: &mut View, cursor: Option<f64>) -> Option<Pointed> {
        let (low, high) = view.range(self.steps);
        let columns = (ui.available_width() * ui.ctx().pixels_per_point()).max(1.0) as usize;
        let pens = self.pens(low, high, columns);
        let bands = self.bands();
        let (bottom, top) = self.vertical_range(&pens, &bands, low, high);
        let font = FontId::proportional(size::SMALL);
        let value_per_px = (top - bottom) / f64::from(self.height.max(40.0));
        let (scale, unit, along) = (self.scale, self.unit, self.along);
        let x_axis = AxisHints::new_x()
            .formatter(move |mark, _| along.label(mark.value.max(0.0)))
            .tick_label_color(tokens.faint)
            .tick_label_font(font.clone())
            .min_thickness(16.0)
            .label_spacing(Rangef::new(24.0, 32.0));
        let y_axis = AxisHints::new_y()
            .formatter(move |mark, _| scale.label(mark, unit))
            .tick_label_color(tokens.faint)
            .tick_label_font(font)
            .min_thickness(40.0)
            .label_spacing(Rangef::new(11.0, 14.0));
        let shades: Vec<Span> = self.shades(tokens, high).collect();
        let plot = look::still_plot(Plot::new(self.name), tokens)
            .height(self.height)
            .sense(Sense::click_and_drag())
            .show_grid(Vec2b::new(false, true))
            .grid_spacing(Rangef::new(GRID_PX, 2.0 * GRID_PX))
            .x_grid_spacer(move |input| step_grid(&input, f64::from(GRID_PX), 84.0, along.least_step()))
            .y_grid_spacer(move |input| scale.grid(input.bounds, value_per_px, 30.0, unit))
            .custom_x_axes(vec![x_axis])
            .custom_y_axes(vec![y_axis]);
        let answer = plot.show(ui, move |plot| {
            plot.set_plot_bounds_x(low..=high);
            plot.set_plot_bounds_y(bottom..=top);
            for shade in shades {
                plot.span(shade);
            }
            for (place, Band { places, low, high, colour }) in bands.into_iter().enumerate() {
                plot.add(
                    FilledArea::new(format!("band {place}"), &places, &low, &high)
                        .fill_color(colour)
                        .allow_hover(false),
                );
            }
            for (place, pen) in pens.into_iter().enumerate() {
                let is_lone = pen.points.len() == 1;
                if pen.has_dots || is_lone {
                    let radius = if pen.has_dots { 2.5 } else { 1.5 };
                    plot.points(
                        Points::new(format!("dots {place}"), pen.points.clone())
                            .radius(radius)
                            .color(pen.colour)
                            .allow_hover(false),
                    );
                }
                if !is_lone {
                    plot.line(
                        Line::new(format!("line {place}"), pen.points)
                            .stroke(Stroke::new(pen.width, pen.colour))
                            .style(pen.style)
                            .allow_band(false)
                            .allow_hover(false),
                    );
                }
            }
        });
        let frame = *answer.transform.frame();
        let name = self.name;
        answer.response.widget_info(|| WidgetInfo::labeled(Role::Image, true, name));
        self.paint_marks(ui, tokens, &answer.transform);
        let hovered = self.interact(ui, &answer.response, frame, view);
        if let Some(step) = hovered.or(cursor).filter(|step| (low..=high).contains(step)) {
            self.paint_cursor(ui, tokens, &answer.transform, step);
        }
        if let (Some(step), Some(pointer)) = (hovered, answer.response.hover_pos()) {
            self.card(ui, tokens, &answer.transform, step, pointer);
        }
        let is_clicked = answer.response.clicked() && !answer.response.double_clicked();
        hovered.map(|step| Pointed { step, is_clicked })
    }

    pub(super) fn shown(&self) -> impl Iterator<Item = &Curve<'_>> {
        self.curves.iter().filter(|curve| self.choices.is_shown(&curve.key))
    }

    /// Every stroke, the faint ones first.
    pub(super) fn pens(&self, low: f64, high: f64, columns: usize) -> Vec<Pen> {
        let mut faint = Vec::new();
        let mut full = Vec::new();
        for curve in self.shown() {
            let colour = self.choices.colour(curve);
            let is_smoothed = self.is_smoothed && !curve.has_dots;
            if is_smoothed {
                for points in self.placed(curve, Trace::Raw, low, high, columns) {
                    let colour = look::with_alpha(colour, 0.3);
                    faint.push(Pen { points, colour, width: 1.0, has_dots: false, style: LineStyle::Solid });
                }
            }
            let trace = if is_smoothed { Trace::Smoothed } else { Trace::Raw };
            for points in self.placed(curve, trace, low, high, columns) {
                full.push(Pen { points, colour, width: 1.5, has_dots: curve.has_dots, style: style_of(curve.stroke) });
            }
        }
        faint.append(&mut full);
        faint
    }

    /// A curve's strokes on this plot's axis. What has no place on it, such as 0 on a log axis, ends a stroke.
    pub(super) fn placed(
        &self,
        curve: &Curve<'_>,
        trace: Trace,
        low: f64,
        high: f64,
        columns: usize,
    ) -> Vec<Vec<[f64; 2]>> {
        let strokes = curve.series.thinned(trace, low, high, columns);
        if self.scale == Scale::Linear {
            return strokes;
        }
        let mut placed = Vec::new();
        for stroke in strokes {
            let mut open = Vec::new();
            for [step, value] in stroke {
                match self.scale.place(value) {
                    Some(place) => open.push([step, place]),
                    None if open.is_empty() => {}
                    None => placed.push(std::mem::take(&mut open)),
                }
            }
            if !open.is_empty() {
                placed.push(open);
            }
        }
        placed
    }

    /// Of a curve's band what lies between two places: place, lower and upper border on this plot's axis.
    pub(super) fn band_of(&self, curve: &Curve<'_>, low: f64, high: f64) -> Vec<[f64; 3]> {
        let Some([places, lower, upper]) = curve.band else { return Vec::new() };
        let all = places.iter().zip(lower).zip(upper).filter(|((place, _), _)| (low..=high).contains(*place));
        all.filter_map(|((place, lower), upper)| Some([*place, self.scale.place(*lower)?, self.scale.place(*upper)?]))
            .collect()
    }

    /// The bands of the shown curves. Where a border has no place on a log axis, there is none.
    pub(super) fn bands(&self) -> Vec<Band> {
        let of = |curve: &Curve<'_>| {
            let [places, low, high] = curve.band?;
            let colour = look::with_alpha(self.choices.colour(curve), 0.18);
            let mut band = Band { places: Vec::new(), low: Vec::new(), high: Vec::new(), colour };
            for ((place, low), high) in places.iter().zip(low).zip(high) {
                if let (Some(low), Some(high)) = (self.scale.place(*low), self.scale.place(*high)) {
                    band.places.push(*place);
                    band.low.push(low);
                    band.high.push(high);
                }
            }
            (band.places.len() > 1).then_some(band)
        };
        self.shown().filter_map(of).collect()
    }

    pub(super) fn vertical_range(&self, pens: &[Pen], bands: &[Band], low: f64, high: f64) -> (f64, f64) {
        let of_bands = bands.iter().flat_map(|band| {
            let ends = band.low.iter().zip(&band.high);
            band.places.iter().zip(ends).flat_map(|(place, (low, high))| [[*place, *low], [*place, *high]])
        });
        let all = pens.iter().flat_map(|pen| &pen.points).copied().chain(of_bands);
        let inside = all.filter(|point| (low..=high).contains(&point[0]));
        let (mut bottom, mut top) =
            inside.fold((f64::MAX, f64::MIN), |(bottom, top), point| (bottom.min(point[1]), top.max(point[1])));
        if bottom > top {
            (bottom, top) = (0.0, 1.0);
        }
        let least = match self.scale {
            Scale::Linear => self.unit.least_height().max(1e-9 * top.abs()).max(1e-12),
            Scale::Log => 0.05,
        };
        let pad = (0.06 * (top - bottom)).max(0.5 * (least - (top - bottom)));
        (bottom - pad, top + pad)
    }

    /// Every other phase on a ground of its own.
    fn shades(&self, tokens: &Tokens, high: f64) -> impl Iterator<Item = Span> {
        let (ground, none) = (tokens.strip, Color32::TRANSPARENT);
        let last = self.phases.len().saturating_sub(1);
        self.phases.iter().enumerate().filter(move |(place, _)| place % 2 == 0 && last > 0).map(move |(place, span)| {
            let end = if place == last { high } else { span.end as f64 + 0.5 };
            Span::new("", span.start as f64 - 0.5..=end).fill(ground).border(Stroke::new(0.0, none))
        })
    }

    fn interact(&self, ui: &Ui, response: &egui::Response, frame: Rect, view: &mut View) -> Option<f64> {
        let (low, high) = view.range(self.steps);
        let step_per_px = (high - low) / f64::from(frame.width().max(1.0));
        if response.dragged() {
            *view = view.panned(-f64::from(response.drag_delta().x) * step_per_px, self.steps);
        }
        if response.double_clicked() {
            *view = View::All;
        }
        let pointer = response.hover_pos().filter(|pointer| frame.contains(*pointer))?;
        let step = low + f64::from(pointer.x - frame.left()) * step_per_px;
        let (scroll, zoom) = ui.input(|input| (input.smooth_scroll_delta, input.zoom_delta()));
        *view = view.panned(-f64::from(scroll.x) * step_per_px, self.steps);
        *view = view.zoomed(f64::from(zoom) * (f64::from(scroll.y) / 240.0).exp(), step, self.steps);
        Some(step)
    }

    fn paint_marks(&self, ui: &Ui, tokens: &Tokens, transform: &PlotTransform) {
        let frame = *transform.frame();
        let painter = ui.painter().with_clip_rect(frame.intersect(ui.clip_rect()));
        let font = FontId::proportional(size::SMALL);
        if self.phases.len() > 1 {
            for span in self.phases {
                let left = transform.position_from_point_x(span.start as f64).max(frame.left());
                let right = transform.position_from_point_x(span.end as f64).min(frame.right());
                if right - left > 48.0 {
                    let place = pos2(left + 4.0, frame.bottom() - 3.0);
                    painter.text(place, Align2::LEFT_BOTTOM, span.phase.name(), font.clone(), tokens.faint);
                }
            }
        }
        let mut taken: Vec<f32> = Vec::new();
        // What was changed by hand is named before what happens by itself.
        let (changes, others): (Vec<&Mark>, Vec<&Mark>) = self.marks.iter().partition(|mark| mark.is_change);
        for mark in changes.into_iter().chain(others) {
            let x = transform.position_from_point_x(mark.step as f64);
            if !(frame.left()..=frame.right()).contains(&x) {
                continue;
            }
            let (line, ink) =
                if mark.is_change { (tokens.warning, tokens.warning) } else { (tokens.outline, tokens.weak) };
            painter.vline(x, frame.y_range(), Stroke::new(1.0, line));
            let is_phase = self.phases.iter().any(|span| mark.label == format!("{} phase", span.phase.name()));
            if !self.has_labels || is_phase || taken.iter().any(|other| (other - x).abs() < 13.0) {
                continue;
            }
            let room = frame.height() - 8.0;
            if room < LEAST_OF_LABEL {
                continue;
            }
            taken.push(x);
            let galley = look::elided(ui, &mark.label, font.clone(), room.min(MOST_OF_LABEL), ink);
            // Reads downwards, just right of its line.
            let corner = pos2(x + 2.0 + galley.size().y, frame.top() + 4.0);
            let shape = egui::epaint::TextShape::new(corner, galley, ink).with_angle(std::f32::consts::FRAC_PI_2);
            painter.add(shape);
        }
    }

    fn paint_cursor(&self, ui: &Ui, tokens: &Tokens, transform: &PlotTransform, step: f64) {
        let frame = *transform.frame();
        let painter = ui.painter().with_clip_rect(frame.intersect(ui.clip_rect()));
        let x = transform.position_from_point_x(step);
        painter.vline(x, frame.y_range(), Stroke::new(1.0, tokens.accent));
        for curve in self.shown() {
            let Some(sample) = self.sample(curve, step, self.step_near(step)) else { continue };
            let value = if self.is_smoothed { sample.smoothed } else { sample.value };
            let Some(place) = self.scale.place(f64::from(value)) else { continue };
            let dot = transform.position_from_point(&PlotPoint::new(sample.step as f64, place));
            if (dot.x - x).abs() < 24.0 {
                painter.circle(dot, 3.0, self.choices.colour(curve), Stroke::new(1.5, tokens.surface));
            }
        }
    }

    /// What a curve says at a place. Evaluations are few, and runs have none of their places in common but by chance: the
    /// nearest point is told.
    fn sample(&self, curve: &Curve<'_>, place: f64, at: u64) -> Option<Sample> {
        if curve.has_dots || self.is_of_runs { curve.series.nearest(place) } else { curve.series.at(at) }
    }

    /// The step nearest to a place that any of the curves has.
    fn step_near(&self, step: f64) -> u64 {
        let near = self
            .shown()
            .filter_map(|curve| curve.series.nearest(step))
            .min_by(|one, other| (one.step as f64 - step).abs().total_cmp(&(other.step as f64 - step).abs()));
        near.map_or(step.max(0.0).round() as u64, |sample| sample.step)
    }

    /// The values of all curves at a step, beside the pointer.
    fn card(&self, ui: &mut Ui, tokens: &Tokens, transform: &PlotTransform, step: f64, pointer: Pos2) {
        let frame = *transform.frame();
        let is_right = pointer.x > frame.center().x;
        let (pivot, offset) = if is_right { (Align2::RIGHT_TOP, -16.0) } else { (Align2::LEFT_TOP, 16.0) };
        let at = self.step_near(step);
        egui::Area::new(ui.scope_id().with((self.name, "card")))
            .order(egui::Order::Tooltip)
            .interactable(false)
            .pivot(pivot)
            .fixed_pos(pointer + vec2(offset, 8.0))
            .show(ui.ctx(), |ui| {
                egui::Frame::popup(ui.style()).inner_margin(8).show(ui, |ui| {
                    ui.spacing_mut().item_spacing = vec2(8.0, 2.0);
                    ui.spacing_mut().interact_size.y = 15.0;
                    let phase = self.phases.iter().find(|span| (span.start..=span.end).contains(&at));
                    let phase = phase.map(|span| format!(" · {}", span.phase.name())).unwrap_or_default();
                    ui.label(look::small(format!("{}{phase}", self.along.sentence(at as f64))).color(tokens.weak));
                    egui::Grid::new("values").num_columns(3).min_col_width(0.0).show(ui, |ui| {
                        for curve in self.shown() {
                            self.card_row(ui, tokens, curve, at);
                        }
                    });
                    let reach = 4.0 * transform.dvalue_dpos()[0].abs();
                    for mark in self.marks.iter().filter(|mark| (mark.step as f64 - step).abs() <= reach) {
                        ui.label(look::small(&mark.label).color(tokens.text));
                    }
                });
            });
    }

    /// What a curve says at a step. Evaluations are few: the nearest one is told, with its step. A term that did not
    /// exist at that step has no value there.
    fn card_row(&self, ui: &mut Ui, tokens: &Tokens, curve: &Curve<'_>, at: u64) {
        let sample = self.sample(curve, at as f64, at);
        let text = |value: f32| {
            if value.is_finite() { curve.unit.text(f64::from(value)) } else { "–".to_owned() }
        };
        ui.horizontal(|ui| {
            look::swatch(ui, self.choices.colour(curve));
            ui.label(look::small(&curve.label).color(tokens.weak));
        });
        let Some(sample) = sample else {
            ui.label(look::small("–").color(tokens.faint));
            ui.label("");
            ui.end_row();
            return;
        };
        let is_smoothed = self.is_smoothed && !curve.has_dots;
        ui.label(look::small(text(if is_smoothed { sample.smoothed } else { sample.value })).color(tokens.text));
        let aside = if is_smoothed {
            format!("raw {}", text(sample.value))
        } else if curve.has_dots {
            format!("at {}", self.along.label(sample.step as f64))
        } else {
            String::new()
        };
        ui.label(look::small(aside).color(tokens.faint));
        ui.end_row();
    }
}

fn style_of(stroke: curve::Stroke) -> LineStyle {
    match stroke {
        curve::Stroke::Solid => LineStyle::Solid,
        curve::Stroke::Dashed => LineStyle::dashed_dense(),
        curve::Stroke::Dotted => LineStyle::dotted_dense(),
    }
}
