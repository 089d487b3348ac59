//! Asking Slurm: what waits, what runs and what has become of the rest.

use std::collections::HashMap;
use std::ffi::OsStr;
use std::path::Path;
use std::process::Command;

use crate::exit::{Exit, Failure};

/// Parts of a line that Slurm is asked for.
const BAR: char = '|';
/// States in which an element will do no more.
const ENDED: &[&str] = &[
    "BOOT_FAIL",
    "CANCELLED",
    "COMPLETED",
    "DEADLINE",
    "FAILED",
    "NODE_FAIL",
    "OUT_OF_MEMORY",
    "PREEMPTED",
    "REVOKED",
    "TIMEOUT",
];

/// What Slurm says of an element.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// In Slurm's word, such as PENDING.
    pub state: String,
    /// Why it waits, or how it ended; empty where Slurm gives no reason.
    pub reason: String,
    /// Where it runs or ran; empty where nowhere yet.
    pub node: String,
}

impl Seen {
    /// Whether it waits or runs.
    pub fn is_live(&self) -> bool {
        !ENDED.contains(&self.state.as_str())
    }

    /// `PENDING (Resources)`, `RUNNING on node7`.
    pub fn words(&self) -> String {
        let Self { state, reason, node } = self;
        let reason = if reason.is_empty() { String::new() } else { format!(" ({reason})") };
        let node = if node.is_empty() { String::new() } else { format!(" on {node}") };
        format!("{state}{reason}{node}")
    }
}

/// The elements of these arrays that wait, run or have ended of late.
pub fn queue(ids: &[&str]) -> Result<HashMap<String, Seen>, Failure> {
    let format = format!("--format=%F_%K{BAR}%T{BAR}%r{BAR}%N");
    let jobs = format!("--jobs={}", ids.join(","));
    match told("squeue", &["--noheader", "--array", "--states=all", &jobs, &format], None)? {
        Ok(told) => Ok(told.lines().filter_map(of_queue).collect()),
        // So it says of one array that has ended long ago; of several it leaves such out.
        Err(reason) if reason.contains("Invalid job id") => Ok(HashMap::new()),
        Err(reason) => Err(Failure::new(Exit::Failed, format!("Slurm does not say what is queued: {reason}"))),
    }
}

/// All elements of these arrays; none where the cluster keeps no accounts.
pub fn accounts(ids: &[&str]) -> HashMap<String, Seen> {
    let jobs = format!("--jobs={}", ids.join(","));
    let words = ["--noheader", "--parsable2", "--allocations", &jobs, "--format=JobID,State,ExitCode,NodeList"];
    let told = told("sacct", &words, None).ok().and_then(Result::ok).unwrap_or_default();
    told.lines().filter_map(of_accounts).collect()
}

/// Submits a script from the folder that it lies in; the array's number.
pub fn submit(script: &Path) -> Result<String, Failure> {
    let name = script.file_name().unwrap_or_default().to_string_lossy();
    let refused = |reason: &str| {
        let words = format!("sbatch refused the jobs: {reason}; change --slurm, or the script: {}", script.display());
        Failure::new(Exit::Failed, words)
    };
    let said = told("sbatch", &["--parsable", &name], script.parent())?.map_err(|reason| refused(&reason))?;
    // `12`, or `12;cluster`.
    let id = said.trim().split(';').next().unwrap_or_default();
    let is_number = !id.is_empty() && id.chars().all(|letter| letter.is_ascii_digit());
    if is_number { Ok(id.to_owned()) } else { Err(refused(&format!("expected a job's number, found `{id}`"))) }
}

/// What one of Slurm's programs says; its complaint where it fails.
fn told(program: &str, words: &[&str], folder: Option<&Path>) -> Result<Result<String, String>, Failure> {
    let mut command = Command::new(program);
    // Times and numbers as everywhere.
    command.args(words).env("LC_ALL", "C");
    // What a user likes to see of a queue would hide from us what is there.
    let is_taste = |name: &OsStr| ["SQUEUE_", "SACCT_"].iter().any(|taste| name.to_string_lossy().starts_with(taste));
    for (name, _) in std::env::vars_os().filter(|(name, _)| is_taste(name)) {
        command.env_remove(name);
    }
    if let Some(folder) = folder {
        command.current_dir(folder);
    }
    let output = command.output().map_err(|error| {
        let words = format!(
            "Slurm is not to be had here, `{program}` could not be started: {error}; log in where the cluster takes jobs, \
             or leave out --submit to train on this machine"
        );
        Failure::new(Exit::Failed, words)
    })?;
    let complaint = String::from_utf8_lossy(&output.stderr).trim().replace('\n', "; ");
    Ok(if output.status.success() { Ok(String::from_utf8_lossy(&output.stdout).into_owned()) } else { Err(complaint) })
}

fn of_queue(line: &str) -> Option<(String, Seen)> {
    let parts: Vec<&str> = line.trim().split(BAR).collect();
    let [id, state, reason, node] = parts.as_slice() else { return None };
    let reason = if *reason == "None" { "" } else { reason };
    Some(((*id).to_owned(), Seen { state: (*state).to_owned(), reason: reason.to_owned(), node: (*node).to_owned() }))
}

fn of_accounts(line: &str) -> Option<(String, Seen)> {
    let parts: Vec<&str> = line.trim().split(BAR).collect();
    let [id, state, code, node] = parts.as_slice() else { return None };
    // `CANCELLED by 1000`.
    let (state, by) = state.split_once(' ').unwrap_or((state, ""));
    let reason = match *code {
        _ if !by.is_empty() => by.to_owned(),
        "0:0" | "" => String::new(),
        // The program's own code, or the signal that ended it.
        code => match code.split_once(':') {
            Some((code, "0")) => format!("exit code {code}"),
            Some((_, signal)) => format!("signal {signal}"),
            None => format!("exit code {code}"),
        },
    };
    let node = if *node == "None assigned" { "" } else { node };
    Some(((*id).to_owned(), Seen { state: state.to_owned(), reason, node: node.to_owned() }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_squeue_and_sacct_are_read() {
        let words = |line: Option<(String, Seen)>| line.map(|(id, seen)| (id, seen.words(), seen.is_live())).unwrap();
        let of = |id: &str, text: &str, live| (id.to_owned(), text.to_owned(), live);
        assert_eq!(words(of_queue("1_3|PENDING|Resources|")), of("1_3", "PENDING (Resources)", true));
        assert_eq!(words(of_queue("1_2|RUNNING|None|vm")), of("1_2", "RUNNING on vm", true));
        assert_eq!(
            words(of_queue("1_2|FAILED|NonZeroExitCode|vm")),
            of("1_2", "FAILED (NonZeroExitCode) on vm", false)
        );
        assert!(words(of_queue("9_1|REQUEUE_HOLD|job requeued in held state|")).2);
        assert_eq!(words(of_accounts("7_1|CANCELLED by 1000|0:15|n1")), of("7_1", "CANCELLED (by 1000) on n1", false));
        assert_eq!(words(of_accounts("7_2|COMPLETED|0:0|n1")), of("7_2", "COMPLETED on n1", false));
        assert_eq!(words(of_accounts("7_3|FAILED|1:0|None assigned")), of("7_3", "FAILED (exit code 1)", false));
        assert_eq!((of_queue(""), of_accounts("slurm")), (None, None));
    }
}
