//! `fusionscope recipes`.

use fusionscope_engine::recipe::presets;

use super::arguments::RecipesArguments;
use super::exit::{Exit, OrFail as _, Outcome};
use super::output;
use super::train::{apply_settings, named_or_file};

/// Lists the presets, or prints one recipe with every setting.
pub fn run(arguments: &RecipesArguments) -> Outcome {
    let Some(name) = &arguments.recipe else {
        let width = presets().iter().map(|preset| preset.name.len()).max().unwrap_or(0);
        for preset in presets() {
            if arguments.json {
                output::json(&serde_json::json!({"name": preset.name, "summary": preset.summary}))?;
            } else {
                output::line(&format!("{:<width$}  {}", preset.name, preset.summary));
            }
        }
        return Ok(Exit::Done);
    };
    let mut recipe = named_or_file(name)?;
    apply_settings(&mut recipe, &arguments.settings)?;
    recipe.check().or_fail()?;
    if arguments.json {
        output::json(&recipe)?;
    } else {
        output::text(&recipe.to_toml());
    }
    Ok(Exit::Done)
}
