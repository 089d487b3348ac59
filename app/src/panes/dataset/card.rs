//! One scene of the grid: its small pictures side by side, its id, and what is to be known of it.

use std::sync::Arc;

use egui::{
    Align2, Color32, CornerRadius, FontId, Painter, Rect, Response, Role, Sense, Stroke, StrokeKind, Ui, Vec2,
    WidgetInfo, pos2, vec2,
};
use fusionscope_engine::protocol::{DatasetSummary, Frame, ScenePlace, Severity, Thumbnail};

use super::thumbs::{Inks, View};
use super::{DatasetPane, open};
use crate::look::{self, size, space};
use crate::panes::PaneContext;

/// The room around pictures, and between them.
const PAD: f32 = 4.0;
const BETWEEN: f32 = 2.0;
/// The line below a picture in its sensor's hue.
const HUE: f32 = 2.0;
/// The room for words below the pictures.
const WORDS: f32 = 18.0;
/// The narrowest picture.
const NARROWEST: f32 = 24.0;
const WHOLE: Rect = Rect { min: pos2(0.0, 0.0), max: pos2(1.0, 1.0) };

/// The sizes of cards in points.
pub(super) struct Sizes {
    /// Of one picture.
    pub(super) picture: Vec2,
    /// Of the card.
    pub(super) card: Vec2,
}

impl Sizes {
    /// So many pictures a card, as wide as wished where `room` has that for one card.
    pub(super) fn of(pictures: usize, wished: f32, room: f32) -> Self {
        let count = pictures.max(1) as f32;
        let frame = 2.0 * PAD + BETWEEN * (count - 1.0);
        let width = wished.min((room - frame) / count).max(NARROWEST).floor();
        let picture = vec2(width, (0.75 * width).floor());
        Self { picture, card: vec2(count * width + frame, picture.y + HUE + 2.0 * PAD + WORDS) }
    }
}

/// Which scene, and where.
pub(super) struct Card {
    pub(super) scene: ScenePlace,
    pub(super) rect: Rect,
    /// Whether the keys have gone to it.
    pub(super) is_at_keys: bool,
}

/// The scene's id.
pub(super) fn id_of(dataset: &DatasetSummary, scene: ScenePlace) -> &str {
    let split = dataset.splits.get(scene.split as usize);
    split.and_then(|split| split.ids.get(scene.index as usize)).map_or("–", String::as_str)
}

/// What is known of a scene.
struct Known<'a> {
    id: &'a str,
    split: &'a str,
    tags: &'a [String],
    miou: Option<f32>,
    worst: Option<Severity>,
}

impl<'a> Known<'a> {
    fn of(ctx: &PaneContext<'_>, dataset: &'a DatasetSummary, scene: ScenePlace) -> Self {
        let gallery = &ctx.store.gallery;
        let split = dataset.splits.get(scene.split as usize);
        let tags = split.and_then(|split| split.tags.get(scene.index as usize));
        Self {
            id: id_of(dataset, scene),
            split: split.map_or("", |split| split.name.as_str()),
            tags: tags.map_or(&[], Vec::as_slice),
            miou: gallery.miou(dataset, scene),
            worst: gallery.surveyed(scene).and_then(|found| found.worst),
        }
    }

    /// For screen readers and tests.
    fn words(&self) -> String {
        let mut words = vec![format!("Scene {}", self.id), self.split.to_owned()];
        words.extend(self.tags.iter().cloned());
        words.extend(self.miou.map(|miou| format!("mIoU {} %", look::percent(f64::from(miou)))));
        words.extend(self.worst.map(|worst| word_of(worst).to_owned()));
        words.join(", ")
    }
}

/// What is wrong at worst, in a word.
pub(super) fn word_of(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    }
}

impl DatasetPane {
    /// Draws a scene; says whether it was clicked, which opens it.
    #[allow(clippy::too_many_arguments, reason = "all of it is the same for every card of a frame but `card`")]
    pub(super) fn card(
        &mut self,
        ui: &mut Ui,
        ctx: &PaneContext<'_>,
        dataset: &DatasetSummary,
        card: &Card,
        views: &[View],
        sizes: &Sizes,
        inks: &Inks,
    ) -> bool {
        let (tokens, scene) = (ctx.tokens, card.scene);
        // The grid as a whole has the keys.
        let response = ui.interact(card.rect, ui.scope_id().with(scene), Sense::CLICK);
        let known = Known::of(ctx, dataset, scene);
        let view = &ctx.store.scene;
        let is_in_view = view.index == scene.index as usize && view.split == known.split;
        response.widget_info(|| WidgetInfo::selected(Role::Button, true, is_in_view, known.words()));
        let ground = match (is_in_view, response.hovered()) {
            (true, _) => tokens.accent_weak,
            (false, true) => tokens.hovered,
            (false, false) => Color32::TRANSPARENT,
        };
        let painter = ui.painter();
        painter.rect_filled(card.rect, space::RADIUS, ground);
        if card.is_at_keys {
            let ring = Stroke::new(2.0, tokens.accent_ink);
            painter.rect_stroke(card.rect, space::RADIUS, ring, StrokeKind::Inside);
        }
        let thumbnail = ctx.store.gallery.thumbnail(scene);
        let mut left = card.rect.left() + PAD;
        for &view in views {
            let room = Rect::from_min_size(pos2(left, card.rect.top() + PAD), sizes.picture);
            left = room.right() + BETWEEN;
            painter.rect_filled(room, CornerRadius::same(2), tokens.picture);
            let hue = match view {
                View::Sensor(place) => dataset.modalities.get(place).map(|sensor| ctx.store.hue(tokens, &sensor.name)),
                View::Label => None,
            };
            let line = Rect::from_min_size(room.left_bottom(), vec2(room.width(), HUE));
            painter.rect_filled(line, 0.0, hue.unwrap_or(tokens.hairline));
            let Some(thumbnail) = thumbnail else { continue };
            let Some(frame) = view.of(thumbnail) else {
                let words = if view == View::Label { "no label" } else { "no picture" };
                let font = FontId::proportional(size::SMALL);
                let words = look::elided(ui, words, font, room.width() - 4.0, tokens.faint);
                painter.galley(room.center() - words.size() / 2.0, words, tokens.faint);
                continue;
            };
            if let Some(texture) = self.thumbs.get(ui.ctx(), thumbnail, view, inks) {
                painter.image(texture, fitted(frame, room), WHOLE, Color32::WHITE);
            }
        }
        caption(ui, ctx, card, &known);
        self.after(ctx, dataset, card, &known, thumbnail, response)
    }

    /// What the pointer is told, and what a click does.
    fn after(
        &mut self,
        ctx: &PaneContext<'_>,
        dataset: &DatasetSummary,
        card: &Card,
        known: &Known<'_>,
        thumbnail: Option<&Arc<Thumbnail>>,
        response: Response,
    ) -> bool {
        let is_clicked = response.clicked();
        if is_clicked {
            open(ctx, dataset, card.scene);
        }
        look::context_menu(&response, |ui| {
            if ui.button("Open").clicked() {
                open(ctx, dataset, card.scene);
                ui.close();
            }
            if ui.button("Copy the id").clicked() {
                ui.ctx().copy_text(known.id.to_owned());
                ui.close();
            }
            if ui.button(format!("Only {}", known.split)).clicked() {
                self.kept.wishes.split = Some(known.split.to_owned());
                ui.close();
            }
        });
        response.on_hover_ui(|ui| hover_ui(ui, ctx, dataset, card.scene, known, thumbnail.map(Arc::as_ref)));
        is_clicked
    }
}

/// The id at the left; what is wrong and how the network does at the right.
fn caption(ui: &Ui, ctx: &PaneContext<'_>, card: &Card, known: &Known<'_>) {
    let tokens = ctx.tokens;
    let painter: &Painter = ui.painter();
    let font = FontId::proportional(size::SMALL);
    let middle = card.rect.bottom() - PAD - 0.5 * WORDS + 2.0;
    let mut right = card.rect.right() - PAD;
    let mut write = |words: String, ink: Color32| {
        let drawn = painter.text(pos2(right, middle), Align2::RIGHT_CENTER, words, font.clone(), ink);
        right = drawn.left() - 6.0;
    };
    if let Some(miou) = known.miou {
        write(format!("{} %", look::percent(f64::from(miou))), tokens.text);
    }
    if let Some(worst) = known.worst {
        let ink = if worst == Severity::Error { tokens.error } else { tokens.warning };
        write(word_of(worst).to_owned(), ink);
    }
    let left = card.rect.left() + PAD;
    let words =
        if known.tags.is_empty() { known.id.to_owned() } else { format!("{}  {}", known.id, known.tags.join(", ")) };
    let words = look::elided(ui, words, FontId::proportional(size::SMALL), right - left, tokens.weak);
    painter.galley(pos2(left, middle - words.size().y / 2.0), words, tokens.weak);
}

/// All that is known of the scene.
fn hover_ui(
    ui: &mut Ui,
    ctx: &PaneContext<'_>,
    dataset: &DatasetSummary,
    scene: ScenePlace,
    known: &Known<'_>,
    thumbnail: Option<&Thumbnail>,
) {
    let tokens = ctx.tokens;
    ui.set_max_width(380.0);
    ui.label(look::semibold(known.id).color(tokens.text));
    let place = format!("{} · scene {}", known.split, look::count(u64::from(scene.index) + 1));
    let tags = if known.tags.is_empty() { String::new() } else { format!(" · {}", known.tags.join(", ")) };
    let mut lines = vec![(format!("{place}{tags}"), tokens.weak)];
    if let (Some(miou), Some(scores)) = (known.miou, ctx.store.gallery.scores(known.split)) {
        let percent = look::percent(f64::from(miou));
        let step = look::count(scores.step);
        lines.push((
            format!("mIoU {percent} % of this scene alone ({}), all sensors, step {step}", scores.convention),
            tokens.text,
        ));
    }
    if let Some(found) = ctx.store.gallery.surveyed(scene) {
        let mut present: Vec<(f32, &String)> = dataset
            .classes
            .iter()
            .enumerate()
            .filter(|(class, _)| found.has_class(*class))
            .map(|(class, name)| (found.share(class), name))
            .collect();
        present.sort_by(|(one, _), (other, _)| other.total_cmp(one));
        let words: Vec<String> =
            present.into_iter().map(|(share, name)| format!("{name} {}", look::share(f64::from(share)))).collect();
        if !words.is_empty() {
            lines.push((words.join(", "), tokens.weak));
        }
    }
    let problems = ctx.store.gallery.survey().map_or(&[][..], |survey| survey.problems.as_slice());
    let own = problems.iter().filter(|found| found.scene == Some(scene)).take(4);
    lines.extend(own.map(|found| (found.problem.text.clone(), tokens.error)));
    let faults = thumbnail.into_iter().flat_map(|thumbnail| &thumbnail.faults).take(4);
    lines.extend(faults.map(|fault| (fault.clone(), tokens.warning)));
    for (words, ink) in lines {
        ui.add(egui::Label::new(look::small(words).color(ink)).wrap());
    }
}

/// The picture's place in its room, whole and in its own shape.
fn fitted(frame: &Frame, room: Rect) -> Rect {
    let own = vec2(frame.width.max(1) as f32, frame.height.max(1) as f32);
    let scale = (room.width() / own.x).min(room.height() / own.y);
    Rect::from_center_size(room.center(), own * scale)
}

#[cfg(test)]
mod tests {
    use fusionscope_engine::protocol::Pixels;

    use super::*;

    #[test]
    fn cards_are_as_wide_as_wished_where_there_is_room_and_narrower_where_there_is_not() {
        let wide = Sizes::of(3, 104.0, 900.0);
        assert_eq!((wide.picture, wide.card.x), (vec2(104.0, 78.0), 324.0));
        let narrow = Sizes::of(3, 104.0, 200.0);
        assert!(narrow.card.x <= 200.0 && narrow.picture.x > 50.0);
        assert_eq!(Sizes::of(0, 104.0, 900.0).card.x, 112.0);
        assert_eq!(Sizes::of(9, 104.0, 10.0).picture.x, NARROWEST);
    }

    #[test]
    fn a_picture_keeps_its_shape_in_the_middle_of_its_room() {
        let frame = Frame { width: 20, height: 10, pixels: Pixels::Errors(Vec::new()) };
        let room = Rect::from_min_size(pos2(10.0, 10.0), vec2(40.0, 40.0));
        assert_eq!(fitted(&frame, room), Rect::from_min_size(pos2(10.0, 20.0), vec2(40.0, 20.0)));
    }
}
