//! In which order the pictures of a scene stand.

use crate::protocol::Content;

/// Sensors and label stay in order; the rest follows kind by kind, the head that counts first, and what is of the
/// network beside behind its like.
pub(super) fn rank(content: &Content) -> (u8, bool) {
    let kind = match content.of_either() {
        Content::Sensor(_) => 0,
        Content::Label => 1,
        Content::Before(_) => 2,
        Content::Prediction(_) => 3,
        Content::Error(_) => 4,
        Content::Disagreement | Content::Outcome(_) => 5,
        Content::Probe(_) | Content::Figures | Content::Beside(_) => 6,
    };
    (kind, content.is_beside())
}
