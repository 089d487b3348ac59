//! One entry of the catalogue.

use super::error::RecipeError;
use super::setting::{Kind, Setting};
use super::settings::Settings;
use super::value::Value;

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

/// A setting that is on and yet does nothing: its key, and the reason.
pub type Remark = (&'static str, &'static str);

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
    /// The maps that it can show of a scene while it is on, by name; one that ends in `.*` stands for all that begin
    /// so.
    pub probes: &'static [&'static str],
    /// How the paper and the code behind it read; empty where they agree.
    pub variants: &'static [Variant],
    /// Its settings; a switch comes first where it has one.
    pub settings: &'static [Setting],
    /// Refuses combinations of its settings with any others that no run could satisfy.
    pub(super) check: fn(&Settings) -> Result<(), RecipeError>,
    /// What of it is on and yet does nothing.
    pub(super) remark: fn(&Settings) -> Option<Remark>,
    /// Whether there is what it works for, whatever its own switch says.
    pub(super) serves: fn(&Settings) -> bool,
}

impl Component {
    /// A component of which nothing is said; entries name only what they have.
    pub(super) const BLANK: Self = Self {
        id: "",
        title: "",
        group: "",
        source: "",
        formula: "",
        summary: "",
        watch: "",
        curve: "",
        probes: &[],
        variants: &[],
        settings: &[],
        check: |_| Ok(()),
        remark: |_| None,
        serves: |_| true,
    };

    /// Whether it shows a map of this name.
    pub fn offers(&self, probe: &str) -> bool {
        self.probes.iter().any(|known| match known.strip_suffix('*') {
            Some(beginning) => probe.starts_with(beginning),
            None => *known == probe,
        })
    }

    /// Its switch, where it has one.
    pub fn switch(&self) -> Option<&'static Setting> {
        let is_switch =
            |setting: &&Setting| setting.key.ends_with(".enabled") && matches!(setting.kind, Kind::Switch(_));
        self.settings.iter().find(is_switch)
    }

    /// Whether it is on, and what it works for is there.
    pub(super) fn is_in_use(&self, settings: &Settings) -> bool {
        let is_on = |switch: &Setting| settings.0.get(switch.key) == Some(&Value::Switch(true));
        self.switch().is_none_or(is_on) && (self.serves)(settings)
    }
}

/// A variant, in the order of its fields.
pub(super) const fn variant(
    id: &'static str,
    summary: &'static str,
    values: &'static [(&'static str, &'static str)],
) -> Variant {
    Variant { id, summary, values }
}

/// Makes the settings of a component: a [`Key`](super::Key) each, and `SETTINGS`, which lists them all in this order.
macro_rules! settings {
    ($($name:ident: $type:ty = $key:literal, $title:literal, $change:ident, $allowed:expr, $summary:literal;)+) => {
        $(
            #[doc = concat!("`", $key, "`: ", $summary)]
            pub const $name: $crate::recipe::key::Key<$type> = $crate::recipe::key::Key::new(
                $key,
                $title,
                $crate::recipe::setting::Change::$change,
                $allowed,
                $summary,
            );
        )+

        const SETTINGS: &[$crate::recipe::setting::Setting] = &[$($name.setting()),+];
    };
}

pub(super) use settings;
