//! Matrix products over slices: the one place that calls the unsafe product of `gemm`.

#![allow(unsafe_code, reason = "gemm takes pointers, and threads write to the columns of one matrix")]

use std::iter::once;
use std::marker::PhantomData;
use std::ops::Range;

use gemm::Parallelism;

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
        assert!(fits(data.len(), [rows, columns], [row_stride, 1]), "a matrix reaches over the end of its numbers");
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
        // SAFETY: the numbers lie inside the slice that was cut (see `blocks`), nothing but this block reaches them, and the
        // borrow of the block lasts as long as that of the row.
        unsafe { std::slice::from_raw_parts_mut(self.start.add(row * self.row_stride), self.columns) }
    }

    /// Sets the block to `left · right`, or adds the product to it.
    pub(super) fn product(&mut self, left: Matrix<'_>, right: Matrix<'_>, add: bool) {
        assert_eq!(left.columns, right.rows, "the inner sizes of a product differ");
        assert_eq!([left.rows, right.columns], [self.rows, self.columns], "a product does not fit its target");
        // SAFETY: the factors lie inside their slices (checked in `Matrix::new`) and the target inside its own; the target was
        // borrowed mutably, so it is no alias of the factors, and blocks do not overlap (checked in `blocks`).
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
                Parallelism::None,
            );
        }
    }
}

/// `left · right` into a matrix of whole rows.
pub(super) fn product(into: &mut [f32], left: Matrix<'_>, right: Matrix<'_>) {
    let columns = right.columns;
    for mut block in blocks(into, columns, once(0..columns)) {
        block.product(left, right, false);
    }
}

fn fits(len: usize, [rows, columns]: [usize; 2], [row_stride, column_stride]: [usize; 2]) -> bool {
    rows == 0 || columns == 0 || (rows - 1) * row_stride + (columns - 1) * column_stride < len
}
