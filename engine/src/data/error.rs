//! Why data was refused.

use std::path::{Path, PathBuf};

use crate::failure::{Failing, FailureKind};
use crate::progress::Stopped;
use crate::protocol::Degradation;

/// Data that cannot be used: what was expected, what was found, what to do, the path last.
#[derive(Clone, Debug, thiserror::Error)]
pub enum DataError {
    /// The system refused to read a file or folder.
    #[error("could not read {what}: {reason}; check that it exists and may be read: {path}")]
    Unreadable {
        /// What it was meant to be, for example `the list of split train`.
        what: String,
        /// The system's reason.
        reason: String,
        /// The file or folder.
        path: PathBuf,
    },
    /// The system refused to write a file.
    #[error("could not write {what}: {reason}; choose a place that you may write to: {path}")]
    Unwritable {
        /// What was to be written.
        what: String,
        /// The system's reason.
        reason: String,
        /// The file.
        path: PathBuf,
    },
    /// The folder is neither a known layout nor has it a manifest.
    #[error(
        "no data set recognised: expected a `dataset.toml`, or one of the layouts {known}, found neither{nearly}; \
         choose the data set's root folder or write a `dataset.toml`: {path}"
    )]
    UnknownLayout {
        /// Layouts whose folders it has, and why it was not taken for them.
        nearly: String,
        /// Names of the built-in layouts.
        known: String,
        /// The folder.
        path: PathBuf,
    },
    /// A manifest that is not TOML, lacks a key, or has one that nobody knows.
    #[error("the manifest does not read: {reason}; correct it there: {path}")]
    ManifestSyntax {
        /// The parser's words, with line, column and key.
        reason: String,
        /// The manifest.
        path: PathBuf,
    },
    /// A manifest's value that makes no sense.
    #[error("manifest key `{key}`: expected {expected}, found {found}; correct it: {path}")]
    ManifestValue {
        /// The key, for example `modalities[1].pattern`.
        key: String,
        /// What is allowed, in words.
        expected: String,
        /// What stands there.
        found: String,
        /// The manifest.
        path: PathBuf,
    },
    /// A manifest that reads files outside of its folder.
    #[error(
        "manifest key `{key}`: `{found}` leads out of the data set's folder, which is read only where you say so: trust it by \
         `--allow-outside`, or bring the files into the folder (links in it are followed): {path}"
    )]
    Outside {
        /// The key, for example `splits[0].list`.
        key: String,
        /// The path as it stands there.
        found: String,
        /// The data set's folder.
        path: PathBuf,
    },
    /// A manifest of a newer program.
    #[error(
        "the manifest has version {found}, this program reads up to version {supported}; update Fusionscope: {path}"
    )]
    NewerManifest {
        /// The version found.
        found: i64,
        /// The newest version understood.
        supported: i64,
        /// The manifest.
        path: PathBuf,
    },
    /// A data set in which no sample is complete.
    #[error("no usable sample: {reason}: {path}")]
    NoSamples {
        /// What was looked for and what was found.
        reason: String,
        /// The data set's folder.
        path: PathBuf,
    },
    /// A split that does not exist.
    #[error("no split named `{name}`; this data set has {known}")]
    NoSplit {
        /// The name asked for.
        name: String,
        /// The names that exist.
        known: String,
    },
    /// A scene that a what-if names and that does not exist.
    #[error("no scene `{id}` in split `{split}`; its first is `{example}`")]
    NoScene {
        /// The id asked for.
        id: String,
        /// The split.
        split: String,
        /// An id that exists.
        example: String,
    },
    /// A brush that draws more than a hand does.
    #[error("the brush has {found} points; {most} at most are drawn: paint with fewer, or a wider brush")]
    TooManyPoints {
        /// Points of all strokes.
        found: usize,
        /// The most.
        most: usize,
    },
    /// A sensor that does not exist.
    #[error("no sensor named `{name}`; this data set has {known}; set `sensors.use` to some of them")]
    NoModality {
        /// The name asked for.
        name: String,
        /// The names that exist.
        known: String,
    },
    /// A degradation of a sensor that cannot be.
    #[error("`{sensor}={}`: {reason}", kind.word())]
    Degradation {
        /// The sensor.
        sensor: String,
        /// The degradation.
        kind: Degradation,
        /// What was expected and what was found.
        reason: String,
    },
    /// A class map that does not exist.
    #[error("`data.class_map`: no class map named `{name}`; this data set has {known}")]
    NoClassMap {
        /// The name asked for.
        name: String,
        /// The names that exist.
        known: String,
    },
    /// A sample or sensor number past the end.
    #[error("{what} {index} does not exist; there are {count}")]
    OutOfRange {
        /// `sample`, `sensor`.
        what: &'static str,
        /// The number asked for.
        index: usize,
        /// How many there are.
        count: usize,
    },
    /// A split without labels, where labels are needed.
    #[error("split `{split}` has no labels: it can be viewed and predicted, not trained on")]
    NoLabels {
        /// The split.
        split: String,
    },
    /// Files that shall stand in for the data set's own, and cannot.
    #[error("`{key}`: {reason}: {path}")]
    StandIns {
        /// The setting.
        key: String,
        /// Why.
        reason: String,
        /// The file or folder.
        path: PathBuf,
    },
    /// A domain without scenes.
    #[error("`{key}`: no scene of split `{split}` is tagged `{tag}`; the data set's tags: {known}")]
    NoDomain {
        /// The setting.
        key: String,
        /// The tag.
        tag: String,
        /// The split.
        split: String,
        /// The tags that exist.
        known: String,
    },
    /// A file that is no image, or a broken one.
    #[error("could not decode the image: {reason}; replace or remove it: {path}")]
    Image {
        /// What the decoder says.
        reason: String,
        /// The file.
        path: PathBuf,
    },
    /// An image without pixels.
    #[error("the image has no pixels: expected at least 1 × 1, found {width} × {height}; replace it: {path}")]
    ZeroSize {
        /// Width in pixels.
        width: usize,
        /// Height in pixels.
        height: usize,
        /// The file.
        path: PathBuf,
    },
    /// An image that would fill the memory.
    #[error(
        "the image is too large: expected at most {max_side} px a side and {max_pixels} px in all, found {width} × {height}; \
         scale it down: {path}"
    )]
    TooLarge {
        /// Width in pixels.
        width: usize,
        /// Height in pixels.
        height: usize,
        /// The longest side allowed.
        max_side: usize,
        /// The largest area allowed.
        max_pixels: usize,
        /// The file.
        path: PathBuf,
    },
    /// An image of more channels than any sensor has.
    #[error(
        "the image has too many channels: expected at most {max_channels}, found {channels}; keep those that are used: {path}"
    )]
    TooDeep {
        /// Channels in the file.
        channels: usize,
        /// The most channels allowed.
        max_channels: usize,
        /// The file.
        path: PathBuf,
    },
    /// A scene that no network could take at once.
    #[error(
        "scene `{id}` is too large for a network: expected at most {max_pixels} px, found {width} × {height}; set `data.height` and \
         `data.width`, and for training `data.crop`"
    )]
    SceneTooLarge {
        /// The scene.
        id: String,
        /// Width in pixels.
        width: usize,
        /// Height in pixels.
        height: usize,
        /// The largest area allowed.
        max_pixels: usize,
    },
    /// Not the bit depth that the manifest declares.
    #[error(
        "sensor `{modality}`: expected {expected} bits a value, found {found}; set `bit_depth = {found}` in the manifest \
         (with a fitting scale) or convert the file: {path}"
    )]
    BitDepth {
        /// The sensor.
        modality: String,
        /// As declared.
        expected: u8,
        /// As found.
        found: u8,
        /// The file.
        path: PathBuf,
    },
    /// Fewer channels than the manifest asks for.
    #[error(
        "{what}: expected at least {expected} channels, found {found}; correct `channels` or `first_channel` in the manifest: {path}"
    )]
    Channels {
        /// The sensor or `label`.
        what: String,
        /// Channels needed.
        expected: usize,
        /// Channels in the file.
        found: usize,
        /// The file.
        path: PathBuf,
    },
    /// A picture out of which a sensor or a label cannot be made as the manifest says.
    #[error("{what}: {reason}: {path}")]
    Unprepared {
        /// The sensor or `label`.
        what: String,
        /// What was expected, what was found, and the key that decides it.
        reason: String,
        /// The file.
        path: PathBuf,
    },
    /// Label ids that the manifest does not know.
    #[error(
        "label {found} out of range: expected {expected}, found {pixels} px with other ids; \
         correct `labels.offset`, `labels.map` or `labels.ignore` (`ignore = [{example}]` if it means no class), or the file: \
         {path}"
    )]
    LabelRange {
        /// The first such ids as they stand in the file, and a verb: `id 9 is`.
        found: String,
        /// One of them.
        example: String,
        /// How many pixels have such ids.
        pixels: usize,
        /// The allowed ids, in words.
        expected: String,
        /// The label file.
        path: PathBuf,
    },
    /// A label file whose pixels do not say their class.
    #[error("the label cannot be read: {reason}: {path}")]
    Label {
        /// What was expected, what was found, and the ways out.
        reason: String,
        /// The label file.
        path: PathBuf,
    },
    /// Two images of one scene that cannot show the same view.
    #[error(
        "the images of a scene differ in shape: expected {width} × {height} ({reference}) up to 2 % in aspect, \
         found {other_width} × {other_height}; crop them to the same view: {path}"
    )]
    Aspect {
        /// Width of the reference.
        width: usize,
        /// Height of the reference.
        height: usize,
        /// What the reference is: `label` or a sensor's name.
        reference: String,
        /// Width of the other image.
        other_width: usize,
        /// Height of the other image.
        other_height: usize,
        /// The other image.
        path: PathBuf,
    },
    /// Samples that cannot lie in one batch.
    #[error(
        "samples of one batch differ in size: `{first}` has {expected}, `{second}` has {found}; crop or resize them"
    )]
    UnequalSizes {
        /// The first sample's id.
        first: String,
        /// Its size.
        expected: String,
        /// The other sample's id.
        second: String,
        /// Its size.
        found: String,
    },
    /// A file of teacher vectors that cannot be used.
    #[error("teacher vectors: {reason}: {path}")]
    Vectors {
        /// What was expected and what was found.
        reason: String,
        /// The file.
        path: PathBuf,
    },
    /// A batch whose parts do not belong together.
    #[error("a batch was asked for with {what}: expected {expected}, found {found}")]
    BatchShape {
        /// What does not fit.
        what: &'static str,
        /// How many were expected.
        expected: usize,
        /// How many were found.
        found: usize,
    },
    /// The loader's workers ended early, or could not start.
    #[error("the data loader stopped: {reason}")]
    LoaderStopped {
        /// Why.
        reason: String,
    },
    /// The work was told to end.
    #[error(transparent)]
    Stopped(#[from] Stopped),
}

impl Failing for DataError {
    fn kind(&self) -> Option<FailureKind> {
        match self {
            Self::Unreadable { .. }
            | Self::UnknownLayout { .. }
            | Self::ManifestSyntax { .. }
            | Self::ManifestValue { .. }
            | Self::NoSamples { .. }
            | Self::StandIns { .. }
            | Self::Image { .. }
            | Self::ZeroSize { .. }
            | Self::TooLarge { .. }
            | Self::TooDeep { .. }
            | Self::BitDepth { .. }
            | Self::Channels { .. }
            | Self::Unprepared { .. }
            | Self::Label { .. }
            | Self::LabelRange { .. }
            | Self::Aspect { .. }
            | Self::Vectors { .. } => Some(FailureKind::Unreadable),
            Self::NoSplit { .. }
            | Self::NoScene { .. }
            | Self::TooManyPoints { .. }
            | Self::NoClassMap { .. }
            | Self::Degradation { .. }
            | Self::OutOfRange { .. }
            | Self::NoDomain { .. }
            | Self::SceneTooLarge { .. } => Some(FailureKind::Refused),
            Self::Outside { .. } => Some(FailureKind::Untrusted),
            Self::NewerManifest { .. }
            | Self::NoModality { .. }
            | Self::NoLabels { .. }
            | Self::UnequalSizes { .. } => Some(FailureKind::Incompatible),
            Self::Unwritable { .. } | Self::BatchShape { .. } | Self::LoaderStopped { .. } => Some(FailureKind::Broken),
            Self::Stopped(_) => None,
        }
    }
}

impl DataError {
    /// The system's refusal to read `path`.
    pub(crate) fn unreadable(what: impl Into<String>, path: &Path, error: &std::io::Error) -> Self {
        Self::Unreadable { what: what.into(), reason: error.to_string(), path: path.to_owned() }
    }

    /// Files that shall stand in for the data set's own, and cannot.
    pub(crate) fn stand_ins(key: &str, reason: String, path: &Path) -> Self {
        Self::StandIns { key: key.to_owned(), reason, path: path.to_owned() }
    }

    /// A picture out of which a sensor or a label cannot be made as the manifest says.
    pub(crate) fn unprepared(what: impl Into<String>, reason: String, path: &Path) -> Self {
        Self::Unprepared { what: what.into(), reason, path: path.to_owned() }
    }

    /// A label file whose pixels do not say their class.
    pub(crate) fn label(reason: impl Into<String>, path: &Path) -> Self {
        Self::Label { reason: reason.into(), path: path.to_owned() }
    }

    /// A label file of a format that changes the values it is given.
    pub(crate) fn lossy_label(format: &str, path: &Path) -> Self {
        let reason = format!(
            "it is saved as {format}, which changes the values it is given, so that its ids are no longer those that were \
             drawn; save labels as PNG from their source"
        );
        Self::label(reason, path)
    }
}
