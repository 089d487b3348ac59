//! How an optimisation goes: exaggeration, rate and momentum of every iteration.

/// One iteration's settings.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Step {
    /// The factor on attraction.
    pub exaggeration: f32,
    /// The learning rate, for a gradient without its factor 4.
    pub rate: f32,
    /// How much of the last step is kept.
    pub momentum: f32,
}

/// Momentum in all phases, as openTSNE 1.0 takes it.
const MOMENTUM: f32 = 0.8;

/// A course of iterations: exaggerated ones, then plain ones.
///
/// The rate is the number of points over the exaggeration (Belkina et al. 2019), by phase as in openTSNE 1.0.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Schedule {
    /// Factor on attraction at first.
    pub exaggeration: f32,
    /// Iterations with it.
    pub exaggerated: u32,
    /// Iterations over which it falls to 1 afterwards, a part of the plain ones: a picture that is watched does not
    /// jump.
    pub ramp: u32,
    /// All iterations.
    pub iterations: u32,
    /// The number of points.
    pub count: usize,
    /// Whether it ends where the layout has come to rest: mean steps below a thousandth of the radius. Later iterations
    /// still lower the divergence a little.
    pub stops_early: bool,
}

impl Schedule {
    /// A first layout from a start that is almost one point: a quarter of the iterations at exaggeration 12.
    pub fn fresh(count: usize, iterations: u32) -> Self {
        Self {
            exaggeration: 12.0,
            exaggerated: (iterations / 4).min(250),
            ramp: 0,
            iterations,
            count,
            stops_early: false,
        }
    }

    /// From the layout of almost the same points, unscaled: exaggeration 4 for 100 iterations, then 150 plain ones.
    ///
    /// Without the exaggeration, points that have to change clusters stay where they are.
    pub fn warm(count: usize) -> Self {
        Self { exaggeration: 4.0, exaggerated: 100, ramp: 0, iterations: 250, count, stops_early: false }
    }

    /// The settings of an iteration, counted from 0.
    pub fn step(&self, iteration: u32) -> Step {
        let after = iteration.saturating_sub(self.exaggerated);
        let exaggeration = if iteration < self.exaggerated {
            self.exaggeration
        } else if after < self.ramp {
            // Evenly by ratio, so that the last steps are not the largest.
            self.exaggeration.powf(1.0 - (after + 1) as f32 / (self.ramp + 1) as f32)
        } else {
            1.0
        };
        self.step_with(exaggeration)
    }

    /// The settings of an iteration with an exaggeration of one's own.
    pub fn step_with(&self, exaggeration: f32) -> Step {
        Step { exaggeration, rate: self.count as f32 / exaggeration.max(1.0), momentum: MOMENTUM }
    }
}
