//! Everything a user can switch, once: the recipe pane, `--set`, validation and the reference are made from this table.
//!
//! One file a component: its choices as enums, its settings as typed keys, its entry, and what it cannot combine with.
//! A setting's path here is its key in a recipe: `exchange.channel.threshold` is [`exchange::channel::THRESHOLD`].

pub mod adaptation;
pub mod coefficients;
pub mod data;
pub mod decoder;
pub mod encoder;
pub mod evaluation;
pub mod exchange;
pub mod fdam;
pub mod fusion;
pub mod fusion_image;
pub mod inference;
pub mod mff;
pub mod mfml;
pub mod objective;
pub mod sci;
pub mod sensors;
pub mod teacher;
pub mod training;

use super::component::Component;
use super::setting::Setting;

/// Every component, in the order in which the recipe pane lists them; those of a group stand together.
static CATALOGUE: &[Component] = &[
    sensors::COMPONENT,
    data::COMPONENT,
    data::pseudo_labels::COMPONENT,
    data::fake_night::COMPONENT,
    data::degrade::COMPONENT,
    data::drop::COMPONENT,
    encoder::COMPONENT,
    decoder::COMPONENT,
    fusion_image::COMPONENT,
    exchange::channel::COMPONENT,
    exchange::spatial::COMPONENT,
    sci::COMPONENT,
    fdam::local::COMPONENT,
    coefficients::COMPONENT,
    fusion::COMPONENT,
    inference::COMPONENT,
    mff::COMPONENT,
    mfml::COMPONENT,
    objective::segmentation::COMPONENT,
    objective::auxiliary::COMPONENT,
    objective::relation::COMPONENT,
    objective::feature::COMPONENT,
    objective::contrast::COMPONENT,
    objective::language::COMPONENT,
    objective::inter_modal::COMPONENT,
    objective::intra_modal::COMPONENT,
    objective::consistency::COMPONENT,
    objective::fusion_image::COMPONENT,
    objective::mutual::COMPONENT,
    objective::prototype::COMPONENT,
    objective::self_supervision::COMPONENT,
    objective::multimodal_contrast::COMPONENT,
    adaptation::COMPONENT,
    teacher::COMPONENT,
    training::COMPONENT,
    evaluation::COMPONENT,
];

/// Every component, in the order in which the recipe pane lists them.
pub fn catalogue() -> &'static [Component] {
    CATALOGUE
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

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::recipe::component::Variant;
    use crate::recipe::setting::Kind;

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
    fn a_choice_s_words_differ_and_its_default_is_among_them() {
        let mut found = 0;
        for setting in catalogue().iter().flat_map(|component| component.settings) {
            if let Kind::Choice { default, options } = setting.kind {
                let words: BTreeSet<_> = options.iter().map(|option| option.id).collect();
                assert!(words.len() == options.len() && words.contains(default), "{}: {words:?}", setting.key);
                assert!(options.iter().all(|option| !option.summary.is_empty()), "{}", setting.key);
                found += 1;
            }
        }
        assert!(found >= 38, "only {found} choices");
    }
}
