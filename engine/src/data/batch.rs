//! From samples to what a network takes: unit range, normalised, three channels.

use super::dataset::Dataset;
use super::error::DataError;
use super::sample::{Batch, IGNORE, Modality, ModalityKind, Normalisation, Plane, Sample};
use crate::recipe::Recipe;
use crate::recipe::catalogue::data::{self, Normalisation as Wanted};
use crate::recipe::catalogue::encoder::{self, Published};
use crate::recipe::catalogue::sensors;

/// How many of the manifest's sensors are used where a recipe names none.
const DEFAULT_SENSORS: usize = 2;

/// Places of the sensors that `sensors.use` names; empty takes the manifest's first two.
pub fn sensors_in_use(recipe: &Recipe, dataset: &Dataset) -> Result<Vec<usize>, DataError> {
    let names = recipe.get(sensors::USE);
    if names.is_empty() {
        return Ok((0..dataset.modalities.len().min(DEFAULT_SENSORS)).collect());
    }
    names.iter().map(|name| dataset.modality_index(name)).collect()
}

/// What `data.normalisation` asks for; `encoder` is what the encoder was pretrained with where there are weights to
/// match, whatever the sensor, else what the manifest says.
pub fn normalisation_for(recipe: &Recipe, modality: &Modality) -> Normalisation {
    let is_colour = modality.kind == ModalityKind::Colour;
    match recipe.get(data::NORMALISATION) {
        Wanted::Imagenet => Normalisation::Imagenet,
        Wanted::Unit => Normalisation::Unit,
        Wanted::ImagenetColour | Wanted::DisOptNet if is_colour => Normalisation::Imagenet,
        Wanted::ImagenetColour => Normalisation::Unit,
        Wanted::DisOptNet => Normalisation::MeanStd { mean: [0.5; 3], std: [0.125; 3] },
        Wanted::Manifest => modality.normalisation.clone(),
        Wanted::Encoder => match recipe.get(encoder::FAMILY).facts().published {
            Some(Published::Imagenet) => Normalisation::Imagenet,
            Some(Published::Lite) => Normalisation::Lite,
            None => modality.normalisation.clone(),
        },
    }
}

/// The largest scene that a network is given at once, in pixels: 16 megapixels. What a network holds beside it is
/// hundreds of bytes a pixel.
pub const MAX_SCENE_PX: usize = 16 << 20;

/// Refuses a scene that no network could take at once.
pub(crate) fn checked_scene(sample: &Sample) -> Result<(), DataError> {
    let (width, height, max_pixels) = (sample.width, sample.height, MAX_SCENE_PX);
    if width * height > max_pixels {
        return Err(DataError::SceneTooLarge { id: sample.id.clone(), width, height, max_pixels });
    }
    Ok(())
}

/// Joins scenes of one size. `sensors` and `normalisations` belong to the samples' planes, in the same order.
pub fn batch_of(
    samples: &[Sample],
    sensors: &[Modality],
    normalisations: &[Normalisation],
    index: u64,
) -> Result<Batch, DataError> {
    let shape = |what, expected, found| Err(DataError::BatchShape { what, expected, found });
    let Some(first) = samples.first() else { return shape("samples", 1, 0) };
    if normalisations.len() != sensors.len() {
        return shape("normalisations", sensors.len(), normalisations.len());
    }
    checked_scene(first)?;
    let (height, width) = (first.height, first.width);
    let area = height * width;
    for sample in samples {
        if (sample.height, sample.width) != (height, width) {
            return Err(DataError::UnequalSizes {
                first: first.id.clone(),
                expected: format!("{width} × {height}"),
                second: sample.id.clone(),
                found: format!("{} × {}", sample.width, sample.height),
            });
        }
        if sample.planes.len() != sensors.len() {
            return shape("planes a sample", sensors.len(), sample.planes.len());
        }
        if let Some(plane) = sample.planes.iter().find(|plane| plane.values.len() != plane.channels * area) {
            return shape("values a plane", plane.channels * area, plane.values.len());
        }
    }
    let image = |sensor: usize| {
        let mut values = Vec::with_capacity(samples.len() * 3 * area);
        for sample in samples {
            extend_normalised(&mut values, &sample.planes[sensor], &sensors[sensor], &normalisations[sensor], area);
        }
        values
    };
    let mut labels = Vec::with_capacity(samples.len() * area);
    for sample in samples {
        match &sample.label {
            Some(label) if label.len() == area => labels.extend_from_slice(label),
            Some(label) => return shape("label ids a sample", area, label.len()),
            None => labels.resize(labels.len() + area, IGNORE),
        }
    }
    Ok(Batch {
        index,
        ids: samples.iter().map(|sample| sample.id.clone()).collect(),
        tags: samples.iter().map(|sample| sample.tags.clone()).collect(),
        height,
        width,
        images: (0..sensors.len()).map(image).collect(),
        labels,
        valid: samples.iter().map(|sample| sample.valid.clone()).collect(),
    })
}

/// Appends three normalised channels; values outside `low..=high` are clamped to it.
fn extend_normalised(out: &mut Vec<f32>, plane: &Plane, sensor: &Modality, normalisation: &Normalisation, area: usize) {
    let (means, stds) = normalisation.mean_std();
    let span = sensor.high - sensor.low;
    for channel in 0..3 {
        let from = channel.min(plane.channels - 1) * area;
        let (mean, std) = (means[channel], stds[channel]);
        let normal = |value: &f32| (((value - sensor.low) / span).clamp(0.0, 1.0) - mean) / std;
        out.extend(plane.values[from..from + area].iter().map(normal));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::Window;

    fn sensor(low: f32, high: f32) -> Modality {
        Modality {
            name: "depth".to_owned(),
            kind: ModalityKind::Depth,
            channels: 1,
            unit: "m".to_owned(),
            low,
            high,
            normalisation: Normalisation::Unit,
        }
    }

    fn sample(values: Vec<f32>, width: usize, label: Option<Vec<u8>>) -> Sample {
        let plane = Plane { channels: 1, values };
        let valid = Window { rows: 0..1, columns: 0..width };
        Sample { id: "a".to_owned(), tags: Vec::new(), height: 1, width, planes: vec![plane], label, valid }
    }

    #[test]
    fn values_are_brought_to_the_unit_range_normalised_and_replicated() {
        let samples = [sample(vec![2.0, 7.0], 2, Some(vec![3, 4])), sample(vec![12.0, 99.0], 2, None)];
        let half = Normalisation::MeanStd { mean: [0.5; 3], std: [0.5, 0.25, 1.0] };
        let batch = batch_of(&samples, &[sensor(2.0, 12.0)], &[half], 7).unwrap();
        assert_eq!(batch.images[0], [-1.0, 0.0, -2.0, 0.0, -0.5, 0.0, 1.0, 1.0, 2.0, 2.0, 0.5, 0.5]);
        assert_eq!(batch.labels, [3, 4, IGNORE, IGNORE]);
        assert_eq!((batch.index, batch.height, batch.width), (7, 1, 2));
        assert_eq!(batch.valid, samples.map(|sample| sample.valid));
    }

    #[test]
    fn samples_of_unequal_size_are_refused_by_name() {
        let samples = [sample(vec![0.0; 2], 2, None), sample(vec![0.0; 3], 3, None)];
        let message = batch_of(&samples, &[sensor(0.0, 1.0)], &[Normalisation::Unit], 0).unwrap_err().to_string();
        assert!(message.contains("2 × 1") && message.contains("3 × 1"), "{message}");
        assert!(batch_of(&[], &[], &[], 0).is_err());
    }
}
