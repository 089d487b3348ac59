//! What is told of all scenes of the open data set.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::Arc;

use fusionscope_engine::protocol::{
    DatasetSummary, DatasetSurvey, Frame, GalleryNews, Pixels, ScenePlace, SceneScores, SceneSurvey, Thumbnail,
    ThumbnailRequest,
};

use super::{Sight, Wishes};

/// The most bytes of small pictures that are kept; those that came first go first.
const MOST_BYTES: usize = 96 << 20;

/// What is known of the scenes.
#[derive(Debug, Default)]
pub struct Gallery {
    /// The number of the newest request for small pictures, and of the first one that counts.
    numbers: (u64, u64),
    side_px: u32,
    thumbnails: HashMap<ScenePlace, Arc<Thumbnail>>,
    arrived: VecDeque<ScenePlace>,
    bytes: usize,
    survey: Option<Arc<DatasetSurvey>>,
    scores: BTreeMap<String, Arc<SceneScores>>,
    /// What is known of single scenes may be no longer true, and nobody has asked since.
    needs_scores: bool,
    /// Somebody has asked and is not answered yet.
    awaits_scores: bool,
    /// Every tag, with the number of scenes that have it.
    tags: Vec<(String, u64)>,
    is_surveying: bool,
    /// Whether the files of this data set were asked to be looked at before.
    was_surveyed: bool,
    /// How often the data set, what is known of its files and of the network changed.
    revisions: [u64; 3],
}

impl Gallery {
    /// Forgets all: this data set is open now.
    pub fn open(&mut self, dataset: &DatasetSummary) {
        let (newest, _) = self.numbers;
        let revisions = self.revisions.map(|revision| revision + 1);
        let mut tags: BTreeMap<&String, u64> = BTreeMap::new();
        for tag in dataset.splits.iter().flat_map(|split| split.tags.iter().flatten()) {
            *tags.entry(tag).or_default() += 1;
        }
        let tags = tags.into_iter().map(|(tag, scenes)| (tag.clone(), scenes)).collect();
        *self = Self { numbers: (newest, newest + 1), revisions, tags, needs_scores: true, ..Self::default() };
    }

    /// Takes in what the session tells while this data set is open.
    pub fn take(&mut self, news: GalleryNews, dataset: Option<&DatasetSummary>) {
        match news {
            GalleryNews::Thumbnails { number, thumbnails } if number >= self.numbers.1 => {
                for thumbnail in thumbnails {
                    self.keep(thumbnail);
                }
            }
            // Of an earlier data set, or of another size.
            GalleryNews::Thumbnails { .. } => {}
            GalleryNews::Survey(survey) if dataset.is_some_and(|dataset| is_of(&survey, dataset)) => {
                self.is_surveying &= !survey.is_done();
                self.survey = Some(Arc::from(survey));
                self.revisions[1] += 1;
            }
            // Of an earlier data set, told when this one was open already.
            GalleryNews::Survey(_) => {}
        }
    }

    fn keep(&mut self, thumbnail: Thumbnail) {
        let scene = thumbnail.scene;
        self.bytes += bytes_of(&thumbnail);
        match self.thumbnails.insert(scene, Arc::new(thumbnail)) {
            Some(before) => self.bytes -= bytes_of(&before),
            None => self.arrived.push_back(scene),
        }
        while self.bytes > MOST_BYTES
            && self.arrived.len() > 1
            && let Some(oldest) = self.arrived.pop_front()
            && let Some(gone) = self.thumbnails.remove(&oldest)
        {
            self.bytes -= bytes_of(&gone);
        }
    }

    /// Takes in how the network does on single scenes; an empty list says that nothing is known of it.
    pub fn score(&mut self, scores: Vec<SceneScores>) {
        self.scores = scores.into_iter().map(|scores| (scores.split.clone(), Arc::new(scores))).collect();
        self.revisions[2] += 1;
        self.awaits_scores = false;
    }

    /// Another network is in hand, of which nothing is known yet.
    pub fn forget_scores(&mut self) {
        self.score(Vec::new());
        self.needs_scores = true;
    }

    /// The network in hand was evaluated.
    pub fn scores_differ(&mut self) {
        self.needs_scores = true;
    }

    /// Whether how the network does on single scenes is to be asked for; said once.
    pub fn take_need_of_scores(&mut self) -> bool {
        self.awaits_scores |= self.needs_scores;
        std::mem::take(&mut self.needs_scores)
    }

    /// What to ask for so that the pictures in sight are there; `None` where they all are.
    pub fn request(&mut self, sight: &Sight) -> Option<ThumbnailRequest> {
        if self.side_px != sight.side_px {
            self.side_px = sight.side_px;
            (self.bytes, self.thumbnails, self.arrived) = (0, HashMap::new(), VecDeque::new());
            self.numbers.1 = self.numbers.0 + 1;
        }
        let missing = sight.scenes.iter().filter(|scene| !self.thumbnails.contains_key(scene));
        let scenes: Vec<ScenePlace> = missing.copied().collect();
        if scenes.is_empty() {
            return None;
        }
        self.numbers.0 = (self.numbers.0 + 1).max(self.numbers.1);
        Some(ThumbnailRequest { number: self.numbers.0, scenes, side_px: sight.side_px })
    }

    /// Whether everything that was asked for is there, the pictures of these scenes among it.
    pub fn has_all(&self, sight: &Sight) -> bool {
        let has = |scene: &ScenePlace| self.thumbnails.contains_key(scene);
        !(self.is_surveying || self.awaits_scores) && sight.scenes.iter().all(has)
    }

    /// The small pictures of a scene, where they have come.
    pub fn thumbnail(&self, scene: ScenePlace) -> Option<&Arc<Thumbnail>> {
        self.thumbnails.get(&scene)
    }

    /// What the files hold, as far as they were looked at.
    pub fn survey(&self) -> Option<&Arc<DatasetSurvey>> {
        self.survey.as_ref()
    }

    /// What one scene's files hold; `None` where they were not looked at yet.
    pub fn surveyed(&self, scene: ScenePlace) -> Option<SceneSurvey<'_>> {
        self.survey.as_ref()?.scene(scene)
    }

    /// How many of so many scenes were looked at, where not all were.
    pub fn unread(&self, scenes: usize) -> Option<(u64, u64)> {
        match &self.survey {
            Some(survey) if survey.is_done() => None,
            Some(survey) => Some((survey.done, survey.total)),
            None => Some((0, scenes as u64)),
        }
    }

    /// Whether the files are being looked at.
    pub fn is_surveying(&self) -> bool {
        self.is_surveying
    }

    /// Whether they are, or were before.
    pub fn was_surveyed(&self) -> bool {
        self.was_surveyed
    }

    /// The files are looked at from now on, or no longer.
    pub fn set_surveying(&mut self, is_on: bool) {
        self.is_surveying = is_on;
        self.was_surveyed = true;
    }

    /// Every tag of the scenes, with how many have it.
    pub fn tags(&self) -> &[(String, u64)] {
        &self.tags
    }

    /// How the network does on the scenes of a split.
    pub fn scores(&self, split: &str) -> Option<&SceneScores> {
        self.scores.get(split).map(Arc::as_ref)
    }

    /// Whether anything is known of how it does on single scenes.
    pub fn has_scores(&self) -> bool {
        !self.scores.is_empty()
    }

    /// The mean IoU of the network on a scene, 0 to 1.
    pub fn miou(&self, dataset: &DatasetSummary, scene: ScenePlace) -> Option<f32> {
        let split = dataset.splits.get(scene.split as usize)?;
        *self.scores(&split.name)?.miou.get(scene.index as usize)?
    }

    /// Changes whenever a list of such scenes may have to be made anew.
    pub fn revision(&self, wishes: &Wishes) -> [u64; 3] {
        let [data, survey, scores] = self.revisions;
        [data, if wishes.need_survey() { survey } else { 0 }, if wishes.need_scores() { scores } else { 0 }]
    }
}

/// Whether a survey is of this data set, as its classes are joined now.
fn is_of(survey: &DatasetSurvey, dataset: &DatasetSummary) -> bool {
    let scenes: usize = dataset.splits.iter().map(|split| split.ids.len()).sum();
    (&survey.path, &survey.classes) == (&dataset.path, &dataset.classes)
        && (survey.splits.len(), survey.total) == (dataset.splits.len(), scenes as u64)
}

fn bytes_of(thumbnail: &Thumbnail) -> usize {
    let frame = |frame: &Frame| match &frame.pixels {
        Pixels::Rgba(bytes) | Pixels::Errors(bytes) => bytes.len(),
        Pixels::Labels { ids, confidence } => ids.len() + confidence.len(),
        Pixels::Scalar { values, .. } => values.len(),
        Pixels::Categories { ids, .. } => ids.len(),
    };
    let pictures = thumbnail.sensors.iter().flatten().chain(&thumbnail.label);
    size_of::<Thumbnail>() + pictures.map(|picture| size_of::<Frame>() + frame(picture)).sum::<usize>()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(index: u32) -> ScenePlace {
        ScenePlace { split: 0, index }
    }

    fn thumbnail(index: u32, side: u32) -> Thumbnail {
        let pixels = Pixels::Rgba(vec![0; (4 * side * side) as usize]);
        let sensors = vec![Some(Frame { width: side, height: side, pixels })];
        Thumbnail { scene: place(index), sensors, ..Thumbnail::default() }
    }

    fn come(gallery: &mut Gallery, number: u64, thumbnails: Vec<Thumbnail>) {
        gallery.take(GalleryNews::Thumbnails { number, thumbnails }, None);
    }

    #[test]
    fn only_pictures_that_are_not_there_are_asked_for_and_those_of_another_data_set_are_left_out() {
        let mut gallery = Gallery::default();
        let sight = Sight { scenes: vec![place(0), place(1)], side_px: 64 };
        let first = gallery.request(&sight).unwrap();
        come(&mut gallery, first.number, vec![thumbnail(1, 8)]);
        let second = gallery.request(&sight).unwrap();
        assert_eq!((second.number, second.scenes), (first.number + 1, vec![place(0)]));
        come(&mut gallery, first.number, vec![thumbnail(0, 8)]);
        assert_eq!(gallery.request(&sight), None, "pictures of an older request are as good");
        gallery.open(&DatasetSummary::default());
        come(&mut gallery, second.number, vec![thumbnail(0, 8)]);
        assert!(gallery.thumbnail(place(0)).is_none(), "a scene of another data set");
        let third = gallery.request(&sight).unwrap();
        assert_eq!(third.scenes.len(), 2);
        come(&mut gallery, third.number, vec![thumbnail(0, 8)]);
        assert!(gallery.thumbnail(place(0)).is_some());
    }

    #[test]
    fn larger_pictures_are_asked_for_anew_and_smaller_ones_that_come_late_are_left_out() {
        let mut gallery = Gallery::default();
        let sight = |side_px| Sight { scenes: vec![place(0)], side_px };
        let small = gallery.request(&sight(64)).unwrap();
        let large = gallery.request(&sight(128)).unwrap();
        come(&mut gallery, small.number, vec![thumbnail(0, 64)]);
        assert!(gallery.thumbnail(place(0)).is_none());
        come(&mut gallery, large.number, vec![thumbnail(0, 128)]);
        assert_eq!(gallery.request(&sight(128)), None);
    }

    #[test]
    fn what_another_data_set_holds_is_not_taken_for_what_this_one_does() {
        let mut gallery = Gallery::default();
        let dataset = |path: &str| DatasetSummary { path: path.into(), ..DatasetSummary::default() };
        let survey = DatasetSurvey { path: "/data/one".into(), ..DatasetSurvey::default() };
        let news = GalleryNews::Survey(Box::new(survey));
        gallery.take(news.clone(), Some(&dataset("/data/other")));
        gallery.take(news.clone(), None);
        assert!(gallery.survey().is_none());
        gallery.take(news, Some(&dataset("/data/one")));
        assert!(gallery.survey().is_some());
    }

    #[test]
    fn small_pictures_are_held_to_a_bound_and_the_oldest_go() {
        let mut gallery = Gallery::default();
        let number = gallery.request(&Sight { scenes: vec![place(0)], side_px: 512 }).unwrap().number;
        for index in 0..200 {
            come(&mut gallery, number, vec![thumbnail(index, 512)]);
            assert!(gallery.bytes <= MOST_BYTES);
        }
        assert!(gallery.thumbnail(place(0)).is_none() && gallery.thumbnail(place(199)).is_some());
        assert_eq!(gallery.arrived.len(), gallery.thumbnails.len());
        let kept: usize = gallery.thumbnails.values().map(|kept| bytes_of(kept)).sum();
        assert_eq!(kept, gallery.bytes);
    }

    #[test]
    fn a_list_changes_with_what_it_depends_on_and_with_nothing_else() {
        let mut gallery = Gallery::default();
        let all = Wishes::default();
        let cars = Wishes { classes: ["car".to_owned()].into(), ..Wishes::default() };
        let before = [&all, &cars].map(|wishes| gallery.revision(wishes));
        gallery.take(GalleryNews::Survey(Box::default()), Some(&DatasetSummary::default()));
        gallery.score(Vec::new());
        let after = [&all, &cars].map(|wishes| gallery.revision(wishes));
        assert_eq!(before[0], after[0]);
        assert_ne!(before[1], after[1]);
    }
}
