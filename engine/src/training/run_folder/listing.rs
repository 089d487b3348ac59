//! A folder of runs: what can be said of each without opening its network.

use std::fs;
use std::io;
use std::path::Path;

use super::{METRICS, RECIPE, RunFolder, history};
use crate::failure::sentence;
use crate::files::open_regular;
use crate::progress::{Progress, Stopped, tell};
use crate::protocol::{RunScore, RunState, RunSummary, StepReport};

impl RunFolder {
    /// The runs in a folder such as `runs/`, the newest first; empty where it holds none.
    pub fn list(folder: &Path, progress: &mut Progress<'_>) -> Result<Vec<RunSummary>, Stopped> {
        let mut paths = Vec::new();
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            tell(progress, "Looking for runs", paths.len() as u64, 0)?;
            let path = entry.path();
            // A folder whose name begins with a dot is one that is still being made.
            let is_whole = !entry.file_name().to_string_lossy().starts_with('.');
            if is_whole && path.join(RECIPE).is_file() {
                paths.push(path);
            }
        }
        let mut runs = Vec::new();
        for path in &paths {
            tell(progress, "Reading the runs", runs.len() as u64, paths.len() as u64)?;
            runs.push(summary_of(path));
        }
        runs.sort_by(|one, other| (&other.started, &other.path).cmp(&(&one.started, &one.path)));
        Ok(runs)
    }

    /// The last step that the metrics hold, whatever their size.
    pub(super) fn last_step_at(run: &Path) -> io::Result<Option<StepReport>> {
        let path = run.join(METRICS);
        if !path.is_file() {
            return Ok(None);
        }
        history::last(&mut open_regular(&path)?)
    }
}

fn summary_of(path: &Path) -> RunSummary {
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let mut run = RunSummary {
        path: path.to_owned(),
        name,
        started: String::new(),
        dataset: String::new(),
        step: 0,
        steps: 0,
        state: RunState::Incomplete,
        score: None,
    };
    let folder = match RunFolder::open(path) {
        Ok(folder) => folder,
        Err(error) => return RunSummary { state: RunState::Unreadable(sentence(error)), ..run },
    };
    run.name.clone_from(&folder.recipe().name);
    if let Ok(environment) = folder.environment() {
        (run.started, run.dataset) = (environment.started, environment.dataset);
    }
    match RunFolder::last_step_at(path) {
        Ok(Some(last)) => {
            (run.step, run.steps) = (last.step, last.total_steps);
            if last.step >= last.total_steps {
                run.state = RunState::Complete;
            }
        }
        Ok(None) => {}
        Err(error) => run.state = RunState::Unreadable(format!("Could not read the metrics: {error}")),
    }
    run.score = folder.evaluations().unwrap_or_default().iter().rev().find_map(RunScore::of);
    run
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::progress::unwatched;
    use crate::protocol::{EvaluationReport, SubsetScores};
    use crate::recipe::Recipe;
    use crate::training::environment::Environment;

    fn run(runs: &Path, name: &str, started: &str) -> RunFolder {
        let environment =
            Environment { started: started.to_owned(), dataset: "streets".to_owned(), ..Environment::default() };
        RunFolder::create(runs, &Recipe::defaults(name), &environment).unwrap()
    }

    fn step(step: u64) -> StepReport {
        StepReport { step, total_steps: 9, ..StepReport::default() }
    }

    #[test]
    fn a_folder_of_runs_lists_each_with_how_far_it_came_and_its_score() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(RunFolder::list(folder.path(), &mut unwatched).unwrap(), []);
        let mut old = run(folder.path(), "old", "2026-01-01T00:00:00Z");
        let mut new = run(folder.path(), "new", "2026-02-01T00:00:00Z");
        for at in 1..=9 {
            old.append_step(&step(at)).unwrap();
        }
        new.append_step(&step(1)).unwrap();
        let scores = |miou, tag: &str, sensors: &[&str]| SubsetScores {
            miou,
            tag: tag.to_owned(),
            sensors: sensors.iter().map(|&name| name.to_owned()).collect(),
            ..SubsetScores::default()
        };
        let report = EvaluationReport {
            split: "test".to_owned(),
            subsets: vec![
                scores(Some(0.4), "", &["colour"]),
                scores(Some(0.6), "", &["colour", "thermal"]),
                scores(Some(0.9), "night", &["colour", "thermal"]),
            ],
            ..EvaluationReport::default()
        };
        old.add_evaluation(&report).unwrap();
        // A teacher's is no figure of the run's network.
        old.add_evaluation(&EvaluationReport { of_teacher: true, step: 9, ..report }).unwrap();
        fs::create_dir(folder.path().join("pictures")).unwrap();

        let runs = RunFolder::list(folder.path(), &mut unwatched).unwrap();
        let told: Vec<_> = runs.iter().map(|run| (run.name.as_str(), run.step, run.steps, run.state.clone())).collect();
        assert_eq!(told, [("new", 1, 9, RunState::Incomplete), ("old", 9, 9, RunState::Complete)]);
        assert_eq!(runs[1].score, Some(RunScore { split: "test".to_owned(), miou: 0.6 }));
        assert_eq!((runs[1].dataset.as_str(), &runs[0].score), ("streets", &None));
    }

    #[test]
    fn a_run_is_listed_whose_metrics_are_torn_and_one_whose_recipe_does_not_read() {
        let folder = tempfile::tempdir().unwrap();
        let mut torn = run(folder.path(), "torn", "2026-02-01T00:00:00Z");
        torn.append_step(&step(3)).unwrap();
        let path = torn.path().join(METRICS);
        let text = fs::read_to_string(&path).unwrap();
        fs::write(&path, format!("{text}{{\"pha")).unwrap();
        let broken = run(folder.path(), "broken", "2026-01-01T00:00:00Z");
        fs::write(broken.path().join(RECIPE), "no recipe").unwrap();

        let runs = RunFolder::list(folder.path(), &mut unwatched).unwrap();
        assert_eq!((runs[0].step, &runs[0].state), (3, &RunState::Incomplete));
        assert!(matches!(&runs[1].state, RunState::Unreadable(why) if why.contains("recipe")), "{:?}", runs[1].state);
    }
}
