//! What decides over the exchange of channels, to be looked at: the sizes of the norms' scales.

use std::cell::LazyCell;

use burn::tensor::{Device, Tensor, TensorData};

use super::plan::{places, scales_of, threshold_of};
use crate::network::encoders::Encoder;
use crate::network::probes::Probes;
use crate::recipe::Recipe;
use crate::recipe::catalogue::exchange::channel;

/// Bins of a histogram.
const BINS: usize = 48;
/// Rows of a histogram's highest bar, and the one that parts it from the next.
const BAR: usize = 8;
const STRIP: usize = BAR + 1;
/// What a place of the picture is.
const LEGEND: [&str; 4] = ["no channel", "kept", "exchanged", "threshold θ"];

/// Offers `exchange.gamma.SENSOR`: of every norm that exchanges, in order from the top, a histogram of |γ| from 0 to the
/// largest of all norms of both sensors, each norm's fullest bin as high as its strip, with θ where it lies. As numbers
/// `exchange.gamma.stageN.blockM.SENSOR.exchanged`, how many channels lie below θ, `….channels`, out of how many, and
/// `….threshold`.
pub fn show_scales(encoder: &Encoder, recipe: &Recipe, sensors: &[String], probes: &mut Probes) {
    if !probes.is_on() || !recipe.get(channel::ENABLED) {
        return;
    }
    let banks = places(encoder, recipe);
    if banks.is_empty() {
        return;
    }
    // They are brought to the host only where someone watches.
    let scales = LazyCell::new(|| scales_of(banks.iter().map(|(_, bank)| *bank)));
    let legend = LEGEND.map(str::to_owned);
    for (sensor, name) in sensors.iter().enumerate().take(2) {
        let norms: LazyCell<Vec<Norm>, _> =
            LazyCell::new(|| scales.iter().map(|pair| Norm::new(recipe, &pair[sensor])).collect());
        probes.record_classes(&format!("exchange.gamma.{name}"), &legend, || {
            let sizes = scales.iter().flatten().flatten().map(|scale| scale.abs());
            picture(&norms, sizes.fold(0.0_f32, f32::max))
        });
        for (place, ((_, (stage, block)), _)) in banks.iter().enumerate() {
            let fact = |what: &str| format!("exchange.gamma.stage{stage}.block{block}.{name}.{what}");
            probes.fact(&fact("exchanged"), || norms[place].exchanged() as f32);
            probes.fact(&fact("channels"), || norms[place].sizes.len() as f32);
            probes.fact(&fact("threshold"), || norms[place].threshold);
        }
    }
}

/// The scales of one norm.
struct Norm {
    sizes: Vec<f32>,
    threshold: f32,
}

impl Norm {
    fn new(recipe: &Recipe, scales: &[f32]) -> Self {
        let threshold = threshold_of(recipe, scales);
        Self { sizes: scales.iter().map(|scale| scale.abs()).collect(), threshold }
    }

    fn exchanged(&self) -> usize {
        self.sizes.iter().filter(|&&size| size < self.threshold).count()
    }

    /// How many channels of each bin are exchanged, and how many kept.
    fn bins(&self, largest: f32) -> [[usize; 2]; BINS] {
        let mut bins = [[0; 2]; BINS];
        for &size in &self.sizes {
            bins[bin_of(size, largest)][usize::from(size >= self.threshold)] += 1;
        }
        bins
    }
}

fn bin_of(size: f32, largest: f32) -> usize {
    let share = if largest > 0.0 { size / largest } else { 0.0 };
    ((share * BINS as f32) as usize).min(BINS - 1)
}

/// Strips of bars below each other, ids into [`LEGEND`]: `[1, 1, rows, bins]`.
fn picture(norms: &[Norm], largest: f32) -> Tensor<4> {
    let mut ids = vec![0.0_f32; norms.len() * STRIP * BINS];
    for (strip, norm) in norms.iter().enumerate() {
        let bins = norm.bins(largest);
        let fullest = bins.iter().map(|[exchanged, kept]| exchanged + kept).max().unwrap_or(0).max(1);
        let threshold = (norm.threshold <= largest).then(|| bin_of(norm.threshold, largest));
        for (bin, &[exchanged, kept]) in bins.iter().enumerate() {
            // A single channel is seen, too.
            let high = |count: usize| (count * BAR).div_ceil(fullest);
            for above in 0..BAR {
                let id = match () {
                    () if above < high(exchanged) => 2.0,
                    () if above < high(exchanged + kept) => 1.0,
                    () if threshold == Some(bin) => 3.0,
                    () => 0.0,
                };
                ids[(strip * STRIP + BAR - above) * BINS + bin] = id;
            }
        }
    }
    Tensor::from_data(TensorData::new(ids, [1, 1, norms.len() * STRIP, BINS]), &Device::flex())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::Mode;
    use crate::network::testing::{inputs, network, recipe, values, waved};

    #[test]
    fn bars_stand_where_the_sizes_lie_and_tell_what_is_exchanged() {
        let norm = Norm { sizes: vec![0.01, 0.015, 1.0, 0.5], threshold: 0.02 };
        assert_eq!(norm.exchanged(), 2);
        let ids = values(picture(&[norm], 1.0));
        let column = |bin: usize| (0..STRIP).map(|row| ids[row * BINS + bin]).collect::<Vec<f32>>();
        assert_eq!(column(0), [0.0, 2.0, 2.0, 2.0, 2.0, 2.0, 2.0, 2.0, 2.0], "both below θ, the fullest bin");
        assert_eq!(column(BINS - 1), [0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 1.0, 1.0, 1.0]);
        assert_eq!(column(BINS / 2), column(BINS - 1));
        assert!(column(5).iter().all(|&id| id == 0.0));
    }

    #[test]
    fn the_threshold_stands_in_its_bin_and_zeros_are_no_trouble() {
        let ids = values(picture(&[Norm { sizes: vec![1.0], threshold: 0.5 }], 1.0));
        assert_eq!(ids[BINS + BINS / 2], 3.0);
        let ids = values(picture(&[Norm { sizes: vec![0.0; 3], threshold: 0.02 }], 0.0));
        assert_eq!(ids[BINS], 2.0, "all that there is lies below θ");
    }

    #[test]
    fn the_numbers_are_those_of_the_exchange_itself() {
        let relative = [("exchange.channel.comparison", "relative"), ("exchange.channel.threshold", "0.5")];
        let recipe = recipe(&relative);
        let device = Device::flex();
        let net = waved(network(&recipe, 2, &device), 1.0);
        let mut probes = Probes::on();
        let output = net.forward(&inputs(&[true, true], [32, 32], &device), &recipe, Mode::Infer, &mut probes);
        let sum = |what: &str| -> f32 {
            let of = |(name, value): (&String, &f32)| (name.ends_with(what)).then_some(*value);
            probes.facts().iter().filter_map(of).sum()
        };
        let share = sum(".exchanged") / sum(".channels");
        let told = output.training.figures.iter().find(|figure| figure.name == "exchange.channel.share").unwrap();
        assert!(share > 0.1 && (share - told.value).abs() < 1e-6, "{share} and {}", told.value);
        assert_eq!(sum(".channels"), net.exchangeable(&recipe) as f32);
        assert!(probes.maps().contains_key("exchange.gamma.thermal"));
        let off = crate::network::testing::recipe(&[("exchange.channel", "off")]);
        let mut probes = Probes::on();
        net.forward(&inputs(&[true, true], [32, 32], &device), &off, Mode::Infer, &mut probes);
        assert!(!probes.maps().contains_key("exchange.gamma.thermal"));
    }
}
