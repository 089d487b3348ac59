//! Named tensors as safetensors bytes, with one text beside them.

use std::collections::{BTreeMap, HashMap};

use burn::tensor::{DType, TensorData};
use safetensors::tensor::TensorView;
use safetensors::{Dtype, SafeTensors};

use crate::files::sum_of;

/// The key of the text in the file's metadata.
const KEY: &str = "fusionscope";

/// Named tensors.
pub(super) type Tensors = BTreeMap<String, TensorData>;

/// Packs tensors and a text. The same input gives the same bytes.
pub(super) fn bytes_from_tensors(tensors: &Tensors, text: &str) -> Result<Vec<u8>, String> {
    let views = tensors
        .iter()
        .map(|(name, data)| {
            let dtype = dtype_of(data.dtype()).ok_or_else(|| format!("tensor `{name}` is {:?}", data.dtype()))?;
            let shape: Vec<usize> = data.shape().iter().copied().collect();
            let view =
                TensorView::new(dtype, shape, data.as_bytes()).map_err(|error| format!("tensor `{name}`: {error}"))?;
            Ok((name.as_str(), view))
        })
        .collect::<Result<Vec<_>, String>>()?;
    let metadata = HashMap::from([(KEY.to_owned(), text.to_owned())]);
    safetensors::serialize(views, Some(metadata)).map_err(|error| error.to_string())
}

/// Unpacks tensors and the text, which is empty where another program wrote the file.
pub(super) fn tensors_from_bytes(bytes: &[u8]) -> Result<(Tensors, String), String> {
    let (_, metadata) = SafeTensors::read_metadata(bytes).map_err(|error| error.to_string())?;
    let text = metadata.metadata().as_ref().and_then(|all| all.get(KEY)).cloned().unwrap_or_default();
    let file = SafeTensors::deserialize(bytes).map_err(|error| error.to_string())?;
    let mut tensors = Tensors::new();
    for (name, view) in file.tensors() {
        let dtype = dtype_from(view.dtype()).ok_or_else(|| format!("tensor `{name}` is {:?}", view.dtype()))?;
        let data = TensorData::from_bytes_vec(view.data().to_vec(), view.shape().to_vec(), dtype);
        tensors.insert(name, data);
    }
    Ok((tensors, text))
}

/// A sum over the numbers of all tensors.
pub(super) fn sum_of_tensors(tensors: &Tensors) -> u64 {
    tensors.values().fold(0, |sum, data| sum.rotate_left(1) ^ sum_of(data.as_bytes()))
}

fn dtype_of(dtype: DType) -> Option<Dtype> {
    Some(match dtype {
        DType::F32 => Dtype::F32,
        DType::F16 => Dtype::F16,
        DType::I64 => Dtype::I64,
        DType::I32 => Dtype::I32,
        DType::U8 => Dtype::U8,
        _ => return None,
    })
}

fn dtype_from(dtype: Dtype) -> Option<DType> {
    Some(match dtype {
        Dtype::F32 => DType::F32,
        Dtype::F16 => DType::F16,
        Dtype::I64 => DType::I64,
        Dtype::I32 => DType::I32,
        Dtype::U8 => DType::U8,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn tensors_come_back_bit_for_bit() {
        let tensors = Tensors::from([
            ("a.weight".to_owned(), TensorData::new(vec![1.0_f32, f32::MIN_POSITIVE, -0.0, 3.0], [2, 2])),
            ("steps".to_owned(), TensorData::new(vec![7_i64], [1])),
            ("none".to_owned(), TensorData::new(Vec::<f32>::new(), [0])),
        ]);
        let bytes = bytes_from_tensors(&tensors, "card").unwrap();
        assert_eq!(bytes, bytes_from_tensors(&tensors, "card").unwrap());
        let (back, text) = tensors_from_bytes(&bytes).unwrap();
        assert_eq!(text, "card");
        for (name, data) in &tensors {
            assert_eq!(data.as_bytes(), back[name].as_bytes());
            assert_eq!(data.shape(), back[name].shape());
        }
        for length in 0..bytes.len() {
            assert!(tensors_from_bytes(&bytes[..length]).is_err(), "{length} of {} bytes were taken", bytes.len());
        }
    }

    proptest! {
        #[test]
        fn random_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _any = tensors_from_bytes(&bytes);
            let mut headed = 20_u64.to_le_bytes().to_vec();
            headed.extend(bytes);
            let _any = tensors_from_bytes(&headed);
        }
    }
}
