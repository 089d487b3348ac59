//! What TensorBoard is told of a run: every figure under a tag, and the pictures of one scene at each evaluation.

use image::RgbaImage;

use super::halt::Halt;
use super::options::Paint;
use crate::data::Dataset;
use crate::failure::sentence;
use crate::files::event_file::{self, EventPicture};
use crate::files::picture::png_bytes;
use crate::inspection::scene_view;
use crate::network::Model;
use crate::protocol::{
    Content, DatasetSummary, EvaluationReport, EventFiles, Quantity, StepReport, SubsetScores, Tile, ViewRequest,
};
use crate::training::wall_secs;

/// Makes entries of event files.
pub(super) struct EventLog {
    paint: Option<Paint>,
    /// Split and place of the scene; `None` where no split has one.
    scene: Option<(String, usize)>,
}

impl EventLog {
    /// For a run on this data set that is evaluated on `split`; a scene that is not there is refused.
    pub(super) fn new(
        files: &EventFiles,
        paint: Option<Paint>,
        dataset: &Dataset,
        split: Option<&str>,
    ) -> Result<Self, Halt> {
        Ok(Self { paint, scene: scene(files.scene.as_deref(), dataset, split)? })
    }

    /// The scene as the network that was evaluated sees it: sensors, label and predictions; or why there is none.
    pub(super) fn pictures(
        &self,
        report: &EvaluationReport,
        model: &Model,
        dataset: &Dataset,
    ) -> Result<Vec<u8>, String> {
        let (Some(paint), Some((split, index))) = (self.paint, &self.scene) else { return Ok(Vec::new()) };
        let request = ViewRequest { split: split.clone(), index: *index, ..ViewRequest::default() };
        let seen = scene_view(Some(model), dataset, &request, &[]).map_err(sentence)?;
        let mut entries = Vec::new();
        for Tile { content, frame } in &seen.tiles {
            let name = match content {
                Content::Sensor(name) => name.clone(),
                Content::Label => "label".to_owned(),
                Content::Prediction(head) => format!("prediction.{head}"),
                Content::Error(_)
                | Content::Before(_)
                | Content::Outcome(_)
                | Content::Probe(_)
                | Content::Figures
                | Content::Beside(_)
                | Content::Disagreement => continue,
            };
            let whose = if report.of_teacher { " by the teacher" } else { "" };
            let picture = png(&paint(content, frame, &colours_of(content, dataset, model)))?;
            let tag = format!("{split} {}{whose}/{name}", seen.id);
            entries.extend(event_file::picture(wall_secs(), report.step, &tag, &picture));
        }
        Ok(entries)
    }
}

/// The figures of a step.
pub(super) fn of_step(report: &StepReport) -> Vec<u8> {
    let mut figures = vec![
        ("rate/learning_rate".to_owned(), report.learning_rate as f32),
        ("time/step, s".to_owned(), report.secs as f32),
    ];
    figures.extend(report.terms.iter().map(|term| (format!("{}/{}", group(term.quantity), term.name), term.value)));
    entry(report.step, &figures)
}

/// The figures of an evaluation, for each subset of the sensors and condition.
pub(super) fn of_evaluation(report: &EvaluationReport) -> Vec<u8> {
    let head = head(report);
    let mut figures = Vec::new();
    for subset in &report.subsets {
        for (name, value) in figures_of(report, subset) {
            figures.extend(value.map(|value| (format!("{head} {name}/{}", words(subset)), value as f32)));
        }
    }
    if let Some(scores) = &report.fusion_image {
        let spreads = [
            ("entropy", scores.entropy),
            ("deviation", scores.deviation),
            ("spatial frequency", scores.spatial_frequency),
            ("correlations of differences", scores.correlations_of_differences),
        ];
        figures.extend(spreads.map(|(name, spread)| (format!("{head} fusion image/{name}"), spread.mean as f32)));
    }
    entry(report.step, &figures)
}

fn entry(step: u64, figures: &[(String, f32)]) -> Vec<u8> {
    event_file::scalars(wall_secs(), step, figures.iter().map(|(tag, value)| (tag.as_str(), *value)))
}

fn png(picture: &RgbaImage) -> Result<EventPicture, String> {
    let png = png_bytes(picture).map_err(|error| format!("a picture for TensorBoard: {error}"))?;
    Ok(EventPicture { width: picture.width(), height: picture.height(), png })
}

/// Classes are the network's, but for those of the label.
fn colours_of(content: &Content, dataset: &Dataset, model: &Model) -> DatasetSummary {
    let mut summary = dataset.summary();
    if *content != Content::Label {
        (summary.classes, summary.colours) = (model.classes.clone(), model.colours.clone());
    }
    summary
}

/// TensorBoard shows the tags of a group beside each other.
fn group(quantity: Quantity) -> &'static str {
    match quantity {
        Quantity::Loss => "loss",
        Quantity::Share => "share",
        Quantity::Correlation => "correlation",
        Quantity::Count => "count",
        Quantity::Norm => "norm",
        Quantity::Rate => "rate",
        Quantity::Time => "time",
    }
}

fn head(report: &EvaluationReport) -> String {
    format!("{}{}", report.split, if report.of_teacher { " teacher" } else { "" })
}

/// `colour + thermal`, `colour + thermal, night`.
fn words(subset: &SubsetScores) -> String {
    let tag = if subset.tag.is_empty() { String::new() } else { format!(", {}", subset.tag) };
    format!("{}{tag}", subset.sensors.join(" + "))
}

fn figures_of(report: &EvaluationReport, subset: &SubsetScores) -> Vec<(String, Option<f64>)> {
    let named = |name: &str, value| (name.to_owned(), value);
    let mut figures = vec![
        named("mIoU", subset.miou),
        named("mean accuracy", subset.mean_accuracy),
        named("pixel accuracy", subset.pixel_accuracy),
        named("mean F1", subset.mean_f1),
        named("frequency-weighted IoU", subset.frequency_weighted_iou),
        named("boundary IoU", subset.boundary_iou()),
        named("calibration error", subset.calibration_error()),
        named("average precision", subset.average_precision()),
    ];
    let classes = report.classes.iter().zip(&subset.classes);
    figures.extend(classes.map(|(class, scores)| (format!("IoU {class}"), scores.iou)));
    figures
}

/// The scene of that id, in the split that is evaluated while a run trains or else in another one; or the one at that
/// place of that split.
fn scene(asked: Option<&str>, dataset: &Dataset, split: Option<&str>) -> Result<Option<(String, usize)>, Halt> {
    let split = split.and_then(|name| dataset.split(name).ok()).or_else(|| dataset.splits.first());
    let Some(split) = split else { return Ok(None) };
    let Some(asked) = asked else { return Ok((!split.samples.is_empty()).then(|| (split.name.clone(), 0))) };
    let others = dataset.splits.iter().filter(|other| other.name != split.name);
    for split in std::iter::once(split).chain(others) {
        if let Some(index) = split.samples.iter().position(|scene| scene.id() == asked) {
            return Ok(Some((split.name.clone(), index)));
        }
    }
    if let Some(index) = asked.parse().ok().filter(|&index: &usize| index < split.samples.len()) {
        return Ok(Some((split.name.clone(), index)));
    }
    let example = split.samples.first().map_or("none", |scene| scene.id());
    Err(Halt::refused(&format!(
        "The pictures for TensorBoard: there is no scene `{asked}`; expected an id, such as {example}, or a place in \
         `{}`, 0 to {}",
        split.name,
        split.samples.len().saturating_sub(1)
    )))
}
