// Every point takes its step, and the middle goes to the origin.

@group(0) @binding(0) var<uniform> size: Size;
@group(0) @binding(1) var<storage, read_write> places: array<vec2f>;
@group(0) @binding(2) var<storage, read> motions: array<vec4f>;
@group(0) @binding(3) var<storage, read> state: State;

@compute @workgroup_size(128)
fn advance(@builtin(global_invocation_id) id: vec3u) {
    if id.x < size.count {
        places[id.x] += motions[id.x].xy - state.middle;
    }
}
