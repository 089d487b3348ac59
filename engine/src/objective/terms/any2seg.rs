//! Any2Seg's terms: distillation from a vision-language model (§3.2).

use burn::tensor::Tensor;

use super::{LanguageVectors, Sum, sensor_heads};
use crate::network::Output;
use crate::objective::labels::Labels;
use crate::objective::language::{self, Direction, Divergence};
use crate::protocol::{Figure, Quantity};
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
        sum.figures.extend(correlation_figures(output, student, &vectors.correlations));
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
