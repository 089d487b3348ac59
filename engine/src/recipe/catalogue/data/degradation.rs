//! The ways in which a sensor's images become worse.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::failure::short;
use crate::recipe::choice::choice;
use crate::recipe::key::Choice as _;

choice! {
    /// What happens to a sensor's image. Severity 0 changes nothing, 1 is the worst that still makes sense.
    pub enum Degradation {
        OverExposure = "over-exposure": "Too much light reached the sensor: bright places are one white",
        UnderExposure = "under-exposure": "Too little light reached the sensor: dark places are one black",
        Noise = "noise": "Shot noise of the light and read noise of the circuit",
        MotionBlur = "motion-blur": "The camera moved while it exposed",
        Defocus = "defocus": "The lens is out of focus",
        Fog = "fog": "Fog, thicker with distance",
        Rain = "rain": "Streaks of rain, and the veil behind them",
        Glare = "glare": "A low sun or a headlight shines into the lens",
        LowResolution = "low-resolution": "Fewer and larger pixels",
        DeadLines = "dead-lines": "Rows and columns of the sensor that answer nothing",
        ThermalDrift = "thermal-drift": "A thermal camera that has not been calibrated for long",
        ThermalCrossover = "thermal-crossover": "Things are as warm as what is behind them",
        DepthHoles = "depth-holes": "Places where the distance could not be measured",
        DepthQuantisation = "depth-quantisation": "Distances in coarse steps, coarser far away",
        BeamLoss = "beam-loss": "Beams and single returns of a LiDAR that stay away",
        LidarJitter = "lidar-jitter": "A LiDAR that shakes, and measures with more noise",
        EventNoise = "event-noise": "Events where nothing changed, and changes without an event",
        Shift = "shift": "The image lies beside the others'",
        Scale = "scale": "The image is larger or smaller than the others'",
        Rotation = "rotation": "The image is turned against the others'",
        Parallax = "parallax": "The camera stands beside the others: near things lie elsewhere",
        FrozenFrame = "frozen-frame": "The sensor still gives the image of the scene before",
        Occlusion = "occlusion": "Dirt on the lens",
        ElementLoss = "element-loss": "Values here and there are lost, channel by channel (RMM)",
        SaltAndPepper = "salt-and-pepper": "Values here and there at the image's extremes, and Gaussian noise on all (NM)",
        Blackout = "blackout": "The sensor falls silent while it is read: the rows that follow are empty",
    }
}

impl Serialize for Degradation {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.word())
    }
}

impl<'de> Deserialize<'de> for Degradation {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let word = String::deserialize(deserializer)?;
        Self::of(&word).ok_or_else(|| serde::de::Error::custom(unknown(&word)))
    }
}

/// The sensor, the kind and what follows of `SENSOR=KIND:REST`; the error says what is wrong.
pub(crate) fn parts(text: &str) -> Result<(&str, Degradation, &str), String> {
    let form = || format!("found `{}`, expected SENSOR=KIND:SEVERITY, such as colour=fog:0.6", short(text));
    // A sensor's name may hold anything, a kind and what follows it do not hold `=`.
    let (sensor, rest) = text.rsplit_once('=').ok_or_else(form)?;
    let (kind, rest) = rest.split_once(':').ok_or_else(form)?;
    let sensor = sensor.trim();
    if sensor.is_empty() {
        return Err(form());
    }
    Ok((sensor, Degradation::of(kind.trim()).ok_or_else(|| unknown(kind.trim()))?, rest.trim()))
}

/// A severity, 0 to 1.
pub(crate) fn severity(text: &str) -> Result<f32, String> {
    let number = text.trim().parse::<f32>().ok().filter(|severity| (0.0..=1.0).contains(severity));
    number.ok_or_else(|| format!("found the severity `{}`, expected a number from 0 to 1", short(text.trim())))
}

fn unknown(word: &str) -> String {
    let known: Vec<&str> = Degradation::ALL.into_iter().map(Degradation::word).collect();
    format!("no degradation named `{}`; there are {}", short(word), known.join(", "))
}
