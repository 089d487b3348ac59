//! What passes between branches where columns change places.

use burn::tensor::Device;

use super::*;

/// Whether a branch's stage 5 follows the other sensor's image, with norms as in inference.
#[test]
fn the_other_image_passes_where_columns_swap_before_stages_and_comes_home_where_they_swap_behind() {
    let device = Device::flex();
    let images = inputs(&[true, true], [32, 64], &device);
    let mut others = images.clone();
    others.images[1] = others.images[1].take().map(|image| image * 0.5 + 0.3);
    let network = network(&recipe(&QUIET), 2, &device);
    let passes = |site, stages| {
        let recipe = recipe(&[QUIET[0], ("exchange.spatial.site", site), ("exchange.spatial.stages", stages)]);
        let [fifth, with_another] =
            [&images, &others].map(|images| values(infer(&network, &recipe, images).features.stages[0][4].clone()));
        fifth != with_another
    };
    assert!(passes("input", "4,5"), "the default");
    assert!(!passes("output", "4,5"), "the second swap undoes the first");
    assert!(passes("output", "4") && passes("input", "5") && passes("input", "4"));
    let remarks = |site| recipe(&[("exchange.spatial.site", site)]).remarks();
    assert!(remarks("input").is_empty());
    assert_eq!(remarks("output")[0].0, "exchange.spatial.site");
}

#[test]
fn levels_are_kept_as_they_were_before_their_columns_changed_places_where_a_loss_asks() {
    let device = Device::flex();
    let images = inputs(&[true, true], [32, 64], &device);
    let network = network(&recipe(&QUIET), 2, &device);
    let plain = infer(&network, &recipe(&QUIET), &images).features;
    let at_fifth = [QUIET[0], ("exchange.spatial.site", "output"), ("exchange.spatial.stages", "5")];
    let with = |more: &[(&str, &str)]| infer(&network, &recipe(&[&at_fifth[..], more].concat()), &images).features;
    let kept = with(&[("objective.feature.maps", "own")]);
    for sensor in 0..2 {
        let expected = values(plain.stages[sensor][4].clone());
        assert_eq!(values(kept.own[sensor][3].clone()), expected);
        assert_ne!(values(kept.stages[sensor][4].clone()), expected);
    }
    assert!(with(&[]).own.is_empty());
    assert!(with(&[("objective.feature.maps", "own"), ("objective.feature", "off")]).own.is_empty());
}
