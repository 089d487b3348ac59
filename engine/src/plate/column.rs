//! A column of a plate: one picture of every scene.

use super::cell::{Cell, Key, Painter};
use super::range::{common_range, in_range};
use super::wanted::Painting;
use crate::protocol::{Content, DatasetSummary, Frame, SceneView};

/// A column as it is drawn.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Column {
    /// The method that it is of, by its place.
    pub(super) method: Option<usize>,
    /// What stands above it.
    pub(super) heading: String,
    /// A picture a scene; `None` where there is none of it.
    pub(super) cells: Vec<Option<Cell>>,
    /// What the colours stand for.
    pub(super) key: Key,
}

/// A column before it is painted.
pub(super) struct Frames<'a> {
    /// The method that it is of, by its place.
    pub(super) method: Option<usize>,
    /// The view's name.
    pub(super) name: String,
    /// What stands above it.
    pub(super) heading: String,
    /// What is shown of each scene.
    pub(super) shown: Vec<Option<(&'a Content, Frame)>>,
    /// Whose classes and colours they are.
    pub(super) summary: &'a DatasetSummary,
}

impl<'a> Frames<'a> {
    /// Of each view the picture of what `content` says; `None` where no view has it.
    pub(super) fn of(
        views: &'a [SceneView],
        summary: &'a DatasetSummary,
        content: impl Fn(&SceneView, &Content) -> bool,
    ) -> Option<Self> {
        let find = |view: &'a SceneView| {
            let tile = view.tiles.iter().find(|tile| content(view, &tile.content))?;
            Some((&tile.content, tile.frame.clone()))
        };
        let shown: Vec<_> = views.iter().map(find).collect();
        let name = shown.iter().flatten().next()?.0.name();
        Some(Self { method: None, heading: name.clone(), name, shown, summary })
    }

    fn frames(&self) -> impl Iterator<Item = &Frame> {
        self.shown.iter().flatten().map(|(_, frame)| frame)
    }

    /// Painted in the colours of `paint`.
    pub(super) fn painted(&self, paint: Painting) -> Column {
        let painter = |content: &'a Content| Painter { paint, content, summary: self.summary };
        let cell = |content: &'a Content, frame: &Frame| {
            let pixels = painter(content).picture(frame);
            Cell { pixels, note: String::new() }
        };
        let frames: Vec<&Frame> = self.frames().collect();
        let key = self.shown.iter().flatten().next().map(|(content, _)| painter(content).key(&frames));
        Column {
            method: self.method,
            heading: self.heading.clone(),
            cells: self.shown.iter().map(|shown| shown.as_ref().map(|(content, frame)| cell(content, frame))).collect(),
            key: key.unwrap_or_default(),
        }
    }
}

/// Gives all maps of the same view one range, whichever scene and method they are of.
pub(super) fn share_ranges(columns: &mut [Frames<'_>]) {
    let ranges: Vec<Option<(f32, f32)>> = columns
        .iter()
        .map(|column| common_range(columns.iter().filter(|other| other.name == column.name).flat_map(Frames::frames)))
        .collect();
    for (column, range) in columns.iter_mut().zip(ranges) {
        let Some(range) = range else { continue };
        for (_, frame) in column.shown.iter_mut().flatten() {
            *frame = in_range(frame, range);
        }
    }
}
