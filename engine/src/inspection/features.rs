//! Vectors of chosen pixels at a chosen place in the network: what an embedding lays out.

use std::ops::ControlFlow;

use burn::tensor::Tensor;

use super::error::InspectionError;
use super::pixels::{Drawn, Picked, draw, located};
use crate::data::{Dataset, IGNORE, Sample};
use crate::evaluation::{EvaluationError, Missing, StandIns, fitting_sensors, predictions, scene_images};
use crate::network::decoders::{PROJECTION, SIMILARITY};
use crate::network::{FUSED, Model, Output, Probes, probabilities};
use crate::objective::Labels;
use crate::protocol::PointMark;

/// Which vectors of which pixels to gather.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FeatureRequest {
    /// A name of [`offered_features`], such as `stage4` (all sensors) or `stage4.thermal`.
    pub features: String,
    /// The split's name.
    pub split: String,
    /// The scenes' indices in the split.
    pub scenes: Vec<usize>,
    /// How many vectors to gather at most, all sources together.
    pub points: usize,
    /// What the choice of pixels follows from.
    pub seed: u64,
    /// Names of the sensors that the network must do without.
    pub dropped: Vec<String>,
}

/// Vectors and where they are from.
#[derive(Clone, Debug, PartialEq)]
pub struct FeatureTable {
    /// Numbers a vector.
    pub width: usize,
    /// The vectors, row by row: a pixel's sources stand beside each other.
    pub numbers: Vec<f32>,
    /// One mark a vector.
    pub marks: Vec<PointMark>,
    /// What the sources are called: sensors' names, or `fused`.
    pub sources: Vec<String>,
    /// Everything that could be gathered of this network.
    pub offered: Vec<String>,
}

/// Offers the maps themselves, `features.SOURCE`: the mean over channels of what each sensor's branch and the fusion make of
/// a scene (Any2Seg Fig. 5; how channels become one picture it does not say).
pub(super) fn show(model: &Model, inputs: &[Option<Tensor<4>>], output: &Output, probes: &mut Probes) {
    if !probes.is_on() {
        return;
    }
    let ran = model.sensors.iter().zip(inputs).filter(|(_, input)| input.is_some());
    let ran: Vec<String> = ran.map(|(sensor, _)| sensor.name.clone()).collect();
    for (name, map) in sources(output, &ran) {
        probes.record(&format!("features.{name}"), || map);
    }
}

/// What can be gathered of this network, asked about the split's first scene: see [`FeatureRequest::features`].
pub fn offered_features(
    model: &Model,
    dataset: &Dataset,
    split: &str,
    dropped: &[String],
) -> Result<Vec<String>, InspectionError> {
    let request = FeatureRequest {
        features: String::new(),
        split: split.to_owned(),
        scenes: vec![0],
        points: 0,
        seed: 0,
        dropped: dropped.to_vec(),
    };
    let failed = |source: EvaluationError| InspectionError::Prediction {
        split: split.to_owned(),
        index: 0,
        source: Box::new(source),
    };
    let places = fitting_sensors(model, dataset).map_err(failed)?;
    let (_, output) = answer(model, dataset, &request, 0, &places)?;
    Ok(feature_names(&output, &present_sensors(model, &request)))
}

/// What can be gathered of a network that answers this: single sources, and families of all sensors' maps of one width.
fn feature_names(output: &Output, present: &[String]) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for (name, _) in sources(output, present) {
        let family = name.rsplit_once('.').map_or(name.as_str(), |(family, _)| family).to_owned();
        if present.len() > 1 && !names.contains(&family) && names.iter().all(|known| known != &name) {
            let members = sources(output, present).iter().filter(|(other, _)| member(other, &family)).count();
            if members > 1 {
                names.push(family);
            }
        }
        names.push(name);
    }
    names
}

/// Gathers the vectors. The pixels follow from the labels, the size of the maps and the seed alone, so that they stay
/// the same while the network learns: as many of each class as there are, up to an equal share.
///
/// `progress` is told how much of how much is done (each scene is looked at twice), and may end the work.
pub fn gather(
    model: &Model,
    dataset: &Dataset,
    request: &FeatureRequest,
    progress: &mut dyn FnMut(u64, u64) -> ControlFlow<()>,
) -> Result<FeatureTable, InspectionError> {
    let failed = |index: usize| {
        let split = request.split.clone();
        move |source: EvaluationError| InspectionError::Prediction { split, index, source: Box::new(source) }
    };
    let first = *request
        .scenes
        .first()
        .ok_or_else(|| InspectionError::Features { reason: format!("no scene of `{}` was chosen", request.split) })?;
    let places = fitting_sensors(model, dataset).map_err(failed(first))?;
    let total = 2 * request.scenes.len() as u64;
    let present: Vec<String> = present_sensors(model, request);
    let (size, names, offered) = {
        let (_, output) = answer(model, dataset, request, first, &places)?;
        let chosen = chosen(&output, model, request)?;
        let [_, _, height, width] = chosen[0].1.dims();
        let names: Vec<String> = chosen.iter().map(|(name, _)| source_of(name)).collect();
        ([height, width], names, feature_names(&output, &present))
    };
    let count = request.points / names.len().max(1);
    let drawn = pick(dataset, request, size, count, &mut |done| {
        if progress(done, total).is_break() { Err(InspectionError::Stopped) } else { Ok(()) }
    })?;
    let mut table = FeatureTable { width: 0, numbers: Vec::new(), marks: Vec::new(), sources: names, offered };
    for (done, (&scene, drawn)) in (0..).zip(request.scenes.iter().zip(&drawn)) {
        if progress(total / 2 + done, total).is_break() {
            return Err(InspectionError::Stopped);
        }
        if drawn.is_empty() {
            continue;
        }
        let (sample, output) = answer(model, dataset, request, scene, &places)?;
        let pixels = labels_of(&sample, size).and_then(|labels| located(drawn, &labels)).ok_or_else(|| {
            let reason = format!("the labels of scene {scene} of `{}` changed meanwhile", request.split);
            InspectionError::Features { reason }
        })?;
        let heads = predictions(probabilities(&output), sample.height, sample.width).map_err(failed(scene))?;
        let answers = heads.first().map(|head| head.ids.as_slice()).unwrap_or_default();
        add_scene(&mut table, scene, &pixels, size, &chosen(&output, model, request)?, (&sample, answers))?;
    }
    Ok(table)
}

fn add_scene(
    table: &mut FeatureTable,
    scene: usize,
    pixels: &[Picked],
    [height, width]: [usize; 2],
    chosen: &[(String, Tensor<4>)],
    (sample, answers): (&Sample, &[u8]),
) -> Result<(), InspectionError> {
    let unreadable = || InspectionError::Features { reason: "the features could not be read back".to_owned() };
    let mut maps = Vec::new();
    for (_, map) in chosen {
        let [_, channels, rows, columns] = map.dims();
        let numbers = map.clone().narrow(0, 0, 1).into_data().try_to_vec::<f32>().map_err(|_| unreadable())?;
        maps.push((numbers, channels, rows, columns));
    }
    table.width = maps.iter().map(|(_, channels, ..)| *channels).max().unwrap_or_default();
    for &Picked { row, column, class } in pixels {
        let share = |place: usize, count: usize| (place as f64 + 0.5) / count as f64;
        let (across, down) = (share(column, width), share(row, height));
        let at = |count: usize, share: f64| ((share * count as f64) as usize).min(count.saturating_sub(1));
        let answer = answers.get(at(sample.height, down) * sample.width + at(sample.width, across));
        for (source, (numbers, channels, rows, columns)) in maps.iter().enumerate() {
            let place = at(*rows, down) * columns + at(*columns, across);
            table.numbers.extend((0..*channels).map(|channel| numbers[channel * rows * columns + place]));
            table.marks.push(PointMark {
                scene: scene as u32,
                source: source as u8,
                label: class,
                predicted: answer.copied().unwrap_or(IGNORE),
                pixel: [across, down].map(|share| (share * f64::from(u16::MAX)) as u16),
            });
        }
    }
    Ok(())
}

/// One scene's answer without the dropped sensors.
fn answer(
    model: &Model,
    dataset: &Dataset,
    request: &FeatureRequest,
    scene: usize,
    places: &[usize],
) -> Result<(Sample, Output), InspectionError> {
    let (sample, images) = scene_images(model, dataset, &request.split, scene, places).map_err(|source| {
        InspectionError::Scene { split: request.split.clone(), index: scene, source: Box::new(source) }
    })?;
    let present: Vec<bool> = model.sensors.iter().map(|sensor| !request.dropped.contains(&sensor.name)).collect();
    let inputs = StandIns::new(Missing::Drop, model.normalisations.clone(), Vec::new()).fill(&images, &present);
    // Heads that only losses need run when their probes are watched.
    let heads = [PROJECTION, SIMILARITY].map(str::to_owned);
    Ok((sample, model.run(&inputs, &mut Probes::watching(heads))))
}

/// The sources that the request names.
fn chosen(
    output: &Output,
    model: &Model,
    request: &FeatureRequest,
) -> Result<Vec<(String, Tensor<4>)>, InspectionError> {
    let present = present_sensors(model, request);
    let mut all = sources(output, &present);
    all.retain(|(name, _)| *name == request.features || member(name, &request.features));
    if all.is_empty() {
        let known = feature_names(output, &present).join(", ");
        let reason = format!("found no features called `{}`; choose one of {known}", request.features);
        return Err(InspectionError::Features { reason });
    }
    Ok(all)
}

fn present_sensors(model: &Model, request: &FeatureRequest) -> Vec<String> {
    let names = model.sensors.iter().map(|sensor| sensor.name.clone());
    names.filter(|name| !request.dropped.contains(name)).collect()
}

/// Whether a source is one sensor's part of a family.
fn member(source: &str, family: &str) -> bool {
    source.rsplit_once('.').is_some_and(|(known, _)| known == family)
}

/// The last part of a source's name: its sensor, or `fused`.
fn source_of(name: &str) -> String {
    name.rsplit_once('.').map_or(name, |(_, source)| source).to_owned()
}

/// Every map of vectors by name, `[1, channels, h, w]`; the sensor, or `fused`, comes last.
fn sources(output: &Output, present: &[String]) -> Vec<(String, Tensor<4>)> {
    let mut all = Vec::new();
    let mut add = |name: String, map: &Tensor<4>| all.push((name, map.clone()));
    let stages = output.features.stages.first().map_or(0, Vec::len);
    for stage in 0..stages {
        for (sensor, maps) in present.iter().zip(&output.features.stages) {
            add(format!("stage{}.{sensor}", stage + 1), &maps[stage]);
        }
    }
    let levels = output.features.raw.first().map_or(0, Vec::len);
    for level in 0..levels {
        for (sensor, maps) in present.iter().zip(&output.features.raw) {
            add(format!("level{}.before.{sensor}", level + 1), &maps[level]);
        }
    }
    for (level, map) in output.features.levels.iter().enumerate() {
        add(format!("level{}.{FUSED}", level + 1), map);
    }
    if output.features.decoded.len() == present.len() {
        for (sensor, map) in present.iter().zip(&output.features.decoded) {
            add(format!("decoder.{sensor}"), map);
        }
    } else if let Some(map) = output.features.decoded.first() {
        add(format!("decoder.{FUSED}"), map);
    }
    if let Some(map) = &output.features.agnostic {
        add(format!("agnostic.{FUSED}"), map);
    }
    let contrasted = output.training.embeddings.len();
    for (place, maps) in (1..).zip(&output.training.embeddings) {
        let number = if contrasted > 1 { place.to_string() } else { String::new() };
        for (sensor, map) in present.iter().zip(maps) {
            add(format!("projection{number}.{sensor}"), map);
        }
    }
    for (sensor, map) in present.iter().zip(&output.training.projected) {
        add(format!("projector.{sensor}"), map);
    }
    for (head, logits) in &output.heads {
        add(format!("scores.{head}"), logits);
    }
    all
}

/// The labels of a scene for maps of this size; `None` where it has none.
fn labels_of(sample: &Sample, [height, width]: [usize; 2]) -> Option<Labels> {
    let ids = sample.label.clone()?;
    Some(Labels { ids, batch: 1, height: sample.height, width: sample.width }.nearest(height, width))
}

/// The pixels of each scene, `count` in all, classes in equal shares as far as there are pixels.
fn pick(
    dataset: &Dataset,
    request: &FeatureRequest,
    size: [usize; 2],
    count: usize,
    goes_on: &mut dyn FnMut(u64) -> Result<(), InspectionError>,
) -> Result<Vec<Vec<Drawn>>, InspectionError> {
    let mut pixels = Vec::new();
    for (place, &scene) in request.scenes.iter().enumerate() {
        goes_on(place as u64)?;
        let sample = dataset.sample(&request.split, scene, &[0]).map_err(|source| InspectionError::Scene {
            split: request.split.clone(),
            index: scene,
            source: Box::new(source),
        })?;
        pixels.push(labels_of(&sample, size).map_or_else(Vec::new, |labels| labels.pixels(dataset.classes.len())));
    }
    let drawn = draw(&pixels, count, request.seed);
    if drawn.iter().all(Vec::is_empty) {
        let reason = format!("the chosen scenes of `{}` have no labelled pixels", request.split);
        return Err(InspectionError::Features { reason });
    }
    Ok(drawn)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use burn::tensor::Device;
    use tempfile::TempDir;

    use super::*;
    use crate::fixtures::{TinyData, write_tiny_data};
    use crate::progress::unwatched;
    use crate::training::open_model;

    fn bench() -> (TempDir, Dataset, Model) {
        let folder = TempDir::new().unwrap();
        write_tiny_data(folder.path(), &TinyData::default()).unwrap();
        let dataset = Dataset::open(folder.path(), &mut unwatched).unwrap();
        let demo = concat!(env!("CARGO_MANIFEST_DIR"), "/../assets/demo.safetensors");
        let (model, _) = open_model(std::path::Path::new(demo), &Device::flex()).unwrap();
        (folder, dataset.clone(), Model { classes: dataset.classes.clone(), ..model })
    }

    fn request(features: &str) -> FeatureRequest {
        FeatureRequest {
            features: features.to_owned(),
            split: "train".to_owned(),
            scenes: vec![0, 1, 2],
            points: 60,
            seed: 1,
            dropped: Vec::new(),
        }
    }

    fn gathered(dataset: &Dataset, model: &Model, request: &FeatureRequest) -> Result<FeatureTable, InspectionError> {
        gather(model, dataset, request, &mut |_, _| ControlFlow::Continue(()))
    }

    #[test]
    fn a_family_gives_a_vector_a_sensor_for_the_same_pixels_and_classes_in_equal_shares() {
        let (_folder, dataset, model) = bench();
        let table = gathered(&dataset, &model, &request("stage2")).unwrap();
        assert_eq!(table.sources, ["colour", "thermal"]);
        assert_eq!((table.marks.len(), table.numbers.len()), (60, 60 * table.width));
        for pair in table.marks.chunks(2) {
            assert_eq!(
                (pair[0].pixel, pair[0].scene, pair[0].source, pair[1].source),
                (pair[1].pixel, pair[1].scene, 0, 1)
            );
        }
        let count = |class: u8| table.marks.iter().filter(|mark| mark.label == class).count();
        // There are only nine pixels of signs at this size; the other classes share what they leave.
        assert_eq!([count(0), count(1), count(2)], [22, 20, 18]);
        let places: BTreeSet<_> = table.marks.iter().map(|mark| (mark.scene, mark.source, mark.pixel)).collect();
        assert_eq!(places.len(), 60, "no pixel twice");
        assert_eq!(gathered(&dataset, &model, &request("stage2")).unwrap(), table);
        let other = gathered(&dataset, &model, &FeatureRequest { seed: 2, ..request("stage2") }).unwrap();
        assert_ne!(other.marks, table.marks);
    }

    #[test]
    fn a_vector_is_the_maps_at_its_pixel() {
        let (_folder, dataset, model) = bench();
        let table =
            gathered(&dataset, &model, &FeatureRequest { scenes: vec![1], ..request("stage3.thermal") }).unwrap();
        let (_, images) = scene_images(&model, &dataset, "train", 1, &[0, 1]).unwrap();
        let images: Vec<_> = images.into_iter().map(Some).collect();
        let map = model.run(&images, &mut Probes::off()).features.stages[1][2].clone();
        let [_, channels, height, width] = map.dims();
        let numbers = map.into_data().try_to_vec::<f32>().unwrap();
        for (mark, row) in table.marks.iter().zip(table.numbers.chunks(channels)) {
            let [x, y] = mark.pixel.map(|place| f64::from(place) / 65536.0);
            let place = (y * height as f64) as usize * width + (x * width as f64) as usize;
            let expected: Vec<f32> = (0..channels).map(|channel| numbers[channel * height * width + place]).collect();
            assert_eq!(row, expected);
        }
    }

    #[test]
    fn what_is_not_there_is_refused_with_what_is() {
        let (_folder, dataset, model) = bench();
        let reason = gathered(&dataset, &model, &request("stage9")).unwrap_err().to_string();
        assert!(reason.contains("stage9") && reason.contains("stage4.thermal, "), "{reason}");
        let none = FeatureRequest { scenes: Vec::new(), ..request("stage4") };
        assert!(gathered(&dataset, &model, &none).unwrap_err().to_string().contains("no scene"));
        let alone = FeatureRequest { dropped: vec!["colour".to_owned()], ..request("stage4") };
        assert_eq!(gathered(&dataset, &model, &alone).unwrap().sources, ["thermal"]);
    }
}
