//! Which sensor a network relies on, as a drawing: bars of what is lost, overall and class by class.

use super::losses::{Harm, Losses};
use crate::drawing::{Anchor, Drawing, GRID, Shape, TEXT, WEAK, Weight, paler, sensor_ink};

const MARGIN: f64 = 24.0;
const HEAD: f64 = 15.0;
const BODY: f64 = 12.0;
const SMALL: f64 = 10.0;
const LEADING: f64 = 14.5;
const BAR: f64 = 9.0;
const NAMES: f64 = 150.0;
const PLOT: f64 = 360.0;
const VALUES: f64 = 44.0;

/// The picture of losses under this title. Of each sensor a full bar says what its degradations cost, a pale one its absence.
pub fn losses_picture(losses: &Losses, title: &str) -> Drawing {
    let width = 2.0 * MARGIN + NAMES + PLOT + VALUES;
    let mut shapes = Vec::new();
    let mut y = MARGIN - 4.0;
    for line in Weight::Semibold.lines(title, HEAD, width - 2.0 * MARGIN) {
        y += HEAD + 4.0;
        shapes.push(Shape::text([MARGIN, y], Anchor::Start, HEAD, Weight::Semibold, TEXT, &line));
    }
    y += 22.0;
    let mut x = MARGIN;
    for (place, sensor) in losses.sensors.iter().enumerate() {
        let ink = sensor_ink(sensor, place);
        shapes.push(Shape::Dot { at: [x + 5.0, y - 4.0], radius: 5.0, ink });
        shapes.push(Shape::text([x + 15.0, y], Anchor::Start, BODY, Weight::Regular, TEXT, sensor));
        x += 15.0 + Weight::Regular.width(sensor, BODY) + 18.0;
    }
    let words = "full: degraded · pale: absent";
    shapes.push(Shape::text([x, y], Anchor::Start, SMALL, Weight::Regular, WEAK, words));
    y += 14.0;
    let all = losses.losses.iter().filter(|loss| !matches!(loss.harm, Harm::By(_)));
    let values = all.flat_map(|loss| loss.classes.iter().chain([&loss.miou])).flatten();
    let (least, most) = values.fold((0.0_f64, 0.01_f64), |(least, most), value| (least.min(*value), most.max(*value)));
    let zero = MARGIN + NAMES + PLOT * -least / (most - least);
    let along = |lost: f64| PLOT * lost / (most - least);
    let rows = std::iter::once(("mIoU", None));
    let rows = rows.chain(losses.classes.iter().enumerate().map(|(id, class)| (class.as_str(), Some(id))));
    let begin = y;
    for (name, class) in rows {
        let bars: Vec<_> = losses
            .sensors
            .iter()
            .enumerate()
            .flat_map(|(place, sensor)| [(place, sensor, Harm::Degraded), (place, sensor, Harm::Absent)])
            .filter_map(|(place, sensor, harm)| {
                let loss = losses.find(sensor, harm)?;
                Some((place, sensor, harm, class.map_or(loss.miou, |id| loss.classes.get(id).copied().flatten())))
            })
            .collect();
        let weight = if class.is_none() { Weight::Semibold } else { Weight::Regular };
        let at = [MARGIN + NAMES - 10.0, y + BAR * bars.len() as f64 / 2.0 + 8.0];
        shapes.push(Shape::text(at, Anchor::End, BODY, weight, TEXT, &weight.elided(name, BODY, NAMES - 12.0)));
        y += 4.0;
        for (place, sensor, harm, lost) in bars {
            let ink = sensor_ink(sensor, place);
            let ink = if harm == Harm::Absent { paler(ink, 0.55) } else { ink };
            if let Some(lost) = lost {
                let long = along(lost);
                let from = [zero + long.min(0.0), y];
                shapes.push(Shape::Rect { from, size: [long.abs(), BAR - 2.0], ink });
                let at = [zero + long.max(0.0) + 5.0, y + BAR - 2.0];
                let words = format!("{:.1}", 100.0 * lost).replace('-', "−");
                shapes.push(Shape::text(at, Anchor::Start, 8.5, Weight::Regular, WEAK, &words));
            }
            y += BAR;
        }
        y += 4.0;
        shapes.push(Shape::Line { from: [MARGIN, y], to: [width - MARGIN, y], width: 1.0, ink: GRID });
    }
    shapes.push(Shape::Line { from: [zero, begin], to: [zero, y], width: 1.0, ink: WEAK });
    y += 18.0;
    let unit = "Lost, in percentage points of mIoU and of each class's IoU".to_owned();
    for note in std::iter::once(&unit).chain(&losses.notes) {
        for words in Weight::Regular.lines(note, SMALL, width - 2.0 * MARGIN) {
            shapes.push(Shape::text([MARGIN, y], Anchor::Start, SMALL, Weight::Regular, WEAK, &words));
            y += LEADING;
        }
    }
    Drawing { width: width.ceil(), height: (y - LEADING + MARGIN).ceil(), title: title.to_owned(), shapes }
}

#[cfg(test)]
mod tests {
    use super::super::method::Kept;
    use super::super::sample;
    use super::*;
    use crate::drawing::stored::assert_as_stored;

    #[test]
    fn the_mean_and_each_class_have_a_bar_a_sensor_and_harm() {
        let (protocols, evaluations) = ([sample::severity(0.2)], [sample::evaluation()]);
        let losses = Losses::of(Kept { protocols: &protocols, evaluations: &evaluations }, "test").unwrap();
        let drawing = losses_picture(&losses, "What it relies on");
        let bars = drawing.shapes.iter().filter(|shape| matches!(shape, Shape::Rect { .. })).count();
        assert_eq!(bars, 3 * 2 * 2, "mIoU and two classes, two sensors, degraded and absent");
        let has = |words: &str| {
            drawing.shapes.iter().any(|shape| matches!(shape, Shape::Text { text, .. } if text.contains(words)))
        };
        for words in ["What it relies on", "person", "20.0", "Degraded:", "Absent:"] {
            assert!(has(words), "{words}: {}", drawing.svg(""));
        }
        assert_as_stored(&drawing, "relies-on");
    }
}
