// Every point is pushed away by all others: the sums of q²Δ and of q over one slice of the points, q = 1 / (1 + |Δ|²).
// Each (slice, point) has one writer, so nothing is added atomically and reruns give the same bits.

struct Block {
    // Places, with the far ones that fill the last tile.
    padded: u32,
    // Points a slice, a multiple of the tile.
    slice: u32,
    // The first point of this block of rows.
    first: u32,
    unused: u32,
}

@group(0) @binding(0) var<uniform> block: Block;
@group(0) @binding(1) var<storage, read> places: array<vec2f>;
@group(0) @binding(2) var<storage, read_write> pushes: array<vec4f>;

const TILE: u32 = 128u;

var<workgroup> tile: array<vec2f, TILE>;

@compute @workgroup_size(TILE)
fn repulse(
    @builtin(workgroup_id) group: vec3u,
    @builtin(local_invocation_index) lane: u32,
) {
    let point = block.first + group.x * TILE + lane;
    let own = places[point];
    var force = vec2f(0.0);
    var share = 0.0;
    let start = group.y * block.slice;
    let end = min(start + block.slice, block.padded);
    for (var at = start; at < end; at += TILE) {
        workgroupBarrier();
        tile[lane] = places[at + lane];
        workgroupBarrier();
        for (var other = 0u; other < TILE; other++) {
            let delta = own - tile[other];
            let q = 1.0 / (1.0 + dot(delta, delta));
            share += q;
            force += q * q * delta;
        }
    }
    pushes[group.y * block.padded + point] = vec4f(force, share, 0.0);
}
