//! The entries of `evaluation.json`: evaluations, and the figures of protocols among them.

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

use crate::protocol::{EvaluationReport, ProtocolReport};

/// What only the figures of protocols have.
const PROTOCOL: &str = "protocol";

/// An entry.
#[derive(Clone, Debug)]
pub(super) enum Kept {
    /// An evaluation.
    Evaluation(Box<EvaluationReport>),
    /// The figures of a protocol.
    Protocol(Box<ProtocolReport>),
}

/// As a protocol's figures are written: programs that know of no protocols read an evaluation that scored nothing.
#[derive(Serialize)]
struct Written<'a> {
    #[serde(flatten)]
    report: &'a ProtocolReport,
    subsets: [(); 0],
}

impl Kept {
    /// The step at which the network stood.
    pub(super) fn step(&self) -> u64 {
        match self {
            Self::Evaluation(report) => report.step,
            Self::Protocol(report) => report.step,
        }
    }

    pub(super) fn evaluation(self) -> Option<EvaluationReport> {
        match self {
            Self::Evaluation(report) => Some(*report),
            Self::Protocol(_) => None,
        }
    }

    pub(super) fn protocol(self) -> Option<ProtocolReport> {
        match self {
            Self::Protocol(report) => Some(*report),
            Self::Evaluation(_) => None,
        }
    }

    /// Whether this one takes the place of the other: both are of the same network, scenes and settings.
    pub(super) fn replaces(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Evaluation(new), Self::Evaluation(old)) => identity(new) == identity(old),
            (Self::Protocol(new), Self::Protocol(old)) => {
                new.is_like(old) && new.step == old.step && new.changed == old.changed
            }
            _ => false,
        }
    }
}

impl Serialize for Kept {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Evaluation(report) => report.serialize(serializer),
            Self::Protocol(report) => Written { report, subsets: [] }.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Kept {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        let kept = if value.get(PROTOCOL).is_some() {
            serde_json::from_value(value).map(Self::Protocol)
        } else {
            serde_json::from_value(value).map(Self::Evaluation)
        };
        kept.map_err(D::Error::custom)
    }
}

/// Whatever makes two evaluations of a run different ones.
pub(super) fn identity(report: &EvaluationReport) -> impl PartialEq + Serialize + '_ {
    let EvaluationReport { dataset, split, step, of_teacher, missing, changed, .. } = report;
    (dataset, split, step, of_teacher, missing, changed)
}
