//! Everything a user can switch, once: the recipe pane, `--set`, validation and the reference are made from this table.

mod adaptation;
mod amdanet;
mod data;
mod evaluation;
mod language;
mod mff;
mod network;
mod objective;
mod smmcl;
mod training;

use std::sync::LazyLock;

use super::value::Value;

/// When a changed setting takes effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// Between two steps of a running training.
    Live,
    /// With a new run only.
    Structural,
}

/// One word out of a setting's list of choices.
#[derive(Clone, Copy, Debug)]
pub struct Option_ {
    /// As written in a recipe.
    pub id: &'static str,
    /// What choosing it means, in one sentence.
    pub summary: &'static str,
}

/// What values a setting takes, and its default.
#[derive(Clone, Copy, Debug)]
pub enum Kind {
    /// On or off.
    Switch(bool),
    /// A whole number within `min..=max`.
    Integer {
        /// The default.
        default: i64,
        /// The smallest allowed.
        min: i64,
        /// The largest allowed.
        max: i64,
    },
    /// A finite real number within `min..=max`.
    Number {
        /// The default.
        default: f64,
        /// The smallest allowed.
        min: f64,
        /// The largest allowed.
        max: f64,
    },
    /// One of a few words.
    Choice {
        /// The default's id.
        default: &'static str,
        /// All of them.
        options: &'static [Option_],
    },
    /// Free text: a name or a path; empty means none.
    Text(&'static str),
    /// Whole numbers within `min..=max`, none twice.
    Integers {
        /// The default.
        default: &'static [i64],
        /// The smallest allowed.
        min: i64,
        /// The largest allowed.
        max: i64,
    },
    /// Names; empty means "choose for me".
    Texts(&'static [&'static str]),
}

impl Kind {
    /// The default as a value.
    pub fn default_value(&self) -> Value {
        match *self {
            Self::Switch(on) => Value::Switch(on),
            Self::Integer { default, .. } => Value::Integer(default),
            Self::Number { default, .. } => Value::Number(default),
            Self::Choice { default, .. } | Self::Text(default) => Value::Text(default.to_owned()),
            Self::Integers { default, .. } => Value::Integers(default.to_vec()),
            Self::Texts(default) => Value::Texts(default.iter().map(|&word| word.to_owned()).collect()),
        }
    }
}

/// One switch or field.
#[derive(Clone, Copy, Debug)]
pub struct Setting {
    /// The key in a recipe, for example `exchange.channel.threshold`.
    pub key: &'static str,
    /// A short label, sentence case.
    pub title: &'static str,
    /// What it does, in one sentence.
    pub summary: &'static str,
    /// Its values.
    pub kind: Kind,
    /// When a change takes effect.
    pub change: Change,
}

/// One reading of a component where the paper and the code behind it differ: values for some of its settings.
///
/// Which variant holds is never stored. It follows from the settings; where they match none it is [`CUSTOM`].
#[derive(Clone, Copy, Debug)]
pub struct Variant {
    /// `paper` or `code`.
    pub id: &'static str,
    /// Whose code, and what it does otherwise, in one sentence.
    pub summary: &'static str,
    /// Keys with values as `--set` takes them; all variants of a component set the same keys.
    pub values: &'static [(&'static str, &'static str)],
}

/// What settings are called that match none of a component's variants.
pub const CUSTOM: &str = "custom";

/// One entry of the catalogue: a part of a method that can be switched, weighted or replaced.
#[derive(Clone, Copy, Debug)]
pub struct Component {
    /// A dotted id, the common prefix of its settings.
    pub id: &'static str,
    /// A short title, sentence case.
    pub title: &'static str,
    /// Group in the recipe pane.
    pub group: &'static str,
    /// Where it is from: paper and equation or section. Empty for plain machinery.
    pub source: &'static str,
    /// The formula in plain Unicode; may be empty.
    pub formula: &'static str,
    /// What it does, in one sentence.
    pub summary: &'static str,
    /// What to look at when it is on.
    pub watch: &'static str,
    /// The loss term or metric whose curve belongs to it; may be empty.
    pub curve: &'static str,
    /// The maps that it can show of a scene while it is on, by name; one that ends in `.*` stands for all that begin so.
    pub probes: &'static [&'static str],
    /// How the paper and the code behind it read; empty where they agree.
    pub variants: &'static [Variant],
    /// Its settings; a switch comes first where it has one.
    pub settings: &'static [Setting],
}

impl Component {
    /// Whether it shows a map of this name.
    pub fn offers(&self, probe: &str) -> bool {
        self.probes.iter().any(|known| match known.strip_suffix('*') {
            Some(beginning) => probe.starts_with(beginning),
            None => *known == probe,
        })
    }
}

const fn setting_of(
    key: &'static str,
    title: &'static str,
    change: Change,
    kind: Kind,
    summary: &'static str,
) -> Setting {
    Setting { key, title, summary, kind, change }
}

const fn variant(id: &'static str, summary: &'static str, values: &'static [(&'static str, &'static str)]) -> Variant {
    Variant { id, summary, values }
}

const fn option(id: &'static str, summary: &'static str) -> Option_ {
    Option_ { id, summary }
}

const fn number(default: f64, min: f64, max: f64) -> Kind {
    Kind::Number { default, min, max }
}

const fn integer(default: i64, min: i64, max: i64) -> Kind {
    Kind::Integer { default, min, max }
}

const fn choice(default: &'static str, options: &'static [Option_]) -> Kind {
    Kind::Choice { default, options }
}

/// Every component, in the order in which the recipe pane lists them.
pub fn catalogue() -> &'static [Component] {
    &CATALOGUE
}

/// The setting with this key.
pub fn setting(key: &str) -> Option<&'static Setting> {
    CATALOGUE.iter().flat_map(|component| component.settings).find(|setting| setting.key == key)
}

/// The component with this id.
pub fn component(id: &str) -> Option<&'static Component> {
    CATALOGUE.iter().find(|component| component.id == id)
}

/// The component that a setting belongs to.
pub fn component_of(key: &str) -> Option<&'static Component> {
    CATALOGUE.iter().find(|component| component.settings.iter().any(|setting| setting.key == key))
}

static CATALOGUE: LazyLock<Vec<Component>> = LazyLock::new(|| {
    let all: [&[Component]; _] = [
        data::COMPONENTS,
        network::COMPONENTS,
        mff::COMPONENTS,
        amdanet::COMPONENTS,
        objective::COMPONENTS,
        language::COMPONENTS,
        amdanet::OBJECTIVE,
        adaptation::COMPONENTS,
        smmcl::COMPONENTS,
        training::COMPONENTS,
        evaluation::COMPONENTS,
    ];
    let all = all.concat();
    // A method's file may have entries of several groups: each joins the others of its group.
    let place = |component: &Component| all.iter().position(|other| other.group == component.group);
    let mut grouped = all.clone();
    grouped.sort_by_key(place);
    grouped
});

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_key_stands_once_and_begins_with_its_component() {
        let mut seen = BTreeSet::new();
        for component in catalogue() {
            for setting in component.settings {
                assert!(seen.insert(setting.key), "{} stands twice", setting.key);
                assert!(setting.key.starts_with(component.id), "{} is not under {}", setting.key, component.id);
            }
        }
    }

    #[test]
    fn a_group_s_components_stand_together() {
        let mut groups: Vec<_> = catalogue().iter().map(|component| component.group).collect();
        groups.dedup();
        let different: BTreeSet<_> = groups.iter().collect();
        assert_eq!(different.len(), groups.len(), "{groups:?}");
    }

    #[test]
    fn the_variants_of_a_component_set_the_same_of_its_keys_and_differ() {
        let mut found = 0;
        for component in catalogue() {
            let ids: Vec<_> = component.variants.iter().map(|variant| variant.id).collect();
            assert!(["paper", "code"].starts_with(&ids), "{}: {ids:?}", component.id);
            for (place, variant) in component.variants.iter().enumerate() {
                let keys = |variant: &Variant| variant.values.iter().map(|&(key, _)| key).collect::<Vec<_>>();
                assert_eq!(keys(variant), keys(&component.variants[0]), "{}", component.id);
                assert!(!variant.values.is_empty() && !variant.summary.is_empty(), "{}", component.id);
                for key in keys(variant) {
                    assert_eq!(component_of(key).map(|owner| owner.id), Some(component.id), "{key}");
                }
                let others = &component.variants[..place];
                assert!(others.iter().all(|other| other.values != variant.values), "{} twice", component.id);
                found += 1;
            }
        }
        assert!(found >= 12, "only {found} variants");
    }

    #[test]
    fn every_default_choice_is_among_its_options() {
        for setting in catalogue().iter().flat_map(|component| component.settings) {
            if let Kind::Choice { default, options } = setting.kind {
                assert!(options.iter().any(|option| option.id == default), "{}: {default}", setting.key);
            }
        }
    }
}
