//! A sensor that is worse than its files.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::recipe::catalogue::data::degradation::{Degradation, parts, severity};

/// What is done to one sensor's images before anything sees them. Its text is `SENSOR=KIND:SEVERITY`:
///
/// ```
/// use fusionscope_engine::protocol::{Degradation, Degraded};
///
/// let fog: Degraded = "colour=fog:0.6".parse().unwrap();
/// assert_eq!((fog.sensor.as_str(), fog.kind, fog.severity), ("colour", Degradation::Fog, 0.6));
/// assert_eq!(fog.to_string(), "colour=fog:0.6");
/// assert!("colour=fog:1.2".parse::<Degraded>().unwrap_err().contains("from 0 to 1"));
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Degraded {
    /// The sensor's name.
    pub sensor: String,
    /// What happens to it.
    pub kind: Degradation,
    /// How much: 0 changes nothing, 1 is the worst.
    pub severity: f32,
}

impl FromStr for Degraded {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (sensor, kind, rest) = parts(text)?;
        Ok(Self { sensor: sensor.to_owned(), kind, severity: severity(rest)? })
    }
}

impl fmt::Display for Degraded {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}={}:{}", self.sensor, self.kind.word(), self.severity)
    }
}

impl Degraded {
    /// Several of them in one line, `colour=fog:0.6, thermal=noise:0.2`; empty of none.
    pub fn words(all: &[Self]) -> String {
        all.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_reads_back_as_it_was_printed() {
        for kind in Degradation::ALL {
            let degraded = Degraded { sensor: "a=b c".to_owned(), kind, severity: 0.35 };
            assert_eq!(degraded.to_string().parse::<Degraded>().as_ref(), Ok(&degraded));
            let json = serde_json::to_string(&degraded).unwrap();
            assert_eq!(serde_json::from_str::<Degraded>(&json).unwrap(), degraded, "{json}");
        }
    }

    #[test]
    fn what_is_no_degradation_is_refused_with_what_it_should_be() {
        for (text, words) in [
            ("colour", "SENSOR=KIND:SEVERITY"),
            ("=fog:0.5", "SENSOR=KIND:SEVERITY"),
            ("colour=fog", "SENSOR=KIND:SEVERITY"),
            ("colour=smoke:0.5", "no degradation named `smoke`; there are over-exposure,"),
            ("colour=fog:", "from 0 to 1"),
            ("colour=fog:-0.1", "from 0 to 1"),
            ("colour=fog:NaN", "from 0 to 1"),
        ] {
            let message = text.parse::<Degraded>().unwrap_err();
            assert!(message.contains(words), "{text}: {message}");
        }
    }
}
