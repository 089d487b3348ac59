// Every point is drawn to its neighbours, and its velocity follows from the whole gradient: gains, momentum, a bounded
// step.

@group(0) @binding(0) var<uniform> size: Size;
@group(0) @binding(1) var<storage, read> places: array<vec2f>;
@group(0) @binding(2) var<storage, read_write> pushes: array<vec4f>;
@group(0) @binding(3) var<storage, read> state: State;
@group(0) @binding(4) var<storage, read> starts: array<u32>;
@group(0) @binding(5) var<storage, read> columns: array<u32>;
@group(0) @binding(6) var<storage, read> weights: array<f32>;
// Velocity and gain.
@group(0) @binding(7) var<storage, read_write> motions: array<vec4f>;
// Exaggeration, rate and momentum of every iteration of this chunk.
@group(0) @binding(8) var<storage, read> schedule: array<vec4f>;

const LONGEST_STEP: f32 = 5.0;

@compute @workgroup_size(128)
fn attract(@builtin(global_invocation_id) id: vec3u) {
    let point = id.x;
    if point >= size.count {
        return;
    }
    let own = places[point];
    var pull = vec2f(0.0);
    var spread = 0.0;
    for (var edge = starts[point]; edge < starts[point + 1u]; edge++) {
        let delta = own - places[columns[edge]];
        let distance = 1.0 + dot(delta, delta);
        pull += weights[edge] / distance * delta;
        spread += weights[edge] * log(distance);
    }
    var push = vec2f(0.0);
    for (var slice = 0u; slice < size.slices; slice++) {
        push += pushes[slice * size.padded + point].xy;
    }
    pushes[point].w = spread;
    let step = schedule[state.iteration - 1u];
    let gradient = step.x * pull - push / state.normaliser;
    let velocity = motions[point].xy;
    var gain = motions[point].zw;
    gain = max(select(gain + 0.2, gain * 0.8, gradient * velocity > vec2f(0.0)), vec2f(0.01));
    var next = step.z * velocity - step.y * gain * gradient;
    let length = sqrt(dot(next, next));
    if length > LONGEST_STEP {
        next *= LONGEST_STEP / length;
    }
    motions[point] = vec4f(next, gain);
}
