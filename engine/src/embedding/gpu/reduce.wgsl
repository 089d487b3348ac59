// The normaliser, the sum of q over all ordered pairs, and the middle of the layout; the next iteration's settings are
// due.

@group(0) @binding(0) var<uniform> size: Size;
@group(0) @binding(1) var<storage, read> places: array<vec2f>;
@group(0) @binding(2) var<storage, read> pushes: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> state: State;

const LANES: u32 = 256u;

var<workgroup> sums: array<vec3f, LANES>;

@compute @workgroup_size(LANES)
fn reduce(@builtin(local_invocation_index) lane: u32) {
    var sum = vec3f(0.0);
    for (var point = lane; point < size.count; point += LANES) {
        // A point's own share of 1 is in its sum.
        var share = -1.0;
        for (var slice = 0u; slice < size.slices; slice++) {
            share += pushes[slice * size.padded + point].z;
        }
        sum += vec3f(places[point], share);
    }
    sums[lane] = sum;
    for (var width = LANES / 2u; width > 0u; width /= 2u) {
        workgroupBarrier();
        if lane < width {
            sums[lane] += sums[lane + width];
        }
    }
    workgroupBarrier();
    if lane == 0u {
        state.normaliser = max(sums[0].z, 1e-30);
        state.middle = sums[0].xy / f32(size.count);
        state.iteration += 1u;
    }
}
