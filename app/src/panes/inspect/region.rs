//! A region of the scene that is drawn by dragging over a picture.

use egui::{Pos2, Response};
use fusionscope_engine::protocol::{Explained, Region};

use crate::action::Action;
use crate::panes::PaneContext;
use crate::store::Pixel;

/// A region on its way.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Drawing {
    is_drawn: bool,
    corner: Option<[u16; 2]>,
}

impl Drawing {
    /// Waits for a drag, or does not.
    pub(super) fn begun(is_drawn: bool) -> Self {
        Self { is_drawn, corner: None }
    }

    /// Whether the next drag over a picture draws the region.
    pub(super) fn is_drawn(self) -> bool {
        self.is_drawn
    }

    /// The region from where the drag began to this pixel.
    pub(super) fn until(self, pixel: Pixel) -> Option<Region> {
        self.corner.map(|corner| Region::between(corner, place_of(pixel)))
    }

    /// Takes a drag over a picture, where one is waited for; says whether it was taken. `pixel_at` says which pixel lies
    /// at a point.
    pub(super) fn drag(
        &mut self,
        ctx: &PaneContext<'_>,
        tile: &Response,
        pixel_at: impl Fn(Pos2) -> Option<Pixel>,
    ) -> bool {
        if !self.is_drawn {
            return false;
        }
        let pointer = tile.interact_pointer_pos();
        if tile.drag_started() {
            // A drag is told from a click only once it has gone a way.
            let origin = tile.ctx.input(|input| input.pointer.press_origin());
            self.corner = origin.or(pointer).and_then(&pixel_at).map(place_of);
        }
        if tile.drag_stopped()
            && let Some(region) = pointer.and_then(pixel_at).and_then(|pixel| self.until(pixel))
        {
            *self = Self::default();
            ctx.act(Action::Explain(Explained { region: Some(region), ..ctx.store.scene.explained.clone() }));
        }
        true
    }
}

fn place_of(pixel: Pixel) -> [u16; 2] {
    [pixel.x, pixel.y].map(|share| (share.clamp(0.0, 1.0) * f32::from(u16::MAX)) as u16)
}
