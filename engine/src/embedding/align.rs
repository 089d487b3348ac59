//! Procrustes alignment: turns and mirrors a layout so that it lies on an earlier one.

/// The layout moved, turned and mirrored, but not scaled, so that it lies as near as can be to another of the same
/// points (Schönemann 1966; in two dimensions the singular values are not needed).
///
/// For layouts that were computed from scratch: it takes away the part of the motion that says nothing.
pub fn align(layout: &[[f32; 2]], to: &[[f32; 2]]) -> Vec<[f32; 2]> {
    let count = layout.len().min(to.len());
    if count == 0 {
        return layout.to_vec();
    }
    let (own, other) = (middle(&layout[..count]), middle(&to[..count]));
    // Sums of a·b over the points, axis by axis, around both middles.
    let mut products = [[0.0_f64; 2]; 2];
    for (place, target) in layout.iter().zip(to) {
        for (row, products) in products.iter_mut().enumerate() {
            for (column, product) in products.iter_mut().enumerate() {
                *product += (f64::from(place[row]) - own[row]) * (f64::from(target[column]) - other[column]);
            }
        }
    }
    let [[xx, xy], [yx, yy]] = products;
    // The best turn as it is, and the best one after a mirror along the horizontal axis.
    let (turned, mirrored) = ([xx + yy, xy - yx], [xx - yy, xy + yx]);
    let is_mirrored = mirrored[0].hypot(mirrored[1]) > turned[0].hypot(turned[1]);
    let [along, across] = if is_mirrored { mirrored } else { turned };
    let length = along.hypot(across);
    let (cosine, sine) = if length > 0.0 { (along / length, across / length) } else { (1.0, 0.0) };
    let flip = if is_mirrored { -1.0 } else { 1.0 };
    let moved = |place: &[f32; 2]| {
        let [x, y] = [f64::from(place[0]) - own[0], flip * (f64::from(place[1]) - own[1])];
        [(cosine * x - sine * y + other[0]) as f32, (sine * x + cosine * y + other[1]) as f32]
    };
    layout.iter().map(moved).collect()
}

/// The mean distance between two layouts of the same points over the root mean square radius of the later one.
pub fn movement(earlier: &[[f32; 2]], later: &[[f32; 2]]) -> f64 {
    let count = earlier.len().min(later.len());
    let middle = middle(&later[..count]);
    let distance = |a: [f64; 2], b: [f64; 2]| (a[0] - b[0]).hypot(a[1] - b[1]);
    let wide = |place: [f32; 2]| place.map(f64::from);
    let moved: f64 = earlier.iter().zip(later).map(|(a, b)| distance(wide(*a), wide(*b))).sum();
    let radius: f64 = later[..count].iter().map(|place| distance(wide(*place), middle).powi(2)).sum();
    if radius > 0.0 { moved / count as f64 / (radius / count as f64).sqrt() } else { 0.0 }
}

fn middle(layout: &[[f32; 2]]) -> [f64; 2] {
    let sum = layout.iter().fold([0.0; 2], |sum, place| [sum[0] + f64::from(place[0]), sum[1] + f64::from(place[1])]);
    sum.map(|sum| sum / layout.len().max(1) as f64)
}
