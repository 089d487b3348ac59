//! The menu of a tile: over which range its picture is drawn, and where to it is written.

use egui::{Button, DragValue, Popup, PopupCloseBehavior, Response, SetOpenCommand, Slider, Ui, vec2};
use fusionscope_engine::protocol::{Content, Pixels};

use super::state::InspectPane;
use super::wall;
use crate::action::{Action, Exported};
use crate::canvas::{Span, Tone, declared};
use crate::look::{self, space};
use crate::panes::{PaneContext, PaneKind};

/// The words of the ranges, and what each means.
const SPANS: [(&str, &str); 4] = [
    ("whole", "The range that the picture came with"),
    ("auto", "The smallest to the largest value in the picture"),
    ("shared", "The smallest to the largest value of all pictures of this kind, so that their colours compare"),
    ("fixed", "A range of your own, for every scene"),
];

/// Opens with the second button, or with Shift+F10 or the menu key on a focused tile. Says whether the tile shall fill the pane, or go back.
pub(super) fn ui(pane: &mut InspectPane, ctx: &PaneContext<'_>, content: &Content, tile: &Response) -> bool {
    let keyed = look::is_menu_asked_for(tile);
    if tile.secondary_clicked() || keyed {
        let pointer = tile.interact_pointer_pos().filter(|_| !keyed);
        pane.menu_at = pointer.unwrap_or_else(|| tile.rect.center());
    }
    let opens = (tile.secondary_clicked() || keyed).then_some(SetOpenCommand::Bool(true));
    let closes = tile.clicked().then_some(SetOpenCommand::Bool(false));
    let popup = Popup::context_menu(tile).open_memory(opens.or(closes)).at_position(pane.menu_at);
    let shown = popup.close_behavior(PopupCloseBehavior::CloseOnClickOutside).show(|ui| {
        ui.set_min_width(236.0);
        ui.label(look::caption(ctx.tokens, wall::title(ctx.store, content)));
        if let Some(range) = ctx.store.scene.frame(content).and_then(declared) {
            tone_ui(pane, ui, ctx, content, range);
            ui.separator();
        }
        if ui.button("Export…").on_hover_text("At its own size as PNG, with legend as SVG or PDF, its values").clicked()
        {
            ctx.act(Action::Export(Exported::part(PaneKind::Inspect, wall::title(ctx.store, content))));
            ui.close();
        }
        let words = if pane.maximised.is_some() { "Back to the wall" } else { "Fill the pane" };
        let fills = ui.add(Button::new(words).shortcut_text("Enter")).clicked();
        if fills {
            ui.close();
        }
        fills
    });
    shown.is_some_and(|shown| shown.inner)
}

fn tone_ui(pane: &mut InspectPane, ui: &mut Ui, ctx: &PaneContext<'_>, content: &Content, whole: (f32, f32)) {
    let tone = pane.tones.of(content);
    let mut wanted = tone;
    let chosen = match tone.span {
        Span::Whole => 0,
        Span::Auto => 1,
        Span::Shared => 2,
        Span::Fixed { .. } => 3,
    };
    ui.add_space(space::XS);
    if let Some(place) = look::segmented(ui, ctx.tokens, "tone-span", &SPANS.map(|(word, _)| word), chosen) {
        // A range of one's own begins with the one in view.
        let (low, high) = pane.tones.window(ctx, content).map_or(whole, |window| (window.low, window.high));
        wanted.span = [Span::Whole, Span::Auto, Span::Shared, Span::Fixed { low, high }][place];
        if place == 3 {
            wanted.gain = 1.0;
        }
    }
    ui.add(egui::Label::new(look::small(SPANS[chosen].1).color(ctx.tokens.weak)).wrap());
    if let Span::Fixed { low, high } = &mut wanted.span {
        let unit = match ctx.store.scene.frame(content).map(|frame| &frame.pixels) {
            Some(Pixels::Scalar { unit, .. }) if !unit.is_empty() => format!(" {unit}"),
            _ => String::new(),
        };
        let speed = f64::from((whole.1 - whole.0).abs().max(1e-6)) / 200.0;
        ui.horizontal(|ui| {
            for (end, name) in [(&mut *low, "Lower end of the range"), (&mut *high, "Upper end of the range")] {
                ui.add(DragValue::new(end).speed(speed).max_decimals(4).suffix(&unit)).accessible_name(name);
            }
        });
        if high < low {
            std::mem::swap(low, high);
        }
    }
    ui.spacing_mut().slider_width = 120.0;
    for (value, name, most, hint) in [
        (&mut wanted.gain, "Gain", 16.0, "Divides the range: above 1, small values are told apart"),
        (&mut wanted.gamma, "Gamma", 4.0, "Bends the colours between the ends: below 1, small values are lifted"),
    ] {
        let slider = Slider::new(value, 1.0 / most..=most).logarithmic(true).max_decimals(2).text(name);
        ui.add(slider).on_hover_text(hint);
    }
    let is_plain = tone == Tone::default();
    if ui.add_enabled(!is_plain, Button::new("Reset")).on_hover_text("The range that the picture came with").clicked() {
        wanted = Tone::default();
    }
    if wanted != tone {
        pane.tones.set(content, wanted);
        ui.ctx().request_repaint();
    }
    ui.allocate_space(vec2(0.0, 2.0));
}
