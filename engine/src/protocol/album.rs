//! What a run keeps of pinned scenes as it trains: their predictions and watched maps at steps, evenly apart.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Steps of one scene that are kept at most, however small their pages are.
const MOST_PAGES: usize = 512;

/// A scene that runs keep pages of.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pin {
    /// The split's name.
    pub split: String,
    /// The scene's id.
    pub id: String,
    /// Names of the maps that are kept beside the predictions. Explanations are not: each would cost many predictions.
    #[serde(default)]
    pub watched: Vec<String>,
}

/// What runs keep of pinned scenes, how often and how much.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AlbumWish {
    /// The scenes; without any an album costs nothing.
    pub pins: Vec<Pin>,
    /// Steps from one page to the next, until the album is thinned.
    pub every: u64,
    /// Mebibytes that the pages of a run take at most.
    pub most_mib: u32,
}

impl AlbumWish {
    /// Steps from one page to the next unless the user says otherwise: a prediction takes about a third of the time of a
    /// step, so that a pinned scene costs a few parts in a hundred.
    pub const EVERY: u64 = 10;
    /// Mebibytes unless the user says otherwise.
    pub const MOST_MIB: u32 = 64;

    /// The bound in bytes.
    pub fn most_bytes(&self) -> u64 {
        u64::from(self.most_mib) << 20
    }
}

impl Default for AlbumWish {
    fn default() -> Self {
        Self { pins: Vec::new(), every: Self::EVERY, most_mib: Self::MOST_MIB }
    }
}

/// The pages that a run has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Album {
    /// Of which scenes.
    pub scenes: Vec<AlbumScene>,
    /// Steps from one page to the next: pages stand at multiples of it, and the first and the last of each scene wherever
    /// they are.
    pub every: u64,
}

/// The pages of one scene.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AlbumScene {
    /// The name of the data set.
    pub dataset: String,
    /// The split's name.
    pub split: String,
    /// The scene's id.
    pub id: String,
    /// The bytes of each page, by its step.
    pub pages: BTreeMap<u64, u64>,
}

impl AlbumScene {
    /// Whether they are of this scene.
    pub fn is_of(&self, dataset: &str, split: &str, id: &str) -> bool {
        (self.dataset.as_str(), self.split.as_str(), self.id.as_str()) == (dataset, split, id)
    }
}

impl Default for Album {
    fn default() -> Self {
        Self { scenes: Vec::new(), every: AlbumWish::EVERY }
    }
}

impl Album {
    /// The pages of a scene.
    pub fn scene(&self, dataset: &str, split: &str, id: &str) -> Option<&AlbumScene> {
        self.scenes.iter().find(|scene| scene.is_of(dataset, split, id))
    }

    /// What all pages take.
    pub fn bytes(&self) -> u64 {
        self.scenes.iter().flat_map(|scene| scene.pages.values()).sum()
    }

    /// Takes in the page of a scene, which stands behind its others, and returns those that go for it: place of the scene
    /// and step.
    ///
    /// Beyond the bound the distance of pages is doubled as often as it takes, for all scenes alike; the first and the
    /// last page of each stay. Where these alone are too much, the new page is among those that go.
    pub fn add(&mut self, place: usize, (step, bytes): (u64, u64), most_bytes: u64) -> Vec<(usize, u64)> {
        let mut gone = Vec::new();
        let pages = &mut self.scenes[place].pages;
        // One that stood there for being the last, as where a run was stopped, is so no longer.
        let last = pages.keys().skip(1).next_back().copied();
        if let Some(last) = last.filter(|last| *last < step && !last.is_multiple_of(self.every.max(1))) {
            pages.remove(&last);
            gone.push((place, last));
        }
        pages.insert(step, bytes);
        let is_over = |album: &Self| {
            album.bytes() > most_bytes || album.scenes.iter().any(|scene| scene.pages.len() > MOST_PAGES)
        };
        while is_over(self) && self.scenes.iter().any(|scene| scene.pages.len() > 2) {
            self.every = self.every.max(1).saturating_mul(2);
            self.thin(&mut gone);
        }
        if self.bytes() > most_bytes {
            self.scenes[place].pages.remove(&step);
            gone.push((place, step));
        }
        gone
    }

    fn thin(&mut self, gone: &mut Vec<(usize, u64)>) {
        for (place, scene) in self.scenes.iter_mut().enumerate() {
            let ends = [scene.pages.keys().next().copied(), scene.pages.keys().next_back().copied()];
            scene.pages.retain(|step, _| {
                let stays = step.is_multiple_of(self.every) || ends.contains(&Some(*step));
                if !stays {
                    gone.push((place, *step));
                }
                stays
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn album(scenes: usize, every: u64) -> Album {
        let scene = |number| AlbumScene { id: format!("{number}"), ..AlbumScene::default() };
        Album { scenes: (0..scenes).map(scene).collect(), every }
    }

    fn steps(album: &Album, place: usize) -> Vec<u64> {
        album.scenes[place].pages.keys().copied().collect()
    }

    #[test]
    fn a_full_album_drops_every_other_page_and_keeps_the_first_and_the_last() {
        let mut album = album(1, 10);
        for step in (0..=70).step_by(10) {
            assert_eq!(album.add(0, (step, 100), 800), []);
        }
        let gone = album.add(0, (80, 100), 800);
        assert_eq!(gone, [(0, 10), (0, 30), (0, 50), (0, 70)]);
        assert_eq!((steps(&album, 0), album.every), (vec![0, 20, 40, 60, 80], 20));
        // A run that ends elsewhere has its last page there, and one that goes on has none there.
        assert_eq!(album.add(0, (93, 100), 800), []);
        assert_eq!(album.add(0, (100, 100), 800), [(0, 93)]);
    }

    #[test]
    fn pages_that_are_too_large_for_the_bound_are_not_kept() {
        let mut album = album(1, 1);
        assert_eq!(album.add(0, (0, 600), 1000), []);
        assert_eq!(album.add(0, (1, 600), 1000), [(0, 1)]);
        assert_eq!(album.bytes(), 600);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        /// However many scenes, sizes and steps: within the bound, evenly, with the first and the newest.
        #[test]
        fn pages_stay_within_the_bound_and_evenly_apart(
            sizes in proptest::collection::vec(50_u64..400, 1..4),
            every in 1_u64..7,
            pages in 1_u64..900,
            most in 2_500_u64..40_000,
        ) {
            let mut album = album(sizes.len(), every);
            let mut gone = 0;
            let mut made = 0;
            for step in (0..pages).map(|page| page * every) {
                if !step.is_multiple_of(album.every) {
                    continue;
                }
                for (place, size) in sizes.iter().enumerate() {
                    gone += album.add(place, (step, *size), most).len();
                    made += 1;
                    prop_assert!(album.bytes() <= most);
                    prop_assert_eq!(steps(&album, place).last().copied(), Some(step));
                }
            }
            let kept: usize = album.scenes.iter().map(|scene| scene.pages.len()).sum();
            prop_assert_eq!(kept + gone, made);
            for place in 0..sizes.len() {
                let steps = steps(&album, place);
                prop_assert!(steps.len() <= MOST_PAGES && steps[0] == 0);
                let inner = &steps[..steps.len() - 1];
                prop_assert!(inner.iter().all(|step| step.is_multiple_of(album.every)));
            }
        }
    }
}
