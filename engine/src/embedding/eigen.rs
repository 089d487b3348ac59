//! Eigenvectors of symmetric matrices.

/// All eigenvalues of a symmetric matrix of `size` rows, largest first, and their unit vectors, one a row.
///
/// Householder's reduction to three diagonals, then QL steps with implicit shifts (Bowdler, Martin, Reinsch & Wilkinson
/// 1968); `(4/3 + 3)·size³` operations and some more.
pub fn symmetric(matrix: &[f64], size: usize) -> (Vec<f64>, Vec<Vec<f64>>) {
    // Column `j` of the transformation is `vectors[j]`: both algorithms then work on whole columns.
    let mut vectors: Vec<Vec<f64>> = (0..size).map(|row| matrix[row * size..][..size].to_vec()).collect();
    let (mut diagonal, mut beside) = tridiagonal(&mut vectors);
    implicit_ql(&mut diagonal, &mut beside, &mut vectors);
    let mut order: Vec<usize> = (0..size).collect();
    order.sort_by(|&a, &b| diagonal[b].total_cmp(&diagonal[a]).then(a.cmp(&b)));
    let values = order.iter().map(|&at| diagonal[at]).collect();
    let vectors = order.iter().map(|&at| std::mem::take(&mut vectors[at])).collect();
    (values, vectors)
}

/// Reduces to three diagonals: the main one, and the one beside it from its second place on. `v[j][i]` holds row i,
/// column j, first of the matrix, then of the transformation.
fn tridiagonal(v: &mut [Vec<f64>]) -> (Vec<f64>, Vec<f64>) {
    let size = v.len();
    let (mut d, mut e) = (vec![0.0; size], vec![0.0; size]);
    for j in 0..size {
        d[j] = v[j][size - 1];
    }
    for i in (1..size).rev() {
        let scale: f64 = d[..i].iter().map(|part| part.abs()).sum();
        let mut h = 0.0;
        if scale == 0.0 {
            e[i] = d[i - 1];
            for j in 0..i {
                d[j] = v[j][i - 1];
                v[j][i] = 0.0;
                v[i][j] = 0.0;
            }
        } else {
            for part in &mut d[..i] {
                *part /= scale;
                h += *part * *part;
            }
            let f = d[i - 1];
            let g = if f > 0.0 { -h.sqrt() } else { h.sqrt() };
            e[i] = scale * g;
            h -= f * g;
            d[i - 1] = f - g;
            e[..i].fill(0.0);
            for j in 0..i {
                let f = d[j];
                v[i][j] = f;
                let column = &v[j];
                let mut g = e[j] + column[j] * f;
                for k in j + 1..i {
                    g += column[k] * d[k];
                    e[k] += column[k] * f;
                }
                e[j] = g;
            }
            let mut f = 0.0;
            for j in 0..i {
                e[j] /= h;
                f += e[j] * d[j];
            }
            let hh = f / (h + h);
            for j in 0..i {
                e[j] -= hh * d[j];
            }
            for j in 0..i {
                let (f, g) = (d[j], e[j]);
                let column = &mut v[j];
                for k in j..i {
                    column[k] -= f * e[k] + g * d[k];
                }
                d[j] = column[i - 1];
                column[i] = 0.0;
            }
        }
        d[i] = h;
    }
    for i in 0..size.saturating_sub(1) {
        v[i][size - 1] = v[i][i];
        v[i][i] = 1.0;
        let h = d[i + 1];
        if h != 0.0 {
            for k in 0..=i {
                d[k] = v[i + 1][k] / h;
            }
            let (before, after) = v.split_at_mut(i + 1);
            let pivot = &after[0];
            for column in before {
                let g: f64 = (0..=i).map(|k| pivot[k] * column[k]).sum();
                for k in 0..=i {
                    column[k] -= g * d[k];
                }
            }
        }
        v[i + 1][..=i].fill(0.0);
    }
    for j in 0..size {
        d[j] = v[j][size - 1];
        v[j][size - 1] = 0.0;
    }
    if size > 0 {
        v[size - 1][size - 1] = 1.0;
    }
    (d, e)
}

/// Turns three diagonals into eigenvalues, and the transformation's columns into eigenvectors.
fn implicit_ql(d: &mut [f64], e: &mut [f64], v: &mut [Vec<f64>]) {
    let size = d.len();
    if size == 0 {
        return;
    }
    e.rotate_left(1);
    e[size - 1] = 0.0;
    let (mut shift, mut largest) = (0.0_f64, 0.0_f64);
    for l in 0..size {
        largest = largest.max(d[l].abs() + e[l].abs());
        let mut m = l;
        while m < size - 1 && e[m].abs() > f64::EPSILON * largest {
            m += 1;
        }
        // Thirty steps an eigenvalue are far more than are ever taken.
        for _ in 0..if m > l { 60 } else { 0 } {
            let g = d[l];
            let p = (d[l + 1] - g) / (2.0 * e[l]);
            let r = if p < 0.0 { -p.hypot(1.0) } else { p.hypot(1.0) };
            d[l] = e[l] / (p + r);
            d[l + 1] = e[l] * (p + r);
            let dl1 = d[l + 1];
            let h = g - d[l];
            for value in &mut d[l + 2..] {
                *value -= h;
            }
            shift += h;
            let mut p = d[m];
            let (mut c, mut c2, mut c3) = (1.0, 1.0, 1.0);
            let el1 = e[l + 1];
            let (mut s, mut s2) = (0.0, 0.0);
            for i in (l..m).rev() {
                c3 = c2;
                c2 = c;
                s2 = s;
                let g = c * e[i];
                let h = c * p;
                let r = p.hypot(e[i]);
                e[i + 1] = s * r;
                s = e[i] / r;
                c = p / r;
                p = c * d[i] - s * g;
                d[i + 1] = h + s * (c * g + s * d[i]);
                let (left, right) = v.split_at_mut(i + 1);
                for (a, b) in left[i].iter_mut().zip(&mut right[0]) {
                    let h = *b;
                    *b = s * *a + c * h;
                    *a = c * *a - s * h;
                }
            }
            p = -s * s2 * c3 * el1 * e[l] / dl1;
            e[l] = s * p;
            d[l] = c * p;
            if e[l].abs() <= f64::EPSILON * largest {
                break;
            }
        }
        d[l] += shift;
        e[l] = 0.0;
    }
}
