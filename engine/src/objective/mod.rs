//! The loss terms, one a file, and in `terms` their weighted sum, method by method.
//!
//! Every term is finite for every label: with nothing to compare (all pixels ignored, one class, no negatives) it is 0
//! and its gradient is 0. Each is tested against finite differences or against the scripts in `reference`, written for
//! PyTorch.

mod consistency;
mod contrast;
mod cross_entropy;
mod dice;
mod divergence;
mod entries;
mod feature;
mod fusion_image;
mod labels;
mod language;
mod multimodal_contrast;
mod mutual;
mod ohem;
mod probes;
mod prototype;
mod relation;
mod sampling;
mod segmentation;
mod self_supervision;
mod terms;

#[cfg(test)]
mod check;
#[cfg(test)]
mod ogp_net_tests;
#[cfg(test)]
mod recorded;

pub use self::consistency::consistency;
pub use self::contrast::{Contrast, Pool, Quota, contrast};
pub use self::cross_entropy::cross_entropy;
pub use self::dice::dice;
pub use self::divergence::{channelwise, pixelwise};
pub use self::entries::{Drawn, Entries, EntryKind};
pub use self::feature::{Reduction, feature};
pub use self::fusion_image::{FusionLoss, GradientTarget, Sources, Valid, colour, salient};
pub use self::labels::{Labels, Targets};
pub use self::language::{Averaging, Direction, Divergence, class_likeness, inter_modal, intra_modal};
pub use self::multimodal_contrast::{across, embeddings, within};
pub use self::mutual::{MaskMode, Masks, Mutual, Uncertainty, mutual, uncertainty};
pub use self::ohem::{Hard, hard_pixels};
pub use self::probes::{probes, seen_probes};
pub use self::prototype::{
    Absent, Average, ClassMeans, Prototypes, Prototyping, class_means, cosines, joined, likeness, nearest_prototype,
    prototype,
};
pub use self::relation::{Correlation, Correlations, RelationInput, correlations, relation};
pub use self::sampling::{Partners, Sampling};
pub use self::segmentation::{SegmentationWeights, segmentation};
pub use self::self_supervision::{Answers, Normalised, answers, self_supervision};
pub use self::terms::adaptation::{PROTOTYPES, PROTOTYPES_AGE};
pub use self::terms::{LanguageVectors, Scene, Seen, Terms, evaluate};
