//! The curves pane: loss terms, mean IoU by sensors and other figures over one step axis.

mod axis;
mod curve;
mod exhibits;
mod figure;
mod legend;
mod overlay;
mod printed;
mod unit;
mod view;

use egui::containers::menu::{MenuButton, MenuConfig};
use egui::{Align, Layout, PopupCloseBehavior, Slider, Ui, vec2};
use fusionscope_engine::protocol::Quantity;
use serde::{Deserialize, Serialize};

use self::axis::Scale;
use self::curve::Curve;
use self::figure::{Figure, LOSSES, Pointed, SCORES};
use self::legend::Choices;
use self::overlay::{Chosen, Overlay};
use self::unit::Unit;
use self::view::View;
use super::{Errand, Pane, PaneContext, PaneKind};
use crate::action::{Action, Exported};
use crate::exhibit::Exhibit;
use crate::look::{self, Icon};
use crate::store::curves::Mark;

/// The strongest smoothing that the slider offers.
const MOST_SMOOTHING: f32 = 0.99;

/// Both plots stand side by side from this width on.
const WIDE: f32 = 680.0;

/// Below this width in points the tabs fold into a menu.
const NARROW: f32 = 320.0;
/// The same, for five tabs.
const NARROW_FOR_FIVE: f32 = 430.0;

/// The room in points that the ways of looking need beside each other, without the smoothing, which goes first.
const WAYS: f32 = 316.0;

const EXPORT: &str = "Export…";
const FOLLOW: &str = "Keep the newest step in view; drag and scroll move and zoom";
const STUDENT: &str = "Leave the teacher's steps out of the axis";
const LOG: &str = "Logarithmic axis for losses and scalars; values that are not positive show as gaps";

/// Which plots are in view.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
enum Tab {
    #[default]
    Overview,
    Loss,
    Scores,
    Scalars,
    /// Of the runs that are compared.
    Runs,
}

/// The curves pane.
#[derive(Debug, Default)]
pub struct CurvesPane {
    tab: Tab,
    scale: Scale,
    view: View,
    choices: Choices,
    tag: String,
    /// The axis begins behind the teacher's phase.
    without_teacher: bool,
    /// The step under the pointer in the frame before, shown in every plot.
    cursor: Option<f64>,
    overlay: Overlay,
}

/// What is kept of the curves pane.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct Kept {
    tab: Tab,
    scale: Scale,
    legend: Choices,
    tag: String,
    without_teacher: bool,
    #[serde(skip_serializing_if = "Chosen::is_usual")]
    overlay: Chosen,
}

impl Pane for CurvesPane {
    fn choices(&self) -> Option<String> {
        let Self { tab, scale, choices, tag, without_teacher, overlay, .. } = self;
        let kept = Kept {
            tab: *tab,
            scale: *scale,
            legend: choices.clone(),
            tag: tag.clone(),
            without_teacher: *without_teacher,
            overlay: overlay.chosen.clone(),
        };
        serde_json::to_string(&kept).ok()
    }

    fn restore(&mut self, choices: &str) {
        if let Ok(Kept { tab, scale, legend, tag, without_teacher, overlay }) = serde_json::from_str(choices) {
            let overlay = Overlay::with(overlay);
            *self = Self { tab, scale, choices: legend, tag, without_teacher, overlay, ..Self::default() };
        }
    }

    fn run(&mut self, errand: &Errand) {
        if *errand == Errand::Overlay {
            self.tab = Tab::Runs;
        }
    }

    fn exhibits(&mut self, ctx: &PaneContext<'_>) -> Result<Vec<Exhibit>, String> {
        self.all_exhibits(ctx)
    }

    fn ui(&mut self, ui: &mut Ui, ctx: &PaneContext<'_>) {
        egui::Frame::new().inner_margin(egui::Margin::symmetric(10, 6)).show(ui, |ui| {
            self.toolbar(ui, ctx);
            ui.add_space(2.0);
            if let Some((held, all)) = ctx.store.curves.sample().filter(|_| self.tab != Tab::Runs) {
                let words = format!("{} of {} steps are drawn and exported", look::count(held), look::count(all));
                ui.label(look::small(words).color(ctx.tokens.weak));
            }
            let sensors = ctx.store.dataset.as_ref().map_or(&[][..], |dataset| &dataset.modalities);
            let losses = curve::terms(&ctx.store.curves, Quantity::Loss, sensors, ctx.tokens);
            let scores = curve::scores(&ctx.store.curves, &self.tag, sensors, ctx.tokens);
            let cursor = self.cursor.take();
            // The step of the scene in view and the cross-hair are one, as long as the pointer is nowhere else.
            let time = &ctx.store.scene.time;
            let shown = if self.tab == Tab::Runs { None } else { time.at().map(|step| step as f64) };
            let cursor = cursor.or(shown);
            match self.tab {
                Tab::Overview if ui.available_width() >= WIDE => {
                    let room = ui.available_rect_before_wrap();
                    let (left, right) = room.split_left_right_at_x(room.left() + 0.58 * room.width());
                    let half = |ui: &mut Ui, rect: egui::Rect, draw: &mut dyn FnMut(&mut Ui)| {
                        ui.scope_builder(egui::UiBuilder::new().max_rect(rect), |ui| draw(ui));
                    };
                    half(ui, left.with_max_x(left.right() - 6.0), &mut |ui| self.losses(ui, ctx, &losses, cursor));
                    half(ui, right.with_min_x(right.left() + 6.0), &mut |ui| self.scores(ui, ctx, &scores, cursor));
                }
                Tab::Overview | Tab::Loss => self.losses(ui, ctx, &losses, cursor),
                Tab::Scores => self.scores(ui, ctx, &scores, cursor),
                Tab::Scalars => self.scalars(ui, ctx, cursor),
                Tab::Runs => {
                    self.cursor = self.overlay.ui(ui, ctx, self.scale, cursor);
                    if self.cursor.is_some() && self.cursor != cursor {
                        ui.ctx().request_repaint();
                    }
                }
            }
        });
    }
}

impl CurvesPane {
    fn toolbar(&mut self, ui: &mut Ui, ctx: &PaneContext<'_>) {
        let tabs = [Tab::Overview, Tab::Loss, Tab::Scores, Tab::Scalars, Tab::Runs];
        let words = ["Overview", "Loss", "mIoU", "Scalars", "Compared runs"];
        // The last one is there while there is something to compare, or while it is in view.
        let has_runs = self.tab == Tab::Runs || !ctx.store.shelf.chosen().is_empty();
        let count = tabs.len() - usize::from(!has_runs);
        let (tabs, words) = (&tabs[..count], &words[..count]);
        let chosen = tabs.iter().position(|tab| *tab == self.tab).unwrap_or(0);
        ui.horizontal(|ui| {
            if ui.available_width() < if has_runs { NARROW_FOR_FIVE } else { NARROW } {
                ui.menu_button(format!("{}  ▾", words[chosen]), |ui| {
                    for (tab, word) in tabs.iter().zip(words) {
                        if ui.selectable_label(*tab == self.tab, *word).clicked() {
                            self.tab = *tab;
                        }
                    }
                });
            } else if let Some(place) = look::segmented(ui, ctx.tokens, "curves-tab", words, chosen) {
                self.tab = tabs[place];
            }
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                if ui.available_width() < WAYS {
                    self.folded_ways(ui, ctx);
                } else {
                    self.ways(ui, ctx);
                }
            });
        });
    }

    /// How the curves are looked at, from right to left.
    fn ways(&mut self, ui: &mut Ui, ctx: &PaneContext<'_>) {
        let tokens = ctx.tokens;
        let export = look::button(ui, tokens, None, EXPORT, false);
        if export.on_hover_text("The plots as PNG, SVG or PDF, and every step as CSV").clicked() {
            ctx.act(Action::Export(Exported::pane(PaneKind::Curves)));
        }
        if look::icon_button(ui, tokens, Icon::Fit, "Show all steps", false)
            .on_hover_text("Show all steps (double click)")
            .clicked()
        {
            *self.view() = View::All;
        }
        let (view, steps) = (*self.view(), self.steps(ctx));
        let is_following = view.is_following();
        if look::button(ui, tokens, None, "Follow", is_following).on_hover_text(FOLLOW).clicked() {
            *self.view() = view.with_following(!is_following, steps);
        }
        if self.has_teacher(ctx)
            && look::button(ui, tokens, None, "Student only", self.without_teacher).on_hover_text(STUDENT).clicked()
        {
            self.without_teacher = !self.without_teacher;
            self.view = View::All;
        }
        if self.tab != Tab::Scores {
            let is_log = self.scale == Scale::Log;
            if look::button(ui, tokens, None, "Log", is_log).on_hover_text(LOG).clicked() {
                self.scale = if is_log { Scale::Linear } else { Scale::Log };
            }
            smoothing_slider(ui, ctx);
        }
    }

    /// The same in one menu, where the pane is too narrow for them.
    fn folded_ways(&mut self, ui: &mut Ui, ctx: &PaneContext<'_>) {
        let config = MenuConfig::new().close_behavior(PopupCloseBehavior::CloseOnClickOutside);
        let (button, _) = MenuButton::new("…").config(config).ui(ui, |ui| {
            ui.set_min_width(200.0);
            if self.tab != Tab::Scores {
                ui.horizontal(|ui| smoothing_slider(ui, ctx));
                let mut is_log = self.scale == Scale::Log;
                if ui.checkbox(&mut is_log, "Logarithmic axis").on_hover_text(LOG).changed() {
                    self.scale = if is_log { Scale::Log } else { Scale::Linear };
                }
            }
            let (view, steps) = (*self.view(), self.steps(ctx));
            let mut is_following = view.is_following();
            if ui.checkbox(&mut is_following, "Follow the newest step").on_hover_text(FOLLOW).changed() {
                *self.view() = view.with_following(is_following, steps);
            }
            if self.has_teacher(ctx)
                && ui.checkbox(&mut self.without_teacher, "Student only").on_hover_text(STUDENT).changed()
            {
                self.view = View::All;
            }
            if ui.button("Show all steps").clicked() {
                *self.view() = View::All;
                ui.close();
            }
            ui.separator();
            if ui.button(EXPORT).clicked() {
                ctx.act(Action::Export(Exported::pane(PaneKind::Curves)));
                ui.close();
            }
        });
        button.accessible_name("Ways to look at curves");
    }

    /// The part in view of what the tab shows.
    fn view(&mut self) -> &mut View {
        if self.tab == Tab::Runs { &mut self.overlay.view } else { &mut self.view }
    }

    /// Whether there are steps of a teacher that the axis can leave out.
    fn has_teacher(&self, ctx: &PaneContext<'_>) -> bool {
        self.tab != Tab::Runs && ctx.store.curves.after_teacher().is_some()
    }

    /// The first and last step that the axis is about.
    fn steps(&self, ctx: &PaneContext<'_>) -> Option<(u64, u64)> {
        if self.tab == Tab::Runs { self.overlay.ends() } else { self.steps_of_run(ctx) }
    }

    /// Those of the run in hand.
    fn steps_of_run(&self, ctx: &PaneContext<'_>) -> Option<(u64, u64)> {
        let curves = &ctx.store.curves;
        let (first, last) = curves.steps()?;
        let behind = curves.after_teacher().filter(|_| self.without_teacher);
        Some((behind.unwrap_or(first).min(last), last))
    }

    fn losses(&mut self, ui: &mut Ui, ctx: &PaneContext<'_>, curves: &[Curve<'_>], cursor: Option<f64>) {
        if curves.is_empty() {
            look::empty(ui, ctx.tokens, "Loss terms appear here with the first training step");
            return;
        }
        let room = ui.available_height();
        legend::show(ui, ctx.tokens, curves, &mut self.choices, room);
        let marks = ctx.store.curves.marks();
        let height = ui.available_height();
        self.figure(ui, ctx, LOSSES, curves, self.scale, (marks, height), cursor);
    }

    fn scores(&mut self, ui: &mut Ui, ctx: &PaneContext<'_>, curves: &[Curve<'_>], cursor: Option<f64>) {
        let all = ctx.store.curves.scores();
        if all.is_empty() {
            look::empty(ui, ctx.tokens, "Mean IoU by sensors appears here with the first evaluation");
            return;
        }
        let mut tags: Vec<&str> = all.iter().map(|score| score.tag.as_str()).collect();
        tags.sort_unstable();
        tags.dedup();
        if !tags.contains(&self.tag.as_str()) {
            self.tag.clear();
        }
        let room = ui.available_height();
        ui.horizontal_top(|ui| {
            ui.with_layout(Layout::right_to_left(Align::Min), |ui| {
                if tags.len() > 1 {
                    let shown: Vec<&str> = tags.iter().map(|tag| if tag.is_empty() { "all" } else { *tag }).collect();
                    let chosen = tags.iter().position(|tag| *tag == self.tag).unwrap_or(0);
                    if let Some(place) = look::segmented(ui, ctx.tokens, "curves-tag", &shown, chosen) {
                        tags[place].clone_into(&mut self.tag);
                    }
                }
                ui.with_layout(Layout::left_to_right(Align::Min).with_main_wrap(true), |ui| {
                    legend::show(ui, ctx.tokens, curves, &mut self.choices, room);
                });
            });
        });
        let marks = ctx.store.curves.marks();
        let height = ui.available_height();
        let corner = ui.available_rect_before_wrap();
        self.figure(ui, ctx, SCORES, curves, Scale::Linear, (marks, height), cursor);
        heading(ui, ctx, corner, &format!("{} · {}", Unit::PerCent.title(), curve::splits_caption(&ctx.store.curves)));
    }

    /// One small plot for all that measures the same: shares have an axis in common, but none with norms.
    fn scalars(&mut self, ui: &mut Ui, ctx: &PaneContext<'_>, cursor: Option<f64>) {
        let others = Quantity::ALL.into_iter().filter(|quantity| *quantity != Quantity::Loss);
        let plots: Vec<(Unit, Vec<Curve<'_>>)> = others
            .map(|quantity| (Unit::Of(quantity), curve::terms(&ctx.store.curves, quantity, &[], ctx.tokens)))
            .filter(|(_, curves)| !curves.is_empty())
            .collect();
        if plots.is_empty() {
            look::empty(
                ui,
                ctx.tokens,
                "Learning rate, exchanged channels and further figures appear here while training",
            );
            return;
        }
        let height = ((ui.available_height() - 4.0) / plots.len() as f32).max(92.0);
        egui::ScrollArea::vertical()
            .auto_shrink(false)
            .scroll_source(egui::scroll_area::ScrollSource::SCROLL_BAR)
            .show(ui, |ui| {
                for (unit, curves) in &plots {
                    let top = ui.cursor().top();
                    legend::show(ui, ctx.tokens, curves, &mut self.choices, height);
                    let room = height - 8.0 - (ui.cursor().top() - top);
                    let corner = ui.available_rect_before_wrap();
                    self.figure(ui, ctx, unit.title(), curves, self.scale, (&[], room), cursor);
                    heading(ui, ctx, corner, unit.title());
                }
            });
    }

    #[expect(clippy::too_many_arguments, reason = "one call a plot; a struct would only rename them")]
    fn figure(
        &mut self,
        ui: &mut Ui,
        ctx: &PaneContext<'_>,
        name: &str,
        curves: &[Curve<'_>],
        scale: Scale,
        (marks, height): (&[Mark], f32),
        cursor: Option<f64>,
    ) {
        let figure = Figure::of_run(&ctx.store.curves, &self.choices, (name, curves), (scale, marks), self.steps(ctx));
        let has_labels = figure.unit != Unit::PerCent || self.tab == Tab::Scores;
        let figure = Figure { has_labels, height: height.max(60.0), ..figure };
        if let Some(Pointed { step, is_clicked }) = figure.show(ui, ctx.tokens, &mut self.view, cursor) {
            self.cursor = Some(step);
            if Some(step) != cursor {
                ui.ctx().request_repaint();
            }
            go_to(ui, ctx, step, is_clicked);
        }
    }
}

/// Takes the scene in view along to the step under the pointer: with a click, and from then on wherever the pointer
/// goes.
fn go_to(ui: &Ui, ctx: &PaneContext<'_>, step: f64, is_clicked: bool) {
    let time = &ctx.store.scene.time;
    let follows = time.at().is_some() && !time.plays() && ui.input(|input| input.pointer.delta() != egui::Vec2::ZERO);
    if !is_clicked && !follows {
        return;
    }
    let nearest = time.nearest(step.max(0.0).round() as u64);
    if nearest.is_some() && nearest != time.at() {
        ctx.act(Action::GoToTime(nearest));
    }
}

fn smoothing_slider(ui: &mut Ui, ctx: &PaneContext<'_>) {
    if ui.available_width() < 150.0 {
        return;
    }
    // Most of the way of the slider is given to strong smoothing, where differences are seen.
    let smoothing = ctx.store.curves.smoothing();
    let mut place = 1.0 - (1.0 - smoothing / MOST_SMOOTHING).max(0.0).sqrt();
    // Of one width, since the slider stands beside it: it would move under the hand that drags it.
    let figure = look::small(format!("{smoothing:.2}")).color(ctx.tokens.weak);
    ui.add_sized([28.0, 16.0], egui::Label::new(figure));
    ui.spacing_mut().slider_width = 72.0;
    ui.spacing_mut().interact_size.y = 16.0;
    let response = ui.add(Slider::new(&mut place, 0.0..=1.0).show_value(false)).on_hover_text(
        "Exponential moving average, corrected at the start; taken over every step before the curve is thinned for the \
         screen. The raw curve stays visible behind it",
    );
    let response = response.on_hover_cursor(egui::CursorIcon::ResizeHorizontal);
    response.widget_info(|| egui::WidgetInfo::slider(true, f64::from(smoothing), "Smoothing of curves"));
    ui.label(look::small("Smoothing").color(ctx.tokens.weak));
    if response.changed() {
        ctx.act(Action::SetSmoothing(MOST_SMOOTHING * (1.0 - (1.0 - place).powi(2))));
    }
}

/// What a plot shows, in its upper left corner.
fn heading(ui: &Ui, ctx: &PaneContext<'_>, plot: egui::Rect, words: &str) {
    let at = plot.left_top() + vec2(46.0, 3.0);
    let font = egui::FontId::proportional(look::size::SMALL);
    let words = look::elided(ui, words, font, plot.right() - at.x, ctx.tokens.faint);
    ui.painter().galley(at, words, ctx.tokens.faint);
}
