//! What the demonstration presets report, and what each of their figures measures.

use std::collections::BTreeMap;

use super::combination_tests::{data, shrunk, trainer};
use crate::protocol::Quantity;
use crate::recipe::{preset, presets};

/// Every figure of each preset, by what it measures; `gradient_norm` and `total` are in all.
const REPORTED: &[(&str, &[(Quantity, &str)])] = &[];

#[test]
fn every_figure_of_a_demo_preset_says_what_it_measures() {
    let (_folder, dataset) = data();
    let demos = presets().iter().filter(|shipped| shipped.name.ends_with("-demo"));
    for shipped in demos {
        let mut trainer = trainer(&shrunk(preset(shipped.name).unwrap()), &dataset).unwrap();
        let mut found: BTreeMap<Quantity, Vec<String>> = BTreeMap::new();
        while !trainer.is_done() {
            for figure in trainer.step().unwrap().terms {
                let (low, high) = figure.quantity.range();
                assert!((low..=high).contains(&figure.value), "{}: {figure:?}", shipped.name);
                let names = found.entry(figure.quantity).or_default();
                if !names.contains(&figure.name) {
                    names.push(figure.name);
                }
            }
        }
        let expected = REPORTED.iter().find(|(name, _)| *name == shipped.name).map(|(_, figures)| *figures);
        let expected = expected
            .unwrap_or_default()
            .iter()
            .map(|&(quantity, names)| (quantity, names.split(' ').map(str::to_owned).collect()));
        let all: BTreeMap<Quantity, Vec<String>> = expected.collect();
        eprintln!("{} {:?}", shipped.name, found);
        assert_eq!(found, all, "{}", shipped.name);
    }
}
