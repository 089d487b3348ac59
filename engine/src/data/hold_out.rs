//! Cutting a validation split from the training samples.

use std::collections::HashSet;

use super::entry::{SampleEntry, Split};

/// The share that is cut from `train` as `val` where a data set has none, unless a recipe names another.
pub(super) const HELD_OUT: f64 = 0.1;

/// What was cut from `train` as `val` because the data set has none, so that another share can be cut in its place.
#[derive(Clone, Debug)]
pub(super) struct HeldOut {
    /// The share of the samples, 0 to 1.
    pub(super) share: f64,
    /// Their places among the samples, and among those without a label; both empty where none were cut.
    places: [Vec<usize>; 2],
}

impl HeldOut {
    /// Cuts a share of `train` as `val`.
    pub(super) fn cut(splits: &mut Vec<Split>, share: f64) -> Self {
        let places = if share > 0.0 { hold_out(splits, "train", "val", share) } else { None };
        Self { share, places: places.unwrap_or_default() }
    }

    /// Puts back what was cut, in its old order, and cuts another share.
    pub(super) fn cut_anew(self, splits: &mut Vec<Split>, share: f64) -> Self {
        let Self { places: [samples, unlabelled], .. } = self;
        if let Some(at) = splits.iter().position(|split| split.name == "val" && split.held_out) {
            let held = splits.remove(at);
            if let Some(train) = splits.iter_mut().find(|split| split.name == "train") {
                put_back(&mut train.samples, held.samples, &samples);
                put_back(&mut train.unlabelled, held.unlabelled, &unlabelled);
            }
        }
        Self::cut(splits, share)
    }

    /// A sentence for those who open the data set; `None` where too few samples are there to cut any.
    pub(super) fn note(&self) -> Option<String> {
        let Self { share, places } = self;
        let what = "the data set has no validation split";
        if *share == 0.0 {
            return Some(format!(
                "{what} and `data.hold_out` is 0: all of `train` is trained on, and the last step is scored on `test` alone"
            ));
        }
        let cut = if *share == HELD_OUT { "a tenth".to_owned() } else { format!("a share of {share}") };
        let is_cut = places.iter().any(|places| !places.is_empty());
        is_cut.then(|| format!("{what}: {cut} of `train`, chosen by a hash of the id, is held out as `val`"))
    }
}

/// Moves `fraction` of one split to a new one: the samples whose id has the smallest hash, so that the choice depends
/// on no seed, not on which labels exist, and hardly changes when samples are added. Answers with the places that they
/// had, with a label and without; `None` where there are too few.
pub(super) fn hold_out(splits: &mut Vec<Split>, from: &str, name: &str, fraction: f64) -> Option<[Vec<usize>; 2]> {
    let source = splits.iter_mut().find(|split| split.name == from)?;
    if source.samples.len() < 2 {
        return None;
    }
    let all = || source.samples.iter().chain(&source.unlabelled);
    let total = all().count();
    let count = ((total as f64 * fraction).round() as usize).clamp(1, total - 1);
    let mut hashes: Vec<(u64, &str)> = all().map(|sample| (hash(sample.id()), sample.id())).collect();
    hashes.sort_unstable();
    let chosen: HashSet<String> = hashes[..count].iter().map(|(_, id)| (*id).to_owned()).collect();
    let is_chosen = |sample: &SampleEntry| chosen.contains(sample.id());
    let labelled = source.samples.iter().filter(|sample| is_chosen(sample)).count();
    if labelled == 0 || labelled == source.samples.len() {
        return None;
    }
    let places = |samples: &[SampleEntry]| {
        let held = samples.iter().enumerate().filter(|(_, sample)| is_chosen(sample));
        held.map(|(place, _)| place).collect()
    };
    let places = [places(&source.samples), places(&source.unlabelled)];
    let part = |samples: &mut Vec<SampleEntry>| {
        let (mut held, kept): (Vec<_>, _) = samples.drain(..).partition(is_chosen);
        *samples = kept;
        samples.shrink_to_fit();
        held.shrink_to_fit();
        held
    };
    let (samples, unlabelled) = (part(&mut source.samples), part(&mut source.unlabelled));
    splits.push(Split { name: name.to_owned(), held_out: true, samples, unlabelled });
    Some(places)
}

/// Puts samples back at the places that they had, which rise.
fn put_back(kept: &mut Vec<SampleEntry>, held: Vec<SampleEntry>, places: &[usize]) {
    let mut others = std::mem::take(kept).into_iter();
    for (sample, &place) in held.into_iter().zip(places) {
        kept.extend(others.by_ref().take(place.saturating_sub(kept.len())));
        kept.push(sample);
    }
    kept.extend(others);
}

/// FNV-1a with a final mix, so that ids that differ in their last digit alone fall far apart.
fn hash(id: &str) -> u64 {
    let fold = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    let mut hash = id.bytes().fold(0xcbf2_9ce4_8422_2325, fold);
    hash ^= hash >> 33;
    hash = hash.wrapping_mul(0xff51_afd7_ed55_8ccd);
    hash ^ (hash >> 33)
}

#[cfg(test)]
mod tests {
    use crate::data::Reading;
    use crate::data::fixture::{open, small, write};

    fn ids(dataset: &crate::data::Dataset, split: &str) -> Vec<String> {
        let split = dataset.split(split).map(|split| split.samples.as_slice()).unwrap_or_default();
        split.iter().map(|sample| sample.id().to_owned()).collect()
    }

    #[test]
    fn another_share_is_cut_out_of_the_whole_whatever_was_cut_before() {
        let root = tempfile::tempdir().unwrap();
        small(root.path(), 40);
        // Some without a label, which are cut as well.
        for id in ["0003N", "0004D", "0039N"] {
            std::fs::remove_file(root.path().join(format!("label/{id}.png"))).unwrap();
        }
        let opened = open(root.path()).unwrap();
        let read = |from: &crate::data::Dataset, hold_out: f64| {
            from.clone().read_as(&Reading { hold_out, ..Reading::default() }).unwrap()
        };
        let usual = read(&opened, 0.1);
        assert_eq!((ids(&usual, "train"), ids(&usual, "val")), (ids(&opened, "train"), ids(&opened, "val")));
        let none = read(&opened, 0.0);
        let all: Vec<String> = (0..40)
            .map(|scene| format!("{scene:04}{}", if scene % 2 == 0 { "D" } else { "N" }))
            .filter(|id| !["0003N", "0004D", "0039N"].contains(&id.as_str()))
            .collect();
        assert_eq!((ids(&none, "train"), ids(&none, "val").len()), (all, 0));
        assert!(none.notes.iter().any(|note| note.contains("`data.hold_out` is 0")), "{:?}", none.notes);
        let third = read(&none, 0.3);
        assert_eq!((ids(&third, "val").len() + third.split("val").unwrap().unlabelled.len()), 12);
        assert!(ids(&usual, "val").iter().all(|id| ids(&third, "val").contains(id)), "a smaller share is a part");
        assert_eq!(third.notes.iter().filter(|note| note.contains("no validation split")).count(), 1);
        let back = read(&read(&third, 0.0), 0.1);
        assert_eq!((&back.splits, &back.notes), (&opened.splits, &opened.notes));
    }

    #[test]
    fn a_data_set_with_a_validation_split_keeps_it_at_any_share() {
        let root = tempfile::tempdir().unwrap();
        small(root.path(), 10);
        let splits = "name = \"train\"\nids = [\"0001N\", \"0002D\"]\n[[splits]]\nname = \"val\"\nids = [\"0004D\"]";
        let text = crate::data::fixture::SMALL.replace("name = \"train\"", splits);
        write(root.path(), "dataset.toml", text.as_bytes());
        let opened = open(root.path()).unwrap();
        let none = opened.clone().read_as(&Reading { hold_out: 0.0, ..Reading::default() }).unwrap();
        assert_eq!((&none.splits, &none.notes), (&opened.splits, &opened.notes));
    }
}
