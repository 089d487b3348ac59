//! A run and the data that it is asked about: what `evaluate`, `predict`, `inspect`, `embed` and `pseudo-label` have in
//! common.

use std::path::{Path, PathBuf};

use fusionscope_engine::data::{Dataset, Reading};
use fusionscope_engine::device::{DeviceChoice, choose};
use fusionscope_engine::evaluation::{MeanImage, mean_images};
use fusionscope_engine::network::Model;
use fusionscope_engine::protocol::changes_words;
use fusionscope_engine::training::{RunFolder, open_model_watched};

use super::arguments::{Trust, Voice};
use super::exit::{Exit, Failure, OrExit as _, OrFail as _};
use super::interrupt::Interrupt;
use super::progress::Progress;
use super::{output, sample_data, train};

/// A network and a data set.
pub struct Opened {
    /// The network of the run's newest checkpoint.
    pub model: Model,
    /// The data set.
    pub dataset: Dataset,
    /// The run folder; `None` for a packed model file.
    pub folder: Option<PathBuf>,
}

/// Opens a run folder or packed model, changes settings that need no new network, and opens the data set: the one
/// given, else the one that the run was trained on, else the sample data.
pub fn open(
    run: &Path,
    data: Option<&Path>,
    trust: Trust,
    settings: &[String],
    device: DeviceChoice,
    voice: Voice,
    interrupt: Interrupt,
) -> Result<Opened, Failure> {
    let (device, _words) = choose(device).or_fail()?;
    let mut progress = Progress::new(voice);
    let opened = open_model_watched(run, &device, &mut |_what, _done, _total| interrupt.goes_on());
    let (mut model, warnings) = opened.or_fail()?;
    for warning in warnings {
        output::complain(&format!("warning: {warning}"));
    }
    if !model.changed.is_empty() {
        let words = changes_words(&model.changed);
        output::complain(&format!("warning: settings were changed while this network was trained: {words}"));
    }
    let mut recipe = model.recipe.clone();
    train::apply_settings(&mut recipe, settings)?;
    recipe.check().or_fail()?;
    if let Some(changed) = model.recipe.differences(&recipe).iter().find(|changed| !may_change(changed.key)) {
        let message =
            format!("--set: `{}` belongs to the trained network; train another run to change it", changed.key);
        return Err(Failure::new(Exit::Usage, message));
    }
    model.ask_by(recipe);
    let folder = run.is_dir().then(|| run.to_owned());
    let data = match (data, &folder) {
        (Some(data), _) => data.to_owned(),
        (None, Some(folder)) => RunFolder::open(folder).and_then(|run| run.environment()).or_fail()?.data,
        (None, None) => sample_data::given_or_sample(None, voice, interrupt)?,
    };
    let dataset = Dataset::open_reaching(&data, trust.reach(), &mut progress.parts(interrupt));
    progress.end();
    let dataset = dataset.and_then(|dataset| dataset.read_as(&Reading::of(&model.recipe))).or_fail()?;
    if !voice.quiet {
        let seen = dataset.look(&mut progress.parts(interrupt));
        progress.end();
        let seen = seen.or_exit(Exit::Interrupted)?;
        for note in dataset.notes.iter().chain(&seen) {
            output::complain(&format!("warning: {note}"));
        }
    }
    Ok(Opened { model, dataset, folder })
}

/// The sensors' mean images over the training split, where they stand for sensors that are absent; none where nothing
/// does.
pub fn stand_in_means(
    model: &Model,
    dataset: &Dataset,
    takes_means: bool,
    voice: Voice,
    interrupt: Interrupt,
) -> Result<Vec<MeanImage>, Failure> {
    if !takes_means {
        return Ok(Vec::new());
    }
    let mut progress = Progress::new(voice);
    let means = mean_images(model, dataset, &mut progress.counts("mean image of the training split", interrupt));
    progress.end();
    let (means, left_out) = means.or_fail()?;
    for warning in left_out {
        progress.warn(&warning);
    }
    Ok(means)
}

/// Settings that change how a trained network is asked, not what it is.
fn may_change(key: &str) -> bool {
    key.starts_with("evaluation.")
        || key.starts_with("inference.")
        || matches!(key, "data.height" | "data.width" | "data.class_map")
}

/// The split that was asked for, else the first of `test`, `val` that there is, else the data set's last.
pub fn split_name(asked: Option<&str>, dataset: &Dataset) -> Result<String, Failure> {
    if let Some(name) = asked {
        let split = dataset.split(name).or_fail()?;
        return Ok(split.name.clone());
    }
    let usual = ["test", "val"].iter().find_map(|name| dataset.split(name).ok());
    let split = usual.or_else(|| dataset.splits.last());
    split
        .map(|split| split.name.clone())
        .ok_or_else(|| Failure::new(Exit::BadData, format!("`{}` has no split", dataset.name)))
}

/// Which of the network's sensors stay where some are dropped; a sentence where a name is unknown or none would stay.
pub fn present_sensors(model: &Model, without: &[String]) -> Result<Vec<bool>, Failure> {
    let names: Vec<&str> = model.sensors.iter().map(|sensor| sensor.name.as_str()).collect();
    if let Some(unknown) = without.iter().find(|name| !names.contains(&name.as_str())) {
        let message = format!("--without: no sensor named `{unknown}`; the network takes {}", names.join(", "));
        return Err(Failure::new(Exit::Usage, message));
    }
    let present: Vec<bool> = names.iter().map(|name| !without.iter().any(|other| other == name)).collect();
    if present.contains(&true) {
        return Ok(present);
    }
    Err(Failure::new(Exit::Usage, "--without: at least one sensor must stay"))
}
