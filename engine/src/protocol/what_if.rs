//! What if a sensor saw something else, or a part of the network were off: changes for one look at a scene, or at a
//! split, which change nothing else.

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::words::value_words;
use crate::files::{read_at_most, toml_error};
use crate::recipe::catalogue::data::degradation::Degradation;
use crate::recipe::catalogue::evaluation::{self, Missing};
use crate::recipe::{Recipe, Value, component_of, setting};

/// The longest file that is read.
const MAX_BYTES: u64 = 1 << 20;

/// What is supposed, sensor by sensor and of the method; nothing at all by default.
///
/// A sensor's image is changed as it was decoded, in its unit and before normalisation, in this order: another scene's
/// image takes its place, it is shifted, it becomes worse, it is painted on. A sensor that is absent is replaced after that. Settings are
/// those that act on a network which is only asked (`Model::switches`).
///
/// ```toml
/// name = "thermal of another scene, no exchange"
/// settings = { "exchange.channel.enabled" = false }
///
/// [sensors.thermal]
/// scene = { split = "test", id = "0007N" }
/// shift = [4, 0]
/// brush = [{ touch = "black", radius = 0.08, points = [[0.5, 0.5], [0.6, 0.5]] }]
///
/// [sensors.colour]
/// degraded = { fog = 0.6 }
///
/// [sensors.depth]
/// absent = "zeros"
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct WhatIf {
    /// What people call it; may be empty, and changes nothing.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// The method's settings, by key.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub settings: BTreeMap<String, Value>,
    /// What is changed of sensors, by name.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub sensors: BTreeMap<String, SensorChange>,
}

/// What is changed of one sensor.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SensorChange {
    /// The sensor is absent, and what stands in for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub absent: Option<Absence>,
    /// It saw another scene.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scene: Option<OtherScene>,
    /// By how many pixels of the scene its image is moved to the right and down.
    #[serde(skip_serializing_if = "is_still")]
    pub shift: [i32; 2],
    /// How it is worse, with a severity from 0 to 1 each; in the order of the kinds.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub degraded: BTreeMap<Degradation, f32>,
    /// Where it is painted on, the last stroke on top.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub brush: Vec<Stroke>,
}

/// What stands in for a sensor that is absent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Absence {
    /// What the recipe says (`evaluation.missing`).
    #[default]
    Recipe,
    /// Nothing: the branch is not run.
    Drop,
    /// Zeros after normalisation.
    Zeros,
    /// A black image before normalisation.
    Black,
    /// The training split's mean image.
    Mean,
    /// The first present sensor's image.
    Copy,
}

/// A scene of the open data set.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OtherScene {
    /// The split's name.
    pub split: String,
    /// The scene's id.
    pub id: String,
}

/// One stroke of a brush: all within `radius` of the line through the points.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stroke {
    /// What it does.
    pub touch: Touch,
    /// Half the brush's width, as a share of the picture's width.
    pub radius: f32,
    /// Places across and down, 0 to 1.
    pub points: Vec<[f32; 2]>,
}

/// What a brush does to the pixels that it touches.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Touch {
    /// Blacks them out: nothing was measured there, or as little as can be.
    #[default]
    Black,
    /// Gives them back what the sensor saw in truth, whatever else was changed.
    Restore,
}

impl WhatIf {
    /// Exactly these sensors are absent, as the recipe says.
    pub fn without<S: AsRef<str>>(sensors: &[S]) -> Self {
        let absent = || SensorChange { absent: Some(Absence::Recipe), ..SensorChange::default() };
        let sensors = sensors.iter().map(|name| (name.as_ref().to_owned(), absent())).collect();
        Self { sensors, ..Self::default() }
    }

    /// Whether it supposes nothing.
    pub fn is_empty(&self) -> bool {
        self.settings.is_empty() && self.sensors.values().all(SensorChange::is_none)
    }

    /// Whether it supposes more than that sensors are absent.
    pub fn is_more_than_absence(&self) -> bool {
        !self.settings.is_empty() || self.sensors.values().any(SensorChange::has_picture)
    }

    /// Whether this sensor is absent.
    pub fn is_absent(&self, sensor: &str) -> bool {
        self.sensors.get(sensor).is_some_and(|change| change.absent.is_some())
    }

    /// Names of the sensors that are absent.
    pub fn dropped(&self) -> Vec<String> {
        let absent = self.sensors.iter().filter(|(_, change)| change.absent.is_some());
        absent.map(|(name, _)| name.clone()).collect()
    }

    /// What stands in for this sensor of a network with this recipe; `None` where it is present.
    pub fn stand_in(&self, sensor: &str, recipe: &Recipe) -> Option<Missing> {
        Some(match self.sensors.get(sensor)?.absent? {
            Absence::Recipe => recipe.get(evaluation::MISSING),
            Absence::Drop => Missing::Drop,
            Absence::Zeros => Missing::Zeros,
            Absence::Black => Missing::Black,
            Absence::Mean => Missing::Mean,
            Absence::Copy => Missing::Copy,
        })
    }

    /// Changes a sensor; what is no change leaves no entry.
    pub fn change(&mut self, sensor: &str, change: SensorChange) {
        if change.is_none() {
            self.sensors.remove(sensor);
        } else {
            self.sensors.insert(sensor.to_owned(), change);
        }
    }

    /// The same without a name.
    pub fn unnamed(&self) -> Self {
        Self { name: String::new(), ..self.clone() }
    }

    /// Whether another one supposes the same, whatever either is called.
    pub fn is_like(&self, other: &Self) -> bool {
        (&self.settings, &self.sensors) == (&other.settings, &other.sensors)
    }

    /// The text of its file.
    pub fn to_toml(&self) -> String {
        // Plain data of this shape always has a text.
        toml::to_string(self).unwrap_or_default()
    }

    /// Reads the text of its file; the error is a sentence with line and column.
    pub fn from_toml(text: &str) -> Result<Self, String> {
        let text = text.trim_start_matches('\u{feff}');
        toml::from_str(text).map_err(|error| toml_error::reason(text, &error))
    }

    /// Reads its file; the error is a sentence, the path last.
    pub fn read(path: &Path) -> Result<Self, String> {
        let bytes = read_at_most(path, MAX_BYTES)
            .map_err(|error| format!("could not read the what-if: {error}: {}", path.display()))?;
        let text = String::from_utf8(bytes).map_err(|error| error.to_string());
        let read = text.and_then(|text| Self::from_toml(&text));
        read.map_err(|why| format!("the what-if does not read: {why}: {}", path.display()))
    }

    /// What it supposes, in a few words each; none where that is nothing.
    pub fn words(&self) -> Vec<String> {
        let of_sensors = self.sensors.iter().flat_map(|(name, change)| change.words(name));
        let of_method = self.settings.iter().map(|(key, value)| setting_words(key, value));
        of_sensors.chain(of_method).collect()
    }

    /// What it is called, else what it supposes in one line.
    pub fn title(&self) -> String {
        if self.name.is_empty() { self.words().join(", ") } else { self.name.clone() }
    }
}

impl SensorChange {
    /// Whether nothing is changed.
    pub fn is_none(&self) -> bool {
        *self == Self::default()
    }

    /// Whether its picture is another one, beside being absent or not.
    pub fn has_picture(&self) -> bool {
        !Self { absent: None, ..self.clone() }.is_none()
    }

    fn words(&self, name: &str) -> Vec<String> {
        let Self { absent, scene, shift: [right, down], degraded, brush } = self;
        let mut words = Vec::new();
        if let Some(scene) = scene {
            words.push(format!("{name} of {}", scene.id));
        }
        if [*right, *down] != [0, 0] {
            words.push(format!("{name} moved by {right}, {down} px"));
        }
        words.extend(degraded.iter().map(|(kind, severity)| format!("{} {severity:.2} on {name}", kind.word())));
        if !brush.is_empty() {
            words.push(format!("{name} painted"));
        }
        match absent {
            None => {}
            Some(Absence::Recipe | Absence::Drop) => words.push(format!("no {name}")),
            Some(stand_in) => words.push(format!("{name}: {}", stand_in.word())),
        }
        words
    }
}

impl Absence {
    /// All of them.
    pub const ALL: [Self; 6] = [Self::Recipe, Self::Drop, Self::Zeros, Self::Black, Self::Mean, Self::Copy];

    /// As written in a file.
    pub fn word(self) -> &'static str {
        match self {
            Self::Recipe => "recipe",
            Self::Drop => Missing::Drop.word(),
            Self::Zeros => Missing::Zeros.word(),
            Self::Black => Missing::Black.word(),
            Self::Mean => Missing::Mean.word(),
            Self::Copy => Missing::Copy.word(),
        }
    }
}

/// "channel exchange off", "sci: threshold τ 0.2".
fn setting_words(key: &str, value: &Value) -> String {
    let component = component_of(key).map_or(key, |component| component.title).to_lowercase();
    let title = setting(key).map_or(key, |setting| setting.title).to_lowercase();
    match value {
        Value::Switch(_) if key.ends_with(".enabled") || key.ends_with(".active") => {
            format!("{component} {}", value_words(value))
        }
        _ => format!("{component}: {title} {}", value_words(value)),
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_still(shift: &[i32; 2]) -> bool {
    *shift == [0, 0]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_reads_as_it_was_written_and_a_misspelt_key_is_refused() {
        let text = r#"
            name = "night"
            settings = { "exchange.channel.enabled" = false }
            [sensors.thermal]
            scene = { split = "test", id = "7" }
            shift = [4, -1]
            brush = [{ touch = "restore", radius = 0.1, points = [[0.5, 0.25]] }]
            degraded = { noise = 0.25, thermal-drift = 1.0 }
            [sensors.colour]
            absent = "zeros"
        "#;
        let what_if = WhatIf::from_toml(text).unwrap();
        assert_eq!(what_if.dropped(), ["colour"]);
        let words = [
            "colour: zeros",
            "thermal of 7",
            "thermal moved by 4, -1 px",
            "noise 0.25 on thermal",
            "thermal-drift 1.00 on thermal",
            "thermal painted",
            "channel exchange off",
        ];
        assert_eq!(what_if.words(), words);
        assert_eq!(what_if.title(), "night");
        let written = what_if.to_toml();
        assert_eq!(WhatIf::from_toml(&written).as_ref(), Ok(&what_if), "{written}");
        let json = serde_json::to_string(&what_if).unwrap();
        assert_eq!(serde_json::from_str::<WhatIf>(&json).unwrap(), what_if, "{json}");
        let refused = WhatIf::from_toml("[sensors.colour]\nabsnet = \"zeros\"").unwrap_err();
        assert!(refused.contains("absnet"), "{refused}");
        let refused = WhatIf::from_toml("sensors.colour.degraded = { smoke = 0.5 }").unwrap_err();
        assert!(refused.contains("smoke") && refused.contains("fog"), "{refused}");
    }

    #[test]
    fn what_is_taken_back_leaves_nothing_behind() {
        let mut what_if = WhatIf::without(&["colour"]);
        assert!(!what_if.is_empty() && what_if.is_absent("colour") && !what_if.is_more_than_absence());
        what_if.change("colour", SensorChange { shift: [1, 0], ..SensorChange::default() });
        assert!(what_if.is_more_than_absence() && !what_if.is_absent("colour"));
        what_if.change("colour", SensorChange::default());
        assert!(what_if.is_empty() && what_if.sensors.is_empty());
    }

    #[test]
    fn an_absent_sensor_is_replaced_as_it_says_else_as_the_recipe_does() {
        let mut recipe = Recipe::defaults("a");
        recipe.set_text("evaluation.missing", "mean").unwrap();
        let mut what_if = WhatIf::without(&["colour"]);
        assert_eq!(what_if.stand_in("colour", &recipe), Some(Missing::Mean));
        assert_eq!(what_if.stand_in("thermal", &recipe), None);
        for absence in Absence::ALL.into_iter().skip(1) {
            what_if.change("colour", SensorChange { absent: Some(absence), ..SensorChange::default() });
            assert_eq!(what_if.stand_in("colour", &recipe).map(Missing::word), Some(absence.word()));
        }
    }
}
