//! The confusion matrix, the metric conventions and every subset of the sensors.
//!
//! Counts are summed over a whole split before anything is divided, and every figure carries its convention.

mod confusion;
mod conventions;
mod device_counts;
mod error;
mod evaluate;
mod further;
mod image_fusion;
mod input;
mod missing;
mod outcome;
mod prediction;
mod protocols;
mod pseudo_labels;
mod report;
mod scores;
mod sight;
mod subsets;
mod what_if;
mod what_if_text;

pub use self::confusion::ConfusionMatrix;
pub use self::conventions::Convention;
pub use self::error::EvaluationError;
pub use self::evaluate::{evaluate, evaluate_degraded};
pub use self::image_fusion::{
    Grey, correlations_of_differences, deviation, entropy, fusion_image_csv, spatial_frequency,
};
pub use self::input::{fitting_sensors, input_from_sample, mean_images, modality_indices, same_classes, scene_images};
pub use self::missing::{MeanImage, Missing, StandIns};
pub use self::outcome::outcome;
pub use self::prediction::{Prediction, images_of, predict_scene, predictions};
pub use self::protocols::{Asked, Predicted, SEVERITIES, SHARES, protocol_csv, protocol_table, run_protocol};
pub use self::pseudo_labels::{PseudoLabelClass, PseudoLabelScores, PseudoLabelSums, score_pseudo_labels};
pub use self::report::{csv_text, table_text};
pub use self::scores::scores_from_matrix;
pub use self::sight::Sight;
pub use self::subsets::{SubsetPlan, Subsets};
pub use self::what_if::evaluate_what_if;
pub use self::what_if_text::what_if_text;

#[cfg(test)]
mod degraded_tests;
#[cfg(test)]
mod oracle_tests;
#[cfg(test)]
mod tests;
