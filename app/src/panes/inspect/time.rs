//! Below the wall: the slider over the steps of which the run keeps pages of the scene in view.

use egui::{Align, Layout, Role, Sense, Slider, Stroke, Ui, WidgetInfo, vec2};
use fusionscope_engine::protocol::{AlbumWish, Effect};

use super::footer::press;
use crate::action::Action;
use crate::look::{self, Icon, space};
use crate::panes::PaneContext;

/// Bounds that the menu offers, in mebibytes.
const BOUNDS: [u32; 5] = [16, AlbumWish::MOST_MIB, 256, 1024, 4096];
/// The room in points that the slider needs at least beside the words on its right.
const NARROW: f32 = 420.0;

/// Whether there is a time to show: pages of the scene in view, or a pin that waits for them.
pub(super) fn is_shown(ctx: &PaneContext<'_>) -> bool {
    !ctx.store.scene.time.steps().is_empty() || ctx.store.is_pinned()
}

/// The row: step by step on the left, the slider, and what the step is compared with on the right.
pub(super) fn row_ui(ui: &mut Ui, ctx: &PaneContext<'_>) {
    let (store, tokens) = (ctx.store, ctx.tokens);
    let time = &store.scene.time;
    if time.steps().is_empty() {
        let words = if store.is_running() {
            "Pinned: how the run sees it is kept from its next step on"
        } else {
            "Pinned: train, and how the run sees it is kept step by step"
        };
        ui.add(egui::Label::new(look::small(words).color(tokens.weak)).truncate());
        return;
    }
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 2.0;
        press(ui, ctx, Icon::Left, Action::EarlierPage, false);
        press(ui, ctx, if time.plays() { Icon::Pause } else { Icon::Play }, Action::PlayPages, time.plays());
        press(ui, ctx, Icon::Right, Action::LaterPage, false);
        ui.add_space(space::XS);
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            ui.spacing_mut().item_spacing.x = space::XS;
            if ui.available_width() > NARROW {
                bound_ui(ui, ctx);
            }
            now_ui(ui, ctx);
            since_ui(ui, ctx);
            step_ui(ui, ctx);
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| slider_ui(ui, ctx));
        });
    });
    if let (Some(since), Some(found)) = (store.scene.seen_since(), store.scene.effect_that_counts()) {
        change_ui(ui, ctx, since, found);
    }
}

/// One place a page, and behind them the network as it stands.
fn slider_ui(ui: &mut Ui, ctx: &PaneContext<'_>) {
    let time = &ctx.store.scene.time;
    let steps = time.steps();
    let here = time.at().map_or(steps.len(), |at| steps.partition_point(|step| *step < at));
    let mut place = here;
    ui.spacing_mut().slider_width = (ui.available_width() - space::S).max(40.0);
    ui.spacing_mut().interact_size.y = 18.0;
    let response = ui.add(Slider::new(&mut place, 0..=steps.len()).show_value(false));
    let told = time.at().or(ctx.store.scene.shown().and_then(|shown| shown.view.step)).unwrap_or_default();
    response.widget_info(|| WidgetInfo::slider(true, told as f64, "Step of the scene"));
    if let Some(since) = time.since() {
        let share = steps.partition_point(|step| *step < since) as f32 / steps.len().max(1) as f32;
        // The handle's middle does not reach the ends.
        let rect = response.rect.shrink2(vec2(response.rect.height() / 2.5, 0.0));
        let x = rect.left() + share * rect.width();
        ui.painter().vline(x, rect.y_range().shrink(2.0), Stroke::new(2.0, ctx.tokens.accent));
    }
    let response = response.on_hover_text(
        "How the run saw this scene, step by step; the curves' cross-hair stands at the same step. J and K go one step, T \
         plays",
    );
    if response.changed() && place != here {
        ctx.act(Action::GoToTime(steps.get(place).copied()));
    }
}

/// Which step is in view.
fn step_ui(ui: &mut Ui, ctx: &PaneContext<'_>) {
    let time = &ctx.store.scene.time;
    let words = time.at().map_or_else(|| "now".to_owned(), |at| format!("step {}", look::count(at)));
    let ink = if time.at().is_some() { ctx.tokens.accent_ink } else { ctx.tokens.weak };
    // Of one width, since the slider stands beside it.
    let last = time.steps().last().copied().unwrap_or_default();
    let font = egui::FontId::proportional(look::size::SMALL);
    let room = ui.painter().layout_no_wrap(format!("step {}", look::count(last)), font, ink).size().x;
    ui.add_sized([room + 4.0, 18.0], egui::Label::new(look::small(words).color(ink)));
}

/// Back to the network as it stands.
fn now_ui(ui: &mut Ui, ctx: &PaneContext<'_>) {
    let action = Action::GoToTime(None);
    let known = action.describe(ctx.store);
    let hint = known.hint(ui.ctx());
    let button = ui.add_enabled_ui(known.enabled.is_ok(), |ui| look::button(ui, ctx.tokens, None, "Now", false)).inner;
    if button.on_hover_text(&hint).on_disabled_hover_text(&hint).clicked() {
        ctx.act(action);
    }
}

/// The step that is compared with.
fn since_ui(ui: &mut Ui, ctx: &PaneContext<'_>) {
    let action = Action::CompareTime;
    let known = action.describe(ctx.store);
    let hint = known.hint(ui.ctx());
    let since = ctx.store.scene.time.since();
    let words = since.map_or_else(|| "Compare".to_owned(), |since| format!("with step {}  ×", look::count(since)));
    let button = ui
        .add_enabled_ui(known.enabled.is_ok(), |ui| look::button(ui, ctx.tokens, None, &words, since.is_some()))
        .inner;
    if button.on_hover_text(&hint).on_disabled_hover_text(&hint).clicked() {
        ctx.act(action);
    }
}

/// What all pages take, and how much they may.
fn bound_ui(ui: &mut Ui, ctx: &PaneContext<'_>) {
    let (album, most) = (&ctx.store.scene.time.album, ctx.store.pins.most_mib);
    let taken = album.bytes() as f64 / f64::from(1 << 20);
    let words = format!("{taken:.1} of {most} MB  ▾");
    let menu = ui.menu_button(look::small(words), |ui| {
        for bound in BOUNDS {
            if ui.selectable_label(bound == most, format!("{} MB", look::count(u64::from(bound)))).clicked() {
                ctx.act(Action::SetAlbumBound(bound));
            }
        }
    });
    menu.response.on_hover_text(format!(
        "What the pages of this run take, of what they may take from now on. Of each scene at every {} steps; where the room \
         is full every other page goes",
        look::count(album.every)
    ));
}

/// Which pixels turned right and which wrong since the other step, and what that comes to.
fn change_ui(ui: &mut Ui, ctx: &PaneContext<'_>, since: u64, found: &Effect) {
    let tokens = ctx.tokens;
    let mut pieces = vec![(format!("Since step {}: ", look::count(since)), tokens.weak)];
    if found.counts[4] < found.pixels() {
        pieces.push((format!("{} turned right", look::counted(found.counts[1], "pixel")), tokens.good));
        pieces.push((format!("   {} turned wrong", look::count(found.counts[2])), tokens.error));
        pieces.push((format!("   {} other wrong", look::count(found.counts[3])), tokens.weak));
    } else {
        pieces.push((format!("{} of the pixels have another class", look::share(found.share())), tokens.text));
    }
    if let [Some(before), Some(after)] = found.miou {
        let (points, ink) = look::points(tokens, 100.0 * (after - before));
        let miou = format!("   scene mIoU {} → {} %  ", look::percent(before), look::percent(after));
        pieces.push((miou, tokens.text));
        pieces.push((points, ink));
    }
    let wrap = egui::text::TextWrapping::truncate_at_width(ui.available_width());
    let mut job = egui::text::LayoutJob { wrap, ..egui::text::LayoutJob::default() };
    for (text, ink) in &pieces {
        job.append(text, 0.0, egui::TextFormat::simple(egui::FontId::proportional(look::size::SMALL), *ink));
    }
    let galley = ui.fonts_mut(|fonts| fonts.layout_job(job));
    let size = vec2(ui.available_width(), galley.size().y);
    let (rect, response) = ui.allocate_exact_size(size, Sense::hover());
    let words: String = pieces.iter().map(|(text, _)| text.as_str()).collect();
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, &words));
    ui.painter().galley(rect.min, galley, tokens.text);
    response.on_hover_text(format!("Of the head {} in this one scene ({})", found.head, found.convention));
}
