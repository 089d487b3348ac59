//! How scenes become batches.

pub mod degradation;
pub mod degrade;
pub mod drop;
pub mod fake_night;
pub mod pseudo_labels;

use crate::recipe::choice::choice;
use crate::recipe::component::{Component, settings, variant};
use crate::recipe::error::RecipeError;
use crate::recipe::key::{integer, number, text};
use crate::recipe::settings::Settings;

choice! {
    /// How a share of the training scenes is drawn.
    pub enum Drawing {
        Scenes = "scenes": "Any scene is as likely as another",
        Classes = "classes":
            "Scenes in turn that bring the class of which the least is there so far: every class keeps about its share of pixels, and no class is lost that some label has. Reads every label once",
    }
}

choice! {
    /// How values between 0 and 1 become network input.
    pub enum Normalisation {
        Encoder = "encoder":
            "What the encoder was pretrained with, for every sensor; the data set's own for nano families, whose shipped weights expect it",
        Imagenet = "imagenet": "ImageNet's mean and deviation for every sensor, on the replicated channel",
        Unit = "unit": "0 to 1 as they are, for every sensor (AMDANet)",
        DisOptNet = "disoptnet":
            "ImageNet's for colour, mean 0.5 and deviation 0.125 for all others (DisOptNet's radar values)",
        ImagenetColour = "imagenet-colour":
            "ImageNet's for colour, 0 to 1 as they are for all others (CMNeXt, Any2Seg, cross-spectral adaptation)",
        Manifest = "manifest": "What the data set's manifest says, sensor by sensor",
    }
}

settings! {
    CLASS_MAP: String = "data.class_map", "Class map", Structural, text(""),
        "Joins classes by a map of the data set, for example nyu13, or by one in a .toml file; empty takes the data set's own choice, none its labels as they are";
    BATCH_SIZE: usize = "data.batch_size", "Batch size", Structural, integer(8, 1, 256), "Scenes in one step";
    TAG: String = "data.tag", "Condition", Structural, text(""),
        "Trains on the scenes of this condition tag alone, such as night; empty takes all. Evaluations see every scene";
    FRACTION: f64 = "data.fraction", "Share of scenes", Structural, number(1.0, 0.001, 1.0),
        "Trains on this share of the scenes, one at least, drawn by the seed: a smaller share is a part of a larger one. Evaluations see every scene";
    FRACTION_BY: Drawing = "data.fraction_by", "Drawn by", Structural, Drawing::Scenes.by_default(),
        "How that share is drawn; both by the seed";
    HOLD_OUT: f64 = "data.hold_out", "Held out", Structural, number(0.1, 0.0, 0.9),
        "Share of the training scenes kept as validation, by a hash of the id, where the data set has no validation split; 0 trains on all of them, and the last step is then evaluated on test alone";
    MISREGISTRATION: usize = "data.misregistration", "Misregistration (px)", Structural, integer(0, 0, 256),
        "Moves the images of every sensor but the data set's first against the labels, by up to so many pixels across and down, each scene by its own amount, in training and evaluation: cameras that were not registered";
    HEIGHT: usize = "data.height", "Height (px)", Structural, integer(0, 0, 4096),
        "Height that samples are resized to before cropping; 0 keeps the file's";
    WIDTH: usize = "data.width", "Width (px)", Structural, integer(0, 0, 4096),
        "Width that samples are resized to before cropping; 0 keeps the file's";
    CROP: usize = "data.crop", "Crop (px)", Structural, integer(0, 0, 4096),
        "Side of a random crop in training, cut down to the images where they are smaller; 0 crops only what a batch of unequal sizes needs";
    CROP_HEIGHT: usize = "data.crop_height", "Crop's height (px)", Structural, integer(0, 0, 4096),
        "Height of a crop, whose side is then its width; 0 makes it a square";
    NORMALISATION: Normalisation = "data.normalisation", "Normalisation", Structural,
        Normalisation::Encoder.by_default(),
        "How values between 0 and 1 become network input";
    FLIP: f64 = "data.flip", "Horizontal flip", Structural, number(0.5, 0.0, 1.0),
        "Probability of mirroring left and right";
    SCALE_MIN: f64 = "data.scale_min", "Scale from", Structural, number(1.0, 0.25, 4.0), "Smallest random scale";
    SCALE_MAX: f64 = "data.scale_max", "Scale to", Structural, number(1.0, 0.25, 4.0), "Largest random scale";
    JITTER: f64 = "data.jitter", "Colour jitter", Structural, number(0.0, 0.0, 1.0),
        "Probability of changing brightness, contrast and saturation of the colour image by up to one half";
    BLUR: f64 = "data.blur", "Blur", Structural, number(0.0, 0.0, 1.0),
        "Probability of a 3×3 Gaussian blur of the colour image";
}

/// The entry.
pub(in crate::recipe) const COMPONENT: Component = Component {
    id: "data",
    title: "Batches and augmentation",
    group: "Data",
    source: "OGP-Net, implementation details",
    summary: "How samples become batches; geometry is changed identically for every sensor and the label",
    watch: "The evaluations' mIoU while the loss still falls: where it stalls, more augmentation helps",
    variants: &[
        variant(
            "paper",
            "Square crops of 480 pixels and the encoder's own normalisation: the paper names neither",
            &[("data.crop", "480"), ("data.normalisation", "encoder")],
        ),
        variant(
            "code",
            "DisOptNet's code: crops of 512 pixels, the second sensor by mean 0.5 and deviation 0.125",
            &[("data.crop", "512"), ("data.normalisation", "disoptnet")],
        ),
    ],
    settings: SETTINGS,
    check,
    ..Component::BLANK
};

fn check(settings: &Settings) -> Result<(), RecipeError> {
    if settings.get(SCALE_MIN) > settings.get(SCALE_MAX) {
        return SCALE_MIN.impossible("is larger than `data.scale_max`; lower it or raise the other");
    }
    if (settings.get(HEIGHT) == 0) != (settings.get(WIDTH) == 0) {
        return HEIGHT.impossible("height and width are both given or both 0");
    }
    Ok(())
}
