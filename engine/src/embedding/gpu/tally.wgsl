// What a chunk of iterations says at its end: the sums behind the divergence, the mean step and the radius.

@group(0) @binding(0) var<uniform> size: Size;
@group(0) @binding(1) var<storage, read> places: array<vec2f>;
@group(0) @binding(2) var<storage, read> pushes: array<vec4f>;
@group(0) @binding(3) var<storage, read> motions: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> state: State;

const LANES: u32 = 256u;

var<workgroup> sums: array<vec3f, LANES>;

@compute @workgroup_size(LANES)
fn tally(@builtin(local_invocation_index) lane: u32) {
    var sum = vec3f(0.0);
    for (var point = lane; point < size.count; point += LANES) {
        let place = places[point];
        let velocity = motions[point].xy;
        sum += vec3f(pushes[point].w, sqrt(dot(velocity, velocity)), dot(place, place));
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
        state.spread = sums[0].x;
        state.steps = sums[0].y;
        state.squares = sums[0].z;
    }
}
