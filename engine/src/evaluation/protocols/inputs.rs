//! What a network is given in a trial.

use burn::tensor::{Device, Tensor, TensorData};
use rand::Rng as _;

use super::asked::Asked;
use crate::data::{Batch, DEGRADATION_SEED, DataError, Degrader, ModalityKind, Sample, add_gauss, lose_elements};
use crate::evaluation::input::{modality_indices, network_input};
use crate::evaluation::missing::StandIns;
use crate::files::sum_of;
use crate::network::Model;
use crate::protocol::{NoiseLevel, Trial};
use crate::random::Streams;

/// A scene, decoded once for all trials.
pub(super) struct Scene {
    /// Its place in the split.
    index: usize,
    /// A number of its own, which its draws follow from.
    number: u64,
    pub(super) sample: Sample,
    pub(super) label: Vec<u8>,
    /// Its normalised images.
    batch: Batch,
}

/// Makes the inputs of every trial.
pub(super) struct Inputs<'a> {
    asked: Asked<'a>,
    /// Where the network's sensors stand in the data set.
    modalities: Vec<usize>,
    stand_ins: StandIns,
    streams: Streams,
}

/// The seed of all noise, so that all networks see the same.
pub(super) const SEED: u64 = DEGRADATION_SEED;

impl<'a> Inputs<'a> {
    pub(super) fn new(asked: Asked<'a>, stand_ins: StandIns) -> Result<Self, DataError> {
        let modalities = modality_indices(asked.model, asked.dataset)?;
        Ok(Self { asked, modalities, stand_ins, streams: Streams::new(SEED) })
    }

    /// Decodes a scene; a sentence where that cannot be done.
    pub(super) fn scene(&self, index: usize) -> Result<Scene, String> {
        let Asked { model, dataset, split, .. } = self.asked;
        let read = || -> Result<(Sample, Batch), DataError> {
            let sample = dataset.sample(split, index, &self.modalities)?;
            let batch = network_input(model, &sample, index)?;
            Ok((sample, batch))
        };
        let (mut sample, batch) = read().map_err(|error| error.to_string())?;
        let label = sample.label.take().ok_or_else(|| "it has no label".to_owned())?;
        Ok(Scene { index, number: sum_of(sample.id.as_bytes()), sample, label, batch })
    }

    /// The images of a trial, one a sensor, `None` where it is dropped.
    pub(super) fn of_trial(&self, trial: &Trial, scene: &Scene) -> Result<Vec<Option<Tensor<4>>>, DataError> {
        let Asked { model, dataset, split, .. } = self.asked;
        let images = &scene.batch.images;
        let as_they_are =
            || -> Vec<Tensor<4>> { images.iter().map(|image| self.tensor(scene, image.clone())).collect() };
        let changed = |change: &dyn Fn(usize, &mut Vec<f32>)| -> Vec<Option<Tensor<4>>> {
            let one = |(sensor, image): (usize, &Vec<f32>)| {
                let mut image = image.clone();
                change(sensor, &mut image);
                Some(self.tensor(scene, image))
            };
            images.iter().enumerate().map(one).collect()
        };
        Ok(match trial {
            Trial::Missing { sensors } => {
                self.stand_ins.fill(&as_they_are(), &self.present(|name| !sensors.contains(name)))
            }
            Trial::Alone { sensor, .. } => {
                let present = self.present(|name| name == sensor);
                as_they_are().into_iter().zip(present).map(|(image, present)| present.then_some(image)).collect()
            }
            Trial::Holed { sensors, share } => changed(&|place, image| {
                let name = &model.sensors[place].name;
                if sensors.contains(name) {
                    hole(image, name, *share, self.streams, scene.number);
                }
            }),
            Trial::Noisy(level) => changed(&|place, image| {
                let sensor = &model.sensors[place];
                noise(image, &sensor.name, sensor.kind, *level, self.streams, scene.number);
            }),
            Trial::Degraded(degraded) => {
                let one = std::slice::from_ref(degraded);
                let degrader = Degrader::new(dataset, &self.modalities, one, SEED)?;
                let sample = degrader.degrade(dataset, split, scene.index, scene.sample.clone())?;
                let batch = network_input(model, &sample, scene.index)?;
                batch.images.into_iter().map(|image| Some(self.tensor(scene, image))).collect()
            }
            Trial::Clean | Trial::Head(_) | Trial::Teacher | Trial::PseudoLabels => {
                as_they_are().into_iter().map(Some).collect()
            }
        })
    }

    /// What a teacher is given of a scene.
    pub(super) fn of_teacher(&self, teacher: &Model, scene: &Scene) -> Result<Vec<Option<Tensor<4>>>, DataError> {
        let Asked { dataset, split, .. } = self.asked;
        let modalities = modality_indices(teacher, dataset)?;
        let sample = dataset.sample(split, scene.index, &modalities)?;
        let batch = network_input(teacher, &sample, scene.index)?;
        Ok(batch.images.iter().map(|image| Some(tensor(image.clone(), &batch, &teacher.device))).collect())
    }

    fn present(&self, is_present: impl Fn(&String) -> bool) -> Vec<bool> {
        self.asked.model.sensors.iter().map(|sensor| is_present(&sensor.name)).collect()
    }

    fn tensor(&self, scene: &Scene, values: Vec<f32>) -> Tensor<4> {
        tensor(values, &scene.batch, &self.asked.model.device)
    }
}

fn tensor(values: Vec<f32>, batch: &Batch, device: &Device) -> Tensor<4> {
    Tensor::from_data(TensorData::new(values, [1, 3, batch.height, batch.width]), device)
}

/// RMM: each element of a normalised image becomes 0 with this probability. A sensor's draws are the same whichever
/// others fail with it.
pub(super) fn hole(image: &mut [f32], sensor: &str, share: f64, streams: Streams, scene: u64) {
    let random = &mut streams.stream(&format!("protocol.rmm.{share}.{sensor}"), scene);
    lose_elements(image, share as f32, 0.0, random);
}

/// NM: salt and pepper on the whole normalised image, all its channels at once, then Gaussian noise on all but events.
pub(super) fn noise(
    image: &mut [f32],
    sensor: &str,
    kind: ModalityKind,
    level: NoiseLevel,
    streams: Streams,
    scene: u64,
) {
    let stream = |part: &str| streams.stream(&format!("protocol.nm.{}.{part}.{sensor}", level.word()), scene);
    let count = (level.salt_and_pepper() * image.len() as f64 / 2.0).ceil() as usize;
    let (largest, smallest) =
        (image.iter().copied().fold(f32::MIN, f32::max), image.iter().copied().fold(f32::MAX, f32::min));
    // Where both fall on one element the later one, pepper, stays.
    for (part, extreme) in [("salt", largest), ("pepper", smallest)] {
        let random = &mut stream(part);
        for _ in 0..count {
            let place = random.next_u64() % image.len() as u64;
            image[place as usize] = extreme;
        }
    }
    if kind != ModalityKind::Event {
        add_gauss(image, level.deviation() as f32, &mut stream("gauss"));
    }
}
