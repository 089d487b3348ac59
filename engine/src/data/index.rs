//! Which samples a data set's folder holds: ids from lists and folders, partners looked up, what is missing named.

use std::collections::{BTreeMap, HashSet};
use std::path::{Path, PathBuf};

use super::error::DataError;
use super::hold_out::hold_out;
use super::listing::{base, captures_of, captures_of_line, first_column, ordered, without_extension};
use super::manifest::{Manifest, SplitSource, TagRule};
use super::pattern::{Captures, Pattern};
use super::text::{lines, read_text};
use crate::progress::{Progress, Stopped, disk, tell};

/// One scene's files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SampleEntry {
    /// The id, unique in its split.
    pub id: String,
    /// Condition tags such as `night`.
    pub tags: Vec<String>,
    /// One file a modality, in the manifest's order.
    pub files: Vec<PathBuf>,
    /// The label's file; `None` for unlabelled scenes.
    pub label: Option<PathBuf>,
}

/// Samples that belong together: `train`, `val`, `test`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Split {
    /// The name.
    pub name: String,
    /// Whether it was cut from another split.
    pub held_out: bool,
    /// The samples, in the order of their list.
    pub samples: Vec<SampleEntry>,
    /// Complete but for a label that the split's other samples have: left out, but for domains that are trained on without labels.
    pub unlabelled: Vec<SampleEntry>,
}

/// Why a sample was left out of its split.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lack {
    /// It is listed, and no file of it exists.
    Everything,
    /// A sensor's image is missing.
    Modality(String),
    /// Its label is missing, where others of the split have theirs.
    Label,
}

/// A sample that was left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Skipped {
    /// The split.
    pub split: String,
    /// The sample's id.
    pub id: String,
    /// What is missing.
    pub lack: Lack,
    /// The file that was looked for.
    pub path: PathBuf,
}

/// What was found.
pub(crate) struct Index {
    pub(crate) splits: Vec<Split>,
    pub(crate) skipped: Vec<Skipped>,
    pub(crate) notes: Vec<String>,
    /// Folders that could not be read, each with the reason; named in the notes too.
    pub(crate) unreadable: Vec<(PathBuf, DataError)>,
}

/// The share of `train` that becomes `val` where the folder has no validation split.
const HELD_OUT: f64 = 0.1;

/// Asks whether to look at another file.
type GoesOn<'a> = &'a mut dyn FnMut() -> Result<(), Stopped>;

struct Indexer<'a> {
    root: &'a Path,
    manifest: &'a Manifest,
    patterns: Vec<Pattern>,
    label: Option<Pattern>,
    tags: Vec<(&'a TagRule, HashSet<String>)>,
    skipped: Vec<Skipped>,
    unreadable: Vec<(PathBuf, DataError)>,
    notes: Vec<String>,
}

/// Looks up every sample of every split.
pub(crate) fn index(root: &Path, manifest: &Manifest, progress: &mut Progress<'_>) -> Result<Index, DataError> {
    let parse = |key: &str, text: &str| parsed(key, text, root);
    let patterns = manifest.modalities.iter().map(|modality| parse("modalities.pattern", &modality.pattern));
    let mut indexer = Indexer {
        root,
        manifest,
        patterns: patterns.collect::<Result<_, _>>()?,
        label: manifest.labels.as_ref().map(|labels| parse("labels.pattern", &labels.pattern)).transpose()?,
        tags: manifest.tags.iter().map(|tag| Ok((tag, listed_ids(root, tag)?))).collect::<Result<_, DataError>>()?,
        skipped: Vec::new(),
        unreadable: Vec::new(),
        notes: Vec::new(),
    };
    let mut splits = Vec::new();
    for source in manifest.splits.iter().filter(|source| source.from.is_none()) {
        splits.push(indexer.split(source, progress)?);
    }
    for source in &manifest.splits {
        if let (Some(from), Some(fraction)) = (&source.from, source.fraction) {
            hold_out(&mut splits, from, &source.name, fraction);
        }
    }
    let has = |name: &str| splits.iter().any(|split: &Split| split.name == name);
    if has("train") && !has("val") && hold_out(&mut splits, "train", "val", HELD_OUT) {
        indexer.notes.push(
            "the data set has no validation split: a tenth of `train`, chosen by a hash of the id, is held out as `val`"
                .to_owned(),
        );
    }
    let Indexer { skipped, unreadable, mut notes, .. } = indexer;
    for split in splits.iter().filter(|split| split.samples.is_empty()) {
        notes.push(format!("split `{}` has no usable sample and is left out", split.name));
    }
    splits.retain(|split| !split.samples.is_empty());
    if splits.is_empty() {
        let example = manifest.modalities.first().map_or("", |modality| modality.pattern.as_str());
        let reason = format!("no file fits `{example}`, or its partners are missing; {}", notes.join("; "));
        return Err(DataError::NoSamples { reason, path: root.to_owned() });
    }
    Ok(Index { splits, skipped, notes, unreadable })
}

fn parsed(key: &str, text: &str, root: &Path) -> Result<Pattern, DataError> {
    Pattern::parse(text).map_err(|found| DataError::ManifestValue {
        key: key.to_owned(),
        expected: "a path relative to the manifest".to_owned(),
        found,
        path: root.to_owned(),
    })
}

fn listed_ids(root: &Path, tag: &TagRule) -> Result<HashSet<String>, DataError> {
    let Some(list) = &tag.list else { return Ok(HashSet::new()) };
    let text = read_text(&root.join(list), &format!("the list of tag {}", tag.name))?;
    let stems = lines(&text)
        .flat_map(|line| [line, first_column(line)])
        .flat_map(|token| [token, without_extension(base(token))]);
    Ok(stems.map(str::to_owned).collect())
}

impl Indexer<'_> {
    fn split(&mut self, source: &SplitSource, progress: &mut Progress<'_>) -> Result<Split, DataError> {
        let folder = source.folder.as_deref().unwrap_or(&source.name).to_owned();
        let what = format!("Indexing {} ({})", self.manifest.name, source.name);
        let wanted = self.captures(source, &folder, &mut |done| tell(progress, &what, done, 0))?;
        let total = wanted.len() as u64;
        let (mut samples, mut seen, mut twice) = (Vec::new(), HashSet::new(), 0);
        let mut lacking = Vec::new();
        for (done, captures) in wanted.into_iter().enumerate() {
            tell(progress, &what, done as u64, total)?;
            let id = captures.iter().map(|(_, value)| value.as_str()).collect::<Vec<_>>().join("/");
            if !seen.insert(id.clone()) {
                twice += 1;
                continue;
            }
            let files: Vec<PathBuf> =
                self.patterns.iter().map(|pattern| pattern.path(self.root, &folder, &captures)).collect();
            let missing: Vec<usize> = (0..files.len()).filter(|&index| !disk::is_file(&files[index])).collect();
            if let Some(&first) = missing.first() {
                let lack = if missing.len() == files.len() {
                    Lack::Everything
                } else {
                    Lack::Modality(self.manifest.modalities[first].name.clone())
                };
                lacking.push(Skipped { split: source.name.clone(), id, lack, path: files[first].clone() });
                continue;
            }
            let label = self.label.as_ref().map(|pattern| pattern.path(self.root, &folder, &captures));
            samples.push(SampleEntry { tags: self.tags_of(&id, &files[0]), id, files, label });
        }
        let mut goes_on = || tell(progress, &what, total, total);
        goes_on()?;
        if twice > 0 {
            self.notes.push(format!("split `{}`: {twice} ids are listed more than once; they count once", source.name));
        }
        let (unlabelled, denied) =
            drop_unlabelled(&mut samples, &source.name, &mut self.notes, self.label.is_some(), &mut goes_on)?;
        lacking.extend(denied);
        self.note(&source.name, &lacking);
        self.note_unreadable(&source.name, unreadable(&lacking, &mut goes_on)?);
        self.skipped.extend(lacking);
        Ok(Split { name: source.name.clone(), held_out: false, samples, unlabelled })
    }

    /// The placeholders' values of each sample that a split asks for.
    fn captures(
        &mut self,
        source: &SplitSource,
        folder: &str,
        goes_on: &mut dyn FnMut(u64) -> Result<(), Stopped>,
    ) -> Result<Vec<Captures>, DataError> {
        let first = &self.patterns[0];
        if let Some(ids) = &source.ids {
            return Ok(ids.iter().filter_map(|id| captures_of(first, id)).collect());
        }
        let Some(list) = &source.list else {
            let files = source.files.as_deref().map(|files| parsed("splits.files", files, self.root)).transpose()?;
            let found = files.as_ref().unwrap_or(first).find(self.root, folder, goes_on)?;
            let captures = ordered(found.captures, first);
            self.note_unreadable(&source.name, found.unreadable);
            return Ok(captures);
        };
        let text = read_text(&self.root.join(list), &format!("the list of split {}", source.name))?;
        let line = source.line.as_deref().map(|line| parsed("splits.line", line, self.root)).transpose()?;
        let (mut found, mut odd) = (Vec::new(), Vec::new());
        for (done, text) in (0..).zip(lines(&text)) {
            goes_on(done)?;
            let captures = match &line {
                Some(line) => line.matches(text).or_else(|| line.matches(first_column(text))),
                None => captures_of_line(first, self.root, text, folder),
            };
            match captures {
                Some(captures) => found.push(captures),
                None => odd.push(text.to_owned()),
            }
        }
        if !odd.is_empty() {
            let note = format!("{} of the lines of {list} name no sample and are left out: {}", odd.len(), some(&odd));
            self.notes.push(note);
        }
        Ok(ordered(found, first))
    }

    fn tags_of(&self, id: &str, file: &Path) -> Vec<String> {
        let relative = file.strip_prefix(self.root).unwrap_or(file).to_string_lossy();
        let carries = |(tag, listed): &&(&TagRule, HashSet<String>)| {
            tag.suffix.as_deref().is_some_and(|suffix| id.ends_with(suffix))
                || tag.contains.as_deref().is_some_and(|part| id.contains(part) || relative.contains(part))
                || listed.contains(id)
                || listed.contains(base(id))
        };
        self.tags.iter().filter(carries).map(|(tag, _)| tag.name.clone()).collect()
    }

    fn note_unreadable(&mut self, split: &str, found: Vec<(PathBuf, DataError)>) {
        self.notes.extend(found.iter().map(|(_, error)| format!("split `{split}`: {error}")));
        self.unreadable.extend(found);
    }

    fn note(&mut self, split: &str, lacking: &[Skipped]) {
        let mut groups: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for skipped in lacking {
            let what = match &skipped.lack {
                Lack::Everything => "are listed without a file".to_owned(),
                Lack::Modality(name) => format!("lack their {name} image"),
                Lack::Label => "lack their label".to_owned(),
            };
            groups.entry(what).or_default().push(skipped.id.clone());
        }
        for (what, ids) in groups {
            self.notes.push(format!("split `{split}`: {} samples {what} and are left out: {}", ids.len(), some(&ids)));
        }
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

/// Labels that do not exist: where a whole split has none it stays as unlabelled, else the samples without are dropped, as
/// they are where nobody can tell. Returns those that were dropped, as samples without a label and as reports.
fn drop_unlabelled(
    samples: &mut Vec<SampleEntry>,
    split: &str,
    notes: &mut Vec<String>,
    expected: bool,
    goes_on: GoesOn<'_>,
) -> Result<(Vec<SampleEntry>, Vec<Skipped>), Stopped> {
    let mut labelled = Vec::with_capacity(samples.len());
    for sample in samples.iter() {
        goes_on()?;
        labelled.push(sample.label.as_deref().is_some_and(disk::is_file));
    }
    if labelled.iter().all(|&yes| yes) {
        return Ok((Vec::new(), Vec::new()));
    }
    let mut denied = false;
    for path in samples
        .iter()
        .zip(&labelled)
        .filter(|(_, labelled)| !**labelled)
        .filter_map(|(sample, _)| sample.label.as_ref())
    {
        goes_on()?;
        denied |= disk::try_exists(path).is_err();
    }
    if labelled.iter().all(|&yes| !yes) && !denied {
        if expected {
            notes.push(format!("split `{split}` has no labels: it can be viewed and predicted, not scored"));
        }
        for sample in samples.iter_mut() {
            sample.label = None;
        }
        return Ok((Vec::new(), Vec::new()));
    }
    let (mut kept, mut without, mut dropped) = (Vec::new(), Vec::new(), Vec::new());
    for (sample, labelled) in samples.drain(..).zip(labelled) {
        if labelled {
            kept.push(sample);
        } else {
            without.push(SampleEntry { label: None, ..sample.clone() });
            let path = sample.label.unwrap_or_default();
            dropped.push(Skipped { split: split.to_owned(), id: sample.id, lack: Lack::Label, path });
        }
    }
    *samples = kept;
    Ok((without, dropped))
}

/// The first few names, and how many more there are.
pub(crate) fn some(names: &[String]) -> String {
    const SHOWN: usize = 5;
    let shown = names.iter().take(SHOWN).map(String::as_str).collect::<Vec<_>>().join(", ");
    if names.len() > SHOWN { format!("{shown} and {} more", names.len() - SHOWN) } else { shown }
}
