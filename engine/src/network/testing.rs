//! Numbers that tests here and the scripts in `reference/` make in the same way.

use burn::tensor::{Device, Tensor, TensorData};

use super::{Inputs, Network};
use crate::random::Streams;
use crate::recipe::Recipe;

/// sin(0.7 i + offset) for the i-th element.
pub fn wave<const D: usize>(shape: [usize; D], offset: f32, device: &Device) -> Tensor<D> {
    let count: usize = shape.iter().product();
    let values: Vec<f32> = (0..count).map(|index| (0.7 * index as f64 + f64::from(offset)).sin() as f32).collect();
    Tensor::from_data(TensorData::new(values, shape), device)
}

/// All values of a tensor.
pub fn values<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    tensor.into_data().try_to_vec::<f32>().unwrap()
}

/// Asserts that two lists agree within `tolerance`, relative where values are larger than 1.
pub fn assert_close(found: &[f32], expected: &[f32], tolerance: f32) {
    assert_eq!(found.len(), expected.len());
    for (index, (found, expected)) in found.iter().zip(expected).enumerate() {
        let error = (found - expected).abs();
        assert!(error <= tolerance * expected.abs().max(1.0), "at {index}: found {found}, expected {expected}");
    }
}

/// The demo recipe with changes.
pub fn recipe(changes: &[(&str, &str)]) -> Recipe {
    let mut recipe = crate::recipe::preset("ogp-net-demo").unwrap();
    for (key, value) in changes {
        recipe.set_text(key, value).unwrap();
    }
    recipe
}

/// A network for the first `count` of colour, thermal, depth, with 4 classes.
pub fn network(recipe: &Recipe, count: usize, device: &Device) -> Network {
    let sensors: Vec<String> = ["colour", "thermal", "depth"].iter().take(count).map(ToString::to_string).collect();
    Network::build(recipe, &sensors, 4, &Streams::new(7), device).unwrap()
}

/// Two images a sensor, for as many sensors as there are flags; `None` where the flag is false.
pub fn inputs(present: &[bool], [height, width]: [usize; 2], device: &Device) -> Inputs {
    let image = |(sensor, &present): (usize, &bool)| {
        present.then(|| wave([2, 3, height, width], sensor as f32 * 1.3 + 0.2, device))
    };
    Inputs { images: present.iter().enumerate().map(image).collect() }
}
