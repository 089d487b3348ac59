//! The network: encoder, decoder, exchange between sensors, fusion.

use super::Change::{Live, Structural};
use super::{Component, Kind, choice, integer, number, option, setting_of, variant};

/// The entries of this group.
pub(super) static COMPONENTS: &[Component] = &[
    Component {
        id: "encoder",
        title: "Encoder",
        group: "Encoder",
        source: "OGP-Net, shared convolutions, Table 4",
        formula: "uᵐ = BNᵐ(W * xᵐ)",
        summary: "Five stages that turn each sensor's image into features; convolutions and batch norms can be shared between sensors",
        watch: "Parameter count against mIoU: sharing convolutions halves the network, separate norms keep the sensors apart",
        curve: "",
        probes: &[],
        variants: &[],
        settings: &[
            setting_of(
                "encoder.family",
                "Family",
                Structural,
                choice(
                    "efficientnet-b3",
                    &[
                        option("nano", "A small five-stage network made for demonstrations on two CPU cores"),
                        option(
                            "efficientnet-lite0",
                            "EfficientNet-Lite0: ReLU6, no squeeze-and-excitation, 4.7 M parameters with its classifier",
                        ),
                        option("efficientnet-b3", "EfficientNet-B3, OGP-Net's encoder"),
                        option("mscan-nano", "An MSCAN with five small blocks, for demonstrations on two CPU cores"),
                        option("mscan-b", "SegNeXt's MSCAN-B, 26.3 M parameters: SMMCL's best encoder"),
                        option("resnet-50", "ResNet-50, the encoder of cross-spectral adaptation: 23.5 M parameters"),
                        option("resnet-101", "ResNet-101, one of SMMCL's encoders: 42.5 M parameters"),
                        option(
                            "mit-nano",
                            "A Mix Transformer with one small block a level, for demonstrations on two CPU cores",
                        ),
                        option("mit-b0", "SegFormer's smallest Mix Transformer: 3.3 M parameters, strides 4 to 32"),
                        option("mit-b2", "Mix Transformer B2, 24.2 M parameters: Any2Seg's and SMMCL's encoder"),
                        option("mit-b4", "Mix Transformer B4, 60.8 M parameters: AMDANet's encoder"),
                    ],
                ),
                "The backbone",
            ),
            setting_of(
                "encoder.sharing",
                "Sharing",
                Structural,
                choice(
                    "shared-convolutions",
                    &[
                        option("separate", "Each sensor has an encoder of its own"),
                        option(
                            "shared-convolutions",
                            "One set of convolutions and linear layers, norms per sensor (OGP-Net's choice)",
                        ),
                        option("shared", "One encoder for all sensors, norms included"),
                    ],
                ),
                "What the sensors' encoders have in common (Table 4)",
            ),
            setting_of(
                "encoder.output_stride",
                "Output stride",
                Structural,
                choice(
                    "family",
                    &[
                        option(
                            "family",
                            "As the family is published: 16 for EfficientNets and nano, 32 for all others",
                        ),
                        option("16", "A sixteenth: a ResNet's last stage is dilated, as DeepLab has it"),
                    ],
                ),
                "How small the deepest level is against the image",
            ),
            setting_of(
                "encoder.drop_path",
                "Drop path",
                Live,
                number(0.1, 0.0, 0.9),
                "Stochastic depth of transformers: how often the deepest block's residual is left out in training; shallower ones are in proportion",
            ),
            setting_of(
                "encoder.freeze_layer_scale",
                "Freeze layer scales",
                Live,
                Kind::Switch(false),
                "MSCAN: leave the factors of residuals as they were loaded, as SMMCL's code does without meaning to",
            ),
            setting_of(
                "encoder.pretrained",
                "Pretrained weights",
                Structural,
                Kind::Text(""),
                "A .pth or .safetensors file with ImageNet weights; empty starts from random numbers",
            ),
        ],
    },
    Component {
        id: "decoder",
        title: "Decoder",
        group: "Decoder",
        source: "DeepLabV3+ (ECCV 2018)",
        formula: "",
        summary: "One DeepLabV3+ decoder per sensor: atrous pyramid on stage 5, joined with stage 2, at a quarter of the input size",
        watch: "Thin objects: they live in the stage 2 skip connection",
        curve: "",
        probes: &[],
        variants: &[],
        settings: &[
            setting_of(
                "decoder.family",
                "Family",
                Structural,
                choice(
                    "deeplab",
                    &[
                        option("deeplab", "DeepLabV3+: an atrous pyramid on the last level, joined with the first"),
                        option(
                            "mlp",
                            "SegFormer's head: a linear layer a level, resized, summed, and a 1×1 classifier",
                        ),
                        option("deeplab-v3", "DeepLabV3: full atrous convolutions on the last level, nothing joined"),
                        option("hamburger", "SegNeXt's light Hamburger head: a matrix factorisation on levels 2 to 4"),
                        option("rtfnet", "RTFNet's decoder: five stages, each of which doubles the size"),
                    ],
                ),
                "What turns the encoder's levels into class scores",
            ),
            setting_of(
                "decoder.sharing",
                "Sharing",
                Structural,
                choice(
                    "separate",
                    &[
                        option("separate", "Each sensor has a decoder of its own"),
                        option("shared", "One decoder for all sensors"),
                    ],
                ),
                "What the sensors' decoders have in common; fused levels have one decoder in any case",
            ),
            setting_of("decoder.channels", "Channels", Structural, integer(256, 8, 1024), "Width of the decoder map"),
            setting_of(
                "decoder.dropout",
                "Dropout",
                Structural,
                number(0.1, 0.0, 0.9),
                "SegFormer's and Hamburger heads: how often a channel of the decoder map is left out in training",
            ),
            setting_of(
                "decoder.skip_channels",
                "Skip channels",
                Structural,
                integer(48, 4, 512),
                "Width of the stage 2 skip connection",
            ),
            setting_of(
                "decoder.rates",
                "Atrous rates",
                Structural,
                Kind::Integers { default: &[12, 24, 36], min: 1, max: 96 },
                "Dilations of the three atrous convolutions",
            ),
            setting_of(
                "decoder.rank",
                "Rank",
                Structural,
                integer(64, 1, 512),
                "Hamburger: how many bases a map is made up of",
            ),
            setting_of(
                "decoder.steps",
                "Steps",
                Structural,
                integer(6, 1, 50),
                "Hamburger: updates of the factors in training",
            ),
            setting_of(
                "decoder.test_steps",
                "Steps at inference",
                Structural,
                integer(7, 1, 50),
                "Hamburger: updates of the factors in inference",
            ),
            setting_of(
                "decoder.skip",
                "Skip connections",
                Structural,
                Kind::Switch(false),
                "RTFNet: add the level of the same size behind stages 1 to 3; cross-spectral adaptation claims it, its code does not",
            ),
        ],
    },
    Component {
        id: "exchange.channel",
        title: "Channel exchange",
        group: "Exchange",
        source: "OGP-Net, decoupled multi-view contrast, after CEN (NeurIPS 2020)",
        formula: "u′ᵐ_c = uᵐ_c if |γᵐ_c| ≥ θ else u¹⁻ᵐ_c",
        summary: "A channel that one sensor's batch norm has scaled to almost nothing takes the other sensor's values",
        watch: "The share of exchanged channels, whole and by stage: from ImageNet weights few scales fall below the threshold",
        curve: "exchange.channel.share",
        probes: &[],
        variants: &[
            variant(
                "paper",
                "No sparsity penalty; CEN's threshold, for the paper says only that it is close to 0",
                &[
                    ("exchange.channel.threshold", "0.02"),
                    ("exchange.channel.site", "depthwise"),
                    ("exchange.channel.stages", "1,2,3,4,5"),
                    ("exchange.channel.sparsity", "0"),
                ],
            ),
            variant(
                "code",
                "CEN's code: the same exchange with its L1 penalty, which drives scales to 0",
                &[
                    ("exchange.channel.threshold", "0.02"),
                    ("exchange.channel.site", "depthwise"),
                    ("exchange.channel.stages", "1,2,3,4,5"),
                    ("exchange.channel.sparsity", "0.0002"),
                ],
            ),
        ],
        settings: &[
            setting_of(
                "exchange.channel.enabled",
                "Channel exchange",
                Live,
                Kind::Switch(true),
                "Swap channels with a small batch-norm scale between the two sensors",
            ),
            setting_of(
                "exchange.channel.threshold",
                "Threshold θ",
                Live,
                number(0.02, 0.0, 0.5),
                "Scales |γ| below this are exchanged; CEN uses 0.02, the paper says close to 0",
            ),
            setting_of(
                "exchange.channel.site",
                "Site",
                Structural,
                choice(
                    "depthwise",
                    &[
                        option("depthwise", "After the batch norm of the depth-wise convolution"),
                        option("projection", "After the batch norm of the 1×1 projection"),
                        option("stage-output", "After the last projection of each stage"),
                    ],
                ),
                "Which batch norm of a block exchanges",
            ),
            setting_of(
                "exchange.channel.stages",
                "Stages",
                Structural,
                Kind::Integers { default: &[1, 2, 3, 4, 5], min: 1, max: 5 },
                "Encoder stages that exchange",
            ),
            setting_of(
                "exchange.channel.sparsity",
                "Sparsity",
                Live,
                number(0.0, 0.0, 0.1),
                "Weight of CEN's L1 penalty on the scales; the paper leaves it out, CEN uses 0.0002",
            ),
        ],
    },
    Component {
        id: "exchange.spatial",
        title: "Spatial exchange",
        group: "Exchange",
        source: "OGP-Net Eq. 2",
        formula: "F′ᵐ = (1 − M) ⊙ Fᵐ + M ⊙ F¹⁻ᵐ",
        summary: "Every other column of the deep feature maps changes places between the two sensors",
        watch: "The exchange mask among the pictures, and what the subset table loses when it is off",
        curve: "",
        probes: &["exchange.spatial.mask"],
        variants: &[
            variant(
                "paper",
                "Odd columns of the last two stages change places (Eq. 2)",
                &[("exchange.spatial.stages", "4,5"), ("exchange.spatial.columns", "odd")],
            ),
            variant(
                "code",
                "open-cd's code: the same operator on the even columns",
                &[("exchange.spatial.stages", "4,5"), ("exchange.spatial.columns", "even")],
            ),
        ],
        settings: &[
            setting_of(
                "exchange.spatial.enabled",
                "Spatial exchange",
                Live,
                Kind::Switch(true),
                "Swap alternate columns of the deep stages",
            ),
            setting_of(
                "exchange.spatial.stages",
                "Stages",
                Structural,
                Kind::Integers { default: &[4, 5], min: 1, max: 5 },
                "Encoder stages whose output exchanges",
            ),
            setting_of(
                "exchange.spatial.columns",
                "Columns",
                Live,
                choice(
                    "odd",
                    &[option("odd", "Columns 1, 3, 5, … (Eq. 2)"), option("even", "Columns 0, 2, 4, … (open-cd)")],
                ),
                "Which columns swap",
            ),
        ],
    },
    Component {
        id: "fusion",
        title: "Fusion",
        group: "Fusion",
        source: "OGP-Net Eqs. 7–11, Table 5",
        formula: "Z₁ ⊙ tanh(W₁F_I) + Z₂ ⊙ tanh(W₂F_O) + Z₃ ⊙ tanh(W₃(F_I + F_O)),  Z_k = σ(W′_k[F_I, F_O, F_S])",
        summary: "How the sensors' decoder maps become one prediction; the gated selection unit weighs them per channel and place",
        watch: "The gate pictures over a dark part of a night scene",
        curve: "segmentation.fused",
        probes: &["gsu.gate.first", "gsu.gate.second", "gsu.gate.sum"],
        variants: &[variant(
            "paper",
            "The gated selection unit on the decoder maps; no code of it was released",
            &[("fusion.kind", "gsu"), ("fusion.level", "decoder")],
        )],
        settings: &[
            setting_of(
                "fusion.kind",
                "Kind",
                Structural,
                choice(
                    "gsu",
                    &[
                        option("gsu", "Gated selection unit (the paper's choice)"),
                        option(
                            "fdam",
                            "Self-attention and attention across the sensors and back, on the levels (AMDANet)",
                        ),
                        option("concat", "A 1×1 convolution on the concatenated maps: the unit removed (Table 5)"),
                        option("average", "The plain mean of the sensors' logits: no fusion parameters at all"),
                    ],
                ),
                "What joins the sensors",
            ),
            setting_of(
                "fusion.level",
                "Level",
                Structural,
                choice(
                    "decoder",
                    &[
                        option("decoder", "On the decoder maps, then a 1×1 head (matches the paper's parameter count)"),
                        option("logits", "On the class scores, without a further head"),
                        option("levels", "On each of the encoder's four levels; one decoder reads what comes out"),
                    ],
                ),
                "Where the unit works",
            ),
        ],
    },
    Component {
        id: "inference",
        title: "One sensor only",
        group: "Fusion",
        source: "OGP-Net, Tables 1 and 3",
        formula: "",
        summary: "What a two-sensor network does when one sensor is dropped",
        watch: "The subset table after an evaluation: the choices differ by several points",
        curve: "",
        probes: &[],
        variants: &[
            variant(
                "paper",
                "OGP-Net-IR of Table 1: the only single-sensor pass that the paper describes in full",
                &[("inference.single", "branch")],
            ),
            variant(
                "code",
                "DisOptNet's code, from which OGP-Net descends: the missing branch runs on the present image",
                &[("inference.single", "both")],
            ),
        ],
        settings: &[setting_of(
            "inference.single",
            "With one sensor",
            Live,
            choice(
                "both",
                &[
                    option("both", "Feed the present sensor's image to both branches (default reading of the paper)"),
                    option("zeros", "Feed zeros to the missing branch"),
                    option("copy", "Copy the present decoder map in place of the missing one"),
                    option("branch", "Use the present branch's own head, without exchange (OGP-Net-IR)"),
                ],
            ),
            "How the missing branch is filled",
        )],
    },
];
