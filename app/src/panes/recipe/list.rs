//! Rows of the list: a disclosure triangle, a title, and room for more on the right.

use egui::{Align, Label, Layout, Rect, Response, RichText, Role, Sense, Ui, UiBuilder, WidgetInfo, pos2, vec2};

use crate::look::{self, Icon, Tokens, space};

/// The height of a row that opens and closes.
pub const HEAD: f32 = 26.0;

/// A row that opens and closes.
pub struct Head {
    /// Its answer to the pointer.
    pub response: Response,
    /// Where its title begins.
    pub left: f32,
}

/// Begins such a row. `name` is what screen readers and tests call it.
pub fn head(ui: &mut Ui, tokens: &Tokens, name: &str, is_open: bool, indent: f32) -> Head {
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), HEAD), Sense::click());
    response.widget_info(|| WidgetInfo::selected(Role::Button, true, is_open, name));
    if response.hovered() || response.has_focus() {
        ui.painter().rect_filled(rect, egui::CornerRadius::same(space::RADIUS), tokens.strip);
    }
    let at = pos2(rect.left() + indent + 8.0, rect.center().y);
    let icon = if is_open { Icon::Down } else { Icon::Right };
    icon.paint(ui.painter(), Rect::from_center_size(at, vec2(12.0, 12.0)), tokens.faint);
    Head { response, left: at.x + 12.0 }
}

/// The title of such a row.
pub fn text(ui: &mut Ui, head: &Head, words: RichText) {
    let room = head.response.rect.with_min_x(head.left);
    let place = UiBuilder::new().max_rect(room).layout(Layout::left_to_right(Align::Center));
    ui.new_child(place).add(Label::new(words).truncate().selectable(false));
}

/// Words at the right end of such a row.
pub fn aside(ui: &mut Ui, head: &Head, tokens: &Tokens, words: &str) {
    right(ui, head.response.rect, |ui| {
        ui.label(look::small(words).color(tokens.faint));
    });
}

/// Widgets at the right end of a row, from right to left. Returns what `draw` does.
pub fn right<R>(ui: &mut Ui, row: Rect, draw: impl FnOnce(&mut Ui) -> R) -> R {
    let place =
        UiBuilder::new().max_rect(row.with_max_x(row.right() - 4.0)).layout(Layout::right_to_left(Align::Center));
    let mut child = ui.new_child(place);
    child.spacing_mut().item_spacing.x = 6.0;
    draw(&mut child)
}
