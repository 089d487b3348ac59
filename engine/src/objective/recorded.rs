//! Numbers that a PyTorch script wrote: `name shape numbers`, one tensor a line.

use std::collections::BTreeMap;

use burn::tensor::{Tensor, TensorData};

use super::check::device;
use super::labels::Labels;

/// The tensors of one file.
pub struct Recorded {
    tensors: BTreeMap<String, (Vec<usize>, Vec<f32>)>,
}

impl Recorded {
    /// What `reference/uda.py` writes.
    pub fn uda() -> Self {
        Self::read(include_str!("reference/uda.txt"))
    }

    /// What `reference/ogp_net.py` writes.
    pub fn ogp_net() -> Self {
        Self::read(include_str!("reference/ogp_net.txt"))
    }

    /// What `reference/smmcl.py` writes.
    pub fn smmcl() -> Self {
        Self::read(include_str!("reference/smmcl.txt"))
    }

    /// Reads a file's text.
    pub fn read(text: &str) -> Self {
        let tensor = |line: &str| {
            let mut words = line.split(' ');
            let name = words.next().unwrap().to_owned();
            let shape: Vec<usize> = words.next().unwrap().split('x').map(|side| side.parse().unwrap()).collect();
            let numbers: Vec<f32> = words.map(|word| word.parse().unwrap()).collect();
            assert_eq!(numbers.len(), shape.iter().product::<usize>(), "{name}");
            (name, (shape, numbers))
        };
        Self { tensors: text.lines().map(tensor).collect() }
    }

    #[track_caller]
    fn entry(&self, name: &str) -> &(Vec<usize>, Vec<f32>) {
        self.tensors.get(name).unwrap_or_else(|| panic!("no {name} was written"))
    }

    /// All numbers of one tensor.
    #[track_caller]
    pub fn numbers(&self, name: &str) -> &[f32] {
        &self.entry(name).1
    }

    /// One tensor, on a device that records gradients.
    #[track_caller]
    pub fn tensor<const D: usize>(&self, name: &str) -> Tensor<D> {
        let (shape, numbers) = self.entry(name);
        Tensor::from_data(TensorData::new(numbers.clone(), shape.clone()), &device())
    }

    /// A tensor `[batch, height, width]` of class ids.
    #[track_caller]
    pub fn labels(&self, name: &str) -> Labels {
        let (shape, numbers) = self.entry(name);
        let ids = numbers.iter().map(|&id| id as u8).collect();
        Labels { ids, batch: shape[0], height: shape[1], width: shape[2] }
    }
}

/// Fails unless all numbers agree to 1e-4 of the largest expected one.
#[track_caller]
pub fn agree(found: &[f32], expected: &[f32], what: &str) {
    assert_eq!(found.len(), expected.len(), "{what}");
    let largest = expected.iter().fold(1e-6_f32, |largest, value| largest.max(value.abs()));
    for (place, (found, expected)) in found.iter().zip(expected).enumerate() {
        assert!((found - expected).abs() <= 1e-4 * largest, "{what}[{place}]: found {found}, expected {expected}");
    }
}
