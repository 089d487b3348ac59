//! `fusionscope inspect`: one picture of one scene, as a tile of the window shows it.

use std::fmt::Write as _;
use std::path::Path;

use fusionscope_engine::data::Dataset;
use fusionscope_engine::files::path_json;
use fusionscope_engine::files::picture::write_png;
use fusionscope_engine::files::write_whole;
use fusionscope_engine::inspection::{
    InspectionError, SceneMemory, ViewTable, at_step, over_split, scene_view, since_step, takes_means, with_beside,
};
use fusionscope_engine::network::Model;
use fusionscope_engine::protocol::{
    BESIDE, Content, EXPLANATION, Effect, FIGURES, Frame, OUTCOME, Pixels, SceneView, VIEW_KINDS, ViewKind,
    ViewRequest, counted, share as share_words, significant,
};
use fusionscope_engine::training::RunFolder;
use image::RgbaImage;
use serde_json::{Value, json};

use super::arguments::{AskedArguments, InspectArguments, Voice};
use super::exit::{Exit, Failure, OrFail as _, Outcome};
use super::interrupt::Interrupt;
use super::opened::{Opened, open, present_sensors, split_name, stand_in_means};
use super::output;
use super::progress::Progress;
use super::supposing;
use super::window::Window;

/// Writes the picture, and says what its colours mean; without `--view` lists what can be seen.
pub fn run(arguments: &InspectArguments, interrupt: Interrupt, window: &dyn Window) -> Outcome {
    let InspectArguments { asked, sample, beside, view, without, degraded, what_if, scale, out, .. } = arguments;
    let AskedArguments { run, data, trust, split, settings, device, voice } = asked;
    let Opened { model, dataset, .. } = open(run, data.as_deref(), *trust, settings, *device, *voice, interrupt)?;
    let split = split_name(split.as_deref(), &dataset)?;
    let scenes = &dataset.split(&split).or_fail()?.samples;
    let index = match sample {
        None => 0,
        Some(id) => scenes.iter().position(|scene| scene.id() == id).ok_or_else(|| {
            let example = scenes.first().map_or("none", |scene| scene.id());
            let message =
                format!("--sample: `{split}` has no sample `{id}`; its first of {} is {example}", scenes.len());
            Failure::new(Exit::Usage, message)
        })?,
    };
    present_sensors(&model, without)?;
    let what_if = supposing::what_if(what_if.as_deref(), without, degraded)?;
    present_sensors(&model, &what_if.dropped())?;
    let request = ViewRequest {
        split,
        index,
        what_if: what_if.clone(),
        compares: true,
        watched: watched(view.as_deref()),
        pixel: arguments.explained.pixel(),
        explained: arguments.explained.explained(),
        at: arguments.at,
        since: arguments.since,
        ..ViewRequest::default()
    };
    let means = stand_in_means(&model, &dataset, takes_means(&model, &request), *voice, interrupt)?;
    if arguments.whole_split {
        let mut progress = Progress::new(*voice);
        let title = format!("looking at {}", request.split);
        let found = over_split(&model, &dataset, &request, &means, &mut progress.counts(&title, interrupt));
        progress.end();
        let (table, left_out) = found.or_fail()?;
        for warning in left_out {
            output::complain(&format!("warning: {warning}"));
        }
        return say_table(&table, out.as_deref(), *voice);
    }
    let seen = in_time(run, &model, &dataset, &request, || scene_view(Some(&model), &dataset, &request, &means))?;
    // On the data of the one in question, as the other has them read.
    let on_same_data = |run| open(run, Some(&dataset.root), *trust, &[], *device, *voice, interrupt);
    let other = beside.as_deref().map(on_same_data).transpose()?;
    let seen = match &other {
        None => seen,
        Some(other) => {
            let takes_means = takes_means(&other.model, &request);
            let means = stand_in_means(&other.model, &other.dataset, takes_means, *voice, interrupt)?;
            let theirs = scene_view(Some(&other.model), &other.dataset, &request, &means).or_fail()?;
            with_beside(seen, Some(&model), &other.model, Ok(theirs))
        }
    };
    if let Some(Err(why)) = seen.beside.as_ref().map(|beside| &beside.disagreement) {
        output::complain(&format!("warning: the two runs are not compared: {why}"));
    }
    let names = view_names(&seen);
    match (&seen.unfit, &seen.answer) {
        (None, _) => {}
        // What a sensor saw, and the label, need no network.
        (Some(_), None) if view.as_ref().is_some_and(|name| names.contains(name)) => {}
        (Some(reason), None) => return Err(Failure::new(Exit::BadData, reason)),
        (Some(reason), Some(_)) => output::complain(&format!("warning: {reason}. It answers with its own classes")),
    }
    if let (Some(name), Some(lack)) = (view, &seen.lack)
        && name != FIGURES
        && !names.contains(name)
    {
        return Err(lack.into());
    }
    if let Some(name) = view
        && let Some(reason) = reason_against(&seen, name)
    {
        return Err(Failure::new(Exit::Usage, format!("--view: `{name}` cannot be shown: {reason}")));
    }
    let Some(name) = view else {
        return list(&names, *voice);
    };
    if name == FIGURES {
        return say_figures(&seen, *voice);
    }
    let tile = seen.tiles.iter().find(|tile| tile.content.name() == *name).ok_or_else(|| {
        if let Some(kind) = ViewKind::of(name.strip_prefix(BESIDE).unwrap_or(name)).filter(|_| !names.contains(name)) {
            let message = format!("--view: there is no view `{name}` of this network and scene: {}", kind.reason());
            return Failure::new(Exit::Usage, message);
        }
        let message = format!("--view: there is no view `{name}` of this scene; choose one of {}", names.join(", "));
        Failure::new(Exit::Usage, message)
    })?;
    let Some(out) = out else {
        return Err(Failure::new(Exit::Usage, "--out: name the PNG file to write"));
    };
    let mut summary = dataset.summary();
    let shown = other.as_ref().filter(|_| tile.content.is_beside()).map_or(&model, |other| &other.model);
    if tile.content != Content::Label {
        (summary.classes, summary.colours) = (shown.classes.clone(), shown.colours.clone());
    }
    write(out, &window.paint(&tile.content, &tile.frame, &summary), *scale)?;
    say(&seen, name, &tile.frame, out, *voice)?;
    Ok(Exit::Done)
}

/// The scene at the step that is asked for, else as it is seen `now`, and what has changed since another one.
fn in_time(
    run: &Path,
    model: &Model,
    dataset: &Dataset,
    request: &ViewRequest,
    now: impl FnOnce() -> Result<SceneView, InspectionError>,
) -> Result<SceneView, Failure> {
    let (at, since) = (request.at, request.since);
    let folder = at.or(since).map(|_| RunFolder::open(run)).transpose().or_fail()?;
    let Some(folder) = folder else { return now().or_fail() };
    let seen = match at {
        Some(step) => at_step(&folder, Some(model), dataset, request, step, &mut SceneMemory::default()).or_fail()?,
        None => now().or_fail()?,
    };
    let seen = match since {
        Some(step) => since_step(&folder, model, dataset, seen, step),
        None => seen,
    };
    match &seen.lack {
        Some(lack) if at.is_some() && seen.step.is_none() || since.is_some() && seen.effects.is_empty() => {
            Err(lack.into())
        }
        _ => Ok(seen),
    }
}

/// What is asked for to see a view: its map, and with an explanation its numbers.
fn watched(view: Option<&str>) -> Vec<String> {
    let name = view.map(|name| name.strip_prefix(BESIDE).unwrap_or(name));
    let figures = name.filter(|name| name.starts_with(EXPLANATION)).map(|_| FIGURES);
    name.into_iter().chain(figures).map(str::to_owned).collect()
}

/// Why a view cannot be shown of this network or scene, where that is known.
fn reason_against<'a>(seen: &'a SceneView, name: &str) -> Option<&'a str> {
    let refused = match (name.strip_prefix(BESIDE), &seen.beside) {
        (Some(name), Some(beside)) => beside.refused.iter().find(|(refused, _)| refused == name),
        _ => seen.refused.iter().find(|(refused, _)| refused == name),
    };
    refused.map(|(_, reason)| reason.as_str())
}

/// Everything that can be seen of a scene, by the names that `--view` takes.
pub fn view_names(seen: &SceneView) -> Vec<String> {
    let mut names: Vec<String> = seen.tiles.iter().map(|tile| tile.content.name()).collect();
    names.extend(seen.offered.iter().cloned());
    let beside = seen.beside.iter().flat_map(|beside| &beside.offered);
    names.extend(beside.map(|name| format!("{BESIDE}{name}")));
    let mut listed = std::collections::BTreeSet::new();
    names.retain(|name| listed.insert(name.clone()));
    names
}

fn list(names: &[String], voice: Voice) -> Outcome {
    if voice.json {
        let kind = |kind: &ViewKind| {
            let is_here = names.iter().any(|name| kind.fits(name));
            let ViewKind { name, shows, range, source, needs, .. } = kind;
            json!({"name": name, "shows": shows, "range": range, "source": source, "needs": needs, "here": is_here})
        };
        let kinds: Vec<Value> = VIEW_KINDS.iter().map(kind).collect();
        output::json(&json!({"event": "views", "views": names, "kinds": kinds}))?;
    } else {
        output::lines(names);
    }
    Ok(Exit::Done)
}

fn say_table(table: &ViewTable, out: Option<&Path>, voice: Voice) -> Outcome {
    if let Some(out) = out {
        write_whole(out, table.csv().as_bytes()).map_err(|error| Failure::unwritten("the table", error, out))?;
    }
    if voice.json {
        output::json(&json!({"event": "summed", "table": table}))?;
        return Ok(Exit::Done);
    }
    let names: Vec<String> = table.rows.iter().map(|row| format!("{} {}", row.kind, row.name)).collect();
    let width = names.iter().map(|name| name.chars().count()).max().unwrap_or(0);
    let is_mean = table.columns == ["mean"];
    output::line(&format!("{} over {} ({})", table.view, table.split, counted(table.scenes, "scene")));
    for (name, row) in names.iter().zip(&table.rows) {
        let value = |(column, value): (&String, &f64)| {
            format!("  {column} {}", if is_mean { significant(*value) } else { share_words(*value) })
        };
        let values: String = table.columns.iter().zip(&row.values).map(value).collect();
        output::line(&format!("{name:<width$}{values}"));
    }
    Ok(Exit::Done)
}

fn say_figures(seen: &SceneView, voice: Voice) -> Outcome {
    let own = seen.figures.iter().map(|(name, value)| (name.clone(), json!(value), f64::from(*value)));
    let what = if seen.request.since.is_some() { "since" } else { "what-if" };
    let of_effect = seen.effects.first().into_iter().flat_map(|effect| effect_figures(what, effect));
    let figures = own.chain(of_effect.map(|(name, value)| (name, json!(value), value)));
    if voice.json {
        let figures: serde_json::Map<String, Value> = figures.map(|(name, value, _)| (name, value)).collect();
        output::json(&json!({"event": "figures", "sample": seen.id, "figures": figures}))?;
    } else {
        for (name, _, value) in figures {
            output::line(&format!("{name}  {}", significant(value)));
        }
    }
    Ok(Exit::Done)
}

/// What a what-if, or other steps, change in the answer that counts: the scene's mean IoU, and pixels by what became of
/// them.
fn effect_figures(what: &str, effect: &Effect) -> Vec<(String, f64)> {
    let sides = if what == "since" { ["before", "now"] } else { ["without", "with"] };
    let sides = sides.into_iter().zip(effect.miou);
    let miou = sides.filter_map(|(side, miou)| Some((format!("{what}.miou.{side}"), miou?)));
    let counts = OUTCOME.iter().zip(effect.counts);
    let counts = counts.map(|(word, count)| (format!("{what}.pixels.{}", word.replace(' ', "_")), count as f64));
    miou.chain(counts).collect()
}

fn write(out: &Path, picture: &RgbaImage, scale: u32) -> Result<(), Failure> {
    let (width, height) = picture.dimensions();
    let nearest = image::imageops::FilterType::Nearest;
    let scaled = image::imageops::resize(picture, width * scale, height * scale, nearest);
    write_png(out, &scaled).map_err(|error| Failure::unwritten("the picture", error, out))
}

/// What the picture shows, and what its colours mean.
fn say(seen: &SceneView, name: &str, frame: &Frame, out: &Path, voice: Voice) -> anyhow::Result<()> {
    let meaning = match &frame.pixels {
        Pixels::Scalar { low, high, unit, .. } => json!({"low": low, "high": high, "unit": unit}),
        Pixels::Categories { ids, legend } => {
            let share = |place: usize| {
                let count = ids.iter().filter(|&&id| usize::from(id) == place).count();
                count as f64 / ids.len().max(1) as f64
            };
            let shares = legend.iter().enumerate().map(|(place, word)| (word.clone(), json!(share(place))));
            json!({"shares": shares.collect::<serde_json::Map<_, _>>()})
        }
        _ => json!({}),
    };
    // An explanation's own numbers: its mean, share or peak.
    let figures = match (name.strip_prefix(BESIDE), &seen.beside) {
        (Some(_), Some(beside)) => &beside.figures,
        _ => &seen.figures,
    };
    let own = name.strip_prefix(BESIDE).unwrap_or(name);
    let figures: Vec<(&str, f64)> = figures
        .iter()
        .filter(|_| own.starts_with(EXPLANATION))
        .filter_map(|(known, value)| Some((known.strip_prefix(own)?, f64::from(*value))))
        .filter_map(|(rest, value)| Some((if rest.is_empty() { "mean" } else { rest.strip_prefix('.')? }, value)))
        .collect();
    if voice.json {
        let mut line = json!({"event": "inspected", "sample": seen.id, "view": name, "step": seen.step, "path": path_json::value(out), "meaning": meaning});
        for (figure, value) in figures {
            line["meaning"][figure] = json!(value);
        }
        return output::json(&line);
    }
    if voice.quiet {
        return Ok(());
    }
    let mut words = format!("{name} of {}", seen.id);
    match &frame.pixels {
        Pixels::Scalar { low, high, unit, .. } => {
            let (low, high) = (significant(f64::from(*low)), significant(f64::from(*high)));
            let _infallible = write!(words, ", {low} to {high} {unit}");
        }
        Pixels::Categories { .. } => {
            for (word, share) in meaning["shares"].as_object().into_iter().flatten() {
                let _infallible = write!(words, ", {word} {}", share_words(share.as_f64().unwrap_or_default()));
            }
        }
        _ => {}
    }
    for (figure, value) in figures {
        let _infallible = write!(words, ", {figure} {}", significant(value));
    }
    output::line(&format!("{}: {}", words.trim_end(), out.display()));
    Ok(())
}
