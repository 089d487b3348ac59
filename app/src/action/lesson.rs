//! What the buttons of lessons do, in actions that the user could do by hand.

use fusionscope_engine::protocol::Steer;
use fusionscope_engine::recipe::{Recipe, preset};

use super::Action;
use crate::arrangement::PaneKind;
use crate::lesson::{Condition, Deed};
use crate::store::Store;

/// The change of one setting, key and value as on the command line; `recipe` has it afterwards.
fn set_setting(recipe: &mut Recipe, [key, text]: &[String; 2]) -> Result<Action, String> {
    recipe.set_text(key, text).map_err(|error| error.to_string())?;
    let value = recipe.value(key).ok_or_else(|| format!("`{key}` is no setting"))?.clone();
    Ok(Action::SetSetting { key: key.clone(), value })
}

impl Action {
    /// What a deed comes to now: nothing where it is done already. The error says what it names and is not there.
    pub fn of_deed(deed: &Deed, store: &Store) -> Result<Vec<Self>, String> {
        let place_of = |name: &str| store.dataset.as_ref()?.modalities.iter().position(|sensor| sensor.name == name);
        Ok(match deed {
            Deed::Demo if store.holds(&Condition::Demo) => Vec::new(),
            Deed::Demo => vec![Self::OpenDemo],
            Deed::Sample if store.holds(&Condition::Sample) => Vec::new(),
            Deed::Sample => vec![Self::OpenSampleData],
            Deed::Recipe { name, with } => {
                let mut recipe = preset(name).map_err(|error| error.to_string())?;
                let mut actions = vec![Self::UsePreset(name.clone())];
                for setting in with {
                    actions.push(set_setting(&mut recipe, setting)?);
                }
                actions
            }
            Deed::Set(setting) => vec![set_setting(&mut (*store.recipe).clone(), setting)?],
            Deed::Train => vec![Self::Train],
            Deed::Pause => vec![Self::Pause],
            Deed::Stop if store.is_at_rest() => Vec::new(),
            Deed::Stop => vec![Self::Stop],
            Deed::Drop(name) if store.scene.what_if.is_absent(name) => Vec::new(),
            Deed::Drop(name) => {
                vec![Self::ToggleSensor(
                    place_of(name).ok_or_else(|| format!("The open data have no sensor `{name}`"))?,
                )]
            }
            Deed::AllSensors if store.scene.what_if.dropped().is_empty() => Vec::new(),
            Deed::AllSensors => vec![Self::AllSensors],
            Deed::Scene { split, id } => {
                let found =
                    store.dataset.as_ref().and_then(|data| data.splits.iter().find(|found| found.name == *split));
                let index = found.and_then(|split| split.ids.iter().position(|found| found == id));
                let index = index.ok_or_else(|| format!("The open data have no scene `{id}` in {split}"))?;
                vec![Self::ShowScene { split: split.clone(), index }]
            }
            Deed::Watch(maps) => vec![Self::Watch(maps.clone())],
            Deed::Difference(on) if store.scene.difference == *on => Vec::new(),
            Deed::Difference(_) => vec![Self::ToggleDifference],
            Deed::Evaluate(split) => vec![Self::EvaluateSplit(split.clone())],
            Deed::Pane(title) => {
                let kind = PaneKind::all().find(|kind| kind.title() == title);
                vec![Self::ShowPane(kind.ok_or_else(|| format!("There is no pane `{title}`"))?)]
            }
            // The layout before it goes, so that what is shown next is of the network in hand.
            Deed::Embed { features, points } => vec![
                Self::ShowPane(PaneKind::Embedding),
                Self::CloseEmbedding(0),
                Self::Embed(store.embedding_request(features, *points)),
            ],
            Deed::Layout => vec![Self::SteerEmbedding { slot: 0, steer: Steer::Start }],
        })
    }
}
