//! The script of a job array, for Slurm and for whoever reads it.

use std::fmt::Write as _;
use std::path::Path;

use fusionscope_engine::device::DeviceChoice;
use fusionscope_engine::files::shell;

use crate::arguments::SlurmOption;

/// How often an element that its time limit ends is queued again.
const MOST_RESTARTS: u32 = 100;

/// What a script is made from.
pub struct Script<'a> {
    /// The study's title.
    pub title: &'a str,
    /// What the jobs are called.
    pub name: &'a str,
    /// The program's file, for every node to find.
    pub program: &'a Path,
    /// The study's file or name.
    pub study: &'a Path,
    /// The folder of its runs.
    pub out: &'a Path,
    /// The data set's folder, where the study's file does not say it in the same words on every node.
    pub data: Option<&'a Path>,
    /// Where to train.
    pub device: DeviceChoice,
    /// Whether event files for TensorBoard are written beside the runs.
    pub writes_events: bool,
    /// How many at once, where that is limited.
    pub at_once: Option<u16>,
    /// What the user asks for.
    pub options: &'a [SlurmOption],
    /// What must have been done before, as `afterok:12_1`.
    pub dependency: Option<&'a str>,
    /// What each element carries out, as `--only` takes it, and in words.
    pub elements: &'a [(String, String)],
}

impl Script<'_> {
    /// The script.
    pub fn text(&self) -> String {
        let Self { title, program, study, out, data, device, writes_events, elements, .. } = self;
        let options: String = self.options().iter().map(|option| format!("#SBATCH {}\n", line(option))).collect();
        let mut cases = String::new();
        for (place, (only, words)) in elements.iter().enumerate() {
            let _infallible =
                writeln!(cases, "    {}) run={} ;; # {}", place + 1, shell::quoted(only), one_line(words));
        }
        let data = data.map_or_else(String::new, |data| format!(" --data {}", path(data)));
        let events = if *writes_events { " --tensorboard" } else { "" };
        let (title, program, study, out) = (one_line(title), path(program), path(study), path(out));
        format!(
            "#!/bin/sh\n\
             # {title}: {count} of its runs, an element of a job array each.\n\
             # Written by `fusionscope study run --submit slurm`; what each element says goes to JOB_ELEMENT.log beside this file.\n\
             {options}\n\
             case \"$SLURM_ARRAY_TASK_ID\" in\n{cases}    \
             *) echo \"error: no element $SLURM_ARRAY_TASK_ID\" >&2; exit 2 ;;\nesac\n\
             echo \"$(date '+%F %T') $(hostname): $run, restarts so far: ${{SLURM_RESTART_COUNT:-0}}\"\n\n\
             # No more threads than processors were given.\n\
             export RAYON_NUM_THREADS=\"${{RAYON_NUM_THREADS:-${{SLURM_CPUS_ON_NODE:-1}}}}\"\n\n\
             # Shortly before the time limit, or before others take the node, Slurm sends USR1: the run keeps a checkpoint,\n\
             # and the element is queued again to go on from it. Slurm sends TERM to the program itself, not only to this\n\
             # shell, which waits until the checkpoint is written.\n\
             ends=\n\
             trap 'ends=yes; kill -TERM \"$child\"' USR1\n\
             trap : TERM\n\
             {program} study run {study} --out {out}{data} --only \"$run\" --device {device}{events} --quiet &\n\
             child=$!\n\
             wait \"$child\"; code=$?\n\
             # A signal ends only the waiting.\n\
             while [ \"$code\" -gt 128 ] && kill -0 \"$child\" 2>/dev/null; do wait \"$child\"; code=$?; done\n\
             if [ -n \"$ends\" ] && [ \"$code\" -ne 0 ] && [ \"${{SLURM_RESTART_COUNT:-0}}\" -lt {MOST_RESTARTS} ]; then\n    \
             scontrol requeue \"$SLURM_JOB_ID\"\n\
             fi\n\
             exit \"$code\"\n",
            count = elements.len(),
        )
    }

    /// The study's own, each unless the user gives another, and then the user's.
    fn options(&self) -> Vec<SlurmOption> {
        let throttle = self.at_once.map_or_else(String::new, |most| format!("%{most}"));
        let switch = |key: &str| SlurmOption { key: key.to_owned(), value: None };
        let mut own = vec![
            SlurmOption::new("job-name", &one_line(self.name)),
            SlurmOption::new("array", &format!("1-{}{throttle}", self.elements.len())),
            // In the folder that it is submitted from, so that no path needs to be quoted.
            SlurmOption::new("output", "%A_%a.log"),
            SlurmOption::new("open-mode", "append"),
            switch("requeue"),
            SlurmOption::new("signal", "B:USR1@60"),
            SlurmOption::new("kill-on-invalid-dep", "yes"),
        ];
        own.extend(self.dependency.map(|words| SlurmOption::new("dependency", words)));
        own.retain(|option| self.options.iter().all(|users| users.key != option.key));
        own.extend_from_slice(self.options);
        own
    }
}

/// An option as a line of `#SBATCH` has it, which knows quotes of its own.
fn line(SlurmOption { key, value }: &SlurmOption) -> String {
    let Some(value) = value else { return format!("--{key}") };
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || "-_.,:;/@%+=*()[]".contains(letter);
    if value.chars().all(is_plain) {
        return format!("--{key}={value}");
    }
    format!("--{key}=\"{}\"", value.replace('\\', "\\\\").replace('"', "\\\""))
}

/// A path as a shell takes it. Paths that are no text are refused before.
fn path(path: &Path) -> String {
    shell::quoted(&path.to_string_lossy())
}

/// What may stand in a comment.
fn one_line(words: &str) -> String {
    words.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn script(options: &[SlurmOption], dependency: Option<&str>, out: &Path) -> String {
        let elements = [("with-exchange/3", "with exchange, seed 3"), ("it-s/5", "it's\nodd, seed 5")];
        Script {
            title: "Two\nlines",
            name: "two",
            program: Path::new("/opt/fusion scope/fusionscope"),
            study: Path::new("/data/two.toml"),
            out,
            data: Some(Path::new("/data/it's here")),
            device: DeviceChoice::Auto,
            writes_events: true,
            at_once: Some(4),
            options,
            dependency,
            elements: &elements.map(|(only, words)| (only.to_owned(), words.to_owned())),
        }
        .text()
    }

    #[test]
    fn a_script_asks_for_what_the_user_wants_and_names_every_run() {
        let options = ["partition=gpu", "time=2:00:00", "exclusive", "signal=B:USR1@300", "comment=a \"b\" # c"]
            .map(|words| words.parse().unwrap());
        let text = script(&options, Some("afterok:7_1"), Path::new("/data/out"));
        for line in [
            "#SBATCH --array=1-2%4",
            "#SBATCH --partition=gpu",
            "#SBATCH --time=2:00:00",
            "#SBATCH --exclusive",
            "#SBATCH --signal=B:USR1@300",
            "#SBATCH --comment=\"a \\\"b\\\" # c\"",
            "#SBATCH --dependency=afterok:7_1",
            "#SBATCH --requeue",
            "# Two lines: 2 of its runs, an element of a job array each.",
            "    1) run='with-exchange/3' ;; # with exchange, seed 3",
            "    2) run='it-s/5' ;; # it's odd, seed 5",
        ] {
            assert!(text.lines().any(|found| found == line), "{line}\n{text}");
        }
        assert!(!text.contains("USR1@60"), "{text}");
    }

    /// The shell runs another program in the place of ours, which prints its words.
    #[cfg(unix)]
    #[test]
    fn a_shell_hands_on_paths_with_spaces_and_quotes_as_they_are() {
        use std::os::unix::fs::PermissionsExt as _;

        let folder = tempfile::tempdir().unwrap();
        let out = folder.path().join("it's \"here\" $HOME `x` \\");
        let program = folder.path().join("it's mine");
        std::fs::write(&program, "#!/bin/sh\nfor word; do echo \"<$word>\"; done\nexit 3\n").unwrap();
        std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
        let text = script(&[], None, &out).replace("/opt/fusion scope/fusionscope", "it'\\''s mine");
        let path = folder.path().join("1.sh");
        std::fs::write(&path, text.replace("'it'\\''s mine'", "./'it'\\''s mine'")).unwrap();
        let ran = std::process::Command::new("sh")
            .arg(&path)
            .current_dir(folder.path())
            .env("SLURM_ARRAY_TASK_ID", "2")
            .output()
            .unwrap();
        let said = String::from_utf8(ran.stdout).unwrap();
        assert_eq!(ran.status.code(), Some(3), "{said} {}", String::from_utf8_lossy(&ran.stderr));
        assert!(said.contains(&format!("<{}>", out.display())) && said.contains("<it-s/5>"), "{said}");
        assert!(said.contains("<--data>\n</data/it's here>"), "{said}");
    }
}
