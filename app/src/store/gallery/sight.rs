//! What of a list of scenes is in sight.

use fusionscope_engine::protocol::ScenePlace;

/// The scenes whose small pictures are to be there, and how large.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sight {
    /// The scenes, those in sight first.
    pub scenes: Vec<ScenePlace>,
    /// The longer side of a picture in pixels.
    pub side_px: u32,
}
