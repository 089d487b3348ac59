//! Cross-spectral prototypes: one vector a class that all sensors share, and the pull of every pixel towards its own.

use burn::tensor::activation::{log_softmax, softmax};
use burn::tensor::{Int, Tensor, TensorData};

use super::labels::{Labels, Targets};
use crate::data::IGNORE;
pub use crate::recipe::catalogue::objective::prototype::Absent;
pub use crate::recipe::catalogue::objective::prototype::Average;

/// Squared norms below this count as no direction at all.
const NO_DIRECTION: f64 = 1e-24;
/// The cosine to a class that was never seen: as far away as can be.
const NEVER: f32 = -1.0;
/// The age of a prototype that was never made.
const UNSEEN: f32 = -1.0;

/// How prototypes are made and kept.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Prototyping {
    /// Pixels whose own prediction is surer than this take part.
    pub confidence: f32,
    /// The share of the old value in the moving average.
    pub momentum: f32,
    /// What becomes of absent classes.
    pub absent: Absent,
    /// How a batch's mean is taken.
    pub average: Average,
}

/// One vector a class, and how long ago it was last renewed. Without a graph.
#[derive(Clone, Debug)]
pub struct Prototypes {
    /// `[classes, channels]`.
    pub vectors: Tensor<2>,
    /// `[classes, 1]`: steps since the last update, −1 for a class that was never seen.
    pub age: Tensor<2>,
}

impl Prototypes {
    /// Nothing seen yet.
    pub fn unseen(classes: usize, like: &Tensor<4>) -> Self {
        let device = like.device().inner();
        let channels = like.dims()[1];
        Self { vectors: Tensor::zeros([classes, channels], &device), age: Tensor::full([classes, 1], UNSEEN, &device) }
    }

    /// `[classes, 1]`: 1 for classes that were seen, else 0.
    pub fn seen(&self) -> Tensor<2> {
        self.age.clone().greater_elem(UNSEEN / 2.0).float()
    }

    /// Takes a batch's class means into the moving average (momentum 0.9 in the paper). The first value of a class is
    /// its first mean.
    pub fn renewed(&self, batch: &ClassMeans, settings: Prototyping) -> Self {
        let (seen, found) = (self.seen(), batch.found.clone());
        let mixed = self.vectors.clone() * settings.momentum + batch.means.clone() * (1.0 - settings.momentum);
        let vectors = match settings.absent {
            Absent::Keep => {
                let update = mixed * seen.clone() + batch.means.clone() * (seen.clone().neg() + 1.0);
                update * found.clone() + self.vectors.clone() * (found.clone().neg() + 1.0)
            }
            Absent::Shrink => {
                let begun = seen.clone().max().reshape([1, 1]);
                mixed * begun.clone() + batch.means.clone() * (begun.neg() + 1.0)
            }
        };
        let older = self.age.clone() + seen;
        let age = older * (found.neg() + 1.0);
        Self { vectors, age }
    }
}

/// Mean features of the classes in a batch (Eq. 2). Without a graph.
#[derive(Clone, Debug)]
pub struct ClassMeans {
    /// `[classes, channels]`; zeros where nothing was selected.
    pub means: Tensor<2>,
    /// `[classes, 1]`: 1 where anything was, else 0.
    pub found: Tensor<2>,
}

/// η_θ of one sensor: the mean over the pixels of a class whose own prediction is sure enough (Eq. 2).
///
/// # Shapes
/// - map: features `[batch, channels, h, w]`
/// - logits: `[batch, classes, height, width]` of the same sensor
/// - labels: `[batch, height, width]`; labels and confidence are brought to the map's size by nearest neighbour
pub fn class_means(map: &Tensor<4>, logits: &Tensor<4>, labels: &Labels, settings: Prototyping) -> ClassMeans {
    let (map, logits) = (map.clone().inner(), logits.clone().inner());
    let [batch, channels, height, width] = map.dims();
    let [_, classes, from_height, from_width] = logits.dims();
    let device = map.device();
    let nearest = |to: usize, from: usize| -> Tensor<1, Int> {
        let places: Vec<i64> = (0..to).map(|place| (place * from / to) as i64).collect();
        Tensor::from_data(TensorData::new(places, [to]), &device)
    };
    let small = logits.select(2, nearest(height, from_height)).select(3, nearest(width, from_width));
    let sure = softmax(small, 1).max_dim(1).greater_elem(settings.confidence).float();
    let targets = Targets::new(labels.nearest(height, width), classes, &device);
    let pixels = batch * height * width;
    let chosen: Tensor<2> = (targets.one_hot() * sure).swap_dims(0, 1).reshape([classes, pixels]);
    let features: Tensor<2> = map.permute([0, 2, 3, 1]).reshape([pixels, channels]);
    let counts = chosen.clone().sum_dim(1);
    let found = counts.clone().greater_elem(0.0).float();
    let means = chosen.matmul(features) / counts.clamp_min(1.0);
    let means = match settings.average {
        Average::Pixels => means,
        Average::Scenes => {
            let scenes = Tensor::from_data(TensorData::new(scenes_with(labels, classes), [classes, 1]), &device);
            means / scenes
        }
    };
    ClassMeans { means, found }
}

/// η_RT: the mean over the sensors in which a class was found (Eq. 2).
pub fn joined(sensors: &[ClassMeans]) -> Option<ClassMeans> {
    let (first, rest) = sensors.split_first()?;
    let (mut sum, mut count) = (first.means.clone() * first.found.clone(), first.found.clone());
    for sensor in rest {
        sum = sum + sensor.means.clone() * sensor.found.clone();
        count = count + sensor.found.clone();
    }
    Some(ClassMeans { means: sum / count.clone().clamp_min(1.0), found: count.greater_elem(0.0).float() })
}

/// In how many scenes each class occurs, at least 1.
fn scenes_with(labels: &Labels, classes: usize) -> Vec<f32> {
    let area = labels.height * labels.width;
    let holds = |class: usize| {
        let scenes = labels.ids.chunks(area.max(1));
        scenes.filter(|ids| ids.iter().any(|&id| usize::from(id) == class)).count().max(1) as f32
    };
    (0..classes).map(holds).collect()
}

/// Cosine similarity of every pixel to every prototype: `[batch, classes, h, w]` from features
/// `[batch, channels, h, w]`.
///
/// −1 for classes that were never seen; 0, with zero gradient, for a pixel whose features are all zero. The prototypes
/// get no gradient.
pub fn cosines(map: &Tensor<4>, prototypes: &Prototypes) -> Tensor<4> {
    let [batch, channels, height, width] = map.dims();
    let classes = prototypes.vectors.dims()[0];
    let squares = map.clone().square().sum_dim(1);
    let directed = squares.clone().inner().greater_elem(NO_DIRECTION).float();
    let unit = map.clone() * directed / squares.clamp_min(NO_DIRECTION).sqrt();
    let vectors = prototypes.vectors.clone();
    let norms = vectors.clone().square().sum_dim(1).clamp_min(NO_DIRECTION).sqrt();
    let vectors: Tensor<3> = (vectors / norms).unsqueeze();
    let unit: Tensor<3> = unit.reshape([batch, channels, height * width]);
    let seen: Tensor<3> = prototypes.seen().unsqueeze();
    let cosine = vectors.matmul(unit) * seen.clone() + (seen.neg() + 1.0) * NEVER;
    cosine.reshape([batch, classes, height, width])
}

/// L_η of one sensor (Eq. 3): cross-entropy of the pixels' cosines to the prototypes, divided by τ: `[1]`, unweighted.
///
/// # Shapes
/// - map: features `[batch, channels, h, w]`, the only thing that gets a gradient
/// - labels: `[batch, height, width]`; the cosines stand for the pixels that are nearest to them
///
/// Mean over the counted pixels; 0, with zero gradient, where there are none. (Eq. 3 sums over pixels, the authors'
/// code takes the mean.)
pub fn prototype(map: &Tensor<4>, prototypes: &Prototypes, labels: &Labels, temperature: f64) -> Tensor<1> {
    let [_, _, height, width] = map.dims();
    let classes = prototypes.vectors.dims()[0];
    let (counts, counted) = label_counts(labels, classes, height, width);
    if counted == 0 {
        return Tensor::zeros([1], &map.device());
    }
    let counts = TensorData::new(counts, [labels.batch, classes, height, width]);
    let counts = Tensor::from_data(counts, &map.device().inner());
    let log_probabilities = log_softmax(cosines(map, prototypes) / temperature, 1);
    (log_probabilities * counts).sum() * (-1.0 / counted as f32)
}

/// How many of the labelled pixels that are nearest to each place of an `h × w` map have which class: as many terms of
/// the cross-entropy as there are pixels, from one softmax a place. Returns all counts `[batch, classes, h, w]` and
/// their sum.
fn label_counts(labels: &Labels, classes: usize, height: usize, width: usize) -> (Vec<f32>, usize) {
    let mut counts = vec![0.0_f32; labels.batch * classes * height * width];
    let mut counted = 0;
    for scene in 0..labels.batch {
        for y in 0..labels.height {
            let row = y * height / labels.height;
            for x in 0..labels.width {
                let class = usize::from(labels.ids[(scene * labels.height + y) * labels.width + x]);
                if class < classes {
                    let column = x * width / labels.width;
                    counts[((scene * classes + class) * height + row) * width + column] += 1.0;
                    counted += 1;
                }
            }
        }
    }
    (counts, counted)
}

/// Cosine similarity of every prototype to every other: `[1, 1, classes, classes]`; 0 for classes that were never seen.
pub fn likeness(prototypes: &Prototypes) -> Tensor<4> {
    let vectors = prototypes.vectors.clone() * prototypes.seen();
    let norms = vectors.clone().square().sum_dim(1).clamp_min(NO_DIRECTION).sqrt();
    let unit = vectors / norms;
    unit.clone().matmul(unit.transpose()).unsqueeze()
}

/// The class whose prototype is nearest to each pixel: ids `[batch, 1, h, w]`; 255 while no class was seen.
pub fn nearest_prototype(map: &Tensor<4>, prototypes: &Prototypes) -> Tensor<4> {
    let ids = cosines(&map.clone().inner(), prototypes).argmax(1).float();
    let begun = prototypes.seen().max().reshape([1, 1, 1, 1]);
    ids * begun.clone() + (begun.neg() + 1.0) * f32::from(IGNORE)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::objective::check::{close, device, gradient, scalar, wave_tensor};
    use crate::objective::recorded::{Recorded, agree};

    const SETTINGS: Prototyping =
        Prototyping { confidence: 0.5, momentum: 0.9, absent: Absent::Keep, average: Average::Pixels };

    struct Case {
        maps: [Tensor<4>; 2],
        labels: Labels,
        batch: ClassMeans,
    }

    fn case(recorded: &Recorded, name: &str) -> Case {
        let tensors = |what: &str| ["r", "t"].map(|sensor| recorded.tensor::<4>(&format!("{name}.{what}.{sensor}")));
        let (maps, logits) = (tensors("features"), tensors("logits"));
        let labels = recorded.labels(&format!("{name}.labels"));
        let each = [0, 1].map(|sensor| class_means(&maps[sensor], &logits[sensor], &labels, SETTINGS));
        Case { batch: joined(&each).unwrap(), maps, labels }
    }

    fn numbers(tensor: &Tensor<2>) -> Vec<f32> {
        tensor.to_data().try_to_vec().unwrap()
    }

    fn first(batch: &ClassMeans) -> Prototypes {
        let unseen = Prototypes { vectors: batch.means.zeros_like(), age: batch.found.ones_like() * UNSEEN };
        unseen.renewed(batch, SETTINGS)
    }

    #[test]
    fn values_and_gradients_equal_those_of_pytorch() {
        let recorded = Recorded::uda();
        for name in ["case0", "case1", "case2"] {
            let Case { maps, labels, batch } = case(&recorded, name);
            agree(&numbers(&batch.means), recorded.numbers(&format!("{name}.prototype.batch")), name);
            assert_eq!(numbers(&batch.found), recorded.numbers(&format!("{name}.prototype.seen")));
            let prototypes = first(&batch);
            agree(&numbers(&prototypes.vectors), recorded.numbers(&format!("{name}.prototype.batch")), name);
            let previous = recorded.tensor::<2>(&format!("{name}.prototype.previous")).inner();
            let known =
                Prototypes { age: Tensor::zeros([previous.dims()[0], 1], &previous.device()), vectors: previous };
            for (word, absent) in [("keep", Absent::Keep), ("shrink", Absent::Shrink)] {
                let renewed = known.renewed(&batch, Prototyping { absent, ..SETTINGS });
                agree(&numbers(&renewed.vectors), recorded.numbers(&format!("{name}.prototype.{word}")), word);
            }
            for (sensor, map) in ["r", "t"].into_iter().zip(maps) {
                let what = format!("{name}.prototype.loss.{sensor}");
                let (value, slope) = gradient(|map| prototype(&map, &prototypes, &labels, 0.1), map);
                agree(&[value], recorded.numbers(&what), &what);
                agree(&slope, recorded.numbers(&format!("{what}.slope")), &what);
            }
        }
    }

    #[test]
    fn ages_count_the_steps_since_a_class_was_seen() {
        let means = |found: [f32; 3]| ClassMeans {
            means: Tensor::ones([3, 2], &device().inner()),
            found: Tensor::from_data(TensorData::new(found.to_vec(), [3, 1]), &device().inner()),
        };
        let unseen = Prototypes::unseen(3, &Tensor::zeros([1, 2, 1, 1], &device()));
        let once = unseen.renewed(&means([1.0, 1.0, 0.0]), SETTINGS);
        let twice = once.renewed(&means([1.0, 0.0, 0.0]), SETTINGS).renewed(&means([0.0, 0.0, 0.0]), SETTINGS);
        assert_eq!(numbers(&twice.age), [1.0, 2.0, -1.0]);
        assert_eq!(numbers(&twice.seen()), [1.0, 1.0, 0.0]);
        assert_eq!(numbers(&twice.vectors), [1.0, 1.0, 1.0, 1.0, 0.0, 0.0]);
    }

    #[test]
    fn an_absent_class_keeps_its_prototype_or_shrinks_in_its_direction() {
        let recorded = Recorded::uda();
        let Case { batch, .. } = case(&recorded, "case0");
        let absent = recorded.numbers("case0.absent")[0] as usize;
        let previous = wave_tensor([4, 3, 1, 1], 0.7).inner().reshape([4, 3]);
        let known = Prototypes { age: Tensor::zeros([4, 1], &previous.device()), vectors: previous.clone() };
        let row = |prototypes: &Prototypes| numbers(&prototypes.vectors)[absent * 3..][..3].to_vec();
        let (before, kept) = (row(&known), row(&known.renewed(&batch, SETTINGS)));
        assert_eq!(kept, before);
        let shrunk = row(&known.renewed(&batch, Prototyping { absent: Absent::Shrink, ..SETTINGS }));
        for (shrunk, before) in shrunk.iter().zip(before) {
            close(*shrunk, 0.9 * before, 1e-6);
        }
    }

    #[test]
    fn a_mean_by_scenes_points_the_same_way() {
        let recorded = Recorded::uda();
        let (map, logits) = (recorded.tensor("case2.features.r"), recorded.tensor("case2.logits.r"));
        let labels = recorded.labels("case2.labels");
        let of = |average| class_means(&map, &logits, &labels, Prototyping { average, confidence: 0.0, ..SETTINGS });
        let (plain, by_scenes) = (of(Average::Pixels), of(Average::Scenes));
        let scenes = scenes_with(&labels, 3);
        assert!(scenes.contains(&2.0), "{scenes:?}");
        for (place, (plain, by_scenes)) in numbers(&plain.means).iter().zip(numbers(&by_scenes.means)).enumerate() {
            close(by_scenes * scenes[place / 5], *plain, 1e-6);
        }
    }

    #[test]
    fn a_class_never_seen_is_as_far_away_as_can_be_and_a_dark_pixel_does_no_harm() {
        let map = wave_tensor([1, 3, 1, 2], 0.4) * Tensor::<4>::from_floats([[[[1.0, 0.0]]]], &device());
        let unseen = Prototypes::unseen(2, &map);
        assert!(cosines(&map, &unseen).into_data().iter::<f32>().all(|cosine| cosine == NEVER));
        assert!(nearest_prototype(&map, &unseen).into_data().iter::<f32>().all(|id| id == f32::from(IGNORE)));
        let known = Prototypes {
            vectors: Tensor::ones([2, 3], &device().inner()),
            age: Tensor::zeros([2, 1], &device().inner()),
        };
        let labels = Labels { ids: vec![0, 1], batch: 1, height: 1, width: 2 };
        let (value, slope) = gradient(|map| prototype(&map, &known, &labels, 0.1), map);
        close(value, 2.0_f32.ln(), 1e-6);
        assert!(slope.iter().all(|slope| slope.is_finite()), "{slope:?}");
    }

    #[test]
    fn without_labels_nothing_is_found_and_nothing_pulls() {
        let map = wave_tensor([1, 3, 2, 2], 0.4);
        let labels = Labels { ids: vec![IGNORE; 16], batch: 1, height: 4, width: 4 };
        let batch = class_means(&map, &wave_tensor([1, 2, 4, 4], 0.1), &labels, SETTINGS);
        assert_eq!(numbers(&batch.found), [0.0, 0.0]);
        let renewed = Prototypes::unseen(2, &map).renewed(&batch, SETTINGS);
        assert_eq!(numbers(&renewed.age), [-1.0, -1.0]);
        assert_eq!(scalar(&prototype(&map, &renewed, &labels, 0.1)), 0.0);
    }
}
