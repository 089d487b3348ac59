//! Tokens put into egui's own style.

use egui::style::{ScrollStyle, Selection, WidgetVisuals};
use egui::{
    Color32, Context, CornerRadius, FontFamily, FontId, Margin, Shadow, Stroke, Style, TextStyle, Vec2, Visuals,
};

use super::fonts;
use super::tokens::{Theme, Tokens, size, space};

const ANIMATION_SECS: f32 = 0.1;

/// Sets fonts and both themes; to be called once for a context.
pub fn install(ctx: &Context) {
    ctx.set_fonts(fonts::definitions());
    ctx.set_style_of(egui::Theme::Dark, style_of(Tokens::of(Theme::Dark)));
    ctx.set_style_of(egui::Theme::Light, style_of(Tokens::of(Theme::Light)));
}

/// Makes a theme the one in use.
pub fn use_theme(ctx: &Context, theme: Theme) {
    ctx.set_theme(match theme {
        Theme::Dark => egui::ThemePreference::Dark,
        Theme::Light => egui::ThemePreference::Light,
    });
}

/// Whether anything moves by itself: fades, unfolding lists. Readers of egui's animation time see it too.
pub fn use_motion(ctx: &Context, moves: bool) {
    ctx.all_styles_mut(|style| style.animation_time = if moves { ANIMATION_SECS } else { 0.0 });
}

/// How much larger than designed the window should be drawn for a layout that is read from afar.
pub fn scale_of(teaching: bool) -> f32 {
    // The smallest letters, of 11 points, are 18 pixels high.
    if teaching { 1.64 } else { 1.0 }
}

fn style_of(tokens: &Tokens) -> Style {
    let mut style = Style { visuals: visuals_of(tokens), ..Style::default() };
    let regular = |points| FontId::new(points, FontFamily::Proportional);
    style.text_styles = [
        (TextStyle::Small, regular(size::SMALL)),
        (TextStyle::Body, regular(size::BODY)),
        (TextStyle::Button, regular(size::BODY)),
        (TextStyle::Heading, FontId::new(size::TITLE, FontFamily::Name(fonts::SEMIBOLD.into()))),
        (TextStyle::Monospace, FontId::new(size::SMALL, FontFamily::Monospace)),
    ]
    .into();
    style.drag_value_text_style = TextStyle::Body;
    let spacing = &mut style.spacing;
    spacing.item_spacing = Vec2::new(space::S, space::XS);
    spacing.button_padding = Vec2::new(space::S, 3.0);
    spacing.interact_size = Vec2::new(32.0, space::ROW);
    spacing.menu_margin = Margin::same(6);
    spacing.window_margin = Margin::same(12);
    spacing.indent = space::M;
    spacing.icon_width = 16.0;
    spacing.icon_width_inner = 8.0;
    spacing.icon_spacing = 6.0;
    spacing.slider_width = 96.0;
    spacing.slider_rail_height = 4.0;
    spacing.combo_width = 72.0;
    spacing.tooltip_width = 340.0;
    // A list that goes on shows it, whether or not the pointer is near.
    spacing.scroll = ScrollStyle {
        bar_width: 8.0,
        floating_width: 4.0,
        floating_allocated_width: 5.0,
        dormant_background_opacity: 0.25,
        dormant_handle_opacity: 0.6,
        ..ScrollStyle::floating()
    };
    style.interaction.tooltip_delay = 0.35;
    style.interaction.selectable_labels = false;
    style.animation_time = ANIMATION_SECS;
    style
}

fn visuals_of(tokens: &Tokens) -> Visuals {
    let mut visuals = match tokens.theme {
        Theme::Dark => Visuals::dark(),
        Theme::Light => Visuals::light(),
    };
    let radius = CornerRadius::same(space::RADIUS);
    let widget = |fill: Color32, outline: Color32, text: Color32| WidgetVisuals {
        bg_fill: fill,
        weak_bg_fill: fill,
        bg_stroke: Stroke::new(1.0, outline),
        corner_radius: radius,
        fg_stroke: Stroke::new(1.0, text),
        expansion: 0.0,
    };
    visuals.widgets.noninteractive = widget(tokens.surface, tokens.hairline, tokens.text);
    visuals.widgets.inactive = widget(tokens.raised, Color32::TRANSPARENT, tokens.text);
    visuals.widgets.hovered = widget(tokens.hovered, tokens.outline, tokens.text);
    // What has the keys looks so, too; the ring around it is drawn once for all, by the workbench.
    visuals.widgets.active = widget(tokens.pressed, tokens.outline, tokens.text);
    visuals.widgets.open = widget(tokens.pressed, tokens.outline, tokens.text);
    visuals.selection = Selection { bg_fill: tokens.accent_weak, stroke: Stroke::new(1.0, tokens.accent) };
    visuals.weak_text_color = Some(tokens.weak);
    visuals.hyperlink_color = tokens.accent_ink;
    visuals.faint_bg_color = tokens.strip;
    visuals.extreme_bg_color = tokens.field;
    visuals.code_bg_color = tokens.raised;
    visuals.warn_fg_color = tokens.warning;
    visuals.error_fg_color = tokens.error;
    visuals.panel_fill = tokens.surface;
    visuals.window_fill = tokens.overlay;
    visuals.window_stroke = Stroke::new(1.0, tokens.hairline);
    visuals.window_corner_radius = CornerRadius::same(8);
    visuals.menu_corner_radius = CornerRadius::same(6);
    let shadow = Shadow { offset: [0, 6], blur: 20, spread: 0, color: tokens.shadow };
    visuals.window_shadow = shadow;
    visuals.popup_shadow = shadow;
    visuals.indent_has_left_vline = false;
    visuals.slider_trailing_fill = true;
    visuals.handle_shape = egui::style::HandleShape::Circle;
    visuals.interact_cursor = Some(egui::CursorIcon::PointingHand);
    visuals.text_cursor.stroke = Stroke::new(1.5, tokens.accent);
    visuals.disabled_alpha = 0.45;
    visuals
}
