//! How many multiply-adds a forward pass takes: counted where they are done, while someone asks.
//!
//! Convolutions, linear layers and products of matrices (attention, factorisations) count; norms, activations, sums and
//! resizing do not, as is usual for published figures. A multiply-add is one multiplication with its addition.

use std::cell::RefCell;

use burn::tensor::Tensor;

/// The multiply-adds of one part of a network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cost {
    /// The part; `other` for what belongs to none.
    pub part: &'static str,
    /// Multiply-adds.
    pub multiply_adds: u64,
}

#[derive(Debug)]
struct Tally {
    part: &'static str,
    costs: Vec<Cost>,
}

thread_local! {
    static TALLY: RefCell<Option<Tally>> = const { RefCell::new(None) };
}

/// Runs something and counts what this thread multiplies meanwhile, by part in the order in which parts first did.
pub fn counted<T>(run: impl FnOnce() -> T) -> (T, Vec<Cost>) {
    let outer = TALLY.replace(Some(Tally { part: "other", costs: Vec::new() }));
    let result = run();
    let tally = TALLY.replace(outer);
    (result, tally.map_or_else(Vec::new, |tally| tally.costs))
}

/// Runs something whose multiply-adds belong to a part.
pub fn part<T>(name: &'static str, run: impl FnOnce() -> T) -> T {
    let enter =
        |name| TALLY.with_borrow_mut(|tally| tally.as_mut().map(|tally| std::mem::replace(&mut tally.part, name)));
    let outer = enter(name);
    let result = run();
    if let Some(outer) = outer {
        enter(outer);
    }
    result
}

/// Counts multiply-adds; nearly free while nobody asks.
pub fn add(multiply_adds: usize) {
    TALLY.with_borrow_mut(|tally| {
        let Some(Tally { part, costs }) = tally else { return };
        match costs.iter_mut().find(|cost| cost.part == *part) {
            Some(cost) => cost.multiply_adds += multiply_adds as u64,
            None => costs.push(Cost { part, multiply_adds: multiply_adds as u64 }),
        }
    });
}

/// Counts the product of two stacks of matrices, `[…, rows, inner]` and `[…, inner, columns]`.
pub fn add_product<const D: usize>(left: &Tensor<D>, right: &Tensor<D>) {
    let columns = right.dims().last().copied().unwrap_or(1);
    add(left.shape().num_elements() * columns);
}

/// The product of two such stacks, counted; in single precision always.
pub fn full_product<const D: usize>(left: Tensor<D>, right: Tensor<D>) -> Tensor<D> {
    add_product(&left, &right);
    left.matmul(right)
}

#[cfg(test)]
mod tests {
    use burn::tensor::Device;

    use super::*;
    use crate::kernels;
    use crate::network::layers::{Conv, ConvShape, Doubling, Init, Linear};
    use crate::random::Streams;

    #[test]
    fn costs_go_to_the_innermost_part_and_to_whoever_asks() {
        add(1);
        let (inner, costs) = counted(|| {
            add(2);
            part("encoder", || {
                add(3);
                part("attention", || add(4));
                add(5);
            });
            let ((), inner) = counted(|| add(6));
            add(7);
            inner
        });
        let cost = |part, multiply_adds| Cost { part, multiply_adds };
        assert_eq!(costs, [cost("other", 9), cost("encoder", 8), cost("attention", 4)]);
        assert_eq!(inner, [cost("other", 6)]);
        assert!(counted(|| ()).1.is_empty());
    }

    #[test]
    fn layers_count_as_by_hand() {
        let (streams, device) = (Streams::new(1), Device::flex());
        let init = Init::new(&streams, &device);
        let map = |channels| Tensor::<4>::zeros([2, channels, 8, 6], &device);
        let count = |run: &dyn Fn() -> Tensor<4>| counted(run).1.iter().map(|cost| cost.multiply_adds).sum::<u64>();
        // Half the rows and columns, nine places of three channels for each of five.
        let conv = Conv::new(ConvShape::square(3, 5, 3).stride(2).biased(), &init);
        assert_eq!(count(&|| conv.forward(map(3))), 2 * 4 * 3 * 9 * 3 * 5);
        let strip = Conv::new(ConvShape::depthwise(4, 1).kernel([1, 7]), &init);
        assert_eq!(count(&|| strip.forward(map(4))), 2 * 8 * 6 * 7 * 4);
        let linear = Linear::new(3, 7, &init);
        assert_eq!(count(&|| linear.forward(map(3))), 2 * 8 * 6 * 3 * 7);
        let doubling = Doubling::new(3, 2, &init);
        assert_eq!(count(&|| doubling.forward(map(3))), 2 * 8 * 6 * 3 * 2 * 4);
        // Four heads of depth five: every one of six places asks three sources, then gathers them.
        let part = |places| Tensor::<4>::zeros([2, 4, 5, places], &device);
        assert_eq!(count(&|| kernels::attention(part(6), part(3), part(3))), 2 * 4 * 2 * 6 * 3 * 5);
        assert_eq!(count(&|| full_product(part(6), Tensor::zeros([2, 4, 6, 3], &device))), 2 * 4 * 5 * 6 * 3);
    }
}
