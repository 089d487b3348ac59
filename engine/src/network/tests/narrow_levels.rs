//! Levels that are made narrow before the sensors meet, as SMMCL needs them with ResNets.

use burn::tensor::Device;

use crate::network::testing::{inputs, network, recipe, values};
use crate::network::{Mode, Network, NetworkError, Output, Probes};
use crate::random::Streams;
use crate::recipe::Recipe;

/// SMMCL's network on a nano encoder, with some settings changed.
fn smmcl(changes: &[(&str, &str)]) -> Recipe {
    let all = [
        ("exchange.channel", "off"),
        ("exchange.spatial", "off"),
        ("objective.auxiliary", "off"),
        ("objective.contrast", "off"),
        ("encoder.sharing", "separate"),
        ("encoder.narrow_levels", "on"),
        ("coefficients", "on"),
        ("fusion.kind", "concat"),
        ("fusion.level", "levels"),
        ("decoder.family", "mlp"),
        ("decoder.channels", "8"),
        ("objective.multimodal_contrast", "on"),
    ];
    recipe(&[&all, changes].concat())
}

fn answer(network: &Network, recipe: &Recipe) -> Output {
    network.forward(&inputs(&[true, true], [32, 48], &Device::flex()), recipe, Mode::Train, &mut Probes::off())
}

#[test]
fn sensors_meet_in_narrow_levels_and_the_encoder_goes_on_with_wide_ones() {
    let (device, recipe) = (Device::flex(), smmcl(&[]));
    let network = network(&recipe, 2, &device);
    assert_eq!(network.encoder().channels(), [16, 64, 128, 320, 512]);
    let output = answer(&network, &recipe);
    let widths = |maps: &[burn::tensor::Tensor<4>]| maps.iter().map(|map| map.dims()[1]).collect::<Vec<_>>();
    assert_eq!(widths(&output.features.raw[1]), [64, 128, 320, 512]);
    assert_eq!(widths(&output.features.levels), [64, 128, 320, 512]);
    assert_eq!(widths(&output.features.stages[0]), [16, 64, 128, 320, 512]);
    assert_eq!(output.training.projected.len(), 2);
    // What the coefficients change in one level is not seen by the next one's wide maps.
    let without = smmcl(&[("coefficients.factor", "0")]);
    let other = answer(&network, &without);
    assert_ne!(values(output.features.levels[3].clone()), values(other.features.levels[3].clone()));
    assert_eq!(values(output.features.raw[0][3].clone()), values(other.features.raw[0][3].clone()));
}

#[test]
fn what_has_no_wide_levels_or_stands_between_them_is_refused() {
    let refused = |changes: &[(&str, &str)]| {
        let sensors = ["colour".to_owned(), "thermal".to_owned()];
        match Network::build(&smmcl(changes), &sensors, 4, &Streams::new(1), &Device::flex()) {
            Err(NetworkError::Impossible { key, reason }) => (key, reason),
            other => panic!("{other:?}"),
        }
    };
    let (key, reason) = refused(&[("encoder.family", "mit-nano")]);
    assert!(key == "encoder.narrow_levels" && reason.contains("mit-nano"), "{key}: {reason}");
    let (key, reason) = refused(&[("decoder.family", "hamburger")]);
    assert!(key == "encoder.narrow_levels" && reason.contains("decoder.family=mlp"), "{key}: {reason}");
    let (key, reason) = refused(&[("sci", "on")]);
    assert!(key == "encoder.narrow_levels" && reason.contains("sci.position=output"), "{key}: {reason}");
}
