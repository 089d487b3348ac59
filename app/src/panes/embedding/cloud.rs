//! One cloud of points: where it lies, what the pointer does to it, and how it is drawn.

use std::collections::BTreeSet;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::Arc;

use egui::{Align2, Color32, CornerRadius, FontId, Pos2, Rect, Role, Sense, Stroke, Ui, Vec2, WidgetInfo, vec2};
use fusionscope_engine::protocol::EmbeddingView;

use super::colours::Groups;
use crate::action::Action;
use crate::canvas::{CloudPainting, Discs};
use crate::look::{self, size};
use crate::panes::PaneContext;
use crate::store::embedding::{Choosing, PixelId, pixel_of};

/// How far from a point, in points of the window, the pointer still means it.
const REACH: f32 = 8.0;
/// How long the fitted view takes to follow the cloud, in seconds.
const FOLLOWS_IN: f32 = 0.25;

/// How points are drawn.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub(super) struct Look {
    pub(super) diameter: f32,
    pub(super) opacity: f32,
    pub(super) lassoes: bool,
}

impl Default for Look {
    fn default() -> Self {
        Self { diameter: 5.0, opacity: 0.85, lassoes: false }
    }
}

/// Where a cloud is looked at from, and what is kept between frames.
#[derive(Debug, Default)]
pub(super) struct Cloud {
    /// The place in the middle, and points of the window for a unit, once the user has moved; else the cloud is fitted.
    held: Option<([f32; 2], f32)>,
    /// Points of the window for a unit at which the cloud just fits; follows the cloud smoothly.
    fitted: f32,
    lasso: Vec<Pos2>,
    /// The drag under way draws no lasso any more.
    has_given_up: bool,
    drawn: Option<(u64, Arc<Discs>)>,
    serial: u64,
}

/// What a cloud shows in one frame.
pub(super) struct Scene<'a> {
    pub(super) slot: u64,
    pub(super) view: &'a EmbeddingView,
    pub(super) layout: &'a [[f32; 2]],
    pub(super) groups: &'a Groups,
    /// Groups that are not drawn.
    pub(super) hidden: &'a BTreeSet<u16>,
    /// The group that stands out.
    pub(super) lit: Option<u16>,
    pub(super) look: Look,
}

impl Cloud {
    /// Shows the whole cloud again.
    pub(super) fn fit(&mut self) {
        self.held = None;
    }

    /// Gives up a lasso that is being drawn; says whether there was one.
    pub(super) fn drop_lasso(&mut self) -> bool {
        self.has_given_up = !std::mem::take(&mut self.lasso).is_empty();
        self.has_given_up
    }

    /// Draws the cloud into `room` and takes what the pointer does there.
    pub(super) fn ui(&mut self, ui: &mut Ui, ctx: &PaneContext<'_>, room: Rect, scene: &Scene<'_>) {
        let response = ui.interact(room, ui.scope_id().with(("cloud", scene.slot)), Sense::click_and_drag());
        let count = look::counted(scene.layout.len() as u64, "point");
        response.widget_info(|| WidgetInfo::labeled(Role::Image, true, format!("Cloud of {count}")));
        let painter = ui.painter_at(room);
        painter.rect_filled(room, CornerRadius::same(4), ctx.tokens.picture);
        self.follow(ui, room, scene.layout);
        let modifiers = ui.input(|input| input.modifiers);
        self.has_given_up &= response.dragged();
        let lassoes = scene.look.lassoes || modifiers.shift || modifiers.alt || !self.lasso.is_empty();
        if response.drag_started() && lassoes {
            // A drag is known as one only some way from where it began.
            self.lasso.extend(ui.input(|input| input.pointer.press_origin()));
        }
        if self.has_given_up {
            // What Escape has ended does not begin anew, and moves nothing.
        } else if response.dragged() && lassoes {
            self.lasso.extend(response.interact_pointer_pos());
        } else if response.dragged() {
            let (centre, scale) = self.eye();
            let drag = response.drag_delta();
            self.held = Some(([centre[0] - drag.x / scale, centre[1] + drag.y / scale], scale));
        }
        if response.hovered() {
            self.zoom(ui, room, response.hover_pos());
        }
        if response.double_clicked() {
            ctx.act(Action::ClearSelection);
        }
        if response.drag_stopped() && !self.lasso.is_empty() {
            let choosing = match (modifiers.shift, modifiers.alt) {
                (true, _) => Choosing::Add,
                (_, true) => Choosing::Subtract,
                _ => Choosing::Replace,
            };
            self.choose(ctx, room, scene, choosing);
        }
        let nearest = response.hover_pos().and_then(|at| self.nearest(room, scene, at));
        self.paint(&painter, ctx, room, scene);
        self.marks(&painter, ctx, room, scene, nearest);
        if let Some(point) = nearest {
            let mark = &scene.view.marks[point];
            if response.clicked() {
                let split = scene.view.request.split.clone();
                ctx.act(Action::ShowScene { split, index: mark.scene as usize });
            }
            ctx.store.embedding.hover.set(Some(pixel_of(mark)));
            response.on_hover_ui_at_pointer(|ui| {
                ui.label(look::medium(ctx.store.class_name(mark.label)));
                let source = scene.view.sources.get(usize::from(mark.source)).map_or("", String::as_str);
                let answer = ctx.store.class_name(mark.predicted);
                ui.label(look::small(format!("{source} · scene {} · answer {answer}", mark.scene + 1)));
            });
        }
    }

    /// The place in the middle, and points of the window for a unit.
    fn eye(&self) -> ([f32; 2], f32) {
        self.held.unwrap_or(([0.0; 2], self.fitted.max(1e-6)))
    }

    /// Lets a fitted view follow the cloud without breathing: out at once, in only when much is free.
    fn follow(&mut self, ui: &Ui, room: Rect, layout: &[[f32; 2]]) {
        let furthest = |axis: usize| layout.iter().map(|place| place[axis].abs()).fold(1e-6_f32, f32::max) * 1.06;
        let fitting = (0.5 * room.width() / furthest(0)).min(0.5 * room.height() / furthest(1));
        if self.fitted <= 0.0 || !self.fitted.is_finite() {
            self.fitted = fitting;
        }
        if (self.fitted..1.15 * self.fitted).contains(&fitting) {
            return;
        }
        let share = if ui.style().animation_time > 0.0 {
            1.0 - (-ui.input(|input| input.stable_dt) / FOLLOWS_IN).exp()
        } else {
            1.0
        };
        self.fitted += (fitting - self.fitted) * share;
        if (fitting / self.fitted - 1.0).abs() > 0.01 {
            ui.ctx().request_repaint();
        }
    }

    fn zoom(&mut self, ui: &Ui, room: Rect, at: Option<Pos2>) {
        let (scroll, pinch) = ui.input(|input| (input.smooth_scroll_delta().y, input.zoom_delta()));
        let factor = pinch * (scroll / 240.0).exp();
        let Some(at) = at.filter(|_| (factor - 1.0).abs() > 1e-4) else { return };
        let (centre, scale) = self.eye();
        let under = place_at(room, (centre, scale), at);
        let wider = scale * factor;
        let from_middle = at - room.center();
        self.held = Some(([under[0] - from_middle.x / wider, under[1] + from_middle.y / wider], wider));
    }

    fn nearest(&self, room: Rect, scene: &Scene<'_>, at: Pos2) -> Option<usize> {
        let eye = self.eye();
        let under = place_at(room, eye, at);
        let reach = REACH / eye.1;
        let square = |[x, y]: [f32; 2]| (x - under[0]).powi(2) + (y - under[1]).powi(2);
        let shown = scene.layout.iter().enumerate().filter(|(point, _)| is_shown(scene, *point));
        let near = shown.map(|(point, &place)| (point, square(place)));
        let found = near.min_by(|one, other| one.1.total_cmp(&other.1))?;
        (found.1 <= reach * reach).then_some(found.0)
    }

    fn choose(&mut self, ctx: &PaneContext<'_>, room: Rect, scene: &Scene<'_>, choosing: Choosing) {
        let lasso = std::mem::take(&mut self.lasso);
        let eye = self.eye();
        let inside = |place: &[f32; 2]| is_inside(&lasso, point_of(room, eye, *place));
        let chosen = scene.layout.iter().enumerate().filter(|(point, place)| is_shown(scene, *point) && inside(place));
        let pixels: BTreeSet<PixelId> = chosen.map(|(point, _)| pixel_of(&scene.view.marks[point])).collect();
        let split = scene.view.request.split.clone();
        ctx.act(Action::SelectPoints { split, pixels, choosing, slot: scene.slot });
    }

    fn paint(&mut self, painter: &egui::Painter, ctx: &PaneContext<'_>, room: Rect, scene: &Scene<'_>) {
        let stamp = {
            let mut hasher = DefaultHasher::new();
            (scene.layout.as_ptr() as usize, scene.layout.len(), scene.view.iteration, scene.view.step)
                .hash(&mut hasher);
            (scene.hidden, scene.lit, scene.look.opacity.to_bits(), ctx.store.embedding.selected.revision())
                .hash(&mut hasher);
            (&scene.groups.colours, &scene.groups.words).hash(&mut hasher);
            hasher.finish()
        };
        if self.drawn.as_ref().is_none_or(|(drawn, _)| *drawn != stamp) {
            self.serial += 1;
            self.drawn = Some((stamp, Arc::new(discs(ctx, scene))));
        }
        let Some((_, discs)) = &self.drawn else { return };
        let (centre, scale) = self.eye();
        let discs = Arc::clone(discs);
        let diameter = scene.look.diameter;
        painter
            .add(CloudPainting { slot: scene.slot, serial: self.serial, discs, centre, scale, diameter }.shape(room));
    }

    fn marks(
        &self,
        painter: &egui::Painter,
        ctx: &PaneContext<'_>,
        room: Rect,
        scene: &Scene<'_>,
        nearest: Option<usize>,
    ) {
        let eye = self.eye();
        let ring = |point: usize, radius: f32| {
            let at = point_of(room, eye, scene.layout[point]);
            painter.circle_stroke(at, radius, Stroke::new(2.5, ctx.tokens.on_picture_dark));
            painter.circle_stroke(at, radius, Stroke::new(1.2, ctx.tokens.on_picture));
        };
        // Twins of the pixel under the pointer: the same pixel as other sensors see it, here or in the other layout.
        if let Some(pixel) = *ctx.store.embedding.hover.get() {
            let twins = scene.view.marks.iter().enumerate().filter(|(_, mark)| pixel_of(mark) == pixel);
            for (point, _) in twins {
                ring(point, 0.5 * scene.look.diameter + 3.0);
            }
        }
        if let Some(point) = nearest {
            ring(point, 0.5 * scene.look.diameter + 4.0);
        }
        if self.lasso.len() > 1 {
            let mut path = self.lasso.clone();
            path.extend(self.lasso.first().copied());
            painter.line(path.clone(), Stroke::new(2.5, ctx.tokens.on_picture_dark));
            painter.line(path, Stroke::new(1.2, ctx.tokens.on_picture));
        }
        if scene.layout.is_empty() {
            let font = FontId::proportional(size::SMALL);
            painter.text(room.center(), Align2::CENTER_CENTER, "no points", font, ctx.tokens.faint);
        }
    }
}

/// The colours of all points; those that are lit or selected come last, so that they lie on top.
fn discs(ctx: &PaneContext<'_>, scene: &Scene<'_>) -> Discs {
    let selected = &ctx.store.embedding.selected;
    let choosing = !selected.is_empty() && ctx.store.embedding.split == scene.view.request.split;
    let stands_out = |point: usize| {
        let lit = scene.lit.is_none_or(|lit| scene.groups.of[point] == lit);
        lit && (!choosing || selected.contains(&pixel_of(&scene.view.marks[point])))
    };
    let colour = |point: usize, out: bool| -> Color32 {
        let group = usize::from(scene.groups.of[point]);
        let colour = scene.groups.colours.get(group).copied().unwrap_or(ctx.tokens.hairline);
        look::with_alpha(colour, if out { scene.look.opacity } else { 0.12 * scene.look.opacity })
    };
    let shown = || (0..scene.layout.len()).filter(|&point| is_shown(scene, point));
    let (front, back): (Vec<usize>, Vec<usize>) = shown().partition(|&point| stands_out(point));
    let back = back.into_iter().map(|point| (scene.layout[point], colour(point, false)));
    Discs::new(back.chain(front.into_iter().map(|point| (scene.layout[point], colour(point, true)))))
}

fn is_shown(scene: &Scene<'_>, point: usize) -> bool {
    scene.groups.of.get(point).is_some_and(|group| !scene.hidden.contains(group))
}

fn point_of(room: Rect, (centre, scale): ([f32; 2], f32), [x, y]: [f32; 2]) -> Pos2 {
    room.center() + vec2((x - centre[0]) * scale, (centre[1] - y) * scale)
}

fn place_at(room: Rect, (centre, scale): ([f32; 2], f32), at: Pos2) -> [f32; 2] {
    let from_middle: Vec2 = at - room.center();
    [centre[0] + from_middle.x / scale, centre[1] - from_middle.y / scale]
}

/// Whether a point lies within a closed path (even–odd).
pub(super) fn is_inside(path: &[Pos2], at: Pos2) -> bool {
    let mut inside = false;
    for (place, one) in path.iter().enumerate() {
        let other = path[(place + 1) % path.len()];
        if (one.y > at.y) != (other.y > at.y) {
            let x = one.x + (at.y - one.y) / (other.y - one.y) * (other.x - one.x);
            inside ^= at.x < x;
        }
    }
    inside
}

#[cfg(test)]
mod tests {
    use egui::pos2;
    use fusionscope_engine::protocol::{EmbeddingRequest, EmbeddingStage, PointMark};

    use super::*;
    use crate::look::{Theme, Tokens};
    use crate::store::Store;
    use crate::store::embedding::Origin;

    #[test]
    fn a_new_selection_of_equal_size_is_drawn() {
        let mark = |x: u16| PointMark { scene: 0, source: 0, label: 0, predicted: 0, pixel: [x, 0] };
        let view = EmbeddingView {
            request: EmbeddingRequest { split: "test".to_owned(), ..EmbeddingRequest::default() },
            marks: vec![mark(0), mark(1)],
            layout: vec![[0.0, 0.0], [1.0, 1.0]],
            stage: EmbeddingStage::Done,
            ..EmbeddingView::default()
        };
        let groups = Groups { words: vec!["a".to_owned()], colours: vec![Color32::RED], of: vec![0, 0] };
        let (mut cloud, mut store) = (Cloud::default(), Store::default());
        let mut drawn = |store: &Store| {
            let ctx = PaneContext::new(store, Tokens::of(Theme::Dark), false);
            let (look, hidden) = (Look::default(), BTreeSet::new());
            let scene =
                Scene { slot: 0, view: &view, layout: &view.layout, groups: &groups, hidden: &hidden, lit: None, look };
            let painter = egui::Painter::new(egui::Context::default(), egui::LayerId::background(), Rect::EVERYTHING);
            cloud.paint(&painter, &ctx, Rect::from_min_size(pos2(0.0, 0.0), vec2(100.0, 100.0)), &scene);
            cloud.serial
        };
        let before = drawn(&store);
        assert_eq!(drawn(&store), before, "nothing has changed");
        store.embedding.select("test", BTreeSet::from([(0, [0, 0])]), Choosing::Replace, Origin::default());
        let first = drawn(&store);
        assert_ne!(first, before);
        assert_eq!(drawn(&store), first);
        store.embedding.select("test", BTreeSet::from([(0, [1, 0])]), Choosing::Replace, Origin::default());
        assert_ne!(drawn(&store), first, "the new selection, as large as the one before, is not shown");
    }

    #[test]
    fn places_and_points_are_each_others_inverse_and_up_is_up() {
        let room = Rect::from_min_size(pos2(10.0, 20.0), vec2(300.0, 200.0));
        let eye = ([1.0, -2.0], 30.0);
        let at = point_of(room, eye, [2.0, 0.5]);
        let back = place_at(room, eye, at);
        assert!((back[0] - 2.0).abs() < 1e-4 && (back[1] - 0.5).abs() < 1e-4, "{back:?}");
        assert!(point_of(room, eye, [1.0, 5.0]).y < room.center().y);
    }

    #[test]
    fn a_lasso_holds_what_lies_inside_it_however_it_is_bent() {
        // A horseshoe: its gap is outside.
        let path = [(0.0, 0.0), (9.0, 0.0), (9.0, 9.0), (6.0, 9.0), (6.0, 3.0), (3.0, 3.0), (3.0, 9.0), (0.0, 9.0)];
        let path: Vec<Pos2> = path.into_iter().map(|(x, y)| pos2(x, y)).collect();
        for (x, y, inside) in
            [(1.0, 5.0, true), (8.0, 5.0, true), (4.5, 1.0, true), (4.5, 6.0, false), (12.0, 5.0, false)]
        {
            assert_eq!(is_inside(&path, pos2(x, y)), inside, "{x}, {y}");
        }
        assert!(!is_inside(&[], pos2(0.0, 0.0)));
    }
}
