//! With which sensors present a figure is taken.

use serde::Serialize;

use super::of_protocol::{self, OfProtocol, combinations};
use super::probability::probability;
use crate::evaluation::Missing;
use crate::protocol::{EvaluationReport, MEAN_OF_TAGS, Protocol, ProtocolReport, SubsetScores};

/// The sensors that are present.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Over {
    /// All of them.
    All,
    /// The mean over every subset that was scored.
    Subsets,
    /// The mean over each sensor alone.
    Alone,
    /// These.
    These(Vec<String>),
    /// What is to be expected where each sensor fails with this probability on its own: every subset K of failing
    /// sensors but that of all weighs p^|K| · (1 − p)^(N − |K|), and the weights are brought to a sum of 1.
    Expected(f64),
    /// Entire missing of Liao et al., CVPR 2025 workshops (arXiv 2503.18445): a failing sensor's normalised image is 0.
    /// Without a probability the plain mean over all subsets, else the expectation.
    Emm(Option<f64>),
    /// What only a protocol tells.
    Of(OfProtocol),
}

impl Over {
    /// As written, but for names; a sentence where it is none.
    pub(super) fn of(word: &str) -> Result<Self, String> {
        let (name, failure) = word.split_once(':').map_or((word, None), |(name, failure)| (name, Some(failure)));
        match (name, failure) {
            ("all", None) => Ok(Self::All),
            ("subsets", None) => Ok(Self::Subsets),
            ("alone", None) => Ok(Self::Alone),
            ("emm", None) => Ok(Self::Emm(None)),
            ("emm", Some(failure)) => Ok(Self::Emm(Some(probability(failure)?))),
            ("expected", failure) => Ok(Self::Expected(probability(failure.unwrap_or_default())?)),
            _ => {
                let unknown = || {
                    let known = "all, subsets, alone, emm, emm:P, expected:P, rmm:SHARE, rmm:SHARE:P, nm:LEVEL, severity, \
                                 severity:SENSOR, severity:SENSOR=KIND or a list of names";
                    Err(format!("a figure's `sensors`: expected {known}, found `{word}`"))
                };
                OfProtocol::of(name, failure).map_or_else(unknown, |found| found.map(Self::Of))
            }
        }
    }

    /// As it is written, but for names, which are written as a list.
    pub fn word(&self) -> String {
        match self {
            Self::All => "all".to_owned(),
            Self::Subsets => "subsets".to_owned(),
            Self::Alone => "alone".to_owned(),
            Self::These(names) => names.join("+"),
            Self::Expected(failure) => format!("expected:{failure}"),
            Self::Emm(None) => "emm".to_owned(),
            Self::Emm(Some(failure)) => format!("emm:{failure}"),
            Self::Of(figure) => figure.word(),
        }
    }

    /// What a title says of it; nothing of all sensors.
    pub(super) fn title(&self) -> String {
        match self {
            Self::All => String::new(),
            Self::Subsets => ", mean of subsets".to_owned(),
            Self::Alone => ", one sensor alone".to_owned(),
            Self::These(names) => format!(", {}", names.join(" + ")),
            Self::Expected(failure) => format!(", E({failure})"),
            Self::Emm(None) => ", EMM".to_owned(),
            Self::Emm(Some(failure)) => format!(", EMM E({failure})"),
            Self::Of(figure) => figure.title(),
        }
    }

    /// Whether it is told only where every subset has a value.
    pub(super) fn needs_every_subset(&self) -> bool {
        matches!(self, Self::Expected(_) | Self::Emm(_) | Self::Of(_))
    }

    /// The protocol that tells it, where an evaluation by this rule for missing sensors does not.
    pub fn protocol(&self, missing: &str) -> Option<Protocol> {
        match self {
            Self::All | Self::Subsets | Self::Alone | Self::These(_) | Self::Expected(_) => None,
            // An evaluation with zeros asks of the very same images.
            Self::Emm(_) => (missing != Missing::Zeros.word()).then_some(Protocol::Emm),
            Self::Of(figure) => Some(figure.protocol()),
        }
    }

    /// The scores that a figure is the mean of, each with its weight; or why they are not there.
    pub(super) fn parts<'a>(
        &self,
        tag: &str,
        report: &'a EvaluationReport,
        protocols: &'a [ProtocolReport],
    ) -> Result<Vec<(&'a SubsetScores, f64)>, String> {
        if let Self::Emm(failure) = self
            && self.protocol(&report.missing).is_some()
        {
            if !tag.is_empty() {
                return Err(format!(
                    "the protocol `emm` is taken on all scenes of the split: leave the tag `{tag}` out, or set \
                     `evaluation.missing` to zeros"
                ));
            }
            return Ok(combinations(of_protocol::report(Protocol::Emm, protocols)?, None, *failure));
        }
        if tag == MEAN_OF_TAGS {
            let tags = report.tags();
            if tags.is_empty() {
                return Err("there are no tags to take the mean of".to_owned());
            }
            // Each tag weighs as much as any: all have the same subsets.
            let of_each =
                tags.into_iter().map(|tag| self.parts(tag, report, protocols)).collect::<Result<Vec<_>, _>>()?;
            return Ok(of_each.concat());
        }
        let scored: Vec<&SubsetScores> = report.subsets.iter().filter(|scores| scores.tag == tag).collect();
        let Some(sensors) = scored.iter().map(|scores| scores.sensors.len()).max() else {
            let tags = report.tags();
            let known = if tags.is_empty() { "no tags there".to_owned() } else { tags.join(", ") };
            return Err(format!("no scene has the tag `{tag}`; there are {known}"));
        };
        let equal = |scores: Vec<&'a SubsetScores>| scores.into_iter().map(|scores| (scores, 1.0)).collect::<Vec<_>>();
        let found = match self {
            // All sensors come first.
            Self::All => equal(scored.into_iter().filter(|scores| scores.sensors.len() == sensors).take(1).collect()),
            Self::Subsets => equal(scored),
            Self::Alone => equal(scored.into_iter().filter(|scores| scores.sensors.len() == 1).collect()),
            Self::These(names) => equal(scored.into_iter().filter(|scores| scores.is_of(names)).take(1).collect()),
            Self::Expected(failure) => weighed(every(scored, sensors)?, sensors, *failure),
            Self::Emm(None) => equal(every(scored, sensors)?),
            Self::Emm(Some(failure)) => weighed(every(scored, sensors)?, sensors, *failure),
            Self::Of(figure) => figure.parts(protocols)?,
        };
        match self {
            Self::These(names) if found.is_empty() => {
                Err(format!("{} was not scored; see `evaluation.subsets`", names.join(" + ")))
            }
            _ if found.is_empty() => Err("no sensor was scored alone; see `evaluation.subsets`".to_owned()),
            _ => Ok(found),
        }
    }
}

/// All of them, where that is every subset there is.
fn every(scored: Vec<&SubsetScores>, sensors: usize) -> Result<Vec<&SubsetScores>, String> {
    let all = 1_u128.checked_shl(sensors as u32).map_or(u128::MAX, |powers| powers - 1);
    if scored.len() as u128 == all {
        return Ok(scored);
    }
    Err(format!(
        "all {all} subsets of {sensors} sensors are needed, {} were scored; set `evaluation.subsets` to all",
        scored.len()
    ))
}

fn weighed(scored: Vec<&SubsetScores>, sensors: usize, failure: f64) -> Vec<(&SubsetScores, f64)> {
    let weight = |scores: &SubsetScores| {
        let present = scores.sensors.len() as i32;
        failure.powi(sensors as i32 - present) * (1.0 - failure).powi(present)
    };
    scored.into_iter().map(|scores| (scores, weight(scores))).collect()
}
