//! What methods lose as one of their sensors degrades, as a drawing: a row a method, a column a sensor.

use super::method::{Lean, Method};
use crate::drawing::{Anchor, Drawing, GRID, Ink, Shape, TEXT, WEAK, Weight, paler, sensor_ink};
use crate::protocol::counted;

const MARGIN: f64 = 24.0;
const HEAD: f64 = 16.0;
const BODY: f64 = 12.0;
const SMALL: f64 = 10.0;
const LEADING: f64 = 14.5;
/// The widest names of methods.
const NAMES: f64 = 170.0;
/// What the numbers of the vertical axis take.
const TICKS: f64 = 34.0;
/// A panel, and on its right the names of the worst degradations.
const PANEL: f64 = 190.0;
const ENDS: f64 = 96.0;
const HEIGHT: f64 = 112.0;
/// What stands above a panel, and between rows.
const PANEL_HEAD: f64 = 22.0;
const ROW: f64 = PANEL_HEAD + HEIGHT + 26.0;
/// The last column: what is lost on average, a bar a sensor.
const BARS: f64 = 210.0;
const BAR: f64 = 18.0;
/// So many of the worst degradations are named beside a panel.
const NAMED: usize = 3;

/// What all methods share.
struct Sheet<'a> {
    methods: &'a [Method],
    /// The sensors of all methods, in their order.
    sensors: Vec<&'a str>,
    names: f64,
    /// The top of the vertical axis, a mean IoU.
    top: f64,
    /// The largest mean IoU that is lost on average.
    most_lost: f64,
    width: f64,
}

/// The picture; `about` says of what data the figures are and how they were made. A sentence where no method has a curve.
pub fn severity_picture(methods: &[Method], about: &str) -> Result<Drawing, String> {
    if !methods.iter().flat_map(|method| &method.leans).any(|lean| !lean.courses.is_empty()) {
        return Err("there is no curve to draw: evaluate the runs with `--protocol severity` first".to_owned());
    }
    let sheet = Sheet::of(methods);
    let mut shapes = Vec::new();
    let title = "What is lost as one sensor degrades and the others stay as they are";
    let mut y = MARGIN + HEAD - 4.0;
    shapes.push(Shape::text([MARGIN, y], Anchor::Start, HEAD, Weight::Semibold, TEXT, title));
    y += 30.0;
    sheet.heads(y, &mut shapes);
    y += 8.0;
    for (place, method) in methods.iter().enumerate() {
        sheet.row(method, y, place + 1 == methods.len(), &mut shapes);
        y += ROW;
    }
    y += 22.0;
    for line in Weight::Regular.lines(&sheet.caption(about), SMALL, sheet.width - 2.0 * MARGIN) {
        shapes.push(Shape::text([MARGIN, y], Anchor::Start, SMALL, Weight::Regular, WEAK, &line));
        y += LEADING;
    }
    let title = title.to_owned();
    Ok(Drawing { width: sheet.width.ceil(), height: (y - LEADING + MARGIN).ceil(), title, shapes })
}

impl<'a> Sheet<'a> {
    fn of(methods: &'a [Method]) -> Self {
        let mut sensors: Vec<&str> = Vec::new();
        for lean in methods.iter().flat_map(|method| &method.leans) {
            if !sensors.contains(&lean.sensor.as_str()) {
                sensors.push(&lean.sensor);
            }
        }
        let names = methods.iter().map(|method| Weight::Semibold.width(&method.name, BODY));
        let names = names.fold(72.0, f64::max).min(NAMES);
        let points = methods.iter().flat_map(|method| &method.leans).flat_map(|lean| &lean.courses);
        let best = points.flat_map(|course| &course.points).map(|point| point[1]).fold(0.1, f64::max);
        let lost = methods.iter().flat_map(|method| method.leans.iter().filter_map(|lean| lean.lost(method.clean)));
        let most_lost = lost.fold(0.01, f64::max);
        let width = 2.0 * MARGIN + names + TICKS + sensors.len() as f64 * (PANEL + ENDS) + BARS;
        Self { methods, sensors, names, top: (best * 10.0).ceil() / 10.0, most_lost, width }
    }

    /// The left edge of a sensor's panels.
    fn left(&self, sensor: usize) -> f64 {
        MARGIN + self.names + TICKS + sensor as f64 * (PANEL + ENDS)
    }

    fn ink(&self, sensor: usize) -> Ink {
        sensor_ink(self.sensors[sensor], sensor)
    }

    fn heads(&self, y: f64, shapes: &mut Vec<Shape>) {
        for (place, sensor) in self.sensors.iter().enumerate() {
            let left = self.left(place);
            shapes.push(Shape::Dot { at: [left + 5.0, y - 4.0], radius: 5.0, ink: self.ink(place) });
            let name = Weight::Semibold.elided(&format!("{sensor} degrades"), 13.0, PANEL);
            shapes.push(Shape::text([left + 16.0, y], Anchor::Start, 13.0, Weight::Semibold, TEXT, &name));
        }
        let at = [self.left(self.sensors.len()), y];
        shapes.push(Shape::text(at, Anchor::Start, 13.0, Weight::Semibold, TEXT, "Points of mIoU lost on average"));
    }

    fn row(&self, method: &Method, top: f64, is_last: bool, shapes: &mut Vec<Shape>) {
        let plot = top + PANEL_HEAD;
        let name = Weight::Semibold.elided(&method.name, BODY, self.names);
        shapes.push(Shape::text([MARGIN, plot + 12.0], Anchor::Start, BODY, Weight::Semibold, TEXT, &name));
        let mut under = vec![format!("clean {:.1} %", 100.0 * method.clean)];
        if method.runs > 1 {
            under.push(format!("mean of {}", counted(method.runs as u64, "run")));
        }
        for (line, words) in under.iter().enumerate() {
            let at = [MARGIN, plot + 27.0 + LEADING * line as f64];
            shapes.push(Shape::text(at, Anchor::Start, SMALL, Weight::Regular, WEAK, words));
        }
        for (place, sensor) in self.sensors.iter().enumerate() {
            let corner = [self.left(place), plot];
            self.axes(corner, place == 0, is_last, shapes);
            let lean = method.leans.iter().find(|lean| lean.sensor == *sensor && !lean.courses.is_empty());
            if let Some(lean) = lean {
                self.panel(method, lean, corner, self.ink(place), shapes);
            } else {
                let at = [corner[0] + PANEL / 2.0, plot + HEIGHT / 2.0];
                let words = "not taken, or not scored";
                shapes.push(Shape::text(at, Anchor::Middle, SMALL, Weight::Regular, WEAK, words));
            }
        }
        self.bars(method, plot, shapes);
    }

    fn axes(&self, [left, top]: [f64; 2], is_first: bool, is_last: bool, shapes: &mut Vec<Shape>) {
        let step = if self.top > 0.45 { 0.2 } else { 0.1 };
        for tick in 0..=(self.top / step + 1e-9) as u32 {
            let share = f64::from(tick) * step;
            let y = top + HEIGHT * (1.0 - share / self.top);
            shapes.push(Shape::Line { from: [left, y], to: [left + PANEL, y], width: 1.0, ink: GRID });
            if is_first {
                let words = format!("{:.0}", 100.0 * share);
                let at = [left - 7.0, y + 3.5];
                shapes.push(Shape::text(at, Anchor::End, SMALL, Weight::Regular, WEAK, &words));
            }
        }
        for (severity, words) in [(0.0, "0"), (0.5, "0.5"), (1.0, "1")] {
            let x = left + PANEL * severity;
            let (from, to) = ([x, top + HEIGHT], [x, top + HEIGHT + 4.0]);
            shapes.push(Shape::Line { from, to, width: 1.0, ink: WEAK });
            let at = [x, top + HEIGHT + 15.0];
            shapes.push(Shape::text(at, Anchor::Middle, SMALL, Weight::Regular, WEAK, words));
        }
        if is_last {
            let at = [left + PANEL / 2.0, top + HEIGHT + 30.0];
            shapes.push(Shape::text(at, Anchor::Middle, SMALL, Weight::Regular, WEAK, "severity"));
        }
    }

    /// The area that is lost, a thin line a degradation, their mean as a thick one.
    fn panel(&self, method: &Method, lean: &Lean, [left, top]: [f64; 2], ink: Ink, shapes: &mut Vec<Shape>) {
        let place = |[severity, miou]: [f64; 2]| [left + PANEL * severity, top + HEIGHT * (1.0 - miou / self.top)];
        let mean: Vec<[f64; 2]> = lean.mean().into_iter().map(place).collect();
        let level = place([0.0, method.clean])[1];
        if let (Some(first), Some(last)) = (mean.first(), mean.last()) {
            let above = [[last[0], level], [first[0], level]];
            shapes.push(Shape::Area { places: mean.iter().copied().chain(above).collect(), ink: paler(ink, 0.72) });
        }
        for course in &lean.courses {
            let places = course.points.iter().copied().map(place).collect();
            shapes.push(Shape::Path { places, width: 1.0, ink: paler(ink, 0.4) });
        }
        shapes.push(Shape::Line { from: [left, level], to: [left + PANEL, level], width: 1.0, ink: WEAK });
        shapes.push(Shape::Path { places: mean, width: 3.0, ink });
        if let Some(absent) = lean.absent {
            let at = place([1.0, absent]);
            shapes.push(Shape::Diamond { at, radius: 5.0, width: 1.5, ink });
        }
        if let Some(lost) = lean.lost(method.clean) {
            let words = format!("{} on average", points(lost));
            shapes.push(Shape::text([left, top - 7.0], Anchor::Start, BODY, Weight::Semibold, ink, &words));
        }
        let mut worst: Vec<_> =
            lean.courses.iter().filter_map(|course| Some((course.points.last()?, course))).collect();
        worst.sort_by(|(one, _), (other, _)| one[1].total_cmp(&other[1]));
        worst.truncate(NAMED);
        // From the highest to the lowest, each below the one before and all of them above the axis.
        worst.reverse();
        let (count, mut free) = (worst.len(), f64::MIN);
        for (at, (end, course)) in worst.into_iter().enumerate() {
            let lowest = top + HEIGHT + 3.0 - 11.0 * (count - 1 - at) as f64;
            let y = (place(*end)[1] + 3.5).max(free).min(lowest);
            free = y + 11.0;
            let words = Weight::Regular.elided(course.kind.word(), SMALL, ENDS - 22.0);
            shapes.push(Shape::text([left + PANEL + 9.0, y], Anchor::Start, SMALL, Weight::Regular, WEAK, &words));
        }
    }

    /// A bar a sensor, all of one scale, and a mark where its absence stands.
    fn bars(&self, method: &Method, top: f64, shapes: &mut Vec<Shape>) {
        let left = self.left(self.sensors.len());
        let length = BARS - 60.0;
        let axis = [left, top + 2.0 + BAR * self.sensors.len() as f64 + 6.0];
        shapes.push(Shape::Line { from: [left, top + 2.0], to: axis, width: 1.0, ink: WEAK });
        for (place, sensor) in self.sensors.iter().enumerate() {
            let y = top + 5.0 + BAR * place as f64;
            let lost = method.leans.iter().find(|lean| lean.sensor == *sensor).and_then(|lean| lean.lost(method.clean));
            let Some(lost) = lost else { continue };
            let wide = length * (lost / self.most_lost).clamp(0.0, 1.0);
            shapes.push(Shape::Rect { from: [left, y], size: [wide, BAR - 6.0], ink: self.ink(place) });
            let at = [left + wide + 6.0, y + 9.5];
            shapes.push(Shape::text(at, Anchor::Start, SMALL, Weight::Regular, TEXT, &points(lost)));
        }
    }

    fn caption(&self, about: &str) -> String {
        let mut names: Vec<&str> = Vec::new();
        let courses = self.methods.iter().flat_map(|method| &method.leans).flat_map(|lean| &lean.courses);
        for course in courses {
            if !names.contains(&course.kind.word()) {
                names.push(course.kind.word());
            }
        }
        let has_absent = self.methods.iter().flat_map(|method| &method.leans).any(|lean| lean.absent.is_some());
        let absent = if has_absent { "; hollow mark: the sensor is not there at all" } else { "" };
        format!(
            "mIoU in % over the severity of a degradation, which 0 leaves out. Thick: the mean over all degradations; coloured \
             area: what is lost of the clean figure; thin: each degradation ({}), the lowest of which are named{absent}. \
             {about}",
            names.join(", ")
        )
    }
}

/// A loss in points: `−12.3`, or `+0.4` where it is a gain.
fn points(lost: f64) -> String {
    let points = 100.0 * lost;
    if points < 0.0 { format!("+{:.1}", -points) } else { format!("−{points:.1}") }
}

#[cfg(test)]
mod tests {
    use super::super::method::Kept;
    use super::super::sample;
    use super::*;
    use crate::drawing::stored::assert_as_stored;

    fn methods() -> Vec<Method> {
        let protocols = [sample::emm()];
        let kept = Kept { protocols: &protocols, evaluations: &[] };
        let of = |name: &str, least: f64| Method::of(name, &[(kept, &sample::severity(least))]).unwrap();
        vec![of("ogp-net", 0.1), of("baseline", 0.5)]
    }

    #[test]
    fn each_method_has_a_panel_a_sensor_with_a_line_a_degradation_and_their_mean() {
        let drawing = severity_picture(&methods(), "On streets, test.").unwrap();
        let paths = |wanted: f64| {
            let is_one = |shape: &&Shape| matches!(shape, Shape::Path { width, .. } if *width == wanted);
            drawing.shapes.iter().filter(is_one).count()
        };
        assert_eq!((paths(1.0), paths(3.0)), (6, 4), "three degradations and two sensors of each method");
        let of_kind = |is: fn(&&Shape) -> bool| drawing.shapes.iter().filter(is).count();
        assert_eq!(of_kind(|shape| matches!(shape, Shape::Area { .. })), 4);
        assert_eq!(of_kind(|shape| matches!(shape, Shape::Diamond { .. })), 4);
        let has = |words: &str| {
            drawing.shapes.iter().any(|shape| matches!(shape, Shape::Text { text, .. } if text.contains(words)))
        };
        for words in ["ogp-net", "baseline", "thermal degrades", "clean 60.0 %", "−25.0 on average", "fog", "test."] {
            assert!(has(words), "{words}: {}", drawing.svg(""));
        }
        assert_as_stored(&drawing, "severity");
    }

    #[test]
    fn all_that_is_drawn_lies_within_the_picture() {
        let drawing = severity_picture(&methods(), "").unwrap();
        let is_inside = |[x, y]: &[f64; 2]| (0.0..=drawing.width).contains(x) && (0.0..=drawing.height).contains(y);
        for shape in &drawing.shapes {
            let places = match shape {
                Shape::Path { places, .. } | Shape::Area { places, .. } => places.clone(),
                Shape::Line { from, to, .. } => vec![*from, *to],
                Shape::Text { at, .. } | Shape::Dot { at, .. } | Shape::Diamond { at, .. } => vec![*at],
                Shape::Rect { from, size, .. } | Shape::Edge { from, size, .. } | Shape::Picture { from, size, .. } => {
                    vec![*from, [from[0] + size[0], from[1] + size[1]]]
                }
            };
            assert!(places.iter().all(is_inside), "{shape:?}");
        }
    }

    #[test]
    fn without_curves_nothing_is_drawn_and_a_gain_is_told_as_one() {
        let refused = severity_picture(&[Method::default()], "").unwrap_err();
        assert!(refused.contains("--protocol severity"), "{refused}");
        assert_eq!([points(0.1234), points(-0.004)], ["−12.3", "+0.4"]);
    }
}
