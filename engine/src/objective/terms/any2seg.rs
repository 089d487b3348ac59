//! Any2Seg's terms: distillation from a vision-language model (§3.2).

use burn::tensor::Tensor;

use super::{LanguageVectors, Sum, sensor_heads};
use crate::network::{Late, LateFigures, Output};
use crate::objective::labels::Labels;
use crate::objective::language::{self, Direction, Divergence};
use crate::protocol::Quantity;
use crate::recipe::catalogue::objective::{inter_modal, intra_modal};
use crate::recipe::{Key, Recipe};

/// Correlations between sensors and likeness between classes, as far as there are vectors.
pub(super) fn language_terms(
    recipe: &Recipe,
    output: &Output,
    labels: &Labels,
    vectors: &LanguageVectors,
    sum: &mut Sum,
) {
    let divergence = |temperature: Key<f64>, direction: Key<Direction>| Divergence {
        temperature: recipe.get(temperature),
        direction: recipe.get(direction),
    };
    if recipe.get(inter_modal::ENABLED)
        && let Some(student) = &output.training.correlations
        && vectors.correlations.iter().any(Option::is_some)
    {
        sum.add("inter_modal", recipe.get(inter_modal::WEIGHT), || {
            language::inter_modal(
                student,
                &vectors.correlations,
                divergence(inter_modal::TEMPERATURE, inter_modal::DIRECTION),
            )
        });
        sum.late.push(correlation_figures(output, student, &vectors.correlations));
    }
    if recipe.get(intra_modal::ENABLED)
        && let (Some(map), Some(names)) = (&output.features.agnostic, &vectors.likeness)
    {
        let averaging = recipe.get(intra_modal::AVERAGING);
        sum.add("intra_modal", recipe.get(intra_modal::WEIGHT), || {
            language::intra_modal(
                map,
                labels,
                names,
                averaging,
                divergence(intra_modal::TEMPERATURE, intra_modal::DIRECTION),
            )
        });
    }
}

/// Each sensor's correlation, the student's and the teacher's, as means over the scenes that have vectors.
fn correlation_figures(output: &Output, student: &Tensor<2>, teacher: &[Option<Vec<f64>>]) -> LateFigures {
    let [rows, sensors] = student.dims();
    let known: Vec<(usize, &Vec<f64>)> =
        teacher.iter().take(rows).enumerate().filter_map(|(row, taught)| Some((row, taught.as_ref()?))).collect();
    let names = sensor_heads(output);
    let count = known.len().max(1) as f64;
    let figures = |sensor: usize| {
        let name = names.get(sensor).map_or_else(|| format!("sensor{}", sensor + 1), |(name, _)| name.clone());
        let own = Late::Mean(known.iter().map(|(row, _)| row * sensors + sensor).collect());
        let taught = known.iter().filter_map(|(_, row)| row.get(sensor)).sum::<f64>() / count;
        [("student", own), ("teacher", Late::Known(taught as f32))]
            .map(|(whose, late)| (format!("inter_modal.{whose}.{name}"), late))
    };
    LateFigures {
        quantity: Quantity::Correlation,
        figures: (0..sensors).flat_map(figures).collect(),
        numbers: student.clone().inner().reshape([rows * sensors]),
    }
}
