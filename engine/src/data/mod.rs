//! From folders on disk to batches in memory: layouts, manifest, decoding, alignment, augmentation, loading.

mod sample;

pub use self::sample::{Batch, IGNORE, Modality, ModalityKind, Normalisation, Plane, Sample};
