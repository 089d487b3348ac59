//! Charts: lines with bands, dots and bars over two axes, drawn from figures to a size.

mod dashes;
mod legend;
mod ruler;

pub use self::dashes::Stroke;
use self::dashes::dashed;
pub(super) use self::legend::put_legend;
pub use self::ruler::{Ruler, Tick};
use super::paper::Paper;
use super::shape::{Anchor, Drawing, Ink, Place, Shape};
use super::typeface::Weight;

/// Letters below a chart's title.
const SMALL: f64 = 9.5;
const LEADING: f64 = 13.0;
const MARGIN: f64 = 10.0;
/// The least height of the field that is drawn into.
const LEAST: f64 = 60.0;

/// A chart.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Chart {
    /// What it is of.
    pub title: String,
    /// What must be known to read it: of which data, how it was made.
    pub caption: String,
    /// The horizontal axis.
    pub across: Ruler,
    /// The vertical axis.
    pub up: Ruler,
    /// Bars, behind the lines.
    pub bars: Vec<Bars>,
    /// Lines and dots, from the back to the front.
    pub lines: Vec<Line>,
    /// Places along the horizontal axis where something happened.
    pub marks: Vec<Tick>,
    /// The field is as wide as it is high.
    pub is_square: bool,
}

/// A line through points, or dots.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// Its name in the legend; empty for one that stands in none.
    pub name: String,
    /// Its colour.
    pub ink: Ink,
    /// How wide it is; 0 draws its dots alone.
    pub width: f64,
    /// In one piece, in dashes or in dots.
    pub stroke: Stroke,
    /// Its pieces, each through places on the axes.
    pub pieces: Vec<Vec<Place>>,
    /// The radius of a dot at each of its places; 0 draws none.
    pub dots: f64,
    /// Around it: place, lower and upper border.
    pub band: Vec<[f64; 3]>,
}

impl Default for Line {
    fn default() -> Self {
        Self {
            name: String::new(),
            ink: [0; 3],
            width: 1.5,
            stroke: Stroke::Solid,
            pieces: Vec::new(),
            dots: 0.0,
            band: Vec::new(),
        }
    }
}

/// Bars of one colour.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Bars {
    /// Their name in the legend; empty for those that stand in none.
    pub name: String,
    /// Their colour.
    pub ink: Ink,
    /// Of each: where it begins and ends on the horizontal axis, and how high it is.
    pub bars: Vec<[f64; 3]>,
}

/// Where a chart's field lies.
struct Field<'a> {
    chart: &'a Chart,
    from: Place,
    size: Place,
}

impl Field<'_> {
    fn x(&self, value: f64) -> f64 {
        self.from[0] + self.size[0] * self.chart.across.share(value)
    }

    fn y(&self, value: f64) -> f64 {
        self.from[1] + self.size[1] * (1.0 - self.chart.up.share(value))
    }

    fn at(&self, [x, y]: Place) -> Place {
        [self.x(x), self.y(y)]
    }

    /// The same place with its ends kept within the field.
    fn within(&self, place: Place) -> Place {
        let [x, y] = self.at(place);
        let [left, top] = self.from;
        [x.clamp(left, left + self.size[0]), y.clamp(top, top + self.size[1])]
    }
}

impl Chart {
    /// The chart of this width, and of this height where its words leave the field enough of it.
    pub fn drawing(&self, [width, height]: [f64; 2], paper: &Paper) -> Drawing {
        let mut shapes = Vec::new();
        let room = width - 2.0 * MARGIN;
        let mut y = paper.put_title(&self.title, [MARGIN, MARGIN], room, &mut shapes);
        y = put_legend(&self.entries(paper), [MARGIN, y + 6.0], room, paper, &mut shapes);
        let small = |text: &str| Weight::Regular.width(text, SMALL);
        if !self.up.label.is_empty() {
            y += SMALL + 2.0;
            shapes.push(Shape::text([MARGIN, y], Anchor::Start, SMALL, Weight::Regular, paper.weak, &self.up.label));
        }
        let caption = Weight::Regular.lines(&self.caption, SMALL, room);
        let foot = SMALL
            + 6.0
            + if self.across.label.is_empty() { 0.0 } else { LEADING }
            + if caption.is_empty() { 0.0 } else { 6.0 + LEADING * caption.len() as f64 };
        let ticks = self.up.ticks.iter().map(|tick| small(&tick.words)).fold(0.0, f64::max) + 6.0;
        let top = y + 8.0;
        let mut size = [room - ticks - 8.0, (height - top - foot - MARGIN).max(LEAST)];
        if self.is_square {
            let side = size[0].min(size[1]);
            size = [side; 2];
        }
        let field = Field { chart: self, from: [MARGIN + ticks, top], size };
        self.grid(&field, paper, &mut shapes);
        self.figures(&field, paper, &mut shapes);
        let bottom = top + size[1];
        y = bottom + SMALL + 6.0;
        if !self.across.label.is_empty() {
            y += LEADING;
            let at = [field.from[0] + size[0] / 2.0, y];
            shapes.push(Shape::text(at, Anchor::Middle, SMALL, Weight::Regular, paper.weak, &self.across.label));
        }
        y += if caption.is_empty() { 0.0 } else { 6.0 };
        for line in &caption {
            y += LEADING;
            shapes.push(Shape::text([MARGIN, y], Anchor::Start, SMALL, Weight::Regular, paper.weak, line));
        }
        paper.sheet(width.ceil(), (y + MARGIN - 1e-6).ceil(), self.title.clone(), shapes)
    }

    /// What the legend holds: each mark at the place 0, 0, and its name.
    fn entries(&self, paper: &Paper) -> Vec<(Vec<Shape>, &str)> {
        let bars = self.bars.iter().filter(|bars| !bars.name.is_empty());
        let bars = bars.map(|bars| {
            let mark = Shape::Rect { from: [0.0, -7.0], size: [14.0, 7.0], ink: bars.ink };
            (vec![mark], bars.name.as_str())
        });
        let lines = self.lines.iter().filter(|line| !line.name.is_empty());
        let lines = lines.map(|line| {
            let mut mark = Vec::new();
            let ends = [[0.0, -3.5], [14.0, -3.5]];
            if !line.band.is_empty() {
                mark.push(Shape::Rect { from: [0.0, -7.5], size: [14.0, 8.0], ink: paper.fading(line.ink, 0.8) });
            }
            if line.width > 0.0 {
                mark.extend(stroked(&ends, line));
            }
            if line.dots > 0.0 {
                mark.push(Shape::Dot { at: [7.0, -3.5], radius: line.dots, ink: line.ink });
            }
            (mark, line.name.as_str())
        });
        bars.chain(lines).collect()
    }

    fn grid(&self, field: &Field<'_>, paper: &Paper, shapes: &mut Vec<Shape>) {
        let ([left, top], [width, height]) = (field.from, field.size);
        for tick in self.up.seen() {
            let y = field.y(tick.at);
            shapes.push(Shape::Line { from: [left, y], to: [left + width, y], width: 0.75, ink: paper.grid });
            let at = [left - 6.0, y + 3.3];
            shapes.push(Shape::text(at, Anchor::End, SMALL, Weight::Regular, paper.weak, &tick.words));
        }
        let bottom = top + height;
        let mut free = f64::MIN;
        for tick in self.across.seen() {
            let x = field.x(tick.at);
            shapes.push(Shape::Line { from: [x, bottom], to: [x, bottom + 3.0], width: 0.75, ink: paper.weak });
            let half = Weight::Regular.width(&tick.words, SMALL) / 2.0;
            if x - half < free {
                continue;
            }
            free = x + half + 4.0;
            let at = [x, bottom + SMALL + 4.0];
            shapes.push(Shape::text(at, Anchor::Middle, SMALL, Weight::Regular, paper.weak, &tick.words));
        }
        shapes.push(Shape::Line { from: [left, bottom], to: [left + width, bottom], width: 0.75, ink: paper.weak });
        let mut taken = f64::MIN;
        for mark in self.marks.iter().filter(|mark| self.across.holds(mark.at)) {
            let x = field.x(mark.at);
            shapes.push(Shape::Line { from: [x, top], to: [x, bottom], width: 0.75, ink: paper.weak });
            let room = left + width - x - 4.0;
            if x > taken && room > 30.0 {
                let words = Weight::Regular.elided(&mark.words, SMALL, room.min(110.0));
                taken = x + Weight::Regular.width(&words, SMALL) + 8.0;
                shapes.push(Shape::text(
                    [x + 3.0, top + SMALL],
                    Anchor::Start,
                    SMALL,
                    Weight::Regular,
                    paper.weak,
                    &words,
                ));
            }
        }
    }

    fn figures(&self, field: &Field<'_>, paper: &Paper, shapes: &mut Vec<Shape>) {
        let zero = self.up.low.max(0.0);
        for bars in &self.bars {
            for &[from, to, height] in bars.bars.iter().filter(|bar| bar.iter().all(|value| value.is_finite())) {
                let ([left, top], [right, bottom]) = (field.within([from, height]), field.within([to, zero]));
                let size = [(right - left).max(0.0), (bottom - top).max(0.0)];
                shapes.push(Shape::Rect { from: [left, top], size, ink: bars.ink });
            }
        }
        for line in self.lines.iter().filter(|line| line.band.len() > 1) {
            let upper = line.band.iter().map(|[x, _, high]| field.within([*x, *high]));
            let lower = line.band.iter().rev().map(|[x, low, _]| field.within([*x, *low]));
            shapes.push(Shape::Area { places: upper.chain(lower).collect(), ink: paper.fading(line.ink, 0.8) });
        }
        // Where bands lie over each other their borders are still seen.
        for line in self.lines.iter().filter(|line| line.band.len() > 1) {
            for border in [1, 2] {
                let places = line.band.iter().map(|band| field.within([band[0], band[border]])).collect();
                shapes.push(Shape::Path { places, width: 0.6, ink: paper.fading(line.ink, 0.5) });
            }
        }
        for line in &self.lines {
            for piece in &line.pieces {
                let places: Vec<Place> = piece.iter().map(|place| field.within(*place)).collect();
                if line.width > 0.0 && places.len() > 1 {
                    shapes.extend(stroked(&places, line));
                }
                // A point alone is no line.
                let radius = if places.len() == 1 { line.dots.max(1.5) } else { line.dots };
                if radius > 0.0 {
                    shapes.extend(places.into_iter().map(|at| Shape::Dot { at, radius, ink: line.ink }));
                }
            }
        }
    }
}

fn stroked(places: &[Place], line: &Line) -> Vec<Shape> {
    let pieces = dashed(places, line.stroke, line.width);
    pieces.into_iter().map(|places| Shape::Path { places, width: line.width, ink: line.ink }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::drawing::stored::assert_as_stored;

    fn chart() -> Chart {
        let line = Line {
            name: "loss <a>".to_owned(),
            ink: [200, 0, 0],
            pieces: vec![vec![[0.0, 0.0], [50.0, 0.5], [100.0, 1.0]], vec![[20.0, 0.4]]],
            band: vec![[0.0, -0.1, 0.1], [100.0, 0.9, 1.1]],
            ..Line::default()
        };
        let bars = Bars { name: "pixels".to_owned(), ink: [0, 0, 200], bars: vec![[0.0, 10.0, 0.5]] };
        Chart {
            title: "Loss terms".to_owned(),
            caption: "On the sample data, val.".to_owned(),
            across: Ruler::over("step", 0.0, 100.0),
            up: Ruler::over("loss", 0.0, 1.0),
            bars: vec![bars],
            lines: vec![line],
            marks: vec![Tick { at: 50.0, words: "exchange off".to_owned() }],
            is_square: false,
        }
    }

    #[test]
    fn lines_lie_where_their_axes_say_and_nothing_leaves_the_sheet() {
        let drawing = chart().drawing([400.0, 260.0], &Paper::WHITE);
        assert_eq!((drawing.width, drawing.height), (400.0, 260.0));
        let paths: Vec<&Vec<Place>> = drawing
            .shapes
            .iter()
            .filter_map(|shape| match shape {
                Shape::Path { places, ink: [200, 0, 0], .. } if places.len() == 3 => Some(places),
                _ => None,
            })
            .collect();
        let [line] = paths.as_slice() else { panic!("{paths:?}") };
        let middle = [f64::midpoint(line[0][0], line[2][0]), f64::midpoint(line[0][1], line[2][1])];
        assert!((line[1][0] - middle[0]).abs() < 1e-9 && (line[1][1] - middle[1]).abs() < 1e-9, "{line:?}");
        assert!(line[0][1] > line[2][1], "more is higher");
        let is_inside = |[x, y]: Place| (0.0..=400.0).contains(&x) && (0.0..=260.0).contains(&y);
        for shape in &drawing.shapes {
            match shape {
                Shape::Path { places, .. } | Shape::Area { places, .. } => {
                    assert!(places.iter().all(|place| is_inside(*place)), "{shape:?}");
                }
                Shape::Text { at, .. } | Shape::Dot { at, .. } => assert!(is_inside(*at), "{shape:?}"),
                _ => {}
            }
        }
        for words in ["loss <a>", "pixels", "step", "exchange off", "On the sample data, val.", "0.4"] {
            let is_it = |shape: &Shape| matches!(shape, Shape::Text { text, .. } if text == words);
            assert!(drawing.shapes.iter().any(is_it), "{words}: {drawing:?}");
        }
        assert_as_stored(&drawing, "curves");
    }

    #[test]
    fn a_chart_too_low_for_its_words_grows_and_dark_paper_is_dark() {
        let drawing = chart().drawing([200.0, 20.0], &Paper::DARK);
        assert!(drawing.height > 120.0, "{}", drawing.height);
        let Some(Shape::Rect { ink, size, .. }) = drawing.shapes.first() else { panic!("no ground") };
        assert_eq!((*ink, *size), (Paper::DARK.ground, [drawing.width, drawing.height]));
    }

    #[test]
    fn a_square_chart_has_a_square_field() {
        let drawing = Chart { is_square: true, ..chart() }.drawing([500.0, 300.0], &Paper::WHITE);
        let ends = drawing.shapes.iter().find_map(|shape| match shape {
            Shape::Path { places, ink: [200, 0, 0], .. } if places.len() == 3 => Some((places[0], places[2])),
            _ => None,
        });
        let ([left, bottom], [right, top]) = ends.unwrap();
        assert!(((right - left) - (bottom - top)).abs() < 1e-9);
    }
}
