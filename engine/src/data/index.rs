//! Which samples a data set's folder holds: ids from lists and folders, partners looked up, what is missing named.

mod captures;
mod notes;

use std::collections::{BTreeMap, HashSet};
use std::path::{Path, PathBuf};

use super::entry::{Lack, SampleEntry, Skipped, Split};
use super::error::DataError;
use super::folders::Folders;
use super::hold_out::{HELD_OUT, HeldOut, hold_out};
use super::listing::{base, columns, without_ending};
use super::manifest::{Manifest, SplitSource, TagRule};
use super::overlap::{Scenes, overlaps};
use super::pattern::Pattern;
use super::scene_table::{FoundScene, SceneTableBuilder};
use super::text::{MAX_LINE_BYTES, MAX_LIST_BYTES, checked_count, lines, read_text};
use crate::failure::short;
use crate::progress::{Progress, Stopped, disk, tell};
use crate::protocol::{Problem, Severity};

/// What was found.
pub(crate) struct Index {
    pub(crate) splits: Vec<Split>,
    /// What was cut as `val` because there is none.
    pub(super) held_out: Option<HeldOut>,
    pub(crate) skipped: Vec<Skipped>,
    pub(crate) notes: Vec<String>,
    /// Folders that could not be read, each with the reason; named in the notes too.
    pub(crate) unreadable: Vec<(PathBuf, DataError)>,
    /// What is wrong with lists, splits and names; the notes hold these sentences too.
    pub(crate) problems: Vec<Problem>,
    /// Splits that should have labels and have none.
    pub(crate) without_labels: Vec<WithoutLabels>,
}

/// A split that should have labels and has none.
#[derive(Clone, Debug)]
pub(crate) struct WithoutLabels {
    /// The first file that was looked for.
    pub(crate) path: PathBuf,
    /// Whether something lies nearly there.
    pub(crate) has_twin: bool,
    /// The sentence that the notes hold.
    pub(crate) text: String,
}

/// Asks whether to look at another file.
type GoesOn<'a> = &'a mut dyn FnMut() -> Result<(), Stopped>;

/// Ids whose label is missing, and where it should lie.
type Lost = Vec<(String, PathBuf)>;

struct Indexer<'a> {
    root: &'a Path,
    manifest: &'a Manifest,
    patterns: Vec<Pattern>,
    /// Of sensors that are joined from several files the further ones, each beside its sensor's place.
    joined: Vec<(usize, Pattern)>,
    mask: Option<Pattern>,
    label: Option<Pattern>,
    tags: Vec<(&'a TagRule, HashSet<String>)>,
    folders: Folders,
    skipped: Vec<Skipped>,
    unreadable: Vec<(PathBuf, DataError)>,
    notes: Vec<String>,
    problems: Vec<Problem>,
    without_labels: Vec<WithoutLabels>,
}

/// Looks up every sample of every split.
pub(crate) fn index(root: &Path, manifest: &Manifest, progress: &mut Progress<'_>) -> Result<Index, DataError> {
    let parse = |key: &str, text: &str| parsed(key, text, root);
    let patterns = manifest.modalities.iter().map(|modality| parse("modalities.pattern", &modality.pattern));
    let joined = (0..)
        .zip(&manifest.modalities)
        .flat_map(|(place, modality)| modality.join.iter().map(move |text| (place, text)));
    let joined = joined.map(|(place, text)| Ok::<_, DataError>((place, parse("modalities.join", text)?)));
    let mask = manifest.labels.as_ref().and_then(|labels| labels.mask.as_deref());
    let mut indexer = Indexer {
        root,
        joined: joined.collect::<Result<_, _>>()?,
        mask: mask.map(|mask| parse("labels.mask", mask)).transpose()?,
        manifest,
        patterns: patterns.collect::<Result<_, _>>()?,
        label: manifest.labels.as_ref().map(|labels| parse("labels.pattern", &labels.pattern)).transpose()?,
        tags: manifest.tags.iter().map(|tag| Ok((tag, listed_ids(root, tag)?))).collect::<Result<_, DataError>>()?,
        folders: Folders::default(),
        skipped: Vec::new(),
        unreadable: Vec::new(),
        notes: Vec::new(),
        problems: Vec::new(),
        without_labels: Vec::new(),
    };
    let mut splits = Vec::new();
    for source in manifest.splits.iter().filter(|source| source.from.is_none()) {
        splits.push(indexer.split(source, progress)?);
    }
    for source in &manifest.splits {
        if let (Some(from), Some(fraction)) = (&source.from, source.fraction)
            && hold_out(&mut splits, from, &source.name, fraction).is_none()
        {
            let text = format!("split `{}` came out empty: `{from}` has too few samples to hold any out", source.name);
            indexer.problem(Severity::Error, text, root);
        }
    }
    let has = |name: &str| splits.iter().any(|split: &Split| split.name == name);
    let held_out = (has("train") && !has("val")).then(|| HeldOut::cut(&mut splits, HELD_OUT));
    indexer.notes.extend(held_out.as_ref().and_then(HeldOut::note));
    for (severity, text) in overlaps(&splits.iter().map(scenes_of).collect::<Vec<_>>()) {
        match severity {
            Some(severity) => indexer.problem(severity, text, root),
            None => indexer.notes.push(text),
        }
    }
    let Indexer { skipped, unreadable, notes, problems, without_labels, .. } = indexer;
    splits.retain(|split| !split.samples.is_empty());
    if splits.is_empty() {
        let example = manifest.modalities.first().map_or("", |modality| modality.pattern.as_str());
        let reason = format!("no file fits `{example}`, or its partners are missing; {}", notes.join("; "));
        return Err(DataError::NoSamples { reason, path: root.to_owned() });
    }
    Ok(Index { splits, held_out, skipped, notes, unreadable, problems, without_labels })
}

fn scenes_of(split: &Split) -> Scenes<'_> {
    let scenes = split.samples.iter().filter_map(|sample| Some((sample.id(), sample.file(0)?)));
    Scenes { split: &split.name, scenes: scenes.collect() }
}

fn parsed(key: &str, text: &str, root: &Path) -> Result<Pattern, DataError> {
    Pattern::parse(text).map_err(|found| DataError::ManifestValue {
        key: key.to_owned(),
        expected: "a path relative to the manifest".to_owned(),
        found,
        path: root.to_owned(),
    })
}

/// A list's text.
fn list_text(path: &Path, what: &str) -> Result<String, DataError> {
    let text = read_text(path, what, MAX_LIST_BYTES)?;
    checked_count(&text, what, path)?;
    Ok(text)
}

fn listed_ids(root: &Path, tag: &TagRule) -> Result<HashSet<String>, DataError> {
    let Some(list) = &tag.list else { return Ok(HashSet::new()) };
    let text = list_text(&root.join(list), &format!("the list of tag {}", tag.name))?;
    let tokens = lines(&text)
        .filter(|line| line.len() <= MAX_LINE_BYTES)
        .flat_map(|line| [line.to_owned()].into_iter().chain(columns(line).into_iter().next()));
    let stems = tokens.flat_map(|token| [without_ending(base(&token)).to_owned(), token]);
    Ok(stems.collect())
}

impl Indexer<'_> {
    fn split(&mut self, source: &SplitSource, progress: &mut Progress<'_>) -> Result<Split, DataError> {
        let folder = source.folder.as_deref().unwrap_or(&source.name).to_owned();
        let what = format!("Indexing {} ({})", self.manifest.name, source.name);
        let wanted = self.captures(source, &folder, &mut |done| tell(progress, &what, done, 0))?;
        let total = wanted.len() as u64;
        let (mut samples, mut seen, mut twice) = (Vec::new(), HashSet::new(), 0);
        let mut table = SceneTableBuilder::new(self.root);
        let (mut lacking, mut rivals) = (Vec::new(), BTreeMap::new());
        for (done, captures) in wanted.into_iter().enumerate() {
            tell(progress, &what, done as u64, total)?;
            let id = captures.iter().map(|(_, value)| value.as_str()).collect::<Vec<_>>().join("/");
            if !seen.insert(id.clone()) {
                twice += 1;
                continue;
            }
            let mut files: Vec<PathBuf> = Vec::with_capacity(self.patterns.len());
            for (pattern, modality) in self.patterns.iter().zip(&self.manifest.modalities) {
                let mut paths = pattern.paths(self.root, &folder, &captures, &self.folders);
                if let [taken, other, ..] = paths.as_slice() {
                    let first = (taken.clone(), other.clone());
                    rivals.entry(modality.name.as_str()).or_insert((0, first)).0 += 1;
                }
                files.push(paths.swap_remove(0));
            }
            let path = |pattern: &Pattern| pattern.path(self.root, &folder, &captures, &self.folders);
            let joined: Vec<_> = self.joined.iter().map(|(place, pattern)| (*place, path(pattern))).collect();
            let all = files.iter().enumerate().chain(joined.iter().map(|(place, file)| (*place, file)));
            let missing: Vec<(usize, &PathBuf)> = all.filter(|(_, file)| !disk::is_file(file)).collect();
            if let Some(&(first, path)) = missing.first() {
                let lack = if missing.len() == files.len() + joined.len() {
                    Lack::Everything
                } else {
                    Lack::Modality(self.manifest.modalities[first].name.clone())
                };
                lacking.push(Skipped { split: source.name.clone(), id, lack, path: path.clone() });
                continue;
            }
            let (label, mask) = (self.label.as_ref().map(path), self.mask.as_ref().map(path));
            table.add(FoundScene { tags: self.tags_of(&id, &files[0]), id, files, joined, label, mask });
            if table.is_full() {
                let full = std::mem::replace(&mut table, SceneTableBuilder::new(self.root));
                samples.extend(SampleEntry::all_of(full.finish()));
            }
        }
        samples.extend(SampleEntry::all_of(table.finish()));
        let mut goes_on = || tell(progress, &what, total, total);
        goes_on()?;
        if twice > 0 {
            self.notes.push(format!("split `{}`: {twice} ids are listed more than once; they count once", source.name));
        }
        for (sensor, (count, (taken, other))) in rivals {
            let text = format!(
                "split `{}`: {count} ids have more than one {sensor} image, such as {} and {}; the first is taken",
                source.name,
                taken.display(),
                other.display()
            );
            self.problem(Severity::Warning, text, &taken);
        }
        let looked_for = samples.first().and_then(SampleEntry::label);
        let (unlabelled, denied) = drop_unlabelled(&mut samples, &mut goes_on)?;
        if let Some(path) = looked_for.filter(|_| !samples.iter().any(SampleEntry::has_label)) {
            self.note_without_labels(&source.name, path);
        }
        lacking.extend(denied.into_iter().map(|(id, path)| Skipped {
            split: source.name.clone(),
            id,
            lack: Lack::Label,
            path,
        }));
        if samples.is_empty() {
            self.note_empty(source, total, &lacking);
        }
        self.note(&source.name, &lacking);
        self.note_unreadable(&source.name, unreadable(&lacking, &mut goes_on)?);
        self.skipped.extend(lacking);
        Ok(Split { name: source.name.clone(), held_out: false, samples, unlabelled })
    }

    fn tags_of(&self, id: &str, file: &Path) -> Vec<String> {
        let relative = file.strip_prefix(self.root).unwrap_or(file).to_string_lossy();
        let carries = |(tag, listed): &&(&TagRule, HashSet<String>)| {
            tag.suffix.as_deref().is_some_and(|suffix| id.ends_with(suffix))
                || tag.contains.as_deref().is_some_and(|part| id.contains(part) || relative.contains(part))
                || listed.contains(id)
                || id.split('/').any(|step| listed.contains(step))
        };
        self.tags.iter().filter(carries).map(|(tag, _)| tag.name.clone()).collect()
    }
}

/// The folders of missing files that could not be looked into, each with the reason.
fn unreadable(lacking: &[Skipped], goes_on: GoesOn<'_>) -> Result<Vec<(PathBuf, DataError)>, Stopped> {
    let mut folders: BTreeMap<&Path, std::io::Error> = BTreeMap::new();
    for skipped in lacking {
        goes_on()?;
        if let (Some(folder), Err(error)) = (skipped.path.parent(), disk::try_exists(&skipped.path)) {
            folders.insert(folder, error);
        }
    }
    let named = |(folder, error): (&Path, _)| {
        (folder.to_owned(), DataError::unreadable("a folder of the data set", folder, &error))
    };
    Ok(folders.into_iter().map(named).collect())
}

/// Labels that do not exist: where a whole split has none it stays as unlabelled, else the samples without are dropped,
/// as they are where nobody can tell. Returns those that were dropped without a label, and their ids and labels'
/// places.
fn drop_unlabelled(samples: &mut Vec<SampleEntry>, goes_on: GoesOn<'_>) -> Result<(Vec<SampleEntry>, Lost), Stopped> {
    let mut labelled = Vec::with_capacity(samples.len());
    for sample in samples.iter() {
        goes_on()?;
        labelled.push(sample.label().is_some_and(|file| disk::is_file(&file)));
    }
    if labelled.iter().all(|&yes| yes) {
        return Ok((Vec::new(), Vec::new()));
    }
    let mut denied = false;
    for path in
        samples.iter().zip(&labelled).filter(|(_, labelled)| !**labelled).filter_map(|(sample, _)| sample.label())
    {
        goes_on()?;
        denied |= disk::try_exists(&path).is_err();
    }
    if labelled.iter().all(|&yes| !yes) && !denied {
        for sample in samples.iter_mut() {
            *sample = sample.without_label();
        }
        return Ok((Vec::new(), Vec::new()));
    }
    let (mut kept, mut without, mut dropped) = (Vec::new(), Vec::new(), Vec::new());
    for (sample, labelled) in samples.drain(..).zip(labelled) {
        if labelled {
            kept.push(sample);
        } else {
            without.push(sample.without_label());
            dropped.push((sample.id().to_owned(), sample.label().unwrap_or_default()));
        }
    }
    kept.shrink_to_fit();
    without.shrink_to_fit();
    *samples = kept;
    Ok((without, dropped))
}

/// The first few names, and how many more there are.
pub(crate) fn some(names: &[String]) -> String {
    const SHOWN: usize = 5;
    let shown = names.iter().take(SHOWN).map(|name| short(name)).collect::<Vec<_>>().join(", ");
    if names.len() > SHOWN { format!("{shown} and {} more", names.len() - SHOWN) } else { shown }
}
