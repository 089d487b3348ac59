//! Studies as jobs of a real Slurm of one node.

use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use fusionscope_engine::fixtures::{Need, skip};
use serde_json::Value;
use tempfile::TempDir;

use crate::support::{Bench, Ran, Running, run, text};

/// A cluster on this machine, which ends with this.
struct Cluster {
    script: Child,
    conf: PathBuf,
    /// Removed once the cluster has ended.
    _folder: TempDir,
}

impl Cluster {
    /// `None` where there is no Slurm: `test` is skipped.
    fn start(test: &str) -> Option<Self> {
        // Sockets want short paths.
        let folder = tempfile::Builder::new().prefix("slurm").tempdir_in("/tmp").unwrap();
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/program/slurm/cluster.sh");
        let mut script = Command::new("bash")
            .arg(script)
            .arg(folder.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(script.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let cluster = Self { script, conf: folder.path().join("slurm.conf"), _folder: folder };
        match line.trim().strip_prefix("missing ") {
            None if line.trim() == "ready" => Some(cluster),
            missing => {
                skip(test, Need::Slurm, missing.unwrap_or(&line));
                None
            }
        }
    }

    /// Starts the program where it finds the cluster.
    fn begin(&self, words: &[&str]) -> Running {
        Running::start_in(Path::new("."), words, &[("SLURM_CONF", &self.conf)])
    }

    fn run(&self, words: &[&str]) -> Ran {
        self.begin(words).finish()
    }

    /// What one of Slurm's own programs says.
    #[track_caller]
    fn tell(&self, program: &str, words: &[&str]) -> String {
        let output = Command::new(program).args(words).env("SLURM_CONF", &self.conf).output().unwrap();
        assert!(output.status.success(), "{program} {words:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    /// Waits until `study status` says this.
    #[track_caller]
    fn wait_for_status(&self, study: &Path, out: &Path, words: &str) {
        let ask = || self.run(&["study", "status", text(study), "--out", text(out)]).ends_with(0).out;
        let begun = Instant::now();
        let mut said = ask();
        while !said.contains(words) {
            assert!(begun.elapsed() < Duration::from_secs(30), "{words} in {said}");
            said = ask();
        }
    }

    /// Waits until nothing is queued any more.
    #[track_caller]
    fn wait_until_idle(&self) {
        let begun = Instant::now();
        while !self.tell("squeue", &["--noheader"]).is_empty() {
            assert!(begun.elapsed() < Duration::from_mins(1), "{}", self.tell("squeue", &["--array"]));
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    /// Runs one of Slurm's own programs on an element as soon as its run has kept a checkpoint: soon after it has ended.
    #[track_caller]
    fn tell_at_checkpoint(&self, element: &str, place: &Path, program: &str, words: &[&str]) {
        let begun = Instant::now();
        let has_kept = || {
            let runs = std::fs::read_dir(place).into_iter().flatten().flatten();
            runs.filter_map(|run| std::fs::read_dir(run.path().join("checkpoints")).ok())
                .any(|mut kept| kept.next().is_some())
        };
        while !has_kept() {
            assert!(begun.elapsed() < Duration::from_secs(30), "{element}: {}", self.tell("squeue", &["--array"]));
            std::thread::sleep(Duration::from_millis(20));
        }
        assert_eq!(self.tell("squeue", &["--noheader", "--format=%T", &format!("--jobs={element}")]), "RUNNING");
        self.tell(program, &[words, &[element]].concat());
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        drop(self.script.stdin.take());
        let ended = self.script.wait();
        assert!(ended.is_ok_and(|status| status.success()) || std::thread::panicking());
    }
}

/// Rows that train, one that begins with the encoder of another, and one whose file of weights holds none.
fn study(bench: &Bench) -> PathBuf {
    let (path, weights) = (bench.beside("a study's.toml"), bench.beside("no-weights.pth"));
    std::fs::write(&weights, "no weights").unwrap();
    let written = "title = 'Three'\nbase = 'tiny.toml'\nseeds = [3, 5]\ndata = 'data'\nreference = 'without'\n\
                   figures = [{}, { sensors = ['thermal'], tag = 'night', title = 'by night' }]\n[[rows]]\nname = 'with exchange'\n\
                   [[rows]]\nname = 'without'\nset = { exchange.channel = false, exchange.spatial = false }\n\
                   [[rows]]\nname = 'broken'\nset = { encoder.pretrained = 'WEIGHTS' }\n\
                   [[rows]]\nname = 'before'\nshown = false\nseed = 3\n\
                   [[rows]]\nname = 'from before'\nset = { encoder.pretrained = { row = 'before' } }\n";
    std::fs::write(&path, written.replace("WEIGHTS", text(&weights))).unwrap();
    path
}

/// The table as a spreadsheet has it, without what takes another time or room at each run.
fn figures(study: &Path, out: &Path) -> Vec<Vec<String>> {
    let csv = run(&["study", "table", text(study), "--out", text(out), "--format", "csv"]).ends_with(0).out;
    let lines: Vec<Vec<String>> = csv.lines().map(|line| line.split(',').map(str::to_owned).collect()).collect();
    let varies = |head: &str| ["seconds", "bytes"].iter().any(|word| head.contains(word));
    let kept: Vec<usize> = (0..lines[0].len()).filter(|&at| !varies(&lines[0][at])).collect();
    lines.iter().map(|line| kept.iter().filter_map(|&at| line.get(at).cloned()).collect()).collect()
}

/// Every figure and interval to the last bit.
fn cells(study: &Path, out: &Path) -> Vec<Value> {
    let table = run(&["study", "table", text(study), "--out", text(out), "--json"]).ends_with(0).json_lines().remove(0);
    table["rows"].as_array().unwrap().iter().map(|row| row["cells"].clone()).collect()
}

fn scripts(out: &Path) -> u32 {
    (1..100).take_while(|number| out.join(format!("slurm/{number}.sh")).exists()).last().unwrap_or(0)
}

fn elements(out: &Path, script: u32) -> BTreeSet<(String, u64)> {
    let text = std::fs::read_to_string(out.join(format!("slurm/{script}.json"))).unwrap();
    let written: Value = serde_json::from_str(&text).unwrap();
    let elements = written["elements"].as_array().unwrap();
    elements.iter().map(|one| (one["row"].as_str().unwrap().to_owned(), one["seed"].as_u64().unwrap())).collect()
}

#[test]
fn a_study_of_slurm_jobs_that_are_requeued_and_fail_gives_the_local_table() {
    let test = "a_study_of_slurm_jobs_that_are_requeued_and_fail_gives_the_local_table";
    let Some(cluster) = Cluster::start(test) else { return };
    let bench = Bench::new("training.steps = 600\ntraining.checkpoint_every = 10\ntraining.evaluate_every = 100000");
    let path = study(&bench);
    let (local, out) = (bench.beside("local"), bench.beside("it's \"out\" $HOME"));
    let words = |out: &Path, more: &[&str]| -> Vec<String> {
        let words = ["study", "run", text(&path), "--out", text(out), "--device", "cpu"].into_iter();
        words.chain(more.iter().copied()).map(str::to_owned).collect()
    };
    let submit = words(&out, &["--submit", "slurm", "--slurm", "comment=a \"study\"", "time=10"]);
    let submit: Vec<&str> = submit.iter().map(String::as_str).collect();
    let mut following = cluster.begin(&submit);
    following.wait_for_error("job 1: 7 runs");
    // What takes the encoder waits for who makes it.
    following.wait_for_error(": 2 runs");
    let script = std::fs::read_to_string(out.join("slurm/2.sh")).unwrap();
    assert!(script.contains("#SBATCH --dependency=afterok:1_4\n"), "{script}");
    cluster.wait_for_status(&path, &out, " PENDING (Dependency)");

    // One is requeued as for others who take its node; another is told that its time is up. They run beside each other:
    // who waited for the one first could find that the other has ended.
    let (requeued, warned) = (out.join("with-exchange/seed-3"), out.join("without/seed-3"));
    std::thread::scope(|scope| {
        scope.spawn(|| cluster.tell_at_checkpoint("1_1", &requeued, "scontrol", &["requeue"]));
        cluster.tell_at_checkpoint("1_2", &warned, "scancel", &["--batch", "--signal=USR1"]);
    });
    // Who submits again submits nothing twice, and may go: the jobs stay.
    let mut again = cluster.begin(&submit);
    again.wait_for_error(" queued already");
    again.interrupt();
    let gone = again.finish().ends_with(4);
    assert!(gone.err.contains("the jobs go on"), "{}", gone.err);
    assert!(scripts(&out) == 2 || elements(&out, 3).iter().all(|(row, _)| row == "broken"));

    let followed = following.finish().ends_with(1);
    assert!(followed.err.contains("2 runs of the study failed"), "{}", followed.err);
    assert!(
        followed.err.contains("FAILED (NonZeroExitCode)") && followed.err.contains("no-weights.pth"),
        "{}",
        followed.err
    );
    for element in ["1_1", "1_2"] {
        let log = std::fs::read_to_string(out.join(format!("slurm/{element}.log"))).unwrap();
        assert!(log.contains("restarts so far: 0") && log.contains("restarts so far: 1"), "{element}: {log}");
    }
    for place in ["with-exchange/seed-3", "without/seed-3", "with-exchange/seed-5", "without/seed-5", "before/seed-3"] {
        let runs = std::fs::read_dir(out.join(place)).unwrap().flatten().filter(|entry| entry.path().is_dir()).count();
        assert_eq!(runs, 1, "{place}: a requeued run goes on");
    }
    let words = words(&local, &["--jobs", "2", "--quiet"]);
    run(&words.iter().map(String::as_str).collect::<Vec<_>>()).ends_with(1);
    assert_eq!(figures(&path, &out), figures(&path, &local));
    assert_eq!(cells(&path, &out), cells(&path, &local));

    cluster.wait_until_idle();
    let status = cluster.run(&["study", "status", text(&path), "--out", text(&out), "--json"]).ends_with(0);
    let broken = status.json_lines().into_iter().find(|line| line["row"] == "broken").unwrap();
    assert_eq!(broken["slurm"]["state"], "FAILED", "{broken}");
    // What has failed is submitted anew, and nothing else.
    let before = scripts(&out);
    let again = cluster.run(&submit).ends_with(1);
    assert!(again.err.contains("of 9 runs 7 are done and 0 queued already"), "{}", again.err);
    let both = BTreeSet::from([("broken".to_owned(), 3), ("broken".to_owned(), 5)]);
    assert_eq!(elements(&out, before + 1), both);
    assert_eq!(scripts(&out), before + 1);
}

#[test]
fn without_slurm_and_with_jobs_that_it_refuses_it_is_said_what_helps() {
    let bench = Bench::new("");
    let path = study(&bench);
    let out = bench.beside("out");
    let words = ["study", "run", text(&path), "--out", text(&out), "--submit", "slurm", "--slurm"];
    let refused = run(&[&words[..], &["array=1-3"]].concat()).ends_with(2);
    assert!(refused.err.contains("study's own"), "{}", refused.err);
    let with_path = |folder: &Path, more: &[&str]| {
        Running::start_in(Path::new("."), &[&words[..], more].concat(), &[("PATH", folder)]).finish()
    };
    // No program at all is found there.
    let bare = with_path(bench.folder.path(), &["time=10"]).ends_with(1);
    assert!(bare.err.contains("Slurm is not to be had here") && bare.err.contains("--submit"), "{}", bare.err);

    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;

        let programs = bench.beside("bin");
        std::fs::create_dir(&programs).unwrap();
        let sbatch = programs.join("sbatch");
        std::fs::write(&sbatch, "#!/bin/sh\necho 'sbatch: error: invalid partition specified: gpu' >&2\nexit 1\n")
            .unwrap();
        std::fs::set_permissions(&sbatch, std::fs::Permissions::from_mode(0o755)).unwrap();
        let refused = with_path(&programs, &["partition=gpu"]).ends_with(1);
        assert!(refused.err.contains("invalid partition") && refused.err.contains("slurm/2.sh"), "{}", refused.err);
        let script = std::fs::read_to_string(out.join("slurm/2.sh")).unwrap();
        assert!(script.contains("#SBATCH --partition=gpu\n"), "{script}");
    }
}
