//! Which value a network sees where something is missing or noisy, in words.

use crate::evaluation::missing::Missing;
use crate::network::Model;
use crate::protocol::{Protocol, significant};

/// For a protocol on this network, whose missing sensors are replaced in this way; empty where nothing is replaced.
pub(super) fn words(protocol: Protocol, missing: Missing, model: &Model) -> String {
    match protocol {
        Protocol::Emm | Protocol::Rmm => format!("0 in the normalised image, which is {}", zeros(model)),
        Protocol::Nm => "the largest and the smallest value of each normalised image, then Gaussian noise".to_owned(),
        Protocol::Subsets if missing == Missing::Zeros => {
            format!("0 in the normalised image, which is {}", zeros(model))
        }
        Protocol::Subsets | Protocol::Heads | Protocol::Heatnet => match missing {
            // What becomes of one that is left alone is a rule of its own.
            Missing::Drop if model.network.needs_two() => String::new(),
            Missing::Drop => "nothing: the sensor's branch is not run".to_owned(),
            Missing::Zeros => String::new(),
            Missing::Black => "a black image".to_owned(),
            Missing::Mean => "the training split's mean image".to_owned(),
            Missing::Copy => "the first present sensor's image".to_owned(),
        },
        Protocol::All | Protocol::Conditions | Protocol::Severity => String::new(),
    }
}

/// What a normalised 0 was before, sensor by sensor: with ImageNet's statistics the channel means.
fn zeros(model: &Model) -> String {
    let of_sensor = model.sensors.iter().zip(&model.normalisations).map(|(sensor, normalisation)| {
        let (mean, _) = normalisation.mean_std();
        let value = |mean: f32| {
            let value = sensor.low + mean * (sensor.high - sensor.low);
            let unit = if sensor.unit.is_empty() { String::new() } else { format!(" {}", sensor.unit) };
            format!("{}{unit}", significant(f64::from(value)))
        };
        let values =
            if mean.windows(2).all(|pair| pair[0] == pair[1]) { value(mean[0]) } else { mean.map(value).join(", ") };
        format!("{values} of {} ({} to {})", sensor.name, sensor.low, sensor.high)
    });
    of_sensor.collect::<Vec<_>>().join("; ")
}
