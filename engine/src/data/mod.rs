//! From folders on disk to batches in memory: layouts, manifest, decoding, alignment, augmentation, loading.

mod error;
mod manifest;
mod manifest_check;
mod pattern;
mod sample;
mod text;

pub use self::error::DataError;
pub use self::manifest::{
    ClassMap, LabelFiles, MANIFEST_NAME, MANIFEST_VERSION, Manifest, ModalityFiles, SplitSource, TagRule,
};
pub use self::sample::{Batch, IGNORE, Modality, ModalityKind, Normalisation, Plane, Sample};
