//! What of the catalogue a recipe uses: its losses with their weights, and where everything is from.

use serde::Serialize;

use crate::recipe::{Component, Kind, Recipe, Setting, Value, catalogue};

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
    let used = catalogue().iter().filter(|component| is_loss(component) && recipe.uses(component));
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
    let used = catalogue().iter().filter(|component| !component.source.is_empty() && recipe.uses(component));
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
            let Some(Value::Text(word)) = recipe.value(setting.key) else { return None };
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
