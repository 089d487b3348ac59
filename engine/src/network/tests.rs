//! What holds of whole networks, whatever their parts.

use std::collections::BTreeMap;

use burn::module::{Module as _, ModuleVisitor, Param};
use burn::tensor::{Device, Tensor, TensorData};

use super::testing::{inputs, network, recipe, values, wave};
use super::*;
use crate::random::Streams;
use crate::recipe::Recipe;

mod agnostic;
mod columns;
mod decoder_norms;
mod kept;
mod narrow_levels;

fn infer(network: &Network, recipe: &Recipe, inputs: &Inputs) -> Output {
    network.forward(inputs, recipe, Mode::Infer, &mut Probes::off())
}

fn names(output: &Output) -> Vec<&str> {
    output.heads.iter().map(|(name, _)| name.as_str()).collect()
}

fn head(output: &Output, name: &str) -> Vec<f32> {
    values(output.head(name).unwrap().clone())
}

const QUIET: [(&str, &str); 2] = [("exchange.channel", "off"), ("exchange.spatial", "off")];

/// Parameters at the paper's scale, with MSRS's 9 classes.
///
/// | network | ours | with smp's unused head | paper |
/// |---|---|---|---|
/// | DeepLabV3+ on one sensor | 11.09 M | 11.68 M | 11.68 M |
/// | OGP-Net, convolutions shared | 13.24 M | 13.83 M | 14.24 M |
/// | OGP-Net, nothing shared | 23.26 M | 24.44 M | 24.89 M |
///
/// segmentation-models-pytorch keeps EfficientNet's last 1×1 convolution and its norm (0.59 M an encoder), which
/// nothing uses; with them the first row agrees to the last digit shown. The other two lack 0.41 M and 0.45 M: heads
/// whose widths the paper does not give (the projection head, perhaps a wider auxiliary head).
#[test]
fn parameter_counts_at_the_papers_scale() {
    let device = Device::flex();
    let count = |changes: &[(&str, &str)], sensors: &[&str]| {
        let mut recipe = Recipe::defaults("count");
        for (key, value) in changes {
            recipe.set_text(key, value).unwrap();
        }
        let sensors: Vec<String> = sensors.iter().map(ToString::to_string).collect();
        let network = Network::build(&recipe, &sensors, 9, &Streams::new(1), &device).unwrap();
        let trained = |parameter: &&Named| parameter.kind != ParameterKind::Running;
        let mut parts: BTreeMap<String, usize> = BTreeMap::new();
        for parameter in named_parameters(&network).iter().filter(trained) {
            let part = parameter.name.split('.').next().unwrap_or_default().to_owned();
            *parts.entry(part).or_default() += parameter.shape.iter().product::<usize>();
        }
        parts
    };
    let plain = [("objective.auxiliary", "off"), ("objective.contrast", "off")];
    let both = ["colour", "thermal"];
    let total = |parts: &BTreeMap<String, usize>| parts.values().sum::<usize>();
    let single = count(&plain, &both[..1]);
    assert_eq!([single["encoder"], single["decoder"], total(&single)], [10_103_336, 986_009, 11_089_345]);
    let ogp = count(&[], &both);
    let heads = [ogp["gsu"], ogp["projection"], ogp["auxiliary"]];
    assert_eq!((ogp["encoder"], ogp["decoder"], heads), (10_187_560, 2 * 986_009, [790_281, 286_464, 1_233]));
    let separate = count(&[("encoder.sharing", "separate")], &both);
    let shared = count(&[("encoder.sharing", "shared"), ("exchange.channel", "off")], &both);
    assert_eq!([total(&ogp), total(&separate), total(&shared)], [13_237_556, 23_256_668, 13_153_332]);
    // What EfficientNet's classifier needs and no segmentation network uses, but smp counts: a 1×1 convolution and a
    // norm.
    let [convolution, norm] = [384 * 1536, 2 * 1536];
    assert_eq!(total(&single) + convolution + norm, 11_682_241);
    assert_eq!(total(&ogp) + convolution + 2 * norm, 13_833_524);
    assert_eq!(total(&separate) + 2 * (convolution + norm), 24_442_460);
}

#[test]
fn a_build_follows_from_the_seed_bit_for_bit() {
    let (recipe, device) = (recipe(&[]), Device::flex());
    let sensors = ["a".to_owned(), "b".to_owned()];
    let build = |seed| to_tensors(&Network::build(&recipe, &sensors, 4, &Streams::new(seed), &device).unwrap());
    assert_eq!(build(1), build(1));
    assert_ne!(build(1), build(2));
}

#[test]
fn a_training_pass_repeats_bit_for_bit() {
    let (recipe, device) = (recipe(&[]), Device::flex().autodiff());
    let pass = || {
        let network = network(&recipe, 2, &device);
        let output =
            network.forward(&inputs(&[true, true], [24, 40], &device), &recipe, Mode::Train, &mut Probes::off());
        let loss =
            output.heads.iter().map(|(_, logits)| logits.clone().powi_scalar(2).mean()).reduce(|a, b| a + b).unwrap();
        let gradients = loss.backward();
        let mut found = Collector { gradients: &gradients, found: Vec::new() };
        network.visit(&mut found);
        (head(&output, FUSED), found.found, to_tensors(&network))
    };
    assert_eq!(pass(), pass());
}

struct Collector<'a> {
    gradients: &'a burn::tensor::Gradients,
    found: Vec<Option<Vec<f32>>>,
}

impl ModuleVisitor for Collector<'_> {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        let value = param.val();
        let gradient = if value.is_require_grad() { value.grad(self.gradients) } else { None };
        self.found.push(gradient.map(values));
    }
}

#[test]
fn every_parameter_gets_a_gradient_and_running_statistics_do_not() {
    let device = Device::flex().autodiff();
    for changes in [
        &[("exchange.channel.sparsity", "0.001")][..],
        &[("fusion.level", "logits"), ("objective.contrast.projection", "concat")],
        &[("fusion.kind", "concat"), ("encoder.sharing", "separate")],
        &[("fusion.kind", "average"), ("encoder.sharing", "shared"), ("exchange.channel", "off")],
        &[("encoder.family", "efficientnet-b3"), ("decoder.channels", "8"), ("objective.contrast.stages", "2,5")],
        &[("encoder.family", "efficientnet-lite0"), ("decoder.channels", "8")],
    ] {
        let recipe = recipe(changes);
        let network = network(&recipe, 2, &device);
        let output =
            network.forward(&inputs(&[true, true], [32, 48], &device), &recipe, Mode::Train, &mut Probes::off());
        let maps = output
            .heads
            .iter()
            .map(|(_, map)| map)
            .chain(&output.training.auxiliary)
            .chain(output.training.embeddings.iter().flatten());
        // Weighed unevenly, so that no norm cancels the gradient of what stands before it.
        let mut loss =
            maps.map(|map| (map.clone() * wave(map.dims(), 0.5, &device)).sum()).reduce(|a, b| a + b).unwrap();
        for (_, penalty) in &output.training.penalties {
            loss = loss + penalty.clone();
        }
        let gradients = loss.backward();
        let mut found = Collector { gradients: &gradients, found: Vec::new() };
        network.visit(&mut found);
        for (parameter, gradient) in named_parameters(&network).iter().zip(found.found) {
            let is_trained = parameter.kind != ParameterKind::Running;
            assert_eq!(gradient.is_some(), is_trained, "{} with {changes:?}", parameter.name);
            if let Some(gradient) = gradient {
                assert!(gradient.iter().all(|value| value.is_finite()), "{}", parameter.name);
            }
        }
    }
}

#[test]
fn components_that_are_switched_off_leave_no_trace() {
    let device = Device::flex();
    let images = inputs(&[true, true], [24, 40], &device);
    let plain = recipe(&[QUIET[0], QUIET[1], ("objective.auxiliary", "off"), ("objective.contrast", "off")]);
    let bare = network(&plain, 2, &device);
    let expected = infer(&bare, &plain, &images);
    // Heads that only training uses, and exchange that never happens, change no bit.
    let full = recipe(&[("exchange.spatial", "off"), ("exchange.channel.threshold", "0")]);
    let found = infer(&network(&full, 2, &device), &full, &images);
    for name in [FUSED, "colour", "thermal"] {
        assert_eq!(head(&found, name), head(&expected, name));
    }
    // Without exchange each branch is the network of its sensor alone.
    let single = infer(&network(&plain, 1, &device), &plain, &inputs(&[true], [24, 40], &device));
    assert_eq!(names(&single), ["colour"]);
    assert_eq!(head(&single, "colour"), head(&expected, "colour"));
}

#[test]
fn exchange_changes_the_branches_and_takes_effect_live() {
    let device = Device::flex();
    let images = inputs(&[true, true], [32, 64], &device);
    let off = recipe(&QUIET);
    let network = network(&off, 2, &device);
    let plain = infer(&network, &off, &images);
    let expected = head(&plain, "colour");
    let spatial = |stages, columns| {
        let at_output = ("exchange.spatial.site", "output");
        recipe(&[QUIET[0], at_output, ("exchange.spatial.stages", stages), ("exchange.spatial.columns", columns)])
    };
    for columns in ["odd", "even"] {
        assert_ne!(head(&infer(&network, &spatial("4", columns), &images), "colour"), expected);
    }
    // Stage 5 is dilated by two, so its convolutions never mix odd columns with even ones. As long as the sensors'
    // norms are equal, as they are at first, the exchange after stage 5 undoes the one after stage 4.
    assert_eq!(head(&infer(&network, &spatial("4,5", "odd"), &images), "colour"), expected);
    let mut weights = to_tensors(&network);
    let name = "encoder.stage3.block0.depthwise_norm.gamma";
    let mut gamma = weights[name].clone().try_to_vec::<f32>().unwrap();
    gamma[..8].fill(0.01);
    weights.insert(name.to_owned(), TensorData::new(gamma.clone(), [gamma.len()]));
    let network = from_tensors(network, &weights).unwrap();
    let absolute = ("exchange.channel.comparison", "absolute");
    let channel = |threshold| recipe(&[QUIET[1], absolute, ("exchange.channel.threshold", threshold)]);
    let output = infer(&network, &channel("0.02"), &images);
    let places: usize = to_tensors(&network)
        .keys()
        .filter(|name| name.ends_with("depthwise_norm.gamma") || name.ends_with("stem_norm.gamma"))
        .count();
    assert_eq!(places, 8);
    let share = output.training.figures.iter().find(|figure| figure.name == "exchange.channel.share").unwrap().value;
    let channels = 2 * (16 + 24 + 2 * (32 + 48 + 64));
    assert!((share - 8.0 / channels as f32).abs() < 1e-7, "{share}");
    let by_stage: Vec<(&str, f32)> =
        output.training.figures[1..].iter().map(|share| (share.name.as_str(), share.value)).collect();
    let expected = [0.0, 0.0, 8.0 / (2.0 * 2.0 * 32.0), 0.0, 0.0];
    assert_eq!(by_stage.len(), 5);
    for (stage, ((name, share), expected)) in by_stage.into_iter().zip(expected).enumerate() {
        assert_eq!(name, format!("exchange.channel.stage{}.share", stage + 1));
        assert!((share - expected).abs() < 1e-7, "{name}: {share}");
    }
    let fewer = recipe(&[QUIET[1], ("exchange.channel.stages", "3,5")]);
    assert_eq!(infer(&network, &fewer, &images).training.figures.len(), 3);
    let other = infer(&network, &channel("0.005"), &images);
    let changed = |stage: usize| {
        values(output.features.stages[0][stage].clone()) != values(other.features.stages[0][stage].clone())
    };
    assert_eq!([0, 1, 2, 3, 4].map(changed), [false, false, true, true, true]);
    assert_ne!(head(&output, "colour"), head(&other, "colour"));
}

#[test]
fn a_dropped_sensor_is_replaced_as_the_recipe_says() {
    let device = Device::flex();
    let size = [24, 40];
    let both = inputs(&[true, true], size, &device);
    let alone = inputs(&[false, true], size, &device);
    let base = recipe(&[]);
    let net = network(&base, 2, &device);
    let fused = |word: &str, inputs: &Inputs| infer(&net, &recipe(&[("inference.single", word)]), inputs);
    let copied = Inputs::new(vec![both.images[1].clone(), both.images[1].clone()]);
    let zeroed = Inputs::new(vec![Some(both.images[1].clone().unwrap().zeros_like()), both.images[1].clone()]);
    let all = |inputs: &Inputs| infer(&net, &base, inputs);
    assert_eq!(head(&fused("both", &alone), FUSED), head(&all(&copied), FUSED));
    assert_eq!(head(&fused("zeros", &alone), FUSED), head(&all(&zeroed), FUSED));
    assert_eq!(names(&fused("both", &alone)), [FUSED, "thermal"]);
    assert_eq!(names(&fused("branch", &alone)), ["thermal"]);
    assert_eq!(names(&fused("copy", &alone)), [FUSED, "thermal"]);
    let quiet = infer(&net, &recipe(&QUIET), &both);
    assert_eq!(head(&fused("branch", &alone), "thermal"), head(&quiet, "thermal"));
    assert_ne!(head(&fused("copy", &alone), FUSED), head(&fused("both", &alone), FUSED));
    assert!(all(&inputs(&[false, false], size, &device)).heads.is_empty());
}

#[test]
fn averaging_takes_any_number_of_sensors_and_the_mean_of_those_present() {
    let device = Device::flex();
    let recipe = recipe(&[("fusion.kind", "average"), QUIET[0], QUIET[1]]);
    let net = network(&recipe, 3, &device);
    let mean = |present: &[bool]| {
        let output = infer(&net, &recipe, &inputs(present, [16, 24], &device));
        let sensors: Vec<Vec<f32>> = output.heads[1..].iter().map(|(_, map)| values(map.clone())).collect();
        let means: Vec<f32> = (0..sensors[0].len())
            .map(|index| sensors.iter().map(|sensor| sensor[index]).sum::<f32>() / sensors.len() as f32)
            .collect();
        testing::assert_close(&head(&output, FUSED), &means, 1e-5);
        sensors.len()
    };
    assert_eq!([mean(&[true, true, true]), mean(&[false, true, true]), mean(&[false, true, false])], [3, 2, 1]);
    let three = ["a", "b", "c"].map(str::to_owned);
    let error = Network::build(&testing::recipe(&[]), &three, 4, &Streams::new(1), &device).unwrap_err().to_string();
    assert!(error.contains("fusion.kind") && error.contains("found 3"), "{error}");
}

#[test]
fn every_decoder_reads_every_kind_of_encoder_at_any_size() {
    let device = Device::flex().autodiff();
    let encoders = [
        &[("encoder.family", "nano")][..],
        &[("encoder.family", "mit-nano"), ("exchange.channel", "off"), ("objective.contrast.stages", "2,5")],
        &[("encoder.family", "mscan-nano"), ("exchange.channel", "off"), ("objective.contrast.stages", "2,5")],
    ];
    let decoders = [
        &[("decoder.family", "deeplab"), ("decoder.channels", "16")][..],
        &[("decoder.family", "deeplab-v3"), ("decoder.channels", "16")],
        &[("decoder.family", "mlp"), ("decoder.channels", "16")],
        &[("decoder.family", "hamburger"), ("decoder.channels", "32"), ("decoder.rank", "8")],
        &[("decoder.family", "rtfnet")],
        &[("decoder.family", "rtfnet"), ("decoder.skip", "on")],
    ];
    for (encoder, decoder) in encoders.iter().flat_map(|encoder| decoders.iter().map(move |decoder| (encoder, decoder)))
    {
        let changes = [*encoder, *decoder].concat();
        let recipe = recipe(&changes);
        recipe.check().unwrap();
        let network = network(&recipe, 2, &device);
        for size in [[1, 1], [33, 50]] {
            let output =
                network.forward(&inputs(&[true, true], size, &device), &recipe, Mode::Train, &mut Probes::off());
            let heads = output.heads.iter().map(|(_, map)| map);
            assert!(heads.clone().all(|map| map.dims() == [2, 4, size[0], size[1]]), "{changes:?}");
            let loss =
                heads.map(|map| (map.clone() * wave(map.dims(), 0.5, &device)).sum()).reduce(|a, b| a + b).unwrap();
            let gradients = loss.backward();
            let mut found = Collector { gradients: &gradients, found: Vec::new() };
            network.visit(&mut found);
            for (parameter, gradient) in named_parameters(&network).iter().zip(found.found) {
                // Heads of other losses stand aside here.
                let aside = ["auxiliary.", "projection."].iter().any(|part| parameter.name.starts_with(part));
                let is_reached = parameter.kind != ParameterKind::Running && !aside;
                assert_eq!(gradient.is_some(), is_reached, "{} with {changes:?}", parameter.name);
                assert!(gradient.iter().flatten().all(|value| value.is_finite()), "{} {changes:?}", parameter.name);
            }
        }
    }
}

#[test]
fn any_size_from_one_pixel_up_gives_scores_of_that_size() {
    for family in ["nano", "efficientnet-lite0", "efficientnet-b3"] {
        let device = Device::flex().autodiff();
        let recipe = recipe(&[("encoder.family", family), ("decoder.channels", "8")]);
        let net = network(&recipe, 2, &device);
        for size in [[1, 1], [1, 7], [33, 17], [16, 50]] {
            for mode in [Mode::Train, Mode::Infer] {
                let output = net.forward(&inputs(&[true, true], size, &device), &recipe, mode, &mut Probes::off());
                for (name, map) in &output.heads {
                    assert_eq!(map.dims(), [2, 4, size[0], size[1]]);
                    assert!(values(map.clone()).iter().all(|value| value.is_finite()), "{name} {size:?} {mode:?}");
                }
                let quarter = size.map(|side| side.div_ceil(4));
                assert_eq!(output.features.decoded[0].dims(), [2, 8, quarter[0], quarter[1]]);
                assert_eq!(output.features.stages[1][4].dims()[2..], size.map(|side| side.div_ceil(16)));
            }
        }
    }
}

#[test]
fn weights_travel_by_name() {
    let device = Device::flex();
    let recipe = recipe(&[]);
    let source = network(&recipe, 2, &device.clone().autodiff());
    // A pass in training, so that running statistics have moved.
    source.forward(
        &inputs(&[true, true], [16, 16], &device.clone().autodiff()),
        &recipe,
        Mode::Train,
        &mut Probes::off(),
    );
    let tensors = to_tensors(&source);
    assert_eq!(tensors.len(), named_parameters(&source).len(), "names must be unique");
    let sensors = ["colour".to_owned(), "thermal".to_owned()];
    let fresh = || Network::build(&recipe, &sensors, 4, &Streams::new(99), &device).unwrap();
    let loaded = from_tensors(fresh(), &tensors).unwrap();
    assert_eq!(to_tensors(&loaded), tensors);
    let refused = |change: &dyn Fn(&mut BTreeMap<String, TensorData>)| {
        let mut changed = tensors.clone();
        change(&mut changed);
        from_tensors(fresh(), &changed).unwrap_err().to_string()
    };
    let name = "encoder.stage2.block0.depthwise.weight";
    let missing = refused(&|tensors| drop(tensors.remove(name)));
    assert!(missing.contains(name) && missing.contains("[24, 16, 3, 3]"), "{missing}");
    let misshapen =
        refused(&|tensors| drop(tensors.insert(name.to_owned(), TensorData::new(vec![0.0_f32; 4], [2, 2]))));
    assert!(misshapen.contains(name) && misshapen.contains("[2, 2]"), "{misshapen}");
    let extra = refused(&|tensors| drop(tensors.insert("x.weight".to_owned(), TensorData::new(vec![0.0_f32], [1]))));
    assert!(extra.contains("x.weight"), "{extra}");
    let whole =
        refused(&|tensors| drop(tensors.insert("decoder.head.bias".to_owned(), TensorData::new(vec![0_i32; 4], [4]))));
    assert!(whole.contains("decoder.head.bias") && whole.contains("I32"), "{whole}");
}

#[test]
fn names_say_where_a_parameter_stands_and_what_it_is() {
    let recipe = recipe(&[("encoder.sharing", "separate")]);
    let found = named_parameters(&network(&recipe, 2, &Device::flex()));
    let kind = |name: &str| found.iter().find(|parameter| parameter.name == name).map(|parameter| parameter.kind);
    assert_eq!(kind("encoder.stem.copy1.weight"), Some(ParameterKind::Weight));
    assert_eq!(kind("encoder.stage5.block1.project_norm.copy1.gamma"), Some(ParameterKind::Norm));
    assert_eq!(kind("encoder.stage2.block0.depthwise_norm.running_variance"), Some(ParameterKind::Running));
    assert_eq!(kind("decoder.copy1.pyramid.atrous2.depthwise.weight"), Some(ParameterKind::Weight));
    assert_eq!(kind("decoder.head.bias"), Some(ParameterKind::Bias));
    assert_eq!(kind("projection.adapter0.weight"), Some(ParameterKind::Weight));
    assert_eq!(kind("gsu.unit.gates.bias"), Some(ParameterKind::Bias));
}

#[test]
fn probes_show_gates_and_masks_only_while_someone_watches() {
    let device = Device::flex();
    let recipe = recipe(&[]);
    let net = network(&recipe, 2, &device);
    let images = inputs(&[true, true], [32, 48], &device);
    let (mut on, mut off) = (Probes::on(), Probes::off());
    net.forward(&images, &recipe, Mode::Infer, &mut on);
    net.forward(&images, &recipe, Mode::Infer, &mut off);
    assert!(off.maps().is_empty());
    let shape = |name: &str| on.maps()[name].map.dims();
    assert_eq!(shape("gsu.gate.first"), [2, 1, 8, 12]);
    assert_eq!(values(on.maps()["exchange.spatial.mask"].map.clone()).len(), 2 * 3);
    for name in on.maps().keys() {
        let known = crate::recipe::catalogue().iter().any(|component| component.offers(name));
        assert!(known, "the catalogue does not name {name}");
    }
}
