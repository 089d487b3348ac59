//! `fusionscope study`.

mod published;
mod task;
mod worker;

use std::collections::{HashMap, HashSet, VecDeque};
use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::Duration;

use fusionscope_engine::device;
use fusionscope_engine::files::path_json;
use fusionscope_engine::protocol::counted;
use fusionscope_engine::study::{Job, Standing, Study, Table, csv_text, latex, markdown, shipped_studies, terminal};

use self::worker::{Begun, Look, Orders, Worker};
use super::arguments::{StudyAction, StudyArguments, StudyPlace, StudyRunArguments, TableFormat};
use super::exit::{Exit, Failure, OrFail as _, Outcome};
use super::interrupt::Interrupt;
use super::output;
use super::progress::Progress;
use super::sample_data;
use super::train::check_writable;

/// How often workers are looked at.
const LOOK_EVERY: Duration = Duration::from_millis(100);
/// How many looks pass until it is told how far they are.
const LOOKS_A_WORD: u32 = 10;
/// Held while a study is carried out.
const LOCK: &str = ".study.lock";

/// Carries out a study, or tells of one.
pub fn run(arguments: &StudyArguments, interrupt: Interrupt) -> Outcome {
    match &arguments.action {
        StudyAction::Run(arguments) => carry_out(arguments, interrupt),
        StudyAction::Status(place) => status(place),
        StudyAction::Table(arguments) => {
            let (study, out) = opened(&arguments.place)?;
            print_table(&study.table(&out), arguments.format, arguments.place.voice.json)?;
            Ok(Exit::Done)
        }
        StudyAction::List { json } => list(*json),
        StudyAction::Show { name } => show(name),
        StudyAction::Published { what, json } => published::run(what.as_deref(), *json),
    }
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
        TableFormat::Text => terminal(table),
        TableFormat::Markdown => markdown(table),
        TableFormat::Csv => csv_text(table),
        TableFormat::Latex => latex(table),
    });
    Ok(())
}

fn status(place: &StudyPlace) -> Outcome {
    let (study, out) = opened(place)?;
    let mut done = 0;
    for job in study.jobs() {
        let standing = study.look(&out, job);
        done += usize::from(matches!(standing, Standing::Done(_) | Standing::Prepared { .. }));
        let (word, run, more) = standing_words(&standing);
        if place.voice.json {
            output::json(&serde_json::json!({
                "row": study.rows[job.row].name, "seed": job.seed, "standing": word, "more": more,
                "run": run.map(path_json::value),
            }))?;
        } else {
            let more = if more.is_empty() { String::new() } else { format!(": {more}") };
            output::line(&format!("{}: {word}{more}", study.words_of(job)));
        }
    }
    if !place.voice.json {
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
        Standing::Unscored { run } => ("trained", Some(run), "not scored yet".to_owned()),
        Standing::Prepared { run } => ("prepared", Some(run), String::new()),
        Standing::Done(done) => ("done", Some(&done.run), String::new()),
    }
}

fn carry_out(arguments: &StudyRunArguments, interrupt: Interrupt) -> Outcome {
    let StudyRunArguments { place, device, .. } = arguments;
    let (study, out) = opened(place)?;
    let jobs = jobs_at_once(arguments)?;
    check_writable(&out)?;
    let _held = hold(&out)?;
    let data = sample_data::given_or_sample(study.data.as_deref(), place.voice, interrupt)?;
    let recipes = recipes_folder(&out)?;
    let orders = Orders { study: &study, out: &out, recipes: &recipes, data: &data, device: *device, jobs };
    interrupt.keeps("Saving a checkpoint of every run");

    let mut progress = Progress::new(place.voice);
    let mut queue: VecDeque<Job> = study.jobs().into();
    let mut steps = Steps::of(&study, &out);
    let all = queue.len();
    queue.retain(|job| !steps.done.contains(job));
    if queue.len() < all {
        progress.say(&format!("{} of {} are done already", all - queue.len(), counted(all as u64, "run")));
    }
    let (mut workers, mut failures): (Vec<Worker>, Vec<String>) = (Vec::new(), Vec::new());
    let mut looks = 0;
    progress.begin("study, step", 0);
    while !workers.is_empty() || !queue.is_empty() {
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
                    let words = format!("{}: {} is needed and not done", study.words_of(job), study.words_of(*need));
                    progress.say(&format!("error: {words}"));
                    failures.push(words);
                }
                continue;
            }
            match Worker::begin(&orders, job)? {
                Begun::Working(worker) => {
                    progress.say(&format!("{}: {}", study.words_of(job), worker.words()));
                    workers.push(worker);
                }
                Begun::Done => {
                    steps.look(&study, &out, job);
                    tell_done(&mut progress, &study, &out, job);
                }
                Begun::Elsewhere => later.push(job),
                Begun::Refused(reason) => {
                    let words = format!("{}: {reason}", study.words_of(job));
                    progress.say(&format!("error: {words}"));
                    failures.push(words);
                }
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
                    steps.look(&study, &out, job);
                    tell_done(&mut progress, &study, &out, job);
                }
                Look::Stopped => {}
                Look::Failed(reason) => {
                    let words = format!("{}: {reason}", study.words_of(job));
                    progress.say(&format!("error: {words}"));
                    failures.push(words);
                }
            }
        }
        workers = going;
        if looks % LOOKS_A_WORD == 0 {
            for worker in &workers {
                steps.look(&study, &out, worker.job);
            }
            let under_way = counted(workers.len() as u64, "run");
            progress.advance(steps.taken(), steps.all(), &format!("{under_way} under way"));
        }
        looks = looks.wrapping_add(1);
        std::thread::sleep(LOOK_EVERY);
    }
    progress.end();
    if !place.voice.quiet || place.voice.json {
        print_table(&study.table(&out), TableFormat::Text, place.voice.json)?;
    }
    if interrupt.was_pressed() {
        output::complain("stopped; the same command goes on");
        return Ok(Exit::Interrupted);
    }
    match failures.as_slice() {
        [] => Ok(Exit::Done),
        [first, ..] => {
            let count = counted(failures.len() as u64, "run");
            Err(Failure::new(Exit::Failed, format!("{count} of the study failed, first {first}")))
        }
    }
}

/// On a graphics processor runs queue: two would take its memory and each other's time.
fn jobs_at_once(arguments: &StudyRunArguments) -> Result<u16, Failure> {
    let StudyRunArguments { place, jobs, device } = arguments;
    if *jobs == 1 || device::graphics(*device).or_fail()?.is_none() {
        return Ok(*jobs);
    }
    if !place.voice.quiet {
        output::complain("one run at a time on a graphics processor; --device cpu trains several at once");
    }
    Ok(1)
}

/// Of two programs that carry out one study, the second is refused.
fn hold(out: &Path) -> Result<File, Failure> {
    let path = out.join(LOCK);
    let refused = |reason: String| Failure::new(Exit::Failed, format!("{reason}: {}", path.display()));
    let file = File::create(&path).map_err(|error| refused(format!("could not hold the study: {error}")))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(std::fs::TryLockError::WouldBlock) => {
            Err(refused("another program carries out this study; wait for it, or give --out another folder".to_owned()))
        }
        Err(std::fs::TryLockError::Error(error)) => Err(refused(format!("could not hold the study: {error}"))),
    }
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
            .filter_map(|figure| Some(format!("{} {:.1}", figure.title, figure.read(&done.report)? * 100.0)))
            .collect();
        progress.say(&format!("{}: {}", study.words_of(job), figures.join(" · ")));
    }
}

/// How many steps each job has taken, of how many: looked up once for all, then for those at work.
struct Steps {
    jobs: usize,
    known: HashMap<Job, (u64, u64)>,
    done: HashSet<Job>,
}

impl Steps {
    fn of(study: &Study, out: &Path) -> Self {
        let jobs = study.jobs();
        let mut steps = Self { jobs: jobs.len(), known: HashMap::new(), done: HashSet::new() };
        for job in jobs {
            steps.look(study, out, job);
        }
        steps
    }

    fn look(&mut self, study: &Study, out: &Path, job: Job) {
        match study.look(out, job) {
            Standing::Unfinished { step, of, .. } if of > 0 => {
                self.known.insert(job, (step, of));
            }
            Standing::Done(scored) => {
                self.known.insert(job, (scored.report.step, scored.report.step));
                if study.lacks(job, &scored.run).is_none() {
                    self.done.insert(job);
                }
            }
            Standing::Prepared { run } => {
                if study.lacks(job, &run).is_none() {
                    self.done.insert(job);
                }
            }
            Standing::Missing | Standing::Stale { .. } | Standing::Unfinished { .. } | Standing::Unscored { .. } => {}
        }
    }

    fn taken(&self) -> u64 {
        self.known.values().map(|(step, _)| step).sum()
    }

    /// Of runs that have not begun as many as others have on average; 0 while none has.
    fn all(&self) -> u64 {
        let known: u64 = self.known.values().map(|(_, of)| of).sum();
        (known * self.jobs as u64).checked_div(self.known.len() as u64).unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_that_have_not_begun_count_as_the_others() {
        let job = |seed| Job { row: 0, seed };
        let mut steps = Steps { jobs: 4, known: HashMap::new(), done: HashSet::new() };
        assert_eq!((steps.taken(), steps.all()), (0, 0));
        steps.known.extend([(job(1), (10, 10)), (job(2), (5, 20))]);
        assert_eq!((steps.taken(), steps.all()), (15, 60));
    }
}
