//! What a student has of its teacher, in a scene that is looked at.

use std::cell::LazyCell;

use burn::tensor::Tensor;

use super::ogp_net::{guiding_head, guiding_maps, relation_input};
use super::{Seen, sensor_heads};
use crate::network::{Output, Probes, Range, Shown};
use crate::objective::labels::{Labels, Targets};
use crate::objective::relation::{Correlations, correlations};
use crate::protocol::FIGURES;
use crate::recipe::Recipe;
use crate::recipe::catalogue::objective;

/// The maps that feature distillation compares, in the order of [`guiding_maps`].
const MAPS: [&str; 3] = ["stage4", "stage5", "decoder"];

/// Offers `teacher.prediction`; `feature.difference.MAP`, |F − F_teacher| of the guiding sensor, the mean over channels
/// (OGP-Net Eq. 3 before it is squared); `relation.pixels`, Pearson's coefficient of each pixel across the classes; and as
/// numbers `relation.CLASS`, that of each class across the pixels (Eqs. 5 and 6, DIST).
pub(in crate::objective) fn seen_probes(recipe: &Recipe, seen: &Seen<'_>, probes: &mut Probes) {
    let Some(ask) = seen.teacher.filter(|_| probes.is_on()) else { return };
    let teacher = LazyCell::new(ask);
    let taught = || teacher.as_ref().map_err(Clone::clone);
    probes.try_record("teacher.prediction", Shown::Classes(seen.classes.to_vec()), || {
        let (_, logits) = taught()?.main_head().ok_or("the teacher has no head")?;
        Ok(logits.clone().argmax(1).float())
    });
    if recipe.get(objective::feature::ENABLED) {
        for (place, name) in MAPS.into_iter().enumerate() {
            probes.try_record(&format!("feature.difference.{name}"), Shown::Scalar(None), || {
                let (own, theirs) = (guiding_maps(seen.output), guiding_maps(taught()?));
                let pair = own.get(place).zip(theirs.get(place));
                let (own, theirs) = pair.ok_or("the guiding sensor has no such map")?;
                Ok(((*own).clone().inner() - (*theirs).clone().inner()).abs())
            });
        }
    }
    if recipe.get(objective::relation::ENABLED) {
        let found = LazyCell::new(|| related(recipe, seen, taught()?));
        let map = || found.as_ref().map(|found| found.pixels.values.clone()).map_err(Clone::clone);
        probes.try_record("relation.pixels", Shown::Scalar(Some(Range::plain(-1.0, 1.0))), map);
        if probes.wants(FIGURES)
            && let Ok(Correlations { classes, .. }) = &*found
        {
            let [values, defined] =
                [&classes.values, &classes.defined].map(|of| of.to_data().iter::<f32>().collect::<Vec<_>>());
            for (class, name) in seen.classes.iter().enumerate() {
                // A class whose scores are the same everywhere has no correlation.
                if defined.get(class).is_some_and(|&defined| defined > 0.0) {
                    probes.fact(&format!("relation.{name}"), || values[class]);
                }
            }
        }
    }
}

/// The correlations of the guiding sensor's scores with the teacher's, over the labelled pixels; over all where there is no
/// label.
fn related(recipe: &Recipe, seen: &Seen<'_>, teacher: &Output) -> Result<Correlations, String> {
    let missing = || {
        let heads: Vec<&str> = sensor_heads(seen.output).iter().map(|(name, _)| name.as_str()).collect();
        format!("the guiding sensor has no head of its own beside the teacher's (heads: {})", heads.join(", "))
    };
    let (student, teacher) = guiding_head(seen.output).zip(guiding_head(teacher)).ok_or_else(missing)?;
    let (student, teacher): (Tensor<4>, Tensor<4>) = (student.clone().inner(), teacher.clone().inner());
    let [batch, _, height, width] = student.dims();
    let everywhere = || Labels { ids: vec![0; batch * height * width], batch, height, width };
    let labels = seen.labels.cloned().unwrap_or_else(everywhere);
    Ok(correlations(&student, &teacher, &Targets::for_logits(&labels, &student), relation_input(recipe)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::Carried;
    use crate::objective::check::{close, labels, logits, scalar, targets_of, wave_tensor};
    use crate::objective::relation::{RelationInput, relation};

    fn output(head: Tensor<4>, phase: f64) -> Output {
        let mut output = Output { heads: vec![("colour".to_owned(), head)], ..Output::default() };
        output.features.stages =
            vec![(0..4).map(|stage| wave_tensor([2, 3, 2, 2], phase + f64::from(stage))).collect()];
        output.features.decoded = vec![wave_tensor([2, 5, 2, 3], phase)];
        output
    }

    #[test]
    fn what_is_shown_of_a_teacher_is_what_distillation_costs() {
        let recipe = Recipe::defaults("r");
        let (student, teacher) = (output(logits(), 0.3), output(wave_tensor([2, 4, 2, 3], 2.1), 1.1));
        let (carried, labels) = (Carried::new(), labels());
        let classes = ["road", "car", "person", "sky"].map(str::to_owned);
        let ask = || Ok(teacher.clone());
        let seen =
            Seen { carried: &carried, output: &student, classes: &classes, labels: Some(&labels), teacher: Some(&ask) };
        let mut probes = Probes::on();
        seen_probes(&recipe, &seen, &mut probes);
        let numbers = |name: &str| probes.maps()[name].map.to_data().try_to_vec::<f32>().unwrap();
        let targets = targets_of(labels.clone(), 4);
        let counted: Vec<usize> = (0..12).filter(|&pixel| targets.class_of(pixel).is_some()).collect();
        let mean = |values: &[f32]| values.iter().sum::<f32>() / values.len() as f32;
        let pixels: Vec<f32> = counted.iter().map(|&pixel| numbers("relation.pixels")[pixel]).collect();
        let of_classes: Vec<f32> = classes.iter().map(|name| probes.facts()[&format!("relation.{name}")]).collect();
        let cost = scalar(&relation(&student.heads[0].1, &teacher.heads[0].1, &targets, RelationInput::Softmax));
        close(2.0 - mean(&pixels) - mean(&of_classes), cost, 1e-4);
        let own = student.features.decoded[0].to_data().try_to_vec::<f32>().unwrap();
        let theirs = teacher.features.decoded[0].to_data().try_to_vec::<f32>().unwrap();
        for ((found, own), theirs) in numbers("feature.difference.decoder").iter().zip(own).zip(theirs) {
            close(*found, (own - theirs).abs(), 1e-6);
        }
        assert!(probes.maps().contains_key("teacher.prediction") && probes.refused().is_empty());
    }

    #[test]
    fn a_teacher_that_cannot_answer_is_asked_once_and_the_reason_is_told() {
        let (recipe, student, carried) = (Recipe::defaults("r"), output(logits(), 0.3), Carried::new());
        let asked = std::cell::Cell::new(0);
        let ask = || {
            asked.set(asked.get() + 1);
            Err("it is not in this file".to_owned())
        };
        let seen = Seen { carried: &carried, output: &student, classes: &[], labels: None, teacher: Some(&ask) };
        let mut probes = Probes::watching(["loss.fused".to_owned()]);
        seen_probes(&recipe, &seen, &mut probes);
        assert!(asked.get() == 0 && probes.offered().contains("teacher.prediction"));
        let mut probes = Probes::on();
        seen_probes(&recipe, &seen, &mut probes);
        assert!(asked.get() == 1 && probes.maps().is_empty());
        assert_eq!(probes.refused()["feature.difference.stage5"], "it is not in this file");
    }
}
