//! Distillation from a vision-language model (Any2Seg §3.2): correlations between sensors, likeness between classes.
//!
//! "KL" of raw cosines is not defined; here both sides go through a softmax first, divided by a temperature.

use burn::tensor::activation::log_softmax;
use burn::tensor::{Device, Int, Tensor, TensorData};

use super::labels::Labels;
pub use crate::recipe::catalogue::objective::intra_modal::Averaging;
pub use crate::recipe::catalogue::objective::language::Direction;

/// Squared norms below this count as no direction at all: the cosine is 0 there and has no gradient.
const NO_DIRECTION: f64 = 1e-24;

/// How two rows of cosines are compared.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Divergence {
    /// Divides the cosines before the softmax.
    pub temperature: f64,
    /// Which way.
    pub direction: Direction,
}

impl Divergence {
    /// Mean over the rows of the divergence between the softmaxes of two tables of cosines `[rows, columns]`: `[1]`.
    fn between(self, student: Tensor<2>, teacher: &[f64]) -> Tensor<1> {
        let [rows, columns] = student.dims();
        let teacher: Vec<f32> = teacher.chunks(columns.max(1)).flat_map(|row| self.log_softmax(row)).collect();
        let teacher = Tensor::<2>::from_data(TensorData::new(teacher, [rows, columns]), &student.device().inner());
        let student = log_softmax(student / self.temperature, 1);
        let summed = match self.direction {
            Direction::Teacher => (teacher.clone() - student) * teacher.exp(),
            Direction::Student => (student.clone() - teacher) * student.exp(),
        };
        summed.sum() / rows as f64
    }

    fn log_softmax(self, row: &[f64]) -> Vec<f32> {
        let scaled = || row.iter().map(|cosine| cosine / self.temperature);
        let largest = scaled().fold(f64::NEG_INFINITY, f64::max);
        let total = scaled().map(|value| (value - largest).exp()).sum::<f64>().ln() + largest;
        scaled().map(|value| (value - total) as f32).collect()
    }
}

/// L_cr (Eqs. 1–3): the mean over scenes of the divergence between the sensors' correlations and the teacher's: `[1]`.
///
/// # Shapes
/// - student: cosines of the sensors' maps to the modality-agnostic one, `[batch, sensors]`; the only thing that gets a
///   gradient
/// - teacher: a scene's cosines of the same sensors' embeddings to that of its caption; `None` for a scene without
///   vectors, which has no say
///
/// `None` where no scene has vectors. With one sensor it is 0.
pub fn inter_modal(student: &Tensor<2>, teacher: &[Option<Vec<f64>>], divergence: Divergence) -> Option<Tensor<1>> {
    let sensors = student.dims()[1];
    let known = teacher.iter().enumerate().filter_map(|(scene, row)| Some((scene as i64, row.as_ref()?)));
    let (scenes, rows): (Vec<i64>, Vec<&Vec<f64>>) = known.filter(|(_, row)| row.len() == sensors).unzip();
    if scenes.is_empty() {
        return None;
    }
    let student = student.clone().select(0, places(&scenes, &student.device()));
    Some(divergence.between(student, &rows.into_iter().flatten().copied().collect::<Vec<_>>()))
}

/// L_se (Eqs. 4–5): the likeness of the classes' mean features follows that of their names: `[1]`.
///
/// # Shapes
/// - map: the modality-agnostic map `[batch, channels, h, w]`, the only thing that gets a gradient; it is resized to
///   the labels' size
/// - labels: `[batch, height, width]`
/// - names: cosines of the class names' embeddings, `[classes, classes]` row by row
///
/// Only classes with pixels count. `None` where no pixel has a class.
pub fn intra_modal(
    map: &Tensor<4>,
    labels: &Labels,
    names: &[f64],
    averaging: Averaging,
    divergence: Divergence,
) -> Option<Tensor<1>> {
    let classes = names.len().isqrt();
    let weighed = class_weights(labels, classes, [map.dims()[2], map.dims()[3]], averaging);
    let means = class_means(map, &weighed, classes);
    let groups: Vec<(Tensor<2>, &[bool])> = match averaging {
        Averaging::Batch => vec![(means.sum_dim(0).squeeze_dim(0), weighed.present.as_slice())],
        Averaging::Image => {
            let image = |(scene, present)| (means.clone().narrow(0, scene, 1).squeeze_dim(0), present);
            weighed.present.chunks(classes.max(1)).enumerate().map(image).collect()
        }
    };
    let mut losses = Vec::new();
    for (means, present) in groups {
        let present: Vec<i64> = (0..classes).filter(|&class| present[class]).map(|class| class as i64).collect();
        if present.is_empty() {
            continue;
        }
        let student = similarities(means.select(0, places(&present, &map.device())));
        let row = |&class: &i64| present.iter().map(move |&other| names[class as usize * classes + other as usize]);
        losses.push(divergence.between(student, &present.iter().flat_map(row).collect::<Vec<_>>()));
    }
    let count = losses.len();
    Some(losses.into_iter().reduce(|sum, loss| sum + loss)? / count as f64)
}

/// The likeness of the classes that a batch holds, and which those are: cosines `[classes, classes]`, 0 in rows and
/// columns of absent ones. Without a graph; for people to look at.
pub fn class_likeness(map: &Tensor<4>, labels: &Labels, classes: usize) -> (Tensor<2>, Vec<bool>) {
    let map = map.clone().inner();
    let weighed = class_weights(labels, classes, [map.dims()[2], map.dims()[3]], Averaging::Batch);
    (similarities(class_means(&map, &weighed, classes).sum_dim(0).squeeze_dim(0)), weighed.present)
}

/// Cosines between rows: `[rows, channels]` to `[rows, rows]`.
fn similarities(rows: Tensor<2>) -> Tensor<2> {
    let squares = rows.clone().square().sum_dim(1);
    let none = squares.clone().inner().lower_elem(NO_DIRECTION);
    let shape = rows.dims();
    let unit = rows.mask_fill(none.clone().expand(shape), 0.0) / squares.mask_fill(none, 1.0).sqrt();
    unit.clone().matmul(unit.transpose())
}

/// A mean over pixels of the resized map is a weighted mean over places of the map as it is.
struct Weighed {
    /// `[batch, classes, places]`.
    weights: Vec<f32>,
    /// `[classes]`, or `[batch, classes]` where images count by themselves.
    present: Vec<bool>,
}

/// Gives every labelled pixel's say to the one to four places that bilinear resizing would make it from (as
/// `network::layers::resize_bilinear` does), so that no map has to be made as large as the labels.
fn class_weights(labels: &Labels, classes: usize, [height, width]: [usize; 2], averaging: Averaging) -> Weighed {
    let area = height * width;
    let (rows, columns) = (taps(height, labels.height), taps(width, labels.width));
    let mut weights = vec![0.0_f32; labels.batch * classes * area];
    let mut pixels = vec![0_u32; labels.batch * classes];
    for (pixel, &id) in labels.ids.iter().enumerate() {
        let class = usize::from(id);
        if class >= classes {
            continue;
        }
        let (line, column) = (pixel / labels.width, pixel % labels.width);
        let of_class = line / labels.height * classes + class;
        pixels[of_class] += 1;
        let here = &mut weights[of_class * area..][..area];
        for (y, tall) in rows[line % labels.height] {
            for (x, wide) in columns[column] {
                here[y * width + x] += tall * wide;
            }
        }
    }
    let counts = match averaging {
        Averaging::Image => pixels,
        Averaging::Batch => {
            let of_class = |class: usize| pixels.iter().skip(class).step_by(classes).sum();
            (0..classes).map(of_class).collect()
        }
    };
    for (place, weights) in weights.chunks_mut(area.max(1)).enumerate() {
        let share = 1.0 / counts[place % counts.len()].max(1) as f32;
        for weight in weights {
            *weight *= share;
        }
    }
    Weighed { weights, present: counts.into_iter().map(|count| count > 0).collect() }
}

/// For each target place the two source places that bilinear resizing takes and their shares.
fn taps(from: usize, to: usize) -> Vec<[(usize, f32); 2]> {
    let scale = from as f64 / to as f64;
    let tap = |target: usize| {
        let source = ((target as f64 + 0.5) * scale - 0.5).max(0.0);
        let low = (source as usize).min(from - 1);
        let share = (source - low as f64) as f32;
        [(low, 1.0 - share), ((low + 1).min(from - 1), share)]
    };
    (0..to).map(tap).collect()
}

/// `[batch, classes, channels]`: each image's share of the class means.
fn class_means(map: &Tensor<4>, weighed: &Weighed, classes: usize) -> Tensor<3> {
    let [batch, channels, height, width] = map.dims();
    let area = height * width;
    let weights = TensorData::new(weighed.weights.clone(), [batch, classes, area]);
    let weights = Tensor::<3>::from_data(weights, &map.device().inner());
    weights.matmul(map.clone().reshape([batch, channels, area]).swap_dims(1, 2))
}

fn places(places: &[i64], device: &Device) -> Tensor<1, Int> {
    Tensor::from_data(TensorData::new(places.to_vec(), [places.len()]), &device.clone().inner())
}

#[cfg(test)]
mod tests;
