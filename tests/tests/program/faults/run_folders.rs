//! Run folders that others write to, damage, fill or link elsewhere.

use serde_json::Value;

use super::*;

#[cfg(unix)]
#[test]
fn a_second_writer_is_refused_and_costs_the_first_nothing() {
    let bench = Bench::new("training.checkpoint_every = 20\ntraining.steps = 100000");
    let runs = bench.beside("runs");
    let mut first = bench.begin(&runs);
    first.wait_for("\"event\":\"checkpoint\"");
    let run_folder = only_run_in(&runs);
    for _ in 0..2 {
        let refused = run(&resume_words(&run_folder)).ends_with(3);
        assert!(refused.err.contains("another program") && refused.err.contains("process "), "{}", refused.err);
    }
    // Readers are let in.
    run(&["evaluate", text(&run_folder), "--split", "val", "--device", "cpu"]).ends_with(0);
    first.interrupt();
    first.finish().ends_with(4);
    let steps: Vec<u64> = step_lines(&run_folder).iter().map(|line| line["step"].as_u64().unwrap()).collect();
    assert_eq!(steps, (1..=steps.len() as u64).collect::<Vec<_>>());
    // The lock went with the program.
    let mut resumed = Running::start(&resume_words(&run_folder));
    resumed.wait_for(&format!("\"step\":{},", steps.len() + 1));
    resumed.kill();
}

#[test]
fn evaluations_of_one_run_at_the_same_time_are_all_kept() {
    let bench = Bench::new("");
    let run_folder = bench.train("runs").ends_with(0).run_folder();
    let asked: Vec<(&str, String)> = ["val", "test"]
        .into_iter()
        .flat_map(|split| ["zeros", "black", "copy"].map(|missing| (split, format!("evaluation.missing={missing}"))))
        .collect();
    let running: Vec<Running> = asked
        .iter()
        .map(|(split, set)| {
            let words = ["evaluate", text(&run_folder), "--split", split, "--set", set, "--device", "cpu", "--quiet"];
            Running::start(&words)
        })
        .collect();
    for running in running {
        running.finish().ends_with(0);
    }
    let kept = evaluations_in(&run_folder);
    for (split, set) in asked {
        let is_it = |kept: &&Value| {
            kept["split"] == *split && kept["step"] == 8 && set.ends_with(kept["missing"].as_str().unwrap())
        };
        assert_eq!(kept.iter().filter(is_it).count(), 1, "{split}, {set}");
    }
}

fn evaluations_in(run: &Path) -> Vec<Value> {
    serde_json::from_slice(&std::fs::read(run.join("evaluation.json")).unwrap()).unwrap()
}

#[test]
fn one_bad_byte_costs_one_step_and_one_evaluation() {
    let changes = "training.checkpoint_every = 2\ntraining.steps = 12\ntraining.evaluate_every = 2";
    let bench = Bench::new(changes);
    let undisturbed = step_lines(&bench.train("undisturbed").ends_with(0).run_folder());
    let run_folder = bench.killed_after(3);
    let path = run_folder.join("metrics.jsonl");
    let mut bytes = std::fs::read(&path).unwrap();
    let second = bytes.iter().position(|&byte| byte == b'\n').unwrap() + 1;
    bytes[second + 3] ^= 0x80;
    std::fs::write(&path, bytes).unwrap();
    let ran = run(&resume_words(&run_folder)).ends_with(0);
    assert!(ran.out.contains("line 2") && ran.out.contains("metrics.unreadable.jsonl"), "{}", ran.out);
    assert!(run_folder.join("metrics.unreadable.jsonl").is_file());
    let text_of = std::fs::read_to_string(&path).unwrap();
    let lines = text_of.lines().filter(|line| !line.trim().is_empty());
    let steps: Vec<u64> =
        lines.map(|line| serde_json::from_str::<Value>(line).unwrap()["step"].as_u64().unwrap()).collect();
    let expected = undisturbed.iter().map(|line| line["step"].as_u64().unwrap()).filter(|step| *step != 2);
    assert_eq!(steps, expected.collect::<Vec<_>>());

    let path = run_folder.join("evaluation.json");
    let before = evaluations_in(&run_folder);
    assert!(before.len() > 2, "{before:?}");
    let mut bytes = std::fs::read(&path).unwrap();
    let quote = bytes.iter().position(|&byte| byte == b'"').unwrap();
    bytes[quote] ^= 1;
    std::fs::write(&path, &bytes).unwrap();
    let words = ["evaluate", text(&run_folder), "--split", "train", "--device", "cpu"];
    let ran = run(&words).ends_with(0);
    assert!(ran.err.contains("evaluation.unreadable.json"), "{}", ran.err);
    assert_eq!(std::fs::read(run_folder.join("evaluation.unreadable.json")).unwrap(), bytes);
    let after = evaluations_in(&run_folder);
    assert_eq!(after.len(), before.len(), "one was lost, and one came");
    assert_eq!(after[..after.len() - 1], before[1..]);
}

#[cfg(unix)]
#[test]
fn metrics_that_are_removed_while_training_are_put_back_and_it_is_said() {
    let bench = Bench::new("training.steps = 100000");
    let runs = bench.beside("runs");
    let mut running = bench.begin(&runs);
    running.wait_for("\"step\":4,");
    let run_folder = only_run_in(&runs);
    std::fs::remove_file(run_folder.join("metrics.jsonl")).unwrap();
    let said = running.wait_for("put back");
    assert!(said.lines().last().unwrap().contains("\"level\":\"warning\""), "{said}");
    running.interrupt();
    running.finish().ends_with(4);
    let steps: Vec<u64> = step_lines(&run_folder).iter().map(|line| line["step"].as_u64().unwrap()).collect();
    assert_eq!(steps, (1..=steps.len() as u64).collect::<Vec<_>>());
}

#[cfg(unix)]
#[test]
fn files_of_a_run_that_never_end_are_refused() {
    let bench = Bench::new("training.checkpoint_every = 2\ntraining.steps = 12");
    let run_folder = bench.killed_after(1);
    let state = newest_checkpoint(&run_folder).join("state.json");
    for (file, words) in [
        (run_folder.join("metrics.jsonl"), &resume_words(&run_folder)[..]),
        (run_folder.join("recipe.toml"), &resume_words(&run_folder)),
        (state.clone(), &["evaluate", text(&run_folder), "--device", "cpu"]),
        (run_folder.join("environment.json"), &["evaluate", text(&run_folder), "--device", "cpu"]),
    ] {
        let aside = bench.beside("aside");
        std::fs::rename(&file, &aside).unwrap();
        for endless in ["mkfifo", "ln -s /dev/zero"] {
            let made = Command::new("sh").arg("-c").arg(format!("{endless} \"$0\"")).arg(&file).status().unwrap();
            assert!(made.success());
            let ran = Running::start(words).finish_within(Duration::from_mins(1));
            // An older checkpoint may stand in for a newer one.
            assert!(ran.code == Some(3) || file == state && ran.code == Some(0), "{ran:?}");
            assert!(format!("{}{}", ran.out, ran.err).contains("not a regular file"), "{ran:?}");
            std::fs::remove_file(&file).unwrap();
        }
        std::fs::rename(&aside, &file).unwrap();
    }
}

#[cfg(unix)]
#[test]
fn links_in_a_foreign_run_lead_nothing_astray() {
    use std::os::unix::fs::symlink;

    let bench = Bench::new("training.checkpoint_every = 2\ntraining.steps = 12");
    let run_folder = bench.killed_after(1);
    let outside = bench.beside("outside");
    std::fs::create_dir(&outside).unwrap();
    let theirs = outside.join("theirs");
    std::fs::write(&theirs, "untouched").unwrap();
    for name in [".evaluation.json.partial", ".evaluation.csv.partial", ".evaluation.lock", "evaluation.csv"] {
        // The lock is there where the teacher was evaluated.
        let _absent = std::fs::remove_file(run_folder.join(name));
        symlink(&theirs, run_folder.join(name)).unwrap();
    }
    run(&["evaluate", text(&run_folder), "--split", "val", "--device", "cpu"]).ends_with(0);
    assert_eq!(std::fs::read(&theirs).unwrap(), b"untouched");
    assert!(evaluations_in(&run_folder).iter().any(|report| report["step"] == 2 || report["step"] == 4));

    let (checkpoints, moved) = (run_folder.join("checkpoints"), outside.join("checkpoints"));
    std::fs::rename(&checkpoints, &moved).unwrap();
    symlink(&moved, &checkpoints).unwrap();
    let listing = || {
        let entries = std::fs::read_dir(&moved).unwrap().map(|entry| entry.unwrap().file_name());
        let mut names: Vec<_> = entries.collect();
        names.sort();
        names
    };
    let before = listing();
    let refused = run(&resume_words(&run_folder)).ends_with(3);
    assert!(refused.err.contains("checkpoints") && refused.err.contains("link"), "{}", refused.err);
    assert_eq!(listing(), before);
}

#[test]
fn a_run_of_very_many_steps_opens_and_resumes_at_once() {
    use std::io::Write as _;

    let bench = Bench::new("training.checkpoint_every = 2\ntraining.steps = 12");
    let undisturbed = step_lines(&bench.train("undisturbed").ends_with(0).run_folder());
    let run_folder = bench.killed_after(1);
    // What a run of 150,000 steps more has written, before its newer checkpoints were lost.
    let path = run_folder.join("metrics.jsonl");
    let line = undisturbed.last().unwrap().to_string();
    let (before, behind) = line.split_once("\"step\":15").unwrap();
    let mut file = std::io::BufWriter::new(std::fs::File::options().append(true).open(&path).unwrap());
    for step in 16..150_000 {
        writeln!(file, "{before}\"secs\":0.5,\"step\":{step}{behind}").unwrap();
    }
    file.into_inner().unwrap();
    let begun = std::time::Instant::now();
    run(&resume_words(&run_folder)).ends_with(0);
    assert!(begun.elapsed() < Duration::from_secs(20), "{:?}", begun.elapsed());
    assert_eq!(step_lines(&run_folder), undisturbed);
}
