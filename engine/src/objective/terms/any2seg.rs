//! Any2Seg's terms: distillation from a vision-language model (§3.2).

use burn::tensor::Tensor;

use super::{LanguageVectors, Sum, sensor_heads};
use crate::network::Output;
use crate::objective::labels::Labels;
use crate::objective::language::{Averaging, Direction, Divergence, inter_modal, intra_modal};
use crate::protocol::{Figure, Quantity};
use crate::recipe::Recipe;

/// Correlations between sensors and likeness between classes, as far as there are vectors.
pub(super) fn language_terms(
    recipe: &Recipe,
    output: &Output,
    labels: &Labels,
    vectors: &LanguageVectors,
    sum: &mut Sum,
) {
    let divergence = |component: &str| Divergence {
        temperature: recipe.number(&format!("{component}.temperature")),
        direction: match recipe.text(&format!("{component}.direction")) {
            "student" => Direction::Student,
            _ => Direction::Teacher,
        },
    };
    if recipe.switch("objective.inter_modal.enabled")
        && let Some(student) = &output.training.correlations
        && vectors.correlations.iter().any(Option::is_some)
    {
        sum.add("inter_modal", recipe.number("objective.inter_modal.weight"), || {
            inter_modal(student, &vectors.correlations, divergence("objective.inter_modal"))
        });
        sum.figures.extend(correlation_figures(output, student, &vectors.correlations));
    }
    if recipe.switch("objective.intra_modal.enabled")
        && let (Some(map), Some(names)) = (&output.features.agnostic, &vectors.likeness)
    {
        let averaging = match recipe.text("objective.intra_modal.averaging") {
            "image" => Averaging::Image,
            _ => Averaging::Batch,
        };
        sum.add("intra_modal", recipe.number("objective.intra_modal.weight"), || {
            intra_modal(map, labels, names, averaging, divergence("objective.intra_modal"))
        });
    }
}

/// Each sensor's correlation, the student's and the teacher's, as means over the scenes that have vectors.
fn correlation_figures(output: &Output, student: &Tensor<2>, teacher: &[Option<Vec<f64>>]) -> Vec<Figure> {
    let sensors = student.dims()[1];
    let student = student.clone().inner().into_data_as::<f32>();
    let rows = student.as_slice::<f32>().unwrap_or_default().chunks(sensors).zip(teacher);
    let known: Vec<(&[f32], &Vec<f64>)> = rows.filter_map(|(row, taught)| Some((row, taught.as_ref()?))).collect();
    let names = sensor_heads(output);
    let count = known.len().max(1) as f64;
    let figures = |sensor: usize| {
        let name = names.get(sensor).map_or_else(|| format!("sensor{}", sensor + 1), |(name, _)| name.clone());
        let own = known.iter().map(|(row, _)| f64::from(row[sensor])).sum::<f64>() / count;
        let taught = known.iter().filter_map(|(_, row)| row.get(sensor)).sum::<f64>() / count;
        [("student", own), ("teacher", taught)].map(|(whose, value)| {
            Figure::new(format!("inter_modal.{whose}.{name}"), Quantity::Correlation, value as f32)
        })
    };
    (0..sensors).flat_map(figures).collect()
}
