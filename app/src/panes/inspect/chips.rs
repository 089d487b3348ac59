//! The sensors as switches.

use egui::{CornerRadius, FontFamily, FontId, Rect, Role, Sense, Stroke, StrokeKind, Ui, Vec2, WidgetInfo, pos2, vec2};
use fusionscope_engine::protocol::SensorChange;
use fusionscope_engine::recipe::catalogue::evaluation;
use fusionscope_engine::recipe::{Kind, Value};

use crate::action::Action;
use crate::look::{self, Icon, size, space};
use crate::panes::PaneContext;
use crate::store::AS_ASKED;

/// About the width in points of a chip without its eye.
const CHIP: f32 = 98.0;

/// The width in points at which a sensor's name is elided.
const LONGEST: f32 = 180.0;

/// The row of chips, the rule for missing sensors, and how fresh the pictures are.
pub(super) fn row_ui(ui: &mut Ui, ctx: &PaneContext<'_>) {
    let sensors: Vec<_> = ctx.store.dataset.iter().flat_map(|dataset| &dataset.modalities).enumerate().collect();
    if ui.available_width() < sensors.len() as f32 * CHIP + 130.0 {
        // What has no room in one row takes a second one; how fresh the pictures are is told by the tiles too.
        ui.horizontal_wrapped(|ui| {
            ui.spacing_mut().item_spacing = vec2(6.0, 4.0);
            for (place, sensor) in sensors {
                chip_ui(ui, ctx, place, &sensor.name, &sensor.kind, true);
            }
            missing_ui(ui, ctx);
        });
        return;
    }
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 6.0;
        let stamp_room = if ui.available_width() > 560.0 { 190.0 } else { 24.0 };
        let compact = ui.available_width() < sensors.len() as f32 * 136.0 + 130.0 + stamp_room;
        for (place, sensor) in sensors {
            chip_ui(ui, ctx, place, &sensor.name, &sensor.kind, compact);
        }
        missing_ui(ui, ctx);
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| stamp_ui(ui, ctx));
    });
}

fn chip_ui(ui: &mut Ui, ctx: &PaneContext<'_>, place: usize, name: &str, kind: &str, compact: bool) {
    let tokens = ctx.tokens;
    let action = Action::ToggleSensor(place);
    let used = ctx.store.looks_at_sensor(name);
    let dropped = ctx.store.scene.what_if.is_absent(name);
    let hue = ctx.store.hue(tokens, name);
    let font = FontId::new(size::BODY, FontFamily::Name("medium".into()));
    let ink = match (used, dropped) {
        (false, _) if ctx.store.joins_later(name) => tokens.weak,
        (false, _) => tokens.faint,
        (true, true) => tokens.weak,
        (true, false) => tokens.text,
    };
    let key = ui.painter().layout_no_wrap(format!("{}", place + 1), FontId::proportional(size::SMALL), tokens.faint);
    let word = look::elided(ui, name, font, LONGEST, ink);
    let eye = if used && !compact { 20.0 } else { 0.0 };
    let card = if used && !compact { 18.0 } else { 0.0 };
    let wanted = vec2(8.0 + key.size().x + 6.0 + 10.0 + 6.0 + word.size().x + eye + card + 10.0, 28.0);
    let (rect, response) = ui.allocate_exact_size(wanted, if used { Sense::click() } else { Sense::hover() });
    let later = ctx.store.joins_later(name);
    let title = match (used, later) {
        (true, _) => action.title(ctx.store),
        (false, true) => format!("{name} joins in the student phase"),
        (false, false) => format!("{name} is not used by this network"),
    };
    let role = if used { Role::Button } else { Role::Label };
    response.widget_info(|| WidgetInfo::selected(role, used, used && !dropped, &title));

    let painter = ui.painter();
    let radius = CornerRadius::same(6);
    if used {
        let ground = match (response.hovered(), dropped) {
            (true, _) => tokens.hovered,
            (false, true) => tokens.surface,
            (false, false) => tokens.raised,
        };
        painter.rect_filled(rect, radius, ground);
    }
    let line = if used && !dropped {
        Stroke::new(1.0, look::with_alpha(hue, 0.55))
    } else {
        Stroke::new(1.0, tokens.hairline)
    };
    painter.rect_stroke(rect, radius, line, StrokeKind::Inside);
    let middle = rect.center().y;
    let mut left = rect.left() + 8.0;
    painter.galley(pos2(left, middle - key.size().y / 2.0), key.clone(), tokens.faint);
    left += key.size().x + 6.0;
    let dot = pos2(left + 5.0, middle);
    if used && !dropped {
        painter.circle_filled(dot, 4.5, hue);
    } else {
        painter.circle_stroke(dot, 4.0, Stroke::new(1.2, look::with_alpha(hue, if used { 1.0 } else { 0.5 })));
    }
    left += 16.0;
    let word_rect = Rect::from_min_size(pos2(left, middle - word.size().y / 2.0), word.size());
    painter.galley(word_rect.min, word, ink);
    if dropped {
        painter.hline(word_rect.x_range(), middle + 0.5, Stroke::new(1.2, ink));
    }
    if eye > 0.0 {
        let icon = if dropped { Icon::EyeOff } else { Icon::Eye };
        let room = Rect::from_center_size(pos2(word_rect.right() + 13.0, middle), Vec2::splat(13.0));
        icon.paint(painter, room, if dropped { tokens.warning } else { tokens.weak });
    }
    let explanation = if later {
        format!("The teacher trains on the guiding sensor alone; {name} joins in the student phase")
    } else if !used {
        format!("{name}: {kind} sensor, not used by this network. Add it under Sensors in the recipe and train again")
    } else if dropped {
        format!("{name} is dropped: the predictions do without it. Press {} to restore it", place + 1)
    } else {
        format!("Press {} to drop {name} and see what the predictions lose", place + 1)
    };
    let what_if = Action::OpenCard(place);
    let explanation =
        if used { format!("{explanation}\nSecond button: what if it saw something else…") } else { explanation };
    let is_card = card > 0.0 && card_button(ui, ctx, place, rect);
    let response = response.on_hover_text(explanation);
    if is_card || (used && response.secondary_clicked()) {
        ctx.act(what_if);
    } else if response.clicked() {
        ctx.act(action);
    }
}

/// Opens the card of a sensor, at the right end of its chip.
fn card_button(ui: &mut Ui, ctx: &PaneContext<'_>, place: usize, chip: Rect) -> bool {
    let known = Action::OpenCard(place).describe(ctx.store);
    let rect = Rect::from_center_size(pos2(chip.right() - 15.0, chip.center().y), Vec2::splat(22.0));
    let response = ui.interact(rect, ui.scope_id().with(("card", place)), Sense::click());
    let name = ctx.store.sensor(place).map(|sensor| sensor.name.as_str()).unwrap_or_default();
    let is_open = ctx.store.scene.supposing.card.as_deref() == Some(name);
    let is_changed = ctx.store.scene.what_if.sensors.get(name).is_some_and(SensorChange::has_picture);
    let enabled = known.enabled.is_ok();
    response.widget_info(|| WidgetInfo::selected(Role::Button, enabled, is_open, &known.title));
    let ink = match (is_open || is_changed, response.hovered()) {
        (true, _) => ctx.tokens.accent_ink,
        (false, true) => ctx.tokens.text,
        (false, false) => ctx.tokens.weak,
    };
    Icon::Sliders.paint(ui.painter(), Rect::from_center_size(rect.center(), Vec2::splat(13.0)), ink);
    response.on_hover_text(known.hint(ui.ctx())).clicked() && enabled
}

/// What stands in for a dropped sensor.
fn missing_ui(ui: &mut Ui, ctx: &PaneContext<'_>) {
    let Kind::Choice { options, .. } = evaluation::MISSING.setting().kind else { return };
    let chosen = ctx.store.recipe.get(evaluation::MISSING).word();
    let response = ui.menu_button(format!("missing: {chosen}  ▾"), |ui| {
        ui.set_min_width(250.0);
        for option in options {
            let text = format!("{}\n{}", option.id, option.summary);
            let mut job = egui::text::LayoutJob::default();
            let (head, rest) = text.split_once('\n').unwrap_or((&text, ""));
            let format = |colour| egui::TextFormat::simple(FontId::proportional(size::BODY), colour);
            job.append(head, 0.0, format(ctx.tokens.text));
            job.append(rest, space::S, format(ctx.tokens.weak));
            if ui.selectable_label(chosen == option.id, job).clicked() {
                ctx.act(Action::SetSetting {
                    key: evaluation::MISSING.id().to_owned(),
                    value: Value::Text(option.id.to_owned()),
                });
            }
        }
    });
    response.response.on_hover_text("What stands in for a sensor that is dropped");
}

/// The step at which the network stood, and a badge when that was a while ago.
fn stamp_ui(ui: &mut Ui, ctx: &PaneContext<'_>) {
    let (store, tokens) = (ctx.store, ctx.tokens);
    let Some(shown) = store.scene.shown() else {
        if store.scene.asked.is_some() {
            ui.label(look::small("pictures on their way…").color(tokens.weak));
        }
        return;
    };
    let waiting = store.scene.asked.map_or(0.0, |asked| asked.elapsed().as_secs_f32());
    if store.scene.is_outdated() && waiting > 0.4 {
        look::badge(ui, &format!("updating · {waiting:.0} s"), tokens.warning, tokens.warning_weak)
            .on_hover_text("The pictures are those of the request before; the new ones are on their way");
        ui.ctx().request_repaint_after_secs(0.5);
        return;
    }
    if let Some(reason) = &shown.view.unfit {
        let (words, what) = match shown.view.answer {
            Some(_) => ("in the network's own classes", "Nothing is compared with the labels"),
            None => ("the network does not fit these data", "Nothing is predicted"),
        };
        look::badge(ui, words, tokens.warning, tokens.warning_weak).on_hover_text(format!("{what}: {reason}"));
        return;
    }
    if let Some(lack) = &shown.view.lack {
        look::badge(ui, "a map is missing", tokens.warning, tokens.warning_weak).on_hover_text(&lack.text);
        return;
    }
    let Some(step) = shown.view.step else {
        ui.label(look::small("no network yet").color(tokens.faint))
            .on_hover_text("Train, or open a run, to see predictions");
        return;
    };
    if shown.view.request.at.is_some() {
        let text = format!("as at step {}", look::count(step));
        ui.label(look::small(text).color(tokens.accent_ink)).on_hover_text(
            "How the run saw this scene then. Drop a sensor, or press N, to ask the network as it stands",
        );
        return;
    }
    let behind = store.curves.progress().last().map_or(0, |last| last.step.saturating_sub(step));
    let age = shown.received.elapsed().as_secs_f32();
    if behind > 0 && age > 3.0 {
        let text = format!("step {} · {} behind · {age:.0} s old", look::count(step), look::count(behind));
        look::badge(ui, &text, tokens.warning, tokens.warning_weak)
            .on_hover_text("Training goes first; raise the share for live pictures to refresh them more often");
    } else if ui.available_width() > 120.0 {
        let text = format!("step {} · {}", look::count(step), look::milliseconds(shown.view.millis));
        ui.label(look::small(text).color(tokens.weak)).on_hover_text(format!(
            "The network of step {step} predicted this scene in {}; missing sensors: {}",
            look::milliseconds(shown.view.millis),
            shown.view.missing
        ));
    }
    debug_assert_eq!(shown.view.request.view, AS_ASKED);
}
