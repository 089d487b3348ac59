//! The kernels as pipelines, and in which order an iteration takes them.

use super::buffers::Buffers;

/// Points a workgroup of `repulse`, `attract` and `advance`.
pub(super) const TILE: usize = 128;

/// One pipeline a kernel.
pub(super) struct Kernels {
    pub(super) repulse: wgpu::ComputePipeline,
    pub(super) reduce: wgpu::ComputePipeline,
    pub(super) attract: wgpu::ComputePipeline,
    pub(super) advance: wgpu::ComputePipeline,
    pub(super) tally: wgpu::ComputePipeline,
}

macro_rules! source {
    ($name:literal) => {
        concat!(include_str!("common.wgsl"), include_str!($name))
    };
}

impl Kernels {
    /// Compiles them.
    pub(super) fn new(device: &wgpu::Device) -> Self {
        let pipeline = |name: &str, source: &str| {
            let module = device.create_shader_module(wgpu::ShaderModuleDescriptor {
                label: Some(name),
                source: wgpu::ShaderSource::Wgsl(source.into()),
            });
            device.create_compute_pipeline(&wgpu::ComputePipelineDescriptor {
                label: Some(name),
                layout: None,
                module: &module,
                entry_point: Some(name),
                // The kernels write what they read of a workgroup's memory.
                compilation_options: wgpu::PipelineCompilationOptions {
                    zero_initialize_workgroup_memory: false,
                    ..wgpu::PipelineCompilationOptions::default()
                },
                cache: None,
            })
        };
        Self {
            repulse: pipeline("repulse", include_str!("repulse.wgsl")),
            reduce: pipeline("reduce", source!("reduce.wgsl")),
            attract: pipeline("attract", source!("attract.wgsl")),
            advance: pipeline("advance", source!("advance.wgsl")),
            tally: pipeline("tally", source!("tally.wgsl")),
        }
    }

    /// One iteration.
    pub(super) fn iteration(&self, pass: &mut wgpu::ComputePass<'_>, buffers: &Buffers) {
        let tiles = (buffers.padded / TILE) as u32;
        pass.set_pipeline(&self.repulse);
        for (group, tiles) in &buffers.blocks {
            pass.set_bind_group(0, group, &[]);
            pass.dispatch_workgroups(*tiles, buffers.slices, 1);
        }
        pass.set_pipeline(&self.reduce);
        pass.set_bind_group(0, &buffers.reduce, &[]);
        pass.dispatch_workgroups(1, 1, 1);
        pass.set_pipeline(&self.attract);
        pass.set_bind_group(0, &buffers.attract, &[]);
        pass.dispatch_workgroups(tiles, 1, 1);
        pass.set_pipeline(&self.advance);
        pass.set_bind_group(0, &buffers.advance, &[]);
        pass.dispatch_workgroups(tiles, 1, 1);
    }

    /// What stands at the end of a chunk.
    pub(super) fn tally(&self, pass: &mut wgpu::ComputePass<'_>, buffers: &Buffers) {
        pass.set_pipeline(&self.tally);
        pass.set_bind_group(0, &buffers.tally, &[]);
        pass.dispatch_workgroups(1, 1, 1);
    }
}
