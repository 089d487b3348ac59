//! The loss terms.

pub mod auxiliary;
pub mod consistency;
pub mod contrast;
pub mod feature;
pub mod fusion_image;
pub mod inter_modal;
pub mod intra_modal;
pub mod language;
pub mod multimodal_contrast;
pub mod mutual;
pub mod prototype;
pub mod relation;
pub mod segmentation;
pub mod self_supervision;
