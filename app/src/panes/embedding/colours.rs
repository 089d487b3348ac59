//! What points are coloured by: the groups they fall into, and how each is drawn.

use egui::Color32;
use fusionscope_engine::protocol::{EmbeddingView, PointMark};

use crate::panes::PaneContext;

/// What a point's colour says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub(super) enum ColourBy {
    /// The true class.
    #[default]
    Class,
    /// The sensor.
    Modality,
    /// Whether the network is right there.
    Correctness,
    /// The scene's condition, such as day or night.
    Condition,
    /// The scene.
    Sample,
}

impl ColourBy {
    pub(super) const ALL: [Self; 5] = [Self::Class, Self::Modality, Self::Correctness, Self::Condition, Self::Sample];

    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Class => "class",
            Self::Modality => "modality",
            Self::Correctness => "correctness",
            Self::Condition => "condition",
            Self::Sample => "sample",
        }
    }
}

/// The groups of a layout: a word and a colour each, and the group of every point.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Groups {
    pub(super) words: Vec<String>,
    pub(super) colours: Vec<Color32>,
    pub(super) of: Vec<u16>,
}

/// Sorts the points of a layout into groups.
pub(super) fn groups(ctx: &PaneContext<'_>, view: &EmbeddingView, by: ColourBy) -> Groups {
    let (store, tokens) = (ctx.store, ctx.tokens);
    let sort = |words: Vec<String>, colours: Vec<Color32>, of: &dyn Fn(&PointMark) -> usize| Groups {
        of: view.marks.iter().map(|mark| of(mark) as u16).collect(),
        words,
        colours,
    };
    match by {
        ColourBy::Class => {
            let classes = store.dataset.as_ref().map_or(0, |dataset| dataset.classes.len());
            let colours = store.class_colours(classes);
            let words = (0..classes).map(|class| store.class_name(class as u8).to_owned()).collect();
            let colours = (0..classes).map(|class| colours.get(class as u8).unwrap_or(tokens.hairline)).collect();
            sort(words, colours, &|mark| usize::from(mark.label))
        }
        ColourBy::Modality => {
            let colours = tokens.categories(&view.sources, store.sensors());
            sort(view.sources.clone(), colours, &|mark| usize::from(mark.source))
        }
        ColourBy::Correctness => {
            let words = vec!["right".to_owned(), "wrong".to_owned()];
            sort(words, vec![tokens.series(2), tokens.error], &|mark| usize::from(mark.label != mark.predicted))
        }
        ColourBy::Condition => {
            let dataset = store.dataset.iter();
            let split = dataset.flat_map(|dataset| &dataset.splits).find(|split| split.name == view.request.split);
            let tag = |scene: usize| {
                let tags = split.and_then(|split| split.tags.get(scene));
                tags.and_then(|tags| tags.first()).cloned().unwrap_or_else(|| "untagged".to_owned())
            };
            let mut words: Vec<String> = view.request.scenes.iter().map(|&scene| tag(scene)).collect();
            words.sort();
            words.dedup();
            let colours = (0..words.len()).map(|place| tokens.series(place)).collect();
            let place = |&scene: &usize| words.iter().position(|word| *word == tag(scene)).unwrap_or(0);
            let groups = by_scene(&view.request.scenes, view.request.scenes.iter().map(place));
            sort(words.clone(), colours, &|mark| groups.get(mark.scene as usize).copied().unwrap_or(0))
        }
        ColourBy::Sample => {
            let scenes = &view.request.scenes;
            let words = scenes.iter().map(|scene| format!("scene {}", scene + 1)).collect();
            let colours = (0..scenes.len()).map(|place| tokens.series(place)).collect();
            let groups = by_scene(scenes, 0..scenes.len());
            sort(words, colours, &|mark| groups.get(mark.scene as usize).copied().unwrap_or(0))
        }
    }
}

/// The group of each scene, by the scene's index: points are many, scenes are few.
fn by_scene(scenes: &[usize], groups: impl Iterator<Item = usize>) -> Vec<usize> {
    let mut found = vec![0; scenes.iter().max().map_or(0, |last| last + 1)];
    for (&scene, group) in scenes.iter().zip(groups) {
        found[scene] = group;
    }
    found
}
