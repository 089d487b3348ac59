//! OGP-Net's losses beside PyTorch: values and gradients on the random cases of `reference/ogp_net.py`.

use burn::tensor::Tensor;

use super::check::{device, gradient, scalar};
use super::recorded::{Recorded, agree};
use super::{
    Contrast, Labels, Pool, Quota, Reduction, RelationInput, Sampling, Scene, SegmentationWeights, Targets, contrast,
    cross_entropy, dice, evaluate, feature, relation, segmentation,
};
use crate::network::{Inputs, Output, Training};
use crate::protocol::Phase;
use crate::random::Streams;
use crate::recipe::Recipe;

/// One random case.
struct Case {
    recorded: Recorded,
    name: String,
}

impl Case {
    fn all() -> impl Iterator<Item = Self> {
        (0..3).map(|index| Self { recorded: Recorded::ogp_net(), name: format!("case{index}") })
    }

    fn tensor(&self, name: &str) -> Tensor<4> {
        self.recorded.tensor(&format!("{}.{name}", self.name))
    }

    fn labels(&self) -> Labels {
        self.recorded.labels(&format!("{}.labels", self.name))
    }

    fn targets(&self) -> Targets {
        Targets::for_logits(&self.labels(), &self.tensor("logits"))
    }

    /// A loss of these inputs: its value, and its slope along each.
    #[track_caller]
    fn agrees(&self, name: &str, inputs: &[Tensor<4>], loss: impl Fn(&[Tensor<4>]) -> Tensor<1>) {
        for index in 0..inputs.len() {
            let of_one = |input: Tensor<4>| {
                let mut inputs = inputs.to_vec();
                inputs[index] = input;
                loss(&inputs)
            };
            let (value, slope) = gradient(of_one, inputs[index].clone());
            let name = format!("{}.{name}", self.name);
            agree(&[value], self.recorded.numbers(&name), &name);
            let name = format!("{name}.slope{index}");
            agree(&slope, self.recorded.numbers(&name), &name);
        }
    }
}

#[test]
fn every_case_has_ignored_pixels_and_an_absent_class() {
    for case in Case::all() {
        let labels = case.labels();
        let absent = case.recorded.numbers(&format!("{}.absent", case.name))[0] as u8;
        assert!(labels.counted() < labels.ids.len() && !labels.ids.contains(&absent));
    }
}

#[test]
fn segmentation_equals_pytorch() {
    for case in Case::all() {
        let (logits, targets) = ([case.tensor("logits")], case.targets());
        for (name, cross_entropy, dice) in [("cross_entropy", 1.0, 0.0), ("dice", 0.0, 1.0)] {
            let weights = SegmentationWeights { cross_entropy, dice };
            case.agrees(name, &logits, |logits| segmentation(&logits[0], &targets, weights));
        }
        let log_softmax = burn::tensor::activation::log_softmax::<4>;
        case.agrees("cross_entropy", &logits, |logits| cross_entropy(log_softmax(logits[0].clone(), 1), &targets));
        case.agrees("dice", &logits, |logits| dice(log_softmax(logits[0].clone(), 1).exp(), &targets));
    }
}

/// Through the weighted sum, for there the sensors' heads are averaged and the labels brought to their size.
#[test]
fn the_auxiliary_loss_equals_pytorch() {
    let mut recipe = Recipe::defaults("r");
    for head in ["fused", "sensors"] {
        recipe.set_text(&format!("objective.segmentation.{head}"), "0").unwrap();
    }
    for case in Case::all() {
        let labels = case.labels();
        case.agrees("auxiliary", &[case.tensor("auxiliary0"), case.tensor("auxiliary1")], |heads| {
            let output = Output {
                heads: vec![("fused".to_owned(), case.tensor("logits"))],
                training: Training { auxiliary: heads.to_vec(), ..Training::default() },
                ..Output::default()
            };
            let inputs = Inputs::new(Vec::new());
            let scene = Scene {
                phase: Phase::Student,
                inputs: &inputs,
                output: &output,
                teacher: None,
                labels: &labels,
                ids: &[],
                tags: &[],
                classes: &[],
                vectors: None,
            };
            evaluate(&recipe, &scene, &mut Streams::new(1).stream("sampling", 0)).total
        });
    }
}

#[test]
fn relation_distillation_equals_pytorch() {
    for case in Case::all() {
        let targets = case.targets();
        for (name, input) in [("softmax", RelationInput::Softmax), ("logits", RelationInput::Logits)] {
            let loss = |logits: &[Tensor<4>]| relation(&logits[0], &case.tensor("teacher"), &targets, input);
            case.agrees(&format!("relation.{name}"), &[case.tensor("logits")], loss);
        }
    }
}

#[test]
fn feature_distillation_equals_pytorch() {
    for case in Case::all() {
        let maps = |side: &str| [0, 1, 2].map(|index| case.tensor(&format!("{side}{index}")));
        let (targets, theirs) = (case.targets(), maps("theirs"));
        for (name, reduction) in [("mean", Reduction::Mean), ("sum", Reduction::Sum)] {
            case.agrees(&format!("feature.{name}"), &maps("ours"), |ours| {
                let pairs: Vec<_> = ours.iter().zip(&theirs).collect();
                feature(&pairs, &targets, reduction).unwrap()
            });
        }
    }
}

#[test]
fn pixel_contrast_equals_pytorch() {
    for case in Case::all() {
        let unit = |map: &Tensor<4>| map.clone() / map.clone().square().sum_dim(1).sqrt();
        for (name, fraction) in [("0.1", 0.1), ("1.0", 1.0)] {
            let settings = Contrast {
                temperature: 0.1,
                sampling: Sampling::SemiHard,
                fraction,
                anchors: 1024,
                pool: Pool::Stage,
                quota: Quota::Pixels,
            };
            let maps = [case.tensor("embedding0"), case.tensor("embedding1")];
            case.agrees(&format!("contrast.{name}"), &maps, |maps| {
                let embeddings = vec![maps.iter().map(unit).collect()];
                let random = &mut Streams::new(1).stream("sampling", 0);
                contrast(&embeddings, &case.labels(), &[], settings, random).unwrap()
            });
        }
    }
}

#[test]
fn the_recorded_numbers_are_read_as_they_are_written() {
    let read = Recorded::read("a 2 1.5 -2\nb 1 3");
    assert_eq!(read.numbers("a"), [1.5, -2.0]);
    let b = read.tensor::<1>("b");
    assert_eq!((scalar(&b), b.device()), (3.0, device()));
}
