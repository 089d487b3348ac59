//! Where tensors become numbers.
//!
//! On a graphics card that waits until all is done that was asked of it before, so a step reads what it can at once. Each
//! wait is counted, and is part of where the time of a step went.

use std::cell::Cell;

use burn::tensor::{Tensor, TensorData, Transaction};

use crate::stopwatch::kernel;

thread_local! {
    static WAITS: Cell<u64> = const { Cell::new(0) };
}

/// Runs something and counts how often this thread reads tensors meanwhile.
pub fn counted<T>(run: impl FnOnce() -> T) -> (T, u64) {
    let before = WAITS.get();
    let result = run();
    (result, WAITS.get() - before)
}

/// The data of all tensors of a transaction, in their order, in one wait.
///
/// # Panics
/// With the device's own words where it fails: that is how a lost device, or one without memory left, is told.
pub fn read(transaction: Transaction) -> Vec<TensorData> {
    WAITS.set(WAITS.get() + 1);
    #[cfg(test)]
    failing::at_this_read();
    kernel("read back", || match transaction.try_execute() {
        Ok(data) => data,
        Err(error) => panic!("the device failed: {error}"),
    })
}

/// The data of tensors of one kind, in one wait, or in none where there are none.
pub fn read_all<const D: usize>(tensors: impl IntoIterator<Item = Tensor<D>>) -> Vec<TensorData> {
    let mut tensors = tensors.into_iter().peekable();
    if tensors.peek().is_none() {
        return Vec::new();
    }
    read(tensors.fold(Transaction::default(), Transaction::register))
}

/// The numbers of one tensor, the last dimension first; empty where they are of another type.
pub fn numbers<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    read(Transaction::default().register(tensor)).into_iter().flat_map(floats).collect()
}

/// The numbers of what was read.
pub fn floats(data: TensorData) -> Vec<f32> {
    data.try_to_vec::<f32>().unwrap_or_default()
}

/// Failing on cue, as a device does.
#[cfg(test)]
pub(crate) mod failing {
    use std::cell::RefCell;

    thread_local! {
        static CUE: RefCell<Option<(u64, &'static str)>> = const { RefCell::new(None) };
    }

    /// Lets this thread's reading after so many others fail with these words, once.
    pub(crate) fn after(reads: u64, words: &'static str) {
        CUE.set(Some((reads, words)));
    }

    pub(super) fn at_this_read() {
        let words = CUE.with_borrow_mut(|cue| match cue {
            Some((0, words)) => {
                let words = *words;
                *cue = None;
                Some(words)
            }
            Some((reads, _)) => {
                *reads -= 1;
                None
            }
            None => None,
        });
        if let Some(words) = words {
            panic!("{words}");
        }
    }
}

#[cfg(test)]
mod tests {
    use burn::tensor::Device;

    use super::*;

    #[test]
    fn many_tensors_are_one_wait_and_come_in_their_order() {
        let tensor = |value: f32| Tensor::<1>::from_floats([value, -value], &Device::flex());
        let (found, waits) = counted(|| {
            let both = Transaction::default().register(tensor(1.0)).register(tensor(2.0));
            read(both).into_iter().map(floats).collect::<Vec<_>>()
        });
        assert_eq!((found, waits), (vec![vec![1.0, -1.0], vec![2.0, -2.0]], 1));
        assert_eq!(counted(|| numbers(tensor(3.0))), (vec![3.0, -3.0], 1));
        assert_eq!(counted(|| read_all::<1>([]).len()), (0, 0));
    }

    #[test]
    fn a_device_fails_on_cue_and_once() {
        let read = || std::panic::catch_unwind(|| numbers(Tensor::<1>::zeros([1], &Device::flex())));
        failing::after(1, "out of device memory");
        assert!(read().is_ok() && read().is_err() && read().is_ok());
    }
}
