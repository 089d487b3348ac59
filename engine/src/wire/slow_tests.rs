//! A session over a slow line: a megabyte a second, a tenth of a second each way.

use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::*;
use crate::device::DeviceChoice;
use crate::fixtures::slow_line::{Cutter, session_afar};
use crate::fixtures::{TinyData, tiny_recipe, write_tiny_data};
use crate::protocol::{Command, Content, Event, SessionState, ViewRequest, WhatIf};
use crate::recipe::Value;
use crate::session::SessionOptions;

const LIMIT: Duration = Duration::from_mins(1);

/// A session behind a slow line.
struct Afar {
    folder: TempDir,
    client: Client,
    cutter: Cutter,
}

impl Afar {
    fn new(photographs: Photographs) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let size = TinyData { width: 320, height: 240, ..TinyData::default() };
        write_tiny_data(&folder.path().join("data"), &size).unwrap();
        let cutter = Cutter::default();
        let runs_dir = folder.path().join("runs");
        let options = SessionOptions { device: DeviceChoice::Cpu, runs_dir, cache: None, ..SessionOptions::default() };
        let afar = Self { folder, client: session_afar(options, photographs, &cutter).unwrap(), cutter };
        let mut recipe = tiny_recipe().unwrap();
        recipe.set("training.steps", Value::Integer(100_000)).unwrap();
        afar.send(Command::LoadData { path: afar.folder.path().join("data") });
        afar.send(Command::LoadRecipe { recipe });
        afar
    }

    fn send(&self, command: Command) {
        self.client.send(command).unwrap();
    }

    #[track_caller]
    fn until(&self, is_end: impl Fn(&Event) -> bool) {
        let begun = Instant::now();
        while !self.client.events().recv_timeout(LIMIT).is_ok_and(|event| is_end(&event)) {
            assert!(begun.elapsed() < LIMIT);
        }
    }

    /// How long it takes until the pictures of this request are there.
    #[track_caller]
    fn seconds_to(&self, request: &ViewRequest) -> Duration {
        // What came while nobody looked is taken first: the next one does not go out before.
        let _seen = self.client.view(0);
        let begun = Instant::now();
        self.send(Command::View(request.clone()));
        loop {
            self.until(|event| *event == Event::ViewReady { view: 0 });
            if self.client.view(0).is_some_and(|view| view.request == *request) {
                return begun.elapsed();
            }
        }
    }
}

impl Drop for Afar {
    fn drop(&mut self) {
        self.cutter.cut();
    }
}

fn request(dropped: &[String]) -> ViewRequest {
    ViewRequest { split: "val".to_owned(), what_if: WhatIf::without(dropped), ..ViewRequest::default() }
}

#[test]
fn pictures_are_there_soon_and_a_dropped_sensor_changes_the_mask_at_once() {
    for photographs in [Photographs::Png, Photographs::Jpeg] {
        let begun = Instant::now();
        let afar = Afar::new(photographs);
        let first = request(&[]);
        afar.until(|event| matches!(event, Event::Dataset(_)));
        afar.seconds_to(&first);
        assert!(begun.elapsed() < Duration::from_secs(2), "the first picture took {:?}", begun.elapsed());
        // The teacher's two steps, in which the network of the pictures has not begun, and one more.
        afar.send(Command::Start);
        afar.until(|event| matches!(event, Event::Steps(steps) if steps.iter().any(|step| step.step > 2)));
        afar.send(Command::Pause);
        afar.until(|event| *event == Event::State(SessionState::Paused));
        afar.seconds_to(&ViewRequest { index: 1, ..first.clone() });
        // The best of several: the machine may have other work.
        let drops = ["thermal", "colour", "thermal", "colour"].map(|sensor| {
            let took = afar.seconds_to(&request(&[sensor.to_owned()]));
            let view = afar.client.view(0).unwrap();
            assert!(view.tiles.iter().any(|tile| matches!(tile.content, Content::Prediction(_))));
            took
        });
        let best = drops.iter().min().unwrap();
        assert!(*best < Duration::from_millis(500), "a dropped sensor changed the mask after {drops:?}");
    }
}

#[test]
fn commands_and_events_do_not_wait_behind_pictures() {
    let afar = Afar::new(Photographs::Png);
    afar.until(|event| matches!(event, Event::Dataset(_)));
    afar.send(Command::Start);
    afar.until(|event| matches!(event, Event::Steps(_)));
    let mut answered = Vec::new();
    for round in 0..4 {
        // Other photographs each time, in twenty views: more than a second of the line.
        for view in 0..20 {
            let index = (round + view as usize) % 6;
            afar.send(Command::View(ViewRequest { view, index, split: "train".to_owned(), ..ViewRequest::default() }));
        }
        std::thread::sleep(Duration::from_millis(300));
        let begun = Instant::now();
        afar.send(Command::Pause);
        afar.until(|event| *event == Event::State(SessionState::Paused));
        answered.push(begun.elapsed());
        for view in 0..20 {
            let _newest = afar.client.view(view);
        }
        afar.send(Command::Start);
        afar.until(|event| matches!(event, Event::Steps(_)));
    }
    let best = answered.iter().min().unwrap();
    assert!(*best < Duration::from_millis(800), "a pause was answered after {answered:?}");
}
