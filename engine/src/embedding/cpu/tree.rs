//! Repulsion of many points: what is far away pushes cell by cell.
//!
//! Points are sorted along Morton's curve into a quadtree. Points that lie together walk it together and collect one
//! list of cells and near points, which `repulse` then works through with wide registers (Barnes 1990: a modified tree
//! code; the grouping makes the walk cheap and the sums fast). O(N log N).

use rayon::prelude::*;

use super::repulse::{FAR, PADDING, Push, Sources, repulse};

/// Points that walk the tree together, at most.
const GROUP: usize = 48;
/// Points in a cell that is not divided.
const LEAF: usize = 12;
/// A cell stands for its points where its size is below this share of the distance.
const OPENING: f32 = 0.5;
/// The square of the distance below which q hardly changes, for layouts that are still almost a point.
const NEAR: f32 = 0.25;
/// Bits of a place along each axis.
const BITS: u32 = 16;

/// A square of the plane that holds points.
#[derive(Clone, Copy, Debug)]
struct Cell {
    /// Its points in the sorted order.
    start: u32,
    end: u32,
    /// Where its parts start among the cells, and how many they are; 0 for a leaf.
    parts: u32,
    part_count: u32,
    /// The middle of its points.
    middle: [f32; 2],
    /// The square of the longer side of the box around its points.
    size2: f32,
    low: [f32; 2],
    high: [f32; 2],
}

/// A quadtree over a layout; its buffers are kept from one iteration to the next.
#[derive(Debug, Default)]
pub(super) struct Tree {
    /// Key and number of every point, in order.
    order: Vec<u64>,
    spare: Vec<u64>,
    axes: [Vec<f32>; 2],
    cells: Vec<Cell>,
    groups: Vec<u32>,
    sorted: Vec<Push>,
}

/// What a group of points is pushed by.
#[derive(Default)]
struct List {
    x: Vec<f32>,
    y: Vec<f32>,
    weight: Vec<f32>,
    stack: Vec<u32>,
}

impl Tree {
    /// The push of all points on each.
    pub(super) fn repulse(&mut self, layout: &[[f32; 2]], into: &mut [Push]) {
        self.sort(layout);
        self.build();
        let Self { order, axes, cells, groups, sorted, .. } = self;
        sorted.resize(layout.len(), Push::default());
        let mut tasks: Vec<(u32, &mut [Push])> = Vec::with_capacity(groups.len());
        let mut rest = sorted.as_mut_slice();
        for &group in groups.iter() {
            let cell = cells[group as usize];
            let (own, others) = rest.split_at_mut((cell.end - cell.start) as usize);
            tasks.push((group, own));
            rest = others;
        }
        tasks.into_par_iter().with_min_len(4).for_each_init(List::default, |list, (group, own)| {
            let cell = &cells[group as usize];
            collect(cells, axes, cell, list);
            let range = cell.start as usize..cell.end as usize;
            let points = [&axes[0][range.clone()], &axes[1][range]];
            repulse(points, Sources { x: &list.x, y: &list.y, weight: Some(&list.weight) }, own);
        });
        for (&key, push) in order.iter().zip(sorted.iter()) {
            into[key as u32 as usize] = *push;
        }
    }

    /// Sorts the points along Morton's curve over the square around them.
    fn sort(&mut self, layout: &[[f32; 2]]) {
        let (mut low, mut high) = ([f32::INFINITY; 2], [f32::NEG_INFINITY; 2]);
        for place in layout {
            for axis in 0..2 {
                low[axis] = low[axis].min(place[axis]);
                high[axis] = high[axis].max(place[axis]);
            }
        }
        let side = (high[0] - low[0]).max(high[1] - low[1]).max(f32::MIN_POSITIVE);
        let scale = ((1 << BITS) - 1) as f32 / side;
        let key = |place: &[f32; 2]| {
            let [x, y] = [0, 1].map(|axis| spread_bits(((place[axis] - low[axis]) * scale) as u32));
            u64::from(x | y << 1)
        };
        self.order.clear();
        self.order.extend(layout.iter().enumerate().map(|(number, place)| key(place) << 32 | number as u64));
        radix_sort(&mut self.order, &mut self.spare);
        for (axis, places) in self.axes.iter_mut().enumerate() {
            places.clear();
            places.extend(self.order.iter().map(|&key| layout[key as u32 as usize][axis]));
        }
    }

    /// Divides the sorted points into cells and groups.
    fn build(&mut self) {
        self.cells.clear();
        self.groups.clear();
        let count = self.order.len();
        self.cells.push(Cell::of(0..count));
        let mut pending = vec![(0_usize, 2 * BITS, false)];
        while let Some((at, bits, in_group)) = pending.pop() {
            let Cell { start, end, .. } = self.cells[at];
            let range = start as usize..end as usize;
            let is_group = !in_group && (range.len() <= GROUP || bits == 0);
            if is_group {
                self.groups.push(at as u32);
            }
            if range.len() <= LEAF || bits == 0 {
                continue;
            }
            let shift = 32 + bits - 2;
            let first = self.cells.len();
            let mut from = range.start;
            for quarter in 0..4_u64 {
                let own = &self.order[from..range.end];
                let to = from + own.partition_point(|&key| (key >> shift) & 3 <= quarter);
                if to > from {
                    self.cells.push(Cell::of(from..to));
                }
                from = to;
            }
            let parts = first..self.cells.len();
            self.cells[at].parts = first as u32;
            self.cells[at].part_count = parts.len() as u32;
            // The last is taken first: groups must come in the order of their points.
            pending.extend(parts.rev().map(|part| (part, bits - 2, in_group || is_group)));
        }
        // Parts come after their cell, so backwards every part is known before its cell.
        for at in (0..self.cells.len()).rev() {
            let cell = self.cells[at];
            self.cells[at] = if cell.part_count == 0 { self.measured(cell) } else { self.joined(cell) };
        }
    }

    fn measured(&self, mut cell: Cell) -> Cell {
        let range = cell.start as usize..cell.end as usize;
        for axis in 0..2 {
            let places = &self.axes[axis][range.clone()];
            cell.low[axis] = places.iter().copied().fold(f32::INFINITY, f32::min);
            cell.high[axis] = places.iter().copied().fold(f32::NEG_INFINITY, f32::max);
            cell.middle[axis] = places.iter().sum::<f32>() / places.len() as f32;
        }
        cell.size2 = size2(&cell);
        cell
    }

    fn joined(&self, mut cell: Cell) -> Cell {
        let parts = &self.cells[cell.parts as usize..(cell.parts + cell.part_count) as usize];
        cell.low = [f32::INFINITY; 2];
        cell.high = [f32::NEG_INFINITY; 2];
        let mut sum = [0.0_f32; 2];
        for part in parts {
            let weight = (part.end - part.start) as f32;
            for (axis, sum) in sum.iter_mut().enumerate() {
                cell.low[axis] = cell.low[axis].min(part.low[axis]);
                cell.high[axis] = cell.high[axis].max(part.high[axis]);
                *sum += part.middle[axis] * weight;
            }
        }
        cell.middle = sum.map(|sum| sum / (cell.end - cell.start) as f32);
        cell.size2 = size2(&cell);
        cell
    }
}

impl Cell {
    fn of(range: std::ops::Range<usize>) -> Self {
        Self {
            start: range.start as u32,
            end: range.end as u32,
            parts: 0,
            part_count: 0,
            middle: [0.0; 2],
            size2: 0.0,
            low: [0.0; 2],
            high: [0.0; 2],
        }
    }
}

fn size2(cell: &Cell) -> f32 {
    let side = (cell.high[0] - cell.low[0]).max(cell.high[1] - cell.low[1]);
    side * side
}

/// The cells and near points that push a group.
fn collect(cells: &[Cell], axes: &[Vec<f32>; 2], group: &Cell, list: &mut List) {
    let List { x, y, weight, stack } = list;
    x.clear();
    y.clear();
    weight.clear();
    stack.push(0);
    while let Some(at) = stack.pop() {
        let cell = &cells[at as usize];
        // From the cell's middle to the nearest place of the group's box.
        let [dx, dy] =
            [0, 1].map(|axis| (group.low[axis] - cell.middle[axis]).max(cell.middle[axis] - group.high[axis]).max(0.0));
        if cell.size2 < OPENING * OPENING * (NEAR + dx * dx + dy * dy) {
            x.push(cell.middle[0]);
            y.push(cell.middle[1]);
            weight.push((cell.end - cell.start) as f32);
        } else if cell.part_count == 0 {
            let range = cell.start as usize..cell.end as usize;
            x.extend_from_slice(&axes[0][range.clone()]);
            y.extend_from_slice(&axes[1][range.clone()]);
            weight.extend(range.map(|_| 1.0));
        } else {
            stack.extend(cell.parts..cell.parts + cell.part_count);
        }
    }
    let padded = x.len().next_multiple_of(PADDING);
    x.resize(padded, FAR);
    y.resize(padded, FAR);
    weight.resize(padded, 0.0);
}

/// Sixteen bits with a gap after each.
fn spread_bits(bits: u32) -> u32 {
    let mut bits = bits & 0xffff;
    for (shift, mask) in [(8, 0x00ff_00ff), (4, 0x0f0f_0f0f), (2, 0x3333_3333), (1, 0x5555_5555)] {
        bits = (bits | bits << shift) & mask;
    }
    bits
}

/// Sorts by the upper 32 bits, and keeps the order of equal ones.
fn radix_sort(keys: &mut Vec<u64>, spare: &mut Vec<u64>) {
    const DIGIT: u32 = 11;
    spare.clear();
    spare.resize(keys.len(), 0);
    for shift in [32, 32 + DIGIT, 32 + 2 * DIGIT] {
        let digit = |key: u64| (key >> shift) as usize & ((1 << DIGIT) - 1);
        let mut places = vec![0_u32; 1 << DIGIT];
        for &key in &*keys {
            places[digit(key)] += 1;
        }
        let mut sum = 0;
        for place in &mut places {
            sum += std::mem::replace(place, sum);
        }
        for &key in &*keys {
            let place = &mut places[digit(key)];
            spare[*place as usize] = key;
            *place += 1;
        }
        std::mem::swap(keys, spare);
    }
}
