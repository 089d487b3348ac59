//! `fusionscope train`.

use std::ffi::OsStr;
use std::path::Path;
use std::time::SystemTime;

use fusionscope_engine::device::{self, DeviceChoice};
use fusionscope_engine::evaluation::table_text;
use fusionscope_engine::files::path_json;
use fusionscope_engine::network::file_and_prefix;
use fusionscope_engine::protocol::{AlbumWish, Command, EventFiles, Pin, SplitSummary, counted};
use fusionscope_engine::recipe::catalogue::encoder::Pretrained;
use fusionscope_engine::recipe::{Recipe, Value};
use fusionscope_engine::session::Paint;
use fusionscope_engine::signals;
use fusionscope_engine::training::RunFolder;

use super::arguments::{RecipeArguments, TrainArguments};
use super::exit::{Exit, Failure, OrFail as _, Outcome};
use super::headless::{Ending, Headless};
use super::interrupt::Interrupt;
use super::{output, sample_data};

/// Trains, with a checkpoint at every end but a kill.
pub fn run(arguments: &TrainArguments, interrupt: Interrupt, paint: Paint) -> Outcome {
    if arguments.until_input_ends {
        stop_when_input_ends()?;
    }
    let mut headless = match &arguments.resume {
        Some(run) => resumed(arguments, run, interrupt, paint)?,
        None => begun(arguments, interrupt, paint)?,
    };
    let ending = headless.until_ended()?;
    finish(arguments, &headless, ending)
}

/// Whoever holds the other end of standard input may close it, or go.
fn stop_when_input_ends() -> Result<(), Failure> {
    let waiting = || {
        let _ended_or_broken = std::io::copy(&mut std::io::stdin().lock(), &mut std::io::sink());
        signals::ask();
    };
    let spawned = std::thread::Builder::new().name("fusionscope-input".to_owned()).spawn(waiting);
    spawned
        .map(|_runs_on| ())
        .map_err(|error| Failure::new(Exit::Failed, format!("--until-input-ends: no thread could be started: {error}")))
}

fn start(arguments: &TrainArguments, interrupt: Interrupt, paint: Paint) -> Result<Headless, Failure> {
    let TrainArguments { device, out, max_steps, trust, tensorboard, tensorboard_scene, voice, .. } = arguments;
    let headless = Headless::start(*device, out.clone(), *max_steps, *trust, *voice, interrupt, paint)?;
    if *tensorboard {
        headless.send(Command::WriteEvents { events: Some(EventFiles { scene: tensorboard_scene.clone() }) })?;
    }
    Ok(headless)
}

fn begun(arguments: &TrainArguments, interrupt: Interrupt, paint: Paint) -> Result<Headless, Failure> {
    let recipe = recipe_of(&arguments.recipe)?;
    if let DeviceChoice::Gpu(_) = arguments.device {
        device::choose(arguments.device).or_fail()?;
    }
    let data = sample_data::given_or_sample(arguments.data.as_deref(), arguments.voice, interrupt)?;
    check_writable(&arguments.out)?;
    let mut headless = start(arguments, interrupt, paint)?;
    headless.prepare(Command::LoadData { path: data })?;
    pin(arguments, &headless)?;
    headless.send(Command::LoadRecipe { recipe })?;
    headless.student_steps = arguments.recipe.steps;
    headless.prepare(Command::Start)?;
    Ok(headless)
}

fn resumed(arguments: &TrainArguments, run: &Path, interrupt: Interrupt, paint: Paint) -> Result<Headless, Failure> {
    let mut headless = start(arguments, interrupt, paint)?;
    headless.prepare(Command::OpenRun { path: run.to_owned(), data: arguments.data.clone() })?;
    pin(arguments, &headless)?;
    headless.prepare(Command::ResumeRun)?;
    Ok(headless)
}

/// Pins the scenes that the command line names, of whichever split has them, one that is not trained on first.
fn pin(arguments: &TrainArguments, headless: &Headless) -> Result<(), Failure> {
    let TrainArguments { pins, pin_views, pin_every, pin_mb, .. } = arguments;
    if pins.is_empty() {
        return Ok(());
    }
    let mut splits: Vec<&SplitSummary> = headless.splits.iter().collect();
    splits.sort_by_key(|split| split.name == "train");
    let found = |id: &String| {
        let split = splits.iter().find(|split| split.ids.contains(id)).ok_or_else(|| {
            let example = splits.iter().find_map(|split| split.ids.first()).map_or("none", String::as_str);
            Failure::new(Exit::Usage, format!("--pin: the data set has no scene `{id}`; one of its ids is {example}"))
        })?;
        Ok(Pin { split: split.name.clone(), id: id.clone(), watched: pin_views.clone() })
    };
    let pins = pins.iter().map(found).collect::<Result<_, Failure>>()?;
    headless.send(Command::KeepAlbum(AlbumWish { pins, every: *pin_every, most_mib: *pin_mb }))
}

fn finish(arguments: &TrainArguments, headless: &Headless, ending: Ending) -> Outcome {
    let voice = arguments.voice;
    let table = headless.evaluation.as_ref().filter(|_| ending == Ending::Complete && !voice.json && !voice.quiet);
    if let Some(report) = table {
        output::text(&format!("{}\n", table_text(report)));
    }
    let run = headless.run.as_deref().unwrap_or(Path::new(""));
    if ending == Ending::Limited && !voice.quiet {
        let Headless { step, total_steps, .. } = headless;
        output::complain(&format!("ended after {step} of {}, as --max-steps asks", counted(*total_steps, "step")));
    }
    if ending != Ending::Complete && !(ending == Ending::Limited && voice.quiet) {
        let is_there = RunFolder::open(run).is_ok();
        let kept = match (&headless.checkpoint, headless.kept) {
            _ if !is_there => "the run folder has gone, and its checkpoints with it".to_owned(),
            (Some((step, path)), _) => format!("checkpoint saved at step {step}: {}", path.display()),
            (None, Some(step)) => format!("the checkpoint of step {step} is the newest"),
            (None, None) => "no checkpoint could be saved".to_owned(),
        };
        if let Some((step, of)) = headless.stopped {
            output::complain(&format!("stopped at step {step} of {of}"));
        }
        output::complain(&kept);
        if is_there {
            output::complain(&format!("go on with: fusionscope train --resume \"{}\"", run.display()));
        }
    }
    if voice.json {
        output::json(&serde_json::json!({"event": "run", "path": path_json::value(run)}))?;
    } else {
        output::line(&format!("run folder: {}", run.display()));
    }
    let is_kept = headless.kept == Some(headless.step);
    match (ending, headless.last_error()) {
        (Ending::Complete, None) | (Ending::Limited, _) if is_kept => Ok(Exit::Done),
        (Ending::Complete, Some(reason)) if is_kept => {
            Err(Failure::new(Exit::Failed, format!("the run's last evaluation is missing: {reason}")))
        }
        (Ending::Complete | Ending::Limited, reason) => {
            let reason = reason.unwrap_or("no reason was given");
            Err(Failure::new(Exit::Failed, format!("the trained network could not be kept: {reason}")))
        }
        (Ending::Interrupted, _) if is_kept || headless.checkpoint.is_some() => Ok(Exit::Interrupted),
        (Ending::Interrupted, _) => Ok(Exit::Failed),
        (Ending::Held, reason) => {
            let reason = reason.unwrap_or("the run was held");
            Err(Failure::new(Exit::Failed, reason))
        }
    }
}

/// The recipe with everything that the command line changes.
pub fn recipe_of(arguments: &RecipeArguments) -> Result<Recipe, Failure> {
    let mut recipe = named_or_file(&arguments.recipe)?;
    apply_settings(&mut recipe, &arguments.settings)?;
    let mut set = |key: &str, value: Value| recipe.set(key, value).or_fail();
    if let Some(seed) = arguments.seed {
        set("training.seed", whole_number("--seed", seed)?)?;
    }
    if let Some(steps) = arguments.steps {
        if steps == 0 {
            return Err(Failure::new(Exit::Usage, "--steps: expected 1 or more, found 0"));
        }
        set("training.steps", whole_number("--steps", steps)?)?;
    }
    if let Some(epochs) = arguments.epochs {
        set("training.steps", Value::Integer(0))?;
        set("training.epochs", whole_number("--epochs", epochs)?)?;
    }
    if let Some(file) = &arguments.pretrained {
        let is_shipped = file.to_str().is_some_and(|name| matches!(Pretrained::of(name), Pretrained::Shipped(_)));
        if !is_shipped && !file_and_prefix(file).0.is_file() {
            let message = format!(
                "--pretrained: expected {} or a file of PyTorch or safetensors, found neither: {}",
                Pretrained::shipped_names().join(", "),
                file.display()
            );
            return Err(Failure::new(Exit::Usage, message));
        }
        let name = file.to_str().ok_or_else(|| {
            let message = format!(
                "--pretrained: a recipe keeps the name as text, and this one is none (not UTF-8); rename the file: {}",
                file.display()
            );
            Failure::new(Exit::Usage, message)
        })?;
        set("encoder.pretrained", Value::Text(name.to_owned()))?;
    }
    recipe.check().or_fail()?;
    Ok(recipe)
}

/// A preset, or the recipe of a file of any name.
pub(super) fn named_or_file(name: &OsStr) -> Result<Recipe, Failure> {
    name.to_str().map_or_else(|| Recipe::read(Path::new(name)), Recipe::named_or_file).or_fail()
}

fn whole_number(option: &str, number: u64) -> Result<Value, Failure> {
    let number = i64::try_from(number)
        .map_err(|_too_large| Failure::new(Exit::Usage, format!("{option}: {number} is larger than {}", i64::MAX)))?;
    Ok(Value::Integer(number))
}

/// Takes `key=value` words into a recipe.
pub(super) fn apply_settings(recipe: &mut Recipe, settings: &[String]) -> Result<(), Failure> {
    for setting in settings {
        let (key, value) = setting.split_once('=').ok_or_else(|| {
            let message = format!("--set: expected KEY=VALUE, found `{setting}`, as in --set encoder.family=nano");
            Failure::new(Exit::Usage, message)
        })?;
        recipe.set_text(key.trim(), value).or_fail()?;
    }
    Ok(())
}

/// Finds out before any work is done whether results can be kept in this folder.
pub(super) fn check_writable(folder: &Path) -> Result<(), Failure> {
    let refused = |error: std::io::Error| {
        let message = format!("could not write to the folder of --out: {error}; choose another: {}", folder.display());
        Failure::new(Exit::Failed, message)
    };
    std::fs::create_dir_all(folder).map_err(refused)?;
    // Programs on other machines may have the same number.
    let moment = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.as_nanos());
    let probe = folder.join(format!(".fusionscope-{}-{moment}", std::process::id()));
    std::fs::write(&probe, b"probe").and_then(|()| std::fs::remove_file(&probe)).map_err(refused)
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use fusionscope_engine::recipe::catalogue::{data, exchange, training};

    use super::*;
    use crate::arguments::{Arguments, Subcommand};

    fn arguments(words: &[&str]) -> RecipeArguments {
        let words = ["fusionscope", "train"].iter().chain(words);
        match Arguments::try_parse_from(words).unwrap().subcommand {
            Some(Subcommand::Train(arguments)) => arguments.recipe,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_command_line_changes_the_recipe() {
        let words = ["--set", "exchange.channel=off", "--set", "data.batch_size=2", "--seed", "9", "--epochs", "3"];
        let recipe = recipe_of(&arguments(&words)).unwrap();
        assert!(!recipe.get(exchange::channel::ENABLED));
        assert_eq!(recipe.get(data::BATCH_SIZE), 2);
        assert_eq!(recipe.get(training::SEED), 9);
        assert_eq!((recipe.get(training::STEPS), recipe.get(training::EPOCHS)), (0, 3));
    }

    #[test]
    fn what_the_recipe_refuses_is_a_matter_of_usage() {
        for words in [
            ["--set", "encoder.famly=nano"],
            ["--set", "data.batch_size"],
            ["--recipe", "no-such-recipe"],
            ["--pretrained", "no-such-file.pth"],
            ["--steps", "0"],
            ["--seed", "18446744073709551615"],
        ] {
            let failure = recipe_of(&arguments(&words)).unwrap_err();
            assert_eq!(failure.exit, Exit::Usage, "{words:?}: {:#}", failure.error);
        }
    }
}
