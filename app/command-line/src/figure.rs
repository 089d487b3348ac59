//! `fusionscope figure`: what runs see in a few scenes, as papers print it.

use std::ffi::OsStr;
use std::path::Path;

use fusionscope_engine::data::Dataset;
use fusionscope_engine::drawing::{INCH, Print, check_ending, drawing_file};
use fusionscope_engine::files::output::write_out;
use fusionscope_engine::files::path_json;
use fusionscope_engine::inspection::{scene_view_watched, takes_means};
use fusionscope_engine::plate::{Method, Wanted, plate};
use fusionscope_engine::protocol::{SceneView, ViewRequest};
use fusionscope_engine::recipe::catalogue::evaluation;
use serde_json::json;

use super::arguments::FigureArguments;
use super::command_words::command_words;
use super::exit::{Exit, Failure, OrFail as _, Outcome};
use super::interrupt::Interrupt;
use super::named::named;
use super::opened::{Opened, open, present_sensors, split_name, stand_in_means};
use super::output;
use super::progress::Progress;
use super::supposing;
use super::window::Window;

/// How many scenes are shown where none is named.
const USUAL: usize = 3;

/// Looks at the scenes with each run, lays the pictures out, and writes them and their numbers.
pub fn run(arguments: &FigureArguments, interrupt: Interrupt, window: &dyn Window) -> Outcome {
    let FigureArguments { runs, out, voice, .. } = arguments;
    let refused = |reason: String| Failure::new(Exit::Usage, format!("{reason}: {}", out.display()));
    check_ending(out).map_err(refused)?;
    let mut first: Option<Looked> = None;
    let mut sensors: Vec<String> = Vec::new();
    let mut methods: Vec<Method> = Vec::new();
    for words in runs {
        let (looked, method) = looked_at(arguments, words, first.as_ref(), interrupt)?;
        sensors.extend(looked.sensors.iter().cloned());
        let name = apart(&methods, method.name.clone(), words);
        methods.push(Method { name, ..method });
        first = first.or(Some(looked));
    }
    let Some(Looked { dataset, .. }) = first else { return Err(Failure::new(Exit::Usage, "no run is named")) };
    let dataset = dataset.summary();
    let wanted = Wanted {
        // In the data set's order, whichever run sees them.
        sensors: dataset
            .modalities
            .iter()
            .map(|sensor| sensor.name.clone())
            .filter(|name| sensors.contains(name))
            .collect(),
        views: arguments.views.clone(),
        crops: arguments.crops.clone(),
        shows_miou: arguments.miou,
        width_mm: arguments.width_mm,
        letters_pt: arguments.letters_pt,
    };
    let plate = plate(&dataset, &methods, &wanted, window.printer()).map_err(refused)?;
    for note in &plate.left_out {
        output::complain(&format!("warning: {note}"));
    }
    let drawing = plate.drawing().map_err(refused)?;
    let size_mm = [drawing.width, drawing.height].map(|side| side / INCH * 25.4);
    let print = Print { dpi: arguments.dpi, command: command_words() };
    let bytes = drawing_file(out, &print, || Ok(drawing)).map_err(refused)?;
    write_out(out, &bytes).map_err(|error| Failure::unwritten("the figure", error, out))?;
    let table = arguments.csv.then(|| out.with_extension("csv"));
    if let Some(table) = &table {
        write_out(table, plate.csv.as_bytes()).map_err(|error| Failure::unwritten("its numbers", error, table))?;
    }
    if voice.json {
        let table = table.as_deref().map(path_json::value);
        let [width_mm, height_mm] = size_mm;
        output::json(&json!({
            "event": "figure", "path": path_json::value(out), "csv": table, "width_mm": width_mm, "height_mm": height_mm,
            "caption": plate.caption,
        }))?;
    } else if !voice.quiet {
        output::line(&plate.caption);
        output::line(&format!("{:.0} × {:.0} mm: {}", size_mm[0], size_mm[1], out.display()));
    }
    Ok(Exit::Done)
}

/// The scenes of the figure: their split, and their ids.
#[derive(Clone)]
struct Place {
    split: String,
    ids: Vec<String>,
}

/// What a run was asked about, and the names of the sensors that it sees.
struct Looked {
    dataset: Dataset,
    place: Place,
    sensors: Vec<String>,
}

/// Opens a run on the data of the first one, and looks at the scenes with it.
fn looked_at(
    arguments: &FigureArguments,
    words: &OsStr,
    first: Option<&Looked>,
    interrupt: Interrupt,
) -> Result<(Looked, Method), Failure> {
    let FigureArguments { data, trust, settings, device, voice, .. } = arguments;
    let (name, run) = named(words);
    let data = first.map(|first| first.dataset.root.as_path()).or(data.as_deref());
    let Opened { model, dataset, .. } = open(&run, data, *trust, settings, *device, *voice, interrupt)?;
    let place = match first {
        None => place(arguments, &dataset)?,
        Some(first) => first.place.clone(),
    };
    let what_if = supposing::what_if(arguments.what_if.as_deref(), &arguments.without, &arguments.degraded)?;
    present_sensors(&model, &what_if.dropped())?;
    let request = ViewRequest {
        split: place.split.clone(),
        what_if,
        compares: true,
        watched: arguments.views.iter().map(|view| view.name.clone()).collect(),
        pixel: arguments.explained.pixel(),
        explained: arguments.explained.explained(),
        ..ViewRequest::default()
    };
    let means = stand_in_means(&model, &dataset, takes_means(&model, &request), *voice, interrupt)?;
    let name = name.unwrap_or_else(|| model.recipe.name.clone());
    let scenes = &dataset.split(&place.split).or_fail()?.samples;
    let mut views = Vec::new();
    let mut progress = Progress::new(*voice);
    progress.begin(&format!("looking with {name}"), 0);
    for (at, id) in place.ids.iter().enumerate() {
        let index =
            scenes.iter().position(|scene| scene.id() == id).ok_or_else(|| unknown(id, &place.split, &dataset))?;
        let request = ViewRequest { index, ..request.clone() };
        // How far it is within a scene is not told apart.
        let mut goes_on = |_, _| interrupt.goes_on();
        views.push(scene_view_watched(Some(&model), &dataset, &request, &means, &mut goes_on).or_fail()?);
        progress.advance(at as u64 + 1, place.ids.len() as u64, "");
    }
    progress.end();
    judge(&name, &views)?;
    let mut summary = dataset.summary();
    (summary.classes, summary.colours) = (model.classes.clone(), model.colours.clone());
    let sensors = model.sensors.iter().map(|sensor| sensor.name.clone()).collect();
    let convention = model.recipe.get(evaluation::CONVENTION);
    Ok((Looked { dataset, place, sensors }, Method { name, summary, convention, views }))
}

/// Fails where a run predicts nothing of a scene, and tells what else is lacking.
fn judge(name: &str, views: &[SceneView]) -> Result<(), Failure> {
    let mut told: Vec<String> = Vec::new();
    for view in views {
        if let Some(lack) = &view.lack {
            told.push(format!("warning: {name}, scene {}: {lack}", view.id));
        }
        match (&view.unfit, &view.answer) {
            (None, _) => {}
            (Some(reason), None) => return Err(Failure::new(Exit::BadData, format!("{name}: {reason}"))),
            (Some(reason), Some(_)) => {
                let warning = format!("warning: {name}: {reason}. It answers with its own classes");
                if !told.contains(&warning) {
                    told.push(warning);
                }
            }
        }
    }
    for warning in &told {
        output::complain(warning);
    }
    Ok(())
}

/// The split that was named, else the usual one where it has the scenes, else any that has them all.
fn place(arguments: &FigureArguments, dataset: &Dataset) -> Result<Place, Failure> {
    let has = |split: &str, id: &String| {
        dataset.split(split).is_ok_and(|split| split.samples.iter().any(|scene| scene.id() == id))
    };
    let mut split = split_name(arguments.split.as_deref(), dataset)?;
    let ids = &arguments.scenes;
    if ids.is_empty() {
        let scenes = &dataset.split(&split).or_fail()?.samples;
        let ids = scenes.iter().take(USUAL).map(|scene| scene.id().to_owned()).collect();
        return Ok(Place { split, ids });
    }
    if arguments.split.is_none() && !ids.iter().all(|id| has(&split, id)) {
        let other = dataset.splits.iter().find(|other| ids.iter().all(|id| has(&other.name, id)));
        split = other.map_or(split, |other| other.name.clone());
    }
    match ids.iter().find(|id| !has(&split, id)) {
        None => Ok(Place { split, ids: ids.clone() }),
        Some(missing) => Err(unknown(missing, &split, dataset)),
    }
}

fn unknown(id: &str, split: &str, dataset: &Dataset) -> Failure {
    let scenes = dataset.split(split).map(|split| split.samples.as_slice()).unwrap_or_default();
    let example = scenes.first().map_or("none", |scene| scene.id());
    let message = format!("--scenes: `{split}` has no scene `{id}`; its first of {} is {example}", scenes.len());
    Failure::new(Exit::Usage, message)
}

/// A name that no method has yet: where two recipes are called the same, the folder's name is added.
fn apart(methods: &[Method], name: String, words: &OsStr) -> String {
    if methods.iter().all(|method| method.name != name) {
        return name;
    }
    let folder = Path::new(words).file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    let longer = format!("{name} {folder}");
    if methods.iter().all(|method| method.name != longer) { longer } else { format!("{name} ({})", methods.len() + 1) }
}
