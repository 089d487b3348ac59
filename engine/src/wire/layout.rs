//! A layout on its way: places and marks as plain bytes, and the marks only where they have changed.

use serde::{Deserialize, Serialize};

use super::error::WireError;
use crate::protocol::{EmbeddingView, PointMark};

/// Bytes of a mark: scene, source, two classes, place.
const MARK_BYTES: usize = 11;
/// Bytes of a place.
const PLACE_BYTES: usize = 8;

/// A layout without the memory that an entry of a list costs in a message.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PackedLayout {
    /// All of it but marks and places.
    view: EmbeddingView,
    /// The marks, [`MARK_BYTES`] each; `None` where they are those that were sent before.
    #[serde(with = "serde_bytes")]
    marks: Option<Vec<u8>>,
    /// The places, [`PLACE_BYTES`] each.
    #[serde(with = "serde_bytes")]
    places: Vec<u8>,
}

impl PackedLayout {
    /// Packs a layout; `before` is what was sent last of the same slot.
    pub fn pack(view: &EmbeddingView, before: Option<&EmbeddingView>) -> Self {
        let EmbeddingView { marks, layout, .. } = view;
        let is_known = before.is_some_and(|before| before.marks == *marks);
        let places = layout.iter().flatten().flat_map(|place| place.to_le_bytes()).collect();
        let marks = (!is_known).then(|| marks.iter().flat_map(packed).collect());
        // Field by field, so that the long lists are not copied first.
        let view = EmbeddingView {
            request: view.request.clone(),
            step: view.step,
            sources: view.sources.clone(),
            offered: view.offered.clone(),
            marks: Vec::new(),
            layout: Vec::new(),
            stage: view.stage.clone(),
            iteration: view.iteration,
            iterations: view.iterations,
            divergences: view.divergences.clone(),
            perplexity: view.perplexity,
            device: view.device.clone(),
            measures: view.measures,
        };
        Self { view, marks, places }
    }

    /// The slot that it is of.
    pub fn slot(&self) -> u64 {
        self.view.request.slot
    }

    /// The layout; `before` is what came last of the same slot.
    pub fn unpack(self, before: Option<&EmbeddingView>) -> Result<EmbeddingView, WireError> {
        let Self { mut view, marks, places } = self;
        let damaged = |what: &str| WireError::Damaged { what: what.to_owned() };
        view.marks = match marks {
            Some(bytes) if bytes.len() % MARK_BYTES == 0 => bytes.chunks_exact(MARK_BYTES).map(unpacked).collect(),
            Some(_) => return Err(damaged("half a point")),
            None => before.ok_or_else(|| damaged("a layout without its points"))?.marks.clone(),
        };
        if places.len() % PLACE_BYTES != 0 {
            return Err(damaged("half a place"));
        }
        let number = |bytes: &[u8]| f32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]);
        view.layout = places.chunks_exact(PLACE_BYTES).map(|place| [number(place), number(&place[4..])]).collect();
        Ok(view)
    }
}

fn packed(mark: &PointMark) -> [u8; MARK_BYTES] {
    let PointMark { scene, source, label, predicted, pixel: [across, down] } = *mark;
    let ([a, b, c, d], [e, f], [g, h]) = (scene.to_le_bytes(), across.to_le_bytes(), down.to_le_bytes());
    [a, b, c, d, source, label, predicted, e, f, g, h]
}

fn unpacked(bytes: &[u8]) -> PointMark {
    let short = |place: usize| u16::from_le_bytes([bytes[place], bytes[place + 1]]);
    PointMark {
        scene: u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]),
        source: bytes[4],
        label: bytes[5],
        predicted: bytes[6],
        pixel: [short(7), short(9)],
    }
}
