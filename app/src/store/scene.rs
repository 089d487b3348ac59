//! The scene in view: which one, with which sensors, what came back, and how it is looked at.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Instant;

use fusionscope_engine::protocol::{
    BesideRun, BesideView, ConfusedScenes, Confusion, Content, DatasetSummary, EXPLANATION, Effect, Explained, Frame,
    SceneView, SplitComparison, SplitRequest, ViewRequest, WhatIf,
};

use super::hover::Buffered;
use super::supposing::Supposing;
use super::time::Time;

/// The one view of the window: the scene with the sensors that the user left on.
pub const AS_ASKED: u64 = 0;

/// The head that predicts from all sensors.
const FUSED: &str = "fused";

/// A place within a scene, from 0 to 1 across and down, so that it means the same in pictures of any size.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Pixel {
    /// Across.
    pub x: f32,
    /// Down.
    pub y: f32,
}

/// Which pixels are outlined in every picture: those of one class that the network takes for another, or for itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Outline {
    /// The class that they are of.
    pub truth: u8,
    /// The class that they are taken for.
    pub predicted: u8,
}

/// A view that has arrived.
#[derive(Clone, Debug)]
pub struct Shown {
    /// The pictures.
    pub view: Arc<SceneView>,
    /// When it came.
    pub received: Instant,
    /// Counts up with every arrival; textures are made anew when it changes.
    pub serial: u64,
}

/// The scene in view.
#[derive(Debug)]
pub struct SceneStore {
    /// The split's name.
    pub split: String,
    /// The index within the split.
    pub index: usize,
    /// What is supposed of the sensors and of the method, absent sensors among it.
    pub what_if: WhatIf,
    /// How that is worked on.
    pub supposing: Supposing,
    /// Which step of the run is looked at.
    pub time: Time,
    /// Names of the maps to show beside sensors, label and predictions.
    pub watched: Vec<String>,
    /// The place that maps about one pixel are about, across and down, 0 to 65,535.
    pub pixel: Option<[u16; 2]>,
    /// What explanations are about.
    pub explained: Explained,
    /// Whether the pictures must be asked for again.
    pub stale: bool,
    /// When the newest request that is not answered yet was sent.
    pub asked: Option<Instant>,
    /// Whether the label tile is shown.
    pub label: bool,
    /// Whether error maps are shown.
    pub errors: bool,
    /// The network beside the one in view.
    pub beside: Option<BesideRun>,
    /// How far the two networks differ on each scene of a split, as it was found last.
    pub differing: Option<Arc<SplitComparison>>,
    /// Whether that list stands beside the pictures.
    pub lists_differing: bool,
    /// The scenes that have the pixels of a cell of a confusion matrix, as they were found last.
    pub confused: Option<ConfusedScenes>,
    /// The pixels that are outlined.
    pub outline: Option<Outline>,
    /// Whether predictions swipe against those of the network beside, else against the label.
    pub swipe: bool,
    /// Whether what differs is filled, and told in figures: from the answer of the network beside, else from the
    /// prediction with all sensors.
    pub difference: bool,
    /// Whether the label stands in for predictions while a key is held.
    pub comparing: bool,
    /// How much of a prediction lies over its picture, 0 to 1; 1 hides the picture.
    pub overlay: f32,
    /// Classes that are not drawn.
    pub hidden: BTreeSet<u8>,
    /// The one class that is drawn alone.
    pub solo: Option<u8>,
    /// Whether the data set's own class colours are used.
    pub own_colours: bool,
    /// Class colours chosen by hand, by the data set's name.
    pub recoloured: BTreeMap<String, BTreeMap<u8, [u8; 3]>>,
    /// Counts up when the pictures shall be fitted into their tiles.
    pub fit_requests: u64,
    /// The place under the pointer.
    pub hover: Buffered<Option<Pixel>>,
    /// The class under the pointer in a legend, outlined in every tile.
    pub hover_class: Buffered<Option<u8>>,
    shown: Option<Shown>,
    serial: u64,
}

impl Default for SceneStore {
    fn default() -> Self {
        Self {
            split: String::new(),
            index: 0,
            what_if: WhatIf::default(),
            supposing: Supposing::default(),
            time: Time::default(),
            watched: Vec::new(),
            pixel: None,
            explained: Explained::default(),
            stale: false,
            asked: None,
            label: true,
            errors: true,
            beside: None,
            differing: None,
            lists_differing: false,
            confused: None,
            outline: None,
            swipe: false,
            difference: false,
            comparing: false,
            overlay: 1.0,
            hidden: BTreeSet::new(),
            solo: None,
            own_colours: false,
            recoloured: BTreeMap::new(),
            fit_requests: 0,
            hover: Buffered::default(),
            hover_class: Buffered::default(),
            shown: None,
            serial: 0,
        }
    }
}

impl SceneStore {
    /// Looks at a scene of this data set: a night scene of the test split where there is one.
    pub fn open(&mut self, dataset: &DatasetSummary) {
        let split = ["test", "val", "train"]
            .iter()
            .find_map(|name| dataset.splits.iter().find(|split| split.name == *name && !split.ids.is_empty()))
            .or_else(|| dataset.splits.iter().find(|split| !split.ids.is_empty()));
        self.split = split.map(|split| split.name.clone()).unwrap_or_default();
        self.index = split
            .and_then(|split| split.tags.iter().position(|tags| tags.iter().any(|tag| tag == "night")))
            .unwrap_or(0);
        self.what_if = WhatIf::default();
        self.time.leave();
        self.supposing.leave();
        self.hidden.clear();
        self.solo = None;
        self.differing = None;
        self.confused = None;
        self.outline = None;
        self.explained = Explained::default();
        self.shown = None;
        self.stale = true;
        self.fit_requests += 1;
    }

    /// A new view has come. Of requests that were superseded, those of the scene in view are shown until the answer comes,
    /// so that what a hand drags moves with it; others are left out. Says whether it was taken.
    pub fn take(&mut self, view: Arc<SceneView>) -> bool {
        let is_answer = view.request == self.request();
        let is_of_scene = (&view.request.split, view.request.index) == (&self.split, self.index);
        // Before the first answer nobody knows whether it is of the same data.
        let is_on_the_way = is_of_scene && self.shown.is_some();
        if !is_answer && !is_on_the_way {
            return false;
        }
        if self.shown.as_ref().is_some_and(|shown| Arc::ptr_eq(&shown.view, &view)) {
            return false;
        }
        if is_answer {
            self.asked = None;
        }
        self.serial += 1;
        self.shown = Some(Shown { view, received: Instant::now(), serial: self.serial });
        true
    }

    /// The view with the sensors as asked; while a newer one is on its way, the one before it.
    pub fn shown(&self) -> Option<&Shown> {
        self.shown.as_ref()
    }

    /// Whether the pictures in view are those of an older request.
    pub fn is_outdated(&self) -> bool {
        self.shown().is_some_and(|shown| shown.view.request != self.request())
    }

    /// Whether a watched map depends on the picked pixel: the attention that this place gives, or what it is explained by.
    pub fn asks_about_a_pixel(&self) -> bool {
        let asks = |name: &String| ["explain.gradcam", "explain.occlusion"].iter().any(|kind| name.starts_with(kind));
        self.watched.iter().any(|name| name.contains("attention") || asks(name))
    }

    /// Whether an explanation is watched.
    pub fn explains(&self) -> bool {
        self.watched.iter().any(|name| name.starts_with(EXPLANATION))
    }

    /// Why a map cannot be shown of the network or scene in view.
    pub fn refusal(&self, content: &Content) -> Option<&str> {
        let Content::Probe(name) = content.of_either() else { return None };
        let refused = match self.seen_beside() {
            Some(beside) if content.is_beside() => &beside.refused,
            _ => &self.shown()?.view.refused,
        };
        refused.iter().find(|(refused, _)| refused == name).map(|(_, reason)| reason.as_str())
    }

    /// The request that the present choices make.
    pub fn request(&self) -> ViewRequest {
        // What is supposed is asked of the network as it stands, and compared with that alone.
        let at = self.time.at();
        let what_if = if at.is_some() { WhatIf::default() } else { self.what_if.unnamed() };
        let since = self.time.since().filter(|_| what_if.is_empty() && self.beside.is_none());
        ViewRequest {
            view: AS_ASKED,
            split: self.split.clone(),
            index: self.index,
            what_if,
            watched: self.watched.clone(),
            pixel: self.pixel,
            explained: self.explained.clone(),
            at,
            since,
            compares: self.compares(),
        }
    }

    /// The picture with this content in the view as asked; where the fused head cannot answer because a sensor is
    /// missing, that of the head that answers in its place.
    pub fn frame(&self, content: &Content) -> Option<&Frame> {
        let shown = self.shown()?;
        let head = self.stand_in(content);
        frame_of(shown, content).or_else(|| {
            let head = head?.to_owned();
            let is_error = matches!(content.of_either(), Content::Error(_));
            let found = if is_error { Content::Error(head) } else { Content::Prediction(head) };
            frame_of(shown, &if content.is_beside() { found.beside() } else { found })
        })
    }

    /// The head that answers in place of the fused one, whose prediction or errors `content` asks for.
    pub fn stand_in(&self, content: &Content) -> Option<&str> {
        let (Content::Prediction(head) | Content::Error(head)) = content.of_either() else { return None };
        let answer = self.answer(content.is_beside())?;
        (head == FUSED && answer != FUSED).then_some(answer)
    }

    /// The head that counts in the view: of the network beside, or of the one in view.
    fn answer(&self, is_beside: bool) -> Option<&str> {
        let view = &self.shown()?.view;
        if is_beside { view.beside.as_ref()?.answer.as_deref() } else { view.answer.as_deref() }
    }

    /// Shows a scene that has the pixels of a cell of a confusion matrix, as the network sees it without the same
    /// sensors, with these pixels outlined.
    pub fn outline_confused(&mut self, of: &Confusion) {
        self.what_if = WhatIf::without(&of.dropped);
        self.outline = Some(Outline { truth: of.truth, predicted: of.predicted });
    }

    /// The labels and the answer that the outlined pixels are found in, where the two can be compared.
    pub fn outlined_in(&self) -> Option<(Outline, &Frame, &Frame)> {
        let (outline, shown) = (self.outline?, self.shown()?);
        let answer = shown.view.answer.clone().filter(|_| shown.view.unfit.is_none())?;
        Some((outline, frame_of(shown, &Content::Label)?, frame_of(shown, &Content::Prediction(answer))?))
    }

    /// What is asked for to find the scenes that two networks see differently.
    pub fn split_request(&self) -> SplitRequest {
        SplitRequest { split: self.split.clone(), dropped: self.what_if.dropped() }
    }

    /// What the network beside made of the scene in view.
    pub fn seen_beside(&self) -> Option<&BesideView> {
        self.shown()?.view.beside.as_ref().filter(|_| self.beside.is_some())
    }

    /// The prediction that one is looked at against: that of the other of two networks, of the same head where it has
    /// that, else of the head that counts; else its own without the what-if.
    pub fn counterpart(&self, content: &Content) -> Option<Content> {
        let Content::Prediction(head) = content.of_either() else { return None };
        if self.seen_beside().is_none() {
            let before = Content::Before(head.clone());
            return frame_of(self.shown()?, &before).is_some().then_some(before);
        }
        let of_other = |head: String| {
            let found = Content::Prediction(head);
            if content.is_beside() { found } else { found.beside() }
        };
        let same = of_other(head.clone());
        let answer = || Some(of_other(self.answer(!content.is_beside())?.to_owned()));
        Some(same).filter(|same| self.frame(same).is_some()).or_else(answer)
    }

    /// Where the answers of two networks differ, where that is looked at and the picture is one of the answers.
    pub fn disagreement_in(&self, content: &Content) -> Option<&Frame> {
        let Content::Prediction(head) = content.of_either() else { return None };
        self.seen_beside().filter(|_| self.difference)?;
        let answers = self.answer(content.is_beside())? == self.stand_in(content).unwrap_or(head);
        if answers { frame_of(self.shown()?, &Content::Disagreement) } else { None }
    }

    /// What the what-if changes in this picture, where that is looked at and the picture is a prediction: how much, and
    /// the map of where.
    pub fn effect_in(&self, content: &Content) -> Option<(&Effect, &Frame)> {
        let Content::Prediction(head) = content else { return None };
        let shown = self.shown().filter(|_| self.difference)?;
        let found = shown.view.effects.iter().find(|found| found.head == *head)?;
        Some((found, frame_of(shown, &Content::Outcome(head.clone()))?))
    }

    /// The step with which the pictures in view are compared.
    pub fn seen_since(&self) -> Option<u64> {
        self.shown()?.view.request.since
    }

    /// What it changes in the answer of the head that counts: the first that answers without it.
    pub fn effect_that_counts(&self) -> Option<&Effect> {
        self.shown()?.view.effects.first()
    }

    /// Whether the predictions are asked for without the what-if too: where anybody looks at what it changes. Two
    /// networks are compared with each other.
    fn compares(&self) -> bool {
        let is_looked_at = self.difference || self.supposing.card.is_some() || self.what_if.is_more_than_absence();
        is_looked_at && !self.what_if.is_empty() && self.beside.is_none() && self.time.at().is_none()
    }

    /// Turns the page of everything that lies under the pointer; says whether something changed.
    pub fn turn(&mut self) -> bool {
        let pixel = self.hover.turn();
        let class = self.hover_class.turn();
        pixel || class
    }

    /// Asks for these maps.
    pub fn watch(&mut self, names: Vec<String>) {
        self.watched = names;
        self.stale = true;
    }

    /// Asks for explanations of this.
    pub fn explain(&mut self, explained: Explained) {
        self.explained = explained;
        self.stale = true;
    }

    /// Asks maps about one pixel for none in particular.
    pub fn forget_pixel(&mut self) {
        self.pixel = None;
        self.stale = true;
    }

    /// Asks maps about one pixel for this place.
    pub fn pick(&mut self, pixel: [u16; 2]) {
        self.pixel = Some(pixel);
        self.stale = true;
    }

    /// Shows or hides a class.
    pub fn toggle_class(&mut self, class: u8) {
        self.solo = None;
        if !self.hidden.remove(&class) {
            self.hidden.insert(class);
        }
    }

    /// Shows a class alone, or all again.
    pub fn solo_class(&mut self, class: u8) {
        self.solo = if self.solo == Some(class) { None } else { Some(class) };
        self.hidden.clear();
    }

    /// Shows all classes.
    pub fn show_all_classes(&mut self) {
        self.solo = None;
        self.hidden.clear();
    }

    /// Whether a class is drawn.
    pub fn is_class_shown(&self, class: u8) -> bool {
        match self.solo {
            Some(solo) => solo == class,
            None => !self.hidden.contains(&class),
        }
    }
}

fn frame_of<'a>(shown: &'a Shown, content: &Content) -> Option<&'a Frame> {
    shown.view.tiles.iter().find(|tile| tile.content == *content).map(|tile| &tile.frame)
}

#[cfg(test)]
mod tests {
    use fusionscope_engine::protocol::SplitSummary;

    use super::*;

    fn opened() -> SceneStore {
        let mut scene = SceneStore::default();
        scene.open(&DatasetSummary {
            splits: vec![SplitSummary {
                name: "test".to_owned(),
                ids: vec!["a".to_owned(), "b".to_owned()],
                tags: vec![vec!["day".to_owned()], vec!["night".to_owned()]],
                held_out: false,
            }],
            ..DatasetSummary::default()
        });
        scene
    }

    fn view(request: ViewRequest) -> Arc<SceneView> {
        Arc::new(SceneView {
            request,
            id: "b".to_owned(),
            missing: "drop".to_owned(),
            millis: 1.0,
            ..SceneView::default()
        })
    }

    #[test]
    fn a_night_scene_is_opened_first() {
        assert_eq!((opened().split.as_str(), opened().index), ("test", 1));
    }

    #[test]
    fn of_superseded_answers_those_of_the_scene_are_shown_until_the_one_that_was_asked_for_comes() {
        let mut scene = opened();
        let old = view(scene.request());
        scene.what_if = WhatIf::without(&["colour"]);
        assert!(!scene.take(Arc::clone(&old)), "it may be of other data");
        assert!(scene.take(view(scene.request())) && !scene.is_outdated());
        scene.asked = Some(Instant::now());
        let dragged = scene.request();
        scene.what_if = WhatIf::without(&["thermal"]);
        assert!(scene.take(view(dragged.clone())) && scene.is_outdated() && scene.asked.is_some());
        assert!(scene.take(view(scene.request())) && !scene.is_outdated() && scene.asked.is_none());
        scene.index = 0;
        assert!(scene.is_outdated());
        assert!(!scene.take(view(dragged)), "it is of another scene");
    }

    #[test]
    fn the_head_that_answers_stands_in_for_the_fused_one() {
        use fusionscope_engine::protocol::{Pixels, Tile};

        let mut scene = opened();
        scene.what_if = WhatIf::without(&["colour"]);
        let frame = Frame { width: 1, height: 1, pixels: Pixels::Errors(vec![1]) };
        let thermal = || "thermal".to_owned();
        let tiles = [Content::Prediction(thermal()), Content::Error(thermal())]
            .map(|content| Tile { content, frame: frame.clone() })
            .to_vec();
        let plain = view(scene.request());
        assert!(scene.take(Arc::new(SceneView { answer: Some(thermal()), tiles, ..(*plain).clone() })));
        for content in [Content::Prediction(FUSED.to_owned()), Content::Error(FUSED.to_owned())] {
            assert_eq!(scene.frame(&content), Some(&frame));
            assert_eq!(scene.stand_in(&content), Some("thermal"));
        }
        assert_eq!(scene.frame(&Content::Prediction("colour".to_owned())), None);
        assert_eq!(scene.frame(&Content::Label), None);
    }

    #[test]
    fn solo_hides_all_other_classes() {
        let mut scene = opened();
        scene.hidden.insert(2);
        assert!(scene.is_class_shown(1) && !scene.is_class_shown(2));
        scene.solo = Some(2);
        assert!(!scene.is_class_shown(1) && scene.is_class_shown(2));
    }
}
