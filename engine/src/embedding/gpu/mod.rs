//! The engine on a graphics card: WGSL kernels on a device of their own, with default limits and no atomics on floats.
//!
//! Each kernel stands in a file of its own, and has a twin of the same name among the CPU's.

mod buffers;
mod device;
mod kernels;

use std::sync::Arc;
use std::time::{Duration, Instant};

use self::buffers::{Buffers, CHUNK, State};
use self::device::Graphics;
use self::kernels::Kernels;
use super::cpu::{CpuEngine, Repulsion};
use super::engine::{Engine, Stats};
use super::error::EmbeddingError;
use super::graph::Graph;
use super::schedule::Step;

/// How long the card may be busy with one submission: a driver's watchdog and other programs wait for it.
const BUSY: Duration = Duration::from_millis(30);

/// The engine on a graphics card.
pub struct GpuEngine {
    graphics: Graphics,
    kernels: Kernels,
    work: Option<Work>,
    /// Iterations a submission, from how long the last ones took. The result does not depend on it.
    at_once: usize,
}

/// What lies on the card.
struct Work {
    graph: Arc<Graph>,
    buffers: Buffers,
}

impl GpuEngine {
    /// An engine on an adapter.
    pub fn new(adapter: &wgpu::Adapter) -> Result<Self, EmbeddingError> {
        let graphics = Graphics::new(adapter)?;
        let kernels = Kernels::new(&graphics.device);
        graphics.check("compiling the kernels")?;
        Ok(Self { graphics, kernels, work: None, at_once: 1 })
    }

    fn chunk(&mut self, steps: &[Step]) -> Result<(), EmbeddingError> {
        let Self { graphics, kernels, work: Some(work), at_once } = self else { return Ok(()) };
        let Work { buffers, .. } = work;
        let schedule: Vec<f32> =
            steps.iter().flat_map(|step| [step.exaggeration, step.rate, step.momentum, 0.0]).collect();
        graphics.write(&buffers.schedule, &schedule);
        graphics.write(&buffers.state, &[0.0; State::NUMBERS]);
        let mut done = 0;
        while done < steps.len() {
            let iterations = (*at_once).clamp(1, steps.len() - done);
            let began = Instant::now();
            let mut encoder = graphics.device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
            {
                let mut pass = encoder.begin_compute_pass(&wgpu::ComputePassDescriptor::default());
                for _ in 0..iterations {
                    buffers.iteration(&mut pass, kernels);
                }
                if done + iterations == steps.len() {
                    buffers.tally(&mut pass, kernels);
                }
            }
            graphics.queue.submit([encoder.finish()]);
            graphics.wait("iterating")?;
            done += iterations;
            *at_once = paced(iterations, began.elapsed());
        }
        Ok(())
    }
}

/// Iterations for the next submission.
fn paced(iterations: usize, took: Duration) -> usize {
    let fits = BUSY.as_secs_f64() / took.as_secs_f64().max(1e-6) * iterations as f64;
    (fits as usize).clamp(1, 2 * iterations)
}

impl Engine for GpuEngine {
    fn words(&self) -> String {
        self.graphics.words.clone()
    }

    fn begin(&mut self, graph: Arc<Graph>, layout: &[[f32; 2]]) -> Result<(), EmbeddingError> {
        if layout.len() != graph.count() {
            return Err(EmbeddingError::OtherCount { expected: graph.count(), found: layout.len() });
        }
        let buffers = Buffers::new(&self.graphics, &self.kernels, &graph, layout)?;
        self.work = Some(Work { graph, buffers });
        Ok(())
    }

    fn change_graph(&mut self, graph: Arc<Graph>) -> Result<(), EmbeddingError> {
        let Some(work) = &mut self.work else { return Ok(()) };
        if work.graph.count() != graph.count() {
            return Err(EmbeddingError::OtherCount { expected: graph.count(), found: work.graph.count() });
        }
        work.buffers.change_graph(&self.graphics, &self.kernels, &graph)?;
        work.graph = graph;
        Ok(())
    }

    fn iterate(&mut self, steps: &[Step], _measures: bool) -> Result<Stats, EmbeddingError> {
        for steps in steps.chunks(CHUNK) {
            self.chunk(steps)?;
        }
        let Some(work) = &self.work else { return Ok(Stats::default()) };
        let state = State::from_numbers(&self.graphics.read(&work.buffers.state, State::NUMBERS)?);
        let count = work.graph.count().max(1) as f64;
        let has_stepped = !steps.is_empty();
        let divergence = work.graph.negative_entropy() + f64::from(state.spread) + f64::from(state.normaliser).ln();
        Ok(Stats {
            divergence: has_stepped.then_some(divergence),
            mean_step: f64::from(state.steps) / count,
            radius: (f64::from(state.squares) / count).sqrt(),
        })
    }

    fn divergence(&mut self) -> Result<f64, EmbeddingError> {
        let layout = self.layout()?;
        let Some(work) = &self.work else { return Ok(f64::NAN) };
        let mut engine = CpuEngine::new(Repulsion::Exact);
        engine.begin(Arc::clone(&work.graph), &layout)?;
        engine.divergence()
    }

    fn layout(&mut self) -> Result<Vec<[f32; 2]>, EmbeddingError> {
        let Some(work) = &self.work else { return Ok(Vec::new()) };
        let numbers = self.graphics.read(&work.buffers.places, 2 * work.graph.count())?;
        Ok(numbers.as_chunks::<2>().0.to_vec())
    }
}

#[cfg(test)]
mod tests;
