//! Below the wall: which scene, and how it is looked at.

use egui::{Slider, Ui};
use fusionscope_engine::protocol::{Content, VIEW_KINDS, ViewKind};

use super::state::InspectPane;
use super::wall;
use crate::action::Action;
use crate::look::{self, Icon, space};
use crate::panes::PaneContext;

/// Scene navigation on the left, ways of looking on the right.
pub(super) fn row_ui(pane: &mut InspectPane, ui: &mut Ui, ctx: &PaneContext<'_>) {
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 2.0;
        scene_ui(ui, ctx);
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            ui.spacing_mut().item_spacing.x = 2.0;
            if ui.available_width() < WAYS {
                folded_ways_ui(pane, ui, ctx);
            } else {
                ways_ui(pane, ui, ctx);
            }
        });
    });
}

/// The room in points that the ways of looking need beside each other.
const WAYS: f32 = 236.0;

pub(super) fn press(ui: &mut Ui, ctx: &PaneContext<'_>, icon: Icon, action: Action, chosen: bool) {
    let known = action.describe(ctx.store);
    let hint = known.hint(ui.ctx());
    let response = ui
        .add_enabled_ui(known.enabled.is_ok(), |ui| look::icon_button(ui, ctx.tokens, icon, &known.title, chosen))
        .inner
        .on_hover_text(&hint)
        .on_disabled_hover_text(&hint);
    if response.clicked() {
        ctx.act(action);
    }
}

fn scene_ui(ui: &mut Ui, ctx: &PaneContext<'_>) {
    let (store, tokens) = (ctx.store, ctx.tokens);
    press(ui, ctx, Icon::Left, Action::PreviousScene, false);
    press(ui, ctx, Icon::Right, Action::NextScene, false);
    press(ui, ctx, Icon::Pin, Action::TogglePin, store.is_pinned());
    ui.add_space(space::XS);
    if let Some(dataset) = &store.dataset {
        ui.menu_button(format!("{}  ▾", store.scene.split), |ui| {
            for split in &dataset.splits {
                let text = format!("{}  {}", split.name, look::count(split.ids.len() as u64));
                let text = if split.held_out { format!("{text}  held out") } else { text };
                if ui.selectable_label(split.name == store.scene.split, text).clicked() {
                    ctx.act(Action::ShowScene { split: split.name.clone(), index: 0 });
                }
            }
        })
        .response
        .on_hover_text("The split that the scene is taken from");
    }
    ui.add_space(space::XS);
    let (Some(split), index) = (store.split(), store.scene.index) else { return };
    let place = format!("{} of {}", index + 1, look::count(split.ids.len() as u64));
    let id = split.ids.get(index).cloned().unwrap_or_default();
    let response = ui.add(egui::Button::new(format!("scene {place}")).frame(false));
    if response.on_hover_text(format!("{id}\nGo to scene…  (G)")).clicked() {
        ctx.act(Action::GoToScene);
    }
    let selected = store.embedding.selected_in(&split.name, index).next().is_some();
    if let Some(name) = store.embedding.foreign(store.run.as_deref()).filter(|_| selected) {
        ui.add_space(space::XS);
        look::badge(ui, &format!("marks of {name}"), tokens.warning, tokens.warning_weak)
            .on_hover_text("The marked pixels were selected in the layout of another run than the one in view");
    }
    // Tags give way to the ways of looking.
    for tag in split.tags.get(index).into_iter().flatten() {
        if ui.available_width() < WAYS + 60.0 {
            break;
        }
        ui.add_space(space::XS);
        look::badge(ui, tag, tokens.weak, tokens.raised);
    }
}

/// The ways of looking in one menu, where the pane is too narrow for them.
fn folded_ways_ui(pane: &mut InspectPane, ui: &mut Ui, ctx: &PaneContext<'_>) {
    let button = ui.menu_button("…", |ui| {
        ui.set_min_width(180.0);
        ui.menu_button("Views", |ui| look::fitting(ui, |ui| views_ui(pane, ui, ctx)));
        let scene = &ctx.store.scene;
        let ways = [
            (Action::ToggleLabel, scene.label),
            (Action::ToggleErrors, scene.errors),
            (Action::ToggleSwipe, scene.swipe),
            (Action::ToggleDifference, scene.difference),
            (Action::ToggleWhatIf, scene.supposing.card.is_some()),
            (Action::Fit, false),
        ];
        for (action, is_on) in ways {
            let known = action.describe(ctx.store);
            let hint = known.hint(ui.ctx());
            let line = ui.add_enabled(known.enabled.is_ok(), egui::Button::selectable(is_on, known.title));
            if line.on_hover_text(&hint).on_disabled_hover_text(&hint).clicked() {
                ctx.act(action);
            }
        }
    });
    button.response.accessible_name("Ways to look at pictures");
}

fn ways_ui(pane: &mut InspectPane, ui: &mut Ui, ctx: &PaneContext<'_>) {
    let scene = &ctx.store.scene;
    press(ui, ctx, Icon::Fit, Action::Fit, false);
    press(ui, ctx, Icon::Sliders, Action::ToggleWhatIf, scene.supposing.card.is_some());
    press(ui, ctx, Icon::Difference, Action::ToggleDifference, scene.difference);
    press(ui, ctx, Icon::Swipe, Action::ToggleSwipe, scene.swipe);
    press(ui, ctx, Icon::Errors, Action::ToggleErrors, scene.errors);
    press(ui, ctx, Icon::Label, Action::ToggleLabel, scene.label);
    ui.add_space(space::XS);
    ui.menu_button("Views  ▾", |ui| look::fitting(ui, |ui| views_ui(pane, ui, ctx)))
        .response
        .on_hover_text("Which pictures are on the wall");
    if ui.available_width() > 150.0 {
        ui.add_space(space::S);
        let mut overlay = scene.overlay;
        let slider = Slider::new(&mut overlay, 0.0..=1.0).show_value(false);
        ui.spacing_mut().slider_width = 72.0;
        ui.spacing_mut().interact_size.y = 18.0;
        let response = ui.add(slider).accessible_name("Mask opacity");
        if response.on_hover_text("How much of a mask covers the picture below it").changed() {
            ctx.act(Action::SetOverlay(overlay));
        }
        ui.add_space(space::XS);
        ui.label(look::small("masks").color(ctx.tokens.weak));
    }
}

fn views_ui(pane: &mut InspectPane, ui: &mut Ui, ctx: &PaneContext<'_>) {
    ui.set_min_width(180.0);
    let (maps, pictures): (Vec<_>, Vec<_>) =
        wall::available(ctx.store).into_iter().partition(|content| wall::watched_by(content).is_some());
    let (pictures, others): (Vec<_>, Vec<_>) = pictures.into_iter().partition(|content| !content.is_beside());
    for content in pictures {
        view_ui(pane, ui, ctx, content);
    }
    if !others.is_empty() {
        ui.separator();
    }
    for content in others {
        view_ui(pane, ui, ctx, content);
    }
    ui.separator();
    // Maps of one component stand together, so that the list stays short.
    let mut groups: Vec<(&str, Vec<Content>)> = Vec::new();
    for content in &maps {
        let group = wall::watched_by(content).and_then(|name| name.split('.').next()).unwrap_or_default();
        match groups.iter_mut().find(|(known, _)| *known == group) {
            Some((_, contents)) => contents.push(content.clone()),
            None => groups.push((group, vec![content.clone()])),
        }
    }
    for (group, contents) in groups {
        if let [content] = contents.as_slice() {
            view_ui(pane, ui, ctx, content.clone());
            continue;
        }
        ui.menu_button(group, |ui| {
            for content in contents {
                view_ui(pane, ui, ctx, content);
            }
        });
    }
    lacking_ui(ui, ctx, &maps);
    ui.separator();
    if ui.button("First look").on_hover_text("The pictures that a new scene opens with").clicked() {
        pane.added.clear();
        pane.removed.clear();
        pane.order.clear();
    }
}

/// The kinds of maps that this network or scene has none of, each with what it needs.
fn lacking_ui(ui: &mut Ui, ctx: &PaneContext<'_>, maps: &[Content]) {
    let has = |kind: &ViewKind| maps.iter().filter_map(wall::watched_by).any(|name| kind.fits(name));
    let lacking: Vec<&ViewKind> = VIEW_KINDS.iter().filter(|kind| !has(kind)).collect();
    if lacking.is_empty() || ctx.store.network.is_none() {
        return;
    }
    ui.menu_button("Not here", |ui| {
        look::fitting(ui, |ui| {
            for kind in lacking {
                let title = look::probe_words(kind.name.trim_end_matches(['*', '.']), &[]);
                let line = ui.add_enabled(false, egui::Button::new(title));
                line.on_disabled_hover_text(format!("{}\n{}", kind.words(), kind.reason()));
            }
        });
    });
}

/// One line of the list: a tile that can be put on the wall or taken off it.
fn view_ui(pane: &mut InspectPane, ui: &mut Ui, ctx: &PaneContext<'_>, content: Content) {
    let mut shown = wall::is_shown(pane, ctx.store, &content);
    let mut line = ui.checkbox(&mut shown, wall::title(ctx.store, &content));
    if let Some(kind) = wall::watched_by(&content).and_then(ViewKind::of) {
        line = line.on_hover_text(kind.words());
    }
    if !line.changed() {
        return;
    }
    if content == Content::Label {
        ctx.act(Action::ToggleLabel);
        return;
    }
    if matches!(content.of_either(), Content::Error(_)) && !ctx.store.scene.errors {
        ctx.act(Action::ToggleErrors);
    }
    if shown {
        pane.removed.remove(&content);
        pane.added.insert(content);
    } else {
        pane.added.remove(&content);
        pane.removed.insert(content);
    }
}
