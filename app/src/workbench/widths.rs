//! How wide a layout's columns stand in a window of this width. Columns of figures have enough at some width; what is
//! left over goes to the pictures.

use egui_tiles::{Container, Tile, Tree};

use crate::arrangement::{Column, Layout, PaneKind, Room};

/// Gives a layout's columns their widths where they stand as delivered for a window of `before` points (`None`: for one
/// in which no column has enough). Says for which width they stand now; a user's own widths stay as they are.
pub(super) fn fit(tree: &mut Tree<PaneKind>, layout: Layout, before: Option<f32>, now: f32) -> Option<f32> {
    let Room::Beside(columns) = layout.room() else { return before };
    if before == Some(now) {
        return before;
    }
    let root = tree.root()?;
    let Some(Tile::Container(Container::Linear(linear))) = tree.tiles.get_mut(root) else { return before };
    let expected = shares(columns, before.unwrap_or(0.0));
    let is_delivered = linear.children.len() == columns.len()
        && linear.children.iter().zip(expected).all(|(child, share)| (linear.shares[*child] - share).abs() < 1e-3);
    if !is_delivered {
        return before;
    }
    for (child, share) in linear.children.clone().into_iter().zip(shares(columns, now)) {
        linear.shares.set_share(child, share);
    }
    Some(now)
}

/// What each column gets of `width` points, where an even division would be 1 for each: its share, but never more than
/// it can use. Those that can use all divide the rest.
fn shares(columns: &[Column], width: f32) -> Vec<f32> {
    let given = |column: &Column| if width > 0.0 { column.share.min(column.most / width) } else { column.share };
    let taken: f32 = columns.iter().filter(|column| column.most.is_finite()).map(given).sum();
    let hungry: f32 = columns.iter().filter(|column| column.most.is_infinite()).map(|column| column.share).sum();
    let share = |column: &Column| {
        if column.most.is_finite() { given(column) } else { (1.0 - taken) * column.share / hungry }
    };
    columns.iter().map(|column| share(column) * columns.len() as f32).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workbench::layout::tree_of;

    fn widths(layout: Layout, width: f32) -> Vec<f32> {
        let Room::Beside(columns) = layout.room() else { panic!("columns") };
        shares(columns, width).into_iter().map(|share| share * width / columns.len() as f32).collect()
    }

    #[test]
    fn columns_of_figures_stop_growing_and_pictures_take_the_rest() {
        for layout in Layout::ALL {
            let Room::Beside(columns) = layout.room() else { panic!("columns") };
            for width in [1024.0, 1280.0, 1920.0, 3072.0, 3840.0] {
                let widths = widths(layout, width);
                assert!((widths.iter().sum::<f32>() - width).abs() < 0.5, "{layout:?} at {width}: {widths:?}");
                for (column, found) in columns.iter().zip(&widths) {
                    assert!(*found <= column.most + 0.5, "{layout:?} at {width}: {widths:?}");
                }
            }
            assert!(columns.iter().any(|column| column.most.is_infinite()), "{layout:?} leaves nothing blank");
        }
        let [side, middle, figures] = widths(Layout::Ablate, 3840.0)[..] else { panic!("three columns") };
        assert!(side < 450.0 && figures < 550.0 && middle > 2800.0, "{side}, {middle}, {figures}");
    }

    #[test]
    fn delivered_columns_follow_the_window_and_a_user_s_own_stay() {
        let mut tree = tree_of(Layout::Ablate);
        let of = |tree: &Tree<PaneKind>| match tree.root().and_then(|root| tree.tiles.get(root)) {
            Some(Tile::Container(Container::Linear(linear))) => {
                linear.children.iter().map(|child| linear.shares[*child]).collect::<Vec<f32>>()
            }
            _ => panic!("columns"),
        };
        let delivered = of(&tree);
        let fitted = fit(&mut tree, Layout::Ablate, None, 3840.0);
        assert!(fitted == Some(3840.0) && of(&tree) != delivered);
        let fitted = fit(&mut tree, Layout::Ablate, fitted, 1280.0);
        assert!(of(&tree).iter().zip(&delivered).all(|(one, other)| (one - other).abs() < 1e-3), "{:?}", of(&tree));
        let root = tree.root().unwrap();
        if let Some(Tile::Container(Container::Linear(linear))) = tree.tiles.get_mut(root) {
            let first = linear.children[0];
            linear.shares.set_share(first, 1.4);
        }
        let own = of(&tree);
        assert_eq!(fit(&mut tree, Layout::Ablate, fitted, 3840.0), fitted);
        assert_eq!(of(&tree), own);
    }
}
