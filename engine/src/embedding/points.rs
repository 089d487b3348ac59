//! The points that are laid out.

use super::error::EmbeddingError;

/// Finite points `[count, width]`, row by row.
#[derive(Clone, Debug, PartialEq)]
pub struct Points {
    numbers: Vec<f32>,
    width: usize,
}

impl Points {
    /// From rows of `width` numbers; every number must be finite, and there must be one point at least.
    pub fn new(numbers: Vec<f32>, width: usize) -> Result<Self, EmbeddingError> {
        if width == 0 {
            return Err(EmbeddingError::NoColumns);
        }
        if !numbers.len().is_multiple_of(width) {
            return Err(EmbeddingError::Ragged { width, numbers: numbers.len() });
        }
        if numbers.is_empty() {
            return Err(EmbeddingError::NoPoints);
        }
        if let Some(at) = numbers.iter().position(|number| !number.is_finite()) {
            return Err(EmbeddingError::NotFinite { point: at / width, column: at % width, value: numbers[at] });
        }
        Ok(Self { numbers, width })
    }

    /// How many.
    pub fn count(&self) -> usize {
        self.numbers.len() / self.width
    }

    /// Numbers a point.
    pub fn width(&self) -> usize {
        self.width
    }

    /// One point.
    pub fn of(&self, point: usize) -> &[f32] {
        &self.numbers[point * self.width..][..self.width]
    }

    /// Some of the points, in the given order.
    pub fn chosen(&self, rows: &[usize]) -> Self {
        Self { numbers: rows.iter().flat_map(|&row| self.of(row)).copied().collect(), width: self.width }
    }

    /// All numbers, row by row.
    pub fn numbers(&self) -> &[f32] {
        &self.numbers
    }

    /// The mean of every column, in double precision.
    pub fn mean(&self) -> Vec<f64> {
        let mut mean = vec![0.0; self.width];
        for row in self.numbers.chunks_exact(self.width) {
            for (mean, &number) in mean.iter_mut().zip(row) {
                *mean += f64::from(number);
            }
        }
        let count = self.count() as f64;
        for mean in &mut mean {
            *mean /= count;
        }
        mean
    }

    /// The same points around their mean, times [`Points::scale`]: neighbours are the same.
    ///
    /// Distances are formed as |a|² + |b|² − 2ab, which loses digits far from the origin.
    pub fn centred(&self) -> Self {
        let (mean, scale) = (self.mean(), self.scale());
        let mut centred = Vec::with_capacity(self.numbers.len());
        for row in self.numbers.chunks_exact(self.width) {
            centred.extend(row.iter().zip(&mean).map(|(&number, mean)| ((f64::from(number) - mean) * scale) as f32));
        }
        Self { numbers: centred, width: self.width }
    }

    /// A factor with which no square overflows or vanishes: 1 for all but huge and tiny numbers.
    pub fn scale(&self) -> f64 {
        let largest = self.numbers.iter().fold(0.0_f32, |largest, number| largest.max(number.abs()));
        if (1e-9..=1e9).contains(&largest) || largest == 0.0 { 1.0 } else { 1.0 / f64::from(largest) }
    }
}
