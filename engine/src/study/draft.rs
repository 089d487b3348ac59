//! A study that is put together in memory, and the file that it becomes.

use std::fmt::Write as _;
use std::path::PathBuf;

use toml::Value as Toml;

use super::figure::Figure;
use crate::protocol::WhatIf;
use crate::recipe::catalogue::training;
use crate::recipe::{Difference, Recipe, Value, preset, presets, toml_from_value};
use crate::training::name_files_from_the_root;

/// A study before it is a file. Whether it can be carried out is found when its text is read.
#[derive(Clone, Debug, PartialEq)]
pub struct Draft {
    /// What it is called.
    pub title: String,
    /// What it is for; may be empty.
    pub note: String,
    /// What every row begins with, its number of steps included; the seed in it counts for nothing.
    pub base: Recipe,
    /// Every row is trained from each.
    pub seeds: Vec<u32>,
    /// The seconds of training that each row gets, by as many steps as they come to in its own phases' proportion; the
    /// base's steps where `None`.
    pub seconds: Option<f64>,
    /// The data set's folder; the sample data where `None`.
    pub data: Option<PathBuf>,
    /// The split that is scored.
    pub split: String,
    /// The table's figures; mean IoU with all sensors where there is none.
    pub figures: Vec<Figure>,
    /// The row that others are compared with, by its name.
    pub reference: Option<String>,
    /// The rows.
    pub rows: Vec<DraftRow>,
}

/// A row of a [`Draft`].
#[derive(Clone, Debug, PartialEq)]
pub struct DraftRow {
    /// What it is called.
    pub name: String,
    /// Its settings, by key.
    pub set: Vec<(&'static str, Value)>,
    /// What it is scored with; on the data as they are where `None`.
    pub what_if: Option<WhatIf>,
}

impl Draft {
    /// The text of its file, for [`Study::from_text`](super::Study::from_text): the base is written as a preset and
    /// what differs from it, so that the file stands alone.
    pub fn to_toml(&self) -> String {
        let Self { title, note, base, seeds, seconds, data, split, figures, reference, rows } = self;
        let (name, differences) = nearest_preset(base, seconds.is_none());
        let seeds: Vec<String> = seeds.iter().map(ToString::to_string).collect();
        let mut text = format!("version = 1\ntitle = {}\n", quoted(title));
        let mut line = |key: &str, value: String| {
            // Writing to a string does not fail.
            let _written = writeln!(text, "{key} = {value}");
        };
        if !note.is_empty() {
            line("note", quoted(note));
        }
        line("base", quoted(name));
        line("seeds", format!("[{}]", seeds.join(", ")));
        // A length in epochs stands among the settings.
        match seconds {
            Some(seconds) => line("seconds", seconds.to_string()),
            None if base.get(training::STEPS) > 0 => line("steps", base.get(training::STEPS).to_string()),
            None => {}
        }
        if let Some(data) = data {
            line("data", quoted(&data.to_string_lossy()));
        }
        line("split", quoted(split));
        if let Some(reference) = reference {
            line("reference", quoted(reference));
        }
        if !figures.is_empty() {
            let figures: Vec<String> = figures.iter().map(Figure::to_toml).collect();
            line("figures", format!("[{}]", figures.join(", ")));
        }
        if !differences.is_empty() {
            text.push_str("\n[set]\n");
            for difference in &differences {
                let _written = writeln!(text, "{} = {}", difference.key, toml_from_value(&difference.ours));
            }
        }
        for row in rows {
            let _written = writeln!(text, "\n[[rows]]\nname = {}", quoted(&row.name));
            if !row.set.is_empty() {
                let set: Vec<String> =
                    row.set.iter().map(|(key, value)| format!("{key} = {}", toml_from_value(value))).collect();
                let _written = writeln!(text, "set = {{ {} }}", set.join(", "));
            }
            // Plain data of this shape always has a value.
            if let Some(Ok(what_if)) = row.what_if.as_ref().map(Toml::try_from) {
                let _written = writeln!(text, "evaluate = {{ what_if = {what_if} }}");
            }
        }
        text
    }
}

fn quoted(text: &str) -> String {
    Toml::String(text.to_owned()).to_string()
}

/// The preset that a recipe differs from least, and in what, but for the seed, which a study sets itself, as it does the
/// steps where `sets_steps`.
fn nearest_preset(recipe: &Recipe, sets_steps: bool) -> (&'static str, Vec<Difference>) {
    let mut recipe = recipe.clone();
    // Paths from the root stay; what this changes is checked where the text is read.
    let _checked_later = name_files_from_the_root(&mut recipe);
    let to = |name: &'static str| {
        // A preset that does not read is refused by a test.
        let mut differences = recipe.differences(&preset(name).unwrap_or_else(|_broken| Recipe::defaults(name)));
        let is_elsewhere = |key: &str| {
            let is_steps = sets_steps && key == training::STEPS.id() && recipe.get(training::STEPS) > 0;
            key == training::SEED.id() || is_steps
        };
        differences.retain(|other| !is_elsewhere(other.key));
        (name, differences)
    };
    let all = presets().iter().map(|preset| to(preset.name));
    // Of equally near ones the recipe's own.
    all.min_by_key(|(name, differences)| (differences.len(), *name != recipe.name)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::recipe::catalogue::{exchange, sensors};
    use crate::study::{Metric, Over, Study};

    #[test]
    fn a_draft_is_read_back_as_the_study_that_was_meant() {
        let mut base = preset("ogp-net-demo").unwrap();
        base.set_text("training.steps", "40").unwrap();
        base.set_text("training.seed", "99").unwrap();
        base.set_text("sensors.use", "colour,thermal").unwrap();
        base.set_text("decoder.rates", "3,6").unwrap();
        base.set_text("data.flip", "0.25").unwrap();
        let switched = |name: &str, on| DraftRow {
            name: name.to_owned(),
            set: vec![(exchange::channel::ENABLED.id(), Value::Switch(on))],
            what_if: None,
        };
        let figures = vec![
            Figure::new(Metric::Miou, Over::All, ""),
            Figure::new(Metric::Iou("person".to_owned()), Over::These(vec!["thermal".to_owned()]), "night"),
            Figure::new(Metric::MeanF1, Over::Subsets, ""),
        ];
        let draft = Draft {
            title: "Is \"exchange\" worth it?".to_owned(),
            note: "A line,\nand another".to_owned(),
            base: base.clone(),
            seeds: vec![1, 2, 5],
            seconds: None,
            data: Some("/data/night street".into()),
            split: "val".to_owned(),
            figures: figures.clone(),
            reference: Some("without".to_owned()),
            rows: vec![switched("with", true), switched("without", false)],
        };
        let text = draft.to_toml();
        let study = Study::from_text(&text, Path::new("/studies/mine.toml")).unwrap();
        assert!(text.contains("base = \"ogp-net-demo\"") && !text.contains("seed ="), "{text}");
        assert_eq!((&study.title, &study.note, &study.split), (&draft.title, &draft.note, &draft.split));
        assert_eq!((&study.seeds, &study.data, &study.figures), (&draft.seeds, &draft.data, &figures));
        assert_eq!(study.rows.iter().map(|row| row.against).collect::<Vec<_>>(), [Some(1), None]);
        let differences = study.rows[1].from_seed(99).differences(&base);
        assert_eq!(differences.iter().map(|other| other.key).collect::<Vec<_>>(), ["exchange.channel.enabled"]);
        assert_eq!(study.rows[0].recipe.get(sensors::USE), ["colour", "thermal"]);

        let timed = Draft { seconds: Some(90.5), ..draft };
        let study = Study::from_text(&timed.to_toml(), Path::new("/studies/mine.toml")).unwrap();
        assert!(study.rows.iter().all(|row| row.seconds == Some(90.5)));
        assert!(study.rows.iter().all(|row| row.recipe.get(training::STEPS) == 40), "the proportion of the phases");
    }

    #[test]
    fn a_row_that_is_scored_with_a_what_if_is_read_back_with_all_of_it() {
        let text = "settings = { \"exchange.channel.enabled\" = false }\n[sensors.colour]\ndegraded = { fog = 0.6 }\n\
                    brush = [{ touch = \"black\", radius = 0.1, points = [[0.5, 0.25]] }]\n\
                    scene = { split = \"test\", id = \"7 \\\"a\\\"\" }\n";
        let what_if = WhatIf::from_toml(text).unwrap();
        let row = |name: &str, what_if| DraftRow { name: name.to_owned(), set: Vec::new(), what_if };
        let draft = Draft {
            title: "Fog".to_owned(),
            note: String::new(),
            base: preset("ogp-net-demo").unwrap(),
            seeds: vec![1],
            seconds: None,
            data: None,
            split: "test".to_owned(),
            figures: Vec::new(),
            reference: None,
            rows: vec![row("as it is", None), row("fog", Some(what_if.clone()))],
        };
        let text = draft.to_toml();
        let study = Study::from_text(&text, Path::new("/studies/fog.toml")).unwrap();
        assert_eq!(study.rows[1].what_if.as_ref(), Some(&what_if), "{text}");
        assert_eq!(study.rows[1].of, Some(0), "it is scored on the runs of the row beside it");
    }

    #[test]
    fn a_recipe_is_written_as_its_own_preset_where_it_is_one() {
        for shipped in presets() {
            let (_, differences) = nearest_preset(&preset(shipped.name).unwrap(), true);
            assert!(differences.is_empty(), "{}: {differences:?}", shipped.name);
        }
        assert_eq!(nearest_preset(&preset("smmcl-demo").unwrap(), true).0, "smmcl-demo");
    }
}
