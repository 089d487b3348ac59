//! How tiles divide the wall among them: pictures of one shape, any number of them, in a room of any shape.

use egui::{Rect, Vec2, pos2, vec2};

/// The height of a tile's header in points.
pub(super) const HEADER: f32 = 22.0;
const GAP: Vec2 = vec2(8.0, 6.0);
/// No picture is narrower, however many there are, in points.
const NARROWEST: f32 = 8.0;
/// Tiles of two sizes must cover this much more of the wall than tiles of one.
const WORTH_IT: f32 = 1.05;
/// And the smaller ones stay this large beside those of one size.
const SHRINKS_TO: f32 = 0.78;

/// Rectangles for `count` tiles, headers included, in reading order. Either all are of one size, in rows and columns,
/// or the tiles of a few rows (or columns) are larger because fewer stand in them: what covers more of the room.
/// `aspect` is a picture's width over its height.
pub(super) fn places(room: Rect, count: usize, aspect: f32) -> Vec<Rect> {
    if count == 0 || room.width() < 16.0 || room.height() < HEADER + 8.0 {
        return Vec::new();
    }
    let plain = Lines::of_one_size(room.size(), count, aspect);
    let covers = WORTH_IT * plain.area(aspect);
    let least = SHRINKS_TO * plain.least();
    let of_two = Lines::of_two_sizes(room.size(), count, aspect);
    let better = of_two.into_iter().filter(|lines| lines.least() >= least && lines.area(aspect) > covers);
    let best = better.max_by(|one, other| one.area(aspect).total_cmp(&other.area(aspect)));
    best.unwrap_or(plain).rects(room, aspect)
}

/// Whether lines are rows, filled from the left, or columns, filled from the top.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    Rows,
    Columns,
}

/// Tiles in lines: how many stand in each, and how wide they are.
#[derive(Debug)]
struct Lines {
    way: Way,
    lines: Vec<(usize, f32)>,
}

impl Lines {
    /// Rows of tiles as large as they can be; the last row may have empty places.
    fn of_one_size(room: Vec2, count: usize, aspect: f32) -> Self {
        let width_in = |columns: usize| {
            let rows = count.div_ceil(columns);
            let width = (room.x - GAP.x * (columns - 1) as f32) / columns as f32;
            let height = (room.y - GAP.y * (rows - 1) as f32) / rows as f32 - HEADER;
            width.min(height * aspect).max(NARROWEST).floor()
        };
        let columns = (1..=count).max_by(|one, other| width_in(*one).total_cmp(&width_in(*other))).unwrap_or(1);
        // Of several that give pictures of nearly one size, the one with the fewest empty places.
        let columns = (1..=count)
            .filter(|&candidate| width_in(candidate) >= 0.94 * width_in(columns))
            .min_by_key(|&candidate| candidate * count.div_ceil(candidate) - count)
            .unwrap_or(columns);
        let row = |row: usize| (columns.min(count - row * columns), width_in(columns));
        Self { way: Way::Rows, lines: (0..count.div_ceil(columns)).map(row).collect() }
    }

    /// Every way to fill lines of some number of tiles and lines of at most twice as many, with none left over.
    fn of_two_sizes(room: Vec2, count: usize, aspect: f32) -> Vec<Self> {
        let mut found = Vec::new();
        for few in 1..=count {
            for many in few..=(2 * few).min(count) {
                for large in 0..=count / few {
                    let rest = count - large * few;
                    if !rest.is_multiple_of(many) || (many == few && rest > 0) {
                        continue;
                    }
                    let counts = [vec![few; large], vec![many; rest / many]].concat();
                    found.extend(Self::filling(Way::Rows, room, &counts, aspect));
                    found.extend(Self::filling(Way::Columns, room, &counts, aspect));
                }
            }
        }
        found
    }

    /// Lines that are as long as the room, or all shorter by one factor where they would not fit beside each other.
    fn filling(way: Way, room: Vec2, counts: &[usize], aspect: f32) -> Option<Self> {
        let between = (counts.len() - 1) as f32;
        let widths = counts.iter().map(|&count| {
            let (tiles, gaps) = (count as f32, (count - 1) as f32);
            match way {
                Way::Rows => (room.x - GAP.x * gaps) / tiles,
                Way::Columns => ((room.y - GAP.y * gaps) / tiles - HEADER) * aspect,
            }
        });
        if widths.clone().any(|width| width <= 0.0) {
            return None;
        }
        let sum: f32 = widths.clone().sum();
        let factor = match way {
            Way::Rows => (room.y - GAP.y * between - HEADER * counts.len() as f32) * aspect / sum,
            Way::Columns => (room.x - GAP.x * between) / sum,
        };
        let widths = widths.map(|width| (width * factor.min(1.0)).floor());
        let lines: Vec<(usize, f32)> = counts.iter().copied().zip(widths).collect();
        lines.iter().all(|(_, width)| *width >= NARROWEST).then_some(Self { way, lines })
    }

    /// What the tiles cover together, in square points.
    fn area(&self, aspect: f32) -> f32 {
        self.lines.iter().map(|(count, width)| *count as f32 * width * tile(*width, aspect).y).sum()
    }

    /// The width of the smallest pictures.
    fn least(&self) -> f32 {
        self.lines.iter().map(|(_, width)| *width).fold(f32::INFINITY, f32::min)
    }

    /// The tiles' places, all of them in the middle of the room.
    fn rects(&self, room: Rect, aspect: f32) -> Vec<Rect> {
        let mut rects = Vec::new();
        let mut corner = pos2(0.0, 0.0);
        for &(count, width) in &self.lines {
            let size = tile(width, aspect);
            let step = match self.way {
                Way::Rows => vec2(size.x + GAP.x, 0.0),
                Way::Columns => vec2(0.0, size.y + GAP.y),
            };
            rects.extend((0..count).map(|place| Rect::from_min_size(corner + step * place as f32, size)));
            match self.way {
                Way::Rows => corner.y += size.y + GAP.y,
                Way::Columns => corner.x += size.x + GAP.x,
            }
        }
        let whole = rects.iter().fold(Rect::NOTHING, |whole, rect| whole | *rect);
        let spare = (room.size() - whole.size()).max(Vec2::ZERO);
        let to = (room.min + spare / 2.0).floor().to_vec2();
        rects.into_iter().map(|rect| rect.translate(to)).collect()
    }
}

/// A tile with its header, around a picture of this width.
fn tile(width: f32, aspect: f32) -> Vec2 {
    vec2(width, (width / aspect).floor() + HEADER)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn room(width: f32, height: f32) -> Rect {
        Rect::from_min_size(pos2(10.0, 20.0), vec2(width, height))
    }

    fn covered(room: Rect, count: usize, aspect: f32) -> f32 {
        places(room, count, aspect).iter().map(Rect::area).sum::<f32>() / room.area()
    }

    #[test]
    fn tiles_stay_inside_and_apart_in_rooms_of_any_shape() {
        let rooms = [(700.0, 300.0), (1400.0, 800.0), (200.0, 900.0), (2900.0, 1300.0), (60.0, 60.0), (10.0, 4.0)];
        for (width, height) in rooms {
            for aspect in [0.5, 1.0, 4.0 / 3.0, 16.0 / 9.0, 2.5] {
                for count in 0..24 {
                    let room = room(width, height);
                    let places = places(room, count, aspect);
                    assert!(places.len() == count || places.is_empty());
                    for (index, place) in places.iter().enumerate() {
                        if width > 250.0 && count < 14 {
                            assert!(room.expand(1.0).contains_rect(*place), "{count} in {width}x{height}: {place:?}");
                        }
                        assert!(places[index + 1..].iter().all(|other| !other.shrink(0.5).intersects(*place)));
                        let picture = (place.width(), place.height() - HEADER);
                        assert!((picture.0 / aspect - picture.1).abs() <= 1.0, "{place:?} distorts {aspect}");
                    }
                }
            }
        }
    }

    #[test]
    fn eight_tiles_in_a_wide_room_make_two_full_rows() {
        let places = places(room(720.0, 310.0), 8, 4.0 / 3.0);
        assert_eq!(places.iter().filter(|place| place.top() == places[0].top()).count(), 4);
        assert!(places.iter().all(|place| place.size() == places[0].size()));
    }

    #[test]
    fn the_walls_of_a_full_hd_window_are_covered() {
        // What the middle of each layout leaves to the wall at 1920x1080: Ablate, Debug, Teach.
        let rooms = [room(1128.0, 546.0), room(1358.0, 880.0), room(1118.0, 670.0)];
        for (place, room) in rooms.into_iter().enumerate() {
            for count in [6, 7, 8, 10, 11] {
                let share = covered(room, count, 4.0 / 3.0);
                assert!(share > 0.74, "{count} tiles cover {share} of wall {place}");
            }
        }
        assert!(covered(room(1358.0, 880.0), 8, 4.0 / 3.0) > 0.9, "three rows of three covered 0.69");
    }

    #[test]
    fn tiles_of_two_sizes_never_make_the_small_ones_much_smaller() {
        for count in 1..30 {
            for aspect in [1.0, 4.0 / 3.0, 2.0] {
                let room = room(1100.0, 600.0);
                let plain = Lines::of_one_size(room.size(), count, aspect);
                let places = places(room, count, aspect);
                let least = places.iter().map(Rect::width).fold(f32::INFINITY, f32::min);
                let most = places.iter().map(Rect::width).fold(0.0, f32::max);
                assert!(least >= SHRINKS_TO * plain.least(), "{count}: {least}");
                assert!(most <= 2.6 * least, "{count}: {least} to {most}");
                let share: f32 = places.iter().map(Rect::area).sum();
                assert!(share >= plain.area(aspect) - 1.0, "{count} tiles cover less than in plain rows");
            }
        }
    }
}
