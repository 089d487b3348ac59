//! One entry of a legend: a square of its colour, its name, and how much there is of it.

use egui::{Color32, CornerRadius, FontId, Rect, Response, Sense, Stroke, StrokeKind, Ui, Vec2, pos2, vec2};

use super::contrast::fill_outlined;
use super::tokens::{Tokens, size};
use super::widgets::elided;

/// What an entry shows. Its name for screen readers is given by whoever draws it.
#[derive(Clone, Copy, Debug)]
pub struct LegendEntry<'a> {
    /// The name, elided where the row has no room for it.
    pub word: &'a str,
    /// How much there is.
    pub figure: &'a str,
    /// The widest figure that may stand there next: room for it is kept, so that nothing moves.
    pub widest: &'a str,
    /// The colour of the square.
    pub colour: Color32,
    /// How round the square is, in points: a class's 2, a point's 5.
    pub radius: u8,
    /// Whether what it stands for is drawn.
    pub is_shown: bool,
    /// Whether the name steps back.
    pub is_faint: bool,
    /// Whether it stands out as under the pointer.
    pub is_lit: bool,
}

impl LegendEntry<'_> {
    /// Draws it, to be clicked.
    pub fn ui(self, ui: &mut Ui, tokens: &Tokens) -> Response {
        let font = FontId::proportional(size::SMALL);
        let layout = |text: &str| ui.painter().layout_no_wrap(text.to_owned(), font.clone(), tokens.faint);
        let figure = layout(self.figure);
        let room = figure.size().x.max(layout(self.widest).size().x);
        let ink = if self.is_faint { tokens.faint } else { tokens.text };
        let word = elided(ui, self.word, font.clone(), ui.max_rect().width() - 33.0 - room, ink);
        let wanted = vec2(21.0 + word.size().x + 5.0 + room + 7.0, 20.0);
        let (rect, response) = ui.allocate_exact_size(wanted, Sense::click());
        let painter = ui.painter();
        if self.is_lit || response.hovered() {
            painter.rect_filled(rect, CornerRadius::same(4), tokens.raised);
        }
        let middle = rect.center().y;
        let square = Rect::from_center_size(pos2(rect.left() + 11.0, middle), Vec2::splat(10.0));
        if self.is_shown {
            fill_outlined(painter, tokens, square, self.radius, self.colour);
        } else {
            let stroke = Stroke::new(1.5, self.colour);
            painter.rect_stroke(square, CornerRadius::same(self.radius), stroke, StrokeKind::Inside);
        }
        let left = rect.left() + 21.0;
        let figure_left = left + word.size().x + 5.0;
        painter.galley(pos2(left, middle - word.size().y / 2.0), word, ink);
        painter.galley(pos2(figure_left, middle - figure.size().y / 2.0), figure, tokens.faint);
        response
    }
}
