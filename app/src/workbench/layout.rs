//! The arrangements of panes as trees of tiles: how they are delivered, kept, and mended on the way back in.

use std::collections::{BTreeMap, BTreeSet};

use egui_tiles::{Container, Linear, LinearDir, Tile, TileId, Tiles, Tree};

use super::kept_pane::KeptPane;
use crate::arrangement::{Layout, PaneKind, Place, Room};

/// Under which name layouts are kept; a new number forgets the old ones.
pub(super) const STORAGE_KEY: &str = "fusionscope-layouts-1";

/// One tree a layout.
pub(super) type Layouts = BTreeMap<String, Tree<PaneKind>>;
/// The same as they were kept, perhaps by a program with other panes.
pub(super) type KeptLayouts = BTreeMap<String, Tree<KeptPane>>;

/// What was kept. A pane that this program does not know is dropped, one that a layout lacks is put where it is at
/// home; only a layout with nothing left of it is the delivered one again.
pub(super) fn restored(kept: Option<KeptLayouts>) -> Layouts {
    let kept = kept.unwrap_or_default();
    let of = |layout: Layout| kept.get(layout.name()).map_or_else(|| tree_of(layout), |tree| mended(tree, layout));
    Layout::ALL.into_iter().map(|layout| (layout.name().to_owned(), of(layout))).collect()
}

/// Whether every pane that is at home in a layout stands in its tree, none twice, and all can be reached from the root.
pub(super) fn is_whole(tree: &Tree<PaneKind>, layout: Layout) -> bool {
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
    let once: BTreeSet<PaneKind> = found.iter().copied().collect();
    once.len() == found.len() && PaneKind::all().all(|kind| once.contains(&kind) || is_away(layout, kind))
}

/// The panes that float: they keep their place in the tree, where they are not drawn.
pub(super) fn floating(tree: &Tree<PaneKind>) -> Vec<PaneKind> {
    let floats = |kind: &PaneKind| tree.tiles.find_pane(kind).is_some_and(|tile| !tree.is_visible(tile));
    PaneKind::all().filter(floats).collect()
}

/// Whether a layout does without a pane until it is asked for.
fn is_away(layout: Layout, kind: PaneKind) -> bool {
    kind.home(layout) == Place::Away
}

/// Puts a pane that the layout does without among its tabs; one that stands there stays where it is.
pub(super) fn fetch(tree: &mut Tree<PaneKind>, layout: Layout, kind: PaneKind) {
    if tree.tiles.find_pane(&kind).is_none() {
        bring_home(tree, layout, kind);
    }
}

/// Lets a pane float, or docks it where it was.
pub(super) fn toggle_floating(tree: &mut Tree<PaneKind>, layout: Layout, kind: PaneKind) {
    fetch(tree, layout, kind);
    if let Some(tile) = tree.tiles.find_pane(&kind) {
        let visible = tree.is_visible(tile);
        tree.set_visible(tile, !visible);
    }
}

/// A layout as delivered: its rooms, each with the panes that are at home there.
pub(super) fn tree_of(layout: Layout) -> Tree<PaneKind> {
    let mut tiles = Tiles::default();
    let root = tile_of(layout, layout.room(), &mut tiles);
    Tree::new(id_of(layout), root, tiles)
}

fn id_of(layout: Layout) -> egui::Id {
    egui::Id::unique(("layout", layout.name()))
}

fn tile_of(layout: Layout, room: &Room, tiles: &mut Tiles<PaneKind>) -> TileId {
    let (direction, parts): (LinearDir, Vec<(f32, &Room)>) = match room {
        Room::Whole(place) => {
            let at_home = PaneKind::all().filter(|kind| kind.home(layout) == *place);
            let panes = at_home.map(|kind| tiles.insert_pane(kind)).collect();
            return tiles.insert_tab_tile(panes);
        }
        Room::Beside(columns) => {
            (LinearDir::Horizontal, columns.iter().map(|column| (column.share, &column.room)).collect())
        }
        Room::Stacked(parts) => (LinearDir::Vertical, parts.iter().map(|(share, part)| (*share, part)).collect()),
    };
    let children: Vec<TileId> = parts.iter().map(|(_, part)| tile_of(layout, part, tiles)).collect();
    let mut linear = Linear::new(direction, children.clone());
    for (child, (share, _)) in children.into_iter().zip(&parts) {
        linear.shares.set_share(child, share * parts.len() as f32);
    }
    tiles.insert_container(Container::Linear(linear))
}

/// A kept tree with every pane that is at home once: what cannot be reached, leads in a circle or is unknown is left out, what is
/// missing is added.
pub(super) fn mended<P: Copy + Into<Option<PaneKind>>>(kept: &Tree<P>, layout: Layout) -> Tree<PaneKind> {
    let mut mending =
        Mending { kept: &kept.tiles, tiles: Tiles::default(), visited: BTreeSet::new(), found: BTreeSet::new() };
    let Some(root) = kept.root().filter(|root| mending.takes(*root)) else { return tree_of(layout) };
    let Mending { tiles, found, .. } = mending;
    let mut tree = Tree::new(id_of(layout), root, tiles);
    for missing in PaneKind::all().filter(|kind| !found.contains(kind) && !is_away(layout, *kind)) {
        bring_home(&mut tree, layout, missing);
    }
    tree
}

struct Mending<'a, P> {
    kept: &'a Tiles<P>,
    tiles: Tiles<PaneKind>,
    visited: BTreeSet<u64>,
    found: BTreeSet<PaneKind>,
}

impl<P: Copy + Into<Option<PaneKind>>> Mending<'_, P> {
    /// Takes a tile over with all below it; says whether anything was left of it.
    fn takes(&mut self, id: TileId) -> bool {
        if !self.visited.insert(id.0) {
            return false;
        }
        let tile = match self.kept.get(id) {
            None => return false,
            Some(Tile::Pane(pane)) => match (*pane).into() {
                Some(kind) if self.found.insert(kind) => Tile::Pane(kind),
                _ => return false,
            },
            Some(Tile::Container(container)) => {
                let mut container = container.clone();
                container.retain(|child| self.takes(child));
                if container.is_empty() {
                    return false;
                }
                Tile::Container(container)
            }
        };
        self.tiles.insert(id, tile);
        self.tiles.set_visible(id, self.kept.is_visible(id));
        true
    }
}

/// Puts a pane into the tabs of the nearest pane with the same home, else into the first tabs there are.
fn bring_home(tree: &mut Tree<PaneKind>, layout: Layout, kind: PaneKind) {
    let tabs_of = |neighbour: PaneKind| {
        let tile = tree.tiles.find_pane(&neighbour)?;
        let parent = tree.tiles.parent_of(tile)?;
        let is_tabs = matches!(tree.tiles.get_container(parent), Some(Container::Tabs(_)));
        is_tabs.then_some((parent, tile, neighbour < kind))
    };
    let (mut before, after): (Vec<_>, Vec<_>) =
        PaneKind::all().filter(|other| other.home(layout) == kind.home(layout)).partition(|other| *other < kind);
    before.reverse();
    let place = before.into_iter().chain(after).chain(PaneKind::all()).find_map(tabs_of);

    let pane = tree.tiles.insert_pane(kind);
    if let Some((parent, neighbour, is_before)) = place
        && let Some(Tile::Container(Container::Tabs(tabs))) = tree.tiles.get_mut(parent)
    {
        let at = tabs.children.iter().position(|tile| *tile == neighbour).unwrap_or(0);
        // The tab in front stays the one in front.
        tabs.children.insert(at + usize::from(is_before), pane);
    } else {
        let tabs = tree.tiles.insert_tab_tile(vec![pane]);
        let parts = tree.root.into_iter().chain([tabs]).collect();
        tree.root = Some(tree.tiles.insert_horizontal_tile(parts));
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use proptest::prelude::*;
    use proptest::sample::Index;

    use super::*;
    use crate::workbench::recent::Recent;
    use crate::workbench::tests::Memory as Kept;
    use crate::workbench::{CHOICES_KEY, Choices};

    fn delivered() -> Layouts {
        Layout::ALL.into_iter().map(|layout| (layout.name().to_owned(), tree_of(layout))).collect()
    }

    fn all_whole(layouts: &Layouts) -> bool {
        Layout::ALL.into_iter().all(|layout| is_whole(&layouts[layout.name()], layout))
    }

    fn whole() -> Kept {
        let mut kept = Kept::default();
        eframe::set_value(&mut kept, STORAGE_KEY, &delivered());
        let mut recent = Recent::default();
        for folder in ["a folder", "another"] {
            recent.remember(Path::new(folder));
        }
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
        assert!(choices.own_colours && choices.recent.paths().len() == 2);
    }

    proptest! {
        #[test]
        fn random_text_gives_the_delivered_layouts(text in any::<String>()) {
            let kept = Kept([STORAGE_KEY, CHOICES_KEY].map(|key| (key.to_owned(), text.clone())).into());
            let (layouts, _) = read(&kept);
            prop_assert_eq!(layouts.len(), 3);
            prop_assert!(all_whole(&layouts));
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
            prop_assert!(all_whole(&layouts));
        }
    }

    #[test]
    fn delivered_layouts_hold_every_pane_once_and_survive_being_kept() {
        assert!(all_whole(&delivered()));
        let text = serde_json::to_string(&delivered()).unwrap();
        assert!(all_whole(&serde_json::from_str(&text).unwrap()));
    }

    #[test]
    fn a_floating_pane_is_kept_and_comes_back_to_its_place() {
        let delivered = tree_of(Layout::Debug);
        let mut tree = delivered.clone();
        toggle_floating(&mut tree, Layout::Debug, PaneKind::Curves);
        assert!(is_whole(&tree, Layout::Debug));
        let text = serde_json::to_string(&tree).unwrap();
        let mut back: Tree<PaneKind> = serde_json::from_str(&text).unwrap();
        assert_eq!(floating(&back), [PaneKind::Curves]);
        toggle_floating(&mut back, Layout::Debug, PaneKind::Curves);
        assert_eq!(floating(&back), []);
        assert!(back == delivered);
    }

    /// A tree through the text that it is kept as, changed on the way.
    fn kept_as(tree: &Tree<PaneKind>, change: impl FnOnce(String) -> String) -> Option<KeptLayouts> {
        let mut kept = Kept::default();
        eframe::set_value(&mut kept, STORAGE_KEY, &Layouts::from([("Ablate".to_owned(), tree.clone())]));
        let text = kept.0.remove(STORAGE_KEY).unwrap();
        kept.0.insert(STORAGE_KEY.to_owned(), change(text));
        eframe::get_value(&kept, STORAGE_KEY)
    }

    /// The panes that share tabs with this one, in their order.
    fn tabs_with(tree: &Tree<PaneKind>, kind: PaneKind) -> Vec<PaneKind> {
        let tile = tree.tiles.find_pane(&kind).unwrap();
        let parent = tree.tiles.parent_of(tile).and_then(|parent| tree.tiles.get_container(parent)).unwrap();
        parent.children().filter_map(|tile| tree.tiles.get_pane(tile)).copied().collect()
    }

    #[test]
    fn a_layout_that_lacks_a_pane_gets_it_at_home_and_is_not_reset() {
        let mut mine = tree_of(Layout::Ablate);
        let root = mine.root.unwrap();
        let Some(Tile::Container(Container::Linear(linear))) = mine.tiles.get_mut(root) else { panic!("a split") };
        linear.children.reverse();
        toggle_floating(&mut mine, Layout::Ablate, PaneKind::Curves);
        let mut lacking = mine.clone();
        let embedding = lacking.tiles.find_pane(&PaneKind::Embedding).unwrap();
        lacking.remove_recursively(embedding);
        assert!(!is_whole(&lacking, Layout::Ablate));

        let back = &restored(kept_as(&lacking, |text| text))["Ablate"];
        assert!(is_whole(back, Layout::Ablate));
        assert_eq!(floating(back), [PaneKind::Curves], "what floated still floats");
        let order = |tree: &Tree<PaneKind>| tree.tiles.get_container(root).map(Container::children_vec);
        assert_eq!(order(back), order(&mine), "the user's order of columns stays");
        assert_eq!(tabs_with(back, PaneKind::Embedding), tabs_with(&mine, PaneKind::Embedding));
    }

    #[test]
    fn a_pane_that_this_program_does_not_know_is_dropped_and_nothing_else() {
        let mut mine = tree_of(Layout::Ablate);
        toggle_floating(&mut mine, Layout::Ablate, PaneKind::Log);
        let renamed = kept_as(&mine, |text| {
            assert_eq!(text.matches("Pane(times)").count(), 1, "{text}");
            text.replace("Pane(times)", "Pane(tomorrow)")
        });
        let layouts = restored(Some(renamed.expect("an unknown pane does not make the layouts unreadable")));
        let back = &layouts["Ablate"];
        assert!(is_whole(back, Layout::Ablate));
        assert_eq!(floating(back), [PaneKind::Log]);
        assert_eq!(back.tiles.len(), mine.tiles.len(), "the pane that lost its name is at home again");
    }

    #[test]
    fn a_pane_without_neighbours_or_tabs_still_finds_a_place() {
        let mut tiles = Tiles::default();
        let root = tiles.insert_pane(PaneKind::Recipe);
        let bare = Tree::new(id_of(Layout::Ablate), root, tiles);
        let back = &restored(kept_as(&bare, |text| text))["Ablate"];
        assert!(is_whole(back, Layout::Ablate));
    }

    #[test]
    fn every_home_in_a_layout_has_a_room_there() {
        fn places(room: &Room) -> Vec<Place> {
            match room {
                Room::Whole(place) => vec![*place],
                Room::Beside(columns) => columns.iter().flat_map(|column| places(&column.room)).collect(),
                Room::Stacked(parts) => parts.iter().flat_map(|(_, part)| places(part)).collect(),
            }
        }
        for layout in Layout::ALL {
            let places = places(layout.room());
            for kind in PaneKind::all().filter(|kind| !is_away(layout, *kind)) {
                assert!(places.contains(&kind.home(layout)), "{kind:?} has no room in {layout:?}");
            }
        }
    }

    #[test]
    fn a_lecture_does_without_what_no_lesson_needs_until_it_is_asked_for_and_then_keeps_it() {
        let mut teach = tree_of(Layout::Teach);
        let needed = [PaneKind::Inspect, PaneKind::Lesson, PaneKind::Metrics, PaneKind::Curves, PaneKind::Embedding];
        assert!(needed.iter().all(|kind| teach.tiles.find_pane(kind).is_some()));
        for kind in [PaneKind::Runs, PaneKind::Compare, PaneKind::Study] {
            assert_eq!(teach.tiles.find_pane(&kind), None, "{kind:?} stands in a lecture");
        }
        fetch(&mut teach, Layout::Teach, PaneKind::Runs);
        assert_eq!(tabs_with(&teach, PaneKind::Runs), [PaneKind::Inspect, PaneKind::Runs]);
        let back = mended(&teach, Layout::Teach);
        assert!(is_whole(&back, Layout::Teach));
        assert!(back.tiles.find_pane(&PaneKind::Runs).is_some(), "what was asked for stays");
        toggle_floating(&mut teach, Layout::Teach, PaneKind::Study);
        assert_eq!(floating(&teach), [PaneKind::Study], "one that is away can float at once");
    }

    proptest! {
        #[test]
        fn layouts_of_any_panes_come_back_whole_and_keep_what_they_held(
            kept in proptest::sample::subsequence(PaneKind::all().collect::<Vec<_>>(), 1..8),
            floats in any::<Index>(),
            layout in proptest::sample::select(Layout::ALL.to_vec()),
        ) {
            let mut tree = tree_of(layout);
            for kind in PaneKind::all() {
                fetch(&mut tree, layout, kind);
            }
            let gone: Vec<PaneKind> = PaneKind::all().filter(|kind| !kept.contains(kind)).collect();
            for kind in gone {
                let tile = tree.tiles.find_pane(&kind).unwrap();
                tree.remove_recursively(tile);
            }
            let floats = *floats.get(&kept);
            toggle_floating(&mut tree, layout, floats);
            let mut memory = Kept::default();
            eframe::set_value(&mut memory, STORAGE_KEY, &Layouts::from([(layout.name().to_owned(), tree.clone())]));
            let back = &restored(eframe::get_value(&memory, STORAGE_KEY))[layout.name()];
            prop_assert!(is_whole(back, layout));
            prop_assert_eq!(floating(back), [floats]);
            for kind in kept {
                prop_assert_eq!(back.tiles.find_pane(&kind), tree.tiles.find_pane(&kind), "{:?} has moved", kind);
            }
        }
    }
}
