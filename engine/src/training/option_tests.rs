//! Every option of every choice and every switch changes what a run computes: none is dead, and none is forgotten here.

use std::cell::OnceCell;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;

use burn::tensor::Tensor;
use safetensors::Dtype;
use safetensors::tensor::TensorView;
use tempfile::TempDir;

use super::combination_tests::{settings, shrunk, trainer};
use crate::data::{Dataset, MANIFEST_NAME};
use crate::evaluation::{evaluate, modality_indices, scene_images};
use crate::fixtures::{CLASSES, TinyData, open_tiny_data, write_tiny_data};
use crate::network::Model;
use crate::recipe::catalogue::encoder;
use crate::recipe::{Change, Kind, Recipe, Setting, Value, preset};

/// What a setting needs beside its component's own switch before it can act, by the beginning of its key; the longest
/// that fits counts. Of several contexts one must let an option act.
const CONTEXTS: &[(&str, &[&str])] = &[
    ("data.drop", &["data.drop=colour@0.5,thermal@0.5 data.normalisation=imagenet"]),
    ("data.normalisation", &["", "encoder.family=efficientnet-lite0 encoder.sharing=shared"]),
    ("encoder.family", &["encoder.sharing=shared sensors.use=colour"]),
    ("encoder.freeze_layer_scale", &["encoder.family=mscan-nano"]),
    ("encoder.narrow_levels", &["decoder.family=mlp"]),
    ("encoder.output_stride", &["encoder.family=resnet-50 encoder.sharing=shared sensors.use=colour"]),
    ("decoder.norms", &["decoder.sharing=shared"]),
    ("decoder.skip", &["decoder.family=rtfnet"]),
    // A first step that takes scales below the threshold.
    ("exchange.channel", &["exchange.channel.threshold=0.5 exchange.channel.sparsity=0.1 training.learning_rate=0.6"]),
    ("fusion.kind", &["fusion.level=levels", "fusion.level=decoder"]),
    ("fusion.level", &["fusion.kind=gsu"]),
    ("fusion.reduction", &["fusion.kind=fdam fusion.level=levels"]),
    ("fusion.carrier", &["fusion.kind=fdam fusion.level=levels"]),
    ("fusion.init", &["fusion.kind=fdam fusion.level=levels"]),
    ("inference", &["fusion.kind=gsu"]),
    ("mff", &["fusion.kind=mff fusion.level=logits"]),
    ("mfml", &["objective.consistency.enabled=on"]),
    ("mfml.dropout", &["objective.consistency.enabled=on decoder.family=mlp fusion.level=levels"]),
    ("fusion_image", &["objective.fusion_image.enabled=on"]),
    ("objective.consistency", &["mfml.enabled=on"]),
    ("objective.fusion_image", &["fusion_image.enabled=on"]),
    // Behind its stages, where a stage's map is another before and after.
    ("objective.feature.maps", &["exchange.spatial.enabled=on exchange.spatial.site=output"]),
    ("objective.contrast.quota", &["objective.contrast.pool=all"]),
    ("objective.inter_modal", &["objective.language.vectors=VECTORS fusion.kind=mff fusion.level=logits"]),
    ("objective.intra_modal", &["objective.language.vectors=VECTORS"]),
    ("objective.multimodal_contrast", &["objective.multimodal_contrast.smallest=1"]),
    // A class that is seen, then absent, then seen again.
    (
        "objective.prototype.absent",
        &[
            "data.batch_size=1 training.steps=6 objective.prototype.confidence=0.3",
            "data.batch_size=1 training.steps=6 objective.prototype.confidence=0.35",
            "data.batch_size=1 training.steps=6 objective.prototype.confidence=0.4",
            "data.batch_size=1 training.steps=6 objective.prototype.confidence=0.45",
        ],
    ),
    ("objective.prototype.second_stage", &["adaptation.enabled=on adaptation.steps=2"]),
    ("objective.segmentation.mining", &["objective.segmentation.mining_below=0.25"]),
    ("objective.self_supervision", &["objective.prototype.enabled=on adaptation.enabled=on adaptation.steps=2"]),
    // Samples that are alike, while a tenth of their likeness is below the threshold.
    // Or places that disagree in a sample that agrees.
    (
        "sci.gate",
        &[
            "sci.threshold=0.05",
            "sci.threshold=0.02",
            "sci.threshold=0.1",
            "sci.threshold=0",
            "sci.threshold=0.4",
            "sci.threshold=0.6",
            "sci.threshold=0.8",
            "sci.threshold=0.95",
        ],
    ),
    ("training.nesterov", &["training.optimiser=sgd"]),
    // One step beyond the first epoch.
    ("training.schedule", &["training.steps=4"]),
    ("evaluation", &["training.steps=4 training.learning_rate=0.1", "training.steps=6 training.learning_rate=0.02"]),
];

/// Options that rightly change no number, and why.
const UNCHANGING: &[(&str, &str, &str)] = &[
    (
        "data.fraction_by",
        "classes",
        "nothing is drawn while `data.fraction` is 1, and each of these scenes has every class",
    ),
    ("training.checkpointing", "true", "makes the same numbers again in place of keeping them"),
    ("evaluation.subsets", "all", "two sensors have no other subsets"),
    ("evaluation.subsets", "singles", "two sensors have no other subsets"),
    ("evaluation.subsets", "leave-one-out", "two sensors have no other subsets"),
    ("evaluation.subsets", "sample", "two sensors have no other subsets"),
    ("objective.fusion_image.valid", "sources", "no pixel of these images is black in all sensors"),
];

/// Stands in a context for the file of teacher vectors.
const VECTORS: &str = "VECTORS";

/// The quietest of all: two small encoders, the mean of their scores, two steps.
fn quiet() -> Recipe {
    let mut recipe = shrunk(preset("baseline-demo").unwrap());
    recipe.set_text("training.steps", "2").unwrap();
    recipe
}

/// Six scenes to train on, by day and by night, two to score; a class that no scene has; what a language model would
/// say to them.
fn data() -> (TempDir, Arc<Dataset>) {
    let folder = tempfile::tempdir().unwrap();
    write_tiny_data(folder.path(), &TinyData { width: 48, height: 32, train: 6, val: 2, test: 0 }).unwrap();
    let manifest = folder.path().join(MANIFEST_NAME);
    let text = std::fs::read_to_string(&manifest).unwrap();
    let [_, _, last] = CLASSES;
    let text = text
        .replace(&format!("\"{last}\""), &format!("\"{last}\", \"tree\""))
        .replace("[60, 60, 200]", "[60, 60, 200], [9, 9, 9]");
    std::fs::write(&manifest, text + "\n[[tags]]\nname = \"day\"\nsuffix = \"D\"\n").unwrap();
    let dataset = Arc::new(open_tiny_data(folder.path()).unwrap());
    assert_eq!(dataset.classes.len(), 4);
    let ids = dataset.split("train").unwrap().samples.iter().map(|sample| sample.id().to_owned());
    let scenes =
        ids.flat_map(|id| [format!("scene/{id}"), format!("image/{id}/colour"), format!("image/{id}/thermal")]);
    let names: Vec<String> = scenes.chain(dataset.classes.iter().map(|class| format!("class/{class}"))).collect();
    let vector =
        |place: usize| -> Vec<u8> { (1..5).flat_map(|axis| ((place * axis) as f32).sin().to_le_bytes()).collect() };
    let vectors: Vec<(String, Vec<u8>)> =
        names.into_iter().enumerate().map(|(place, name)| (name, vector(place + 1))).collect();
    let views = vectors.iter().map(|(name, bytes)| (name, TensorView::new(Dtype::F32, vec![4], bytes).unwrap()));
    std::fs::write(folder.path().join(VECTORS), safetensors::serialize(views, None).unwrap()).unwrap();
    (folder, dataset)
}

/// The recipe in a context, with this value.
fn recipe(setting: &Setting, value: &Value, context: &str, folder: &Path) -> Recipe {
    let mut recipe = quiet();
    let component = setting.key.rsplit_once('.').map_or("", |(component, _)| component);
    drop(recipe.set(&format!("{component}.enabled"), Value::Switch(true)));
    for change in context.split_whitespace() {
        let (key, text) = change.split_once('=').unwrap();
        let path = folder.join(VECTORS);
        recipe.set_text(key, if text == VECTORS { path.to_str().unwrap() } else { text }).unwrap();
    }
    recipe.set(setting.key, value.clone()).unwrap();
    recipe
}

/// All that a run of this recipe computes, bit by bit: each step's total, learning rate and gradient norm; then what
/// the network says to a scene with all sensors and with each alone, and how it is scored. What is refused says why.
///
/// Encoders of full size are built but not trained.
fn trace(recipe: &Recipe, dataset: &Arc<Dataset>) -> Result<Vec<u64>, String> {
    let mut trainer = trainer(recipe, dataset).map_err(|error| error.to_string())?;
    let mut trace = Vec::new();
    while !trainer.is_done() && recipe.get(encoder::FAMILY).word().ends_with("nano") {
        let report = trainer.step().map_err(|error| error.to_string())?;
        let figures = [report.term("total"), report.term("gradient_norm")];
        trace.extend(figures.map(|figure| u64::from(figure.unwrap_or_default().to_bits())));
        trace.push(report.learning_rate.to_bits());
    }
    let model = trainer.model();
    trace.extend(said(&model, dataset));
    if trainer.is_done() {
        let report = evaluate(&model, dataset, "val", &mut |_, _| ControlFlow::Continue(()));
        for subset in report.map_err(|error| error.to_string())?.report.subsets {
            trace.extend(subset.calibration_error().map(f64::to_bits));
            trace.extend(subset.miou.map(f64::to_bits).into_iter().chain(subset.confusion));
        }
    }
    Ok(trace)
}

fn said(model: &Model, dataset: &Dataset) -> Vec<u64> {
    let sensors = modality_indices(model, dataset).unwrap();
    let (_, images) = scene_images(model, dataset, "val", 0, &sensors).unwrap();
    let images: Vec<Option<Tensor<4>>> = images.into_iter().map(Some).collect();
    let alone = (0..images.len()).map(|sensor| {
        images.iter().enumerate().map(|(place, image)| image.clone().filter(|_| place == sensor)).collect()
    });
    let heads = std::iter::once(images.clone()).chain(alone).flat_map(|inputs: Vec<_>| model.predict(&inputs));
    heads
        .flat_map(|(_, map)| map.into_data().try_to_vec::<f32>().unwrap())
        .map(|value| u64::from(value.to_bits()))
        .collect()
}

fn options(setting: &Setting) -> Vec<Value> {
    match setting.kind {
        Kind::Switch(_) => vec![Value::Switch(false), Value::Switch(true)],
        Kind::Choice { options, .. } => options.iter().map(|option| Value::Text(option.id.to_owned())).collect(),
        _ => Vec::new(),
    }
}

/// What is wrong with a setting's options, one sentence each.
fn faults(setting: &Setting, dataset: &Arc<Dataset>, folder: &Path) -> Vec<String> {
    let default = setting.kind.default_value();
    let fitting = CONTEXTS.iter().filter(|(beginning, _)| setting.key.starts_with(beginning));
    let contexts = fitting.max_by_key(|(beginning, _)| beginning.len()).map_or(&[""][..], |(_, contexts)| contexts);
    let traced = |value: &Value, context: &str| trace(&recipe(setting, value, context, folder), dataset);
    let usual: Vec<OnceCell<Result<Vec<u64>, String>>> = contexts.iter().map(|_| OnceCell::new()).collect();
    let mut faults = Vec::new();
    for option in options(setting).iter().filter(|option| **option != default) {
        let tries = contexts.iter().zip(&usual).map(|(context, usual)| {
            let usual = usual.get_or_init(|| traced(&default, context)).as_ref();
            match (usual, traced(option, context)) {
                (Ok(usual), Ok(found)) if *usual == found => Err(format!("it changes nothing with `{context}`")),
                (Ok(_), Ok(_)) => Ok(()),
                (Err(refusal), _) => Err(format!("the default is refused with `{context}`: {refusal}")),
                (_, Err(refusal)) => Err(format!("it is refused with `{context}`: {refusal}")),
            }
        });
        let mut reasons = Vec::new();
        let acts = tries.into_iter().any(|tried| tried.map_err(|reason| reasons.push(reason)).is_ok());
        let listed = UNCHANGING.iter().find(|(key, id, _)| *key == setting.key && *id == option.to_string());
        match listed {
            Some((.., reason)) if acts => {
                faults.push(format!(
                    "{} = {option} is listed as unchanging ({reason}), yet it changes something",
                    setting.key
                ));
            }
            None if !acts => faults.push(format!("{} = {option}: {}", setting.key, reasons.join("; "))),
            _ => {}
        }
    }
    faults
}

fn all_act(change: Change) {
    let (folder, dataset) = data();
    let mut found = Vec::new();
    for (_, setting) in settings().filter(|(_, setting)| setting.change == change) {
        found.extend(faults(setting, &dataset, folder.path()));
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn every_option_of_a_live_setting_changes_something() {
    all_act(Change::Live);
}

#[test]
fn every_option_of_a_structural_setting_changes_something() {
    all_act(Change::Structural);
}

#[test]
fn what_is_listed_here_is_in_the_catalogue() {
    for (beginning, _) in CONTEXTS {
        assert!(settings().any(|(_, setting)| setting.key.starts_with(beginning)), "{beginning}");
    }
    for (key, option, _) in UNCHANGING {
        let known = settings().any(|(_, setting)| {
            setting.key == *key && options(setting).iter().any(|value| value.to_string() == *option)
        });
        assert!(known, "{key} = {option}");
    }
}
