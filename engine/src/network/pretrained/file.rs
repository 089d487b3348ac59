//! Reading weight files into named tensors.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use burn::tensor::TensorData;
use pytorch_reader::{DType, PytorchReader};
use safetensors::{Dtype, SafeTensors};

use crate::network::error::NetworkError;

/// A tensor in a file, read only when it is needed.
#[derive(Clone)]
pub enum Stored {
    /// In a PyTorch file; its reader gathers strided tensors into row-major order.
    Torch(pytorch_reader::Tensor),
    /// In a safetensors file: element type, shape, and the range of its bytes.
    Safe(Dtype, Vec<usize>, std::ops::Range<usize>, Arc<Vec<u8>>),
}

impl Stored {
    /// The values as 32-bit floats.
    pub fn load(&self, name: &str, path: &Path) -> Result<TensorData, NetworkError> {
        let wrong = |found: String| NetworkError::InFile {
            source: Box::new(NetworkError::WrongType { name: name.to_owned(), found }),
            path: path.to_owned(),
        };
        match self {
            Self::Torch(tensor) => {
                if tensor.dtype() != DType::F32 {
                    return Err(wrong(format!("{:?}", tensor.dtype())));
                }
                let bytes = tensor.read().map_err(|error| unreadable(path, &error.to_string()))?;
                let values =
                    bytes.chunks_exact(4).map(|bytes| f32::from_ne_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]));
                Ok(TensorData::new(values.collect::<Vec<_>>(), tensor.shape().to_vec()))
            }
            Self::Safe(dtype, shape, range, bytes) => {
                if *dtype != Dtype::F32 {
                    return Err(wrong(format!("{dtype:?}")));
                }
                let bytes = bytes.get(range.clone()).unwrap_or_default();
                let values =
                    bytes.chunks_exact(4).map(|bytes| f32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]));
                Ok(TensorData::new(values.collect::<Vec<_>>(), shape.clone()))
            }
        }
    }
}

/// All tensors of a file by name; the format follows from the file's ending.
pub fn read(path: &Path) -> Result<BTreeMap<String, Stored>, NetworkError> {
    let ending = path.extension().map(|ending| ending.to_string_lossy().to_lowercase());
    match ending.as_deref() {
        Some("safetensors") => read_safetensors(path),
        Some("pth" | "pt" | "bin") => read_torch(path),
        _ => Err(unreadable(path, "expected a file that ends in .pth, .pt or .safetensors")),
    }
}

fn read_torch(path: &Path) -> Result<BTreeMap<String, Stored>, NetworkError> {
    let reader = PytorchReader::new(path).map_err(|error| unreadable(path, &error.to_string()))?;
    Ok(reader.into_tensors().into_iter().map(|(name, tensor)| (name, Stored::Torch(tensor))).collect())
}

fn read_safetensors(path: &Path) -> Result<BTreeMap<String, Stored>, NetworkError> {
    let bytes = Arc::new(std::fs::read(path).map_err(|error| unreadable(path, &error.to_string()))?);
    let (header, metadata) =
        SafeTensors::read_metadata(&bytes).map_err(|error| unreadable(path, &error.to_string()))?;
    // The header is preceded by its own length in eight bytes.
    let start = header + 8;
    let stored = |info: &safetensors::tensor::TensorInfo| {
        let (from, to) = info.data_offsets;
        Stored::Safe(info.dtype, info.shape.clone(), start + from..start + to, bytes.clone())
    };
    Ok(metadata.tensors().into_iter().map(|(name, info)| (name, stored(info))).collect())
}

fn unreadable(path: &Path, reason: &str) -> NetworkError {
    NetworkError::Unreadable { reason: reason.to_owned(), path: path.to_owned() }
}
