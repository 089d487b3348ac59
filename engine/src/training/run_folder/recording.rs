//! What happened to a run beside its steps: `record.jsonl`, one line an event, only ever added to.

use std::io::{self, BufReader};

use super::record::{Reading, as_it_stands, written};
use super::{RECORD, RunFolder};
use crate::files::open_regular;
use crate::protocol::{Happening, Recorded};
use crate::training::environment::Moment;
use crate::training::error::RunError;

impl RunFolder {
    /// What happens now, for the record.
    pub fn happening(step: u64, what: Happening) -> Recorded {
        Recorded { at: Moment::now().iso(), step, what }
    }

    /// Adds a line to `record.jsonl`. What cannot be written is kept and tried again with the next line.
    pub fn record(&mut self, entry: &Recorded) -> Result<(), RunError> {
        self.add_line(|run| &mut run.record, &written(entry))
    }

    /// What happened to the run as it stands, by step; and a warning where lines could not be read, or are too many.
    /// Empty for a run without a record.
    ///
    /// A resumed run has undone what had happened after the step that it went on from, but for live changes: those are
    /// made again, unless the same setting was changed by hand before their turn came.
    pub fn recorded(&self) -> Result<(Vec<Recorded>, Option<String>), RunError> {
        let path = self.path.join(RECORD);
        let Reading { entries, unread, left_out } = match open_regular(&path) {
            Ok(file) => Reading::of(BufReader::new(file)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Reading::default()),
            Err(error) => Err(error),
        }
        .map_err(|error| RunError::unreadable("the run's record", &error, &path))?;
        let lines = if unread == 1 { "line" } else { "lines" };
        let unread = (unread > 0).then(|| {
            format!("{unread} {lines} of the run's record could not be read; what happened there is not shown")
        });
        let left_out = (left_out > 0).then(|| {
            format!("The run's record is very long; {left_out} older pauses, checkpoints and the like are not shown")
        });
        let said: Vec<String> = [unread, left_out].into_iter().flatten().collect();
        let warning = (!said.is_empty()).then(|| format!("{}: {}", said.join(". "), path.display()));
        Ok((as_it_stands(entries), warning))
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use proptest::prelude::*;

    use super::*;
    use crate::protocol::Phase;
    use crate::recipe::{Recipe, Value};
    use crate::training::Environment;
    use crate::training::run_folder::lines::{Lines, MAX_UNSAVED_BYTES};
    use crate::training::run_folder::record::changes_in;

    fn run(folder: &Path) -> RunFolder {
        RunFolder::create(folder, &Recipe::defaults("a run"), &Environment::default()).unwrap()
    }

    fn change(step: u64, key: &str, rate: f64) -> Recorded {
        let what = Happening::Change { key: key.to_owned(), old: Value::Number(0.0), new: Value::Number(rate) };
        Recorded { at: String::new(), step, what }
    }

    fn at(step: u64, what: Happening) -> Recorded {
        Recorded { at: String::new(), step, what }
    }

    fn resume(step: u64) -> Recorded {
        at(step, Happening::Resume { phase: Phase::Student })
    }

    #[test]
    fn a_record_comes_back_and_torn_and_damaged_lines_cost_only_themselves() {
        let folder = tempfile::tempdir().unwrap();
        let mut run = run(folder.path());
        assert_eq!(run.recorded().unwrap(), (Vec::new(), None));
        let begin = at(0, Happening::Start { phase: Phase::Student });
        run.record(&begin).unwrap();
        run.record(&change(3, "a", 0.1)).unwrap();
        let path = run.path().join(RECORD);
        let mut text = fs::read_to_string(&path).unwrap();
        text.push_str("{\"at\":\"\",\"st");
        fs::write(&path, &text).unwrap();
        let mut again = RunFolder::open(run.path()).unwrap();
        assert_eq!(again.recorded().unwrap(), (vec![begin.clone(), change(3, "a", 0.1)], None));
        again.record(&at(4, Happening::Pause)).unwrap();
        let (entries, warning) = again.recorded().unwrap();
        assert_eq!(entries, [begin, change(3, "a", 0.1), at(4, Happening::Pause)]);
        assert!(warning.is_some_and(|warning| warning.contains("1 line ") && warning.contains(RECORD)));
    }

    #[test]
    fn numbers_come_back_to_the_last_bit() {
        let folder = tempfile::tempdir().unwrap();
        let mut run = run(folder.path());
        let near = |rate: f64| (0..40).map(move |step| f64::from_bits(rate.to_bits() + step));
        let entries: Vec<Recorded> = [0.001, 1.0 / 3.0, 1e-7, 5.0]
            .into_iter()
            .flat_map(near)
            .enumerate()
            .map(|(step, rate)| change(step as u64, "training.learning_rate", rate))
            .collect();
        for entry in &entries {
            run.record(entry).unwrap();
        }
        assert_eq!(run.recorded().unwrap().0, entries);
        let text = fs::read_to_string(run.path().join(RECORD)).unwrap();
        assert!(text.lines().next().unwrap().contains("\"new\":0.001}"), "what JSON gives back is a number: {text}");
    }

    #[test]
    fn a_resumed_run_undoes_what_came_after_but_for_live_changes() {
        let past = [at(2, Happening::Checkpoint), change(2, "a", 0.1), change(5, "b", 0.2), at(6, Happening::Pause)];
        let stands = as_it_stands(past.iter().cloned().chain([resume(2)]).collect());
        assert_eq!(stands, [past[0].clone(), past[1].clone(), resume(2), past[2].clone()]);
        // A kill before anything was made again leaves the same to be made.
        let twice = as_it_stands(past.iter().cloned().chain([resume(2), resume(2)]).collect());
        assert_eq!(changes_in(&twice), changes_in(&stands));
    }

    #[test]
    fn a_change_by_hand_takes_the_place_of_those_of_its_key_that_were_to_come() {
        let entries = vec![change(5, "a", 0.1), change(6, "b", 0.2), resume(2), change(3, "a", 0.3)];
        assert_eq!(as_it_stands(entries), [resume(2), change(3, "a", 0.3), change(6, "b", 0.2)]);
        // Between the same two steps the later one counts, and both stand.
        let entries = vec![change(3, "a", 0.1), resume(2), change(3, "a", 0.3)];
        let changes = changes_in(&as_it_stands(entries));
        assert_eq!(changes.len(), 1);
        assert_eq!(changes[0].new, Value::Number(0.3));
    }

    #[test]
    fn what_cannot_be_written_waits_and_is_written_later() {
        let folder = tempfile::tempdir().unwrap();
        let mut run = run(folder.path());
        let path = run.path().join(RECORD);
        fs::create_dir(&path).unwrap();
        assert!(run.record(&change(1, "a", 0.1)).is_err());
        assert!(run.record(&change(2, "a", 0.2)).is_err());
        fs::remove_dir(&path).unwrap();
        run.record(&change(3, "a", 0.3)).unwrap();
        let expected: Vec<Recorded> = [(1, 0.1), (2, 0.2), (3, 0.3)].map(|(step, rate)| change(step, "a", rate)).into();
        assert_eq!(run.recorded().unwrap().0, expected);
    }

    #[test]
    fn a_record_that_another_program_removes_is_put_back() {
        let folder = tempfile::tempdir().unwrap();
        let mut run = run(folder.path());
        run.record(&change(1, "a", 0.1)).unwrap();
        fs::remove_file(run.path().join(RECORD)).unwrap();
        run.record(&change(2, "a", 0.2)).unwrap();
        assert_eq!(run.recorded().unwrap().0, [change(1, "a", 0.1), change(2, "a", 0.2)]);
    }

    #[test]
    fn a_record_that_can_never_be_written_takes_bounded_memory_and_keeps_the_newest() {
        let mut record = Lines::at("record.jsonl".into(), "the run's record");
        for _ in 0..20_000_u32 {
            record.keep(&change(1, "a line of some length to fill the memory", 0.1)).unwrap();
        }
        record.keep(&resume(7)).unwrap();
        assert!(record.unsaved.len() <= MAX_UNSAVED_BYTES);
        let last = serde_json::to_string(&resume(7)).unwrap();
        assert!(record.unsaved.starts_with(b"{") && record.unsaved.ends_with(format!("}}\n{last}\n").as_bytes()));
    }

    #[test]
    fn nothing_is_written_where_the_folder_has_gone_and_all_of_it_once_it_is_back() {
        let folder = tempfile::tempdir().unwrap();
        let mut run = run(folder.path());
        run.record(&change(1, "a", 0.1)).unwrap();
        let (path, moved) = (run.path().to_owned(), folder.path().join("moved"));
        fs::rename(&path, &moved).unwrap();
        let message = run.record(&change(2, "a", 0.2)).unwrap_err().to_string();
        assert!(message.contains("found nothing") && message.ends_with(&path.display().to_string()), "{message}");
        assert!(!path.exists());
        // Another run of the same name is not this one.
        fs::create_dir(&path).unwrap();
        fs::write(path.join("recipe.toml"), Recipe::defaults("another").to_toml()).unwrap();
        for refused in [run.record(&change(3, "a", 0.3)), run.take_up()] {
            assert!(refused.unwrap_err().to_string().contains("found another folder"));
        }
        assert_eq!(fs::read_dir(&path).unwrap().count(), 1);
        fs::remove_dir_all(&path).unwrap();
        fs::rename(&moved, &path).unwrap();
        run.take_up().unwrap();
        run.record(&change(4, "a", 0.4)).unwrap();
        assert_eq!(run.recorded().unwrap().0.len(), 4);
    }

    #[test]
    fn a_whole_copy_of_the_folder_is_taken_up_and_an_older_one_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let mut run = run(folder.path());
        let report = |step| crate::protocol::StepReport { step, ..crate::protocol::StepReport::default() };
        run.append_step(&report(1)).unwrap();
        let path = run.path().to_owned();
        let copy = |from: &Path, to: &Path| {
            fs::create_dir(to).unwrap();
            for name in ["recipe.toml", "environment.json", "metrics.jsonl"] {
                fs::copy(from.join(name), to.join(name)).unwrap();
            }
        };
        let (older, whole) = (folder.path().join("older"), folder.path().join("whole"));
        copy(&path, &older);
        run.append_step(&report(2)).unwrap();
        copy(&path, &whole);
        fs::remove_dir_all(&path).unwrap();
        assert!(run.append_step(&report(3)).is_err());
        fs::rename(&older, &path).unwrap();
        assert!(run.take_up().unwrap_err().to_string().contains("without its newest steps"));
        fs::remove_dir_all(&path).unwrap();
        fs::rename(&whole, &path).unwrap();
        run.take_up().unwrap();
        run.append_step(&report(4)).unwrap();
        assert_eq!(run.steps().unwrap().iter().map(|report| report.step).collect::<Vec<_>>(), [1, 2, 3, 4]);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn random_bytes_are_passed_over_and_spoil_nothing_that_is_written_later(
            bytes in proptest::collection::vec(any::<u8>(), 0..300),
        ) {
            let folder = tempfile::tempdir().unwrap();
            let mut run = run(folder.path());
            fs::write(run.path().join(RECORD), bytes).unwrap();
            prop_assert!(run.recorded().unwrap().0.is_empty());
            run.record(&change(1, "a", 0.1)).unwrap();
            prop_assert_eq!(run.recorded().unwrap().0, [change(1, "a", 0.1)]);
        }
    }
}
