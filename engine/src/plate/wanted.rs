//! What a plate is asked for.

use std::str::FromStr;

use image::RgbaImage;

use crate::protocol::{Content, DatasetSummary, Frame, Region};

/// Makes of a frame a picture: what it shows, its bytes, and whose classes and colours they are.
pub type Painting = fn(&Content, &Frame, &DatasetSummary) -> RgbaImage;

/// What is shown, and how large.
#[derive(Clone, Debug, PartialEq)]
pub struct Wanted {
    /// The sensors that have a column, by name, in this order; views among those wanted that are sensors' follow.
    pub sensors: Vec<String>,
    /// What is shown of each method beside its prediction.
    pub views: Vec<WantedView>,
    /// What is marked and enlarged.
    pub crops: Vec<Crop>,
    /// Whether the scene's mean IoU stands under each prediction.
    pub shows_miou: bool,
    /// How wide the whole is, in millimetres.
    pub width_mm: f64,
    /// How large letters are, in points.
    pub letters_pt: f64,
}

impl Default for Wanted {
    /// As wide as the text of a page with two columns, in letters of 8 points.
    fn default() -> Self {
        Self {
            sensors: Vec::new(),
            views: Vec::new(),
            crops: Vec::new(),
            shows_miou: false,
            width_mm: 180.0,
            letters_pt: 8.0,
        }
    }
}

/// One view, and what stands above it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WantedView {
    /// Its name, as `fusionscope inspect` lists it.
    pub name: String,
    /// The heading; the name where nobody says otherwise.
    pub heading: String,
}

impl FromStr for WantedView {
    type Err = String;

    /// `NAME`, or `NAME=HEADING`.
    fn from_str(words: &str) -> Result<Self, String> {
        let (name, heading) = words.split_once('=').unwrap_or((words, words));
        let [name, heading] = [name, heading].map(|part| part.trim().to_owned());
        if name.is_empty() || heading.is_empty() {
            return Err("expected a view's name, or NAME=HEADING".to_owned());
        }
        Ok(Self { name, heading })
    }
}

/// A part of scenes that is marked, and enlarged beneath.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Crop {
    /// The scene's id; of every scene where none is named.
    pub scene: Option<String>,
    /// Where.
    pub region: Region,
}

impl Crop {
    /// Whether it is of the scene of that id.
    pub(super) fn is_of(&self, scene: &str) -> bool {
        self.scene.as_deref().is_none_or(|own| own == scene)
    }
}

impl FromStr for Crop {
    type Err = String;

    /// `X,Y,W,H`: the left and upper side, width and height, each 0 to 1; `SCENE=X,Y,W,H` for one scene alone.
    fn from_str(words: &str) -> Result<Self, String> {
        let (scene, numbers) = words.rsplit_once('=').map_or((None, words), |(scene, rest)| (Some(scene), rest));
        let parsed: Option<Vec<f32>> = numbers.split(',').map(|part| part.trim().parse().ok()).collect();
        let sides = parsed.and_then(|sides| <[f32; 4]>::try_from(sides).ok()).filter(|&[x, y, width, height]| {
            let fits = |from: f32, length: f32| from >= 0.0 && length > 0.0 && from + length <= 1.000_01;
            fits(x, width) && fits(y, height)
        });
        let [x, y, width, height] = sides.ok_or(
            "expected left and upper side, width and height as shares of the scene, 0 to 1, within it, such as \
             0.4,0.3,0.2,0.2, or SCENE=0.4,0.3,0.2,0.2",
        )?;
        // Upwards, so that the pixel at a share of its picture is not missed.
        let place = |share: f32| (share.min(1.0) * f32::from(u16::MAX)).ceil() as u16;
        let [left, top, right, bottom] = [x, y, x + width, y + height].map(place);
        Ok(Self { scene: scene.map(str::to_owned), region: Region { left, top, right, bottom } })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn crops_lie_within_the_scene_and_may_be_of_one_alone() {
        let crop: Crop = "0.5, 0.25,0.5,0.5".parse().unwrap();
        assert_eq!(crop.region.pixels(100, 200), [25..75, 100..200]);
        assert!(crop.is_of("a") && crop.is_of("b"));
        let own: Crop = "a=b=0,0,1,1".parse().unwrap();
        assert_eq!(own.scene.as_deref(), Some("a=b"));
        assert!(own.is_of("a=b") && !own.is_of("a"));
        for wrong in ["", "0,0,1", "0,0,0,1", "0.6,0,0.6,1", "-0.1,0,1,1", "a,b,c,d", "NaN,0,1,1", "0,0,inf,1"] {
            assert!(wrong.parse::<Crop>().unwrap_err().contains("0.4,0.3,0.2,0.2"), "{wrong}");
        }
    }

    #[test]
    fn a_view_may_have_a_heading_of_its_own() {
        let view: WantedView = "uncertainty.entropy.fused=Entropy".parse().unwrap();
        assert_eq!((view.name.as_str(), view.heading.as_str()), ("uncertainty.entropy.fused", "Entropy"));
        let plain: WantedView = " fusion.image".parse().unwrap();
        assert_eq!((plain.name.as_str(), plain.heading.as_str()), ("fusion.image", "fusion.image"));
        assert!("=x".parse::<WantedView>().is_err() && "x=".parse::<WantedView>().is_err());
    }
}
