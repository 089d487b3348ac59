//! A plate as a drawing.

use std::sync::Arc;

use super::assembly::Plate;
use super::cell::Cell;
use super::crops::Enlarged;
use super::foot::foot;
use super::heading::heading_lines;
use super::legend::{flow, joined};
use crate::drawing::{Anchor, Drawing, INCH, Ink, Shape, TEXT, Weight};

/// Millimetres of an inch.
const MILLIMETRES: f64 = 25.4;
/// Points of an inch.
const POINTS: f64 = 72.0;
/// The narrowest picture, in millimetres.
const NARROWEST: f64 = 5.0;
/// Names of scenes are no smaller than so much of the other letters.
const SMALLEST_NAME: f64 = 0.7;
/// Between pictures.
const GAP: f64 = 4.0;
/// More where another method begins.
const APART: f64 = 6.0;
/// The line around a picture, so that what is white in it has an end.
const EDGE: Ink = [0xc4, 0xc9, 0xd0];

impl Plate {
    /// Draws it; a sentence where its width has no room for its columns.
    pub fn drawing(&self) -> Result<Drawing, String> {
        let sheet = Sheet::of(self)?;
        let mut shapes = Vec::new();
        let mut y = sheet.heads(&mut shapes);
        for row in 0..self.scenes.len() {
            y = sheet.row(row, y, &mut shapes);
        }
        let feet = self.columns.iter().enumerate().map(|(place, column)| {
            foot(&column.key, [sheet.lefts[place], y], sheet.column, sheet.letters, &mut shapes)
        });
        y += feet.fold(0.0, f64::max);
        let classes = joined(self.columns.iter().map(|column| &column.key.classes));
        let room = sheet.width - sheet.lefts[0];
        y += GAP / 2.0;
        y += flow(&classes, [sheet.lefts[0], y], room, sheet.letters, &mut shapes);
        Ok(Drawing { width: sheet.width, height: y.ceil(), title: self.caption.clone(), shapes })
    }
}

/// What all parts share. Lengths are the drawing's.
struct Sheet<'a> {
    plate: &'a Plate,
    width: f64,
    letters: f64,
    /// A picture's width.
    column: f64,
    /// The left side of each column.
    lefts: Vec<f64>,
}

impl<'a> Sheet<'a> {
    fn of(plate: &'a Plate) -> Result<Self, String> {
        let (width, letters) = (plate.wanted.width_mm / MILLIMETRES * INCH, plate.wanted.letters_pt / POINTS * INCH);
        let count = plate.columns.len();
        let begins = |place: usize| place > 0 && plate.columns[place].method != plate.columns[place - 1].method;
        let is_grouped =
            |place: usize| plate.columns.iter().filter(|other| other.method == plate.columns[place].method).count() > 1;
        // Methods of one picture stand side by side as closely as sensors do.
        let before = |place: usize| match place {
            0 => letters * 1.7,
            _ if begins(place) && (is_grouped(place) || is_grouped(place - 1)) => GAP + APART,
            _ => GAP,
        };
        let spaces: f64 = (0..count).map(before).sum();
        let column = (width - spaces) / count as f64;
        let narrowest = NARROWEST / MILLIMETRES * INCH;
        if column < narrowest {
            let least = (spaces + narrowest * count as f64) / INCH * MILLIMETRES;
            return Err(format!(
                "{count} columns have no room in {:.0} mm; give it {:.0} mm or more by --width, or show fewer views",
                plate.wanted.width_mm,
                least.ceil()
            ));
        }
        let mut left = 0.0;
        let mut lefts = Vec::new();
        for place in 0..count {
            left += before(place);
            lefts.push(left);
            left += column;
        }
        Ok(Self { plate, width, letters, column, lefts })
    }

    /// Names of methods over their columns, then the columns' own, which end above the pictures.
    fn heads(&self, shapes: &mut Vec<Shape>) -> f64 {
        let (letters, plate) = (self.letters, self.plate);
        let mut y = 0.0;
        let groups = self.groups();
        if !groups.is_empty() {
            y += letters * 1.2;
            for (name, from, to) in groups {
                let (left, right) = (self.lefts[from], self.lefts[to] + self.column);
                let words = Weight::Semibold.elided(name, letters, right - left);
                let at = [f64::midpoint(left, right), y];
                shapes.push(Shape::text(at, Anchor::Middle, letters, Weight::Semibold, TEXT, &words));
                let line = y + letters * 0.45;
                shapes.push(Shape::Line { from: [left, line], to: [right, line], width: letters * 0.06, ink: TEXT });
            }
            y += letters * 0.6;
        }
        let headings: Vec<Vec<String>> =
            plate.columns.iter().map(|column| heading_lines(&column.heading, letters, self.column)).collect();
        let most = headings.iter().map(Vec::len).max().unwrap_or(0);
        for (lines, left) in headings.iter().zip(&self.lefts) {
            for (line, words) in lines.iter().enumerate() {
                let down = (most - lines.len() + line + 1) as f64 * letters * 1.2;
                let at = [left + self.column / 2.0, y + down];
                shapes.push(Shape::text(at, Anchor::Middle, letters, Weight::Regular, TEXT, words));
            }
        }
        y + most as f64 * letters * 1.2 + letters * 0.5
    }

    /// The methods of several columns: name, first column and last.
    fn groups(&self) -> Vec<(&str, usize, usize)> {
        let columns = &self.plate.columns;
        let group = |(method, name): (usize, &'a String)| {
            let from = columns.iter().position(|column| column.method == Some(method))?;
            let to = columns.iter().rposition(|column| column.method == Some(method))?;
            (to > from).then_some((name.as_str(), from, to))
        };
        self.plate.methods.iter().enumerate().filter_map(group).collect()
    }

    /// A scene's pictures, what is enlarged of them, and what stands under them; where the next row begins.
    fn row(&self, row: usize, y: f64, shapes: &mut Vec<Shape>) -> f64 {
        let (plate, letters) = (self.plate, self.letters);
        let scene = &plate.scenes[row];
        let cells: Vec<(f64, &Cell)> = plate
            .columns
            .iter()
            .zip(&self.lefts)
            .filter_map(|(column, left)| Some((*left, column.cells[row].as_ref()?)))
            .collect();
        let high = cells.iter().map(|(_, cell)| self.height(cell)).fold(0.0, f64::max);
        let room = high.max(letters * 4.0);
        // A name that is a little too long for low pictures is smaller rather than cut. Widths of letters are rounded.
        let full = Weight::Regular.width(scene, letters).max(room);
        let small = (letters * room / full * 0.99).max(letters * SMALLEST_NAME);
        let name = Weight::Regular.elided(scene, small, room);
        let named = Weight::Regular.width(&name, small).max(high);
        let at = [letters, y + named / 2.0];
        shapes.push(Shape::upwards(at, Anchor::Middle, small, Weight::Regular, TEXT, &name));
        let line = letters * 0.14;
        let mut strip = 0.0_f64;
        for &(left, cell) in &cells {
            let size = [self.column, self.height(cell)];
            let enlarged = Enlarged::of(cell, &plate.wanted.crops, scene);
            shapes.push(Shape::Picture { from: [left, y], size, pixels: Arc::clone(&cell.pixels) });
            shapes.push(Shape::Edge { from: [left, y], size, width: 0.5, ink: EDGE });
            enlarged.marks([left, y], size, line, shapes);
            let own = enlarged.height(size, GAP / 2.0);
            enlarged.strip([left, y + high + GAP / 2.0], [self.column, own], GAP / 2.0, line, shapes);
            strip = strip.max(own);
        }
        let mut end = y + high + if strip > 0.0 { GAP / 2.0 + strip } else { 0.0 };
        if cells.iter().any(|(_, cell)| !cell.note.is_empty()) {
            end += letters * 1.2;
            for &(left, cell) in &cells {
                let at = [left + self.column / 2.0, end];
                let note = Weight::Regular.elided(&cell.note, letters, self.column);
                if !note.is_empty() {
                    shapes.push(Shape::text(at, Anchor::Middle, letters, Weight::Regular, TEXT, &note));
                }
            }
            end += letters * 0.3;
        }
        // Nor does it reach into the next row.
        end.max(y + named) + GAP
    }

    /// How high a picture is that is as wide as its column.
    fn height(&self, cell: &Cell) -> f64 {
        let (width, height) = cell.pixels.dimensions();
        self.column * f64::from(height) / f64::from(width.max(1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::drawing::stored::assert_as_stored;
    use crate::plate::plate;
    use crate::plate::sample::{methods, paint, summary};
    use crate::plate::wanted::Wanted;

    fn wanted(views: &[&str]) -> Wanted {
        Wanted {
            sensors: ["colour", "thermal"].map(str::to_owned).to_vec(),
            views: views.iter().map(|view| view.parse().unwrap()).collect(),
            crops: vec!["a=0.2,0.4,0.3,0.4".parse().unwrap()],
            shows_miou: true,
            ..Wanted::default()
        }
    }

    fn drawn(wanted: &Wanted) -> Drawing {
        plate(&summary(), &methods(), wanted, paint).unwrap().drawing().unwrap()
    }

    fn texts(drawing: &Drawing) -> Vec<&str> {
        drawing
            .shapes
            .iter()
            .filter_map(|shape| if let Shape::Text { text, .. } = shape { Some(text.as_str()) } else { None })
            .collect()
    }

    #[test]
    fn a_figure_has_headings_scenes_pictures_crops_bars_and_a_legend() {
        let drawing = drawn(&wanted(&["uncertainty.entropy.fused=Entropy", "error.fused"]));
        let texts = texts(&drawing);
        let names = ["ours", "baseline", "colour", "thermal", "label", "prediction", "Entropy", "a", "b", "79.9 %"];
        let keys = ["road", "car", "sky", "right", "wrong", "−10.0", "42.0", "°C"];
        for words in names.into_iter().chain(keys) {
            assert!(texts.contains(&words), "{words}: {texts:?}");
        }
        assert_eq!(texts.iter().filter(|&&text| text == "road").count(), 1, "the classes are told once");
        let of_kind = |is: fn(&&Shape) -> bool| drawing.shapes.iter().filter(is).count();
        // Eight columns of two scenes, the crop of one in each, bars of thermal and entropy.
        assert_eq!(of_kind(|shape| matches!(shape, Shape::Picture { .. })), 8 * 2 + 8 + 2);
        let upwards =
            |shape: &&Shape| matches!(shape, Shape::Text { direction: crate::drawing::Direction::Upwards, .. });
        assert_eq!(of_kind(upwards), 2, "scenes are named at the side");
        assert_as_stored(&drawing, "figure");
    }

    #[test]
    fn it_is_as_wide_as_asked_and_all_of_it_lies_within() {
        for (width_mm, letters_pt) in [(180.0, 8.0), (88.0, 7.0), (300.0, 12.0)] {
            let drawing = drawn(&Wanted { width_mm, letters_pt, ..wanted(&["error.fused"]) });
            assert!((drawing.width - width_mm / 25.4 * 96.0).abs() < 1e-6);
            for shape in &drawing.shapes {
                let (from, to) = match shape {
                    Shape::Picture { from, size, .. }
                    | Shape::Rect { from, size, .. }
                    | Shape::Edge { from, size, .. } => (*from, [from[0] + size[0], from[1] + size[1]]),
                    Shape::Line { from, to, .. } => (*from, *to),
                    Shape::Text { at, anchor, direction, size, weight, text, .. } => {
                        let wide = weight.width(text, *size);
                        let before = match anchor {
                            Anchor::Start => 0.0,
                            Anchor::Middle => wide / 2.0,
                            Anchor::End => wide,
                        };
                        match direction {
                            crate::drawing::Direction::Across => {
                                ([at[0] - before, at[1] - size], [at[0] - before + wide, at[1]])
                            }
                            crate::drawing::Direction::Upwards => {
                                ([at[0] - size, at[1] + before - wide], [at[0], at[1] + before])
                            }
                        }
                    }
                    _ => continue,
                };
                let [right, low] = [drawing.width + 0.01, drawing.height + 0.01];
                assert!(
                    from[0] >= -0.01 && from[1] >= -0.01 && to[0] <= right && to[1] <= low,
                    "{width_mm}: {shape:?}"
                );
            }
        }
    }

    #[test]
    fn names_of_scenes_are_whole_and_in_their_own_rows() {
        let mut many = wanted(&["error.fused"; 4]);
        many.crops.clear();
        let mut methods = methods();
        for (method, id) in
            methods.iter_mut().flat_map(|method| method.views.iter_mut().zip(["0001-night", "0004-day"]))
        {
            method.id = id.to_owned();
        }
        for width_mm in [120.0, 180.0, 260.0] {
            let drawing =
                plate(&summary(), &methods, &Wanted { width_mm, ..many.clone() }, paint).unwrap().drawing().unwrap();
            let names: Vec<(&str, f64, f64)> = drawing
                .shapes
                .iter()
                .filter_map(|shape| match shape {
                    Shape::Text { at, direction: crate::drawing::Direction::Upwards, size, weight, text, .. } => {
                        let half = weight.width(text, *size) / 2.0;
                        Some((text.as_str(), at[1] - half, at[1] + half))
                    }
                    _ => None,
                })
                .collect();
            assert_eq!([names[0].0, names[1].0], ["0001-night", "0004-day"], "{width_mm}");
            assert!(names[0].2 <= names[1].1, "{width_mm}: {names:?}");
        }
    }

    #[test]
    fn what_has_no_room_is_refused_with_the_width_that_it_takes() {
        let narrow = Wanted { width_mm: 30.0, ..wanted(&[]) };
        let refused = plate(&summary(), &methods(), &narrow, paint).unwrap().drawing().unwrap_err();
        assert!(refused.contains("5 columns have no room in 30 mm; give it 36 mm or more"), "{refused}");
    }
}
