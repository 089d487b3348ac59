//! Which tiles there are, and where they stand.

use egui::Rect;
use fusionscope_engine::protocol::{Content, FIGURES, NetworkSummary};

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
        if store.looks_at_sensor(&sensor.name) || in_view(&content) {
            contents.push(content);
        }
    }
    contents.push(Content::Label);
    let heads: &[String] = store.network.as_ref().map_or(&[], |network| network.heads.as_slice());
    let others: &[String] = store.scene.beside.as_ref().map_or(&[], |beside| beside.network.heads.as_slice());
    let of_first = |content: fn(String) -> Content| heads.first().map(|head| content(head.clone())).filter(in_view);
    contents.extend(of_first(Content::Before));
    contents.extend(paired(heads, others, Content::Prediction));
    contents.extend(of_first(Content::Outcome));
    contents.extend(paired(heads, others, Content::Error));
    if store.scene.beside.is_some() {
        contents.push(Content::Disagreement);
    }
    let tiles = store.scene.shown().map_or(&[][..], |shown| shown.view.tiles.as_slice());
    for tile in tiles {
        // A map of the network beside stands behind its like.
        let beside = tile.content.clone().beside();
        let beside = Some(beside).filter(|beside| !tile.content.is_beside() && in_view(beside));
        for content in [Some(tile.content.clone()), beside].into_iter().flatten() {
            if !contents.contains(&content) {
                contents.push(content);
            }
        }
    }
    let offered = store.scene.shown().map_or(&[][..], |shown| shown.view.offered.as_slice());
    let beside = store.scene.seen_beside().map_or(&[][..], |beside| beside.offered.as_slice());
    let maps = offered.iter().map(|name| content_of(name));
    for content in maps.chain(beside.iter().map(|name| content_of(name).beside())) {
        if !contents.contains(&content) {
            contents.push(content);
        }
    }
    // Pictures that came before the other network was let go.
    let is_of_two = |content: &Content| content.is_beside() || *content == Content::Disagreement;
    contents.retain(|content| store.scene.beside.is_some() || !is_of_two(content));
    contents
}

/// The pictures of the heads of two networks, each behind its like.
fn paired(heads: &[String], others: &[String], of_head: fn(String) -> Content) -> Vec<Content> {
    let mut contents = Vec::new();
    for head in heads.iter().chain(others.iter().filter(|head| !heads.contains(head))) {
        let content = of_head(head.clone());
        if heads.contains(head) {
            contents.push(content.clone());
        }
        if others.contains(head) {
            contents.push(content.beside());
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
    match content.of_either() {
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
        _ if matches!(content.of_either(), Content::Error(_)) && !store.scene.errors => false,
        _ if pane.removed.contains(content) => false,
        _ if pane.added.contains(content) => true,
        Content::Sensor(name) => is_sensor_of_first_look(store, name),
        Content::Prediction(_) => true,
        Content::Error(head) => store.network.as_ref().and_then(|network| network.heads.first()) == Some(head),
        Content::Disagreement => true,
        Content::Before(head) | Content::Outcome(head) => {
            let first = store.network.as_ref().and_then(|network| network.heads.first());
            let is_looked_at = store.scene.supposing.card.is_some() || store.scene.seen_since().is_some();
            is_looked_at && first == Some(head)
        }
        Content::Beside(of) => is_of_first_look_beside(store, of),
        Content::Probe(_) | Content::Figures => false,
    }
}

/// Of the network beside the head that counts, and the maps that are asked for: those of its like stand there too.
fn is_of_first_look_beside(store: &Store, content: &Content) -> bool {
    let first = store.scene.beside.as_ref().and_then(|beside| beside.network.heads.first());
    match content {
        Content::Prediction(head) | Content::Error(head) => first == Some(head),
        _ => watched_by(content).is_some_and(|name| store.scene.watched.iter().any(|watched| watched == name)),
    }
}

/// The sensors in use, and others until there are three.
fn is_sensor_of_first_look(store: &Store, name: &str) -> bool {
    let Some(dataset) = &store.dataset else { return false };
    if store.looks_at_sensor(name) {
        return true;
    }
    let used = dataset.modalities.iter().filter(|sensor| store.looks_at_sensor(&sensor.name)).count();
    let mut others = dataset.modalities.iter().filter(|sensor| !store.looks_at_sensor(&sensor.name));
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
/// `fused: thermal only`; of the network beside its own: `fused · baseline`.
pub(super) fn title(store: &Store, content: &Content) -> String {
    let network = store.network.as_ref();
    let Content::Beside(of) = content else { return title_of(store, content, content, network) };
    let beside = store.scene.beside.as_ref().map(|beside| &beside.network);
    let name = store.beside_name().unwrap_or_else(|| "other".to_owned());
    format!("{} · {name}", title_of(store, content, of, beside))
}

/// What a picture of `kind` of one of two networks is called; `content` says of which.
fn title_of(store: &Store, content: &Content, kind: &Content, network: Option<&NetworkSummary>) -> String {
    match (kind, store.scene.stand_in(content)) {
        (Content::Sensor(name), _) => name.clone(),
        (Content::Label, _) => "label".to_owned(),
        (Content::Figures, _) => "figures".to_owned(),
        (Content::Disagreement, _) => "differ".to_owned(),
        (Content::Before(head), _) => match store.scene.seen_since() {
            Some(step) => format!("{head} at step {}", look::count(step)),
            None => format!("{head} without the what-if"),
        },
        (Content::Outcome(head), _) => format!("{head}: right and wrong"),
        (Content::Prediction(head), Some(only)) => format!("{head}: {only} only"),
        (Content::Error(_), Some(only)) => format!("error: {only} only"),
        (Content::Prediction(head), None) if head == "fused" => "fused".to_owned(),
        (Content::Prediction(head), None) => format!("head {head}"),
        (Content::Error(head), None) => format!("error {head}"),
        (Content::Probe(probe), _) => look::probe_words(probe, network.map_or(&[], |network| &network.sensors)),
        // One of the one beside the one beside there is not.
        (Content::Beside(of), _) => title_of(store, content, of, network),
    }
}
