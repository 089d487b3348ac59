//! Scalars whose gradient is already known.

use burn::backend::{Dispatch, Flex};
use burn::tensor::Tensor;

use super::operands::expect_alike;
use crate::kernels::extension::{Known as _, KnownGradient};
use crate::kernels::reach::fits;

/// A scalar `[1]` that reads as `value` and whose gradient with respect to `at` is `gradient`, to the first order.
///
/// A loss that is computed together with its gradient enters the graph here.
pub fn scalar_with_gradient<const D: usize>(value: f32, at: &Tensor<D>, gradient: Tensor<D>) -> Tensor<1> {
    expect_alike("a known gradient", [at, &gradient]);
    if !fits(at) {
        return plain(value, at, gradient);
    }
    match gradient.clone().try_into_primitive::<Flex>() {
        Ok(known) => Tensor::from_dispatch(Dispatch::known(at.clone().into_dispatch(), KnownGradient(known), value)),
        Err(_elsewhere) => plain(value, at, gradient),
    }
}

/// The plain twin: a product whose value cancels (x − x is 0 for every finite x), and whose gradient stays.
fn plain<const D: usize>(value: f32, at: &Tensor<D>, gradient: Tensor<D>) -> Tensor<1> {
    let slope = (at.clone() * gradient).sum();
    slope.clone() - slope.detach() + value
}

#[cfg(test)]
mod tests {
    use burn::tensor::Device;

    use super::*;

    #[test]
    fn value_and_gradient_are_the_given_ones() {
        let device = Device::flex().autodiff();
        let at = Tensor::<1>::from_floats([1.5e7, -2.0, 0.1], &device).require_grad();
        let gradient = Tensor::<1>::from_floats([0.3, -4.0, 5.0], &device.clone().inner());
        for of in [scalar_with_gradient as fn(f32, &Tensor<1>, Tensor<1>) -> Tensor<1>, plain] {
            let scalar = || of(0.123, &at, gradient.clone());
            assert_eq!(scalar().to_data().as_slice::<f32>().unwrap(), [0.123]);
            let double = at.grad(&(scalar() * 2.0).backward()).unwrap();
            assert_eq!(double.into_data(), (gradient.clone() * 2.0).into_data());
            let joined = scalar();
            let joined = at.grad(&(joined.clone() + joined * 0.5).backward()).unwrap();
            assert_eq!(joined.into_data(), (gradient.clone() * 1.5).into_data());
        }
    }

    #[test]
    fn a_scalar_without_a_graph_is_its_value() {
        let at = Tensor::<1>::from_floats([1.0, 2.0], &Device::flex());
        assert_eq!(scalar_with_gradient(0.5, &at, at.clone()).into_data().as_slice::<f32>().unwrap(), [0.5]);
    }
}
