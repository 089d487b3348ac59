//! Which sensor a prediction goes by: how far each one's absence moves it.

use burn::tensor::Tensor;

use super::explaining::{Explaining, Found};
use super::target::Target;
use crate::network::{Probes, Range, Shown};

/// Where all changes together are smaller, no sensor has a share: it would be one of noise.
const LEAST: f32 = 0.01;

/// Records `explain.drop.SENSOR`, how much of each pixel's explained probability is lost without the sensor (−1 to 1), and
/// `explain.share.SENSOR`, the size of that beside those of all sensors (0 to 1; 0 where they change it by less than a hundredth together). Their means
/// over the explained pixels are plain numbers.
///
/// A sensor is missing as `evaluation.missing` says.
pub(super) fn record(of: &Explaining<'_>, probes: &mut Probes) {
    let sensors: Vec<(usize, String)> = of.sensors().map(|(place, name)| (place, name.to_owned())).collect();
    let named = |kind: &str, name: &str| format!("explain.{kind}.{name}");
    let wanted =
        sensors.iter().any(|(_, name)| probes.wants(&named("drop", name)) || probes.wants(&named("share", name)));
    let found = if wanted { losses(of, &sensors) } else { Err(String::new()) };
    for (place, (_, name)) in sensors.iter().enumerate() {
        let own = || found.as_ref().map(|(losses, _)| losses[place].clone()).map_err(Clone::clone);
        probes.try_record(&named("drop", name), Shown::Scalar(Some(Range::plain(-1.0, 1.0))), own);
        probes.try_record(&named("share", name), Shown::Scalar(Some(Range::plain(0.0, 1.0))), || {
            let own = own()?.abs();
            let (losses, _) = found.as_ref().map_err(Clone::clone)?;
            let whole = losses.iter().map(|loss| loss.clone().abs()).reduce(|sum, size| sum + size);
            Ok(match whole {
                Some(whole) => own * whole.clone().greater_elem(LEAST).float() / whole.clamp_min(LEAST),
                None => own,
            })
        });
        if let Ok((losses, target)) = &found {
            let sizes: Vec<f32> = losses.iter().map(|loss| target.mean(loss.clone().abs())).collect();
            let whole = sizes.iter().sum::<f32>();
            probes.fact(&named("drop", name), || target.mean(losses[place].clone()));
            probes.fact(&named("share", name), || if whole > 0.0 { sizes[place] / whole } else { 0.0 });
        }
    }
}

/// What the explained probabilities lose without each sensor, `[1, 1, h, w]`.
fn losses(of: &Explaining<'_>, sensors: &[(usize, String)]) -> Found<(Vec<Tensor<4>>, Target)> {
    if sensors.len() < 2 {
        return Err("there is one sensor alone, and nothing to compare its absence with".to_owned());
    }
    let answer = of.answer(of.inputs)?;
    let target = of.target(&answer)?;
    let before = target.scores(&answer);
    let lost = |&(place, ref name): &(usize, String)| {
        let after = of.answer(&(of.without)(place)).map_err(|reason| format!("without {name} {reason}"))?;
        Ok(before.clone() - target.scores(&after))
    };
    let losses: Found<Vec<Tensor<4>>> = sensors.iter().map(lost).collect();
    Ok((losses?, target))
}
