//! Scalars whose gradient is already known.

use burn::tensor::Tensor;

/// A scalar `[1]` that reads as `value` and whose gradient with respect to `at` is `gradient`, to the first order.
///
/// A loss that is computed on the host together with its gradient enters the graph through one product: the product's value
/// cancels (x − x is 0 for every finite x), its gradient stays.
pub(super) fn scalar_with_gradient<const D: usize>(value: f32, at: &Tensor<D>, gradient: Tensor<D>) -> Tensor<1> {
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
        let scalar = scalar_with_gradient(0.123, &at, gradient.clone());
        assert_eq!(scalar.to_data().as_slice::<f32>().unwrap(), [0.123]);
        let found = at.grad(&(scalar * 2.0).backward()).unwrap();
        assert_eq!(found.into_data(), (gradient * 2.0).into_data());
    }
}
