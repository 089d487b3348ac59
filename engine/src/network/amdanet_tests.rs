//! What holds of networks with AMDANet's parts, whatever else they are made of.

use std::collections::BTreeSet;

use burn::tensor::{Device, Tensor};

use super::testing::{are_finite, inputs, network, recipe, values};
use super::*;
use crate::random::Streams;
use crate::recipe::Recipe;
use crate::recipe::catalogue::fusion;

/// Everything of AMDANet on a nano network, with some settings changed.
fn amdanet(changes: &[(&str, &str)]) -> Recipe {
    let all = [
        ("exchange.channel", "off"),
        ("exchange.spatial", "off"),
        ("objective.auxiliary", "off"),
        ("objective.relation", "off"),
        ("objective.feature", "off"),
        ("objective.contrast", "off"),
        ("decoder.channels", "8"),
        ("encoder.sharing", "separate"),
        ("fusion.kind", "fdam"),
        ("fusion.level", "levels"),
        ("sci", "on"),
        ("fdam.local", "on"),
        ("mfml", "on"),
        ("fusion_image", "on"),
        ("fusion_image.channels", "2"),
    ];
    recipe(&[&all, changes].concat())
}

fn noisy(inputs: Inputs, step: u64) -> Inputs {
    Inputs { noise: Noise::of(Streams::new(3), step), ..inputs }
}

fn trained(recipe: &Recipe, step: u64) -> Output {
    let device = Device::flex();
    let images = noisy(inputs(&[true, true], [32, 48], &device), step);
    network(recipe, 2, &device).forward(&images, recipe, Mode::Train, &mut Probes::off())
}

fn masked(output: &Output) -> Vec<f32> {
    values(output.training.masked[0].1.clone())
}

fn clean(output: &Output) -> Vec<f32> {
    values(output.heads[0].1.clone())
}

#[test]
fn one_fused_head_a_picture_and_a_second_pass_come_out() {
    let output = trained(&amdanet(&[]), 0);
    assert_eq!(output.heads.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(), ["fused"]);
    assert_eq!(output.features.levels.iter().map(|map| map.dims()[1]).collect::<Vec<_>>(), [24, 32, 48, 64]);
    are_finite(output.image.into_iter().chain(output.training.masked_image).collect(), &[[2, 3, 32, 48]; 2]);
    assert_eq!(output.training.masked[0].0, "fused");
    are_finite(vec![output.training.masked[0].1.clone()], &[[2, 4, 32, 48]]);
}

#[test]
fn any_size_and_any_sensor_alone_is_answered_and_only_both_make_a_picture() {
    let device = Device::flex();
    for single in ["both", "zeros", "copy", "branch"] {
        let recipe = amdanet(&[("inference.single", single)]);
        let network = network(&recipe, 2, &device);
        for size in [[1, 1], [17, 9], [40, 24]] {
            for present in [[true, true], [true, false], [false, true]] {
                let output =
                    network.forward(&inputs(&present, size, &device), &recipe, Mode::Infer, &mut Probes::off());
                are_finite(vec![output.heads[0].1.clone()], &[[2, 4, size[0], size[1]]]);
                assert_eq!(output.image.is_some(), present == [true, true]);
                assert!(output.training.masked.is_empty() && output.training.masked_image.is_none());
            }
        }
    }
}

#[test]
fn parts_that_are_not_in_use_leave_the_network_as_it_was() {
    let device = Device::flex();
    let forward = |recipe: &Recipe| {
        let images = inputs(&[true, true], [32, 48], &device);
        clean(&network(recipe, 2, &device).forward(&images, recipe, Mode::Infer, &mut Probes::off()))
    };
    let without = forward(&amdanet(&[("sci", "off"), ("fdam.local", "off"), ("fusion_image", "off"), ("mfml", "off")]));
    assert_eq!(forward(&amdanet(&[("sci.active", "off"), ("fdam.local.active", "off")])), without);
    for part in ["sci.active", "fdam.local.active"] {
        assert_ne!(forward(&amdanet(&[(part, "off")])), without, "{part}");
    }
}

#[test]
fn every_setting_of_the_alignment_changes_what_comes_out() {
    let device = Device::flex();
    let forward = |changes: &[(&str, &str)]| {
        let (recipe, images) = (amdanet(changes), inputs(&[true, true], [32, 48], &device));
        clean(&network(&recipe, 2, &device).forward(&images, &recipe, Mode::Infer, &mut Probes::off()))
    };
    // The waves that stand for images are so similar that only a high threshold lets them be blended.
    let usual = forward(&[("sci.threshold", "1")]);
    for change in [
        ("sci.position", "output"),
        ("fdam.local.kind", "separate"),
        ("fusion.kind", "concat"),
        ("fusion.kind", "average"),
        ("fusion.kind", "gsu"),
    ] {
        assert_ne!(forward(&[("sci.threshold", "1"), change]), usual, "{change:?}");
    }
    assert_ne!(forward(&[("sci.threshold", "-1")]), usual);
    assert_eq!(forward(&[("sci.threshold", "0.1"), ("sci.gate", "batch")]), usual, "always open from 0.1 on");
}

/// Kinds of fusion and where they stand.
const FUSIONS: [(&str, &str); 12] = [
    ("mff", "levels"),
    ("mff", "decoder"),
    ("mff", "logits"),
    ("fdam", "levels"),
    ("concat", "levels"),
    ("average", "levels"),
    ("gsu", "logits"),
    ("concat", "decoder"),
    ("average", "decoder"),
    ("weighted", "levels"),
    ("weighted", "decoder"),
    ("weighted", "logits"),
];

#[test]
fn a_mask_that_keeps_everything_changes_nothing_whatever_the_fusion() {
    for (kind, level) in FUSIONS {
        for target in ["fused", "sensor"] {
            let fused = [("fusion.kind", kind), ("fusion.level", level), ("mfml.target", target)];
            let nothing = amdanet(&[&fused[..], &[("mfml.ratio", "0"), ("fusion_image", "off")]].concat());
            let output = trained(&nothing, 1);
            assert_eq!(masked(&output), clean(&output), "{fused:?}");
            let some = amdanet(&[&fused[..], &[("fusion_image", "off")]].concat());
            let output = trained(&some, 1);
            assert_ne!(masked(&output), clean(&output), "{fused:?}");
            assert_eq!(masked(&output), masked(&trained(&some, 1)), "the same step draws the same mask");
            assert_ne!(masked(&output), masked(&trained(&some, 2)), "{fused:?}");
        }
    }
}

#[test]
fn the_code_masks_prediction_or_picture_and_the_paper_one_sensor() {
    let recipe = amdanet(&[]);
    let mut seen = BTreeSet::new();
    for step in 0..8 {
        let output = trained(&recipe, step);
        let picture = |image: &Option<Tensor<4>>| values(image.clone().unwrap());
        let differs =
            (masked(&output) != clean(&output), picture(&output.training.masked_image) != picture(&output.image));
        assert!(differs == (true, false) || differs == (false, true), "{differs:?}");
        seen.insert(differs);
    }
    assert_eq!(seen.len(), 2, "eight draws of equal odds");
    let output = trained(&amdanet(&[("mfml.target", "sensor")]), 0);
    assert_eq!(values(output.training.masked_image.unwrap()), values(output.image.unwrap()));
}

#[test]
fn the_second_pass_draws_its_own_dropout_or_shares_the_first_s() {
    let with = |more: &[(&str, &str)]| {
        let base = [("decoder.family", "mlp"), ("decoder.dropout", "0.5"), ("mfml.ratio", "0")];
        trained(&amdanet(&[&base[..], more].concat()), 1)
    };
    // A mask that keeps everything leaves dropout alone as a difference.
    for more in [&[][..], &[("fusion_image", "off")], &[("mfml.target", "sensor")]] {
        let shared = with(&[more, &[("mfml.dropout", "shared")]].concat());
        assert_eq!(masked(&shared), clean(&shared), "{more:?}");
        let own = with(more);
        assert_ne!(masked(&own), clean(&own), "{more:?}");
        assert_eq!(clean(&own), clean(&shared), "the first pass is what it was: {more:?}");
    }
}

#[test]
fn nothing_is_masked_without_noise_or_switch() {
    let device = Device::flex();
    let recipe = amdanet(&[]);
    let output = network(&recipe, 2, &device).forward(
        &inputs(&[true, true], [32, 48], &device),
        &recipe,
        Mode::Train,
        &mut Probes::off(),
    );
    assert!(output.training.masked.is_empty() && output.training.masked_image.is_none());
    assert!(trained(&amdanet(&[("mfml", "off")]), 0).training.masked.is_empty());
}

#[test]
fn a_sensor_alone_can_be_masked_too() {
    let device = Device::flex();
    let recipe = amdanet(&[("fusion.kind", "average"), ("fusion.level", "decoder"), ("fusion_image", "off")]);
    for target in ["fused", "sensor"] {
        let mut recipe = recipe.clone();
        recipe.set_text("mfml.target", target).unwrap();
        let images = noisy(inputs(&[true], [32, 48], &device), 0);
        let output = network(&recipe, 1, &device).forward(&images, &recipe, Mode::Train, &mut Probes::off());
        assert_eq!(output.training.masked[0].0, "colour");
        assert_ne!(masked(&output), clean(&output));
    }
}

#[test]
fn every_picture_of_the_catalogue_is_recorded() {
    let device = Device::flex();
    // A decoder that looks at every level, as AMDANet's.
    let recipe = amdanet(&[("decoder.family", "mlp")]);
    let mut probes = Probes::on();
    network(&recipe, 2, &device).forward(&inputs(&[true, true], [64, 96], &device), &recipe, Mode::Infer, &mut probes);
    let recorded: BTreeSet<&str> = probes.maps().keys().map(String::as_str).collect();
    let component = |id| crate::recipe::component(id).unwrap();
    let parts = ["sci", "fdam.local", "fusion", "mfml", "fusion_image"];
    let offered: BTreeSet<&str> = parts
        .iter()
        .flat_map(|id| component(id).probes.iter().copied())
        .filter(|name| !component("fusion").offers(name) || name.starts_with(recipe.get(fusion::KIND).word()))
        .collect();
    assert_eq!(recorded, offered);
    for (name, of) in
        [("sci.similarity.level4", -1.0..=1.0), ("sci.open.level1", 0.0..=1.0), ("sci.lambda.level2", 0.5..=0.5)]
    {
        assert!(of.contains(&probes.facts()[name]), "{name}");
    }
    let mask = values(probes.maps()["mfml.mask"].map.clone());
    assert!(mask.contains(&0.0) && mask.contains(&1.0));
}

#[test]
fn alignment_of_other_than_two_sensors_is_refused() {
    let (device, recipe) = (Device::flex(), amdanet(&[("fusion.kind", "average")]));
    let sensors = ["a", "b", "c"].map(str::to_owned);
    let refused = Network::build(&recipe, &sensors, 4, &Streams::new(1), &device).unwrap_err().to_string();
    assert!(refused.contains("sci.enabled") && refused.contains("two sensors"), "{refused}");
}
