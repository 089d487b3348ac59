//! Frames as textures, made anew only when the frame or its colouring changes.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use egui::{ColorImage, Context, TextureFilter, TextureHandle, TextureId, TextureOptions};
use fusionscope_engine::protocol::Content;

/// What a texture shows.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Key {
    /// The view it is of.
    pub view: u64,
    /// The picture.
    pub content: Content,
    /// Which of the layers of that picture: 0 for the picture itself.
    pub layer: u8,
}

/// The textures of one pane.
#[derive(Default)]
pub struct Textures {
    kept: HashMap<Key, Kept>,
    frame: u64,
}

struct Kept {
    stamp: u64,
    handle: TextureHandle,
    used: u64,
    arrival: Option<Arrival>,
    /// The picture before, and when it was replaced, in seconds of egui's clock.
    before: Option<(TextureHandle, f64)>,
}

/// How long a mask takes to fade into the next one.
const FADE_SECS: f64 = 0.12;

/// Which picture a texture shows. Pictures of one scene fade into each other; another scene is there at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Arrival {
    /// The scene's number in whatever way the caller counts.
    pub scene: u64,
    /// Counts up with every picture.
    pub serial: u64,
}

/// A texture, and the one that it is taking the place of.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Fading {
    /// The picture.
    pub now: TextureId,
    /// The one before, and how much of the new one is there, 0 to 1.
    pub before: Option<(TextureId, f32)>,
}

impl std::fmt::Debug for Textures {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Textures").field("kept", &self.kept.len()).finish_non_exhaustive()
    }
}

impl Textures {
    /// The texture for `key`. `image` is called only when `stamp`, `smooth` or the key are new.
    pub fn get(
        &mut self,
        ctx: &Context,
        key: &Key,
        stamp: impl Hash,
        smooth: bool,
        image: impl FnOnce() -> ColorImage,
    ) -> TextureId {
        let mut hasher = DefaultHasher::new();
        (stamp, smooth).hash(&mut hasher);
        let stamp = hasher.finish();
        if let Some(kept) = self.kept.get_mut(key) {
            kept.used = self.frame;
            if kept.stamp != stamp {
                kept.stamp = stamp;
                kept.handle.set(within_limits(ctx, image()), options_of(smooth));
            }
            return kept.handle.id();
        }
        let name = format!("{}-{:?}-{}", key.view, key.content, key.layer);
        let handle = ctx.load_texture(name, within_limits(ctx, image()), options_of(smooth));
        let id = handle.id();
        let kept = Kept { stamp, handle, used: self.frame, arrival: None, before: None };
        self.kept.insert(key.clone(), kept);
        id
    }

    /// The same for pictures that fade into the next one of their scene. `time` is egui's clock, `None` where nothing
    /// shall move.
    pub fn get_fading(
        &mut self,
        ctx: &Context,
        (key, arrival): (&Key, Arrival),
        stamp: impl Hash,
        time: Option<f64>,
        image: impl FnOnce() -> ColorImage,
    ) -> Fading {
        let is_next = |kept: &Kept| {
            kept.arrival.is_some_and(|old| old.scene == arrival.scene && old.serial != arrival.serial)
                && kept.used + 1 >= self.frame
        };
        let replaced = match time {
            Some(time) if self.kept.get(key).is_some_and(is_next) => {
                self.kept.remove(key).map(|kept| (kept.handle, time))
            }
            _ => None,
        };
        let now = self.get(ctx, key, (stamp, arrival.serial), false, image);
        let Some(kept) = self.kept.get_mut(key) else { return Fading { now, before: None } };
        kept.arrival = Some(arrival);
        if replaced.is_some() {
            kept.before = replaced;
        }
        let share = |since: f64| time.map(|time| ((time - since) / FADE_SECS) as f32).filter(|share| *share < 1.0);
        let before = kept.before.as_ref().and_then(|(handle, since)| Some((handle.id(), share(*since)?)));
        if before.is_some() {
            ctx.request_repaint();
        } else {
            kept.before = None;
        }
        Fading { now, before }
    }

    /// Frees what has not been shown for a while; to be called once a frame.
    pub fn tidy(&mut self) {
        self.frame += 1;
        let frame = self.frame;
        self.kept.retain(|_, kept| frame - kept.used < 120);
    }
}

fn options_of(smooth: bool) -> TextureOptions {
    if smooth { TextureOptions::LINEAR.with_mipmap_mode(Some(TextureFilter::Linear)) } else { TextureOptions::NEAREST }
}

/// Textures beyond the device's largest side are refused with a panic, so larger images are thinned to fit.
fn within_limits(ctx: &Context, image: ColorImage) -> ColorImage {
    thinned(image, ctx.input(|input| input.max_texture_side))
}

fn thinned(image: ColorImage, limit: usize) -> ColorImage {
    let [width, height] = image.size;
    let step = width.max(height).div_ceil(limit.max(1)).max(1);
    if step == 1 {
        return image;
    }
    let size = [width.div_ceil(step), height.div_ceil(step)];
    let pixels = (0..size[1])
        .flat_map(|y| (0..size[0]).map(move |x| (x, y)))
        .map(|(x, y)| image.pixels[y * step * width + x * step])
        .collect();
    ColorImage::new(size, pixels)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_texture_is_made_once_for_one_stamp() {
        let ctx = Context::default();
        let key = Key { view: 0, content: Content::Label, layer: 0 };
        let mut textures = Textures::default();
        let mut made = 0;
        for stamp in [1, 1, 2, 2] {
            textures.get(&ctx, &key, stamp, false, || {
                made += 1;
                ColorImage::filled([2, 2], egui::Color32::WHITE)
            });
        }
        assert_eq!(made, 2);
    }

    #[test]
    fn a_mask_fades_into_the_next_one_of_its_scene_and_into_no_other() {
        let ctx = Context::default();
        let key = Key { view: 0, content: Content::Label, layer: 0 };
        let mut textures = Textures::default();
        let mut at = |scene, serial, time| {
            let arrival = Arrival { scene, serial };
            textures.get_fading(&ctx, (&key, arrival), 0, time, || ColorImage::filled([2, 2], egui::Color32::WHITE))
        };
        let first = at(7, 1, Some(0.0));
        assert_eq!(first.before, None);
        let second = at(7, 2, Some(1.0));
        assert_ne!(second.now, first.now);
        assert_eq!(second.before, Some((first.now, 0.0)));
        let half = at(7, 2, Some(1.06)).before.map(|(_, share)| share);
        assert!(half.is_some_and(|share| (share - 0.5).abs() < 1e-3), "{half:?}");
        assert_eq!(at(7, 2, Some(1.2)).before, None);
        assert_eq!(at(8, 3, Some(2.0)).before, None, "another scene is there at once");
        assert_eq!(at(8, 4, None).before, None, "nothing moves where motion is reduced");
    }

    #[test]
    fn enormous_pictures_are_thinned_to_the_largest_texture() {
        let image = ColorImage::filled([50, 1001], egui::Color32::WHITE);
        assert!(thinned(image.clone(), 100).size.iter().all(|&side| side <= 100));
        assert_eq!(thinned(image, 2048).size, [50, 1001]);
    }
}
