//! What the demonstration presets report, and what each of their figures measures.

use std::collections::BTreeMap;

use super::combination_tests::{data, shrunk, trainer};
use crate::protocol::Quantity;
use crate::recipe::{preset, presets};

/// What every loss is called, or begins with before a dot.
const LOSSES: [&str; 13] = [
    "total",
    "segmentation",
    "auxiliary",
    "relation",
    "feature",
    "contrast",
    "consistency",
    "fusion_image",
    "mutual",
    "prototype",
    "self_supervision",
    "intra_modal",
    "multimodal_contrast",
];

/// What is no loss: in every preset, and in some of them.
const OTHERS: [(&[&str], Quantity, &[&str]); 4] = [
    (&[], Quantity::Norm, &["gradient_norm"]),
    (
        &["ogp-net-demo", "ogp-net-few-labels-demo"],
        Quantity::Share,
        &[
            "exchange.channel.share",
            "exchange.channel.stage1.share",
            "exchange.channel.stage2.share",
            "exchange.channel.stage3.share",
            "exchange.channel.stage4.share",
            "exchange.channel.stage5.share",
        ],
    ),
    (&["amdanet-demo"], Quantity::Share, &["sci.open.level1", "sci.open.level2", "sci.open.level3", "sci.open.level4"]),
    (&["smmcl-demo"], Quantity::Count, &["multimodal_contrast.entries", "multimodal_contrast.pixels"]),
];

#[test]
fn every_figure_of_a_demo_preset_says_what_it_measures() {
    let (_folder, dataset) = data();
    let demos: Vec<&str> =
        presets().iter().map(|shipped| shipped.name).filter(|name| name.ends_with("-demo")).collect();
    assert!(demos.len() > 10, "{demos:?}");
    for demo in demos {
        let mut trainer = trainer(&shrunk(preset(demo).unwrap()), &dataset).unwrap();
        let mut found: BTreeMap<String, Quantity> = BTreeMap::new();
        while !trainer.is_done() {
            for figure in trainer.step().unwrap().terms {
                let (low, high) = figure.quantity.range();
                assert!((low..=high).contains(&figure.value), "{demo}: {figure:?}");
                found.insert(figure.name, figure.quantity);
            }
        }
        let (losses, others): (Vec<_>, Vec<_>) = found.iter().partition(|(_, quantity)| **quantity == Quantity::Loss);
        for (loss, _) in losses {
            assert!(LOSSES.contains(&loss.split('.').next().unwrap()), "{demo}: `{loss}` is no loss");
        }
        let expected = OTHERS.iter().filter(|(names, ..)| names.is_empty() || names.contains(&demo));
        let mut expected: Vec<(&str, Quantity)> =
            expected.flat_map(|(_, quantity, names)| names.iter().map(|name| (*name, *quantity))).collect();
        expected.sort_unstable();
        assert_eq!(others.into_iter().map(|(name, quantity)| (name.as_str(), *quantity)).collect::<Vec<_>>(), expected);
    }
}
