//! In which order the pictures of a scene stand.

use crate::protocol::Content;

/// Sensors and label stay in order; the rest follows kind by kind, the head that counts first, and what is of the
/// network beside behind its like.
pub(super) fn rank(content: &Content) -> (u8, bool) {
    let kind = match content.of_either() {
        Content::Sensor(_) => 0,
        Content::Label => 1,
        Content::Prediction(_) => 2,
        Content::Error(_) => 3,
        Content::Disagreement => 4,
        Content::Probe(_) | Content::Figures | Content::Beside(_) => 5,
    };
    (kind, content.is_beside())
}
