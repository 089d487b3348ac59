//! What stands under a column: its colour bar, or its words.

use std::sync::Arc;

use super::cell::{Bar, Key};
use super::legend::flow;
use crate::drawing::{Anchor, Shape, TEXT, Weight};
use crate::protocol::significant;

/// Draws what the colours of a column stand for, but for classes, which all columns share; the height that it takes.
pub(super) fn foot(key: &Key, [x, y]: [f64; 2], width: f64, letters: f64, shapes: &mut Vec<Shape>) -> f64 {
    let mut height = 0.0;
    if let Some(bar) = &key.bar {
        height += draw(bar, [x, y], width, letters, shapes) + letters * 0.4;
    }
    height + flow(&key.words, [x, y + height], width, letters, shapes)
}

fn draw(bar: &Bar, [x, y]: [f64; 2], width: f64, letters: f64, shapes: &mut Vec<Shape>) -> f64 {
    let high = letters * 0.7;
    shapes.push(Shape::Picture { from: [x, y], size: [width, high], pixels: Arc::clone(&bar.ramp) });
    let regular = Weight::Regular;
    let [low, most] = [bar.low, bar.high].map(|value| significant(f64::from(value)).replace('-', "−"));
    let with_unit = if bar.unit.is_empty() { most.clone() } else { format!("{most} {}", bar.unit) };
    let beside = |end: &str, gap: f64| regular.width(&low, letters) + regular.width(end, letters) + gap <= width;
    let (fits, apart) = (beside(&with_unit, letters), !beside(&most, letters * 0.4));
    let mut line = y + high + letters;
    let mut say = |at: f64, line: f64, anchor: Anchor, words: &str| {
        let words = regular.elided(words, letters, width);
        shapes.push(Shape::text([at, line], anchor, letters, regular, TEXT, &words));
    };
    say(x, line, Anchor::Start, &low);
    if apart {
        line += letters * 1.2;
    }
    say(x + width, line, Anchor::End, if fits { &with_unit } else { &most });
    if !fits && !bar.unit.is_empty() {
        line += letters * 1.2;
        say(x + width / 2.0, line, Anchor::Middle, &bar.unit);
    }
    line - y + letters * 0.2
}

#[cfg(test)]
mod tests {
    use image::RgbImage;

    use super::*;

    #[test]
    fn a_bar_tells_range_and_unit_and_gives_the_unit_a_line_where_it_has_no_room() {
        let texts = |unit: &str, width: f64| {
            let bar = Bar { ramp: Arc::new(RgbImage::new(256, 1)), low: -10.0, high: 42.0, unit: unit.to_owned() };
            let (key, mut shapes) = (Key { bar: Some(bar), ..Key::default() }, Vec::new());
            let height = foot(&key, [0.0; 2], width, 10.0, &mut shapes);
            let texts = shapes
                .iter()
                .filter_map(|shape| if let Shape::Text { text, .. } = shape { Some(text.clone()) } else { None });
            (texts.collect::<Vec<_>>(), height)
        };
        let (wide, low) = texts("°C", 100.0);
        assert_eq!(wide, ["−10.0", "42.0 °C"]);
        let (narrow, high) = texts("change of probability", 70.0);
        assert_eq!(narrow[..2], ["−10.0", "42.0"]);
        assert!(narrow[2].starts_with("change") && high > low, "{narrow:?}");
        assert_eq!(texts("", 100.0).0, ["−10.0", "42.0"]);
        let (both, higher) = texts("", 40.0);
        assert!(both == ["−10.0", "42.0"] && higher > texts("", 100.0).1, "each has a line where both have no room");
    }
}
