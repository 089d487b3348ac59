//! Matrix products over slices: the one place that calls the unsafe product of `gemm`.

#![allow(unsafe_code, reason = "gemm takes pointers, and threads write to the columns of one matrix")]

use std::iter::once;
use std::marker::PhantomData;
use std::ops::Range;

/// A matrix inside a slice. Element `(row, column)` lies at `row · row_stride + column · column_stride`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Matrix<'a> {
    data: &'a [f32],
    rows: usize,
    columns: usize,
    row_stride: usize,
    column_stride: usize,
}

impl<'a> Matrix<'a> {
    /// Rows of consecutive numbers, `row_stride` apart.
    pub(super) fn new(data: &'a [f32], [rows, columns]: [usize; 2], row_stride: usize) -> Self {
        assert!(fits(data.len(), [rows, columns], row_stride), "a matrix reaches over the end of its numbers");
        Self { data, rows, columns, row_stride, column_stride: 1 }
    }

    /// Rows and columns exchanged.
    pub(super) fn transposed(self) -> Self {
        let Self { data, rows, columns, row_stride, column_stride } = self;
        Self { data, rows: columns, columns: rows, row_stride: column_stride, column_stride: row_stride }
    }
}

/// Some columns of a matrix that is written: rows of `columns` numbers, `row_stride` apart.
#[derive(Debug)]
pub(super) struct Block<'a> {
    start: *mut f32,
    rows: usize,
    columns: usize,
    row_stride: usize,
    numbers: PhantomData<&'a mut [f32]>,
}

// SAFETY: a block is the only way to reach its numbers while it lives (see `blocks`), as a mutable slice would be.
unsafe impl Send for Block<'_> {}

/// Cuts a matrix of whole rows, which lie one after the other, into blocks of columns for several threads.
///
/// The cuts are in order and do not overlap.
pub(super) fn blocks(
    numbers: &mut [f32],
    columns: usize,
    cuts: impl IntoIterator<Item = Range<usize>>,
) -> Vec<Block<'_>> {
    assert!(numbers.len().is_multiple_of(columns.max(1)), "a matrix that is cut has a row that is not whole");
    let rows = numbers.len() / columns.max(1);
    let start = numbers.as_mut_ptr();
    let mut taken = 0;
    let mut block = |cut: Range<usize>| {
        assert!(taken <= cut.start && cut.start <= cut.end && cut.end <= columns, "blocks of columns overlap");
        taken = cut.end;
        // SAFETY: `cut.start` is at most the length of a row, or 0 where there are no numbers at all.
        let start = unsafe { start.add(if rows == 0 { 0 } else { cut.start }) };
        Block { start, rows, columns: cut.len(), row_stride: columns, numbers: PhantomData }
    };
    cuts.into_iter().map(&mut block).collect()
}

impl Block<'_> {
    /// The block's part of a row.
    #[inline(always)]
    pub(super) fn row(&mut self, row: usize) -> &mut [f32] {
        assert!(row < self.rows, "a block has no such row");
        // SAFETY: the numbers lie inside the slice that was cut (see `blocks`), nothing but this block reaches them,
        // and the borrow of the block lasts as long as that of the row.
        unsafe { std::slice::from_raw_parts_mut(self.start.add(row * self.row_stride), self.columns) }
    }

    /// Sets the block to `left · right`, or adds the product to it.
    pub(super) fn product(&mut self, left: Matrix<'_>, right: Matrix<'_>, add: bool) {
        assert_eq!(left.columns, right.rows, "the inner sizes of a product differ");
        assert_eq!([left.rows, right.columns], [self.rows, self.columns], "a product does not fit its target");
        // Miri knows no vector instructions; what it is to check is where numbers lie, not how `gemm` multiplies.
        #[cfg(miri)]
        self.plain_product(left, right, add);
        // SAFETY: the factors lie inside their slices (checked in `Matrix::new`) and the target inside its own; the
        // target was borrowed mutably, so it is no alias of the factors, and blocks do not overlap (checked in
        // `blocks`).
        #[cfg(not(miri))]
        unsafe {
            gemm::gemm(
                self.rows,
                self.columns,
                left.columns,
                self.start,
                1,
                self.row_stride as isize,
                add,
                left.data.as_ptr(),
                left.column_stride as isize,
                left.row_stride as isize,
                right.data.as_ptr(),
                right.column_stride as isize,
                right.row_stride as isize,
                1.0,
                1.0,
                false,
                false,
                false,
                gemm::Parallelism::None,
            );
        }
    }
}

#[cfg(any(miri, test))]
impl Block<'_> {
    /// The plain twin of the product.
    fn plain_product(&mut self, left: Matrix<'_>, right: Matrix<'_>, add: bool) {
        for row in 0..self.rows {
            for (column, into) in self.row(row).iter_mut().enumerate() {
                let sum: f32 = (0..left.columns).map(|place| left.at(row, place) * right.at(place, column)).sum();
                *into = if add { *into + sum } else { sum };
            }
        }
    }
}

#[cfg(any(miri, test))]
impl Matrix<'_> {
    fn at(&self, row: usize, column: usize) -> f32 {
        self.data[row * self.row_stride + column * self.column_stride]
    }
}

/// `left · right` into a matrix of whole rows.
pub(super) fn product(into: &mut [f32], left: Matrix<'_>, right: Matrix<'_>) {
    let columns = right.columns;
    for mut block in blocks(into, columns, once(0..columns)) {
        block.product(left, right, false);
    }
}

/// Whether the last element lies inside; sizes whose product no number holds do not.
fn fits(len: usize, [rows, columns]: [usize; 2], row_stride: usize) -> bool {
    let (Some(below), Some(beside)) = (rows.checked_sub(1), columns.checked_sub(1)) else { return true };
    below.checked_mul(row_stride).and_then(|start| start.checked_add(beside)).is_some_and(|last| last < len)
}

#[cfg(test)]
mod tests {
    use std::panic::catch_unwind;

    use rayon::prelude::*;

    use super::*;

    fn numbers(count: usize) -> Vec<f32> {
        (0..count).map(|index| (index * 7919 % 2003) as f32 / 1001.0 - 1.0).collect()
    }

    /// Sizes around those of registers, every way to lie, a target in one piece and in blocks that several threads
    /// fill.
    #[test]
    fn products_equal_the_plain_ones_wherever_factors_and_target_lie() {
        for [rows, inner, columns] in [[1, 1, 1], [3, 5, 2], [17, 9, 33], [8, 16, 31], [2, 40, 19]] {
            for (gap, turned) in [(0, false), (3, false), (0, true), (2, true)] {
                let data = numbers(2_000);
                let (of_left, of_right) =
                    if turned { ([inner, rows], [columns, inner]) } else { ([rows, inner], [inner, columns]) };
                let make = |[rows, columns]: [usize; 2]| {
                    let matrix = Matrix::new(&data, [rows, columns], columns + gap);
                    if turned { matrix.transposed() } else { matrix }
                };
                let (left, right) = (make(of_left), make(of_right));
                for add in [false, true] {
                    let [mut ours, mut plain] = [numbers(rows * columns), numbers(rows * columns)];
                    let cuts = [0..columns / 3, columns / 3..columns / 3, columns / 3..columns];
                    blocks(&mut ours, columns, cuts.clone()).into_par_iter().zip(cuts).for_each(|(mut block, cut)| {
                        let part = Matrix {
                            columns: cut.len(),
                            data: &right.data[cut.start * right.column_stride..],
                            ..right
                        };
                        block.product(left, part, add);
                    });
                    for mut block in blocks(&mut plain, columns, once(0..columns)) {
                        block.plain_product(left, right, add);
                    }
                    let apart = ours.iter().zip(&plain).map(|(ours, plain)| (ours - plain).abs()).fold(0.0, f32::max);
                    assert!(apart < 1e-4, "{rows}×{inner} by {inner}×{columns}, {gap} apart: {apart}");
                }
            }
        }
    }

    #[test]
    fn rows_of_blocks_on_several_threads_are_those_of_the_matrix() {
        let mut matrix = vec![0.0; 4 * 10];
        blocks(&mut matrix, 10, [0..3, 3..4, 6..10]).into_par_iter().enumerate().for_each(|(index, mut block)| {
            (0..4).for_each(|row| block.row(row).fill((index + 1) as f32));
        });
        assert!(matrix.chunks(10).all(|row| row == [1.0, 1.0, 1.0, 2.0, 0.0, 0.0, 3.0, 3.0, 3.0, 3.0]));
    }

    #[test]
    fn matrices_and_blocks_that_reach_out_of_their_numbers_are_refused() {
        let matrix =
            |shape: [usize; 2], stride: usize| catch_unwind(|| _ = Matrix::new(&[0.0; 6], shape, stride)).is_ok();
        assert!(matrix([2, 3], 3) && matrix([0, 9], 9) && matrix([2, 1], 5));
        assert!(!matrix([2, 3], 4) && !matrix([3, 3], 3) && !matrix([1, 7], 7));
        // Sizes whose product wraps round to a small number.
        assert!(!matrix([3, 1], usize::MAX / 2 + 1) && !matrix([1 << 63, 1], 2));
        let cut = |cuts: &'static [(usize, usize)]| {
            let cuts = cuts.iter().map(|&(from, to)| from..to);
            catch_unwind(|| drop(blocks(&mut [0.0; 6], 3, cuts))).is_ok()
        };
        assert!(cut(&[(0, 1), (1, 3)]));
        assert!(!cut(&[(0, 2), (1, 3)]) && !cut(&[(0, 4)]) && !cut(&[(2, 3), (0, 1)]));
        assert!(catch_unwind(|| drop(blocks(&mut [0.0; 7], 3, once(0..3)))).is_err(), "a row is not whole");
        assert!(catch_unwind(|| blocks(&mut [0.0; 6], 3, once(0..3))[0].row(2)[0]).is_err());
        let misfit = |left: [usize; 2], right: [usize; 2]| {
            let (left, right) = (Matrix::new(&[1.0; 6], left, left[1]), Matrix::new(&[1.0; 6], right, right[1]));
            catch_unwind(|| product(&mut [0.0; 4], left, right)).is_err()
        };
        assert!(!misfit([2, 3], [3, 2]) && misfit([2, 2], [3, 2]) && misfit([1, 3], [3, 2]));
    }
}
