//! Looking at the files of all scenes, a few at a time.

use std::sync::Arc;

use super::block::Block;
use super::cache::Cache;
use super::fingerprint::{Fingerprint, preparation};
use crate::data::{Census, Dataset, SampleEntry, ValueTally};
use crate::protocol::{DatasetSurvey, FoundProblem, ScenePlace, SplitSurvey};

/// Scenes that are kept together.
const BLOCK: usize = 64;
/// Scenes that are read at once, on threads of their own: those of the training are left to it.
const READERS: usize = 2;

/// A survey of a data set under way. Blocks of scenes whose files are as they were are taken from the cache.
pub struct Surveying {
    dataset: Arc<Dataset>,
    how: Vec<u8>,
    /// Where the block in hand begins.
    at: ScenePlace,
    /// The block in hand, where its files must be read, and what it is made of.
    block: Option<(Fingerprint, Block)>,
    /// What was found in whole blocks, all splits together; of its problems nothing.
    all: Census,
    found: DatasetSurvey,
}

impl Surveying {
    /// Begins with nothing looked at.
    pub fn new(dataset: Arc<Dataset>) -> Self {
        let classes = dataset.classes.len();
        let split = SplitSurvey { pixels: vec![0; classes], scenes: vec![0; classes], ..SplitSurvey::default() };
        let found = DatasetSurvey {
            path: dataset.root.clone(),
            classes: dataset.classes.clone(),
            total: dataset.splits.iter().map(|split| split.samples.len() as u64).sum(),
            splits: vec![split; dataset.splits.len()],
            ..DatasetSurvey::default()
        };
        let mut surveying = Self {
            how: preparation(&dataset),
            at: ScenePlace::default(),
            block: None,
            all: Census::default(),
            found,
            dataset,
        };
        for problem in surveying.dataset.problems_on_opening() {
            surveying.tell(FoundProblem { scene: None, problem });
        }
        surveying.spread();
        surveying
    }

    /// The data set.
    pub fn dataset(&self) -> &Arc<Dataset> {
        &self.dataset
    }

    /// What was found so far.
    pub fn found(&self) -> &DatasetSurvey {
        &self.found
    }

    /// Takes the next block from the cache, or looks at the next few scenes.
    pub fn go_on(&mut self, cache: &Cache) {
        let dataset = Arc::clone(&self.dataset);
        let classes = dataset.classes.len();
        let Some(split) = dataset.splits.get(self.at.split as usize) else { return };
        let left = split.samples.get(self.at.index as usize..).unwrap_or_default();
        let scenes = &left[..left.len().min(BLOCK)];
        let (of, mut block) = if let Some(in_hand) = self.block.take() {
            in_hand
        } else {
            let of = Fingerprint::new("what a block of scenes holds", &self.how);
            let of = scenes.iter().fold(of, Fingerprint::with_files);
            let kept = cache.get(&of).and_then(|bytes| serde_json::from_slice::<Block>(&bytes).ok());
            if let Some(kept) = kept.filter(|kept| kept.fits(scenes.len(), classes)) {
                return self.take(kept);
            }
            (of, Block::default())
        };
        let next = &scenes[block.scenes..scenes.len().min(block.scenes + READERS)];
        for census in at_once(&dataset, next) {
            block.add(census, classes);
        }
        if block.scenes < scenes.len() {
            self.block = Some((of, block));
            return;
        }
        if let Ok(bytes) = serde_json::to_vec(&block) {
            cache.put(&of, &bytes);
        }
        self.take(block);
    }

    /// Adds a whole block to what was found, and goes to the next.
    fn take(&mut self, block: Block) {
        let Block { scenes, pixels, values, presence, shares, worst, problems } = block;
        for (place, problem) in problems {
            let scene = ScenePlace { split: self.at.split, index: self.at.index + place as u32 };
            self.tell(FoundProblem { scene: Some(scene), problem });
        }
        if let Some(split) = self.found.splits.get_mut(self.at.split as usize) {
            for (&id, &(count, with)) in &pixels {
                match (split.pixels.get_mut(usize::from(id)), split.scenes.get_mut(usize::from(id))) {
                    (Some(pixels), Some(scenes)) => {
                        *pixels += count;
                        *scenes += with;
                    }
                    _ => split.ignored += count,
                }
            }
            split.presence.extend(presence);
            split.class_shares.extend(shares);
            split.worst.extend(worst);
        }
        self.all.join(Census { pixels, values, ..Census::default() });
        self.found.done += scenes as u64;
        self.at.index += scenes as u32;
        let count = |split: u32| self.dataset.splits.get(split as usize).map(|split| split.samples.len());
        while count(self.at.split).is_some_and(|count| self.at.index as usize >= count) {
            self.at = ScenePlace { split: self.at.split + 1, index: 0 };
        }
        self.spread();
        if self.found.is_done() {
            for problem in self.dataset.problems_of_all(&self.all) {
                self.tell(FoundProblem { scene: None, problem });
            }
        }
    }

    fn tell(&mut self, problem: FoundProblem) {
        if self.found.problems.len() < DatasetSurvey::MOST_PROBLEMS {
            self.found.problems.push(problem);
        } else {
            self.found.further_problems += 1;
        }
    }

    fn spread(&mut self) {
        let none = ValueTally::default();
        let sensors = self.dataset.pictures.iter().enumerate();
        let sensors = sensors.map(|(place, files)| self.all.values.get(&place).unwrap_or(&none).spread(files));
        self.found.sensors = sensors.collect();
    }
}

/// Looks at scenes, all at once.
fn at_once(dataset: &Dataset, scenes: &[SampleEntry]) -> Vec<Census> {
    std::thread::scope(|scope| {
        let readers: Vec<_> = scenes.iter().map(|scene| scope.spawn(|| Census::of(dataset, scene))).collect();
        readers.into_iter().map(|reader| reader.join().unwrap_or_default()).collect()
    })
}
