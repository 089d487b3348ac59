//! The encoder.

mod family;
mod pretrained;

pub use self::family::{Blocks, Facts, Family, Published};
pub use self::pretrained::Pretrained;
use crate::recipe::choice::choice;
use crate::recipe::component::{Component, settings};
use crate::recipe::error::RecipeError;
use crate::recipe::key::{number, switch, text};
use crate::recipe::settings::Settings;

choice! {
    /// What the sensors' encoders have in common (Table 4).
    pub enum Sharing {
        Separate = "separate": "Each sensor has an encoder of its own",
        Convolutions = "shared-convolutions":
            "One set of convolutions and linear layers, norms per sensor (OGP-Net's choice)",
        All = "shared": "One encoder for all sensors, norms included",
    }
}

choice! {
    /// How small the deepest level is against the image.
    pub enum OutputStride {
        Published = "family": "As the family is published: 16 for EfficientNets and nano, 32 for all others",
        Sixteenth = "16": "A sixteenth: a ResNet's last stage is dilated, as DeepLab has it",
    }
}

settings! {
    FAMILY: Family = "encoder.family", "Family", Structural, Family::EfficientNetB3.by_default(), "The backbone";
    SHARING: Sharing = "encoder.sharing", "Sharing", Structural, Sharing::Convolutions.by_default(),
        "What the sensors' encoders have in common (Table 4)";
    OUTPUT_STRIDE: OutputStride = "encoder.output_stride", "Output stride", Structural,
        OutputStride::Published.by_default(),
        "How small the deepest level is against the image";
    NARROW_LEVELS: bool = "encoder.narrow_levels", "Narrow levels", Structural, switch(false),
        "1×1 convolutions take the levels of ResNets, EfficientNets and nano to 64, 128, 320 and 512 channels before the sensors meet, as SMMCL needs them with ResNet-101; the encoder goes on with the wide ones. For decoders that look at every level";
    DROP_PATH: f64 = "encoder.drop_path", "Drop path", Live, number(0.1, 0.0, 0.9),
        "Stochastic depth of transformers: how often the deepest block's residual is left out in training; shallower ones are in proportion";
    FREEZE_LAYER_SCALE: bool = "encoder.freeze_layer_scale", "Freeze layer scales", Live, switch(false),
        "MSCAN: leave the factors of residuals as they were loaded, as SMMCL's code does without meaning to";
    PRETRAINED: String = "encoder.pretrained", "Pretrained weights", Structural, text(""),
        "What the encoder has learned before: nano, mit-nano or mscan-nano for the shipped weights of that family, or a .pth or .safetensors file (ImageNet weights under the names of timm, torchvision, SegFormer or SegNeXt, or a run of ours); empty starts from random numbers";
}

/// The entry.
pub(in crate::recipe) const COMPONENT: Component = Component {
    id: "encoder",
    title: "Encoder",
    group: "Encoder",
    source: "OGP-Net, shared convolutions, Table 4",
    formula: "uᵐ = BNᵐ(W * xᵐ)",
    summary: "Five stages that turn each sensor's image into features; convolutions and batch norms can be shared between sensors",
    watch: "Parameter count against mIoU: sharing convolutions halves the network, separate norms keep the sensors apart",
    settings: SETTINGS,
    check,
    ..Component::BLANK
};

fn check(settings: &Settings) -> Result<(), RecipeError> {
    if let Pretrained::Shipped(family) = Pretrained::of(settings.get(PRETRAINED))
        && family != settings.get(FAMILY)
    {
        return PRETRAINED.impossible(&format!(
            "these are weights of a {} encoder and `encoder.family` is {}; name that family's, a file, or nothing",
            family.word(),
            settings.get(FAMILY).word()
        ));
    }
    let is_convolutional = settings.get(FAMILY).facts().blocks == Blocks::Convolutional;
    match settings.get(OUTPUT_STRIDE) {
        OutputStride::Sixteenth if !is_convolutional => OUTPUT_STRIDE.impossible(
            "only encoders of convolutional blocks can be dilated; choose `family` or another `encoder.family`",
        ),
        OutputStride::Sixteenth | OutputStride::Published => Ok(()),
    }
}
