//! A frame as a picture of its own, as a tile of the window shows it.

use fusionscope::canvas::{IDENTITY, Ink, Tone, declared};
use fusionscope::look::{self, Theme, Tokens};
use fusionscope_engine::protocol::{Content, DatasetSummary, Frame, Pixels};
use image::{Rgba, RgbaImage};

/// The frame in the colours of the dark theme.
pub fn picture(content: &Content, frame: &Frame, dataset: &DatasetSummary) -> RgbaImage {
    let image = ink_for(content, frame, dataset).image(frame, Tokens::of(Theme::Dark));
    let [width, height] = image.size;
    RgbaImage::from_fn(width as u32, height as u32, |x, y| {
        Rgba(image[(x as usize, y as usize)].to_srgba_unmultiplied())
    })
}

fn ink_for(content: &Content, frame: &Frame, dataset: &DatasetSummary) -> Ink {
    let tokens = Tokens::of(Theme::Dark);
    let kind_of = |name: &str| {
        dataset.modalities.iter().find(|sensor| sensor.name == name).map_or("", |sensor| sensor.kind.as_str())
    };
    let kind = match content {
        Content::Sensor(name) => kind_of(name),
        _ => "",
    };
    let (low, high) = match &frame.pixels {
        Pixels::Scalar { low, high, .. } => (*low, *high),
        _ => (0.0, 1.0),
    };
    let legend = match &frame.pixels {
        Pixels::Categories { legend, .. } => legend.as_slice(),
        _ => &[],
    };
    let map = look::map_for(kind, low, high);
    let colours = look::class_colours(dataset.classes.len(), None);
    let names_classes = legend == dataset.classes;
    Ink {
        tone: declared(frame).map_or(IDENTITY, |range| Tone::default().window(range, map).table(frame)),
        visible: vec![true; dataset.classes.len()],
        categories: if names_classes { colours.all() } else { tokens.categories(legend, &dataset.modalities) },
        colours,
        map,
        dark: true,
    }
}
