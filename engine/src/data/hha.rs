//! HHA: a depth image as horizontal disparity, height above the ground and angle to gravity, 8 bits each.
//!
//! Gupta et al., *Learning Rich Features from RGB-D Images for Object Detection and Segmentation* (ECCV 2014), with the
//! constants of the authors' code (`saveHHA.m`, `processDepthImage.m`): planes are fitted to squares of 7 pixels a side
//! for the angles and of 21 for gravity, which is the direction that most of the surfaces are parallel or at right
//! angles to, found in five rounds within 45° and five within 15° from the image's downward axis.

/// Half a side of the squares for angles and for gravity, less the pixel in the middle.
const NEAR: usize = 3;
const WIDE: usize = 10;

/// The rounds of looking for gravity: how far from it a surface may be, in degrees, and how often.
const ROUNDS: [(f64, usize); 2] = [(45.0, 5), (15.0, 5)];

/// Disparity is this over the distance in centimetres, of at least [`NEAREST`].
const DISPARITY: f64 = 31_000.0;
const NEAREST: f64 = 100.0;

/// Where the lowest point lies less than 90 cm below the camera, the ground is taken to lie 130 cm below.
const SHALLOW: f64 = 90.0;
const GROUND: f64 = 130.0;

/// Added to angles in degrees.
const SLACK: f64 = 128.0 - 90.0;

/// Below this angle, in degrees, heights are those of the image's own axes.
const UPRIGHT: f64 = 0.1;

type Vector = [f64; 3];

/// HHA of an image of distances in metres, row by row: disparity, height and angle of each pixel together, 0 where
/// nothing was measured (`hole`, or a value that is not finite or not above 0). The optical axis' `centre` and `focal`
/// lengths are in pixels, the first pixel's centre at 1.
pub(super) fn hha(metres: &[f32], width: usize, focal: [f32; 2], centre: [f32; 2], hole: Option<f32>) -> Vec<u8> {
    let is_measured = |metres: f32| metres.is_finite() && metres > 0.0 && hole != Some(metres);
    let ray = |pixel: usize| {
        let at = [pixel % width, pixel / width];
        let along = |axis: usize| ((at[axis] + 1) as f64 - f64::from(centre[axis])) / f64::from(focal[axis]);
        [along(0), along(1), 1.0]
    };
    let depth: Vec<Option<f64>> =
        metres.iter().map(|&metres| is_measured(metres).then_some(100.0 * f64::from(metres))).collect();
    let rays: Vec<Vector> = (0..depth.len()).map(ray).collect();
    let down = gravity(&normals(&depth, &rays, width, WIDE));
    let upright = down[1].clamp(-1.0, 1.0).acos().to_degrees() <= UPRIGHT;
    let vertical = if upright { [0.0, 1.0, 0.0] } else { down };
    let height = |pixel: usize| depth[pixel].map(|depth| -depth * dot(rays[pixel], vertical));
    let lowest = (0..depth.len()).filter_map(height).fold(f64::INFINITY, f64::min);
    let ground = if lowest > -SHALLOW { -GROUND } else { lowest };
    let angles = normals(&depth, &rays, width, NEAR);
    let pixel = |pixel: usize| {
        let (Some(depth), Some(height)) = (depth[pixel], height(pixel)) else { return [0; 3] };
        let angle = angles[pixel].map_or(180.0, |normal| dot(normal, down).clamp(-1.0, 1.0).acos().to_degrees());
        [DISPARITY / depth.max(NEAREST), height - ground, angle + SLACK]
            .map(|value| value.round_ties_even().clamp(0.0, 255.0) as u8)
    };
    (0..depth.len()).flat_map(pixel).collect()
}

/// The normal of the plane through the measured points around each pixel, away from the camera; `None` where three
/// points are not to be had.
///
/// A plane n·P = 1 through P = Z·(u, v, 1) is n·(u, v, 1) = 1 / Z, which is linear in n; only its direction is wanted.
fn normals(depth: &[Option<f64>], rays: &[Vector], width: usize, reach: usize) -> Vec<Option<Vector>> {
    let sums = |term: &dyn Fn(Vector, f64) -> f64| {
        let plane = depth.iter().zip(rays).map(|(depth, &ray)| depth.map_or(0.0, |depth| term(ray, depth)));
        box_sums(plane.collect(), width, reach)
    };
    let [uu, uv, u, vv, v, one] = [
        sums(&|[u, _, _], _| u * u),
        sums(&|[u, v, _], _| u * v),
        sums(&|[u, _, _], _| u),
        sums(&|[_, v, _], _| v * v),
        sums(&|[_, v, _], _| v),
        sums(&|_, _| 1.0),
    ];
    let right = [sums(&|[u, _, _], z| u / z), sums(&|[_, v, _], z| v / z), sums(&|_, z| 1.0 / z)];
    let normal = |at: usize| {
        if one[at] < 2.5 {
            return None;
        }
        let (uu, uv, u, vv, v, one) = (uu[at], uv[at], u[at], vv[at], v[at], one[at]);
        let b = [right[0][at], right[1][at], right[2][at]];
        // The adjugate of the normal equations' matrix, whose determinant is not negative.
        let rows = [
            [vv * one - v * v, u * v - uv * one, uv * v - u * vv],
            [u * v - uv * one, uu * one - u * u, uv * u - uu * v],
            [uv * v - u * vv, uv * u - uu * v, uu * vv - uv * uv],
        ];
        let normal = rows.map(|row| dot(row, b));
        let length = dot(normal, normal).sqrt();
        if !(length > 0.0 && length.is_finite()) {
            return None;
        }
        let away = if dot(normal, rays[at]) < 0.0 { -1.0 } else { 1.0 };
        Some(normal.map(|part| part * away / length))
    };
    (0..depth.len()).map(normal).collect()
}

/// Sums over the squares around each pixel; what lies outside counts as 0.
fn box_sums(plane: Vec<f64>, width: usize, reach: usize) -> Vec<f64> {
    let height = plane.len() / width.max(1);
    let rows = along(&plane, [height, width], [width, 1], reach);
    along(&rows, [width, height], [1, width], reach)
}

/// Sums of as many neighbours on either side along the second axis; `steps` between places of the two axes.
fn along(plane: &[f64], [lines, length]: [usize; 2], steps: [usize; 2], reach: usize) -> Vec<f64> {
    let mut sums = vec![0.0; plane.len()];
    for line in 0..lines {
        let place = |at: usize| line * steps[0] + at * steps[1];
        let mut sum: f64 = (0..reach.min(length)).map(|at| plane[place(at)]).sum();
        for at in 0..length {
            if at + reach < length {
                sum += plane[place(at + reach)];
            }
            if let Some(gone) = at.checked_sub(reach + 1) {
                sum -= plane[place(gone)];
            }
            sums[place(at)] = sum;
        }
    }
    sums
}

/// The direction down, of length 1.
fn gravity(normals: &[Option<Vector>]) -> Vector {
    let mut down = [0.0, 1.0, 0.0];
    for (degrees, times) in ROUNDS {
        let (floor, wall) = (degrees.to_radians().cos(), degrees.to_radians().sin());
        for _ in 0..times {
            let mut matrix = [[0.0; 3]; 3];
            for normal in normals.iter().flatten() {
                let along = dot(*normal, down).abs();
                let weight = f64::from(u8::from(along < wall)) - f64::from(u8::from(along > floor));
                for (row, part) in matrix.iter_mut().zip(normal) {
                    row.iter_mut().zip(normal).for_each(|(cell, other)| *cell += weight * part * other);
                }
            }
            let found = smallest(matrix);
            down = if dot(found, down) < 0.0 { found.map(|part| -part) } else { found };
        }
    }
    down
}

/// The eigenvector of a symmetric matrix's smallest eigenvalue, by Jacobi's rotations; of a multiple of the identity
/// the second axis.
fn smallest(mut matrix: [[f64; 3]; 3]) -> Vector {
    let mut vectors = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]];
    for _ in 0..30 {
        for (p, q) in [(0, 1), (0, 2), (1, 2)] {
            if matrix[p][q].abs() < 1e-300 {
                continue;
            }
            let theta = (matrix[q][q] - matrix[p][p]) / (2.0 * matrix[p][q]);
            let tangent = theta.signum() / (theta.abs() + theta.hypot(1.0));
            let cosine = 1.0 / tangent.hypot(1.0);
            let sine = tangent * cosine;
            let turn = |row: &mut Vector| {
                (row[p], row[q]) = (cosine * row[p] - sine * row[q], sine * row[p] + cosine * row[q]);
            };
            matrix.iter_mut().for_each(turn);
            let (rows_p, rows_q) = (matrix[p], matrix[q]);
            for at in 0..3 {
                matrix[p][at] = cosine * rows_p[at] - sine * rows_q[at];
                matrix[q][at] = sine * rows_p[at] + cosine * rows_q[at];
            }
            vectors.iter_mut().for_each(turn);
        }
    }
    let [first, second, third] = [matrix[0][0], matrix[1][1], matrix[2][2]];
    let column = if second <= first && second <= third {
        1
    } else if first <= third {
        0
    } else {
        2
    };
    vectors.map(|row| row[column])
}

fn dot(left: Vector, right: Vector) -> f64 {
    left.iter().zip(right).map(|(left, right)| left * right).sum()
}

#[cfg(test)]
mod tests;
