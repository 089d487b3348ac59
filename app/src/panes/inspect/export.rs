//! What the inspect pane hands out: each picture at its own size with its values, and the wall as it stands.

use std::sync::Arc;

use egui::{Color32, ColorImage};
use fusionscope_engine::drawing::{Ink, PictureSheet, Ramp, Titled};
use fusionscope_engine::files::{csv, npy, picture};
use fusionscope_engine::protocol::{Content, Frame, Pixels};
use image::RgbImage;

use super::state::InspectPane;
use super::{picture as painted, plate, tones, wall};
use crate::canvas::value_of;
use crate::exhibit::{Exhibit, Format, ink, paper};
use crate::look;
use crate::panes::PaneContext;
use crate::store::ClassesOf;

/// What the wall is called among what is exported.
const WALL: &str = "The wall, with legend";

/// Everything that is on the wall: first the wall itself, or the picture that fills the pane.
pub(super) fn exhibits(pane: &mut InspectPane, ctx: &PaneContext<'_>) -> Result<Vec<Exhibit>, String> {
    let shown = wall::shown(pane, ctx.store);
    let mut tiles = Vec::new();
    for content in shown {
        if let Some(tile) = Tile::of(pane, ctx, &content) {
            tiles.push((content, tile));
        }
    }
    if tiles.is_empty() {
        return Err("there is no picture of the scene yet".to_owned());
    }
    let about = about(ctx);
    let single = tiles.iter().map(|(content, tile)| tile.exhibit(ctx, content, &about));
    let mut exhibits: Vec<Exhibit> = single.collect();
    let whole = sheet(ctx, &about, tiles.iter().map(|(_, tile)| tile));
    let paper = paper(ctx.tokens);
    let on_wall = Exhibit::new(WALL, "scene").csv(counts_csv(ctx, &tiles));
    let on_wall = on_wall.drawn(move |[width, _]| Ok(whole.drawing(width, paper)));
    let filling = pane.maximised.as_ref().and_then(|content| tiles.iter().position(|(other, _)| other == content));
    exhibits.insert(0, on_wall);
    if let Some(place) = filling {
        exhibits[..=place + 1].rotate_right(1);
    }
    exhibits.extend(plate::exhibits(ctx));
    Ok(exhibits)
}

/// What is known of the pictures: scene, run, and everything that was changed, so that none of them is taken for a clean
/// one.
fn about(ctx: &PaneContext<'_>) -> String {
    let Some(view) = ctx.store.scene.shown().map(|shown| &shown.view) else { return String::new() };
    let mut words = format!("Scene {} of {}", view.id, view.request.split);
    if ctx.store.network.is_some() {
        words.push_str(&format!(", {}", ctx.store.run_name()));
    }
    if let Some(step) = view.step {
        words.push_str(&format!(", step {}", look::count(step)));
    }
    if !view.request.what_if.is_empty() {
        words.push_str(&format!(". What if: {}", view.request.what_if.words().join(", ")));
    }
    words
}

/// A picture as it is drawn, at its own size, with what its colours stand for.
struct Tile {
    title: String,
    pixels: Arc<RgbImage>,
    frame: Frame,
    ramp: Option<Ramp>,
}

impl Tile {
    fn of(pane: &mut InspectPane, ctx: &PaneContext<'_>, content: &Content) -> Option<Self> {
        let image = painted::drawn(pane, ctx, content)?;
        let frame = ctx.store.scene.frame(content)?.clone();
        let ramp = match &frame.pixels {
            Pixels::Scalar { unit, low, high, .. } => {
                let (low, high) =
                    pane.tones.window(ctx, content).map_or((*low, *high), |window| (window.low, window.high));
                let table = tones::map_of(ctx, content).table();
                let number = |value: f32| format!("{} {unit}", look::significant(f64::from(value))).trim().to_owned();
                let inks: Vec<Ink> = table.iter().map(|colour| ink(*colour)).collect();
                Some(Ramp { inks, low: number(low), high: number(high) })
            }
            _ => None,
        };
        let pixels = opaque(&image, ctx.tokens.picture)?;
        Some(Self { title: wall::title(ctx.store, content), pixels: Arc::new(pixels), frame, ramp })
    }

    /// The picture alone, pixel by pixel, and as a sheet with its legend.
    fn exhibit(&self, ctx: &PaneContext<'_>, content: &Content, about: &str) -> Exhibit {
        let (paper, pixels) = (paper(ctx.tokens), Arc::clone(&self.pixels));
        let one = sheet(ctx, about, std::iter::once(self));
        let (frame, other) = (self.frame.clone(), self.frame.clone());
        let title = self.title.clone();
        let stem: String = title.chars().map(|letter| if letter.is_alphanumeric() { letter } else { '-' }).collect();
        let exhibit = Exhibit::new(title, stem.trim_matches('-'))
            .drawn(move |[width, _]| Ok(one.drawing(width, paper)))
            .with(Format::Png, move || picture::png_bytes(pixels.as_ref()).map_err(|error| error.to_string()));
        if values(&self.frame).is_none() {
            return exhibit;
        }
        let none = || "the picture lies about its size".to_owned();
        let classes = class_names(ctx, content);
        let exhibit = exhibit.with(Format::Npy, move || {
            values(&frame).map(|numbers| npy(&numbers, frame.width as usize)).ok_or_else(none)
        });
        exhibit.with(Format::Csv, move || values_csv(&other, &classes).map(String::into_bytes).ok_or_else(none))
    }
}

/// The pictures on a sheet, with the classes that they have and show.
fn sheet<'a>(ctx: &PaneContext<'_>, about: &str, tiles: impl Iterator<Item = &'a Tile>) -> PictureSheet {
    let tiles: Vec<&Tile> = tiles.collect();
    let names = ctx.store.class_names(ClassesOf::Answers);
    let colours = ctx.store.colours_of(ClassesOf::Answers);
    let has = |class: u8| {
        tiles.iter().any(|tile| matches!(&tile.frame.pixels, Pixels::Labels { ids, .. } if ids.contains(&class)))
    };
    let entry = |(class, name): (u8, &String)| {
        let is_seen = ctx.store.scene.is_class_shown(class) && has(class);
        Some((ink(colours.get(class)?), name.clone())).filter(|_| is_seen)
    };
    let picture =
        |tile: &&Tile| Titled { title: tile.title.clone(), pixels: Arc::clone(&tile.pixels), ramp: tile.ramp.clone() };
    PictureSheet {
        title: String::new(),
        caption: format!("{about}."),
        pictures: tiles.iter().map(picture).collect(),
        columns: 0,
        legend: (0..=u8::MAX).zip(names).filter_map(entry).collect(),
    }
}

fn class_names(ctx: &PaneContext<'_>, content: &Content) -> Vec<String> {
    match ctx.store.scene.frame(content).map(|frame| &frame.pixels) {
        Some(Pixels::Labels { .. }) => ctx.store.class_names(ClassesOf::content(content)).to_vec(),
        Some(Pixels::Categories { legend, .. }) => legend.clone(),
        _ => Vec::new(),
    }
}

/// How many pixels of each class, or of each word, every picture has that has some.
fn counts_csv(ctx: &PaneContext<'_>, tiles: &[(Content, Tile)]) -> String {
    let mut text = csv::line(["picture", "class", "pixels"]);
    for (content, tile) in tiles {
        let (Pixels::Labels { ids, .. } | Pixels::Categories { ids, .. }) = &tile.frame.pixels else { continue };
        for (count, name) in counted(ids).into_iter().zip(class_names(ctx, content)) {
            text.push_str(&csv::line([tile.title.as_str(), &name, &count.to_string()]));
        }
    }
    text
}

/// How often each id occurs.
fn counted(ids: &[u8]) -> [u64; 256] {
    let mut counts = [0; 256];
    for &id in ids {
        counts[usize::from(id)] += 1;
    }
    counts
}

/// A picture on a ground that shows through it.
fn opaque(image: &ColorImage, ground: Color32) -> Option<RgbImage> {
    let [width, height] = image.size;
    let bytes = image.pixels.iter().flat_map(|pixel| ink(ground.blend(*pixel))).collect();
    RgbImage::from_raw(u32::try_from(width).ok()?, u32::try_from(height).ok()?, bytes)
}

/// The values of a map, `[height, width]`: numbers in its unit, in 256 steps as the window has them, NaN where nothing
/// was measured; ids of classes and words as numbers. `None` for a photograph and for a frame that lies about its size.
fn values(frame: &Frame) -> Option<Vec<f32>> {
    let (width, height) = (frame.width as usize, frame.height as usize);
    let numbers: Vec<f32> = match &frame.pixels {
        Pixels::Rgba(_) => return None,
        Pixels::Scalar { values, low, high, has_holes, .. } => {
            let value = |&byte: &u8| value_of(byte, (*low, *high), *has_holes).unwrap_or(f32::NAN);
            values.iter().map(value).collect()
        }
        Pixels::Labels { ids, .. } | Pixels::Categories { ids, .. } | Pixels::Errors(ids) => {
            ids.iter().map(|&id| f32::from(id)).collect()
        }
    };
    (numbers.len() == width * height && !numbers.is_empty()).then_some(numbers)
}

/// The same as a table: a row of pixels a line, nothing where nothing was measured; of classes and words how many pixels
/// each has.
fn values_csv(frame: &Frame, names: &[String]) -> Option<String> {
    let numbers = values(frame)?;
    if let Pixels::Labels { ids, .. } | Pixels::Categories { ids, .. } = &frame.pixels {
        let mut text = csv::line(["id", "name", "pixels"]);
        for ((id, count), name) in counted(ids).into_iter().enumerate().zip(names) {
            text.push_str(&csv::line([id.to_string(), name.clone(), count.to_string()]));
        }
        return Some(text);
    }
    let cell = |value: &f32| if value.is_finite() { value.to_string() } else { String::new() };
    Some(numbers.chunks(frame.width as usize).map(|row| csv::line(row.iter().map(cell))).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_is_written_as_it_is_drawn() {
        let over = ColorImage::new([2, 1], vec![Color32::TRANSPARENT, Color32::WHITE]);
        let pixels = opaque(&over, Color32::BLUE).unwrap();
        assert_eq!((pixels.get_pixel(0, 0).0, pixels.get_pixel(1, 0).0), ([0, 0, 255], [255; 3]));
        let back = image::load_from_memory(&picture::png_bytes(&pixels).unwrap()).unwrap().into_rgb8();
        assert_eq!(back, pixels, "pixel by pixel");
    }

    #[test]
    fn values_are_in_their_unit_and_what_was_not_measured_is_no_number() {
        let frame = |pixels| Frame { width: 3, height: 1, pixels };
        let scalar = |has_holes| Pixels::Scalar {
            values: vec![0, 1, 255],
            low: -10.0,
            high: 40.0,
            unit: "°C".to_owned(),
            has_holes,
        };
        let found = values(&frame(scalar(true))).unwrap();
        assert!(found[0].is_nan() && found[1..] == [-10.0, 40.0], "{found:?}");
        assert_eq!(values_csv(&frame(scalar(true)), &[]).unwrap(), ",-10,40\n");
        assert_eq!(values(&frame(scalar(false))).unwrap()[0], -10.0);
        let labels = || frame(Pixels::Labels { ids: vec![0, 7, 0], confidence: Vec::new() });
        assert_eq!(values(&labels()).unwrap(), [0.0, 7.0, 0.0]);
        let names = ["road".to_owned(), "car".to_owned()];
        assert_eq!(values_csv(&labels(), &names).unwrap(), "id,name,pixels\n0,road,2\n1,car,0\n");
        let lying = Frame { width: 9, height: 9, pixels: Pixels::Errors(vec![0]) };
        assert_eq!(values(&lying), None);
    }
}
