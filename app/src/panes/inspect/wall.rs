//! Which tiles there are, and where they stand.

use egui::Rect;
use fusionscope_engine::protocol::{Content, FIGURES};

use super::state::InspectPane;
use crate::look;
use crate::store::Store;

/// Where a tile stands and what it shows.
#[derive(Clone, Copy)]
pub(super) struct Slot<'a> {
    pub(super) content: &'a Content,
    pub(super) rect: Rect,
    pub(super) aspect: f32,
    pub(super) place: usize,
}

/// Everything that could be shown of the scene: sensors, label, heads, errors, probes.
pub(super) fn available(store: &Store) -> Vec<Content> {
    let mut contents = Vec::new();
    let in_view = |content: &Content| store.scene.frame(content).is_some();
    for sensor in store.dataset.iter().flat_map(|dataset| &dataset.modalities) {
        let content = Content::Sensor(sensor.name.clone());
        if store.uses_sensor(&sensor.name) || in_view(&content) {
            contents.push(content);
        }
    }
    contents.push(Content::Label);
    let heads: &[String] = store.network.as_ref().map_or(&[], |network| network.heads.as_slice());
    contents.extend(heads.iter().cloned().map(Content::Prediction));
    contents.extend(heads.iter().cloned().map(Content::Error));
    let tiles = store.scene.shown().map_or(&[][..], |shown| shown.view.tiles.as_slice());
    for tile in tiles {
        if !contents.contains(&tile.content) {
            contents.push(tile.content.clone());
        }
    }
    let offered = store.scene.shown().map_or(&[][..], |shown| shown.view.offered.as_slice());
    for name in offered {
        let content = content_of(name);
        if !contents.contains(&content) {
            contents.push(content);
        }
    }
    contents
}

/// The tile of a map that can be watched.
pub(super) fn content_of(name: &str) -> Content {
    if name == FIGURES { Content::Figures } else { Content::Probe(name.to_owned()) }
}

/// The map that a tile makes necessary to watch.
pub(super) fn watched_by(content: &Content) -> Option<&str> {
    match content {
        Content::Probe(name) => Some(name),
        Content::Figures => Some(FIGURES),
        _ => None,
    }
}

/// The tiles on the wall, in order.
pub(super) fn shown(pane: &InspectPane, store: &Store) -> Vec<Content> {
    let available = available(store);
    let mut contents: Vec<Content> = pane.order.iter().filter(|content| available.contains(content)).cloned().collect();
    for content in available {
        if !contents.contains(&content) {
            contents.push(content);
        }
    }
    contents.retain(|content| is_shown(pane, store, content));
    contents
}

/// Whether a tile is on the wall: by hand, or because it belongs to the first look.
pub(super) fn is_shown(pane: &InspectPane, store: &Store, content: &Content) -> bool {
    match content {
        Content::Label => store.scene.label,
        Content::Error(_) if !store.scene.errors => false,
        _ if pane.removed.contains(content) => false,
        _ if pane.added.contains(content) => true,
        Content::Sensor(name) => is_sensor_of_first_look(store, name),
        Content::Prediction(_) => true,
        Content::Error(head) => store.network.as_ref().and_then(|network| network.heads.first()) == Some(head),
        Content::Probe(_) | Content::Figures => false,
    }
}

/// The sensors in use, and others until there are three.
fn is_sensor_of_first_look(store: &Store, name: &str) -> bool {
    let Some(dataset) = &store.dataset else { return false };
    if store.uses_sensor(name) {
        return true;
    }
    let used = dataset.modalities.iter().filter(|sensor| store.uses_sensor(&sensor.name)).count();
    let mut others = dataset.modalities.iter().filter(|sensor| !store.uses_sensor(&sensor.name));
    others.position(|sensor| sensor.name == name).is_some_and(|place| place < 3_usize.saturating_sub(used))
}

/// Width over height of the scene's pictures.
pub(super) fn aspect(store: &Store) -> f32 {
    store
        .scene
        .shown()
        .and_then(|shown| shown.view.tiles.first())
        .filter(|tile| tile.frame.width > 0 && tile.frame.height > 0)
        .map_or(4.0 / 3.0, |tile| tile.frame.width as f32 / tile.frame.height as f32)
}

/// What a tile is called. Where another head answers in place of the fused one, its name is told:
/// `fused: thermal only`.
pub(super) fn title(store: &Store, content: &Content) -> String {
    match (content, store.scene.stand_in(content)) {
        (Content::Sensor(name), _) => name.clone(),
        (Content::Label, _) => "label".to_owned(),
        (Content::Figures, _) => "figures".to_owned(),
        (Content::Prediction(head), Some(only)) => format!("{head}: {only} only"),
        (Content::Error(_), Some(only)) => format!("error: {only} only"),
        (Content::Prediction(head), None) if head == "fused" => "fused".to_owned(),
        (Content::Prediction(head), None) => format!("head {head}"),
        (Content::Error(head), None) => format!("error {head}"),
        (Content::Probe(probe), _) => {
            look::probe_words(probe, store.network.as_ref().map_or(&[], |network| network.sensors.as_slice()))
        }
    }
}
