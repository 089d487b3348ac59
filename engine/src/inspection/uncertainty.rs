//! How sure the heads are, and whether they agree.

use burn::tensor::Tensor;

use crate::network::{Probes, Range};

/// Records, for class probabilities `[1, classes, h, w]` by head, all of one size:
/// - `uncertainty.entropy.<head>`: −Σ p ln p, 0 (sure) to ln(classes), in nats;
/// - `uncertainty.margin.<head>`: the most probable class's lead over the second, 0 (torn) to 1;
/// - `uncertainty.disagreement`: the Jensen–Shannon divergence of all heads, 0 (one opinion) to ln(heads), in nats.
pub(super) fn probes(heads: &[(String, Tensor<4>)], probes: &mut Probes) {
    let nats = |count: usize| Range { low: 0.0, high: (count.max(2) as f32).ln(), unit: "nat".to_owned() };
    for (head, probabilities) in heads {
        let [_, classes, ..] = probabilities.dims();
        probes.record_scalar(&format!("uncertainty.entropy.{head}"), nats(classes), || entropy(probabilities.clone()));
        if classes > 1 {
            probes.record_scalar(&format!("uncertainty.margin.{head}"), Range::plain(0.0, 1.0), || {
                let two = probabilities.clone().topk(2, 1);
                two.clone().narrow(1, 0, 1) - two.narrow(1, 1, 1)
            });
        }
    }
    if heads.len() > 1 {
        probes.record_scalar("uncertainty.disagreement", nats(heads.len()), || disagreement(heads));
    }
}

/// `[1, 1, h, w]`.
fn entropy(probabilities: Tensor<4>) -> Tensor<4> {
    // p ln p goes to 0 with p; the smallest normal number keeps the logarithm finite.
    let logarithm = probabilities.clone().clamp_min(f32::MIN_POSITIVE).log();
    (probabilities * logarithm).sum_dim(1).neg()
}

/// The entropy of the mean opinion less the mean entropy of the opinions.
fn disagreement(heads: &[(String, Tensor<4>)]) -> Tensor<4> {
    let count = heads.len() as f64;
    let sum = |maps: Vec<Tensor<4>>| maps.into_iter().reduce(|sum, map| sum + map);
    let opinions = || heads.iter().map(|(_, probabilities)| probabilities.clone());
    match (sum(opinions().collect()), sum(opinions().map(entropy).collect())) {
        (Some(mean), Some(entropies)) => (entropy(mean / count) - entropies / count).clamp_min(0.0),
        _ => heads[0].1.clone().zeros_like(),
    }
}

#[cfg(test)]
mod tests {
    use burn::tensor::{Device, TensorData};

    use super::*;

    fn head(name: &str, values: [f32; 4]) -> (String, Tensor<4>) {
        // Two classes, two pixels.
        (name.to_owned(), Tensor::from_data(TensorData::new(values.to_vec(), [1, 2, 1, 2]), &Device::flex()))
    }

    fn of(name: &str, heads: &[(String, Tensor<4>)]) -> Vec<f32> {
        let mut recorded = Probes::on();
        probes(heads, &mut recorded);
        recorded.maps()[name].map.clone().into_data().try_to_vec().unwrap()
    }

    fn close(found: &[f32], expected: [f32; 2]) {
        for (found, expected) in found.iter().zip(expected) {
            assert!((found - expected).abs() < 1e-6, "found {found}, expected {expected}");
        }
    }

    #[test]
    fn a_sure_head_has_no_entropy_and_a_torn_one_no_margin() {
        let heads = [head("a", [1.0, 0.5, 0.0, 0.5])];
        close(&of("uncertainty.entropy.a", &heads), [0.0, std::f32::consts::LN_2]);
        close(&of("uncertainty.margin.a", &heads), [1.0, 0.0]);
    }

    #[test]
    fn heads_disagree_most_where_each_is_sure_of_something_else() {
        let heads = [head("a", [1.0, 0.9, 0.0, 0.1]), head("b", [0.0, 0.9, 1.0, 0.1])];
        close(&of("uncertainty.disagreement", &heads), [std::f32::consts::LN_2, 0.0]);
    }
}
