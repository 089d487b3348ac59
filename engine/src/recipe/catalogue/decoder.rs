//! The decoder.

use crate::recipe::choice::choice;
use crate::recipe::component::{Component, settings};
use crate::recipe::key::{integer, integers, number, switch};

choice! {
    /// What turns the encoder's levels into class scores.
    pub enum Family {
        DeepLab = "deeplab": "DeepLabV3+: an atrous pyramid on the last level, joined with the first",
        Mlp = "mlp": "SegFormer's head: a linear layer a level, resized, summed, and a 1×1 classifier",
        DeepLabV3 = "deeplab-v3": "DeepLabV3: full atrous convolutions on the last level, nothing joined",
        Hamburger = "hamburger": "SegNeXt's light Hamburger head: a matrix factorisation on levels 2 to 4",
        RtfNet = "rtfnet": "RTFNet's decoder: five stages, each of which doubles the size",
    }
}

choice! {
    /// What the sensors' decoders have in common; fused levels have one decoder in any case.
    pub enum Sharing {
        Separate = "separate": "Each sensor has a decoder of its own",
        Shared = "shared": "One decoder for all sensors",
    }
}

choice! {
    /// How a decoder that sensors share normalises their maps.
    pub enum Norms {
        Joint = "joint": "All sensors' maps as one batch: one mean and deviation of both",
        Alternating = "alternating":
            "One sensor after the other, each by its own batch; the running statistics follow all in turn (cross-spectral adaptation's code)",
        Separate = "separate": "Norms for each sensor: scales, shifts and running statistics of its own",
    }
}

choice! {
    /// The numbers of the decoder's batch norms.
    pub enum Norm {
        Torch = "pytorch": "ε = 1e-5, a tenth of each batch in the running statistics: PyTorch's defaults",
        Cmx = "cmx": "ε = 1e-3, a tenth (CMX's and SMMCL's code)",
        Mrfs = "mrfs": "ε = 1e-2, a hundredth (MRFS's and AMDANet's code)",
    }
}

settings! {
    FAMILY: Family = "decoder.family", "Family", Structural, Family::DeepLab.by_default(),
        "What turns the encoder's levels into class scores";
    SHARING: Sharing = "decoder.sharing", "Sharing", Structural, Sharing::Separate.by_default(),
        "What the sensors' decoders have in common; fused levels have one decoder in any case";
    NORMS: Norms = "decoder.norms", "Norms of a shared one", Structural, Norms::Joint.by_default(),
        "With one decoder for all sensors: how its batch norms take their maps";
    NORM: Norm = "decoder.norm", "Batch norm", Structural, Norm::Torch.by_default(),
        "The numbers of the decoder's batch norms; Hamburger has none";
    CHANNELS: usize = "decoder.channels", "Channels", Structural, integer(256, 8, 1024), "Width of the decoder map";
    DROPOUT: f64 = "decoder.dropout", "Dropout", Structural, number(0.1, 0.0, 0.9),
        "SegFormer's and Hamburger heads: how often a channel of the decoder map is left out in training";
    SKIP_CHANNELS: usize = "decoder.skip_channels", "Skip channels", Structural, integer(48, 4, 512),
        "Width of the stage 2 skip connection";
    RATES: Vec<usize> = "decoder.rates", "Atrous rates", Structural, integers(&[12, 24, 36], 1, 96),
        "Dilations of the three atrous convolutions";
    RANK: usize = "decoder.rank", "Rank", Structural, integer(64, 1, 512),
        "Hamburger: how many bases a map is made up of";
    STEPS: usize = "decoder.steps", "Steps", Structural, integer(6, 1, 50),
        "Hamburger: updates of the factors in training";
    TEST_STEPS: usize = "decoder.test_steps", "Steps at inference", Structural, integer(7, 1, 50),
        "Hamburger: updates of the factors in inference";
    SKIP: bool = "decoder.skip", "Skip connections", Structural, switch(false),
        "RTFNet: add the level of the same size behind stages 1 to 3; cross-spectral adaptation claims it, its code does not";
}

/// The entry.
pub(in crate::recipe) const COMPONENT: Component = Component {
    id: "decoder",
    title: "Decoder",
    group: "Decoder",
    source: "DeepLabV3+ (ECCV 2018), SegFormer, SegNeXt, RTFNet",
    summary: "What turns the encoder's four levels into class scores, for each sensor or once for all",
    watch: "Thin objects: they live in the first level, which not every decoder looks at",
    settings: SETTINGS,
    ..Component::BLANK
};
