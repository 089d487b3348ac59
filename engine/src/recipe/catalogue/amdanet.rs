//! AMDANet (ICCV 2025): alignment of two sensors' features, masked features, the fusion image and its losses.

use super::Change::{Live, Structural};
use super::{Component, Kind, choice, integer, number, option, setting_of, variant};

/// The parts of the network.
pub(super) static COMPONENTS: &[Component] = &[
    Component {
        id: "sci",
        title: "Semantic consistency inference (SCI)",
        group: "Exchange",
        source: "AMDANet §3.1, Eqs. 1–5",
        formula: "Fᵃᵢₙ = Fᵢₙ + λM(Fᵥᵢ − Fᵢₙ),  M = σ(MLP[Fᵢₙ, Fᵥᵢ])  where S_m < τ",
        summary: "Where two sensors' features contradict each other, each is blended with the other's before they are aligned",
        watch: "The similarity S_m of each level against τ, and where the mask M is bright",
        curve: "",
        probes: &[
            "sci.mask.level1",
            "sci.mask.level2",
            "sci.mask.level3",
            "sci.mask.level4",
            "sci.cosine.level1",
            "sci.cosine.level2",
            "sci.cosine.level3",
            "sci.cosine.level4",
        ],
        variants: &[
            variant(
                "paper",
                "On the encoder's outputs, each sample by its own similarity, λ learned",
                &[("sci.position", "output"), ("sci.gate", "sample"), ("sci.lambda", "trained")],
            ),
            variant(
                "code",
                "On the patch embeddings, a gate that is always open, and a λ that no optimiser is given",
                &[("sci.position", "embedding"), ("sci.gate", "batch"), ("sci.lambda", "frozen")],
            ),
        ],
        settings: &[
            setting_of(
                "sci.enabled",
                "SCI",
                Structural,
                Kind::Switch(false),
                "Build a unit at each of the four levels; needs two sensors",
            ),
            setting_of("sci.active", "In use", Live, Kind::Switch(true), "Off lets the features pass unchanged"),
            setting_of(
                "sci.position",
                "Position",
                Live,
                choice(
                    "embedding",
                    &[
                        option("embedding", "Between a level's embedding and its blocks (AMDANet's code)"),
                        option("output", "After a level's blocks, before the local alignment (the paper)"),
                    ],
                ),
                "Where in a level the features are blended",
            ),
            setting_of(
                "sci.gate",
                "Gate",
                Live,
                choice(
                    "sample",
                    &[
                        option("sample", "Each sample by its own mean cosine (the paper)"),
                        option(
                            "batch",
                            "All samples where a tenth of any one's mean cosine is below τ: always, from τ = 0.1 on (AMDANet's code)",
                        ),
                    ],
                ),
                "Whose similarity decides",
            ),
            setting_of(
                "sci.threshold",
                "Threshold τ",
                Live,
                number(0.4, -1.0, 1.0),
                "Features whose similarity lies below it are blended",
            ),
            setting_of(
                "sci.lambda",
                "Strength λ",
                Live,
                choice(
                    "trained",
                    &[
                        option("trained", "One number a level, learned from 0.5 on (the paper)"),
                        option("frozen", "Stays where it is, 0.5 from the start (AMDANet's code)"),
                    ],
                ),
                "Whether λ learns",
            ),
        ],
    },
    Component {
        id: "fdam.local",
        title: "Local alignment (FDAM)",
        group: "Exchange",
        source: "AMDANet §3.2.1, Eqs. 6–9",
        formula: "Fᶜʰ = σ(A ⊙ F − F) ⊙ F + F",
        summary: "Channel and spatial weights press down what the two sensors disagree in, level by level",
        watch: "The gate and the spatial weights over people at night",
        curve: "",
        probes: &[
            "fdam.gate.level1",
            "fdam.gate.level2",
            "fdam.gate.level3",
            "fdam.gate.level4",
            "fdam.channel.level1.first",
            "fdam.channel.level1.second",
            "fdam.channel.level2.first",
            "fdam.channel.level2.second",
            "fdam.channel.level3.first",
            "fdam.channel.level3.second",
            "fdam.channel.level4.first",
            "fdam.channel.level4.second",
            "fdam.spatial.level1.first",
            "fdam.spatial.level1.second",
            "fdam.spatial.level2.first",
            "fdam.spatial.level2.second",
            "fdam.spatial.level3.first",
            "fdam.spatial.level3.second",
            "fdam.spatial.level4.first",
            "fdam.spatial.level4.second",
        ],
        variants: &[
            variant("paper", "Like CBAM, each sensor by itself (Eqs. 6–9)", &[("fdam.local.kind", "separate")]),
            variant(
                "code",
                "A gate and weights from both sensors together, applied across them",
                &[("fdam.local.kind", "joint")],
            ),
        ],
        settings: &[
            setting_of(
                "fdam.local.enabled",
                "Local alignment",
                Structural,
                Kind::Switch(false),
                "Build a unit at each of the four levels; needs two sensors",
            ),
            setting_of("fdam.local.active", "In use", Live, Kind::Switch(true), "Off lets the features pass unchanged"),
            setting_of(
                "fdam.local.kind",
                "Kind",
                Structural,
                choice(
                    "joint",
                    &[
                        option("joint", "One unit for both sensors (AMDANet's code)"),
                        option("separate", "A unit a sensor, which does not see the other (the paper)"),
                    ],
                ),
                "What the weights are made from",
            ),
        ],
    },
    Component {
        id: "mfml",
        title: "Mutual feature mask learning (MFML)",
        group: "Fusion",
        source: "AMDANet §3.3, Eqs. 12–13",
        formula: "Fᵐ = F ⊙ M,  M ∈ {0, 1}",
        summary: "A second pass over masked features must predict the same: no sensor's features may be indispensable",
        watch: "The subset table: whether a dropped sensor costs less",
        curve: "consistency",
        probes: &["mfml.mask"],
        variants: &[
            variant(
                "paper",
                "One sensor's features, drawn anew each step, before they are aligned",
                &[("mfml.target", "sensor")],
            ),
            variant(
                "code",
                "What the decoder reads, or else what the fusion-image head reads, with equal odds",
                &[("mfml.target", "fused")],
            ),
        ],
        settings: &[
            setting_of(
                "mfml.enabled",
                "MFML",
                Live,
                Kind::Switch(false),
                "Make the second pass in training; its losses are those of consistency and of the masked fusion image",
            ),
            setting_of(
                "mfml.target",
                "What is masked",
                Live,
                choice(
                    "fused",
                    &[
                        option(
                            "fused",
                            "The fused levels (without such, the decoder maps before fusion), or each sensor's levels on their way to the fusion image (AMDANet's code)",
                        ),
                        option(
                            "sensor",
                            "All levels of one sensor before local alignment, fusion and decoder (the paper)",
                        ),
                    ],
                ),
                "Which maps lose elements in the second pass",
            ),
            setting_of(
                "mfml.ratio",
                "Ratio",
                Live,
                number(0.15, 0.0, 0.95),
                "Share of elements set to 0, each by itself and without rescaling; the paper does not say",
            ),
        ],
    },
    Component {
        id: "fusion_image",
        title: "Fusion image",
        group: "Decoder",
        source: "AMDANet §3.4, after MRFS (CVPR 2024)",
        formula: "F = σ(conv[levels of all sensors, images])",
        summary: "A head that makes one colour picture out of all sensors' levels and images",
        watch: "The picture at night: people as in thermal, signs as in colour",
        curve: "fusion_image.salient",
        probes: &["fusion.image"],
        variants: &[],
        settings: &[
            setting_of(
                "fusion_image.enabled",
                "Fusion image",
                Structural,
                Kind::Switch(false),
                "Build the head; evaluations then measure its pictures (EN, SD, SF, SCD)",
            ),
            setting_of(
                "fusion_image.channels",
                "Channels",
                Structural,
                integer(16, 1, 128),
                "Channels that each level of each sensor is brought to",
            ),
        ],
    },
];

/// The loss terms.
pub(super) static OBJECTIVE: &[Component] = &[
    Component {
        id: "objective.consistency",
        title: "Mask consistency (L_cr)",
        group: "Objective",
        source: "AMDANet Eq. 13",
        formula: "CE(D{F}, D{Fᵐ})",
        summary: "The prediction from masked features must be right, or be that from clean ones; needs MFML",
        watch: "Its curve against the clean cross-entropy: the gap is what masking costs",
        curve: "consistency",
        probes: &[],
        variants: &[
            variant(
                "paper",
                "Against the clean prediction, weight 0.5, no Dice",
                &[
                    ("objective.consistency.target", "clean"),
                    ("objective.consistency.weight", "0.5"),
                    ("objective.consistency.dice", "0"),
                ],
            ),
            variant(
                "code",
                "Against the ground truth: 0.25 of cross-entropy and 0.5 of Dice",
                &[
                    ("objective.consistency.target", "labels"),
                    ("objective.consistency.weight", "0.25"),
                    ("objective.consistency.dice", "0.5"),
                ],
            ),
        ],
        settings: &[
            setting_of(
                "objective.consistency.enabled",
                "Mask consistency",
                Live,
                Kind::Switch(false),
                "Train the prediction from masked features, where there is one",
            ),
            setting_of(
                "objective.consistency.weight",
                "Cross-entropy",
                Live,
                number(0.25, 0.0, 10.0),
                "Weight of the masked prediction's cross-entropy in the total",
            ),
            setting_of(
                "objective.consistency.dice",
                "Dice",
                Live,
                number(0.5, 0.0, 10.0),
                "Weight of the masked prediction's Dice loss, always against the ground truth",
            ),
            setting_of(
                "objective.consistency.target",
                "Target",
                Live,
                choice(
                    "labels",
                    &[
                        option("labels", "The ground truth (AMDANet's code)"),
                        option("clean", "The clean prediction's probabilities, without gradient (the paper)"),
                    ],
                ),
                "What the cross-entropy compares with",
            ),
        ],
    },
    Component {
        id: "objective.fusion_image",
        title: "Image fusion (L_si, L_co)",
        group: "Objective",
        source: "AMDANet Eq. 15, after MRFS (CVPR 2024)",
        formula: "L_fus = ‖∇F − ∇max(vi, in)‖₁ + ‖F_CrCb − S(vi)_CrCb‖₁",
        summary: "The fusion image keeps the edges and brightness of both sensors and the visible image's colour",
        watch: "EN, SD, SF and SCD in the evaluations, and the segmentation loss beside it",
        curve: "fusion_image.salient",
        probes: &[],
        variants: &[
            variant(
                "paper",
                "Gradients of the brighter of both images, no intensity term (Eq. 15)",
                &[
                    ("objective.fusion_image.gradient_target", "maximum"),
                    ("objective.fusion_image.intensity", "0"),
                    ("objective.fusion_image.masked", "0"),
                ],
            ),
            variant(
                "code",
                "The larger of both gradients, half an intensity term, and all of it again for the masked pass",
                &[
                    ("objective.fusion_image.gradient_target", "largest"),
                    ("objective.fusion_image.intensity", "0.5"),
                    ("objective.fusion_image.masked", "0.25"),
                ],
            ),
        ],
        settings: &[
            setting_of(
                "objective.fusion_image.enabled",
                "Image fusion",
                Live,
                Kind::Switch(false),
                "Train the fusion image, where there is one",
            ),
            setting_of(
                "objective.fusion_image.weight",
                "Weight",
                Live,
                number(0.5, 0.0, 10.0),
                "Weight of L_fus in the total",
            ),
            setting_of(
                "objective.fusion_image.masked",
                "Masked weight",
                Live,
                number(0.25, 0.0, 10.0),
                "Weight of L_fus for the picture from masked features (MFML)",
            ),
            setting_of(
                "objective.fusion_image.intensity",
                "Intensity",
                Live,
                number(0.5, 0.0, 10.0),
                "Weight of |F − max(vi, in)| in L_si; 0 in the paper",
            ),
            setting_of(
                "objective.fusion_image.gradient",
                "Gradient",
                Live,
                number(1.0, 0.0, 10.0),
                "Weight of the gradients' distance in L_si, the mean of both directions",
            ),
            setting_of(
                "objective.fusion_image.colour",
                "Colour",
                Live,
                number(1.0, 0.0, 10.0),
                "Weight of L_co, the distance in Cr and Cb from the visible image",
            ),
            setting_of(
                "objective.fusion_image.gradient_target",
                "Gradient target",
                Live,
                choice(
                    "largest",
                    &[
                        option("largest", "The larger of both images' gradients, with its sign (AMDANet's code)"),
                        option("maximum", "The gradient of the brighter of both images (the paper)"),
                    ],
                ),
                "What the picture's gradient is compared with",
            ),
            setting_of(
                "objective.fusion_image.gamma",
                "Gamma",
                Live,
                number(0.8, 0.1, 5.0),
                "Exponent that brightens the visible image as a target (the paper's S)",
            ),
            setting_of(
                "objective.fusion_image.contrast",
                "Contrast",
                Live,
                number(1.0, 0.0, 5.0),
                "Contrast factor of the other sensor as a target; MRFS takes 1.7 on MFNet and 1.8 on PST900",
            ),
        ],
    },
];
