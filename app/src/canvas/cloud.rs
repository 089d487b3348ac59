//! Points of a layout, drawn as discs by the graphics card: one instance a point, uploaded only when something changed.

use std::collections::HashMap;
use std::sync::Arc;

use eframe::egui_wgpu::{self, CallbackResources, CallbackTrait, RenderState, ScreenDescriptor};
use egui::{Color32, Rect, Vec2};

/// Bytes of an instance: two floats for the place, four bytes of colour.
const STRIDE: usize = 12;

/// Points ready to be drawn.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Discs {
    bytes: Vec<u8>,
}

impl Discs {
    /// From places and colours; the last are drawn on top.
    pub fn new(points: impl Iterator<Item = ([f32; 2], Color32)>) -> Self {
        let mut bytes = Vec::new();
        for ([x, y], colour) in points {
            bytes.extend_from_slice(&x.to_le_bytes());
            bytes.extend_from_slice(&y.to_le_bytes());
            bytes.extend_from_slice(&colour.to_array());
        }
        Self { bytes }
    }

    /// How many.
    pub fn count(&self) -> usize {
        self.bytes.len() / STRIDE
    }
}

/// Readies a renderer for clouds. Without it nothing is drawn in their place.
pub fn install(state: &RenderState) {
    let pipeline = Pipeline::new(&state.device, state.target_format);
    state.renderer.write().callback_resources.insert(Clouds { pipeline, kept: HashMap::new() });
}

/// A cloud in a rectangle of the window.
#[derive(Clone, Debug)]
pub struct CloudPainting {
    /// Which cloud: its points stay on the card from frame to frame.
    pub slot: u64,
    /// Counts up with every change of the points.
    pub serial: u64,
    /// The points.
    pub discs: Arc<Discs>,
    /// The place in the middle of the rectangle.
    pub centre: [f32; 2],
    /// Points of the window for one unit of the layout.
    pub scale: f32,
    /// The diameter of a disc in points of the window.
    pub diameter: f32,
}

impl CloudPainting {
    /// As a shape for this rectangle.
    pub fn shape(self, rect: Rect) -> egui::Shape {
        let size = rect.size();
        egui::Shape::Callback(egui_wgpu::Callback::new_paint_callback(rect, Placed { painting: self, size }))
    }
}

struct Placed {
    painting: CloudPainting,
    size: Vec2,
}

impl CallbackTrait for Placed {
    fn prepare(
        &self,
        device: &wgpu::Device,
        queue: &wgpu::Queue,
        screen: &ScreenDescriptor,
        _encoder: &mut wgpu::CommandEncoder,
        resources: &mut CallbackResources,
    ) -> Vec<wgpu::CommandBuffer> {
        if let Some(clouds) = resources.get_mut::<Clouds>() {
            clouds.upload(device, queue, self, screen.pixels_per_point);
        }
        Vec::new()
    }

    fn paint(
        &self,
        _info: egui::PaintCallbackInfo,
        pass: &mut wgpu::RenderPass<'static>,
        resources: &CallbackResources,
    ) {
        let Some(clouds) = resources.get::<Clouds>() else { return };
        let Some(kept) = clouds.kept.get(&self.painting.slot).filter(|kept| kept.count > 0) else { return };
        pass.set_pipeline(&clouds.pipeline.pipeline);
        pass.set_bind_group(0, &kept.bindings, &[]);
        pass.set_vertex_buffer(0, kept.instances.slice(..));
        pass.draw(0..4, 0..kept.count);
    }
}

/// What stays on the card.
struct Clouds {
    pipeline: Pipeline,
    kept: HashMap<u64, Kept>,
}

struct Kept {
    serial: Option<u64>,
    count: u32,
    instances: wgpu::Buffer,
    uniforms: wgpu::Buffer,
    bindings: wgpu::BindGroup,
}

impl Clouds {
    fn upload(&mut self, device: &wgpu::Device, queue: &wgpu::Queue, placed: &Placed, pixels_per_point: f32) {
        let CloudPainting { slot, serial, discs, centre, scale, diameter } = &placed.painting;
        let room = discs.bytes.len().max(STRIDE) as u64;
        let layout = &self.pipeline.layout;
        let fits = self.kept.get(slot).is_some_and(|kept| kept.instances.size() >= room);
        if !fits {
            self.kept.insert(*slot, Kept::new(device, layout, room.next_power_of_two()));
        }
        let Some(kept) = self.kept.get_mut(slot) else { return };
        if kept.serial != Some(*serial) {
            queue.write_buffer(&kept.instances, 0, &discs.bytes);
            kept.serial = Some(*serial);
            kept.count = discs.count() as u32;
        }
        // From layout to clip space: y grows upwards in both.
        let to_clip = [2.0 * scale / placed.size.x.max(1.0), 2.0 * scale / placed.size.y.max(1.0)];
        let radius = [diameter / placed.size.x.max(1.0), diameter / placed.size.y.max(1.0)];
        let soft = 2.0 / (diameter * pixels_per_point).max(1.0);
        let numbers = [centre[0], centre[1], to_clip[0], to_clip[1], radius[0], radius[1], soft, 0.0];
        let bytes: Vec<u8> = numbers.iter().flat_map(|number| number.to_le_bytes()).collect();
        queue.write_buffer(&kept.uniforms, 0, &bytes);
    }
}

impl Kept {
    fn new(device: &wgpu::Device, layout: &wgpu::BindGroupLayout, room: u64) -> Self {
        let buffer = |label, size, usage| {
            let usage = usage | wgpu::BufferUsages::COPY_DST;
            device.create_buffer(&wgpu::BufferDescriptor { label: Some(label), size, usage, mapped_at_creation: false })
        };
        let uniforms = buffer("cloud uniforms", 32, wgpu::BufferUsages::UNIFORM);
        let bindings = device.create_bind_group(&wgpu::BindGroupDescriptor {
            label: Some("cloud"),
            layout,
            entries: &[wgpu::BindGroupEntry { binding: 0, resource: uniforms.as_entire_binding() }],
        });
        let instances = buffer("cloud points", room, wgpu::BufferUsages::VERTEX);
        Self { serial: None, count: 0, instances, uniforms, bindings }
    }
}

struct Pipeline {
    pipeline: wgpu::RenderPipeline,
    layout: wgpu::BindGroupLayout,
}

impl Pipeline {
    fn new(device: &wgpu::Device, format: wgpu::TextureFormat) -> Self {
        let module = device.create_shader_module(wgpu::ShaderModuleDescriptor {
            label: Some("cloud"),
            source: wgpu::ShaderSource::Wgsl(include_str!("cloud.wgsl").into()),
        });
        let layout = device.create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor {
            label: Some("cloud"),
            entries: &[wgpu::BindGroupLayoutEntry {
                binding: 0,
                visibility: wgpu::ShaderStages::VERTEX_FRAGMENT,
                ty: wgpu::BindingType::Buffer {
                    ty: wgpu::BufferBindingType::Uniform,
                    has_dynamic_offset: false,
                    min_binding_size: None,
                },
                count: None,
            }],
        });
        let pipeline_layout = device.create_pipeline_layout(&wgpu::PipelineLayoutDescriptor {
            label: Some("cloud"),
            bind_group_layouts: &[Some(&layout)],
            immediate_size: 0,
        });
        let attributes = wgpu::vertex_attr_array![0 => Float32x2, 1 => Unorm8x4];
        let pipeline = device.create_render_pipeline(&wgpu::RenderPipelineDescriptor {
            label: Some("cloud"),
            layout: Some(&pipeline_layout),
            vertex: wgpu::VertexState {
                module: &module,
                entry_point: Some("vertex"),
                compilation_options: wgpu::PipelineCompilationOptions::default(),
                buffers: &[Some(wgpu::VertexBufferLayout {
                    array_stride: STRIDE as u64,
                    step_mode: wgpu::VertexStepMode::Instance,
                    attributes: &attributes,
                })],
            },
            fragment: Some(wgpu::FragmentState {
                module: &module,
                entry_point: Some(if format.is_srgb() { "fragment_linear" } else { "fragment" }),
                compilation_options: wgpu::PipelineCompilationOptions::default(),
                targets: &[Some(wgpu::ColorTargetState {
                    format,
                    blend: Some(wgpu::BlendState::PREMULTIPLIED_ALPHA_BLENDING),
                    write_mask: wgpu::ColorWrites::ALL,
                })],
            }),
            primitive: wgpu::PrimitiveState {
                topology: wgpu::PrimitiveTopology::TriangleStrip,
                ..wgpu::PrimitiveState::default()
            },
            depth_stencil: None,
            multisample: wgpu::MultisampleState::default(),
            multiview_mask: None,
            cache: None,
        });
        Self { pipeline, layout }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_disc_is_its_place_and_colour() {
        let discs = Discs::new([([1.0, -2.0], Color32::RED)].into_iter());
        assert_eq!(discs.count(), 1);
        assert_eq!(discs.bytes, [&1.0_f32.to_le_bytes()[..], &(-2.0_f32).to_le_bytes(), &[255, 0, 0, 255]].concat());
    }
}
