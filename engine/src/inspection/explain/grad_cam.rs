//! Grad-CAM: the maps of a layer, each channel weighed by how much the explained scores rise with it.

use burn::tensor::{Tensor, activation};

use super::explaining::{Explaining, Found};
use crate::network::layers::resize_bilinear;
use crate::network::{FUSED, Probes, Range, Shown, TapSite, Tapped, Taps};
use crate::protocol::Layer;

/// Records `explain.gradcam.SENSOR` for every branch and `explain.gradcam.fused`; beside them `….peak`, the largest value
/// before each map is stretched from 0 to 1, as plain numbers.
///
/// Weights are the spatial means of the gradient of the summed scores (before the softmax) over the explained pixels; a map
/// is ReLU of the weighed sum of channels, resized bilinearly (Selvaraju et al. 2017; summed over a class's predicted pixels
/// as AMDANet's Fig. 10, which names no layer: the map before the classifier is our reading).
pub(super) fn record(of: &Explaining<'_>, probes: &mut Probes) {
    let mut names: Vec<(Option<usize>, String)> =
        of.sensors().map(|(place, name)| (Some(place), format!("explain.gradcam.{name}"))).collect();
    if of.model.sensors.len() > 1 {
        names.push((None, format!("explain.gradcam.{FUSED}")));
    }
    let wanted = names.iter().any(|(_, name)| probes.wants(name));
    let found = if wanted { maps(of) } else { Ok(Vec::new()) };
    let shown = || Shown::Scalar(Some(Range::plain(0.0, 1.0)));
    for (branch, name) in names {
        let map = found.as_ref().map_err(Clone::clone).and_then(|found| {
            let map = found.iter().find(|(of, _)| *of == branch).map(|(_, map)| map);
            let why = match (branch, of.explained.layer) {
                (Some(_), _) => "the explained head does not see this sensor",
                (None, Layer::Classifier) => "the sensors have no map in common before a classifier",
                (None, Layer::Stage(_)) => "a stage has no map of all sensors; look before the classifier",
            };
            map.ok_or_else(|| why.to_owned())
        });
        let peak = map.as_ref().ok().filter(|_| wanted).map(|map| (*map).clone().max().into_scalar::<f32>());
        probes.try_record(&name, shown(), || map.map(|map| stretched(map.clone())));
        if let Some(peak) = peak {
            probes.fact(&format!("{name}.peak"), || peak);
        }
    }
}

/// Each map of the layer, by its branch; of the inputs' size, not stretched yet.
fn maps(of: &Explaining<'_>) -> Found<Vec<(Option<usize>, Tensor<4>)>> {
    let layer = of.explained.layer;
    let sites = match layer {
        Layer::Classifier if of.model.network.fuses_levels() => vec![TapSite::Fused, TapSite::Stage(5)],
        Layer::Classifier => vec![TapSite::Fused, TapSite::Decoded],
        Layer::Stage(number) => vec![TapSite::Stage(usize::from(number))],
    };
    let (output, tapped) = of.model.tapped(of.inputs, Taps::at(sites));
    if tapped.is_empty() {
        return Err(format!("this network's encoder has no {}", layer.word()));
    }
    let logits = of.head(&output.heads)?;
    let target = of.target(logits)?;
    let gradients = target.sum(target.scores(logits)).backward();
    let [_, _, height, width] = logits.dims();
    let map = |tapped: &Tapped| {
        let gradient = tapped.gradient(&gradients)?;
        let weights = gradient.mean_dim(3).mean_dim(2);
        let map = activation::relu((tapped.map.clone() * weights).sum_dim(1));
        Some((tapped.branch, resize_bilinear(map, [height, width])))
    };
    Ok(tapped.iter().filter_map(map).collect())
}

/// From its smallest to its largest value, 0 to 1; all 0 where it is the same everywhere.
fn stretched(map: Tensor<4>) -> Tensor<4> {
    let (low, high) = (map.clone().min().into_scalar::<f32>(), map.clone().max().into_scalar::<f32>());
    (map - low) / (high - low).max(f32::MIN_POSITIVE)
}
