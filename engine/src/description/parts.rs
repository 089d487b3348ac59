//! What of the catalogue a recipe uses: its losses with their weights, and where everything is from.

use serde::Serialize;

use crate::recipe::{Component, Kind, Recipe, Setting, Value, catalogue, setting};

/// A term of the objective.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Loss {
    /// The component's id, such as `objective.contrast`.
    pub id: &'static str,
    /// Its title.
    pub title: &'static str,
    /// Paper and equation.
    pub source: &'static str,
    /// Its settings as they stand.
    pub settings: Vec<(&'static str, Value)>,
}

/// A component in use.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Source {
    /// The component's id.
    pub id: &'static str,
    /// Its title.
    pub title: &'static str,
    /// Paper and equation.
    pub source: &'static str,
    /// Its choices: keys, and what is chosen in words.
    pub choices: Vec<(&'static str, &'static str)>,
    /// The reading that it follows, where there are several.
    pub variant: Option<&'static str>,
}

/// The terms that are switched on.
pub fn losses(recipe: &Recipe) -> Vec<Loss> {
    let used = catalogue().iter().filter(|component| is_loss(component) && is_on(recipe, component));
    let settings = |component: &Component| {
        let all = component.settings.iter().filter(|setting| !is_switch(setting.key));
        all.filter_map(|setting| Some((setting.key, recipe.value(setting.key)?.clone()))).collect()
    };
    used.map(|component| Loss {
        id: component.id,
        title: component.title,
        source: component.source,
        settings: settings(component),
    })
    .collect()
}

/// Where the components in use are from; plain machinery has no source.
pub fn sources(recipe: &Recipe) -> Vec<Source> {
    let used = catalogue().iter().filter(|component| !component.source.is_empty() && is_on(recipe, component));
    used.map(|component| Source {
        id: component.id,
        title: component.title,
        source: component.source,
        choices: choices(recipe, component),
        variant: recipe.variant(component),
    })
    .collect()
}

/// What the component's choices come to: one component may stand for many modules.
fn choices(recipe: &Recipe, component: &Component) -> Vec<(&'static str, &'static str)> {
    let chosen = |setting: &Setting| match setting.kind {
        Kind::Choice { options, .. } => {
            let word = recipe.text(setting.key);
            options.iter().find(|option| option.id == word).map(|option| (setting.key, option.summary))
        }
        _ => None,
    };
    component.settings.iter().filter_map(chosen).collect()
}

fn is_loss(component: &Component) -> bool {
    component.id.starts_with("objective.")
}

fn is_switch(key: &str) -> bool {
    key.ends_with(".enabled")
}

/// Whether a component is about one option of `fusion.kind`.
fn is_fusion(id: &str) -> bool {
    let kind = setting("fusion.kind").map(|setting| setting.kind);
    matches!(kind, Some(Kind::Choice { options, .. }) if options.iter().any(|option| option.id == id))
}

/// A component without a switch is on where what it works for is, and else always.
fn is_on(recipe: &Recipe, component: &Component) -> bool {
    match component.id {
        "objective.consistency" => return recipe.switch("mfml.enabled"),
        "objective.fusion_image" => return recipe.switch("fusion_image.enabled"),
        // A way of fusing with a component of its own is called as `fusion.kind` calls it.
        id if is_fusion(id) => return recipe.text("fusion.kind") == id,
        "data.pseudo_labels" | "data.fake_night" => return !recipe.text(component.id).is_empty(),
        "teacher" => return recipe.integer("teacher.steps") > 0,
        _ => {}
    }
    let switch =
        component.settings.iter().find(|setting| is_switch(setting.key) && matches!(setting.kind, Kind::Switch(_)));
    switch.is_none_or(|setting| recipe.switch(setting.key))
}
