//! What is known of each degradation: its physics, its source, and the sensors that it fits.

use super::modality_kind::ModalityKind::{self, Colour, Depth, Disparity, Event, Lidar, NearInfrared, Other};
use super::modality_kind::ModalityKind::{Polarisation, Thermal};
use crate::recipe::catalogue::data::degradation::Degradation;

/// What stands behind a degradation's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DegradationFacts {
    /// A short title, sentence case.
    pub title: &'static str,
    /// What happens, and how much of it at severity 1, in one paragraph.
    pub physics: &'static str,
    /// Where the model is from.
    pub source: &'static str,
    /// The kinds of sensors that it can happen to.
    pub fits: &'static [ModalityKind],
}

/// All there are.
const EVERY: &[ModalityKind] = &ModalityKind::ALL;
/// Cameras that see reflected light.
const REFLECTED: &[ModalityKind] = &[Colour, NearInfrared];
/// Sensors behind a lens.
const LENS: &[ModalityKind] = &[Colour, Thermal, NearInfrared, Polarisation];
/// Sensors whose values are levels.
const LEVELS: &[ModalityKind] = &[Colour, Thermal, NearInfrared, Polarisation, Other];
/// Sensors that measure distance in every pixel.
const RANGE: &[ModalityKind] = &[Depth, Disparity];
/// Sensors that are read row by row.
const ROWS: &[ModalityKind] = &[Colour, Thermal, Depth, Disparity, NearInfrared, Event, Polarisation, Other];

impl Degradation {
    /// What stands behind the name.
    pub const fn facts(self) -> DegradationFacts {
        let (title, fits, source, physics): (_, &[ModalityKind], _, _) = match self {
            Self::OverExposure => (
                "Over-exposure",
                REFLECTED,
                "Our model; the case is OE of DELIVER (CVPR 2023)",
                "The light is multiplied, values being light to the power 1/2.2, and what passes the sensor's full well is cut off. Severity 1 is four stops.",
            ),
            Self::UnderExposure => (
                "Under-exposure",
                REFLECTED,
                "Our model; the case is UE of DELIVER (CVPR 2023)",
                "The light is divided, values being light to the power 1/2.2, and stored in 255 steps, so that dark places fall together. Severity 1 is eight stops.",
            ),
            Self::Noise => (
                "Shot and read noise",
                LEVELS,
                "Foi et al., IEEE TIP 2008",
                "Photons arrive at random, so their noise grows with the root of the value; the circuit that reads them adds noise of its own everywhere. Severity 1 has a deviation of 0.12 of the range in the dark and 0.23 in white.",
            ),
            Self::MotionBlur => (
                "Motion blur",
                LENS,
                "Hendrycks and Dietterich, ICLR 2019; failure case MB of DELIVER",
                "Each value is the mean along a straight path in a direction drawn for the scene. At severity 1 the path is a tenth of the longer side.",
            ),
            Self::Defocus => (
                "Defocus",
                LENS,
                "Hendrycks and Dietterich, ICLR 2019",
                "A point becomes a disc, the picture of the lens's opening. At severity 1 its radius is 3 % of the longer side.",
            ),
            Self::Fog => (
                "Fog",
                REFLECTED,
                "Koschmieder 1924; Sakaridis et al., IJCV 2018 (Foggy Cityscapes)",
                "Light from a distance d arrives as e^−βd, and the fog's own light takes the place of the rest; that light is the brightest twentieth of the image. Distance comes from the scene's depth or disparity image, in use or not, where large places without a measurement are far, as the sky is; without such an image it is that of a flat road under a level camera. At severity 1 βd is 5 at the far end of the range.",
            ),
            Self::Rain => (
                "Rain",
                REFLECTED,
                "Garg and Nayar, ACM ToG 2006",
                "Drops fall through the exposure and leave bright streaks of one slant; those too far to be seen one by one veil what is behind. Severity 1 has a streak in every 150 pixels of a picture 240 high, and a veil of a third.",
            ),
            Self::Glare => (
                "Glare",
                REFLECTED,
                "CIE 146:2002, veiling glare",
                "A source in the upper half scatters in the lens: its veil falls with the square of the angle from it. At severity 1 it is white at the source, and a quarter of that lies on everything.",
            ),
            Self::LowResolution => (
                "Low resolution",
                EVERY,
                "Our model; DELIVER (CVPR 2023) has the case for events alone",
                "The image in fewer pixels, brought back to its size: photographs by means, distances by the pixel in the middle, events by the strongest of each block. At severity 1 a pixel is 16 wide and high.",
            ),
            Self::DeadLines => (
                "Dead rows and columns",
                ROWS,
                "EMVA standard 1288, defect pixels",
                "Lines whose amplifier is broken answer black, white or, where the sensor knows holes, nothing: the same lines in every scene, except in training, where each scene draws its own. At severity 1 one row in four and one column in four, which is about 44 % of the pixels.",
            ),
            Self::ThermalDrift => (
                "Thermal drift",
                &[Thermal],
                "Scribner et al., SPIE 1541 (1991): non-uniformity of focal plane arrays",
                "A microbolometer's offsets wander with the camera's own warmth until a shutter calibrates them anew: the level, a gradient from the housing, columns and single pixels. The pattern is the same in every scene, except in training, where each scene draws its own. Severity 1 moves the level by a fifth of the range, either way, with a gradient of as much across the image and deviations of 8 % of the range from column to column and 5 % from pixel to pixel.",
            ),
            Self::ThermalCrossover => (
                "Thermal crossover",
                &[Thermal],
                "Attribute TC of RGBT234 (Li et al., Pattern Recognition 2019)",
                "Twice a day things are as warm as what is behind them: differences from the scene's mean shrink, while the sensor's noise stays. At severity 1 a twentieth of the contrast is left, under noise of a deviation of 2 % of the range.",
            ),
            Self::DepthHoles => (
                "Depth holes",
                RANGE,
                "Mallick et al., IEEE Sensors Journal 2014 (noise of Kinect)",
                "The pattern or the second view is lost on edges, far away, and on dark and shining things, which are patches: pixels of the likeliest nine tenths, at severity 1, have no measurement.",
            ),
            Self::DepthQuantisation => (
                "Depth quantisation",
                RANGE,
                "Khoshelham and Elberink, Sensors 2012",
                "Distance is made of a disparity that is cut to whole steps, so that its own steps grow with the square of the distance. Six bits of the step go one after the other; at severity 1 nearly all of the farther half of the range is one distance. A disparity image keeps its quarters.",
            ),
            Self::BeamLoss => (
                "Beam loss",
                &[Lidar],
                "Hahner et al., ICCV 2021 (LiDAR in fog)",
                "Whole beams, here 64 bands of rows, and single returns stay away. At severity 1 nine beams of ten, and three in ten of the returns of the others: 7 % are left.",
            ),
            Self::LidarJitter => (
                "LiDAR jitter",
                &[Lidar],
                "Our model; the case is LJ of DELIVER (CVPR 2023)",
                "Each beam, here one of 64 bands of rows, is turned by an amount of its own, and each return has an error in range. Severity 1 has deviations of 3 % of the width and 5 % of the range.",
            ),
            Self::EventNoise => (
                "Event noise",
                &[Event],
                "Hu et al., v2e, CVPR Workshops 2021",
                "Leaks and shot noise fire pixels where nothing changed, and an insensitive threshold misses changes. At severity 1 a quarter of the pixels fire and half of the events are missing.",
            ),
            Self::Shift => (
                "Shift",
                EVERY,
                "Zhang et al., ICCV 2019 (weakly aligned sensors)",
                "The image is moved in a direction drawn for the scene; what comes in at an edge is what stood there. Severity 1 is a tenth of the longer side.",
            ),
            Self::Scale => (
                "Scale",
                EVERY,
                "Zhang et al., ICCV 2019 (weakly aligned sensors)",
                "Another focal length than the calibration says, longer or shorter by the scene's draw. Severity 1 is a quarter.",
            ),
            Self::Rotation => (
                "Rotation",
                EVERY,
                "Zhang et al., ICCV 2019 (weakly aligned sensors)",
                "The camera is turned about its axis, either way by the scene's draw. Severity 1 is 15 degrees.",
            ),
            Self::Parallax => (
                "Parallax",
                EVERY,
                "Hartley and Zisserman, Multiple View Geometry, section 9",
                "A camera to the left or right of the first sees near things elsewhere: the shift is inverse to the distance, which is had as for fog. Severity 1 moves the nearest tenth of the range by 8 % of the width.",
            ),
            Self::FrozenFrame => (
                "Frozen frame",
                EVERY,
                "Our model",
                "The sensor repeats the image of the scene before in the split's list, the first one that of the last: in a list of videos an earlier frame, among single photographs another place. Severity is the share of scenes that this happens to, and more severe means the same scenes and others.",
            ),
            Self::Occlusion => (
                "Partial occlusion",
                EVERY,
                "Uřičář et al., ICCV Workshops 2019 (soiling of cameras)",
                "Patches of the lens are covered: dark, or holes where the sensor knows such. At severity 1 they are four fifths of the image.",
            ),
            Self::ElementLoss => (
                "Random element loss",
                EVERY,
                "RMM of Liao et al., CVPR Workshops 2025",
                "Each value is lost with the severity as its probability, channel by channel, and reads the channel's mean, which is what the protocol's zero stands for once an image is normalised, or a hole where the sensor knows such. The protocol `rmm` itself sets normalised values to 0.",
            ),
            Self::SaltAndPepper => (
                "Salt and pepper",
                EVERY,
                "NM of Liao et al., CVPR Workshops 2025",
                "Values here and there become the image's largest or smallest, then all but events get Gaussian noise. Severity 1 is the protocol's high: a fifth of the values, and a deviation of half of ImageNet's. The protocol `nm` itself works on normalised values.",
            ),
            Self::Blackout => (
                "Blackout",
                EVERY,
                "Our model; at severity 1 the whole sensor is silent, as in EMM of Liao et al., CVPR Workshops 2025",
                "Rows from the bottom up are black, or holes where the sensor knows such: as many of all as the severity says.",
            ),
        };
        DegradationFacts { title, physics, source, fits }
    }

    /// Whether it can happen to a sensor of this kind.
    pub fn fits(self, kind: ModalityKind) -> bool {
        self.facts().fits.contains(&kind)
    }

    /// All that can happen to a sensor of this kind, in the catalogue's order.
    pub fn of_kind(kind: ModalityKind) -> impl Iterator<Item = Self> {
        Self::ALL.into_iter().filter(move |degradation| degradation.fits(kind))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_degradation_says_what_it_is_and_fits_some_sensor() {
        for degradation in Degradation::ALL {
            let DegradationFacts { title, physics, source, fits } = degradation.facts();
            assert!(!title.is_empty() && !source.is_empty() && !fits.is_empty(), "{}", degradation.word());
            assert!(physics.ends_with('.') && physics.len() > 60, "{}: {physics}", degradation.word());
        }
        for kind in ModalityKind::ALL {
            assert!(Degradation::of_kind(kind).count() >= 8, "{}", kind.name());
            assert_eq!(ModalityKind::of(kind.name()), Some(kind));
        }
    }
}
