//! Severity curves: a small plot a sensor and degradation, one run over another.

use egui::{Color32, Label, RichText, Ui, vec2};
use fusionscope_engine::protocol::{Degradation, Protocol, ProtocolReport};
use fusionscope_engine::robustness::{Lean, Method, curves_csv, severity_picture};

use super::export;
use super::plot::{self, Drawn};
use crate::exhibit::{Exhibit, paper};
use crate::look::{self, Tokens, space};
use crate::panes::PaneContext;
use crate::store::Sounded;

/// The runs that have curves, each with the place of its colour.
struct Shown<'a> {
    methods: Vec<(Option<usize>, Method)>,
    reports: Vec<(&'a str, &'a ProtocolReport)>,
    /// The report that all others are made like.
    first: &'a ProtocolReport,
    /// Runs whose figures were made in another way, or that have none.
    others: Vec<&'a str>,
}

/// What becomes of a run where one sensor degrades.
struct Fall<'a> {
    place: Option<usize>,
    method: &'a Method,
    lean: &'a Lean,
}

impl<'a> Shown<'a> {
    fn of(sounded: &'a [Sounded<'a>], split: &str) -> Option<Self> {
        let first = sounded.iter().find_map(|side| reports(side, split).first().map(|(_, report)| *report))?;
        let mut shown = Self { methods: Vec::new(), reports: Vec::new(), first, others: Vec::new() };
        for side in sounded {
            match side.method(split, Some(first)) {
                Some(method) => {
                    shown.methods.push((side.place, method));
                    shown.reports.extend(reports(side, split).into_iter().filter(|(_, report)| report.is_like(first)));
                }
                None => shown.others.push(&side.name),
            }
        }
        Some(shown)
    }

    /// What becomes of each run where this sensor degrades.
    fn falls(&self, sensor: &str) -> Vec<Fall<'_>> {
        let all = self
            .methods
            .iter()
            .flat_map(|(place, method)| method.leans.iter().map(move |lean| Fall { place: *place, method, lean }));
        all.filter(|fall| fall.lean.sensor == sensor).collect()
    }

    /// The top of all plots, a mean IoU.
    fn top(&self) -> f64 {
        let courses = self.methods.iter().flat_map(|(_, method)| &method.leans).flat_map(|lean| &lean.courses);
        let best = courses.flat_map(|course| &course.points).map(|point| point[1]).fold(0.1, f64::max);
        (best * 10.0 - 1e-9).ceil() / 10.0
    }

    /// What a run is drawn in: the sensor's hue where it is the only one, so that hues mean one thing at a time.
    fn ink(&self, ctx: &PaneContext<'_>, sensor: &str, place: Option<usize>) -> Color32 {
        match place {
            _ if self.methods.len() == 1 => ctx.store.hue(ctx.tokens, sensor),
            Some(place) => ctx.tokens.series(place),
            None => ctx.tokens.text,
        }
    }
}

/// The curves with their points; `None` without any.
pub(super) fn exhibit(sounded: &[Sounded<'_>], split: &str, tokens: &Tokens) -> Option<Exhibit> {
    let shown = Shown::of(sounded, split)?;
    let methods: Vec<Method> = shown.methods.iter().map(|(_, method)| method.clone()).collect();
    let ProtocolReport { dataset, split, convention, .. } = shown.first;
    let (about, paper) = (format!("On {dataset}, {split}; means by {convention}."), paper(tokens));
    let exhibit = Exhibit::new(export::CURVES, "robustness-severity").csv(curves_csv(shown.reports.iter().copied()));
    Some(exhibit.drawn_as_it_is(move || Ok(severity_picture(&methods, &about)?.on(paper))))
}

/// The newest curves of each run of a side.
fn reports<'a>(side: &'a Sounded<'a>, split: &str) -> Vec<(&'a str, &'a ProtocolReport)> {
    let newest = side.runs.iter().filter_map(|kept| kept.newest(Protocol::Severity, Some(split)));
    newest.map(|report| (side.name.as_str(), report)).collect()
}

/// Draws them; where there is none, says what makes some.
pub(super) fn show(ui: &mut Ui, ctx: &PaneContext<'_>, sounded: &[Sounded<'_>], split: &str) {
    let tokens = ctx.tokens;
    let Some(shown) = Shown::of(sounded, split) else {
        ui.label(look::caption(tokens, "mIoU by severity"));
        let words =
            "Run the protocol severity to see how fast the network falls as one sensor degrades: a curve a degradation";
        look::empty(ui, tokens, words);
        return;
    };
    ui.horizontal_wrapped(|ui| {
        let about = format!("mIoU by severity, % · {}, {}", shown.first.dataset, shown.first.split);
        ui.label(look::caption(tokens, about));
        export::button(ui, ctx, export::CURVES);
    });
    legend(ui, ctx, &shown);
    for sensor in &shown.first.sensors {
        of_sensor(ui, ctx, &shown, sensor);
    }
    let words =
        "Severity 0 is the clean image. The area is the mean over all severities, by straight lines between the points";
    ui.add(Label::new(look::small(words).color(tokens.faint)).wrap());
}

/// The runs with their colours, and those that cannot be drawn.
fn legend(ui: &mut Ui, ctx: &PaneContext<'_>, shown: &Shown<'_>) {
    let tokens = ctx.tokens;
    if shown.methods.len() > 1 {
        ui.horizontal_wrapped(|ui| {
            for (place, method) in &shown.methods {
                look::swatch(ui, shown.ink(ctx, "", *place));
                ui.label(RichText::new(&method.name).color(tokens.text));
                ui.add_space(space::S);
            }
        });
    }
    if !shown.others.is_empty() {
        let words = format!("No such figures, made in the same way, of: {}", shown.others.join(", "));
        ui.add(Label::new(look::small(words).color(tokens.weak)).wrap());
    }
}

/// The plots of a sensor, one a degradation.
fn of_sensor(ui: &mut Ui, ctx: &PaneContext<'_>, shown: &Shown<'_>, sensor: &str) {
    let falls = shown.falls(sensor);
    let mut kinds: Vec<Degradation> = Vec::new();
    for course in falls.iter().flat_map(|fall| &fall.lean.courses) {
        if !kinds.contains(&course.kind) {
            kinds.push(course.kind);
        }
    }
    if kinds.is_empty() {
        return;
    }
    head(ui, ctx, sensor, &falls);
    let top = shown.top();
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing = vec2(space::S, space::XS);
        for kind in kinds {
            let mut lines = Vec::new();
            for Fall { place, method, lean } in &falls {
                if let Some(course) = lean.courses.iter().find(|course| course.kind == kind) {
                    let (name, points, ink) = (&method.name, &course.points, shown.ink(ctx, sensor, *place));
                    lines.push(Drawn { name, points, area: course.area(), ink, is_own: place.is_none() });
                }
            }
            plot::show(ui, ctx, sensor, kind, &lines, top);
        }
    });
    ui.add_space(space::S);
}

/// A sensor, and what each run loses on average where it degrades.
fn head(ui: &mut Ui, ctx: &PaneContext<'_>, sensor: &str, falls: &[Fall<'_>]) {
    let tokens = ctx.tokens;
    ui.horizontal_wrapped(|ui| {
        look::swatch(ui, ctx.store.hue(tokens, sensor));
        ui.label(look::semibold(format!("{sensor} degrades")).color(tokens.text));
        for Fall { method, lean, .. } in falls {
            let Some(lost) = lean.lost(method.clean) else { continue };
            let (points, ink) = look::points(tokens, -100.0 * lost);
            let whose = if falls.len() > 1 { format!("{} ", method.name) } else { String::new() };
            ui.label(RichText::new(format!("{whose}{points} on average")).color(ink));
        }
    });
}
