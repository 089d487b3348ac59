//! A frame as a picture of its own.

use fusionscope_engine::protocol::{Content, DatasetSummary, Frame, Pixels};
use image::{Rgba, RgbaImage};

use super::paint::Ink;
use super::tone::{IDENTITY, Tone, declared};
use crate::look::{self, Theme, Tokens};

/// The frame in the colours of the dark theme, as a tile of the window shows it.
pub fn picture(content: &Content, frame: &Frame, dataset: &DatasetSummary) -> RgbaImage {
    painted(content, frame, dataset, Theme::Dark)
}

/// The frame for print: in the colours of the light theme, classes in those of the data set. What is ignored is
/// transparent.
pub fn printed(content: &Content, frame: &Frame, dataset: &DatasetSummary) -> RgbaImage {
    painted(content, frame, dataset, Theme::Light)
}

fn painted(content: &Content, frame: &Frame, dataset: &DatasetSummary, theme: Theme) -> RgbaImage {
    let tokens = Tokens::of(theme);
    let image = ink_for(content, frame, dataset, theme).image(frame, tokens);
    let [width, height] = image.size;
    RgbaImage::from_fn(width as u32, height as u32, |x, y| {
        Rgba(image[(x as usize, y as usize)].to_srgba_unmultiplied())
    })
}

fn ink_for(content: &Content, frame: &Frame, dataset: &DatasetSummary, theme: Theme) -> Ink {
    let tokens = Tokens::of(theme);
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
    let own = match theme {
        Theme::Light => Some(dataset.colours.as_slice()),
        Theme::Dark => None,
    };
    let colours = look::class_colours(dataset.classes.len(), own);
    let names_classes = legend == dataset.classes;
    Ink {
        tone: declared(frame).map_or(IDENTITY, |range| Tone::default().window(range, map).table(frame)),
        visible: vec![true; dataset.classes.len()],
        categories: if names_classes { colours.all() } else { tokens.categories(legend, &dataset.modalities) },
        colours,
        map,
        dark: theme == Theme::Dark,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_printed_has_the_data_sets_own_classes_on_light() {
        let dataset = DatasetSummary {
            classes: ["road", "car"].map(str::to_owned).to_vec(),
            colours: vec![[1, 2, 3], [4, 5, 6]],
            ..DatasetSummary::default()
        };
        let frame = |pixels| Frame { width: 2, height: 1, pixels };
        let labels = frame(Pixels::Labels { ids: vec![1, 255], confidence: Vec::new() });
        let paper = printed(&Content::Label, &labels, &dataset);
        assert_eq!((paper.get_pixel(0, 0).0, paper.get_pixel(1, 0).0[3]), ([4, 5, 6, 255], 0));
        let screen = picture(&Content::Label, &labels, &dataset);
        assert_eq!(screen.get_pixel(0, 0).0[..3], look::class_colours(2, None).get(1).unwrap().to_array()[..3]);
        let errors = frame(Pixels::Errors(vec![0, 1]));
        let right = |picture: RgbaImage| picture.get_pixel(0, 0).0[0];
        let error = Content::Error("fused".to_owned());
        assert!(right(printed(&error, &errors, &dataset)) > 200 && right(picture(&error, &errors, &dataset)) < 60);
    }
}
