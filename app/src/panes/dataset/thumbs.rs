//! Small pictures as textures, made when they come into sight and let go when they have been out of it for a while.

use std::collections::HashMap;
use std::sync::Arc;

use egui::{ColorImage, Context, TextureHandle, TextureId, TextureOptions};
use fusionscope_engine::protocol::{Frame, Pixels, ScenePlace, Thumbnail};

use crate::canvas::{IDENTITY, Ink};
use crate::look::{self, ClassColours, Theme, Tokens};

/// Textures that are made in one frame at most, so that a list which scrolls fast keeps its rate.
const MOST_A_FRAME: usize = 24;
/// Frames for which a texture is kept out of sight.
const KEPT: u64 = 120;

/// A column of small pictures: a sensor by its place, or the labels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum View {
    Sensor(usize),
    Label,
}

impl View {
    /// Its picture of a scene.
    pub(super) fn of(self, thumbnail: &Thumbnail) -> Option<&Frame> {
        match self {
            Self::Sensor(place) => thumbnail.sensors.get(place)?.as_ref(),
            Self::Label => thumbnail.label.as_ref(),
        }
    }
}

/// What small pictures are coloured by; the same for all of a frame.
#[derive(Debug)]
pub(super) struct Inks {
    /// The classes' colours.
    pub(super) classes: ClassColours,
    /// The sensors' kinds, by place.
    pub(super) kinds: Vec<String>,
    pub(super) tokens: &'static Tokens,
}

/// The textures.
#[derive(Default)]
pub(super) struct Thumbs {
    kept: HashMap<(ScenePlace, View), Kept>,
    colours: (ClassColours, Theme),
    frame: u64,
    made: usize,
}

struct Kept {
    of: Arc<Thumbnail>,
    handle: TextureHandle,
    used: u64,
}

impl std::fmt::Debug for Thumbs {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Thumbs").field("kept", &self.kept.len()).finish_non_exhaustive()
    }
}

impl Thumbs {
    /// Begins a frame.
    pub(super) fn begin(&mut self, inks: &Inks) {
        if (&self.colours.0, self.colours.1) != (&inks.classes, inks.tokens.theme) {
            self.colours = (inks.classes.clone(), inks.tokens.theme);
            self.kept.clear();
        }
        self.frame += 1;
        self.made = 0;
        let frame = self.frame;
        self.kept.retain(|_, kept| frame - kept.used < KEPT);
    }

    /// The texture of a scene's picture, where it has one; a further frame is asked for where too many are new in this.
    pub(super) fn get(
        &mut self,
        ctx: &Context,
        thumbnail: &Arc<Thumbnail>,
        view: View,
        inks: &Inks,
    ) -> Option<TextureId> {
        let key = (thumbnail.scene, view);
        if let Some(kept) = self.kept.get_mut(&key).filter(|kept| Arc::ptr_eq(&kept.of, thumbnail)) {
            kept.used = self.frame;
            return Some(kept.handle.id());
        }
        let frame = view.of(thumbnail)?;
        if self.made >= MOST_A_FRAME {
            ctx.request_repaint();
            return None;
        }
        self.made += 1;
        let options = if view == View::Label { TextureOptions::NEAREST } else { TextureOptions::LINEAR };
        let handle = ctx.load_texture("small-picture", image(frame, view, inks), options);
        let id = handle.id();
        self.kept.insert(key, Kept { of: Arc::clone(thumbnail), handle, used: self.frame });
        Some(id)
    }
}

fn image(frame: &Frame, view: View, inks: &Inks) -> ColorImage {
    let (low, high) = match &frame.pixels {
        Pixels::Scalar { low, high, .. } => (*low, *high),
        _ => (0.0, 1.0),
    };
    let kind = match view {
        View::Sensor(place) => inks.kinds.get(place).map_or("", String::as_str),
        View::Label => "",
    };
    let ink = Ink {
        colours: inks.classes.clone(),
        visible: Vec::new(),
        categories: Vec::new(),
        map: look::map_for(kind, low, high),
        tone: IDENTITY,
        dark: inks.tokens.theme == Theme::Dark,
    };
    ink.image(frame, inks.tokens)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn inks() -> Inks {
        let tokens = Tokens::of(Theme::Dark);
        Inks { classes: look::class_colours(3, None), kinds: vec!["colour".to_owned()], tokens }
    }

    fn thumbnail(index: u32) -> Arc<Thumbnail> {
        let frame = Frame { width: 2, height: 1, pixels: Pixels::Rgba(vec![255; 8]) };
        let scene = ScenePlace { split: 0, index };
        Arc::new(Thumbnail { scene, sensors: vec![Some(frame)], ..Thumbnail::default() })
    }

    #[test]
    fn a_frame_makes_few_textures_and_the_next_ones_make_the_rest() {
        let (ctx, mut thumbs, inks) = (Context::default(), Thumbs::default(), inks());
        let all: Vec<_> = (0..60).map(thumbnail).collect();
        let mut drawn = || {
            thumbs.begin(&inks);
            all.iter().filter(|of| thumbs.get(&ctx, of, View::Sensor(0), &inks).is_some()).count()
        };
        assert_eq!([drawn(), drawn(), drawn(), drawn()], [24, 48, 60, 60]);
        assert_eq!(thumbs.get(&ctx, &all[0], View::Label, &inks), None, "there is no label");
    }

    #[test]
    fn a_picture_of_another_data_set_is_not_taken_for_that_at_its_place() {
        let (ctx, mut thumbs, inks) = (Context::default(), Thumbs::default(), inks());
        thumbs.begin(&inks);
        let first = thumbs.get(&ctx, &thumbnail(0), View::Sensor(0), &inks);
        let other = thumbs.get(&ctx, &thumbnail(0), View::Sensor(0), &inks);
        assert_ne!(first, other);
        for _ in 0..=KEPT {
            thumbs.begin(&inks);
        }
        assert!(thumbs.kept.is_empty(), "what is out of sight is let go");
    }
}
