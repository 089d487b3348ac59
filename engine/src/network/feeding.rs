//! Which image goes into which branch when sensors are dropped.

use burn::tensor::Tensor;

use super::contract::Inputs;
use crate::recipe::Recipe;
use crate::recipe::catalogue::inference::{self, Single};

/// Which image each branch is fed, and what becomes of branches that have none.
pub(super) struct Feeding {
    /// The branches that run.
    pub branches: Vec<usize>,
    /// Their images.
    pub images: Vec<Tensor<4>>,
    /// The branches whose sensor is present, as positions in `branches`.
    pub present: Vec<usize>,
    /// Whether two branches meet on their way through the encoder.
    pub meets: bool,
    /// Whether there is a fused prediction.
    pub fuses: bool,
}

impl Feeding {
    /// For a network of this many sensors, of which a fused prediction may need two (OGP-Net, Tables 1 and 3); `None`
    /// where no sensor is present.
    pub fn of(inputs: &Inputs, recipe: &Recipe, sensors: usize, needs_two: bool) -> Option<Self> {
        let image = |sensor: usize| inputs.images.get(sensor).and_then(Option::as_ref);
        let present: Vec<usize> = (0..sensors).filter(|&sensor| image(sensor).is_some()).collect();
        let images: Vec<Tensor<4>> = present.iter().filter_map(|&sensor| image(sensor).cloned()).collect();
        let first = images.first()?.clone();
        let two = sensors == 2;
        if present.len() == sensors || !two || !needs_two {
            let meets = two && present.len() == 2;
            let positions = (0..present.len()).collect();
            return Some(Self { branches: present, images, present: positions, meets, fuses: sensors > 1 });
        }
        // Two branches, a unit that needs both, and one image.
        let alone =
            |fuses| Self { branches: present.clone(), images: images.clone(), present: vec![0], meets: false, fuses };
        let both = |stand_in: Tensor<4>| Self {
            branches: vec![0, 1],
            images: if present[0] == 0 { vec![first.clone(), stand_in] } else { vec![stand_in, first.clone()] },
            present: present.clone(),
            meets: true,
            fuses: true,
        };
        Some(match recipe.get(inference::SINGLE) {
            Single::Both => both(first.clone()),
            Single::Zeros => both(first.zeros_like()),
            Single::Copy => alone(true),
            Single::Branch => alone(false),
        })
    }
}
