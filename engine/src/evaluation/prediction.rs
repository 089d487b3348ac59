//! From images to class ids at the scene's own size.

use burn::tensor::{Device, Tensor, TensorData, Transaction};

use super::error::EvaluationError;
use super::sight::{Sight, at_size};
use crate::data::{Batch, IGNORE};
use crate::network::Model;
use crate::readback::{floats, read};

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
    if probabilities.is_empty() {
        return Ok(Vec::new());
    }
    let (heads, found): (Vec<String>, Vec<Tensor<4>>) =
        probabilities.into_iter().map(|(head, found)| (head, at_size(found, height, width))).unzip();
    let found = read(found.into_iter().fold(Transaction::default(), most_probable));
    heads
        .into_iter()
        .zip(found.chunks_exact(2))
        .map(|(head, both)| prediction_from(head, both, height * width))
        .collect()
}

/// The most probable class of each pixel, from probabilities `[1, classes, height, width]`, and these themselves where
/// they are wanted, `[classes · height · width]`; read in one wait.
pub(super) fn ids_of(
    probabilities: Tensor<4>,
    wants_all: bool,
) -> Result<(Vec<u8>, Option<Vec<f32>>), EvaluationError> {
    let [_, _, height, width] = probabilities.dims();
    let mut transaction = Transaction::default().register(probabilities.clone().argmax(1));
    if wants_all {
        transaction = transaction.register(probabilities);
    }
    let mut found = read(transaction);
    let all = if wants_all { found.pop().map(floats) } else { None };
    let [ids] = found.as_slice() else {
        return Err(EvaluationError::ReadBack { reason: format!("expected a map, found {}", found.len()) });
    };
    Ok((ids_from(ids, height * width)?, all))
}

/// Asks for the most probable class of each pixel and its probability, in this order.
fn most_probable(transaction: Transaction, probabilities: Tensor<4>) -> Transaction {
    let (confidence, ids) = probabilities.max_dim_with_indices(1);
    transaction.register(ids).register(confidence)
}

fn prediction_from(head: String, read: &[TensorData], pixels: usize) -> Result<Prediction, EvaluationError> {
    let [ids, confidence] = read else {
        return Err(EvaluationError::ReadBack { reason: format!("expected 2 maps, found {}", read.len()) });
    };
    let confidence = confidence.iter::<f32>().map(|value| (value * 255.0).round() as u8).collect();
    Ok(Prediction { head, ids: ids_from(ids, pixels)?, confidence })
}

fn ids_from(read: &TensorData, pixels: usize) -> Result<Vec<u8>, EvaluationError> {
    let ids: Vec<u8> = read.iter::<i64>().map(|id| u8::try_from(id).unwrap_or(IGNORE)).collect();
    if ids.len() != pixels {
        let reason = format!("expected {pixels} pixels, found {}", ids.len());
        return Err(EvaluationError::ReadBack { reason });
    }
    Ok(ids)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_alone_are_those_beside_their_probabilities() {
        // Of equal ones the first counts, and what is no number is taken for the largest.
        let values = vec![0.2_f32, 0.5, 0.1, 0.3, 0.2, 0.5, 0.6, f32::NAN, 0.6, 0.0, 0.3, 0.7];
        let map = Tensor::<4>::from_data(TensorData::new(values.clone(), [1, 3, 2, 2]), &Device::flex());
        let beside = predictions(vec![("fused".to_owned(), map.clone())], 2, 2).unwrap().remove(0);
        let (ids, none) = ids_of(map.clone(), false).unwrap();
        assert_eq!((ids.as_slice(), none), (beside.ids.as_slice(), None));
        assert_eq!(ids, [2, 0, 1, 1]);
        let (ids, all) = ids_of(map, true).unwrap();
        let bits = |values: Vec<f32>| values.into_iter().map(f32::to_bits).collect::<Vec<_>>();
        assert_eq!((ids, all.map(bits)), (beside.ids, Some(bits(values))));
    }
}
