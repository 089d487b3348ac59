//! `fusionscope bench`: how long a training step takes here, and where its time goes.

use std::sync::Arc;

use fusionscope_engine::data::{Dataset, Reading};
use fusionscope_engine::device;
use fusionscope_engine::protocol::{Phase, counted};
use fusionscope_engine::recipe::Value;
use fusionscope_engine::recipe::catalogue::{adaptation, data, teacher};
use fusionscope_engine::stopwatch::{self, Layer, Span};
use fusionscope_engine::training::{Lengths, Phases, Trainer};
use serde::Serialize;

use super::arguments::BenchArguments;
use super::exit::{Exit, Failure, OrFail as _, Outcome};
use super::interrupt::Interrupt;
use super::progress::Progress;
use super::{output, sample_data, train};

/// Steps of each phase that warm caches, allocators and shaders, and are not counted.
const WARM_UP: u64 = 3;

/// What was measured of one phase.
#[derive(Debug, Serialize)]
struct PhaseTimes {
    phase: &'static str,
    steps: usize,
    batch: usize,
    median_ms: f64,
    shortest_ms: f64,
    images_per_second: f64,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    profile: Vec<Line>,
}

/// How many steps a time is long enough for.
#[derive(Debug, Serialize)]
struct Within {
    seconds: f64,
    steps: Lengths,
    /// Medians, 0 of a phase that the recipe does not have.
    secs_a_step: Phases<f64>,
}

impl Within {
    fn words(&self) -> String {
        let Self { seconds, steps, .. } = self;
        let phases = [(steps.teacher, "teacher"), (steps.student, "student"), (steps.adaptation, "adaptation")];
        let words = phases.iter().filter(|(steps, _)| *steps > 0);
        let words: Vec<String> =
            words.map(|(steps, phase)| format!("{} of the {phase} phase", counted(*steps, "step"))).collect();
        format!("within {seconds} seconds: {}", words.join(", "))
    }
}

/// One line of a profile, on average over the counted steps.
#[derive(Debug, Serialize)]
struct Line {
    kernel: bool,
    name: &'static str,
    ms: f64,
    calls: f64,
}

/// Takes some steps of each phase of a recipe and prints their times.
pub fn run(arguments: &BenchArguments, interrupt: Interrupt) -> Outcome {
    let counted = arguments.recipe.steps.unwrap_or(20);
    let mut recipe = train::recipe_of(&arguments.recipe)?;
    let asked = recipe.clone();
    let teaches = recipe.get(teacher::STEPS) > 0;
    let adapts = recipe.get(adaptation::STEPS) + recipe.get(adaptation::EPOCHS) > 0;
    let steps = Value::Integer((counted + WARM_UP) as i64);
    if teaches {
        recipe.set("teacher.steps", steps.clone()).or_fail()?;
    }
    if adapts {
        recipe.set("adaptation.steps", steps.clone()).or_fail()?;
    }
    recipe.set("training.steps", steps).or_fail()?;
    let (device, words) = device::choose(arguments.device).or_fail()?;
    let path = sample_data::given_or_sample(arguments.data.as_deref(), arguments.voice, interrupt)?;
    let mut progress = Progress::new(arguments.voice);
    let mut watched = |_: &str, _: u64, _: u64| interrupt.goes_on();
    let dataset = Dataset::open_reaching(&path, arguments.trust.reach(), &mut watched).or_fail()?;
    let dataset = Arc::new(dataset.read_as(&Reading::of(&recipe)).or_fail()?);
    let lengths = arguments.within.map(|_| Lengths::of(&asked, &dataset, &mut watched)).transpose().or_fail()?;
    let mut trainer = Trainer::new(&recipe, &dataset, (device, words.clone()), &mut watched).or_fail()?;
    progress.begin("taking steps", 0);
    let mut phases: Vec<(&'static str, Vec<f64>, Vec<Span>)> = Vec::new();
    while !trainer.is_done() {
        let (phase, before) = (trainer.phase().name(), trainer.phase_steps_done());
        let report = trainer.step().or_fail()?;
        if interrupt.was_pressed() {
            progress.end();
            return Err(Failure::new(Exit::Interrupted, "interrupted; nothing was measured"));
        }
        let spans = stopwatch::take();
        progress.advance(report.step, report.total_steps, phase);
        if phases.last().is_none_or(|(known, ..)| *known != phase) {
            phases.push((phase, Vec::new(), Vec::new()));
        }
        if let Some((_, times, all)) = phases.last_mut().filter(|_| before >= WARM_UP) {
            times.push(report.secs);
            for span in spans {
                stopwatch::add(all, span);
            }
        }
    }
    progress.end();
    let batch = recipe.get(data::BATCH_SIZE);
    let phases: Vec<PhaseTimes> = phases
        .into_iter()
        .map(|(phase, times, spans)| measured(phase, times, &spans, batch, arguments.profile))
        .collect();
    let within = arguments.within.zip(lengths).map(|(seconds, lengths)| within(seconds, lengths, &phases));
    let peak = peak_megabytes();
    if arguments.voice.json {
        output::json(&serde_json::json!({
            "event": "bench", "recipe": recipe.name, "device": words, "phases": phases, "peak_memory_mb": peak,
            "within": within,
        }))?;
        return Ok(Exit::Done);
    }
    output::line(&format!("{} on {words}, batch {batch}, {}", recipe.name, dataset.name));
    for phase in &phases {
        output::text(&table(phase));
    }
    if let Some(within) = within {
        output::line(&within.words());
    }
    if let Some(peak) = peak {
        output::line(&format!("peak memory {peak:.0} MB"));
    }
    Ok(Exit::Done)
}

/// The recipe's phases, shortened or lengthened alike to take these seconds.
fn within(seconds: f64, lengths: Lengths, phases: &[PhaseTimes]) -> Within {
    let secs = |phase: Phase| {
        phases.iter().find(|times| times.phase == phase.name()).map_or(0.0, |times| times.median_ms / 1e3)
    };
    let secs_a_step =
        Phases { teacher: secs(Phase::Teacher), student: secs(Phase::Student), adaptation: secs(Phase::Adaptation) };
    Within { seconds, steps: lengths.within(seconds, secs_a_step), secs_a_step }
}

fn measured(phase: &'static str, mut times: Vec<f64>, spans: &[Span], batch: usize, profile: bool) -> PhaseTimes {
    times.sort_by(f64::total_cmp);
    let steps = times.len();
    let median = times.get(steps / 2).copied().unwrap_or(f64::NAN);
    let mut lines: Vec<Line> = spans
        .iter()
        .filter(|_| profile)
        .map(|span| Line {
            kernel: span.layer == Layer::Kernel,
            name: span.name,
            ms: 1e3 * span.secs / steps as f64,
            calls: f64::from(span.calls) / steps as f64,
        })
        .collect();
    lines.sort_by(|left, right| left.kernel.cmp(&right.kernel).then(right.ms.total_cmp(&left.ms)));
    PhaseTimes {
        phase,
        steps,
        batch,
        median_ms: 1e3 * median,
        shortest_ms: 1e3 * times.first().copied().unwrap_or(f64::NAN),
        images_per_second: batch as f64 / median,
        profile: lines,
    }
}

fn table(phase: &PhaseTimes) -> String {
    let mut text = format!(
        "{} phase, {}: median {:.1} ms, shortest {:.1} ms, {:.0} images a second\n",
        phase.phase,
        counted(phase.steps as u64, "step"),
        phase.median_ms,
        phase.shortest_ms,
        phase.images_per_second
    );
    for line in &phase.profile {
        let name = if line.kernel { format!("  · {}", line.name) } else { format!("  {}", line.name) };
        let share = 100.0 * line.ms / phase.median_ms;
        text.push_str(&format!("{name:<42} {:>8.2} ms {share:>5.1} % {:>6.0} calls\n", line.ms, line.calls));
    }
    text
}

/// The most memory that this process has held, where the system tells.
fn peak_megabytes() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kilobytes: f64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kilobytes / 1e3)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn medians_and_profiles_are_of_the_counted_steps() {
        let span = |layer, name, secs| Span { layer, name, secs, calls: 2 };
        let each = [
            span(Layer::Kernel, "norm", 0.1),
            span(Layer::Part, "forward", 0.2),
            span(Layer::Part, "backward", 0.4),
            span(Layer::Part, "forward", 0.2),
        ];
        let mut spans = Vec::new();
        for span in each {
            stopwatch::add(&mut spans, span);
        }
        let phase = measured("student", vec![0.4, 0.1, 0.2, 0.3], &spans, 4, true);
        assert_eq!((phase.steps, phase.median_ms, phase.shortest_ms), (4, 300.0, 100.0));
        let lines: Vec<_> = phase.profile.iter().map(|line| (line.name, line.ms.round(), line.calls)).collect();
        assert_eq!(lines, [("forward", 100.0, 1.0), ("backward", 100.0, 0.5), ("norm", 25.0, 0.5)]);
        assert!(table(&phase).contains("images a second"));
        let within = within(12.0, Lengths { teacher: 0, student: 10, adaptation: 0 }, std::slice::from_ref(&phase));
        assert_eq!((within.steps.teacher, within.steps.student), (0, 40), "{within:?}");
        assert_eq!(within.words(), "within 12 seconds: 40 steps of the student phase");
        assert!(measured("student", vec![0.4], &spans, 4, false).profile.is_empty());
    }
}
