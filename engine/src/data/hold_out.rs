//! Cutting a validation split from the training samples.

use std::collections::HashSet;

use super::entry::{SampleEntry, Split};

/// Moves `fraction` of one split to a new one: the samples whose id has the smallest hash, so that the choice depends
/// on no seed, not on which labels exist, and hardly changes when samples are added. `false` where there are too few.
pub(super) fn hold_out(splits: &mut Vec<Split>, from: &str, name: &str, fraction: f64) -> bool {
    let Some(source) = splits.iter_mut().find(|split| split.name == from) else { return false };
    if source.samples.len() < 2 {
        return false;
    }
    let all = || source.samples.iter().chain(&source.unlabelled);
    let total = all().count();
    let count = ((total as f64 * fraction).round() as usize).clamp(1, total - 1);
    let mut hashes: Vec<(u64, &str)> = all().map(|sample| (hash(&sample.id), sample.id.as_str())).collect();
    hashes.sort_unstable();
    let chosen: HashSet<String> = hashes[..count].iter().map(|(_, id)| (*id).to_owned()).collect();
    let is_chosen = |sample: &SampleEntry| chosen.contains(&sample.id);
    let labelled = source.samples.iter().filter(|sample| is_chosen(sample)).count();
    if labelled == 0 || labelled == source.samples.len() {
        return false;
    }
    let part = |samples: &mut Vec<SampleEntry>| {
        let (held, kept) = samples.drain(..).partition(is_chosen);
        *samples = kept;
        held
    };
    let (samples, unlabelled) = (part(&mut source.samples), part(&mut source.unlabelled));
    splits.push(Split { name: name.to_owned(), held_out: true, samples, unlabelled });
    true
}

/// FNV-1a with a final mix, so that ids that differ in their last digit alone fall far apart.
fn hash(id: &str) -> u64 {
    let fold = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    let mut hash = id.bytes().fold(0xcbf2_9ce4_8422_2325, fold);
    hash ^= hash >> 33;
    hash = hash.wrapping_mul(0xff51_afd7_ed55_8ccd);
    hash ^ (hash >> 33)
}
