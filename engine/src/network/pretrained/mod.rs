//! ImageNet weights for an encoder, from PyTorch and safetensors files.

mod file;
mod names;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use burn::tensor::TensorData;

use self::file::read;
use super::assembly::Network;
use super::error::NetworkError;
use super::parameters::{check, named_parameters, replace};

/// Fills the encoder with the weights in a `.pth` or `.safetensors` file, and says in words what was loaded and what the
/// file held besides.
///
/// Understood are the names of timm (`blocks.1.0.conv_pw.weight`) and of efficientnet-pytorch, on which
/// segmentation-models-pytorch builds (`_blocks.1._expand_conv.weight`), with or without a prefix such as `module.`.
/// Each sensor's copy of a convolution or norm is filled from the same source.
pub fn load_pretrained(network: Network, path: &Path) -> Result<(Network, String), NetworkError> {
    let in_file = |source| NetworkError::InFile { source: Box::new(source), path: path.to_owned() };
    let sources = names::sources(network.encoder()).map_err(in_file)?;
    let stored = read(path)?;
    let prefix = names::prefix(stored.keys()).ok_or_else(|| NetworkError::Unreadable {
        reason: format!(
            "expected the weights of an EfficientNet under the names of timm or efficientnet-pytorch \
             (`conv_stem.weight`, `_conv_stem.weight`), found {}",
            sample_of(stored.keys())
        ),
        path: path.to_owned(),
    })?;
    let mut values: BTreeMap<String, TensorData> = BTreeMap::new();
    let mut used = BTreeSet::new();
    for parameter in named_parameters(&network) {
        let Some(local) = parameter.name.strip_prefix("encoder.") else { continue };
        let candidates = sources.get(&without_copy(local)).map_or(&[][..], Vec::as_slice);
        let found = candidates.iter().find_map(|name| stored.get_key_value(&format!("{prefix}{name}")));
        let Some((name, stored)) = found else {
            let expected = parameter.shape;
            let name = candidates.first().map_or(parameter.name, |name| format!("{prefix}{name}"));
            return Err(in_file(NetworkError::MissingTensor { name, expected }));
        };
        let data = stored.load(name, path)?;
        check(name, &parameter.shape, &data).map_err(in_file)?;
        values.insert(parameter.name, data);
        used.insert(name.clone());
    }
    let skipped: Vec<&String> = stored.keys().filter(|name| !used.contains(*name) && !is_counter(name)).collect();
    let mut report = format!("filled {} tensors of the encoder from {}", values.len(), path.display());
    if !skipped.is_empty() {
        report.push_str(&format!("; not used: {}", sample_of(skipped.into_iter())));
    }
    Ok((replace(network, &values), report))
}

/// Norms in PyTorch count their batches; nothing here needs that.
fn is_counter(name: &str) -> bool {
    name.ends_with("num_batches_tracked")
}

/// A parameter's name without the sensor's copy: `stem.copy1.weight` is filled from the source of `stem.weight`.
fn without_copy(name: &str) -> String {
    name.split('.').filter(|part| !part.starts_with("copy")).collect::<Vec<_>>().join(".")
}

/// The first few names, and how many more there are.
fn sample_of<'a>(names: impl Iterator<Item = &'a String>) -> String {
    let names: Vec<&str> = names.map(String::as_str).collect();
    match names.len() {
        0 => "no tensors at all".to_owned(),
        count if count <= 8 => names.join(", "),
        count => format!("{} and {} more", names[..8].join(", "), count - 8),
    }
}

#[cfg(test)]
mod tests;
