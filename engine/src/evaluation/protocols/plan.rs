//! Which trials a protocol is made of.

use super::asked::Asked;
use crate::evaluation::error::EvaluationError;
use crate::evaluation::subsets::every_subset;
use crate::network::Model;
use crate::protocol::{Degradation, Degraded, NoiseLevel, Protocol, Trial};
use crate::recipe::catalogue::inference::{self, Single};

/// The severities that a curve is taken at, beside 0.
pub const SEVERITIES: [f32; 5] = [0.2, 0.4, 0.6, 0.8, 1.0];

/// The shares of elements that RMM takes away.
pub const SHARES: [f64; 3] = [0.25, 0.5, 0.75];

/// Everything that is asked of a network, the clean images first.
pub(super) fn trials(asked: &Asked<'_>) -> Result<Vec<Trial>, EvaluationError> {
    let Asked { protocol, model, teacher, dataset, .. } = *asked;
    let mut trials = vec![Trial::Clean];
    match protocol {
        Protocol::All | Protocol::Conditions => {}
        Protocol::Heads => trials.extend(heads(model, teacher.is_some())),
        Protocol::Subsets | Protocol::Emm => {
            trials.extend(combinations(model)?.into_iter().map(|sensors| Trial::Missing { sensors }));
        }
        Protocol::Rmm => {
            let combinations = combinations(model)?;
            let of_share = |share| combinations.iter().cloned().map(move |sensors| Trial::Holed { sensors, share });
            trials.extend(SHARES.into_iter().flat_map(of_share));
        }
        Protocol::Nm => trials.extend(NoiseLevel::ALL.map(Trial::Noisy)),
        Protocol::Severity => {
            for sensor in &model.sensors {
                // What fits is told by the images, which may be of another data set than the network's.
                let kind = dataset.modalities[dataset.modality_index(&sensor.name)?].kind;
                for kind in Degradation::of_kind(kind) {
                    trials.extend(
                        SEVERITIES
                            .map(|severity| Trial::Degraded(Degraded { sensor: sensor.name.clone(), kind, severity })),
                    );
                }
            }
        }
        Protocol::Heatnet => {
            let single = if model.network.needs_two() { model.recipe.get(inference::SINGLE).word() } else { "" };
            trials.extend(alone(model, single));
        }
    }
    Ok(trials)
}

/// Whether scores are taken on the scenes of each tag beside the whole split.
pub(super) fn is_tagged(protocol: Protocol) -> bool {
    matches!(protocol, Protocol::Conditions | Protocol::Heatnet)
}

/// Every set of failing sensors but none and all, by their number and then in the sensors' order.
fn combinations(model: &Model) -> Result<Vec<Vec<String>>, EvaluationError> {
    let names = |failing: &[bool]| {
        let of_place = model.sensors.iter().zip(failing);
        of_place.filter(|&(_, &fails)| fails).map(|(sensor, _)| sensor.name.clone()).collect::<Vec<String>>()
    };
    let sensors = model.sensors.len();
    let mut sets: Vec<Vec<bool>> = every_subset(sensors)?.into_iter().filter(|set| set.contains(&false)).collect();
    sets.sort_by_key(|set| set.iter().filter(|&&fails| fails).count());
    Ok(sets.iter().map(|set| names(set)).collect())
}

/// Every answer of a network beside the one that counts: each sensor's own with all present, each sensor alone by each
/// rule, the teacher's.
fn heads(model: &Model, has_teacher: bool) -> Vec<Trial> {
    let own = model.network.heads();
    let of_sensor = |sensor: &&crate::data::Modality| own.contains(&sensor.name);
    let mut trials = Vec::new();
    if model.sensors.len() > 1 {
        trials.extend(model.sensors.iter().filter(of_sensor).map(|sensor| Trial::Head(sensor.name.clone())));
        if model.network.needs_two() {
            // A network that fuses levels has no answer of one sensor's own to fall back on.
            let has_own = model.sensors.iter().any(|sensor| own.contains(&sensor.name));
            let rules = Single::ALL.into_iter().filter(|&rule| rule != Single::Branch || has_own);
            trials.extend(rules.flat_map(|rule| alone(model, rule.word())));
        } else {
            trials.extend(alone(model, ""));
        }
    }
    trials.extend(has_teacher.then_some(Trial::Teacher));
    trials
}

/// Each sensor alone, where there are several.
fn alone<'a>(model: &'a Model, single: &'a str) -> impl Iterator<Item = Trial> + 'a {
    let several = if model.sensors.len() > 1 { model.sensors.as_slice() } else { &[] };
    several.iter().map(|sensor| Trial::Alone { sensor: sensor.name.clone(), single: single.to_owned() })
}
