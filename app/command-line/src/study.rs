//! `fusionscope study`.

mod fits;
mod hold;
mod published;
mod slurm;
mod steps;
mod task;
mod worker;

use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::time::Duration;

use fusionscope_engine::device;
use fusionscope_engine::drawing::Print;
use fusionscope_engine::files::lock::Hold;
use fusionscope_engine::files::output::write_out;
use fusionscope_engine::files::path_json;
use fusionscope_engine::protocol::counted;
use fusionscope_engine::signals;
use fusionscope_engine::study::{
    Budget, Job, Standing, Study, StudyLine, Table, ask_to_stop, csv_text, forget_stop, is_asked_to_stop,
    is_carried_out, latex, markdown, picture_file, shipped_studies, terminal,
};
use fusionscope_engine::training::Environment;

use self::hold::hold;
use self::slurm::Cluster;
use self::steps::Steps;
use self::worker::{Begun, Look, Orders, Worker};
use super::arguments::{Scheduler, StudyAction, StudyArguments, StudyPlace, StudyRunArguments, TableFormat, Voice};
use super::command_words::command_words;
use super::exit::{Exit, Failure, OrFail as _, Outcome};
use super::interrupt::Interrupt;
use super::output;
use super::progress::{Progress, rate_words, secs_words, words};
use super::sample_data;
use super::train::check_writable;

/// How often workers are looked at.
const LOOK_EVERY: Duration = Duration::from_millis(100);
/// How many looks pass until it is told how far they are.
const LOOKS_A_WORD: u32 = 10;

/// Carries out a study, or tells of one.
pub fn run(arguments: &StudyArguments, interrupt: Interrupt) -> Outcome {
    match &arguments.action {
        StudyAction::Run(arguments) => carry_out(arguments, interrupt),
        StudyAction::Status(place) => status(place),
        StudyAction::Table(arguments) => {
            let (study, out) = opened(&arguments.place)?;
            let table = study.table(&out);
            match &arguments.picture {
                Some(file) => draw_table(&table, file)?,
                None => print_table(&table, arguments.format, arguments.place.voice.json)?,
            }
            Ok(Exit::Done)
        }
        StudyAction::Stop(place) => stop(place),
        StudyAction::List { json } => list(*json),
        StudyAction::Show { name } => show(name),
        StudyAction::Published { what, json } => published::run(what.as_deref(), *json),
    }
}

fn stop(place: &StudyPlace) -> Outcome {
    let (study, out) = opened(place)?;
    if !is_carried_out(&out) {
        return Err(Failure::new(Exit::Failed, format!("nothing carries out {} there: {}", study.name, out.display())));
    }
    ask_to_stop(&out).map_err(|error| Failure::unwritten("the request to stop", error, &out))?;
    if !place.voice.quiet {
        output::complain("asked it to stop; it saves a checkpoint of every run first");
    }
    Ok(Exit::Done)
}

fn list(json: bool) -> Outcome {
    let width = shipped_studies().iter().map(|shipped| shipped.name.len()).max().unwrap_or(0);
    for shipped in shipped_studies() {
        let study = Study::named_or_file(Path::new(shipped.name)).or_fail()?;
        if json {
            let runs = study.jobs().len();
            output::json(&serde_json::json!({"name": shipped.name, "title": study.title, "runs": runs}))?;
        } else {
            let runs = counted(study.jobs().len() as u64, "run");
            output::line(&format!("{:<width$}  {} ({runs})", shipped.name, study.title));
        }
    }
    Ok(Exit::Done)
}

fn show(name: &str) -> Outcome {
    let found = shipped_studies().iter().find(|shipped| shipped.name == name).ok_or_else(|| {
        let known: Vec<&str> = shipped_studies().iter().map(|shipped| shipped.name).collect();
        Failure::new(Exit::Usage, format!("no study is called `{name}`; there are {}", known.join(", ")))
    })?;
    output::text(found.text);
    Ok(Exit::Done)
}

fn opened(place: &StudyPlace) -> Result<(Study, PathBuf), Failure> {
    let mut study = Study::named_or_file(&place.study).or_fail()?;
    if place.data.is_some() {
        study.data.clone_from(&place.data);
    }
    let out = place.out.clone().unwrap_or_else(|| Path::new("studies").join(&study.name));
    Ok((study, out))
}

fn print_table(table: &Table, format: TableFormat, json: bool) -> Result<(), Failure> {
    if json {
        output::json(table)?;
        return Ok(());
    }
    output::text(&match format {
        TableFormat::Text => terminal(table, output::width()),
        TableFormat::Markdown => markdown(table),
        TableFormat::Csv => csv_text(table),
        TableFormat::Latex => latex(table),
    });
    Ok(())
}

/// Writes a picture of the differences, of the kind that the file's name ends in.
fn draw_table(table: &Table, file: &Path) -> Result<(), Failure> {
    let refused = |reason: String| Failure::new(Exit::Usage, format!("{reason}: {}", file.display()));
    let bytes = picture_file(table, file, &Print::by(command_words())).map_err(refused)?;
    write_out(file, &bytes).map_err(|error| Failure::unwritten("the picture", error, file))
}

fn status(place: &StudyPlace) -> Outcome {
    let (study, out) = opened(place)?;
    let cluster = Cluster::look(&out).unwrap_or_else(|Failure { error, .. }| {
        output::complain(&format!("warning: {error}"));
        Cluster::unasked(&out)
    });
    let mut done = 0;
    for job in study.jobs() {
        let standing = study.look(&out, job);
        done += usize::from(matches!(standing, Standing::Done(_) | Standing::Prepared { .. }));
        let (word, run, more) = standing_words(&standing);
        let program = standing.other_program();
        if place.voice.json {
            output::json(&serde_json::json!({
                "row": study.rows[job.row].name, "seed": job.seed, "standing": word, "more": more,
                "run": run.map(path_json::value), "other_program": program, "slurm": cluster.json(&study, job),
            }))?;
        } else {
            let slurm = cluster.words(&study, job).filter(|_| !matches!(word, "done" | "prepared"));
            let more =
                [more, slurm.unwrap_or_default()].map(|more| if more.is_empty() { more } else { format!(": {more}") });
            let more = more.concat() + &program.map_or_else(String::new, |program| format!(" (made by {program})"));
            output::line(&format!("{}: {word}{more}", study.words_of(job)));
        }
    }
    if !place.voice.json {
        let budget = |row: usize| Some((&study.rows[row].name, study.budget(&out, row)?));
        for (name, Budget { seconds, steps, device, .. }) in (0..study.rows.len()).filter_map(budget) {
            let steps = counted(steps.total(), "step");
            output::line(&format!("{name}: {seconds} seconds come to {steps} on {device}"));
        }
        output::line(&format!("{done} of {} are done: {}", counted(study.jobs().len() as u64, "run"), out.display()));
    }
    Ok(Exit::Done)
}

/// How far a job is in a word, where it lies, and what else there is to tell.
fn standing_words(standing: &Standing) -> (&'static str, Option<&Path>, String) {
    match standing {
        Standing::Missing => ("missing", None, String::new()),
        Standing::Stale { run, reason } => ("stale", Some(run), reason.clone()),
        Standing::Unfinished { run, step, of, .. } => ("unfinished", Some(run), format!("step {step} of {of}")),
        Standing::Unscored { run, protocol: None } => ("trained", Some(run), "not scored yet".to_owned()),
        Standing::Unscored { run, protocol: Some(protocol) } => {
            ("trained", Some(run), format!("not scored by {} yet", protocol.word()))
        }
        Standing::Prepared { run } => ("prepared", Some(run), String::new()),
        Standing::Done(done) => ("done", Some(&done.run), String::new()),
    }
}

fn carry_out(arguments: &StudyRunArguments, interrupt: Interrupt) -> Outcome {
    let StudyRunArguments { place, device, only, submit, retrain, tensorboard, .. } = arguments;
    let (study, out) = opened(place)?;
    if let Some(Scheduler::Slurm) = submit {
        return hand_over(&study, &out, arguments, interrupt);
    }
    let only = only.as_deref().map(|words| job_of(&study, words)).transpose()?;
    let jobs = jobs_at_once(arguments)?;
    check_writable(&out)?;
    let _held = hold(&out, if only.is_some() { Hold::Beside } else { Hold::Alone })?;
    let unheard = |error| Failure::unwritten("the request to stop, which is heard,", error, &out);
    forget_stop(&out).map_err(unheard)?;
    let data = sample_data::given_or_sample(study.data.as_deref(), place.voice, interrupt)?;
    fits::check(&study, &data, interrupt)?;
    let recipes = recipes_folder(&out)?;
    let orders = Orders {
        study: &study,
        out: &out,
        recipes: &recipes,
        data: &data,
        device: *device,
        jobs,
        retrains: *retrain,
        writes_events: *tensorboard,
    };
    interrupt.keeps("Saving a checkpoint of every run");

    let mut progress = Progress::of_many(place.voice);
    let mut queue: VecDeque<Job> = only.map_or_else(|| study.jobs(), |job| vec![job]).into();
    tell_other_programs(&orders, &progress)?;
    let mut steps = Steps::of(&orders, &mut |_, _, _| interrupt.goes_on());
    let all = queue.len();
    queue.retain(|job| !steps.done.contains(job));
    if queue.len() < all {
        progress.say(&format!("{} of {} are done already", all - queue.len(), counted(all as u64, "run")));
    }
    let line = |line: &dyn Fn(String, u32) -> StudyLine, job: Job| -> Result<(), Failure> {
        if place.voice.json {
            output::json(&line(study.rows[job.row].name.clone(), job.seed))?;
        }
        Ok(())
    };
    let (mut workers, mut failures): (Vec<Worker>, Vec<String>) = (Vec::new(), Vec::new());
    let failed = |progress: &Progress, job: Job, reason: &str| -> Result<String, Failure> {
        let words = format!("{}: {reason}", study.words_of(job));
        progress.say(&format!("error: {words}"));
        line(&|row, seed| StudyLine::Failed { row, seed, reason: reason.to_owned() }, job)?;
        Ok(words)
    };
    let mut looks = 0;
    progress.begin("study, step", 0);
    while !workers.is_empty() || !queue.is_empty() {
        if is_asked_to_stop(&out) {
            forget_stop(&out).map_err(unheard)?;
            signals::ask();
        }
        if interrupt.was_pressed() {
            queue.clear();
            workers.iter_mut().for_each(Worker::stop);
        }
        let mut later = Vec::new();
        while workers.len() < usize::from(jobs)
            && let Some(job) = queue.pop_front()
        {
            let needs = study.needs(job);
            if let Some(need) = needs.iter().find(|need| !steps.done.contains(need)) {
                if queue.contains(need) || later.contains(need) || workers.iter().any(|worker| worker.job == *need) {
                    later.push(job);
                } else {
                    let reason = format!("{} is needed and not done", study.words_of(*need));
                    failures.push(failed(&progress, job, &reason)?);
                }
                continue;
            }
            // Its steps hold for all seeds of the row.
            if workers.iter().any(|worker| worker.job.row == job.row && worker.measures()) {
                later.push(job);
                continue;
            }
            match Worker::begin(&orders, job)? {
                Begun::Working(worker) => {
                    progress.say(&format!("{}: {}", study.words_of(job), worker.words()));
                    line(&|row, seed| StudyLine::Began { row, seed }, job)?;
                    workers.push(worker);
                }
                Begun::Done => {
                    steps.look(&orders, job);
                    tell_done(&mut progress, &study, &out, job);
                }
                Begun::Elsewhere => later.push(job),
                Begun::Refused(reason) => failures.push(failed(&progress, job, &reason)?),
            }
        }
        // In their order, and before what follows them.
        later.into_iter().rev().for_each(|job| queue.push_front(job));
        let mut going = Vec::new();
        for worker in workers {
            let job = worker.job;
            match worker.look(&orders, interrupt.was_pressed())? {
                Look::Going(worker) => going.push(worker),
                Look::Done => {
                    steps.look(&orders, job);
                    tell_done(&mut progress, &study, &out, job);
                    line(&|row, seed| StudyLine::Done { row, seed }, job)?;
                }
                Look::Stopped => {}
                Look::Failed(reason) => failures.push(failed(&progress, job, &reason)?),
            }
        }
        workers = going;
        if looks % LOOKS_A_WORD == 0 {
            for worker in &workers {
                steps.look(&orders, worker.job);
            }
            let line = |worker: &Worker| line_of(&study, &steps, worker);
            progress.lines(&workers.iter().map(line).collect::<Vec<_>>());
            let under_way = format!("{} under way", counted(workers.len() as u64, "run"));
            let left = steps.secs_left(jobs).map_or_else(String::new, |secs| format!("{} left", secs_words(secs)));
            progress.stand(steps.taken(), steps.all(), &words(&[&under_way, &left]));
        }
        looks = looks.wrapping_add(1);
        std::thread::sleep(LOOK_EVERY);
    }
    progress.end();
    conclude(&study, &out, place.voice, interrupt, &failures, "stopped; the same command goes on")
}

/// Prints the table, and says how it went; `stopped` where it was interrupted.
fn conclude(
    study: &Study,
    out: &Path,
    voice: Voice,
    interrupt: Interrupt,
    failures: &[String],
    stopped: &str,
) -> Outcome {
    if !voice.quiet || voice.json {
        print_table(&study.table(out), TableFormat::Text, voice.json)?;
    }
    if interrupt.was_pressed() {
        output::complain(stopped);
        return Ok(Exit::Interrupted);
    }
    match failures {
        [] => Ok(Exit::Done),
        [first, ..] => {
            let count = counted(failures.len() as u64, "run");
            Err(Failure::new(Exit::Failed, format!("{count} of the study failed, first {first}")))
        }
    }
}

/// Gives the runs to a cluster, follows them and gathers what they found.
fn hand_over(study: &Study, out: &Path, arguments: &StudyRunArguments, interrupt: Interrupt) -> Outcome {
    let voice = arguments.place.voice;
    check_writable(out)?;
    let mut progress = Progress::new(voice);
    let cluster = {
        // Refused where a program on one machine carries out the study: the jobs would be, too.
        let _held = hold(out, Hold::Beside)?;
        // Once here, not in every job at the same time.
        let data = sample_data::given_or_sample(study.data.as_deref(), voice, interrupt)?;
        fits::check(study, &data, interrupt)?;
        interrupt.keeps("The cluster's jobs go on");
        slurm::submit(study, out, arguments, &mut progress)?
    };
    let tell = |progress: &mut Progress, job| tell_done(progress, study, out, job);
    let failures = slurm::follow(study, out, cluster, &mut progress, interrupt, tell);
    let stopped = "no longer followed, and the jobs go on; `study status` tells of them, the same command follows them";
    conclude(study, out, voice, interrupt, &failures, stopped)
}

/// The job that `--only` names.
fn job_of(study: &Study, words: &str) -> Result<Job, Failure> {
    let refused = || {
        let example =
            study.jobs().first().map_or_else(String::new, |job| format!("{}/{}", study.rows[job.row].name, job.seed));
        Failure::new(Exit::Usage, format!("--only: the study has no run `{words}`; its first is `{example}`"))
    };
    let (name, seed) = words.rsplit_once('/').ok_or_else(refused)?;
    let is_it = |job: &Job| {
        let row = &study.rows[job.row];
        (row.name == name || row.folder == name) && job.seed.to_string() == seed
    };
    study.jobs().into_iter().find(is_it).ok_or_else(refused)
}

/// A run under way: which, how far, how fast.
fn line_of(study: &Study, steps: &Steps, worker: &Worker) -> String {
    let (step, of) = steps.of_run(worker.job);
    let far = if of == 0 { String::new() } else { format!("{step}/{of}") };
    let rate = rate_words(steps.rate(worker.job.row).unwrap_or(0.0));
    format!("  {}", words(&[&study.words_of(worker.job), &far, &rate, &worker.words()]))
}

/// Runs of other programs are kept, unless it is asked that they are trained anew, and that is said.
fn tell_other_programs(orders: &Orders<'_>, progress: &Progress) -> Result<(), Failure> {
    let Orders { study, out, retrains, .. } = orders;
    let is_other = |job: &Job| study.look(out, *job).other_program().is_some();
    let others = study.jobs().iter().filter(|job| is_other(job)).count() as u64;
    if *retrains {
        for row in 0..study.rows.len() {
            if study.budget(out, row).is_some_and(|budget| budget.program != Environment::program_here()) {
                study.forget_budget(out, row).map_err(|error| Failure::unwritten("a budget", error, out))?;
            }
        }
    }
    if others > 0 {
        let were = if others == 1 { "was" } else { "were" };
        let then =
            if *retrains { "trained anew" } else { "kept; `study status` names them, and --retrain trains them anew" };
        let runs = counted(others, "run");
        progress.say(&format!("{runs} {were} made by another build or version of this program: {then}"));
    }
    Ok(())
}

/// On a graphics processor runs queue: two would take its memory and each other's time.
fn jobs_at_once(arguments: &StudyRunArguments) -> Result<u16, Failure> {
    let StudyRunArguments { place, jobs, device, .. } = arguments;
    let jobs = jobs.unwrap_or(1);
    if jobs == 1 || device::graphics(*device).or_fail()?.is_none() {
        return Ok(jobs);
    }
    if !place.voice.quiet {
        output::complain("one run at a time on a graphics processor; --device cpu trains several at once");
    }
    Ok(1)
}

/// Where the recipes of jobs are written.
fn recipes_folder(out: &Path) -> Result<PathBuf, Failure> {
    let folder = out.join("recipes");
    std::fs::create_dir_all(&folder).map_err(|error| Failure::unwritten("the recipes", error, &folder))?;
    Ok(folder)
}

fn tell_done(progress: &mut Progress, study: &Study, out: &Path, job: Job) {
    let standing = study.look(out, job);
    if let Standing::Prepared { .. } = standing {
        progress.say(&format!("{}: trained", study.words_of(job)));
    }
    if let Standing::Done(done) = standing {
        let figures: Vec<String> = study
            .figures
            .iter()
            .filter_map(|figure| {
                Some(format!("{} {:.1}", figure.title, figure.read(&done.report, &done.protocols)? * 100.0))
            })
            .collect();
        progress.say(&format!("{}: {}", study.words_of(job), figures.join(" · ")));
    }
}
