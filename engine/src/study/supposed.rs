//! What-ifs as rows of a study: trained so, as far as a recipe can say it, else scored so.

use std::path::Path;

use serde::Deserialize as _;

use super::draft::DraftRow;
use super::written::WrittenEvaluate;
use crate::protocol::{Degraded, EvaluationReport, SensorChange, WhatIf, WhatIfReport};
use crate::recipe::catalogue::sensors;
use crate::recipe::{Recipe, Value, setting};

/// The row of a what-if. One that changes no image is trained as the what-if only asks: its switches as they are, absent
/// sensors left out of `sensors.use`, which `used` holds. Changed images no recipe can say: such a row is trained as its
/// base and scored with the whole what-if. A sentence where nothing is supposed.
pub fn row_of(what_if: &WhatIf, used: &[String]) -> Result<DraftRow, &'static str> {
    if what_if.is_empty() {
        return Err("nothing is supposed");
    }
    let name = what_if.title();
    if what_if.sensors.values().any(SensorChange::has_picture) {
        return Ok(DraftRow { name, set: Vec::new(), what_if: Some(what_if.clone()) });
    }
    let known = |(key, value): (&String, &Value)| Some((setting(key)?.key, value.clone()));
    let mut set: Vec<_> = what_if.settings.iter().filter_map(known).collect();
    let left: Vec<String> = used.iter().filter(|name| !what_if.is_absent(name)).cloned().collect();
    if left.len() < used.len() {
        set.push((sensors::USE.id(), Value::Texts(left)));
    }
    Ok(DraftRow { name, set, what_if: None })
}

/// What a row is scored with; files lie beside the study. A sentence where there is nothing, or it does not read.
pub(super) fn supposed(written: &WrittenEvaluate, study: &Path) -> Result<WhatIf, String> {
    let WrittenEvaluate { what_if, degrade } = written;
    let mut what_if = match what_if {
        None => WhatIf::default(),
        Some(toml::Value::String(file)) => WhatIf::read(&study.parent().unwrap_or(Path::new("")).join(file))?,
        Some(here @ toml::Value::Table(_)) => {
            WhatIf::deserialize(here.clone()).map_err(|error| format!("`what_if`: {}", error.message()))?
        }
        Some(other) => return Err(format!("`what_if`: expected a file's name or a table, found {}", other.type_str())),
    };
    for text in degrade {
        let Degraded { sensor, kind, severity } =
            text.parse().map_err(|why: String| format!("`degrade`: `{text}`: {why}"))?;
        let change = what_if.sensors.entry(sensor.clone()).or_default();
        if change.degraded.insert(kind, severity).is_some() {
            return Err(format!("`degrade`: {} of {sensor} stands there twice", kind.word()));
        }
    }
    if what_if.is_empty() {
        return Err("it supposes nothing: expected `what_if` or `degrade`".to_owned());
    }
    Ok(what_if)
}

/// Why a network with this recipe cannot be asked so, as far as that is known before there is one, or data.
pub(super) fn impossible(what_if: &WhatIf, recipe: &Recipe) -> Option<String> {
    let used = recipe.get(sensors::USE);
    for (sensor, change) in &what_if.sensors {
        if !used.is_empty() && !used.contains(sensor) {
            return Some(format!("the row has no sensor `{sensor}`; there are {}", used.join(", ")));
        }
        if let Some((kind, severity)) = change.degraded.iter().find(|(_, severity)| !(0.0..=1.0).contains(*severity)) {
            return Some(format!("{} of {sensor}: expected a severity from 0 to 1, found {severity}", kind.word()));
        }
    }
    let mut asked = recipe.clone();
    for (key, value) in &what_if.settings {
        if let Err(error) = asked.set(key, value.clone()) {
            return Some(error.to_string());
        }
    }
    asked.check().err().map(|error| error.to_string())
}

/// What a split came to with a what-if, read as a study's figures are: of all sensors that are left, and by tags.
pub(super) fn with_it(report: WhatIfReport) -> EvaluationReport {
    let degraded = |(sensor, change): (&String, &SensorChange)| -> Vec<Degraded> {
        let kinds = change.degraded.iter();
        kinds.map(|(kind, severity)| Degraded { sensor: sensor.clone(), kind: *kind, severity: *severity }).collect()
    };
    EvaluationReport {
        degraded: report.what_if.sensors.iter().flat_map(degraded).collect(),
        dataset: report.dataset,
        split: report.split,
        step: report.step,
        convention: report.convention,
        missing: report.missing,
        classes: report.classes,
        subsets: report.scores.into_iter().map(|[_without, with]| with).collect(),
        changed: report.changed,
        warnings: report.warnings,
        ..EvaluationReport::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::{Degradation, SubsetScores};
    use crate::study::{Study, StudyError};

    const HEAD: &str = "title = 'Fog'\nbase = 'ogp-net-demo'\nseeds = 2\nreference = 'full'\n[[rows]]\nname = 'full'\n";

    fn study(row: &str) -> Result<Study, StudyError> {
        Study::from_text(&format!("{HEAD}[[rows]]\nname = 'fog'\n{row}"), Path::new("/studies/fog.toml"))
    }

    #[test]
    fn switches_and_absent_sensors_are_trained_so_and_changed_images_are_scored_so() {
        let used = ["colour", "thermal"].map(str::to_owned);
        let key = "exchange.channel.enabled";
        let mut what_if = WhatIf::without(&["thermal"]);
        what_if.settings.insert(key.to_owned(), Value::Switch(false));
        let row = row_of(&what_if, &used).unwrap();
        let left = Value::Texts(vec!["colour".to_owned()]);
        assert_eq!(row.set, [(key, Value::Switch(false)), ("sensors.use", left)]);
        assert_eq!(row.what_if, None);
        what_if.change("colour", SensorChange { shift: [1, 0], ..SensorChange::default() });
        let row = row_of(&what_if, &used).unwrap();
        assert_eq!((row.set.len(), row.what_if.as_ref()), (0, Some(&what_if)), "all of it, where images are changed");
        assert!(row_of(&WhatIf::default(), &used).is_err());
    }

    #[test]
    fn a_row_is_scored_with_a_file_what_stands_there_or_degradations_on_the_runs_of_its_like() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("night.toml");
        std::fs::write(&file, "[sensors.thermal]\nshift = [4, 0]\n").unwrap();
        let text = format!(
            "{HEAD}[[rows]]\nname = 'slipped'\nevaluate.what_if = 'night.toml'\n\
             [[rows]]\nname = 'fog'\nevaluate.degrade = ['colour=fog:0.6']\n\
             [[rows]]\nname = 'here'\nset = {{ data.flip = 0.0 }}\n\
             evaluate.what_if = {{ sensors = {{ colour = {{ absent = 'zeros', degraded = {{ noise = 0.5 }} }} }} }}\n"
        );
        let study = Study::from_text(&text, &folder.path().join("s.toml")).unwrap();
        let [full, slipped, fog, here] = study.rows.as_slice() else { panic!("{study:?}") };
        assert_eq!((full.what_if.as_ref(), full.of), (None, None));
        assert_eq!(slipped.what_if.as_ref().unwrap().words(), ["thermal moved by 4, 0 px"]);
        assert_eq!(fog.what_if.as_ref().unwrap().words(), ["fog 0.60 on colour"]);
        assert_eq!(here.what_if.as_ref().unwrap().words(), ["noise 0.50 on colour", "colour: zeros"]);
        assert_eq!([slipped.of, fog.of, here.of], [Some(0), Some(0), None], "nothing is trained twice");
        let job = crate::study::Job { row: 2, seed: 2 };
        assert_eq!(study.needs(job), [crate::study::Job { row: 0, seed: 2 }]);
        assert!(study.place(Path::new("out"), job).ends_with("full/seed-2"));
    }

    #[test]
    fn what_cannot_be_supposed_is_refused_before_anything_is_trained() {
        for (row, wanted) in [
            ("evaluate = {}\n", "supposes nothing"),
            ("evaluate.degrade = ['colour=smoke:0.6']\n", "smoke"),
            ("evaluate.degrade = ['colour=fog:1.6']\n", "from 0 to 1"),
            ("evaluate.degrade = ['colour=fog:0.6', 'colour=fog:0.7']\n", "twice"),
            ("evaluate.what_if = 'nowhere.toml'\n", "nowhere.toml"),
            ("evaluate.what_if = { sensors = { colour = { absnet = 'zeros' } } }\n", "absnet"),
            ("evaluate.what_if = 3\n", "found integer"),
            ("evaluate.what_fi = 'a'\n", "what_fi"),
            (
                "base = 'baseline-demo'\nset = { sensors.use = ['thermal', 'depth'] }\nevaluate.degrade = ['colour=fog:0.6']\n",
                "no sensor `colour`",
            ),
            ("evaluate.what_if = { settings = { \"exchange.chanel\" = false } }\n", "exchange.chanel"),
            ("evaluate.what_if = { sensors = { colour = { degraded = { fog = 2.0 } } } }\n", "from 0 to 1"),
            ("shown = false\nevaluate.degrade = ['colour=fog:0.6']\n", "not shown"),
        ] {
            let refused = study(row).unwrap_err().to_string();
            assert!(refused.contains(wanted) && refused.contains("fog"), "{row}: {refused}");
        }
    }

    #[test]
    fn a_report_is_read_with_the_what_if_and_says_what_was_worse() {
        let scores =
            |miou| SubsetScores { sensors: vec!["colour".to_owned()], miou: Some(miou), ..SubsetScores::default() };
        let mut what_if = WhatIf::default();
        what_if.sensors.entry("colour".to_owned()).or_default().degraded.insert(Degradation::Fog, 0.6);
        let report =
            WhatIfReport { what_if, scores: vec![[scores(0.6), scores(0.4)]], step: 9, ..WhatIfReport::default() };
        let read = with_it(report);
        assert_eq!((read.subsets[0].miou, read.step), (Some(0.4), 9));
        assert_eq!(Degraded::words(&read.degraded), "colour=fog:0.6");
    }
}
