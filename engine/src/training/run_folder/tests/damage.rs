//! Single bytes that went bad, and files that others removed, replaced or cut: what is whole stays, and it is said.

use super::*;

/// An evaluation with something of everything that a report holds.
fn evaluation(step: u64) -> EvaluationReport {
    let scores = |sensors: &[&str]| crate::protocol::SubsetScores {
        sensors: sensors.iter().map(|&name| name.to_owned()).collect(),
        head: "fused".to_owned(),
        miou: Some(0.25),
        classes: vec![crate::protocol::ClassScores { iou: Some(0.5), accuracy: None, pixels: 7 }; 2],
        confusion: vec![1, 2, 3, 4],
        ..crate::protocol::SubsetScores::default()
    };
    EvaluationReport {
        split: "val".to_owned(),
        step,
        subsets: vec![scores(&["colour", "thermal"]), scores(&["colour"])],
        warnings: vec!["A scene {of} [odd] \"letters\" was left out".to_owned()],
        ..EvaluationReport::default()
    }
}

#[test]
fn one_bad_byte_in_the_evaluations_costs_one_of_them_wherever_it_stands() {
    let folder = tempfile::tempdir().unwrap();
    let mut run = run(folder.path());
    let steps = [1, 2, 3, 4];
    for step in steps {
        run.add_evaluation(&evaluation(step)).unwrap();
    }
    let path = run.path().join("evaluation.json");
    let whole = fs::read(&path).unwrap();
    for place in 0..whole.len() {
        // Something that is no text, or that begins, ends or splits a list.
        let bad = [0xff, b'"', b']'][place % 3];
        let mut bytes = whole.clone();
        bytes[place] = bad;
        fs::write(&path, &bytes).unwrap();
        let (kept, warning) = run.evaluations_with_warning().unwrap();
        let intact = kept.iter().filter(|&report| *report == evaluation(report.step)).count();
        assert!(intact >= steps.len() - 1, "{bad} at {place}: {intact} are left");
        assert!(warning.is_some() || kept.len() == steps.len(), "{bad} at {place} costs one without a word");
    }
}

#[test]
fn a_damaged_list_of_evaluations_is_set_aside_whole_and_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let mut run = run(folder.path());
    for step in [1, 2, 3] {
        run.add_evaluation(&evaluation(step)).unwrap();
    }
    let path = run.path().join("evaluation.json");
    let damaged = fs::read_to_string(&path).unwrap().replacen("\"step\": 2", "\"step\"; 2", 1);
    for (name, changes) in [
        (
            "evaluation.unreadable.json",
            (|run: &mut RunFolder| run.add_evaluation(&evaluation(4)).map(drop)) as fn(&mut RunFolder) -> _,
        ),
        ("evaluation.unreadable-2.json", |run| run.truncate_evaluations(9).map(drop)),
    ] {
        fs::write(&path, &damaged).unwrap();
        let (kept, warning) = run.evaluations_with_warning().unwrap();
        let warning = warning.unwrap();
        assert!(warning.contains("2 are kept") && warning.contains("evaluation.json"), "{warning}");
        assert_eq!(kept, [evaluation(1), evaluation(3)]);
        assert_eq!(fs::read_to_string(&path).unwrap(), damaged, "reading changes nothing");
        changes(&mut run).unwrap();
        assert_eq!(fs::read_to_string(run.path().join(name)).unwrap(), damaged);
        let (kept, warning) = run.evaluations_with_warning().unwrap();
        assert_eq!((&kept[..2], warning), (&[evaluation(1), evaluation(3)][..], None));
    }
}

#[test]
fn one_bad_byte_in_the_metrics_costs_one_step_and_is_set_aside() {
    for place in ["first", "second", "last"] {
        let folder = tempfile::tempdir().unwrap();
        let mut run = run(folder.path());
        for step in 1..=9 {
            run.append_step(&report(step)).unwrap();
        }
        let path = run.path().join("metrics.jsonl");
        let mut lines: Vec<Vec<u8>> =
            fs::read(&path).unwrap().split_inclusive(|&byte| byte == b'\n').map(<[u8]>::to_vec).collect();
        let bad = match place {
            "first" => 1,
            "second" => 2,
            _ => 9,
        };
        lines[bad - 1][5] ^= 0x80;
        let damaged = lines.concat();
        fs::write(&path, &damaged).unwrap();

        let mut run = RunFolder::open(run.path()).unwrap();
        let rest = |until: u64| (1..=until).filter(|&step| step != bad as u64).map(report).collect::<Vec<_>>();
        let read = run.history().unwrap();
        assert_eq!(read.steps, rest(9));
        let line = format!("line {bad}");
        assert!(read.warnings.len() == 1 && read.warnings[0].contains(&line), "{:?}", read.warnings);
        assert_eq!(fs::read(&path).unwrap(), damaged, "reading changes nothing");

        let kept = run.truncate_steps(7).unwrap();
        assert_eq!(kept.steps, rest(7));
        let aside = run.path().join("metrics.unreadable.jsonl");
        if bad <= 7 {
            assert!(kept.warnings[0].contains(&line), "{:?}", kept.warnings);
            assert!(kept.warnings[0].contains("metrics.unreadable.jsonl"), "{:?}", kept.warnings);
            assert_eq!(fs::read(&aside).unwrap(), lines[bad - 1]);
        } else {
            assert!(kept.warnings.is_empty() && !aside.exists(), "it is later, and comes again");
        }
        for step in 8..=9 {
            run.append_step(&report(step)).unwrap();
        }
        let again = run.history().unwrap();
        assert_eq!(again.steps, if bad <= 7 { rest(9) } else { (1..=9).map(report).collect() });
        assert!(again.warnings.is_empty(), "said once: {:?}", again.warnings);
    }
}

#[test]
fn what_stands_unreadable_behind_the_last_step_is_set_aside_before_it_is_cut() {
    let folder = tempfile::tempdir().unwrap();
    let mut run = run(folder.path());
    for step in 1..=3 {
        run.append_step(&report(step)).unwrap();
    }
    let path = run.path().join("metrics.jsonl");
    let whole = fs::read(&path).unwrap();
    let foreign = b"what a crash\nhas left behind\n";
    fs::write(&path, [&whole[..], foreign].concat()).unwrap();
    let kept = run.truncate_steps(3).unwrap();
    assert_eq!((kept.steps.len(), kept.warnings.len()), (3, 1), "{:?}", kept.warnings);
    assert_eq!(fs::read(&path).unwrap(), whole);
    assert_eq!(fs::read(run.path().join("metrics.unreadable.jsonl")).unwrap(), foreign);
}

#[test]
fn a_torn_line_takes_no_later_one_with_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = run(folder.path()).path().to_owned();
    fs::write(path.join("metrics.jsonl"), "{\"phase\":\"stud").unwrap();
    let mut run = RunFolder::open(&path).unwrap();
    for step in 1..=2 {
        run.append_step(&report(step)).unwrap();
    }
    assert_eq!(run.steps().unwrap(), [report(1), report(2)]);
}

#[test]
fn metrics_that_vanish_are_noticed_at_the_next_write_and_put_back() {
    let folder = tempfile::tempdir().unwrap();
    let mut run = run(folder.path());
    let path = run.path().join("metrics.jsonl");
    let all = |steps: u64| (1..=steps).map(report).collect::<Vec<_>>();
    run.append_step(&report(1)).unwrap();
    assert!(run.take_news().is_empty());

    fs::remove_file(&path).unwrap();
    run.append_step(&report(2)).unwrap();
    let said = run.take_news().concat();
    assert!(said.contains("put back") && said.contains("metrics.jsonl"), "{said}");
    assert_eq!((run.steps().unwrap(), run.take_news()), (all(2), Vec::new()));

    // Another file of that name, as another program's whole rewriting leaves it.
    fs::write(run.path().join("new"), "theirs\n").unwrap();
    fs::rename(run.path().join("new"), &path).unwrap();
    run.append_step(&report(3)).unwrap();
    let said = run.take_news().concat();
    assert!(said.contains("metrics.replaced.jsonl"), "{said}");
    assert_eq!(fs::read(run.path().join("metrics.replaced.jsonl")).unwrap(), b"theirs\n");
    assert_eq!(run.steps().unwrap(), all(3));

    // Cut in place, in the middle of a line.
    let length = fs::metadata(&path).unwrap().len();
    File::options().write(true).open(&path).unwrap().set_len(length - 10).unwrap();
    run.append_step(&report(4)).unwrap();
    let said = run.take_news().concat();
    assert!(said.contains(&format!("cut from {length} to {} bytes", length - 10)), "{said}");
    assert_eq!(run.steps().unwrap(), [report(1), report(2), report(4)]);
}

#[test]
fn a_first_step_that_cannot_be_written_waits_for_the_next_one() {
    let folder = tempfile::tempdir().unwrap();
    let mut run = run(folder.path());
    let (path, moved) = (run.path().to_owned(), folder.path().join("moved"));
    fs::create_dir(path.join("metrics.jsonl")).unwrap();
    assert!(run.append_step(&report(1)).is_err());
    fs::remove_dir(path.join("metrics.jsonl")).unwrap();
    fs::rename(&path, &moved).unwrap();
    assert!(run.append_step(&report(2)).is_err());
    fs::rename(&moved, &path).unwrap();
    run.append_step(&report(3)).unwrap();
    assert_eq!(run.steps().unwrap(), (1..=3).map(report).collect::<Vec<_>>());
}

#[test]
fn a_file_that_cannot_be_put_back_at_once_is_put_back_whole_later() {
    let folder = tempfile::tempdir().unwrap();
    let mut run = run(folder.path());
    let entry = |step| RunFolder::happening(step, crate::protocol::Happening::Pause);
    let entries: Vec<_> = (1..=3).map(entry).collect();
    run.append_step(&report(1)).unwrap();
    run.record(&entries[0]).unwrap();
    let files = ["metrics.jsonl", "record.jsonl"].map(|name| run.path().join(name));
    for path in &files {
        fs::remove_file(path).unwrap();
        // In the way of what is to be put in place.
        fs::create_dir(crate::files::partial_name(path)).unwrap();
    }
    assert!(run.append_step(&report(2)).is_err() && run.record(&entries[1]).is_err());
    for path in &files {
        fs::remove_dir(crate::files::partial_name(path)).unwrap();
    }
    run.append_step(&report(3)).unwrap();
    run.record(&entries[2]).unwrap();
    assert_eq!(run.steps().unwrap(), (1..=3).map(report).collect::<Vec<_>>());
    assert_eq!(run.recorded().unwrap().0, entries);
    assert_eq!(run.take_news().len(), 2);
}

#[test]
fn evaluations_that_vanish_while_a_run_trains_are_noticed_at_the_next_write_and_put_back() {
    let folder = tempfile::tempdir().unwrap();
    let mut run = run(folder.path());
    run.lock().unwrap();
    let path = run.path().join("evaluation.json");
    let all = |steps: u64| (1..=steps).map(evaluation).collect::<Vec<_>>();
    run.keep_evaluation(&Evaluated { report: evaluation(1), scenes: None }).unwrap();
    run.keep_evaluation(&Evaluated { report: evaluation(2), scenes: None }).unwrap();
    fs::remove_file(&path).unwrap();
    run.append_step(&report(1)).unwrap();
    let said = run.take_news().concat();
    assert!(said.contains("put back") && said.contains("evaluation.json"), "{said}");
    assert_eq!((run.evaluations().unwrap(), run.take_news()), (all(2), Vec::new()));
    // With the next evaluation, and by a program that has only read them.
    fs::remove_file(&path).unwrap();
    run.keep_evaluation(&Evaluated { report: evaluation(3), scenes: None }).unwrap();
    assert_eq!((run.evaluations().unwrap(), run.take_news().len()), (all(3), 1));
    let place = run.path().to_owned();
    drop(run);
    let mut run = RunFolder::open(&place).unwrap();
    run.lock().unwrap();
    assert_eq!(run.truncate_evaluations(2).unwrap(), (all(2), Vec::new()));
    fs::remove_file(&path).unwrap();
    run.append_step(&report(2)).unwrap();
    assert_eq!((run.evaluations().unwrap(), run.take_news().len()), (all(2), 1));
}

#[test]
fn evaluations_that_are_set_aside_when_a_run_is_resumed_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let mut run = run(folder.path());
    run.add_evaluation(&evaluation(1)).unwrap();
    let path = run.path().join("evaluation.json");
    let damaged = fs::read_to_string(&path).unwrap().replacen('"', "'", 1);
    fs::write(&path, &damaged).unwrap();
    let (kept, warnings) = run.truncate_evaluations(9).unwrap();
    assert!(kept.is_empty());
    assert!(warnings.len() == 1 && warnings[0].contains("evaluation.unreadable.json"), "{warnings:?}");
}

#[test]
fn one_bad_byte_in_a_checkpoint_s_state_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let mut run = run(folder.path());
    run.save_checkpoint(&checkpoint(10), 5).unwrap();
    let path = run.save_checkpoint(&checkpoint(20), 5).unwrap().join("state.json");
    let whole = fs::read(&path).unwrap();
    let text = String::from_utf8(whole.clone()).unwrap();
    // A digit of a count: nothing but the sum can see it.
    let changed = text.replacen("\"student_steps\": 0", "\"student_steps\": 8", 1);
    assert_ne!(changed, text);
    fs::write(&path, changed).unwrap();
    let (found, warnings) = run.newest_checkpoint().unwrap();
    assert_eq!(found.unwrap().state.step, 10);
    assert!(warnings[0].contains("state.json was changed after it was written"), "{warnings:?}");
    fs::remove_dir_all(run.path().join("checkpoints/step-10")).unwrap();
    for place in 0..whole.len() {
        let mut bytes = whole.clone();
        bytes[place] ^= 1;
        fs::write(&path, &bytes).unwrap();
        // Where the sum's own name is hit the counts are whole all the same.
        if let (Some(found), _) = run.newest_checkpoint().unwrap() {
            let state = CheckpointState { version: 0, program: String::new(), files: [].into(), ..found.state };
            assert_eq!(state, checkpoint(20).state, "byte {place}");
        }
    }
    // Written by an earlier program, without a sum.
    let (before, _) = text.split_once(",\n  \"sum\"").unwrap();
    fs::write(&path, format!("{before}\n}}")).unwrap();
    let (found, warnings) = run.newest_checkpoint().unwrap();
    assert_eq!((found.unwrap().state.step, warnings), (20, Vec::new()));
}

#[cfg(unix)]
#[test]
fn files_of_a_run_that_never_end_are_refused_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let mut run = run(folder.path());
    run.append_step(&report(1)).unwrap();
    run.add_evaluation(&evaluation(1)).unwrap();
    let place = run.save_checkpoint(&checkpoint(10), 2).unwrap();
    let mut run = RunFolder::open(run.path()).unwrap();
    let endless = |path: &Path| {
        fs::remove_file(path).unwrap();
        assert!(std::process::Command::new("mkfifo").arg(path).status().unwrap().success());
    };
    endless(&run.path().join("metrics.jsonl"));
    endless(&run.path().join("environment.json"));
    endless(&run.path().join("evaluation.json"));
    let said = [
        run.steps().unwrap_err().to_string(),
        RunFolder::open(run.path()).unwrap().truncate_steps(1).unwrap_err().to_string(),
        RunFolder::open(run.path()).unwrap().append_step(&report(2)).unwrap_err().to_string(),
        run.environment().unwrap_err().to_string(),
        run.evaluations().unwrap_err().to_string(),
    ];
    for said in said {
        assert!(said.contains("not a regular file"), "{said}");
    }
    // What stands where the evaluations belong makes way for them.
    let said = run.add_evaluation(&evaluation(2)).unwrap().unwrap();
    assert!(said.contains("evaluation.unreadable.json"), "{said}");
    assert_eq!(run.evaluations().unwrap(), [evaluation(2)]);
    for name in ["weights.safetensors", "state.json"] {
        endless(&place.join(name));
        let (found, warnings) = run.newest_checkpoint().unwrap();
        assert!(found.is_none() && warnings[0].contains("not a regular file"), "{warnings:?}");
    }
    endless(&run.path().join("recipe.toml"));
    let said = RunFolder::open(run.path()).unwrap_err().to_string();
    assert!(said.contains("not a regular file") && said.contains("recipe.toml"), "{said}");
}
