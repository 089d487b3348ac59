//! Which scenes a phase of training draws, and whose labels it may read.
//!
//! With domain adaptation on, only scenes of the source domain have labels here. Those of the target domain lose theirs
//! before anything is opened, so no label of theirs is ever read in training, right, wrong or absent.

use std::path::PathBuf;
use std::sync::Arc;

use rand::seq::SliceRandom as _;

use super::batch::sensors_in_use;
use super::dataset::Dataset;
use super::entry::SampleEntry;
use super::error::DataError;
use super::fraction::by_classes;
use super::pseudo::{StandInFiles, check_card, with_pseudo_labels};
use crate::progress::Progress;
use crate::random::Streams;
use crate::recipe::catalogue::data::Drawing;
use crate::recipe::catalogue::{adaptation, data, training};
use crate::recipe::{Key, Recipe};

/// Which scenes are drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mix {
    /// All that are labelled; with domain adaptation on, those of the source domain (stage 1).
    Labelled,
    /// Half a batch of the source domain, with labels, half of the target domain, without (stage 2).
    Domains,
}

/// A domain of a scene.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Domain {
    /// Its labels are trained on.
    Source,
    /// Its labels are never read.
    Target,
}

impl Domain {
    /// The domain of a scene with these condition tags, `None` for a scene of neither. A scene that carries both tags
    /// is of the target. Where the source has no tag of its own, it is every scene that is not of the target.
    pub fn of(tags: &[String], recipe: &Recipe) -> Option<Self> {
        let carries = |tag: Key<String>| tags.iter().any(|known| known == recipe.get(tag));
        if carries(adaptation::TARGET) {
            return Some(Self::Target);
        }
        (recipe.get(adaptation::SOURCE).is_empty() || carries(adaptation::SOURCE)).then_some(Self::Source)
    }
}

/// Scenes that take turns in filling their share of each batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Pool {
    /// The random stream that orders them.
    pub(crate) stream: &'static str,
    /// Places in [`Drawn::samples`].
    pub(crate) members: Vec<usize>,
    /// Scenes of each batch.
    pub(crate) share: usize,
}

/// What a phase draws from.
pub(crate) struct Drawn {
    /// The data set, reading pseudo-labels where there are any.
    pub(crate) dataset: Arc<Dataset>,
    pub(crate) samples: Vec<SampleEntry>,
    pub(crate) pools: Vec<Pool>,
    /// Images that may take the place of a sensor's own.
    pub(crate) fakes: Option<Fakes>,
    /// Sentences on what is used and what is not.
    pub(crate) notes: Vec<String>,
}

/// Another hour's images of one sensor: the whole of a batch takes them, or none.
pub(crate) struct Fakes {
    /// The data set, reading that sensor from a file of its own.
    pub(crate) dataset: Arc<Dataset>,
    /// By place in [`Drawn::samples`]; `None` where a sample has none.
    pub(crate) samples: Vec<Option<SampleEntry>>,
    /// Probability that a batch takes them.
    pub(crate) share: f32,
}

/// The scenes of a split as a phase draws them.
pub(crate) fn draw(
    dataset: Arc<Dataset>,
    split: &str,
    recipe: &Recipe,
    mix: Mix,
    progress: &mut Progress<'_>,
) -> Result<Drawn, DataError> {
    let adapts = recipe.get(adaptation::ENABLED);
    let found = dataset.split(split)?;
    let mut notes = Vec::new();
    let (mut source, mut target, mut neither) = (Vec::new(), Vec::new(), 0);
    if adapts {
        for sample in found.samples.iter().chain(&found.unlabelled) {
            match Domain::of(sample.tags(), recipe) {
                Some(Domain::Source) => source.push(sample.clone()),
                Some(Domain::Target) => target.push(sample.without_label()),
                None => neither += 1,
            }
        }
        // Whether a label exists decides in which list a scene stands; it shall not decide in which batch.
        source.sort_by(|left, right| left.id().cmp(right.id()));
        target.sort_by(|left, right| left.id().cmp(right.id()));
    } else {
        source.clone_from(&found.samples);
    }
    chosen(&mut source, split, recipe, &dataset, &mut notes, progress)?;
    let (source_tag, target_tag) = (recipe.get(adaptation::SOURCE), recipe.get(adaptation::TARGET));
    if adapts && source.is_empty() {
        return Err(no_scenes(adaptation::SOURCE, source_tag, split, &dataset));
    }
    if mix == Mix::Domains && target.is_empty() {
        return Err(no_scenes(adaptation::TARGET, target_tag, split, &dataset));
    }
    let dataset = labelled(&dataset, recipe, &mut source, &mut notes, progress)?;
    if adapts {
        let before = source.len();
        source.retain(SampleEntry::has_label);
        if source.len() < before {
            notes.push(format!("{} scenes of the source domain have no label and are left out", before - source.len()));
        }
        if neither > 0 {
            notes.push(format!(
                "{neither} scenes are neither tagged `{source_tag}` nor `{target_tag}` and are left out"
            ));
        }
        let (kind, others) = (domain_words(source_tag, target_tag), target.len());
        notes.push(match mix {
            Mix::Labelled => format!("trained on {} scenes of {kind}; {others} of `{target_tag}` wait", source.len()),
            Mix::Domains => format!(
                "half of each batch comes from {} labelled scenes of {kind}, half from {others} of `{target_tag}`, whose \
                 labels are not read",
                source.len()
            ),
        });
    }
    if !source.iter().any(SampleEntry::has_label) {
        return Err(DataError::NoLabels { split: split.to_owned() });
    }
    let batch = recipe.get(data::BATCH_SIZE).max(1);
    let count = source.len();
    let mut samples = source;
    let pools = match mix {
        Mix::Labelled => vec![Pool { stream: "order", members: (0..count).collect(), share: batch }],
        Mix::Domains => {
            samples.extend(target);
            let members = (count..samples.len()).collect();
            vec![
                Pool { stream: "order.source", members: (0..count).collect(), share: batch - batch / 2 },
                Pool { stream: "order.target", members, share: batch / 2 },
            ]
        }
    };
    let fakes = if mix == Mix::Labelled { fakes(&dataset, recipe, &samples, &mut notes, progress)? } else { None };
    Ok(Drawn { dataset, samples, pools, fakes, notes })
}

/// Leaves of the labelled scenes those that the recipe trains on: of one tag, and of these a share.
fn chosen(
    source: &mut Vec<SampleEntry>,
    split: &str,
    recipe: &Recipe,
    dataset: &Dataset,
    notes: &mut Vec<String>,
    progress: &mut Progress<'_>,
) -> Result<(), DataError> {
    let (tag, share, all) = (recipe.get(data::TAG), recipe.get(data::FRACTION), source.len());
    if !tag.is_empty() {
        source.retain(|sample| sample.tags().iter().any(|known| known == tag));
        if source.is_empty() && all > 0 {
            return Err(no_scenes(data::TAG, tag, split, dataset));
        }
    }
    if share < 1.0 {
        let streams = Streams::new(recipe.get(training::SEED));
        let count = ((source.len() as f64 * share).round() as usize).max(1);
        let order = match recipe.get(data::FRACTION_BY) {
            Drawing::Scenes => {
                let mut order: Vec<usize> = (0..source.len()).collect();
                order.shuffle(&mut streams.stream("fraction", 0));
                order.truncate(count);
                order.sort_unstable();
                order
            }
            Drawing::Classes => by_classes(dataset, source, count, streams, progress)?,
        };
        *source = order.into_iter().map(|at| source[at].clone()).collect();
    }
    if source.len() < all {
        let tagged = if tag.is_empty() { String::new() } else { format!(" tagged `{tag}`") };
        notes.push(format!("trained on {} of {all} labelled scenes{tagged}", source.len()));
    }
    Ok(())
}

/// The adapted sensor's images as a generator made them, where the recipe names some and there are any.
fn fakes(
    dataset: &Arc<Dataset>,
    recipe: &Recipe,
    samples: &[SampleEntry],
    notes: &mut Vec<String>,
    progress: &mut Progress<'_>,
) -> Result<Option<Fakes>, DataError> {
    let (key, place) = (data::fake_night::FILES.id(), recipe.get(data::fake_night::FILES));
    let Some(files) = StandInFiles::from_setting(key, place, dataset)? else { return Ok(None) };
    let sensor = match recipe.get(adaptation::SENSOR) {
        "" => sensors_in_use(recipe, dataset)?.last().copied().unwrap_or_default(),
        name => dataset.modality_index(name)?,
    };
    let found = files.of_all(samples, progress)?;
    let faked = |(sample, file): (&SampleEntry, Option<PathBuf>)| Some(sample.with_file(sensor, file?));
    let faked: Vec<Option<SampleEntry>> = samples.iter().zip(found).map(faked).collect();
    let count = faked.iter().flatten().count();
    let name = &dataset.modalities[sensor].name;
    if count == 0 {
        if !files.is_optional() {
            return Err(DataError::stand_ins(key, format!("no scene has a {name} image there"), &files.place()));
        }
        notes.push(format!("the data set has no images at `{place}`: no {name} image is replaced"));
        return Ok(None);
    }
    notes.push(format!("{count} scenes have a second {name} image at `{place}`"));
    let mut own = Dataset::clone(dataset);
    // Two sensors may share one file; a second image stands alone.
    own.pictures[sensor].first_channel = None;
    let share = recipe.get(data::fake_night::SHARE) as f32;
    Ok(Some(Fakes { dataset: Arc::new(own), samples: faked, share }))
}

/// Puts pseudo-labels in place of ground truth where the recipe names some.
fn labelled(
    dataset: &Arc<Dataset>,
    recipe: &Recipe,
    source: &mut Vec<SampleEntry>,
    notes: &mut Vec<String>,
    progress: &mut Progress<'_>,
) -> Result<Arc<Dataset>, DataError> {
    let (key, place) = (data::pseudo_labels::FILES.id(), recipe.get(data::pseudo_labels::FILES));
    let Some(files) = StandInFiles::from_setting(key, place, dataset)? else {
        return Ok(Arc::clone(dataset));
    };
    let found = files.of_all(source, progress)?;
    if found.iter().all(Option::is_none) {
        if !files.is_optional() {
            let example = source.first().map_or(String::new(), |sample| super::pseudo::label_file_name(sample.id()));
            let reason = format!("none of the {} scenes has a file there, such as `{example}`", source.len());
            return Err(DataError::stand_ins(key, reason, &files.place()));
        }
        notes.push(format!("the data set has no pseudo-labels at `{place}`: it is trained on its ground truth"));
        return Ok(Arc::clone(dataset));
    }
    if let StandInFiles::Folder(folder) = &files {
        notes.extend(check_card(folder, dataset)?);
    }
    let lacking = with_pseudo_labels(source, found);
    notes.push(format!("{} scenes are trained on pseudo-labels in place of ground truth", source.len()));
    if lacking > 0 {
        notes.push(format!("{lacking} scenes have no pseudo-label and are left out"));
    }
    Ok(Arc::new(dataset.with_plain_labels()))
}

fn domain_words(source: &str, target: &str) -> String {
    if source.is_empty() { format!("all but `{target}`") } else { format!("`{source}`") }
}

fn no_scenes(key: Key<String>, tag: &str, split: &str, dataset: &Dataset) -> DataError {
    let tags: std::collections::BTreeSet<&str> = dataset
        .splits
        .iter()
        .flat_map(|split| &split.samples)
        .flat_map(SampleEntry::tags)
        .map(String::as_str)
        .collect();
    let known = tags.into_iter().collect::<Vec<_>>().join(", ");
    DataError::NoDomain {
        key: key.id().to_owned(),
        tag: tag.to_owned(),
        split: split.to_owned(),
        known: if known.is_empty() { "none".to_owned() } else { known },
    }
}
