// A disc for every point of a layout.

struct Uniforms {
    centre: vec2<f32>,
    // From the layout to clip space.
    scale: vec2<f32>,
    // Of a disc, in clip space.
    radius: vec2<f32>,
    // The share of the radius over which the edge fades.
    soft: f32,
    unused: f32,
}

@group(0) @binding(0) var<uniform> uniforms: Uniforms;

struct Corner {
    @builtin(position) position: vec4<f32>,
    @location(0) from_middle: vec2<f32>,
    @location(1) colour: vec4<f32>,
}

@vertex
fn vertex(@builtin(vertex_index) corner: u32, @location(0) place: vec2<f32>, @location(1) colour: vec4<f32>) -> Corner {
    let from_middle = vec2<f32>(f32(corner & 1u) * 2.0 - 1.0, f32(corner >> 1u) * 2.0 - 1.0);
    let middle = (place - uniforms.centre) * uniforms.scale;
    return Corner(vec4<f32>(middle + from_middle * uniforms.radius, 0.0, 1.0), from_middle, colour);
}

fn covered(corner: Corner) -> vec4<f32> {
    let share = 1.0 - smoothstep(1.0 - uniforms.soft, 1.0, length(corner.from_middle));
    return corner.colour * share;
}

@fragment
fn fragment(corner: Corner) -> @location(0) vec4<f32> {
    return covered(corner);
}

// For targets that encode what they are given.
@fragment
fn fragment_linear(corner: Corner) -> @location(0) vec4<f32> {
    let colour = covered(corner);
    let plain = colour.rgb / max(colour.a, 1e-4);
    let low = plain / 12.92;
    let high = pow((plain + vec3<f32>(0.055)) / 1.055, vec3<f32>(2.4));
    return vec4<f32>(select(high, low, plain <= vec3<f32>(0.04045)) * colour.a, colour.a);
}
