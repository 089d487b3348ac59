//! Modality-agnostic fusion of four sensors in whole networks.

use super::*;
use crate::network::fusion::{Mff, correlations};

const SHARED: [(&str, &str); 4] =
    [("fusion.kind", "mff"), ("encoder.sharing", "shared"), ("exchange.channel", "off"), ("decoder.sharing", "shared")];

fn at(level: &'static str) -> Recipe {
    recipe(&[&SHARED[..], &[("fusion.level", level), ("objective.contrast", "off")]].concat())
}

#[test]
fn any_subset_of_four_sensors_is_fused_from_its_own_maps() {
    let device = Device::flex();
    let recipe = at("logits");
    let net = network(&recipe, 4, &device);
    for subset in 1..16_u32 {
        let present = [0, 1, 2, 3].map(|sensor| subset >> sensor & 1 == 1);
        let output = infer(&net, &recipe, &inputs(&present, [16, 24], &device));
        let count = subset.count_ones() as usize;
        assert_eq!((output.heads.len(), output.heads[0].0.as_str()), (count + 1, FUSED));
        assert_eq!(output.training.correlations.as_ref().unwrap().dims(), [2, count]);
        // The same unit on the class scores of those that are present, each as it would be alone.
        let sensors = (0..4).filter(|&sensor| present[sensor]);
        let scores: Vec<Tensor<4>> = sensors
            .map(|sensor| {
                let only = [0, 1, 2, 3].map(|other| other == sensor);
                infer(&net, &recipe, &inputs(&only, [16, 24], &device)).features.agnostic.unwrap() / 2.0
            })
            .collect();
        let fused = Mff::of(&recipe).fuse(&scores, None).unwrap();
        testing::assert_close(&values(output.features.agnostic.unwrap()), &values(fused.agnostic), 1e-4);
    }
}

#[test]
fn fusion_has_no_parameters_but_a_classifier_where_decoders_share_none() {
    let device = Device::flex();
    let count = |recipe: &Recipe| testing::trained(&network(recipe, 4, &device));
    let mut single = at("logits");
    single.set_text("fusion.kind", "average").unwrap();
    single.set_text("fusion.level", "decoder").unwrap();
    let bare = count(&single);
    for level in ["logits", "decoder", "levels"] {
        assert_eq!(count(&at(level)), bare, "{level}");
    }
    let separate = |kind: &str| {
        let mut recipe = at("decoder");
        recipe.set_text("decoder.sharing", "separate").unwrap();
        recipe.set_text("fusion.kind", kind).unwrap();
        recipe
    };
    assert_eq!(count(&separate("mff")) - count(&separate("average")), 32 * 4 + 4);
}

#[test]
fn with_every_switch_off_it_is_the_plain_mean_of_the_scores() {
    let device = Device::flex();
    let mut off = at("logits");
    for key in ["mff.reweight", "mff.selection", "mff.residual"] {
        off.set_text(key, "off").unwrap();
    }
    let mut average = at("logits");
    average.set_text("fusion.kind", "average").unwrap();
    average.set_text("fusion.level", "decoder").unwrap();
    let images = inputs(&[true, true, false, true], [16, 24], &device);
    let of = |recipe: &Recipe| head(&infer(&network(recipe, 4, &device), recipe, &images), FUSED);
    testing::assert_close(&of(&off), &of(&average), 1e-6);
}

#[test]
fn every_place_of_fusion_carries_its_own_map_and_reaches_every_parameter() {
    let device = Device::flex().autodiff();
    let four = "mff.anchor.level1 mff.anchor.level2 mff.anchor.level3 mff.anchor.level4";
    for (level, carried) in [("logits", "mff.anchor"), ("decoder", "mff.anchor"), ("levels", four)] {
        let recipe = at(level);
        let net = network(&recipe, 4, &device);
        let images = inputs(&[true; 4], [32, 48], &device);
        let output = net.forward(&images, &recipe, Mode::Train, &mut Probes::off());
        assert_eq!(output.training.carried.keys().map(String::as_str).collect::<Vec<_>>().join(" "), carried);
        let again = Inputs { carried: output.training.carried.clone(), ..images };
        let second = net.forward(&again, &recipe, Mode::Train, &mut Probes::off());
        assert_ne!(head(&output, FUSED), head(&second, FUSED), "{level}");
        let fused = second.main_head().unwrap().1.clone();
        let gradients = (fused.clone() * wave(fused.dims(), 0.5, &device)).sum().backward();
        let mut found = Collector { gradients: &gradients, found: Vec::new() };
        net.visit(&mut found);
        for (parameter, gradient) in named_parameters(&net).iter().zip(found.found) {
            let is_trained = parameter.kind != ParameterKind::Running && !parameter.name.starts_with("auxiliary");
            assert_eq!(gradient.is_some(), is_trained, "{} at {level}", parameter.name);
        }
    }
}

#[test]
fn a_shared_decoder_answers_each_sensor_as_if_it_were_alone() {
    let device = Device::flex();
    let recipe = at("logits");
    let net = network(&recipe, 3, &device);
    let all = infer(&net, &recipe, &inputs(&[true; 3], [16, 24], &device));
    let alone = infer(&net, &recipe, &inputs(&[false, true, false], [16, 24], &device));
    testing::assert_close(&head(&all, "thermal"), &head(&alone, "thermal"), 1e-5);
}

#[test]
fn other_fusions_offer_their_scores_and_the_likeness_to_them() {
    let device = Device::flex();
    let recipe = recipe(&[("objective.inter_modal", "on")]);
    let net = network(&recipe, 2, &device);
    let images = inputs(&[true, true], [16, 24], &device);
    let output = net.forward(&images, &recipe, Mode::Train, &mut Probes::off());
    let fused = output.features.agnostic.unwrap();
    assert_eq!(fused.dims(), [2, 4, 4, 6]);
    let found = output.training.correlations.unwrap();
    assert_eq!(found.dims(), [2, 2]);
    assert!(values(correlations(std::slice::from_ref(&fused), &fused)).iter().all(|value| (value - 1.0).abs() < 1e-5));
    assert!(infer(&net, &recipe, &images).training.correlations.is_none(), "nobody distils in inference");
}
