//! Distillation: what the teacher learns from, and into which sensors it goes.

use std::path::Path;
use std::sync::Arc;

use burn::tensor::Tensor;

use super::Trainer;
use super::combination_tests::{data, trainer};
use crate::data::Dataset;
use crate::fixtures::tiny_recipe;
use crate::network::Model;
use crate::progress::unwatched;
use crate::protocol::{Phase, StepReport};
use crate::recipe::Recipe;

fn recipe(settings: &[(&str, &str)]) -> Recipe {
    let mut recipe = tiny_recipe().unwrap();
    for (key, value) in settings {
        recipe.set_text(key, value).unwrap();
    }
    recipe
}

fn totals(mut trainer: Trainer) -> Vec<u32> {
    let mut totals = Vec::new();
    while !trainer.is_done() {
        totals.push(trainer.step().unwrap().term("total").unwrap().to_bits());
    }
    totals
}

/// The first step of a phase.
fn first(trainer: &mut Trainer, phase: Phase) -> StepReport {
    loop {
        let report = trainer.step().unwrap();
        if report.phase == phase {
            return report;
        }
    }
}

#[test]
fn a_teacher_learns_whatever_the_student_s_own_heads_weigh() {
    let (_folder, dataset) = data();
    let traces = ["1", "0"].map(|weight| {
        let recipe = recipe(&[("objective.segmentation.sensors", weight), ("objective.auxiliary", "off")]);
        let mut trainer = trainer(&recipe, &dataset).unwrap();
        let teacher = first(&mut trainer, Phase::Teacher);
        assert!(teacher.term("segmentation.colour").is_some(), "{teacher:?}");
        let student = first(&mut trainer, Phase::Student);
        assert_eq!(student.term("segmentation.colour").is_some(), weight == "1", "{student:?}");
        teacher.term("total").map(f32::to_bits)
    });
    assert_eq!(traces[0], traces[1]);
}

#[test]
fn a_student_of_the_other_sensor_alone_distils_from_the_teacher_s_and_resumes_exactly() {
    let (_folder, dataset) = data();
    for kind in ["dist", "kl", "cwd"] {
        let recipe = recipe(&[("teacher.student", "others"), ("objective.relation.kind", kind)]);
        let mut trainer = trainer(&recipe, &dataset).unwrap();
        let names = |trainer: &Trainer| trainer.model().network.sensors().to_vec();
        assert_eq!(names(&trainer), ["colour"]);
        let report = first(&mut trainer, Phase::Student);
        assert_eq!(names(&trainer), ["thermal"]);
        assert_eq!(trainer.model().sensors.iter().map(|sensor| sensor.name.as_str()).collect::<Vec<_>>(), ["thermal"]);
        for term in ["segmentation.thermal", "relation", "feature"] {
            assert!(report.term(term).is_some_and(|value| value > 0.0), "{kind}: {report:?}");
        }
        let checkpoint = trainer.checkpoint();
        let device = (burn::tensor::Device::flex(), "CPU".to_owned());
        let resumed = Trainer::resume(&checkpoint, &dataset, device, Path::new("run"), &mut unwatched).unwrap();
        assert_eq!(totals(trainer), totals(resumed), "{kind}");
    }
}

#[test]
fn a_frozen_teacher_is_a_model_that_can_be_evaluated_and_stays_what_it_was() {
    let (_folder, dataset) = data();
    let mut trainer = trainer(&recipe(&[]), &dataset).unwrap();
    assert!(trainer.teacher_model().is_none());
    while trainer.phase() == Phase::Teacher {
        assert!(!trainer.has_new_teacher());
        trainer.step().unwrap();
    }
    let begun = trainer.teacher_model().unwrap();
    assert!(trainer.evaluation_is_due() && trainer.has_new_teacher());
    assert_eq!((trainer.model_to_evaluate().phase, trainer.model_to_evaluate().sensors.len()), (Phase::Teacher, 1));
    assert_eq!(trainer.model().phase, Phase::Student);
    assert_eq!(begun.sensors.iter().map(|sensor| sensor.name.as_str()).collect::<Vec<_>>(), ["colour"]);
    assert_eq!(begun.step, 2);
    let said = |model: &Model| {
        let image = Tensor::<4>::ones([1, 3, 32, 48], &model.device) * 0.3;
        model.predict(&[Some(image)]).remove(0).1.into_data()
    };
    let expected = said(&begun);
    trainer.step().unwrap();
    assert_eq!((trainer.evaluation_is_due(), trainer.model_to_evaluate().phase), (false, Phase::Student));
    while !trainer.is_done() {
        trainer.step().unwrap();
    }
    assert_eq!(said(&trainer.teacher_model().unwrap()), expected);
}

#[test]
fn without_distillation_such_a_student_is_the_network_of_its_sensor() {
    let (_folder, dataset) = data();
    let off = [("objective.relation", "off"), ("objective.feature", "off")];
    let trace = |dataset: &Arc<Dataset>, more: &[(&str, &str)]| {
        totals(trainer(&recipe(&[&off[..], more].concat()), dataset).unwrap())
    };
    let student = trace(&dataset, &[("sensors.use", "colour,thermal"), ("teacher.student", "others")]);
    assert_eq!(student, trace(&dataset, &[("sensors.use", "thermal")]));
    assert_ne!(student, trace(&dataset, &[("sensors.use", "colour")]));
}

#[test]
fn a_student_without_a_sensor_is_refused_by_its_key() {
    let (_folder, dataset) = data();
    let refused = trainer(&recipe(&[("sensors.use", "thermal"), ("teacher.student", "others")]), &dataset);
    let message = refused.err().expect("a refusal").to_string();
    assert!(message.contains("`teacher.student`") && message.contains("`thermal`"), "{message}");
}
