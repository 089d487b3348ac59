//! What lies on the card: places, motions, partial sums, and the graph.

use super::device::Graphics;
use super::kernels::{Kernels, TILE};
use crate::embedding::error::EmbeddingError;
use crate::embedding::graph::Graph;

/// Iterations of one chunk at most: the schedule that lies on the card.
pub(super) const CHUNK: usize = 256;
/// A place so far away that its push is nothing; its square still fits a float.
const FAR: f32 = 1e18;
/// Parts that the sum over all points is cut into, so that few points keep a whole card busy.
const MOST_SLICES: usize = 16;
/// Workgroups that keep a card busy.
const ENOUGH_GROUPS: usize = 1024;
/// Pairs one dispatch of `repulse` looks at, at most: about 10 ms on slow cards, which cannot be interrupted within
/// one.
const PAIRS: usize = 1 << 28;

/// Buffers, and how the kernels see them.
pub(super) struct Buffers {
    pub(super) padded: usize,
    pub(super) slices: u32,
    pub(super) places: wgpu::Buffer,
    pub(super) pushes: wgpu::Buffer,
    pub(super) motions: wgpu::Buffer,
    pub(super) state: wgpu::Buffer,
    pub(super) schedule: wgpu::Buffer,
    size: wgpu::Buffer,
    /// Blocks of rows with their numbers of tiles.
    pub(super) blocks: Vec<(wgpu::BindGroup, u32)>,
    pub(super) reduce: wgpu::BindGroup,
    pub(super) attract: wgpu::BindGroup,
    pub(super) advance: wgpu::BindGroup,
    pub(super) tally: wgpu::BindGroup,
}

/// What the kernels say of all points together.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct State {
    pub(super) normaliser: f32,
    pub(super) middle: [f32; 2],
    pub(super) spread: f32,
    pub(super) steps: f32,
    pub(super) squares: f32,
}

impl State {
    /// Numbers of four bytes in it.
    pub(super) const NUMBERS: usize = 8;

    /// From the numbers of its buffer, of which the first counts iterations.
    pub(super) fn from_numbers(numbers: &[f32]) -> Self {
        let at = |place: usize| numbers.get(place).copied().unwrap_or(f32::NAN);
        Self { normaliser: at(1), middle: [at(2), at(3)], spread: at(4), steps: at(5), squares: at(6) }
    }
}

impl Buffers {
    /// Puts a graph and a layout on the card; all points rest, with gains of 1.
    pub(super) fn new(
        graphics: &Graphics,
        kernels: &Kernels,
        graph: &Graph,
        layout: &[[f32; 2]],
    ) -> Result<Self, EmbeddingError> {
        let padded = layout.len().next_multiple_of(TILE);
        let tiles = padded / TILE;
        let slices = ENOUGH_GROUPS.div_ceil(tiles).min(MOST_SLICES).min(tiles);
        let places = graphics.storage("the places", 2 * padded)?;
        let pushes = graphics.storage("the partial sums", 4 * padded * slices)?;
        let motions = graphics.storage("the velocities", 4 * padded)?;
        let state = graphics.storage("the state", State::NUMBERS)?;
        let schedule = graphics.storage("the schedule", 4 * CHUNK)?;
        let mut numbers = layout.concat();
        numbers.resize(2 * padded, FAR);
        graphics.write(&places, &numbers);
        graphics.write(&motions, &[0.0, 0.0, 1.0, 1.0].repeat(padded));
        let size = graphics.uniform("size", [layout.len() as u32, padded as u32, slices as u32, 0]);
        let reduce = bind(graphics, &kernels.reduce, &[&size, &places, &pushes, &state]);
        let advance = bind(graphics, &kernels.advance, &[&size, &places, &motions, &state]);
        let tally = bind(graphics, &kernels.tally, &[&size, &places, &pushes, &motions, &state]);
        let edges = edges(graphics, graph)?;
        let [starts, columns, weights] = &edges;
        let attract = bind(
            graphics,
            &kernels.attract,
            &[&size, &places, &pushes, &state, starts, columns, weights, &motions, &schedule],
        );
        let slices = slices as u32;
        let blocks = Vec::new();
        let mut all = Self {
            padded,
            slices,
            places,
            pushes,
            motions,
            state,
            schedule,
            size,
            blocks,
            reduce,
            attract,
            advance,
            tally,
        };
        all.cut(graphics, kernels, (PAIRS / (padded * TILE)).clamp(1, tiles));
        graphics.check("reserving memory")?;
        Ok(all)
    }

    /// Cuts the rows of `repulse` into blocks of so many tiles.
    pub(super) fn cut(&mut self, graphics: &Graphics, kernels: &Kernels, tiles_a_block: usize) {
        let tiles = self.padded / TILE;
        let slice = tiles.div_ceil(self.slices as usize) * TILE;
        let block = |first: usize| {
            let block = graphics.uniform("block", [self.padded as u32, slice as u32, (first * TILE) as u32, 0]);
            let group = bind(graphics, &kernels.repulse, &[&block, &self.places, &self.pushes]);
            (group, tiles_a_block.min(tiles - first) as u32)
        };
        self.blocks = (0..tiles).step_by(tiles_a_block).map(block).collect();
    }

    /// One iteration: the kernels in their order.
    pub(super) fn iteration(&self, pass: &mut wgpu::ComputePass<'_>, kernels: &Kernels) {
        let tiles = (self.padded / TILE) as u32;
        pass.set_pipeline(&kernels.repulse);
        for (group, tiles) in &self.blocks {
            pass.set_bind_group(0, group, &[]);
            pass.dispatch_workgroups(*tiles, self.slices, 1);
        }
        pass.set_pipeline(&kernels.reduce);
        pass.set_bind_group(0, &self.reduce, &[]);
        pass.dispatch_workgroups(1, 1, 1);
        pass.set_pipeline(&kernels.attract);
        pass.set_bind_group(0, &self.attract, &[]);
        pass.dispatch_workgroups(tiles, 1, 1);
        pass.set_pipeline(&kernels.advance);
        pass.set_bind_group(0, &self.advance, &[]);
        pass.dispatch_workgroups(tiles, 1, 1);
    }

    /// What stands at the end of a chunk.
    pub(super) fn tally(&self, pass: &mut wgpu::ComputePass<'_>, kernels: &Kernels) {
        pass.set_pipeline(&kernels.tally);
        pass.set_bind_group(0, &self.tally, &[]);
        pass.dispatch_workgroups(1, 1, 1);
    }

    /// Takes another graph of the same points.
    pub(super) fn change_graph(
        &mut self,
        graphics: &Graphics,
        kernels: &Kernels,
        graph: &Graph,
    ) -> Result<(), EmbeddingError> {
        let Self { size, places, pushes, state, motions, schedule, .. } = &*self;
        let [starts, columns, weights] = &edges(graphics, graph)?;
        let seen = [size, places, pushes, state, starts, columns, weights, motions, schedule];
        self.attract = bind(graphics, &kernels.attract, &seen);
        graphics.check("reserving memory")
    }
}

/// Starts, columns and weights of a graph.
fn edges(graphics: &Graphics, graph: &Graph) -> Result<[wgpu::Buffer; 3], EmbeddingError> {
    let starts = graphics.storage("the rows of the graph", graph.starts().len())?;
    let columns = graphics.storage("the neighbours", graph.columns().len())?;
    let weights = graphics.storage("the affinities", graph.weights().len())?;
    graphics.write_whole(&starts, graph.starts());
    graphics.write_whole(&columns, graph.columns());
    graphics.write(&weights, graph.weights());
    Ok([starts, columns, weights])
}

/// Shows buffers to a kernel, numbered from 0.
fn bind(graphics: &Graphics, kernel: &wgpu::ComputePipeline, buffers: &[&wgpu::Buffer]) -> wgpu::BindGroup {
    let resources = buffers.iter().map(|buffer| buffer.as_entire_binding());
    let numbered = (0_u32..).zip(resources);
    let entries: Vec<_> = numbered.map(|(binding, resource)| wgpu::BindGroupEntry { binding, resource }).collect();
    graphics.device.create_bind_group(&wgpu::BindGroupDescriptor {
        label: None,
        layout: &kernel.get_bind_group_layout(0),
        entries: &entries,
    })
}
