//! From images to class ids at the scene's own size.

use burn::tensor::{Device, Tensor, TensorData};

use super::error::EvaluationError;
use super::sight::{Sight, at_size};
use crate::data::{Batch, IGNORE};
use crate::network::Model;

/// One head's answer for one scene.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prediction {
    /// The head: `fused` or a sensor's name.
    pub head: String,
    /// The most probable class of each pixel, row by row.
    pub ids: Vec<u8>,
    /// The probability of that class, 0 to 255.
    pub confidence: Vec<u8>,
}

/// A batch's images as tensors, one `[batch, 3, height, width]` a sensor.
pub fn images_of(batch: &Batch, device: &Device) -> Vec<Tensor<4>> {
    let shape = [batch.ids.len(), 3, batch.height, batch.width];
    batch.images.iter().map(|values| Tensor::from_data(TensorData::new(values.clone(), shape), device)).collect()
}

/// The prediction of every head that answers for these inputs, the one that counts first, for a batch of one scene.
///
/// `images` holds one `[1, 3, h, w]` a sensor, `None` where it is dropped; the answer has `height × width` pixels.
pub fn predict_scene(
    model: &Model,
    images: &[Option<Tensor<4>>],
    height: usize,
    width: usize,
) -> Result<Vec<Prediction>, EvaluationError> {
    predictions(Sight::of(&model.recipe).ask(model, images, height, width), height, width)
}

/// The most probable classes, from the probabilities `[1, classes, h, w]` of each head.
pub fn predictions(
    probabilities: Vec<(String, Tensor<4>)>,
    height: usize,
    width: usize,
) -> Result<Vec<Prediction>, EvaluationError> {
    probabilities.into_iter().map(|(head, found)| prediction_of(head, at_size(found, height, width))).collect()
}

/// The most probable classes of one head, from its probabilities `[1, classes, height, width]`.
pub(super) fn prediction_of(head: String, probabilities: Tensor<4>) -> Result<Prediction, EvaluationError> {
    let [_, _, height, width] = probabilities.dims();
    let (confidence, ids) = probabilities.max_dim_with_indices(1);
    let ids: Vec<u8> = ids.into_data().iter::<i64>().map(|id| u8::try_from(id).unwrap_or(IGNORE)).collect();
    let confidence = confidence.into_data().iter::<f32>().map(|value| (value * 255.0).round() as u8).collect();
    if ids.len() != height * width {
        let reason = format!("expected {} pixels, found {}", height * width, ids.len());
        return Err(EvaluationError::ReadBack { reason });
    }
    Ok(Prediction { head, ids, confidence })
}
