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
        self.kept.insert(key.clone(), Kept { stamp, handle, used: self.frame });
        id
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
    fn enormous_pictures_are_thinned_to_the_largest_texture() {
        let image = ColorImage::filled([50, 1001], egui::Color32::WHITE);
        assert!(thinned(image.clone(), 100).size.iter().all(|&side| side <= 100));
        assert_eq!(thinned(image, 2048).size, [50, 1001]);
    }
}
