//! A data set, opened: its sensors, classes, splits and samples.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::align::{Size, plane_at};
use super::decode::{self, Raster};
use super::entry::{SampleEntry, Skipped, Split};
use super::error::DataError;
use super::hold_out::HeldOut;
use super::index::{WithoutLabels, index};
use super::labels::{DecodedLabel, LabelTable};
use super::layouts;
use super::manifest::{ClassMap, MANIFEST_NAME, Manifest, ModalityFiles};
use super::palette;
use super::reach::{Reach, outside};
use super::reading::Reading;
use super::sample::{Modality, Sample, Window};
use crate::failure::short;
use crate::progress::{Progress, disk};
use crate::protocol::{DatasetSummary, ModalitySummary, Problem, Proposal, SplitSummary};
use crate::recipe::Recipe;

/// A data set whose samples are known and can be read one by one.
///
/// ```no_run
/// use std::path::Path;
///
/// use fusionscope_engine::data::Dataset;
/// use fusionscope_engine::progress::unwatched;
///
/// # fn main() -> Result<(), fusionscope_engine::data::DataError> {
/// let dataset = Dataset::open(Path::new("datasets/MFNet"), &mut unwatched)?;
/// let thermal = dataset.modality_index("thermal")?;
/// let sample = dataset.sample("train", 0, &[thermal])?;
/// println!("{}: {} × {} pixels, {} classes", sample.id, sample.width, sample.height, dataset.classes.len());
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Dataset {
    /// The name from the manifest or the layout.
    pub name: String,
    /// The folder.
    pub root: PathBuf,
    /// The sensors, in the manifest's order.
    pub modalities: Vec<Modality>,
    /// Class names by id, after the class map.
    pub classes: Vec<String>,
    /// Class colours by id, red, green, blue.
    pub colours: Vec<[u8; 3]>,
    /// The splits that have samples.
    pub splits: Vec<Split>,
    /// Sentences on what was left out or assumed.
    pub notes: Vec<String>,
    pub(crate) manifest: Manifest,
    /// What the sensors' pictures are once their files are prepared, in the manifest's order.
    pub(crate) pictures: Vec<ModalityFiles>,
    pub(crate) skipped: Vec<Skipped>,
    pub(crate) unreadable: Vec<(PathBuf, DataError)>,
    pub(crate) problems: Vec<Problem>,
    pub(crate) without_labels: Vec<WithoutLabels>,
    /// Whether a layout was recognised, so that no manifest of the user's says what there should be.
    pub(crate) is_recognised: bool,
    pub(crate) labels: Option<LabelTable>,
    /// How its labels' own classes were joined to `classes`.
    pub(crate) class_map: Option<ClassMap>,
    /// What was cut as `val` because there is none.
    pub(super) held_out: Option<HeldOut>,
    /// By how many pixels, at most, sensors but the first are out of register.
    pub(super) misregistration: usize,
}

/// One scene's files, decoded but not yet brought to one size: what a cache can hold cheaply.
pub(crate) struct Decoded {
    rasters: Vec<Arc<Raster>>,
    size: Size,
    label: Option<Vec<u8>>,
}

impl Decoded {
    pub(crate) fn size_bytes(&self) -> usize {
        self.rasters.iter().map(|raster| raster.size_bytes()).sum::<usize>() + self.label.as_ref().map_or(0, Vec::len)
    }
}

impl Dataset {
    /// Opens a folder that has a `dataset.toml` or one of the known layouts, or a manifest file itself.
    ///
    /// `progress` may end it at every file ([`DataError::Stopped`]). Samples with missing files are left out, named and
    /// counted in [`Dataset::notes`].
    pub fn open(path: &Path, progress: &mut Progress<'_>) -> Result<Self, DataError> {
        Self::open_reaching(path, Reach::Folder, progress)
    }

    /// [`Dataset::open`], where the user may have said that the manifest's paths may lead out of the folder.
    pub fn open_reaching(path: &Path, reach: Reach, progress: &mut Progress<'_>) -> Result<Self, DataError> {
        let (root, manifest, taken_for) = manifest_of(path, progress)?;
        if let Some((key, found)) = outside(&manifest).filter(|_| reach == Reach::Folder) {
            return Err(DataError::Outside { key, found: short(&found).into_owned(), path: root });
        }
        let mut dataset = Self::from_manifest(&root, manifest, progress)?;
        dataset.is_recognised = taken_for.is_some();
        dataset.notes.extend(taken_for);
        Ok(dataset)
    }

    /// [`Dataset::open`], read as the recipe wants it.
    pub fn open_for(path: &Path, recipe: &Recipe, progress: &mut Progress<'_>) -> Result<Self, DataError> {
        Self::open(path, progress)?.read_as(&Reading::of(recipe))
    }

    /// The data set in `root` as a manifest describes it.
    pub fn from_manifest(root: &Path, manifest: Manifest, progress: &mut Progress<'_>) -> Result<Self, DataError> {
        let found = index(root, &manifest, progress)?;
        let dataset = Self {
            name: manifest.name.clone(),
            root: root.to_owned(),
            modalities: manifest.modalities.iter().map(ModalityFiles::modality).collect(),
            pictures: manifest.modalities.iter().map(ModalityFiles::prepared).collect(),
            classes: Vec::new(),
            colours: Vec::new(),
            splits: found.splits,
            held_out: found.held_out,
            notes: found.notes,
            skipped: found.skipped,
            unreadable: found.unreadable,
            problems: found.problems,
            without_labels: found.without_labels,
            is_recognised: false,
            labels: None,
            class_map: None,
            misregistration: 0,
            manifest,
        };
        dataset.with_class_map("")
    }

    /// The same data set with its classes joined: `""` takes the map that the manifest chooses, `"none"` the labels'
    /// own classes, a path that ends in `.toml` the map in that file, any other word the class map of that name.
    pub fn with_class_map(mut self, name: &str) -> Result<Self, DataError> {
        // A file is read where the user names it, never because a manifest does.
        let file = Some(Path::new(name)).filter(|_| ClassMap::is_file(name));
        let name = if name.is_empty() { self.manifest.class_map.as_str() } else { name };
        let own = self.manifest.labels.as_ref().map_or(0, |labels| labels.names.len());
        let in_file = file.map(|file| ClassMap::read(file, own)).transpose()?;
        let map = in_file.as_ref().or_else(|| self.manifest.class_maps.iter().find(|map| map.name == name));
        if map.is_none() && !name.is_empty() && name != "none" {
            let known = self.manifest.class_maps.iter().map(|map| map.name.as_str()).chain(["none"]);
            return Err(DataError::NoClassMap { name: name.to_owned(), known: known.collect::<Vec<_>>().join(", ") });
        }
        if let Some(labels) = &self.manifest.labels {
            let (names, colours) = map.map_or((&labels.names, &labels.colours), |map| (&map.names, &map.colours));
            self.classes.clone_from(names);
            self.colours = if colours.is_empty() { palette::colours(names.len()) } else { colours.clone() };
            self.labels = Some(LabelTable::new(labels, map));
            self.class_map = map.cloned();
        }
        Ok(self)
    }

    /// The manifest that the data set was opened with, made by a layout or read from the folder.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// Settings that papers take on this data in place of their presets'.
    pub fn proposals(&self) -> &[Proposal] {
        &self.manifest.proposals
    }

    /// Samples that were left out, and why.
    pub fn skipped(&self) -> &[Skipped] {
        &self.skipped
    }

    /// The split of that name; the error lists those there are.
    pub fn split(&self, name: &str) -> Result<&Split, DataError> {
        self.splits.iter().find(|split| split.name == name).ok_or_else(|| {
            let known = self.splits.iter().map(|split| split.name.as_str()).collect::<Vec<_>>().join(", ");
            // A split that the manifest names and that came out empty: the problem says why.
            let declared = format!("split `{name}` ");
            let empty = self.problems.iter().find(|problem| problem.text.starts_with(&declared));
            let known = empty.map_or_else(|| known.clone(), |problem| format!("{known}; {}", problem.text));
            DataError::NoSplit { name: name.to_owned(), known }
        })
    }

    /// The place of the sensor of that name in [`Dataset::modalities`].
    pub fn modality_index(&self, name: &str) -> Result<usize, DataError> {
        self.modalities.iter().position(|modality| modality.name == name).ok_or_else(|| DataError::NoModality {
            name: name.to_owned(),
            known: self.modalities.iter().map(|modality| modality.name.as_str()).collect::<Vec<_>>().join(", "),
        })
    }

    /// The value that means "not measured" in the images of the sensor at this place: that of a stored 0 in depth,
    /// disparity and LiDAR images. Other sensors measure everywhere.
    pub fn hole(&self, modality: usize) -> Option<f32> {
        self.pictures.get(modality)?.hole()
    }

    /// The smallest id in label files that means each class, by class id; `None` for a class that no id means. `None`
    /// without labels and where a class map joins their classes, so that no id stands for all of one.
    pub fn stored_ids(&self) -> Option<Vec<Option<i32>>> {
        let labels = self.manifest.labels.as_ref().filter(|labels| labels.names == self.classes)?;
        // Where the manifest maps an id to the class, that is the one its files hold.
        let mapped =
            |class: usize| labels.map.iter().find(|[_, to]| usize::try_from(*to) == Ok(class)).map(|[id, _]| *id);
        let stored = self.labels.as_ref()?.stored_ids(labels.names.len());
        Some(stored.into_iter().enumerate().map(|(class, id)| mapped(class).or(id)).collect())
    }

    /// The scene at this place of a split.
    pub(crate) fn entry(&self, split: &str, index: usize) -> Result<&SampleEntry, DataError> {
        let samples = &self.split(split)?.samples;
        samples.get(index).ok_or(DataError::OutOfRange { what: "sample", index, count: samples.len() })
    }

    /// Reads one scene: the sensors at these places, decoded and brought to one size, and the label in class ids.
    pub fn sample(&self, split: &str, index: usize, modalities: &[usize]) -> Result<Sample, DataError> {
        let entry = self.entry(split, index)?;
        let decoded = self.decode(entry, modalities)?;
        self.assemble(entry, &decoded, modalities)
    }

    /// [`Dataset::sample`], without the label where that is one that cannot be used, and then why.
    pub fn sample_or_unlabelled(
        &self,
        split: &str,
        index: usize,
        modalities: &[usize],
    ) -> Result<(Sample, Option<DataError>), DataError> {
        let entry = self.entry(split, index)?;
        let rasters = self.rasters(entry, modalities)?;
        let of_label =
            |label| self.assemble(entry, &self.decoded(rasters.clone(), label, entry, modalities)?, modalities);
        match self.label(entry).and_then(of_label) {
            Ok(sample) => Ok((sample, None)),
            Err(error) => of_label(None).map(|sample| (sample, Some(error.clone()))).map_err(|_images_fail_too| error),
        }
    }

    /// Reads the files of one scene.
    pub(crate) fn decode(&self, entry: &SampleEntry, modalities: &[usize]) -> Result<Decoded, DataError> {
        let rasters = self.rasters(entry, modalities)?;
        self.decoded(rasters, self.label(entry)?, entry, modalities)
    }

    /// The label of a scene alone, in class ids; `None` where it has none.
    pub(crate) fn label(&self, entry: &SampleEntry) -> Result<Option<(Size, Vec<u8>)>, DataError> {
        let (Some(path), Some(table)) = (entry.label(), &self.labels) else { return Ok(None) };
        let DecodedLabel { size, mut ids, .. } = table.read_strict(&path)?;
        self.masked(entry, size.width, &mut ids)?;
        Ok(Some((size, ids)))
    }

    fn rasters(&self, entry: &SampleEntry, modalities: &[usize]) -> Result<Vec<Arc<Raster>>, DataError> {
        let mut rasters: Vec<Arc<Raster>> = Vec::with_capacity(modalities.len());
        for (at, &modality) in modalities.iter().enumerate() {
            let path = self.file(entry, modality)?;
            // Two sensors in one file (MFNet's four-channel images) are decoded once.
            let twin = modalities[..at].iter().position(|&other| {
                entry.file(other).as_ref() == Some(&path) && self.are_prepared_alike(modality, other)
            });
            let raster = match twin {
                Some(twin) => Arc::clone(&rasters[twin]),
                None => Arc::new(self.prepared(decode::read(&path)?, entry, modality)?),
            };
            rasters.push(raster);
        }
        Ok(rasters)
    }

    /// A scene has the size of its label, else of the first sensor's image.
    fn decoded(
        &self,
        rasters: Vec<Arc<Raster>>,
        label: Option<(Size, Vec<u8>)>,
        entry: &SampleEntry,
        modalities: &[usize],
    ) -> Result<Decoded, DataError> {
        if let Some((size, ids)) = label {
            return Ok(Decoded { rasters, size, label: Some(ids) });
        }
        let size = if let Some(first) = modalities.iter().position(|&modality| modality == 0) {
            Size::new(rasters[first].height, rasters[first].width)
        } else {
            self.size_of_first(&self.file(entry, 0)?)?
        };
        Ok(Decoded { rasters, size, label: None })
    }

    /// Brings decoded files to one size and into their units.
    pub(crate) fn assemble(
        &self,
        entry: &SampleEntry,
        decoded: &Decoded,
        modalities: &[usize],
    ) -> Result<Sample, DataError> {
        let mut planes = Vec::with_capacity(modalities.len());
        for (raster, &modality) in decoded.rasters.iter().zip(modalities) {
            let path = self.file(entry, modality)?;
            let files = &self.pictures[modality];
            let size = Size::new(raster.height, raster.width);
            if !(decoded.size.fits(size) || files.any_shape) {
                let reference = if decoded.label.is_some() { "label" } else { self.modalities[0].name.as_str() };
                return Err(DataError::Aspect {
                    width: decoded.size.width,
                    height: decoded.size.height,
                    reference: reference.to_owned(),
                    other_width: size.width,
                    other_height: size.height,
                    path,
                });
            }
            let plane = raster.plane(files, &path)?;
            let plane = if size == decoded.size { plane } else { plane_at(&plane, files.kind, size, decoded.size) };
            planes.push(self.misregistered(plane, modality, entry.id(), decoded.size));
        }
        Ok(Sample {
            id: entry.id().to_owned(),
            tags: entry.tags().to_vec(),
            height: decoded.size.height,
            width: decoded.size.width,
            planes,
            label: decoded.label.clone(),
            valid: Window::whole(decoded.size),
        })
    }

    pub(super) fn file(&self, entry: &SampleEntry, modality: usize) -> Result<PathBuf, DataError> {
        let count = self.modalities.len();
        entry.file(modality).ok_or(DataError::OutOfRange { what: "sensor", index: modality, count })
    }

    /// What the window and the terminal show of a data set.
    pub fn summary(&self) -> DatasetSummary {
        let modality = |modality: &Modality| ModalitySummary {
            name: modality.name.clone(),
            kind: modality.kind.name().to_owned(),
            unit: modality.unit.clone(),
        };
        let split = |split: &Split| SplitSummary {
            name: split.name.clone(),
            ids: split.samples.iter().map(|sample| sample.id().to_owned()).collect(),
            tags: split.samples.iter().map(|sample| sample.tags().to_vec()).collect(),
            held_out: split.held_out,
        };
        DatasetSummary {
            name: self.name.clone(),
            path: self.root.clone(),
            modalities: self.modalities.iter().map(modality).collect(),
            classes: self.classes.clone(),
            colours: self.colours.clone(),
            splits: self.splits.iter().map(split).collect(),
            proposals: self.proposals().to_vec(),
        }
    }
}

/// The root and the manifest, read, or made by a layout with a sentence that says why it is taken for that.
fn manifest_of(path: &Path, progress: &mut Progress<'_>) -> Result<(PathBuf, Manifest, Option<String>), DataError> {
    let meta = std::fs::metadata(path).map_err(|error| DataError::unreadable("the data set", path, &error))?;
    if meta.is_file() {
        let root = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        return match layouts::whole_in_one(path) {
            Some(known) => manifest_of_file(root, path, known, progress),
            None => Ok((root.to_owned(), Manifest::read(path)?, None)),
        };
    }
    // An unreadable folder looks like an empty one to `exists`; say which it is.
    disk::list(path).map_err(|error| DataError::unreadable("the data set's folder", path, &error))?;
    let manifest = path.join(MANIFEST_NAME);
    if manifest.exists() {
        return Ok((path.to_owned(), Manifest::read(&manifest)?, None));
    }
    match layouts::recognise(path, progress)? {
        Ok((manifest, because)) => Ok((path.to_owned(), manifest, Some(because))),
        Err(nearly) => Err(DataError::UnknownLayout { nearly, known: layouts::names(), path: path.to_owned() }),
    }
}

/// [`manifest_of`] the folder of a file that holds a whole data set: it opens as the folder does, so that a run finds its
/// data again.
fn manifest_of_file(
    root: &Path,
    path: &Path,
    known: &str,
    progress: &mut Progress<'_>,
) -> Result<(PathBuf, Manifest, Option<String>), DataError> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let refused =
        |reason: String| DataError::Unreadable { what: "the data set".to_owned(), reason, path: path.to_owned() };
    let is_of_file = |manifest: &Manifest| {
        let of_file = |pattern: &str| pattern.strip_prefix(&*name).is_some_and(|rest| rest.starts_with('/'));
        manifest.modalities.iter().any(|modality| of_file(&modality.pattern))
    };
    match manifest_of(root, progress) {
        Ok(found) if is_of_file(&found.1) => Ok(found),
        Ok((_, manifest, _)) => Err(refused(format!(
            "its folder opens as {}, which does not take it; give the file a folder of its own",
            manifest.name
        ))),
        Err(DataError::UnknownLayout { .. }) if name != known => Err(refused(format!(
            "of MATLAB's files `{known}` is known; a `dataset.toml` beside another names its variables: \
             `pattern = \"{name}/VARIABLE/{{id}}\"`"
        ))),
        Err(error) => Err(error),
    }
}
