//! Our sides of the protocol: answers requests from standard input, one line each.
//!
//! `layer WORDS` answers the milliseconds of the forward pass and of both passes, `build FAMILY BATCH HEIGHT WIDTH` the
//! number of trained parameters, `step` the milliseconds of one training step, `answer SCENES` the seconds of so many scenes
//! for all sensors together and each alone, `peak` the mebibytes that the process
//! has ever held at once, and PyTorch on CUDA then those that it has ever reserved on the card. What cannot be answered
//! gets an empty line.

use std::collections::HashMap;
use std::io::{Write as _, stdin, stdout};

use fusionscope_engine::device::choose;
use fusionscope_engine::memory;
use fusionscope_engine::recipe::catalogue::training::Precision;

use crate::layer::Layer;
use crate::student::Student;

/// The word for mixed precision, after the device's.
pub const MIXED: &str = "mixed";

/// Serves until the input ends.
pub fn serve(words: &[&str]) {
    let chosen = words.first().unwrap_or(&"cpu").parse().and_then(choose);
    let precision = if words.contains(&MIXED) { Precision::Mixed } else { Precision::Full };
    let (device, words) = match chosen {
        Ok(found) => found,
        Err(error) => {
            println!("absent {error}");
            return;
        }
    };
    println!("ready {words}");
    let mut layers: HashMap<String, Option<Layer>> = HashMap::new();
    let mut student = None;
    for request in stdin().lines().map_while(Result::ok) {
        let (verb, rest) = request.split_once(' ').unwrap_or((&request, ""));
        let answer: Vec<f64> = match verb {
            "layer" => {
                let layer = layers.entry(rest.to_owned()).or_insert_with(|| Layer::prepare(rest, &device));
                layer.as_mut().map(Layer::measure).into_iter().flatten().collect()
            }
            "build" => {
                let (family, numbers) = rest.split_once(' ').unwrap_or((rest, ""));
                let size: Vec<usize> = numbers.split_whitespace().filter_map(|number| number.parse().ok()).collect();
                let size = size.try_into().expect("batch, height and width");
                student = None;
                vec![student.insert(Student::new(family, size, precision, &device)).parameters()]
            }
            "step" => student.as_mut().map(Student::step).into_iter().collect(),
            "answer" => student
                .as_ref()
                .zip(rest.parse().ok())
                .map(|(student, scenes)| student.answer(scenes))
                .into_iter()
                .collect(),
            "peak" => peak_mebibytes().into_iter().collect(),
            _ => Vec::new(),
        };
        println!("{}", answer.iter().map(f64::to_string).collect::<Vec<_>>().join(" "));
        // The asking side may have ended.
        if stdout().flush().is_err() {
            return;
        }
    }
}

/// The largest resident set so far, where the system keeps that figure.
fn peak_mebibytes() -> Option<f64> {
    memory::peak_bytes().map(|bytes| bytes as f64 / f64::from(1 << 20))
}
