//! All pictures of one scene: what each sensor saw, the truth, what each head says, where it is wrong, and what probes
//! show.

use std::ops::ControlFlow;
use std::path::Path;
use std::time::Instant;

use burn::tensor::Tensor;

use super::error::InspectionError;
use super::explain::{Explaining, explanations};
use super::memory::SceneMemory;
use super::rank::rank;
use super::readable::only;
use super::{effect, features, picture, uncertainty};
use crate::data::{DataError, Dataset, Sample, VectorFile};
use crate::evaluation::{
    MeanImage, Missing, StandIns, input_from_sample, modality_indices, predictions as class_ids, same_classes,
};
use crate::failure::Failure;
use crate::network::fusion::SELECTION;
use crate::network::{Inputs, Model, Output, Probes, probabilities};
use crate::objective::{self, Labels, LanguageVectors, Scene, Seen};
use crate::protocol::{Content, FIGURES, Phase, SceneView, Tile, ViewRequest};
use crate::recipe::catalogue::evaluation;
use crate::recipe::catalogue::objective::{intra_modal, language};

/// The pictures that a request asks for; without a network those of the sensors and the truth alone.
///
/// `means` holds the sensors' mean images where the what-if replaces an absent sensor by its own; it is not looked at
/// otherwise. A network whose sensors are not the data set's, or that cannot take a scene of this size,
/// predicts nothing. One whose classes are others predicts with its own, and nothing is compared with the labels. In
/// each case the view says why.
pub fn scene_view(
    model: Option<&Model>,
    dataset: &Dataset,
    request: &ViewRequest,
    means: &[MeanImage],
) -> Result<SceneView, InspectionError> {
    scene_view_watched(model, dataset, request, means, &mut |_, _| ControlFlow::Continue(()))
}

/// [`scene_view`] that `progress` may end while it explains; it is told how much of how much is done.
pub fn scene_view_watched(
    model: Option<&Model>,
    dataset: &Dataset,
    request: &ViewRequest,
    means: &[MeanImage],
    progress: &mut dyn FnMut(u64, u64) -> ControlFlow<()>,
) -> Result<SceneView, InspectionError> {
    scene_view_from(model, dataset, request, means, &mut SceneMemory::default(), progress)
}

/// [`scene_view_watched`] with what was made of a scene before, by the same network and of the same data set.
pub fn scene_view_from(
    model: Option<&Model>,
    dataset: &Dataset,
    request: &ViewRequest,
    means: &[MeanImage],
    memory: &mut SceneMemory,
    progress: &mut dyn FnMut(u64, u64) -> ControlFlow<()>,
) -> Result<SceneView, InspectionError> {
    looked_at(model, dataset, request, means, memory, progress).map(|(view, _)| view)
}

/// A view, and the maps that it was made from.
pub(super) fn looked_at(
    model: Option<&Model>,
    dataset: &Dataset,
    request: &ViewRequest,
    means: &[MeanImage],
    memory: &mut SceneMemory,
    progress: &mut dyn FnMut(u64, u64) -> ControlFlow<()>,
) -> Result<(SceneView, Probes), InspectionError> {
    let begun = Instant::now();
    let ViewRequest { split, index, what_if, .. } = request;
    let plain = model;
    let supposing = plain.map(|model| model.supposing(&what_if.settings)).transpose()?;
    let model = supposing.as_deref();
    let unreadable = |source| InspectionError::Scene { split: split.clone(), index: *index, source: Box::new(source) };
    let entry = dataset.entry(split, *index).map_err(unreadable)?;
    let fit = model.map(|model| modality_indices(model, dataset).map(|places| (model, places)));
    let (used, unfit) = match fit {
        Some(Ok((model, places))) => {
            let unfit = same_classes(model, dataset).err().map(|error| error.to_string());
            (Some((model, places)), unfit)
        }
        Some(Err(error)) => (None, Some(error.to_string())),
        None => (None, None),
    };
    let is_comparable = unfit.is_none();
    let needed = used.as_ref().map(|(_, places)| places.as_slice());
    let read = memory.scene(dataset, entry, (split, *index), needed).map_err(unreadable)?;
    let (shown, mut lack) = (&read.shown, read.lack.clone());
    let sample = dataset.supposed((split, *index), &read.sample, shown, what_if).map_err(unreadable)?;
    let (height, width) = (sample.height, sample.width);
    let input = |(model, places): (_, &Vec<usize>)| {
        input_from_sample(model, &only(&sample, shown, places), *index).map(|images| (model, images))
    };
    let places = used.as_ref().map(|(_, places)| places.clone());
    let (used, unfit) = match used.as_ref().map(|(model, places)| input((*model, places))).transpose() {
        Ok(used) => (used, unfit),
        Err(error) => (None, Some(error.to_string())),
    };

    let mut tiles: Vec<Tile> = Vec::new();
    let mut add = |content, frame| tiles.push(Tile { content, frame });
    for (&place, plane) in shown.iter().zip(&sample.planes) {
        let modality = &dataset.modalities[place];
        let hole = dataset.hole(place);
        add(Content::Sensor(modality.name.clone()), picture::sensor(modality, plane, hole, height, width));
    }
    if let Some(label) = &sample.label {
        add(Content::Label, picture::labels(label.clone(), Vec::new(), height, width));
    }
    let mut missing = Missing::Drop.word().to_owned();
    let (mut answer, mut effects, mut switches) = (None, Vec::new(), Vec::new());
    let share = |place: u16| f32::from(place) / f32::from(u16::MAX);
    // The figures tell the selection class by class, which takes its map.
    let wants_figures = request.watched.iter().any(|name| name == FIGURES);
    let selection = wants_figures.then(|| SELECTION.to_owned());
    let mut probes = Probes::watching(request.watched.iter().cloned().chain(selection));
    if let Some([across, down]) = request.pixel {
        probes = probes.at_pixel([share(down), share(across)]);
    }
    if let Some((model, images)) = &used {
        let absent: Vec<Option<Missing>> =
            model.sensors.iter().map(|sensor| what_if.stand_in(&sensor.name, &model.recipe)).collect();
        missing = missing_words(&absent, model.recipe.get(evaluation::MISSING));
        let failed =
            |source| InspectionError::Prediction { split: split.clone(), index: *index, source: Box::new(source) };
        let stand_ins = StandIns::new(Missing::Drop, model.normalisations.clone(), means.to_vec());
        let truth = sample.label.as_ref().filter(|_| is_comparable);
        let inputs = stand_ins.fill_by(images, &absent);
        let (heads, without) = watched(model, inputs.clone(), &sample, truth, &mut probes);
        let usual = model.recipe.get(evaluation::MISSING);
        let without_one = |sensor: usize| {
            let mut fewer = absent.clone();
            fewer[sensor].get_or_insert(usual);
            stand_ins.fill_by(images, &fewer)
        };
        let present: Vec<bool> = absent.iter().map(Option::is_none).collect();
        let explaining = Explaining {
            model,
            inputs: &inputs,
            present: &present,
            without: &without_one,
            explained: &request.explained,
            picked: request.pixel.map(|[across, down]| [share(down), share(across)]),
        };
        explanations(&explaining, &mut probes, progress)?;
        lack = lack.or(without);
        let predictions = class_ids(heads, height, width).map_err(failed)?;
        answer = predictions.first().map(|prediction| prediction.head.clone());
        if let (Some(plain), Some(places)) = (plain, &places) {
            let value = |key: &str| Some((key.to_owned(), plain.recipe.value(key)?.clone()));
            switches = plain.switches().into_iter().filter_map(value).collect();
            if request.compares && !what_if.is_empty() {
                let predict = || {
                    let images = input_from_sample(plain, &only(&read.sample, shown, places), *index)?;
                    let all: Vec<_> = images.into_iter().map(Some).collect();
                    // One plain look, as the pictures are of.
                    class_ids(plain.predict(&all), height, width)
                };
                let before = memory.plain(plain, predict).map_err(failed)?;
                let label = truth.map(Vec::as_slice);
                let (found, pictures) = effect::of(plain, label, &before, &predictions, [height, width]);
                effects = found;
                for Tile { content, frame } in pictures {
                    add(content, frame);
                }
            }
        }
        for prediction in predictions {
            if let Some(label) = truth {
                let frame = picture::errors(label, &prediction.ids, height, width);
                add(Content::Error(prediction.head.clone()), frame);
            }
            let frame = picture::labels(prediction.ids, prediction.confidence, height, width);
            add(Content::Prediction(prediction.head), frame);
        }
        for (name, recorded) in probes.maps().iter().filter(|(name, _)| request.watched.contains(name)) {
            if let Some(frame) = picture::probe(recorded, height, width) {
                add(Content::Probe(name.clone()), frame);
            }
        }
    }
    tiles.sort_by_key(|tile| rank(&tile.content));
    let view = SceneView {
        request: request.clone(),
        id: entry.id().to_owned(),
        tags: entry.tags().to_vec(),
        step: used.map(|(model, _)| model.step),
        answer,
        unfit,
        lack,
        missing,
        tiles,
        effects,
        switches,
        offered: probes.offered().iter().cloned().collect(),
        refused: probes.refused().iter().map(|(name, reason)| (name.clone(), reason.clone())).collect(),
        figures: probes.facts().iter().map(|(name, &value)| (name.clone(), value)).collect(),
        beside: None,
        millis: begun.elapsed().as_secs_f32() * 1000.0,
    };
    Ok((view, probes))
}

/// Whether a view of this network takes mean images of its sensors.
pub fn takes_means(model: &Model, request: &ViewRequest) -> bool {
    model.sensors.iter().any(|sensor| request.takes_mean_of(&sensor.name, &model.recipe))
}

/// How the absent sensors are replaced: in one word where all are so, or where none is absent.
fn missing_words(absent: &[Option<Missing>], usual: Missing) -> String {
    let mut words: Vec<&str> = absent.iter().flatten().map(|missing| missing.word()).collect();
    words.dedup();
    if words.is_empty() { usual.word().to_owned() } else { words.join(", ") }
}

/// What the heads answer, with everything recorded that someone watches: on the way through the network, by the losses,
/// and about the answers themselves. The second part is why something of that is lacking.
fn watched(
    model: &Model,
    images: Vec<Option<Tensor<4>>>,
    sample: &Sample,
    truth: Option<&Vec<u8>>,
    probes: &mut Probes,
) -> (Vec<(String, Tensor<4>)>, Option<Failure>) {
    let output = model.run(&images, probes);
    let heads = probabilities(&output);
    if heads.is_empty() {
        return (heads, None);
    }
    let mut lack = None;
    let (height, width) = (sample.height, sample.width);
    let labels = truth.map(|label| Labels { ids: label.clone(), batch: 1, height, width });
    let ask = || teachers_answer(model, &images);
    let seen = Seen {
        carried: &model.carried,
        output: &output,
        classes: &model.classes,
        labels: labels.as_ref(),
        teacher: if model.distils() { Some(&ask) } else { None },
    };
    objective::seen_probes(&model.recipe, &seen, probes);
    features::show(model, &images, &output, probes);
    if let Some(labels) = &labels {
        let vectors = names_of(model, probes).unwrap_or_else(|error| {
            lack = Failure::of(&error);
            None
        });
        let scene = Scene {
            phase: Phase::Student,
            inputs: &Inputs { carried: model.carried.clone(), ..Inputs::new(images.clone()) },
            output: &output,
            teacher: None,
            labels,
            ids: std::slice::from_ref(&sample.id),
            tags: std::slice::from_ref(&sample.tags),
            classes: &model.classes,
            vectors: vectors.as_ref(),
        };
        objective::probes(&model.recipe, &scene, probes);
    }
    uncertainty::probes(&heads, probes);
    (heads, lack)
}

/// What the teacher of a student says to its sensor's image, or why it says nothing.
fn teachers_answer(model: &Model, images: &[Option<Tensor<4>>]) -> Result<Output, String> {
    let teacher = model.teacher.as_ref().ok_or(
        "its teacher is not at hand: a packed model holds none, and a run has one from the end of its first phase on",
    )?;
    let name = &teacher.sensors[0].name;
    let place = model.sensors.iter().position(|sensor| sensor.name == *name);
    let place = place.ok_or_else(|| format!("this network does not see `{name}`, which its teacher sees alone"))?;
    let image = images[place].clone().ok_or_else(|| format!("`{name}` is dropped, which the teacher sees alone"))?;
    Ok(teacher.run(&[Some(image)], &mut Probes::off()))
}

/// How like class names are, where someone watches that beside the likeness of features. Vectors that the recipe names
/// and that cannot be read are an error: others in their place would show what the network never learned from.
fn names_of(model: &Model, probes: &Probes) -> Result<Option<LanguageVectors>, DataError> {
    if !model.recipe.get(intra_modal::ENABLED) || !probes.is_on() {
        return Ok(None);
    }
    let path = model.recipe.get(language::VECTORS);
    let file = if path.is_empty() { None } else { Some(VectorFile::open(Path::new(path))?) };
    let likeness = VectorFile::likeness_by(file.as_ref(), &model.classes)?.ok();
    Ok(likeness.map(|likeness| LanguageVectors { likeness: Some(likeness), ..LanguageVectors::default() }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evaluation::ConfusionMatrix;
    use crate::failure::FailureKind;
    use crate::inspection::bench::{bench, fitting_bench};
    use crate::protocol::{Pixels, WhatIf};
    use crate::recipe::Value;

    fn contents(view: &SceneView) -> Vec<&Content> {
        view.tiles.iter().map(|tile| &tile.content).collect()
    }

    #[test]
    fn a_network_of_other_classes_predicts_with_its_own_and_is_compared_with_no_label() {
        let (_folder, dataset, model) = bench();
        let watched = vec!["loss.fused".to_owned(), "uncertainty.entropy.fused".to_owned()];
        let what_if = WhatIf::without(&["colour"]);
        let request = ViewRequest { split: "val".to_owned(), watched, ..ViewRequest::default() };
        let view = scene_view(Some(&model), &dataset, &request, &[]).unwrap();
        assert!(view.unfit.as_ref().is_some_and(|why| why.contains("nothing can be scored")), "{:?}", view.unfit);
        assert_eq!((view.step, view.answer.as_deref()), (Some(model.step), Some("fused")));
        let contents = contents(&view);
        assert!(contents.contains(&&Content::Label) && contents.contains(&&Content::Prediction("fused".to_owned())));
        assert!(!contents.iter().any(|content| matches!(content, Content::Error(_))), "{contents:?}");
        // What needs no truth is shown all the same.
        assert!(contents.contains(&&Content::Probe("uncertainty.entropy.fused".to_owned())));
        assert!(!contents.contains(&&Content::Probe("loss.fused".to_owned())), "{contents:?}");
        // What a dropped sensor changes is counted; the labels of other classes score neither prediction.
        let request = ViewRequest { what_if, compares: true, ..request };
        let view = scene_view(Some(&model), &dataset, &request, &[]).unwrap();
        assert!(!view.effects.is_empty());
        for effect in &view.effects {
            assert_eq!((effect.miou, effect.classes.len()), ([None; 2], 0), "{}", effect.head);
            assert_eq!(effect.changed(), effect.counts[4], "without a label nothing turns right or wrong");
        }
    }

    #[test]
    fn a_scene_that_the_network_cannot_take_is_shown_without_its_answers_and_with_the_reason() {
        let (_folder, dataset, mut model) = bench();
        model.classes.clone_from(&dataset.classes);
        // Refused where its input is made, as a scene of too many pixels is.
        model.normalisations.pop();
        let watched = vec!["uncertainty.entropy.fused".to_owned()];
        let request = ViewRequest { split: "val".to_owned(), watched, ..ViewRequest::default() };
        let view = scene_view(Some(&model), &dataset, &request, &[]).unwrap();
        assert!(view.unfit.as_ref().is_some_and(|why| why.contains("normalisations")), "{:?}", view.unfit);
        assert_eq!((view.step, view.answer.as_deref()), (None, None));
        let sensors = ["colour", "thermal"].map(|name| Content::Sensor(name.to_owned()));
        assert_eq!(contents(&view), [&sensors[0], &sensors[1], &Content::Label]);
    }

    #[test]
    fn a_label_that_cannot_be_read_hides_neither_the_scene_nor_its_prediction() {
        let (folder, dataset, model) = bench();
        let model = Model { classes: dataset.classes.clone(), ..model };
        let request = ViewRequest { split: "val".to_owned(), ..ViewRequest::default() };
        for label in std::fs::read_dir(folder.path().join("label")).unwrap() {
            std::fs::write(label.unwrap().path(), "no picture").unwrap();
        }
        let view = scene_view(Some(&model), &dataset, &request, &[]).unwrap();
        assert_eq!(view.lack.as_ref().map(|lack| lack.kind), Some(FailureKind::Unreadable));
        let contents = contents(&view);
        assert!(contents.contains(&&Content::Prediction("fused".to_owned())) && !contents.contains(&&Content::Label));
    }

    #[test]
    fn what_a_dropped_sensor_changes_is_told_by_pixels_and_by_the_scene_s_iou() {
        let (_folder, dataset, model) = fitting_bench();
        let seen = |dropped: &[&str], compares| {
            let what_if = WhatIf::without(dropped);
            let request = ViewRequest { split: "val".to_owned(), what_if, compares, ..ViewRequest::default() };
            scene_view(Some(&model), &dataset, &request, &[]).unwrap()
        };
        let ids = |view: &SceneView, content: &Content| {
            let tile = view.tiles.iter().find(|tile| tile.content == *content).unwrap();
            let Pixels::Labels { ids, .. } = &tile.frame.pixels else { panic!("a label map") };
            ids.clone()
        };
        let (all, without) = (seen(&[], true), seen(&["colour"], true));
        assert!(all.effects.is_empty(), "nothing is dropped");
        assert!(seen(&["colour"], false).effects.is_empty(), "nobody asked");
        let found = &without.effects[0];
        let (counts, answer) = (all.answer.clone().unwrap(), without.answer.clone().unwrap());
        assert_eq!(found.head, counts);
        let before = ids(&all, &Content::Prediction(counts));
        let after = ids(&without, &Content::Prediction(answer));
        let differ = before.iter().zip(&after).filter(|(before, after)| before != after).count();
        assert_eq!(found.share(), differ as f64 / before.len() as f64);
        assert_eq!(ids(&without, &Content::Before(found.head.clone())), before, "what it said with all sensors");
        let truth = ids(&all, &Content::Label);
        let miou = |ids: &[u8]| {
            let mut matrix = ConfusionMatrix::new(model.classes.len());
            matrix.add(&truth, ids);
            model.recipe.get(evaluation::CONVENTION).mean_iou(&matrix, &model.classes)
        };
        assert_eq!(found.miou, [miou(&before), miou(&after)]);
        let right = |ids: &[u8], place: usize| ids[place] == truth[place];
        let places = || (0..truth.len()).filter(|&place| truth[place] != 255);
        let turned_right = places().filter(|&place| !right(&before, place) && right(&after, place)).count() as u64;
        let turned_wrong = places().filter(|&place| right(&before, place) && !right(&after, place)).count() as u64;
        assert_eq!(found.counts[1..3], [turned_right, turned_wrong]);
        assert_eq!(found.pixels(), truth.len() as u64);
        for (class, both) in found.classes.iter().enumerate() {
            let iou = |ids: &[u8]| {
                let mut matrix = ConfusionMatrix::new(model.classes.len());
                matrix.add(&truth, ids);
                matrix.iou(class)
            };
            assert_eq!(*both, [iou(&before), iou(&after)]);
        }
        assert!(without.effects.iter().all(|effect| effect.head != "colour"), "it has no answer left");
        assert!(without.effects.iter().any(|effect| effect.head == "thermal"));
    }

    #[test]
    fn a_file_of_vectors_that_has_gone_is_said_and_nothing_takes_its_place() {
        const NAMES: &str = "objective.intra_modal.names";
        let (folder, dataset, mut model) = fitting_bench();
        model.recipe.set("objective.intra_modal.enabled", Value::Switch(true)).unwrap();
        let gone = folder.path().join("vectors.safetensors");
        model.recipe.set_text("objective.language.vectors", &gone.to_string_lossy()).unwrap();
        let request =
            ViewRequest { split: "val".to_owned(), watched: vec![NAMES.to_owned()], ..ViewRequest::default() };
        let view = scene_view(Some(&model), &dataset, &request, &[]).unwrap();
        let lack = view.lack.unwrap();
        assert_eq!(lack.kind, FailureKind::Unreadable);
        assert!(lack.text.contains("vectors.safetensors"), "{lack}");
        assert!(view.tiles.iter().any(|tile| matches!(tile.content, Content::Prediction(_))), "the rest is shown");
        assert!(!view.offered.iter().any(|name| name == NAMES));
        model.recipe.set_text("objective.language.vectors", "").unwrap();
        let request = ViewRequest { watched: vec!["objective.intra_modal.features".to_owned()], ..request };
        assert_eq!(scene_view(Some(&model), &dataset, &request, &[]).unwrap().lack, None);
    }
}
