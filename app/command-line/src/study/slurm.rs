//! Studies past one machine: job arrays of Slurm, an element a run.
//!
//! Slurm alone decides what runs when and where. An element carries out its run as `study run --only` does anywhere, in
//! the folder that all nodes share; what was submitted is noted beside its script, and the rest follows from the run
//! folders and from what Slurm says.

mod arrays;
mod cluster;
mod done;
mod follow;
mod ledger;
mod queue;
mod script;

use std::path::{Path, PathBuf};

use fusionscope_engine::files::lock::Hold;
use fusionscope_engine::files::write_whole;
use fusionscope_engine::protocol::counted;
use fusionscope_engine::study::{Job, Study, shipped_studies};

use self::arrays::{Batch, arrays};
pub use self::cluster::Cluster;
use self::done::is_done;
pub use self::follow::follow;
use self::ledger::{Element, Submission};
use self::script::Script;
use super::hold::hold;
use crate::arguments::StudyRunArguments;
use crate::exit::{Exit, Failure};
use crate::progress::Progress;

/// Submits the runs that are neither done nor queued already.
pub fn submit(
    study: &Study,
    out: &Path,
    arguments: &StudyRunArguments,
    progress: &mut Progress,
) -> Result<Cluster, Failure> {
    let folder = ledger::folder(out);
    std::fs::create_dir_all(&folder).map_err(|error| Failure::unwritten("the scripts' folder", error, &folder))?;
    // Two who submit at once would submit everything twice.
    let _alone = hold(&folder, Hold::Alone)?;
    let mut cluster = Cluster::look(out)?;
    cluster.warnings.iter().for_each(|warning| progress.say(&format!("warning: {warning}")));
    let all = study.jobs();
    let (done, left): (Vec<Job>, Vec<Job>) = all.iter().copied().partition(|&job| is_done(study, out, job));
    let (queued, missing): (Vec<Job>, Vec<Job>) = left.iter().copied().partition(|&job| cluster.has(study, job));
    if missing.len() < all.len() {
        let (of, queued) = (counted(all.len() as u64, "run"), queued.len());
        progress.say(&format!("of {of} {} are done and {queued} queued already", done.len()));
    }
    let waits = |job: Job| {
        let mut needs = study.needs(job);
        let is_measured = study.budget(out, job.row).is_some();
        if study.rows[job.row].seconds.is_some() && !is_measured {
            // It measures how many steps a budget in seconds comes to, for all of the row.
            let first = left.iter().copied().find(|first| first.row == job.row);
            needs.extend(first.filter(|&first| first != job));
        }
        needs
    };
    for Batch { jobs, needs } in arrays(&missing, waits) {
        let needs = needs.iter().filter(|need| !done.contains(need));
        let waits: Vec<String> = needs.filter_map(|&need| Some(cluster.of(study, need)?.element)).collect();
        let dependency = (!waits.is_empty()).then(|| format!("afterok:{}", waits.join(":")));
        let path = ledger::next_script(out);
        let text = script_text(study, out, arguments, &jobs, dependency.as_deref())?;
        write_whole(&path, text.as_bytes()).map_err(|error| Failure::unwritten("a script", error, &path))?;
        let id = queue::submit(&path)?;
        let element = |job: &Job| Element { row: study.rows[job.row].name.clone(), seed: job.seed };
        let submission = Submission { id, elements: jobs.iter().map(element).collect() };
        submission.write(&path).map_err(|error| Failure::unwritten("what was submitted", error, &path))?;
        let count = counted(jobs.len() as u64, "run");
        progress.say(&format!("job {}: {count}, {}", submission.id, path.display()));
        cluster.submissions.insert(0, submission);
    }
    Ok(cluster)
}

fn script_text(
    study: &Study,
    out: &Path,
    arguments: &StudyRunArguments,
    jobs: &[Job],
    dependency: Option<&str>,
) -> Result<String, Failure> {
    let StudyRunArguments { place, jobs: at_once, device, slurm, tensorboard, .. } = arguments;
    let program = std::env::current_exe()
        .map_err(|error| Failure::new(Exit::Failed, format!("the program does not find itself: {error}")))?;
    let is_shipped = shipped_studies().iter().any(|shipped| place.study == Path::new(shipped.name));
    let file = if is_shipped { place.study.clone() } else { from_the_root(&place.study)? };
    // The name of a study that comes with the program tells no folder.
    let data = study.data.as_deref().filter(|_| is_shipped || place.data.is_some()).map(from_the_root).transpose()?;
    let name = |job: &Job| (format!("{}/{}", study.rows[job.row].folder, job.seed), study.words_of(*job));
    let script = Script {
        title: &study.title,
        name: &study.name,
        program: &from_the_root(&program)?,
        study: &file,
        out: &from_the_root(out)?,
        data: data.as_deref(),
        device: *device,
        writes_events: *tensorboard,
        at_once: *at_once,
        options: slurm,
        dependency,
        elements: &jobs.iter().map(name).collect::<Vec<_>>(),
    };
    Ok(script.text())
}

/// A path that means the same on every node, and that a script can hold.
fn from_the_root(path: &Path) -> Result<PathBuf, Failure> {
    let refused = |reason: String| {
        Failure::new(Exit::Usage, format!("a script for Slurm cannot name this path: {reason}: {}", path.display()))
    };
    let absolute = std::path::absolute(path).map_err(|error| refused(error.to_string()))?;
    if absolute.to_str().is_none() {
        return Err(refused("it is no text (not UTF-8)".to_owned()));
    }
    Ok(absolute)
}
