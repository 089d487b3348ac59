//! How plots of the house lie in a pane.

use egui::vec2;
use egui_plot::Plot;

use super::tokens::Tokens;

/// A plot that fills its room to the border, shows what it is given and is neither dragged nor zoomed: what the pointer
/// does over it is its pane's business.
pub fn still_plot<'a>(plot: Plot<'a>, tokens: &Tokens) -> Plot<'a> {
    plot.allow_drag(false)
        .allow_zoom(false)
        .allow_scroll(false)
        .allow_boxed_zoom(false)
        .allow_double_click_reset(false)
        .allow_axis_zoom_drag(false)
        .show_x(false)
        .show_y(false)
        .show_background(false)
        .set_margin_fraction(vec2(0.0, 0.0))
        .grid_color(tokens.hairline)
}
