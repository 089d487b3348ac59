//! Where the smallest and the largest value of each run of points stand, so that thinning need not look at every point.

use std::ops::Range;

/// Points summed up in one entry.
const BLOCK: usize = 32;

/// Stands for a block without a finite value.
const NONE: u32 = u32::MAX;

/// Indices of the extremes of each block of a column, and of the gaps.
#[derive(Clone, Debug, Default)]
pub struct Envelope {
    extremes: Vec<[u32; 2]>,
    gaps: Vec<u32>,
    len: usize,
}

impl Envelope {
    /// Takes in the points that `values` has gained since the last call.
    pub fn extend(&mut self, values: &[f32]) {
        for (index, value) in values.iter().enumerate().skip(self.len) {
            if index.is_multiple_of(BLOCK) {
                self.extremes.push([NONE, NONE]);
            }
            if !value.is_finite() {
                self.gaps.push(index as u32);
                continue;
            }
            if let Some([low, high]) = self.extremes.last_mut() {
                if *low == NONE || *value < values[*low as usize] {
                    *low = index as u32;
                }
                if *high == NONE || *value > values[*high as usize] {
                    *high = index as u32;
                }
            }
        }
        self.len = values.len();
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        *self = Self::default();
    }

    /// How many gaps stand before the point `index`: two points belong to one stroke if this is the same for both.
    pub fn gaps_before(&self, index: usize) -> usize {
        self.gaps.partition_point(|&gap| (gap as usize) < index)
    }

    /// The indices of the smallest and the largest finite value in `range`; `None` where there is no finite one.
    pub fn extremes(&self, values: &[f32], range: Range<usize>) -> Option<(usize, usize)> {
        let mut found: Option<(usize, usize)> = None;
        let mut take = |index: usize| {
            let value = values[index];
            if !value.is_finite() {
                return;
            }
            found = Some(match found {
                None => (index, index),
                Some((low, high)) => {
                    (if value < values[low] { index } else { low }, if value > values[high] { index } else { high })
                }
            });
        };
        let mut index = range.start;
        while index < range.end {
            if index.is_multiple_of(BLOCK) && index + BLOCK <= range.end {
                for &extreme in &self.extremes[index / BLOCK] {
                    if extreme != NONE {
                        take(extreme as usize);
                    }
                }
                index += BLOCK;
            } else {
                take(index);
                index += 1;
            }
        }
        found
    }
}
