//! `fusionscope embed`: features of a run, or points of a file, in two dimensions.

use std::ffi::OsStr;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use fusionscope_engine::device::cpu_words;
use fusionscope_engine::embedding::{
    Optimiser, Points, Prepared, Schedule, Start, engine_for, is_text, projection, read_points, write_places,
    write_points,
};
use fusionscope_engine::files::output::write_out;
use fusionscope_engine::files::path_json;
use fusionscope_engine::inspection::{FeatureRequest, FeatureTable, gather, judge_layout, offered_features};
use fusionscope_engine::protocol::{PointMark, counted, layout_table, share};

use super::arguments::{EmbedArguments, EmbedMethod};
use super::exit::{Exit, Failure, OrExit as _, OrFail as _, Outcome};
use super::interrupt::Interrupt;
use super::opened::{Opened, open, present_sensors, split_name};
use super::output;
use super::progress::Progress;

/// Iterations between two looks at the keyboard and at the progress bar.
const CHUNK: u32 = 25;

/// What came of it.
struct Made {
    layout: Vec<[f32; 2]>,
    device: String,
    /// Divergence, iterations and perplexity of t-SNE.
    optimised: Option<(f64, u32, f32)>,
    is_whole: bool,
    secs: f64,
}

/// What is laid out.
struct Laid {
    points: Points,
    /// Whose the points are, where they are a run's.
    gathered: Option<Gathered>,
}

/// Whose points a run's are.
struct Gathered {
    features: String,
    split: String,
    marks: Vec<PointMark>,
    sources: Vec<String>,
    classes: Vec<String>,
}

/// Lays out points and writes their places; without `--features` lists what a run has.
pub fn run(arguments: &EmbedArguments, interrupt: Interrupt) -> Outcome {
    let lists = arguments.run.is_some() && arguments.features.is_none();
    if !lists && arguments.out.is_none() {
        return Err(Failure::new(Exit::Usage, "--out: name the file to write"));
    }
    let laid = match (&arguments.run, &arguments.points) {
        (Some(run), _) => match gathered(run, arguments, interrupt)? {
            Some(laid) => laid,
            None => return Ok(Exit::Done),
        },
        (None, Some(file)) => Laid { points: points_of(file)?, gathered: None },
        (None, None) => return Err(Failure::new(Exit::Usage, "name a run, or points with --points")),
    };
    let Some(out) = &arguments.out else { return Ok(Exit::Done) };
    let points = &laid.points;
    let start = start_of(&arguments.init)?;
    let made = match arguments.threads {
        None => lay_out(arguments, points, &start, interrupt)?,
        Some(threads) => {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads.get()).build().or_exit(Exit::Failed)?;
            pool.install(|| lay_out(arguments, points, &start, interrupt))?
        }
    };
    match &laid.gathered {
        Some(Gathered { split, marks, sources, classes, .. }) if is_text(out) => {
            let table = layout_table(&made.layout, marks, sources, split, classes);
            write_out(out, table.as_bytes()).map_err(|error| Failure::unwritten("the layout", error, out))?;
        }
        _ => write_places(out, &made.layout).or_fail()?,
    }
    if let Some(path) = &arguments.vectors {
        write_points(path, points).or_fail()?;
    }
    say(arguments, &laid, &made, out)?;
    if made.is_whole {
        return Ok(Exit::Done);
    }
    output::complain("interrupted: the layout as it stands is written");
    Ok(Exit::Interrupted)
}

/// A run's features; `None` where only their names were asked for, which are then said.
fn gathered(run: &Path, arguments: &EmbedArguments, interrupt: Interrupt) -> Result<Option<Laid>, Failure> {
    let voice = arguments.voice;
    let Opened { model, dataset, .. } =
        open(run, arguments.data.as_deref(), arguments.trust, &[], arguments.device, voice, interrupt)?;
    let split = split_name(arguments.split.as_deref(), &dataset)?;
    present_sensors(&model, &arguments.without)?;
    let scenes = dataset.split(&split).or_fail()?.samples.len();
    let Some(features) = arguments.features.clone() else {
        let names = offered_features(&model, &dataset, &split, &arguments.without).or_fail()?;
        if voice.json {
            output::json(&serde_json::json!({"event": "features", "features": names}))?;
        } else {
            output::lines(&names);
        }
        return Ok(None);
    };
    let request = FeatureRequest {
        features,
        split,
        scenes: (0..scenes).collect(),
        points: arguments.count.get(),
        seed: arguments.seed,
        dropped: arguments.without.clone(),
    };
    let mut progress = Progress::new(voice);
    let table = gather(&model, &dataset, &request, &mut progress.counts("gathering features", interrupt));
    progress.end();
    let FeatureTable { width, numbers, marks, sources, .. } = table.or_fail()?;
    let points = Points::new(numbers, width).or_fail()?;
    let FeatureRequest { features, split, .. } = request;
    let gathered = Gathered { features, split, marks, sources, classes: dataset.classes };
    Ok(Some(Laid { points, gathered: Some(gathered) }))
}

/// The start in words: `pca`, `random`, or a file of places.
fn start_of(words: &OsStr) -> Result<Start, Failure> {
    match words.to_str() {
        Some("pca") => Ok(Start::Pca),
        Some("random") => Ok(Start::Random),
        _ => {
            let file = Path::new(words);
            let places = points_of(file)?;
            if places.width() != 2 {
                let found = places.width();
                return Err(Failure::new(
                    Exit::BadData,
                    format!("expected places with 2 columns, found {found}: {}", file.display()),
                ));
            }
            Ok(Start::Given(places.numbers().as_chunks::<2>().0.to_vec()))
        }
    }
}

/// The points of a file; what was left out of it is said.
fn points_of(file: &Path) -> Result<Points, Failure> {
    let (points, note) = read_points(file).or_fail()?;
    if let Some(note) = note {
        output::complain(&format!("warning: {note}: {}", file.display()));
    }
    Ok(points)
}

fn lay_out(arguments: &EmbedArguments, points: &Points, start: &Start, interrupt: Interrupt) -> Result<Made, Failure> {
    let began = Instant::now();
    if arguments.method == EmbedMethod::Pca {
        let layout = projection(points).or_fail()?;
        return Ok(Made {
            layout,
            device: cpu_words(),
            optimised: None,
            is_whole: true,
            secs: began.elapsed().as_secs_f64(),
        });
    }
    let mut progress = Progress::new(arguments.voice);
    progress.begin("looking for neighbours", 0);
    progress.advance(0, 0, "");
    let goes_on = |_done| interrupt.goes_on();
    let prepared = Prepared::new(points, arguments.perplexity, &goes_on).or_fail()?;
    let (graph, perplexity) = prepared.graph(arguments.perplexity).or_fail()?;
    let places = start.places(prepared.points(), arguments.seed).or_fail()?;
    let schedule =
        Schedule { stops_early: arguments.early_stop, ..Schedule::fresh(points.count(), arguments.iterations) };
    let engine = engine_for(arguments.device).or_fail()?;
    let mut optimiser = Optimiser::new(engine, Arc::new(graph), &places, schedule).or_fail()?;
    interrupt.keeps("Stopping; the layout as it stands will be written");
    progress.begin("t-SNE", 0);
    let mut note = String::new();
    while let Some(stats) = optimiser.advance(CHUNK).or_fail()? {
        if let Some(divergence) = stats.divergence {
            note = format!("KL {divergence:.4}");
        }
        progress.advance(u64::from(optimiser.iteration()), u64::from(optimiser.iterations()), &note);
        if interrupt.was_pressed() {
            break;
        }
    }
    progress.end();
    let is_whole = optimiser.is_done();
    let layout = optimiser.layout().or_fail()?;
    let secs = began.elapsed().as_secs_f64();
    let divergence = optimiser.divergence().or_fail()?;
    let optimised = Some((divergence, optimiser.iteration(), perplexity));
    Ok(Made { layout, device: optimiser.words(), optimised, is_whole, secs })
}

fn say(arguments: &EmbedArguments, laid: &Laid, made: &Made, out: &Path) -> anyhow::Result<()> {
    let Laid { points, gathered } = laid;
    let Made { layout, device, optimised, secs, .. } = made;
    let (count, width) = (points.count(), points.width());
    let measures = gathered.as_ref().map(|gathered| judge_layout(points, layout, &gathered.marks, arguments.seed));
    if arguments.voice.json {
        let (divergence, iterations, perplexity) = match *optimised {
            Some((divergence, iterations, perplexity)) => (Some(divergence), Some(iterations), Some(perplexity)),
            None => (None, None, None),
        };
        let mut line = serde_json::json!({
            "event": "embedding", "path": path_json::value(out), "points": count, "columns": width,
            "method": if optimised.is_some() { "tsne" } else { "pca" }, "kl": divergence, "iterations": iterations,
            "perplexity": perplexity, "seed": arguments.seed, "secs": secs, "device": device,
        });
        if let Some(Gathered { features, split, sources, .. }) = gathered {
            line["features"] = features.as_str().into();
            line["split"] = split.as_str().into();
            line["sources"] = sources.as_slice().into();
            line["measures"] = serde_json::to_value(measures)?;
        }
        return output::json(&line);
    }
    let how = optimised.map_or(String::new(), |(divergence, iterations, perplexity)| {
        format!(", KL {divergence:.4} after {} at perplexity {perplexity}", counted(iterations.into(), "iteration"))
    });
    let (points, columns) = (counted(count as u64, "point"), counted(width as u64, "column"));
    output::line(&format!("{}: {points} of {columns} in {secs:.2} s on {device}{how}", out.display()));
    let (Some(found), Some(Gathered { sources, .. })) = (measures, gathered) else { return Ok(()) };
    let mut parts = vec![
        format!("trustworthiness {:.3}", found.trustworthiness),
        format!("nearest neighbours of the same class {}", share(found.class_purity)),
    ];
    if sources.len() > 1 {
        parts.push(format!("of the same sensor {}", share(found.source_purity)));
    }
    parts.push(format!("silhouette of the features by class {:.3}", found.silhouette));
    output::line(&parts.join(", "));
    Ok(())
}
