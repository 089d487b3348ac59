// What the kernels after `repulse` share.

struct Size {
    count: u32,
    // Places, with the far ones that fill the last tile.
    padded: u32,
    slices: u32,
    unused: u32,
}

struct State {
    // Iterations of this chunk that have begun.
    iteration: u32,
    // The sum of q over all ordered pairs.
    normaliser: f32,
    middle: vec2f,
    // By `tally`: the sums of p ln(1 + |Δ|²), of step lengths, and of squared distances from the origin.
    spread: f32,
    steps: f32,
    squares: f32,
    unused: f32,
}
