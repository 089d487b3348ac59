//! What tells one street from another.

/// What a street is like, beside its plan.
pub(super) struct Character {
    /// Left and right.
    pub(super) houses: [Houses; 2],
    /// Metres from the pavement to the walls.
    pub(super) setback: [f32; 2],
    /// Chance of a tree at each place for one.
    pub(super) trees: [f32; 2],
}

/// What stands on one side.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Houses {
    Terraced,
    Detached,
    None,
}
