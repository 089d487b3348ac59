//! Figures of robustness protocols, as a study's file asks for them.

use serde::Serialize;

use super::probability::probability;
use crate::evaluation::SHARES;
use crate::protocol::{Degradation, NoiseLevel, Protocol, ProtocolReport, SeverityCurve, SubsetScores, Trial};
use crate::recipe::Choice as _;

/// A figure that only a protocol tells.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum OfProtocol {
    /// Random missing of Liao et al.: elements of failing sensors' images are 0.
    Rmm {
        /// The share of elements.
        share: f64,
        /// The probability of a sensor to fail; the plain mean over all sets of failing sensors without.
        failure: Option<f64>,
    },
    /// Noise of the same paper on all sensors at once.
    Nm(NoiseLevel),
    /// The area under the curve over severity of degradations of one sensor at a time: the mean of those that fit.
    Severity {
        /// Of this sensor; of all without.
        sensor: Option<String>,
        /// Of this degradation; of all without.
        kind: Option<Degradation>,
    },
}

impl OfProtocol {
    /// As written, `name:amounts`; `None` where the name is none of a protocol's, a sentence where the amounts are wrong.
    pub(super) fn of(name: &str, amounts: Option<&str>) -> Option<Result<Self, String>> {
        match name {
            "rmm" => Some(rmm(amounts.unwrap_or_default())),
            "nm" => Some(nm(amounts.unwrap_or_default())),
            "severity" => Some(severity(amounts.unwrap_or_default())),
            _ => None,
        }
    }

    /// As it is written.
    pub fn word(&self) -> String {
        match self {
            Self::Rmm { share, failure: None } => format!("rmm:{share}"),
            Self::Rmm { share, failure: Some(failure) } => format!("rmm:{share}:{failure}"),
            Self::Nm(level) => format!("nm:{}", level.word()),
            Self::Severity { sensor: None, kind: None } => "severity".to_owned(),
            Self::Severity { sensor, kind } => {
                let kind = kind.map_or_else(String::new, |kind| format!("={}", kind.word()));
                format!("severity:{}{kind}", sensor.as_deref().unwrap_or_default())
            }
        }
    }

    /// What a title says of it.
    pub(super) fn title(&self) -> String {
        match self {
            Self::Rmm { share, failure: None } => format!(", RMM {share}"),
            Self::Rmm { share, failure: Some(failure) } => format!(", RMM {share} E({failure})"),
            Self::Nm(level) => format!(", NM {}", level.word()),
            Self::Severity { sensor, kind } => {
                let of = sensor.iter().map(String::as_str).chain(kind.map(Degradation::word));
                std::iter::once(", severity").chain(of).collect::<Vec<_>>().join(" ")
            }
        }
    }

    /// The protocol.
    pub fn protocol(&self) -> Protocol {
        match self {
            Self::Rmm { .. } => Protocol::Rmm,
            Self::Nm(_) => Protocol::Nm,
            Self::Severity { .. } => Protocol::Severity,
        }
    }

    /// The scores that it is the weighted mean of; or why they are not there.
    pub(super) fn parts<'a>(&self, reports: &'a [ProtocolReport]) -> Result<Vec<(&'a SubsetScores, f64)>, String> {
        let report = report(self.protocol(), reports)?;
        match self {
            Self::Rmm { share, failure } => Ok(combinations(report, Some(*share), *failure)),
            Self::Nm(level) => {
                Ok(report.scores(&Trial::Noisy(*level)).map(|scores| (scores, 1.0)).into_iter().collect())
            }
            Self::Severity { sensor, kind } => {
                let curves = report.curves();
                let is_asked = |curve: &&SeverityCurve<'_>| {
                    sensor.as_ref().is_none_or(|sensor| sensor == curve.sensor)
                        && kind.is_none_or(|kind| kind == curve.kind)
                };
                let found: Vec<_> = curves.iter().filter(is_asked).flat_map(SeverityCurve::parts).collect();
                if found.is_empty() {
                    let known: Vec<String> =
                        curves.iter().map(|curve| format!("{}={}", curve.sensor, curve.kind.word())).collect();
                    return Err(format!("no curve is one of `{}`; there are {}", self.word(), known.join(", ")));
                }
                Ok(found)
            }
        }
    }
}

/// The report of a protocol, of those of a run.
pub(super) fn report(protocol: Protocol, reports: &[ProtocolReport]) -> Result<&ProtocolReport, String> {
    reports.iter().find(|report| report.protocol == protocol).ok_or_else(|| {
        let word = protocol.word();
        format!("the protocol `{word}` was not run; `fusionscope evaluate RUN --protocol {word}` runs it")
    })
}

/// Every combination of failing sensors, each with its weight: all alike, or as likely as it is where each sensor fails
/// with this probability.
pub(super) fn combinations(
    report: &ProtocolReport,
    share: Option<f64>,
    failure: Option<f64>,
) -> Vec<(&SubsetScores, f64)> {
    let sensors = report.sensors.len() as i32;
    let weight =
        |failing: i32| failure.map_or(1.0, |failure| failure.powi(failing) * (1.0 - failure).powi(sensors - failing));
    let all = report.combinations(share).into_iter();
    all.map(|combination| (combination.scores, weight(combination.failing.len() as i32))).collect()
}

fn rmm(amounts: &str) -> Result<OfProtocol, String> {
    let (share, failure) = amounts.split_once(':').map_or((amounts, None), |(share, failure)| (share, Some(failure)));
    let found = SHARES.into_iter().find(|known| share.parse() == Ok(*known)).ok_or_else(|| {
        let known = SHARES.map(|share| share.to_string()).join(", ");
        format!("a figure's `sensors`: expected a share of RMM after `rmm:`, {known}, found `{share}`")
    })?;
    Ok(OfProtocol::Rmm { share: found, failure: failure.map(probability).transpose()? })
}

fn nm(level: &str) -> Result<OfProtocol, String> {
    let found = NoiseLevel::ALL.into_iter().find(|known| known.word() == level).map(OfProtocol::Nm);
    found.ok_or_else(|| format!("a figure's `sensors`: expected low, mid or high after `nm:`, found `{level}`"))
}

/// `SENSOR`, `SENSOR=KIND`, `=KIND` or nothing. A sensor's name may hold anything, a degradation's word holds no `=`.
fn severity(of: &str) -> Result<OfProtocol, String> {
    let (sensor, kind) = of.rsplit_once('=').map_or((of, None), |(sensor, kind)| (sensor, Some(kind)));
    let kind = kind.map(|kind| {
        let known = || Degradation::ALL.map(Degradation::word).join(", ");
        Degradation::of(kind)
            .ok_or_else(|| format!("a figure's `sensors`: expected a degradation, {}, found `{kind}`", known()))
    });
    let sensor = Some(sensor.to_owned()).filter(|sensor| !sensor.is_empty());
    Ok(OfProtocol::Severity { sensor, kind: kind.transpose()? })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::{Degraded, TrialScores};

    fn scored(trial: Trial, miou: f64) -> TrialScores {
        TrialScores { trial, scores: SubsetScores { miou: Some(miou), ..SubsetScores::default() } }
    }

    fn reports() -> Vec<ProtocolReport> {
        let sensors = ["colour", "depth"].map(str::to_owned).to_vec();
        let holed = |sensor: &str, miou| scored(Trial::Holed { sensors: vec![sensor.to_owned()], share: 0.5 }, miou);
        let fog = |sensor: &str, severity, miou| {
            let degraded = Degraded { sensor: sensor.to_owned(), kind: Degradation::Fog, severity };
            scored(Trial::Degraded(degraded), miou)
        };
        let clean = || scored(Trial::Clean, 0.6);
        let report =
            |protocol, trials| ProtocolReport { protocol, trials, sensors: sensors.clone(), ..Default::default() };
        vec![
            report(Protocol::Rmm, vec![clean(), holed("colour", 0.3), holed("depth", 0.45)]),
            report(Protocol::Nm, vec![clean(), scored(Trial::Noisy(NoiseLevel::High), 0.1)]),
            report(
                Protocol::Severity,
                vec![clean(), fog("colour", 0.5, 0.4), fog("colour", 1.0, 0.0), fog("depth", 1.0, 0.6)],
            ),
        ]
    }

    fn read(word: &str) -> Result<f64, String> {
        let (name, amounts) = word.split_once(':').map_or((word, None), |(name, amounts)| (name, Some(amounts)));
        let reports = reports();
        let found = OfProtocol::of(name, amounts).unwrap()?;
        let parts = found.parts(&reports)?;
        let weights: f64 = parts.iter().map(|(_, weight)| weight).sum();
        Ok(parts.iter().map(|(scores, weight)| scores.miou.unwrap() * weight).sum::<f64>() / weights)
    }

    /// By hand, as E(p) and trapezoids are defined.
    #[test]
    fn figures_of_protocols_are_weighted_means_of_their_trials() {
        for (word, expected) in [
            ("rmm:0.5", 0.45),
            ("rmm:0.5:0.2", (0.64 * 0.6 + 0.16 * (0.3 + 0.45)) / 0.96),
            ("nm:high", 0.1),
            ("severity:colour", 0.25 * 0.6 + 0.5 * 0.4),
            ("severity:depth=fog", 0.6),
            ("severity", f64::midpoint(0.35, 0.6)),
            ("severity:=fog", f64::midpoint(0.35, 0.6)),
        ] {
            let found = read(word).unwrap();
            assert!((found - expected).abs() < 1e-12, "{word}: {found}, expected {expected}");
        }
        let lacking = read("severity:colour=rain").unwrap_err();
        assert!(lacking.contains("there are colour=fog, depth=fog"), "{lacking}");
    }

    #[test]
    fn what_is_no_figure_of_a_protocol_is_refused_with_what_there_is() {
        for (word, words) in [
            ("rmm", "0.25, 0.5, 0.75, found ``"),
            ("rmm:0.3", "found `0.3`"),
            ("rmm:0.5:1", "probability"),
            ("nm", "low, mid or high"),
            ("nm:0.2", "found `0.2`"),
            ("severity:colour=smoke", "fog, rain"),
        ] {
            let refused = read(word).unwrap_err();
            assert!(refused.contains(words), "{word}: {refused}");
        }
        assert_eq!(OfProtocol::of("emm", None), None);
    }
}
