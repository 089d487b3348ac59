//! What a tool does to a sensor's picture: moves it, or paints on it.

use egui::{CursorIcon, Pos2, Rect, Response, Stroke, Ui, Vec2};
use fusionscope_engine::protocol::{self, SensorChange};

use crate::action::Action;
use crate::panes::PaneContext;
use crate::store::Tool;

/// How near, in radii of the brush, two points of a stroke stand.
const STEP: f32 = 0.35;
/// The most points of all strokes of a sensor; no more are painted then.
const MOST_POINTS: usize = 3900;

/// What is under way with a tool, and on the card.
#[derive(Debug, Default)]
pub(super) struct Working {
    /// What is typed as a name.
    pub(super) name: String,
    /// Whether the last stroke is still being drawn.
    draws: bool,
    /// What a drag has left of less than a pixel.
    rest: Vec2,
}

impl Working {
    /// Lets a tool follow the pointer over the picture of a sensor, which covers `whole` and is `width` pixels wide.
    pub(super) fn follow(
        &mut self,
        ui: &Ui,
        ctx: &PaneContext<'_>,
        (sensor, tool): (&str, Tool),
        response: &Response,
        (whole, width): (Rect, u32),
    ) {
        let change = ctx.store.scene.what_if.sensors.get(sensor).cloned().unwrap_or_default();
        let changed = match tool {
            Tool::Move => self.moved(response, change, whole.width() / width.max(1) as f32),
            Tool::Paint(touch) => self.painted(ctx, response, change, touch, whole),
        };
        if let Some(change) = changed {
            ctx.act(Action::ChangeSensor { sensor: sensor.to_owned(), change });
        }
        if response.hovered() {
            ui.ctx().set_cursor_icon(if tool == Tool::Move { CursorIcon::Move } else { CursorIcon::Crosshair });
        }
    }

    fn moved(&mut self, response: &Response, change: SensorChange, points_a_pixel: f32) -> Option<SensorChange> {
        if !response.dragged() {
            self.rest = Vec2::ZERO;
            return None;
        }
        self.rest += response.drag_delta() / points_a_pixel.max(f32::MIN_POSITIVE);
        let by = Vec2::new(self.rest.x.trunc(), self.rest.y.trunc());
        self.rest -= by;
        let [right, down] = change.shift;
        let shift = [right + by.x as i32, down + by.y as i32];
        (by != Vec2::ZERO).then_some(SensorChange { shift, ..change })
    }

    fn painted(
        &mut self,
        ctx: &PaneContext<'_>,
        response: &Response,
        mut change: SensorChange,
        touch: protocol::Touch,
        whole: Rect,
    ) -> Option<SensorChange> {
        let at = response.interact_pointer_pos().filter(|_| response.is_pointer_button_down_on());
        let Some(at) = at else {
            self.draws = false;
            return None;
        };
        let radius = ctx.store.scene.supposing.radius;
        let place = place_in(whole, at);
        let points: usize = change.brush.iter().map(|stroke| stroke.points.len()).sum();
        let last = change.brush.last_mut().filter(|_| self.draws);
        if let Some(stroke) = last {
            let from = stroke.points.last().copied().unwrap_or(place);
            // Shares down are of another side than shares across.
            let down = (place[1] - from[1]) * whole.height() / whole.width().max(1.0);
            let far = (place[0] - from[0]).hypot(down);
            if far < STEP * radius || points >= MOST_POINTS {
                return None;
            }
            stroke.points.push(place);
        } else {
            change.brush.push(protocol::Stroke { touch, radius, points: vec![place] });
        }
        self.draws = true;
        Some(change)
    }
}

/// The brush as it would touch.
pub(super) fn brush_ui(ui: &Ui, ctx: &PaneContext<'_>, response: &Response, body: Rect, whole: Rect) {
    let Some(at) = response.hover_pos().filter(|_| response.hovered()) else { return };
    let radius = ctx.store.scene.supposing.radius * whole.width();
    let painter = ui.painter_at(body);
    for (width, colour) in [(3.0, ctx.tokens.on_picture_dark), (1.0, ctx.tokens.on_picture)] {
        painter.circle_stroke(at, radius, Stroke::new(width, colour));
    }
}

/// A point as shares across and down.
fn place_in(whole: Rect, at: Pos2) -> [f32; 2] {
    let share = |at: f32, from: f32, side: f32| ((at - from) / side.max(1.0)).clamp(0.0, 1.0);
    [share(at.x, whole.left(), whole.width()), share(at.y, whole.top(), whole.height())]
}
