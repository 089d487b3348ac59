//! From folders on disk to batches in memory: layouts, manifest, decoding, alignment, augmentation, loading.

mod align;
mod augment;
mod batch;
mod brush;
mod census;
mod check;
mod class_map;
mod crop;
mod dataset;
mod decode;
mod degrade;
mod domain;
mod entry;
mod error;
#[cfg(test)]
mod fixture;
mod folders;
mod fraction;
mod hha;
mod hold_out;
mod index;
mod labels;
mod layouts;
mod listing;
mod loader;
mod manifest;
mod manifest_check;
mod manifest_preparation;
mod manifest_refused;
mod manifest_text;
mod near;
mod overlap;
mod palette;
mod pattern;
mod prepare;
mod proposed;
mod pseudo;
mod reach;
mod reading;
mod register;
mod report;
mod sample;
pub mod scene;
mod scene_table;
mod segment;
mod small;
mod source;
mod supposed;
mod survey;
mod text;
mod truth;
mod vectors;

pub use self::align::resized;
pub use self::batch::{MAX_SCENE_PX, batch_of, normalisation_for, sensors_in_use};
pub(crate) use self::census::Census;
pub use self::check::{check, check_reaching};
pub use self::dataset::Dataset;
pub use self::decode::{MAX_AREA_PX, MAX_CHANNELS, MAX_SIDE_PX, MOST_BYTES_A_VALUE};
pub use self::degrade::{DEGRADATION_SEED, Degrader, add_gauss, lose_elements};
pub use self::domain::{Domain, Mix};
pub use self::entry::{Lack, SampleEntry, Skipped, Split};
pub use self::error::DataError;
pub use self::layouts::{LAYOUTS, Layout};
pub use self::loader::Loader;
pub use self::manifest::{
    ClassMap, LabelFiles, MANIFEST_NAME, MANIFEST_VERSION, Manifest, ModalityFiles, SplitSource, TagRule,
};
pub use self::pseudo::{PSEUDO_LABELS_CARD, PseudoLabelsCard, label_file_name};
pub use self::reach::Reach;
pub use self::reading::Reading;
pub use self::report::{CheckReport, Counts, Histogram, SizeCount};
pub use self::sample::{
    Batch, IGNORE, MAX_CLASSES, MAX_NAME_LETTERS, MAX_SENSORS, Modality, ModalityKind, Normalisation, Plane, Sample,
    Window,
};
pub use self::small::Small;
pub use self::source::{Camera, Crop, Expression};
pub(crate) use self::survey::ValueTally;
pub use self::survey::{SensorValues, values_table};
pub use self::truth::pseudo_labels_beside_truth;
pub use self::vectors::VectorFile;
pub use crate::protocol::{Problem, Severity};

#[cfg(test)]
mod tests;
