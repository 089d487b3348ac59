//! `fusionscope evaluate --protocol`.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context as _;
use fusionscope_engine::data::SampleEntry;
use fusionscope_engine::evaluation::{Asked, Predicted, protocol_csv, protocol_table, run_protocol};
use fusionscope_engine::network::Model;
use fusionscope_engine::protocol::{Protocol, ProtocolReport};
use fusionscope_engine::training::{RunFolder, open_teacher};

use super::arguments::{AskedArguments, EvaluateArguments};
use super::evaluate::{settings, write};
use super::exit::{Exit, Failure, OrFail as _, Outcome};
use super::interrupt::Interrupt;
use super::label_map::{label_files, write_label_map};
use super::opened::{Opened, open, split_name};
use super::output;
use super::progress::Progress;
use super::train::check_writable;

/// The folder of the true labels among dumped label maps.
const TRUTH: &str = "truth";

/// Runs a protocol and keeps its figures beside the run.
pub fn run(protocol: Protocol, arguments: &EvaluateArguments, interrupt: Interrupt) -> Outcome {
    let EvaluateArguments { asked, csv, predictions, out, .. } = arguments;
    let AskedArguments { run, data, trust, split, device, voice, .. } = asked;
    if let Some(out) = out {
        check_writable(out)?;
    }
    let settings = settings(arguments);
    let Opened { model, dataset, folder } = open(run, data.as_deref(), *trust, &settings, *device, *voice, interrupt)?;
    let dataset = Arc::new(dataset);
    let split = split_name(split.as_deref(), &dataset)?;
    let mut dump = match predictions {
        Some(folder) => Some(Dump::new(folder, &model, &dataset.split(&split).or_fail()?.samples)?),
        None => None,
    };
    let teacher = match folder.as_ref().filter(|_| protocol == Protocol::Heads) {
        Some(run) => open_teacher(run, &model.device, &mut |_, _, _| interrupt.goes_on()).or_fail()?,
        None => None,
    };
    let asked = Asked { protocol, model: &model, teacher: teacher.as_ref(), dataset: &dataset, split: &split };
    let mut each =
        |predicted: &Predicted<'_>| dump.as_mut().map_or(ControlFlow::Continue(()), |dump| dump.keep(predicted));
    let mut progress = Progress::new(*voice);
    let title = format!("{} on {split}", protocol.word());
    let report = run_protocol(&asked, &mut each, &mut progress.counts(&title, interrupt));
    progress.end();
    if let Some(dump) = dump {
        dump.finish(report.as_ref().ok())?;
    }
    let report = report.or_fail()?;

    let table = protocol_csv(&report);
    let name = |ending: &str| format!("protocol-{}.{ending}", protocol.word());
    match (out, &folder) {
        (Some(out), _) => {
            write(&out.join(name("json")), &json(&report)?)?;
            write(&out.join(name("csv")), &table)?;
        }
        (None, Some(folder)) => {
            let mut run = RunFolder::open(folder).or_fail()?;
            let mut evaluations = run.lock_evaluations().or_fail()?;
            if let Some(warning) = evaluations.add_protocol(&report).or_fail()? {
                output::complain(&format!("warning: {warning}"));
            }
            // Still locked: the table is that of the newest figures.
            write(&folder.join(name("csv")), &table)?;
        }
        (None, None) => {}
    }
    if let Some(csv) = csv {
        write(csv, &table)?;
    }
    if voice.json {
        output::json(&report)?;
    } else {
        output::text(&protocol_table(&report));
    }
    Ok(Exit::Done)
}

fn json(report: &ProtocolReport) -> Result<String, Failure> {
    Ok(serde_json::to_string_pretty(report).context("the report is no JSON")?)
}

/// Label maps of every trial: a folder for the truth, one for each trial by its place in the report, and the report
/// itself, so that all figures can be counted anew.
struct Dump<'a> {
    folder: &'a Path,
    model: &'a Model,
    /// The file of each scene in its folder.
    files: BTreeMap<String, PathBuf>,
    /// Why a label map could not be written; the protocol ends with it.
    failure: Option<Failure>,
}

impl<'a> Dump<'a> {
    fn new(folder: &'a Path, model: &'a Model, scenes: &[SampleEntry]) -> Result<Self, Failure> {
        check_writable(folder)?;
        let files = label_files(scenes, Path::new(""))?;
        let files = scenes.iter().map(|scene| scene.id().to_owned()).zip(files).collect();
        Ok(Self { folder, model, files, failure: None })
    }

    fn keep(&mut self, predicted: &Predicted<'_>) -> ControlFlow<()> {
        match self.write(predicted) {
            Ok(()) => ControlFlow::Continue(()),
            Err(failure) => {
                self.failure = Some(failure);
                ControlFlow::Break(())
            }
        }
    }

    fn write(&self, predicted: &Predicted<'_>) -> Result<(), Failure> {
        let Predicted { place, scene, height, width, ids, truth, .. } = *predicted;
        let Some(file) = self.files.get(scene) else { return Ok(()) };
        let put = |name: &str, ids: &[u8]| {
            let folder = self.folder.join(name);
            std::fs::create_dir_all(&folder).map_err(|error| Failure::unwritten("the label maps", error, &folder))?;
            write_label_map(&folder.join(file), ids, width, height, self.model)
        };
        if place == 0 {
            put(TRUTH, truth)?;
        }
        put(&format!("{place:04}"), ids)
    }

    fn finish(self, report: Option<&ProtocolReport>) -> Result<(), Failure> {
        match (self.failure, report) {
            (Some(failure), _) => Err(failure),
            (None, Some(report)) => write(&self.folder.join("report.json"), &json(report)?),
            (None, None) => Ok(()),
        }
    }
}
