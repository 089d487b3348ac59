//! The arrangements of panes: how they are delivered, how they are kept, and what is refused on the way back in.

use std::collections::BTreeMap;

use egui_tiles::{Container, Linear, LinearDir, Tile, TileId, Tiles, Tree};

use crate::action::Layout;
use crate::panes::PaneKind;

/// Under which name layouts are kept; a new number forgets the old ones.
pub(super) const STORAGE_KEY: &str = "fusionscope-layouts-1";

/// One tree a layout.
pub(super) type Layouts = BTreeMap<String, Tree<PaneKind>>;

/// All three as delivered.
pub(super) fn delivered() -> Layouts {
    Layout::ALL.into_iter().map(|layout| (layout.name().to_owned(), tree_of(layout))).collect()
}

/// What was kept, each layout that is broken or lacks a pane replaced by the delivered one.
pub(super) fn restored(kept: Option<Layouts>) -> Layouts {
    let mut layouts = delivered();
    for (name, tree) in kept.into_iter().flatten() {
        if layouts.contains_key(&name) && is_whole(&tree) {
            layouts.insert(name, tree);
        }
    }
    layouts
}

/// Whether every pane stands in the tree once and can be reached from its root.
pub(super) fn is_whole(tree: &Tree<PaneKind>) -> bool {
    let mut found = Vec::new();
    let mut open: Vec<TileId> = tree.root().into_iter().collect();
    let mut visited = 0;
    while let Some(id) = open.pop() {
        visited += 1;
        if visited > 1000 {
            return false;
        }
        match tree.tiles.get(id) {
            Some(Tile::Pane(kind)) => found.push(*kind),
            Some(Tile::Container(container)) => open.extend(container.children()),
            None => return false,
        }
    }
    found.sort_unstable();
    let mut all = PaneKind::ALL;
    all.sort_unstable();
    found == all
}

/// The panes that float: they keep their place in the tree, where they are not drawn.
pub(super) fn floating(tree: &Tree<PaneKind>) -> Vec<PaneKind> {
    let floats = |kind: &PaneKind| tree.tiles.find_pane(kind).is_some_and(|tile| !tree.is_visible(tile));
    PaneKind::ALL.into_iter().filter(floats).collect()
}

/// Lets a pane float, or docks it where it was.
pub(super) fn toggle_floating(tree: &mut Tree<PaneKind>, kind: PaneKind) {
    if let Some(tile) = tree.tiles.find_pane(&kind) {
        let visible = tree.is_visible(tile);
        tree.set_visible(tile, !visible);
    }
}

/// A layout as delivered.
pub(super) fn tree_of(layout: Layout) -> Tree<PaneKind> {
    use PaneKind::{Controls, Curves, Embedding, Inspect, Log, Metrics, Recipe, Times};

    let mut tiles = Tiles::default();
    let mut tabs = |kinds: &[PaneKind]| {
        let panes = kinds.iter().map(|kind| tiles.insert_pane(*kind)).collect();
        tiles.insert_tab_tile(panes)
    };
    let root = match layout {
        Layout::Ablate => {
            let (left, pictures, curves, right) =
                (tabs(&[Recipe, Controls]), tabs(&[Inspect]), tabs(&[Curves]), tabs(&[Metrics, Embedding, Log, Times]));
            let middle = split(&mut tiles, LinearDir::Vertical, &[(pictures, 0.68), (curves, 0.32)]);
            split(&mut tiles, LinearDir::Horizontal, &[(left, 0.19), (middle, 0.60), (right, 0.21)])
        }
        Layout::Debug => {
            let (pictures, figures, words) =
                (tabs(&[Inspect]), tabs(&[Metrics, Embedding, Curves, Recipe, Controls]), tabs(&[Log, Times]));
            let right = split(&mut tiles, LinearDir::Vertical, &[(figures, 0.62), (words, 0.38)]);
            split(&mut tiles, LinearDir::Horizontal, &[(pictures, 0.72), (right, 0.28)])
        }
        Layout::Teach => {
            let (pictures, rest) =
                (tabs(&[Inspect]), tabs(&[Metrics, Embedding, Curves, Recipe, Controls, Log, Times]));
            split(&mut tiles, LinearDir::Horizontal, &[(pictures, 0.74), (rest, 0.26)])
        }
    };
    Tree::new(egui::Id::unique(("layout", layout.name())), root, tiles)
}

fn split(tiles: &mut Tiles<PaneKind>, direction: LinearDir, parts: &[(TileId, f32)]) -> TileId {
    let mut linear = Linear::new(direction, parts.iter().map(|(id, _)| *id).collect());
    for (id, share) in parts {
        linear.shares.set_share(*id, share * parts.len() as f32);
    }
    tiles.insert_container(Container::Linear(linear))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use proptest::sample::Index;

    use super::*;
    use crate::workbench::tests::Memory as Kept;
    use crate::workbench::{CHOICES_KEY, Choices};

    fn whole() -> Kept {
        let mut kept = Kept::default();
        eframe::set_value(&mut kept, STORAGE_KEY, &delivered());
        let recent = vec!["a folder".into(), "another".into()];
        eframe::set_value(&mut kept, CHOICES_KEY, &Choices { own_colours: true, recent, ..Choices::default() });
        kept
    }

    /// Reads as the window does at its start.
    fn read(kept: &Kept) -> (Layouts, Choices) {
        (restored(eframe::get_value(kept, STORAGE_KEY)), eframe::get_value(kept, CHOICES_KEY).unwrap_or_default())
    }

    #[test]
    fn what_was_kept_comes_back() {
        let (layouts, choices) = read(&whole());
        assert!(layouts == delivered());
        assert!(choices.own_colours && choices.recent.len() == 2);
    }

    proptest! {
        #[test]
        fn random_text_gives_the_delivered_layouts(text in any::<String>()) {
            let kept = Kept([STORAGE_KEY, CHOICES_KEY].map(|key| (key.to_owned(), text.clone())).into());
            let (layouts, _) = read(&kept);
            prop_assert_eq!(layouts.len(), 3);
            prop_assert!(layouts.values().all(is_whole));
        }

        #[test]
        fn damaged_layouts_and_choices_never_cost_a_pane(
            damage in proptest::collection::vec((any::<Index>(), 0x20..0x7f_u8), 1..5),
            cut in proptest::option::of(any::<Index>()),
        ) {
            let mut kept = whole();
            for text in kept.0.values_mut() {
                let mut bytes = std::mem::take(text).into_bytes();
                for (at, byte) in &damage {
                    let at = at.index(bytes.len());
                    bytes[at] = *byte;
                }
                if let Some(cut) = cut {
                    bytes.truncate(cut.index(bytes.len()));
                }
                *text = String::from_utf8_lossy(&bytes).into_owned();
            }
            let (layouts, _) = read(&kept);
            prop_assert_eq!(layouts.len(), 3);
            prop_assert!(layouts.values().all(is_whole));
        }
    }

    #[test]
    fn delivered_layouts_hold_every_pane_once_and_survive_being_kept() {
        for (name, tree) in delivered() {
            assert!(is_whole(&tree), "{name}");
            let text = serde_json::to_string(&tree).unwrap();
            let back: Tree<PaneKind> = serde_json::from_str(&text).unwrap();
            assert!(is_whole(&back), "{name}");
        }
    }

    #[test]
    fn a_floating_pane_is_kept_and_comes_back_to_its_place() {
        let delivered = tree_of(Layout::Debug);
        let mut tree = delivered.clone();
        toggle_floating(&mut tree, PaneKind::Curves);
        assert!(is_whole(&tree));
        let text = serde_json::to_string(&tree).unwrap();
        let mut back: Tree<PaneKind> = serde_json::from_str(&text).unwrap();
        assert_eq!(floating(&back), [PaneKind::Curves]);
        toggle_floating(&mut back, PaneKind::Curves);
        assert_eq!(floating(&back), []);
        assert!(back == delivered);
    }

    #[test]
    fn a_layout_that_lacks_a_pane_is_replaced() {
        let mut kept = delivered();
        let mut broken = tree_of(Layout::Ablate);
        let log = broken.tiles.find_pane(&PaneKind::Log).unwrap();
        broken.remove_recursively(log);
        assert!(!is_whole(&broken));
        kept.insert("Ablate".to_owned(), broken);
        kept.insert("Unknown".to_owned(), tree_of(Layout::Debug));
        let restored = restored(Some(kept));
        assert_eq!(restored.len(), 3);
        assert!(restored.values().all(is_whole));
    }
}
