//! Lines in pieces.

use crate::drawing::shape::Place;

/// How a line is drawn, which tells it from others in print as well.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Stroke {
    /// In one piece.
    #[default]
    Solid,
    /// In dashes.
    Dashed,
    /// In dots.
    Dotted,
}

/// A line of this width cut into what is drawn of it.
pub(super) fn dashed(places: &[Place], stroke: Stroke, width: f64) -> Vec<Vec<Place>> {
    let width = width.max(0.5);
    let (drawn, gap) = match stroke {
        Stroke::Solid => return vec![places.to_vec()],
        Stroke::Dashed => (4.0 * width, 2.5 * width),
        Stroke::Dotted => (1.2 * width, 1.8 * width),
    };
    let mut pieces = Vec::new();
    let mut open: Vec<Place> = places.first().copied().into_iter().collect();
    // How much of the dash, or of the gap, is still to come.
    let (mut is_on, mut left) = (true, drawn);
    for pair in places.windows(2) {
        let ([mut x, mut y], [to_x, to_y]) = (pair[0], pair[1]);
        let mut way = (to_x - x).hypot(to_y - y);
        while way > left {
            let share = left / way;
            (x, y) = (x + (to_x - x) * share, y + (to_y - y) * share);
            way -= left;
            if is_on {
                open.push([x, y]);
                pieces.push(std::mem::take(&mut open));
            } else {
                open = vec![[x, y]];
            }
            is_on = !is_on;
            left = if is_on { drawn } else { gap };
        }
        left -= way;
        if is_on {
            open.push([to_x, to_y]);
        }
    }
    if open.len() > 1 {
        pieces.push(open);
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dashes_take_their_share_of_a_line_around_its_corners() {
        let places = [[0.0, 0.0], [44.0, 0.0], [44.0, 84.0]];
        assert_eq!(dashed(&places, Stroke::Solid, 2.0), [places.to_vec()]);
        let pieces = dashed(&places, Stroke::Dashed, 2.0);
        let length = |piece: &Vec<Place>| {
            piece.windows(2).map(|pair| (pair[1][0] - pair[0][0]).hypot(pair[1][1] - pair[0][1])).sum::<f64>()
        };
        assert_eq!(pieces.len(), 10, "128 in steps of 13");
        assert!(pieces.iter().all(|piece| (length(piece) - 8.0).abs() < 1e-9), "{pieces:?}");
        assert_eq!(pieces[0], [[0.0, 0.0], [8.0, 0.0]]);
        assert!(pieces.iter().any(|piece| piece.contains(&[44.0, 0.0])), "a dash goes around the corner");
        assert!(dashed(&places, Stroke::Dotted, 1.0).len() > 30);
        assert_eq!(dashed(&[], Stroke::Dashed, 1.0), Vec::<Vec<Place>>::new());
    }
}
