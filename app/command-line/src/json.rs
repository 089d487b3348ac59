//! Events as JSON objects, one a line, each with an `event` tag.

use fusionscope_engine::files::path_json;
use fusionscope_engine::protocol::{Album, AlbumScene, Event, Failure, Level, SessionState, StepReport};
use serde_json::{Map, Value, json};

/// The lines for an event. Steps come one a line; pictures are no business of a terminal.
pub fn lines_from_event(event: &Event) -> Vec<Value> {
    match event {
        Event::State(state) => vec![state_line(state)],
        Event::Dataset(dataset) => {
            let splits: Map<String, Value> =
                dataset.splits.iter().map(|split| (split.name.clone(), json!(split.ids.len()))).collect();
            let modalities: Vec<&str> = dataset.modalities.iter().map(|modality| modality.name.as_str()).collect();
            vec![json!({
                "event": "dataset", "name": dataset.name, "path": path_json::value(&dataset.path), "modalities": modalities,
                "classes": dataset.classes, "splits": splits,
            })]
        }
        Event::Recipe(recipe) => vec![tagged("recipe", json!(recipe))],
        Event::Network(network) => vec![tagged("network", json!(network))],
        Event::Run { path, .. } => vec![json!({"event": "run", "path": path_json::value(path)})],
        Event::Model { path } => vec![json!({"event": "model", "path": path_json::value(path)})],
        Event::Steps(steps) => steps.iter().map(step_line).collect(),
        Event::Times(_) => Vec::new(),
        Event::Recorded(entries) => entries
            .iter()
            .map(|entry| {
                let mut line = tagged("mark", json!(entry));
                line["label"] = json!(entry.label());
                line
            })
            .collect(),
        Event::Changed(changes) if changes.is_empty() => Vec::new(),
        Event::Changed(changes) => vec![json!({"event": "changed", "changed": changes})],
        Event::Evaluation(report) => vec![tagged("evaluation", json!(report))],
        Event::Protocol(report) => vec![tagged("protocol", json!(report))],
        Event::Album(album) => vec![album_line(album)],
        Event::Checkpoint { step, path } => {
            vec![json!({"event": "checkpoint", "step": step, "path": path_json::value(path)})]
        }
        Event::Unsaved(failure) => vec![json!({"event": "unsaved", "failure": failure})],
        Event::DataGone { path, failure: Failure { kind, text } } => {
            vec![json!({"event": "data-gone", "path": path_json::value(path), "kind": kind, "text": text})]
        }
        Event::Runs { path, runs } => vec![json!({"event": "runs", "path": path_json::value(path), "runs": runs})],
        Event::Failure { about, failure: Failure { kind, text } } => {
            vec![json!({"event": "notice", "level": Level::Error, "about": about, "kind": kind, "text": text})]
        }
        Event::Notice { about, level, text } => {
            vec![json!({"event": "notice", "level": level, "about": about, "text": text})]
        }
        Event::Shelf(_)
        | Event::Gallery(_)
        | Event::Disk(_)
        | Event::SceneScores(_)
        | Event::ViewReady { .. }
        | Event::Beside(_)
        | Event::Compared(_)
        | Event::Confused(_)
        | Event::WhatIf(_)
        | Event::Ended => Vec::new(),
    }
}

/// Of each pinned scene how many pages there are, and the step of the newest.
fn album_line(album: &Album) -> Value {
    let scene = |scene: &AlbumScene| {
        let newest = scene.pages.keys().next_back();
        json!({"split": scene.split, "id": scene.id, "pages": scene.pages.len(), "newest": newest})
    };
    let scenes: Vec<Value> = album.scenes.iter().map(scene).collect();
    json!({"event": "album", "every": album.every, "bytes": album.bytes(), "scenes": scenes})
}

fn tagged(tag: &str, value: Value) -> Value {
    let mut line = Map::from_iter([("event".to_owned(), json!(tag))]);
    match value {
        Value::Object(fields) => line.extend(fields),
        other => {
            line.insert("value".to_owned(), other);
        }
    }
    Value::Object(line)
}

fn step_line(report: &StepReport) -> Value {
    let StepReport { phase, step, phase_step, phase_steps, total_steps, secs, learning_rate, peak_bytes, terms } =
        report;
    let terms: Map<String, Value> = terms.iter().map(|term| (term.name.clone(), json!(term.value))).collect();
    json!({
        "event": "step", "phase": phase, "step": step, "phase_step": phase_step, "phase_steps": phase_steps,
        "total_steps": total_steps, "secs": secs, "learning_rate": learning_rate, "peak_bytes": peak_bytes, "terms": terms,
        "kinds": report.kinds(),
    })
}

fn state_line(state: &SessionState) -> Value {
    match state {
        SessionState::Idle => json!({"event": "state", "state": "idle"}),
        SessionState::Preparing { what, done, total } => {
            json!({"event": "state", "state": "preparing", "what": what, "done": done, "total": total})
        }
        SessionState::Training => json!({"event": "state", "state": "training"}),
        SessionState::Paused => json!({"event": "state", "state": "paused"}),
        SessionState::Evaluating { done, total } => {
            json!({"event": "state", "state": "evaluating", "done": done, "total": total})
        }
        SessionState::Finished => json!({"event": "state", "state": "finished"}),
        SessionState::Stopped { step, of } => json!({"event": "state", "state": "stopped", "step": step, "of": of}),
        SessionState::Failed(Failure { kind, text }) => {
            json!({"event": "state", "state": "failed", "kind": kind, "reason": text})
        }
    }
}

#[cfg(test)]
mod tests {
    use fusionscope_engine::protocol::{Figure, Phase, Quantity};

    use super::*;

    #[test]
    fn steps_come_one_a_line_with_their_terms_by_name() {
        let step = |step| StepReport {
            phase: Phase::Teacher,
            step,
            terms: [
                ("total", Quantity::Loss, 1.5),
                ("contrast", Quantity::Loss, f32::NAN),
                ("pixels", Quantity::Count, 40.0),
            ]
            .map(|(name, quantity, value)| Figure::new(name, quantity, value))
            .into(),
            ..StepReport::default()
        };
        let lines = lines_from_event(&Event::Steps(vec![step(1), step(2)]));
        assert_eq!(lines.len(), 2);
        assert_eq!(lines[1]["event"], "step");
        assert_eq!(lines[1]["phase"], "teacher");
        assert_eq!(lines[1]["step"], 2);
        assert_eq!(lines[1]["terms"]["total"], 1.5);
        assert!(lines[1]["terms"]["contrast"].is_null());
        assert_eq!(lines[1]["kinds"], json!({"count": ["pixels"]}));
    }

    #[test]
    fn every_other_event_is_one_object_with_its_tag() {
        let line = lines_from_event(&Event::State(SessionState::Failed(Failure::refused("x"))));
        assert_eq!(line[0], json!({"event": "state", "state": "failed", "kind": "refused", "reason": "x"}));
        let line = lines_from_event(&Event::Run { path: "runs/a b".into(), checkpoint: None });
        assert_eq!(line[0], json!({"event": "run", "path": "runs/a b"}));
        let line = lines_from_event(&Event::Evaluation(fusionscope_engine::protocol::EvaluationReport::default()));
        assert_eq!(line[0]["event"], "evaluation");
        assert!(line[0]["subsets"].is_array());
    }

    #[cfg(unix)]
    #[test]
    fn every_event_with_a_path_has_a_line_whatever_its_bytes() {
        use std::ffi::OsStr;
        use std::os::unix::ffi::OsStrExt as _;
        use std::path::PathBuf;

        use fusionscope_engine::protocol::{DatasetSummary, RunState, RunSummary};

        let path = PathBuf::from(OsStr::from_bytes(b"/d\xff"));
        let run = RunSummary {
            path: path.clone(),
            name: "demo".to_owned(),
            started: String::new(),
            dataset: String::new(),
            step: 1,
            steps: 2,
            state: RunState::Incomplete,
            score: None,
        };
        let events = [
            Event::Dataset(DatasetSummary { path: path.clone(), ..DatasetSummary::default() }),
            Event::Run { path: path.clone(), checkpoint: None },
            Event::Model { path: path.clone() },
            Event::DataGone { path: path.clone(), failure: Failure::refused("x") },
            Event::Runs { path: path.clone(), runs: vec![run] },
            Event::Checkpoint { step: 1, path },
        ];
        let bytes = json!({"Unix": [47, 100, 255]});
        for event in events {
            let line = lines_from_event(&event).remove(0);
            assert_eq!(line["path"], bytes, "{line}");
            if let Some(run) = line.get("runs") {
                assert_eq!(run[0]["path"], bytes, "{line}");
            }
            // As it is for a session in another process.
            let text = serde_json::to_string(&event).unwrap();
            assert_eq!(serde_json::from_str::<Event>(&text).unwrap(), event);
        }
    }
}
