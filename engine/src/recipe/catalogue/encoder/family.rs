//! The families of encoders, each with what the rest of the program must know of it.

use crate::recipe::choice::choice;

choice! {
    /// The backbone.
    pub enum Family {
        Nano = "nano": "A small five-stage network made for demonstrations on two CPU cores",
        EfficientNetLite0 = "efficientnet-lite0":
            "EfficientNet-Lite0: ReLU6, no squeeze-and-excitation, 4.7 M parameters with its classifier",
        EfficientNetB3 = "efficientnet-b3": "EfficientNet-B3, OGP-Net's encoder",
        MscanNano = "mscan-nano": "An MSCAN with five small blocks, for demonstrations on two CPU cores",
        MscanB = "mscan-b": "SegNeXt's MSCAN-B, 26.3 M parameters: SMMCL's best encoder",
        ResNet50 = "resnet-50": "ResNet-50, the encoder of cross-spectral adaptation: 23.5 M parameters",
        ResNet101 = "resnet-101": "ResNet-101, one of SMMCL's encoders: 42.5 M parameters",
        MitNano = "mit-nano": "A Mix Transformer with one small block a level, for demonstrations on two CPU cores",
        MitB0 = "mit-b0": "SegFormer's smallest Mix Transformer: 3.3 M parameters, strides 4 to 32",
        MitB2 = "mit-b2": "Mix Transformer B2, 24.2 M parameters: Any2Seg's and SMMCL's encoder",
        MitB4 = "mit-b4": "Mix Transformer B4, 60.8 M parameters: AMDANet's encoder",
    }
}

/// What a family's levels are made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Blocks {
    /// Convolutions, each followed by a batch norm: they can be dilated, and the norms' scales say which channels
    /// matter.
    Convolutional,
    /// Attention and layer norms (SegFormer).
    MixTransformer,
    /// Attention by convolutions, behind batch norms (SegNeXt).
    Mscan,
}

/// What the images were normalised with that published weights were trained on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Published {
    /// ImageNet's mean and deviation.
    Imagenet,
    /// Mean 127 and deviation 128 of 255, as EfficientNet-Lite has it.
    Lite,
}

/// What stands behind a family's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Facts {
    /// What its levels are made of.
    pub blocks: Blocks,
    /// What its published weights expect; `None` for a family that has none, whose shipped weights expect the data set's
    /// own mean and deviation.
    pub published: Option<Published>,
    /// Channels in and out of a last 1×1 convolution, with a norm, that libraries keep in this encoder for a classifier
    /// which segmentation does not have: counted in papers, built by none of ours.
    pub unused_head: Option<[usize; 2]>,
    /// Whether weights of it come with the program.
    pub is_shipped: bool,
}

impl Family {
    /// What stands behind the name.
    pub const fn facts(self) -> Facts {
        let (blocks, published) = match self {
            Self::Nano => (Blocks::Convolutional, None),
            Self::EfficientNetLite0 => (Blocks::Convolutional, Some(Published::Lite)),
            Self::EfficientNetB3 | Self::ResNet50 | Self::ResNet101 => {
                (Blocks::Convolutional, Some(Published::Imagenet))
            }
            Self::MscanNano => (Blocks::Mscan, None),
            Self::MscanB => (Blocks::Mscan, Some(Published::Imagenet)),
            Self::MitNano => (Blocks::MixTransformer, None),
            Self::MitB0 | Self::MitB2 | Self::MitB4 => (Blocks::MixTransformer, Some(Published::Imagenet)),
        };
        let unused_head = match self {
            Self::EfficientNetLite0 => Some([320, 1280]),
            Self::EfficientNetB3 => Some([384, 1536]),
            Self::Nano
            | Self::ResNet50
            | Self::ResNet101
            | Self::MscanNano
            | Self::MscanB
            | Self::MitNano
            | Self::MitB0
            | Self::MitB2
            | Self::MitB4 => None,
        };
        let is_shipped = matches!(self, Self::Nano | Self::MscanNano | Self::MitNano);
        Facts { blocks, published, unused_head, is_shipped }
    }
}
