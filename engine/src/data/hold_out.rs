//! Cutting a validation split from the training samples.

use std::collections::HashSet;

use super::index::Split;

/// Moves `fraction` of one split to a new one: the samples whose id has the smallest hash, so that the choice depends on no
/// seed and hardly changes when samples are added. `false` where there are too few.
pub(super) fn hold_out(splits: &mut Vec<Split>, from: &str, name: &str, fraction: f64) -> bool {
    let Some(source) = splits.iter_mut().find(|split| split.name == from) else { return false };
    if source.samples.len() < 2 {
        return false;
    }
    let count = ((source.samples.len() as f64 * fraction).round() as usize).clamp(1, source.samples.len() - 1);
    let mut hashes: Vec<(u64, &str)> =
        source.samples.iter().map(|sample| (hash(&sample.id), sample.id.as_str())).collect();
    hashes.sort_unstable();
    let chosen: HashSet<String> = hashes[..count].iter().map(|(_, id)| (*id).to_owned()).collect();
    let (held, kept) = source.samples.drain(..).partition(|sample| chosen.contains(&sample.id));
    source.samples = kept;
    splits.push(Split { name: name.to_owned(), held_out: true, samples: held });
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
