//! The kernels as pipelines.

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
}
