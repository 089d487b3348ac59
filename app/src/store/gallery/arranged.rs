//! The scenes that are wanted, in the order that is wanted.

use std::cmp::Ordering;

use fusionscope_engine::protocol::{DatasetSummary, ScenePlace};

use super::{Gallery, Order, ProblemFilter, Wishes};

/// The scenes of a list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Arranged {
    /// From the first to the last.
    pub scenes: Vec<ScenePlace>,
    /// How many scenes the data set has.
    pub of: usize,
}

impl Arranged {
    /// The scenes as wished: one pass over all of them, and a sort of those that are left.
    pub fn of(dataset: &DatasetSummary, gallery: &Gallery, wishes: &Wishes) -> Self {
        let words: Vec<String> = wishes.words.split_whitespace().map(str::to_lowercase).collect();
        let class_ids = |names: &mut dyn Iterator<Item = &String>| -> Vec<usize> {
            names.filter_map(|name| dataset.classes.iter().position(|class| class == name)).collect()
        };
        let classes = class_ids(&mut wishes.classes.iter());
        let mut scenes = Vec::new();
        let mut of = 0;
        for (at, split) in dataset.splits.iter().enumerate() {
            of += split.ids.len();
            if wishes.split.as_ref().is_some_and(|wanted| *wanted != split.name) {
                continue;
            }
            for (index, id) in split.ids.iter().enumerate() {
                let scene = ScenePlace { split: at as u32, index: index as u32 };
                let tags = split.tags.get(index).map_or(&[][..], Vec::as_slice);
                let is_left = wishes.tags.iter().all(|tag| tags.contains(tag))
                    && (words.is_empty() || holds(id, &words))
                    && fits_survey(gallery, scene, &classes, wishes.problems)
                    && wishes.error.fits(gallery.miou(dataset, scene).filter(|_| wishes.need_scores()));
                if is_left {
                    scenes.push(scene);
                }
            }
        }
        sort(&mut scenes, dataset, gallery, wishes);
        Self { scenes, of }
    }
}

fn holds(id: &str, words: &[String]) -> bool {
    let id = id.to_lowercase();
    words.iter().all(|word| id.contains(word))
}

fn fits_survey(gallery: &Gallery, scene: ScenePlace, classes: &[usize], problems: ProblemFilter) -> bool {
    if classes.is_empty() && problems == ProblemFilter::Any {
        return true;
    }
    let Some(found) = gallery.surveyed(scene) else { return false };
    problems.fits(Some(found.worst)) && classes.iter().all(|&class| found.has_class(class))
}

/// Sorts; what has no figure comes last either way, and the order of the data set decides where nothing else does.
fn sort(scenes: &mut [ScenePlace], dataset: &DatasetSummary, gallery: &Gallery, wishes: &Wishes) {
    let is_turned = wishes.is_turned;
    match &wishes.order {
        Order::Listed if is_turned => scenes.reverse(),
        Order::Listed => {}
        Order::Id => {
            let id = |scene: ScenePlace| dataset.splits[scene.split as usize].ids[scene.index as usize].as_str();
            by_key(scenes, id, |one, other| if is_turned { other.cmp(one) } else { one.cmp(other) });
        }
        Order::Error => {
            by_key(scenes, |scene| gallery.miou(dataset, scene), |one, other| compared(*one, *other, is_turned));
        }
        Order::Class(class) => {
            let class = dataset.classes.iter().position(|known| known == class).unwrap_or(usize::MAX);
            let share = |scene| Some(-gallery.surveyed(scene)?.share(class));
            by_key(scenes, share, |one, other| compared(*one, *other, is_turned));
        }
    }
}

/// Sorts by a key that is worked out once a scene; scenes of one key stay in their order.
fn by_key<K>(scenes: &mut [ScenePlace], key: impl Fn(ScenePlace) -> K, mut compared: impl FnMut(&K, &K) -> Ordering) {
    let mut keyed: Vec<(K, ScenePlace)> = scenes.iter().map(|&scene| (key(scene), scene)).collect();
    keyed.sort_by(|(one, _), (other, _)| compared(one, other));
    for (place, (_, scene)) in scenes.iter_mut().zip(keyed) {
        *place = scene;
    }
}

/// The smallest figure first, or the largest.
fn compared(one: Option<f32>, other: Option<f32>, is_turned: bool) -> Ordering {
    match (one, other) {
        (Some(one), Some(other)) if is_turned => other.total_cmp(&one),
        (Some(one), Some(other)) => one.total_cmp(&other),
        (Some(_), None) => Ordering::Less,
        (None, Some(_)) => Ordering::Greater,
        (None, None) => Ordering::Equal,
    }
}

#[cfg(test)]
mod tests {
    use fusionscope_engine::protocol::{SceneScores, SplitSummary};

    use super::*;

    fn dataset() -> DatasetSummary {
        let split = |name: &str, ids: &[&str]| SplitSummary {
            name: name.to_owned(),
            ids: ids.iter().map(|&id| id.to_owned()).collect(),
            ..SplitSummary::default()
        };
        DatasetSummary { splits: vec![split("train", &["b", "d", "a"]), split("val", &["c"])], ..Default::default() }
    }

    fn listed(gallery: &Gallery, order: Order, is_turned: bool) -> String {
        let dataset = dataset();
        let list = Arranged::of(&dataset, gallery, &Wishes { order, is_turned, ..Wishes::default() });
        let id = |scene: &ScenePlace| dataset.splits[scene.split as usize].ids[scene.index as usize].as_str();
        list.scenes.iter().map(id).collect()
    }

    #[test]
    fn scenes_are_sorted_either_way_and_those_without_a_figure_come_last_both_ways() {
        let mut gallery = Gallery::default();
        let miou = vec![Some(0.5), None, Some(0.1)];
        gallery.score(vec![SceneScores { split: "train".to_owned(), miou, ..SceneScores::default() }]);
        let both = |order: Order| [false, true].map(|is_turned| listed(&gallery, order.clone(), is_turned));
        assert_eq!(both(Order::Listed), ["bdac", "cadb"]);
        assert_eq!(both(Order::Id), ["abcd", "dcba"]);
        assert_eq!(both(Order::Error), ["abdc", "badc"]);
    }
}
