//! Which range each sensor's and each map's picture is drawn over, by the picture's name.

use std::collections::BTreeMap;

use fusionscope_engine::protocol::{Content, Frame, Pixels};

use crate::canvas::{Span, Tone, Window, declared, extent};
use crate::look::{self, ScalarMap};
use crate::panes::PaneContext;

/// The tones that were chosen, and the extents of the pictures that came last.
#[derive(Debug, Default)]
pub(super) struct Tones {
    chosen: BTreeMap<Content, Tone>,
    /// Which view the extents are of.
    serial: u64,
    extents: BTreeMap<Content, Option<(f32, f32)>>,
}

impl Tones {
    /// The tones as they were kept.
    pub(super) fn new(kept: Vec<(Content, Tone)>) -> Self {
        Self { chosen: kept.into_iter().collect(), ..Self::default() }
    }

    /// What is to be kept.
    pub(super) fn kept(&self) -> Vec<(Content, Tone)> {
        self.chosen.iter().map(|(content, tone)| (content.clone(), *tone)).collect()
    }

    pub(super) fn of(&self, content: &Content) -> Tone {
        self.chosen.get(content).copied().unwrap_or_default()
    }

    /// A tone that changes nothing is not kept.
    pub(super) fn set(&mut self, content: &Content, tone: Tone) {
        if tone == Tone::default() {
            self.chosen.remove(content);
        } else {
            self.chosen.insert(content.clone(), tone);
        }
    }

    /// The range that a picture in view is drawn over; `None` where its pixels are no values.
    pub(super) fn window(&mut self, ctx: &PaneContext<'_>, content: &Content) -> Option<Window> {
        let frame = ctx.store.scene.frame(content)?;
        let whole = declared(frame)?;
        let tone = self.of(content);
        let range = match tone.span {
            Span::Whole => whole,
            Span::Fixed { low, high } => (low, high),
            Span::Auto => self.extent(ctx, content).unwrap_or(whole),
            Span::Shared => {
                let alike = ctx.store.scene.shown().map_or(&[][..], |shown| shown.view.tiles.as_slice());
                let alike =
                    alike.iter().filter(|tile| kind(ctx, &tile.content, &tile.frame) == kind(ctx, content, frame));
                let extents = alike.filter_map(|tile| self.extent(ctx, &tile.content));
                extents.reduce(|one, other| (one.0.min(other.0), one.1.max(other.1))).unwrap_or(whole)
            }
        };
        Some(tone.window(range, map_of(ctx, content)))
    }

    /// The smallest and the largest value of a picture in view, looked for once a picture.
    pub(super) fn extent(&mut self, ctx: &PaneContext<'_>, content: &Content) -> Option<(f32, f32)> {
        let serial = ctx.store.scene.shown()?.serial;
        if self.serial != serial {
            self.serial = serial;
            self.extents.clear();
        }
        let frame = ctx.store.scene.frame(content)?;
        *self.extents.entry(content.clone()).or_insert_with(|| extent(frame))
    }
}

/// What pictures of one kind have in common: the kind of the sensor, or the map's name without what it is of; and the
/// unit.
fn kind<'a>(ctx: &'a PaneContext<'_>, content: &'a Content, frame: &'a Frame) -> Option<(bool, &'a str, &'a str)> {
    let unit = match &frame.pixels {
        Pixels::Scalar { unit, .. } => unit.as_str(),
        Pixels::Rgba(_) => "",
        Pixels::Labels { .. } | Pixels::Categories { .. } | Pixels::Errors(_) => return None,
    };
    match content.of_either() {
        Content::Sensor(name) => Some((true, ctx.store.sensor_kind(name), unit)),
        Content::Probe(name) => Some((false, name.rsplit_once('.').map_or(name.as_str(), |(kind, _)| kind), unit)),
        _ => None,
    }
}

/// The colour map of a scalar picture.
pub(super) fn map_of(ctx: &PaneContext<'_>, content: &Content) -> ScalarMap {
    let (low, high) = match ctx.store.scene.frame(content).map(|frame| &frame.pixels) {
        Some(Pixels::Scalar { low, high, .. }) => (*low, *high),
        _ => (0.0, 1.0),
    };
    let kind = match content {
        Content::Sensor(name) => ctx.store.sensor_kind(name),
        _ => "",
    };
    look::map_for(kind, low, high)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use fusionscope_engine::protocol::{Event, SceneView, SplitSummary, Tile};

    use super::*;
    use crate::look::{Theme, Tokens};
    use crate::store::Store;

    fn map(name: &str, values: Vec<u8>, high: f32) -> Tile {
        let pixels = Pixels::Scalar { values, low: 0.0, high, unit: "nat".to_owned(), has_holes: false };
        Tile { content: Content::Probe(name.to_owned()), frame: Frame { width: 2, height: 1, pixels } }
    }

    /// A store that shows these pictures.
    fn showing(tiles: Vec<Tile>) -> Store {
        let mut store = Store::default();
        let split = SplitSummary { name: "test".to_owned(), ids: vec!["a".to_owned()], ..SplitSummary::default() };
        store.apply(Event::Dataset(fusionscope_engine::protocol::DatasetSummary {
            splits: vec![split],
            ..Default::default()
        }));
        let request = store.scene.request();
        let view = serde_json::json!({
            "request": request, "id": "a", "tags": [], "step": 1, "missing": "drop", "tiles": tiles, "millis": 1.0
        });
        let view: SceneView = serde_json::from_value(view).unwrap();
        assert!(store.scene.take(Arc::new(view)));
        store
    }

    #[test]
    fn maps_of_one_kind_share_a_range_and_others_keep_theirs() {
        let tiles = vec![
            map("entropy.fused", vec![0, 51], 5.0),
            map("entropy.thermal", vec![51, 255], 10.0),
            map("margin.fused", vec![0, 255], 100.0),
        ];
        let store = showing(tiles);
        let ctx = PaneContext::new(&store, Tokens::of(Theme::Dark), false);
        let mut tones = Tones::default();
        let ends = |tones: &mut Tones, name: &str| {
            let window = tones.window(&ctx, &Content::Probe(name.to_owned())).unwrap();
            (window.low, window.high)
        };
        let set = |tones: &mut Tones, name: &str, span| {
            tones.set(&Content::Probe(name.to_owned()), Tone { span, ..Tone::default() });
        };
        assert_eq!(ends(&mut tones, "entropy.fused"), (0.0, 5.0), "as it came");
        set(&mut tones, "entropy.fused", Span::Auto);
        assert_eq!(ends(&mut tones, "entropy.fused"), (0.0, 1.0));
        for name in ["entropy.fused", "entropy.thermal"] {
            set(&mut tones, name, Span::Shared);
            assert_eq!(ends(&mut tones, name), (0.0, 10.0));
        }
        assert_eq!(ends(&mut tones, "margin.fused"), (0.0, 100.0));
        set(&mut tones, "margin.fused", Span::Fixed { low: 20.0, high: 30.0 });
        assert_eq!(ends(&mut tones, "margin.fused"), (20.0, 30.0));
    }

    #[test]
    fn what_is_kept_comes_back_by_name_and_a_reset_leaves_nothing() {
        let mut tones = Tones::default();
        let (entropy, thermal) = (Content::Probe("entropy".to_owned()), Content::Sensor("thermal".to_owned()));
        tones.set(&entropy, Tone { gain: 2.0, ..Tone::default() });
        tones.set(&thermal, Tone { span: Span::Auto, ..Tone::default() });
        let text = serde_json::to_string(&tones.kept()).unwrap();
        let mut back = Tones::new(serde_json::from_str(&text).unwrap());
        assert_eq!((back.of(&entropy).gain, back.of(&thermal).span), (2.0, Span::Auto));
        back.set(&entropy, Tone::default());
        back.set(&thermal, Tone::default());
        assert!(back.kept().is_empty());
    }
}
