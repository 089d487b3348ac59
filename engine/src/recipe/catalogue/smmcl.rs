//! The components of SMMCL (WACV 2024): coefficient modules and multi-modal contrast.

use super::Change::{Live, Structural};
use super::{Component, Kind, choice, integer, number, option, setting_of, variant};

/// The entries of this group.
pub(super) static COMPONENTS: &[Component] = &[
    Component {
        id: "coefficients",
        title: "Coefficient modules",
        group: "Exchange",
        source: "SMMCL Eqs. 1–2, Table 1",
        formula: "F′_vis = F_vis + s·S ⊙ F_aux + s·c ⊙ F_aux,  F′_aux likewise with the same S and c",
        summary: "After each of the four levels both sensors' features take from each other, weighed by place and by channel",
        watch: "The maps of S over dark places: where one sensor sees nothing, it should take from the other",
        curve: "",
        probes: &[
            "coefficients.spatial.level1",
            "coefficients.spatial.level2",
            "coefficients.spatial.level3",
            "coefficients.spatial.level4",
            "coefficients.channel.level1",
            "coefficients.channel.level2",
            "coefficients.channel.level3",
            "coefficients.channel.level4",
        ],
        variants: &[
            variant("paper", "Eqs. 1–2 add S and c as they are", &[("coefficients.factor", "1")]),
            variant("code", "The released code halves both, as CMX does", &[("coefficients.factor", "0.5")]),
        ],
        settings: &[
            setting_of(
                "coefficients.enabled",
                "Coefficient modules",
                Structural,
                Kind::Switch(false),
                "Build a module a level between two sensors",
            ),
            setting_of(
                "coefficients.spatial",
                "Spatial coefficients S",
                Live,
                Kind::Switch(true),
                "Use one number a place, from both sensors' features there",
            ),
            setting_of(
                "coefficients.channel",
                "Channel coefficients c",
                Live,
                Kind::Switch(true),
                "Use one number a channel, from both sensors' averages and maxima",
            ),
            setting_of(
                "coefficients.factor",
                "Factor s",
                Live,
                number(0.5, 0.0, 2.0),
                "Multiplies S and c; 1 in the paper, 0.5 in its code",
            ),
        ],
    },
    Component {
        id: "objective.multimodal_contrast",
        title: "Multi-modal contrast",
        group: "Objective",
        source: "SMMCL Eqs. 3–7",
        formula: "λ_cm L_cm(V, A) + λ_vis L_vis(V) + λ_aux L_aux(A),  L = −log( e^{s⁺/τ} / (e^{s⁺/τ} + Σ e^{s⁻/τ}) )",
        summary: "Embeddings of one class attract each other across sensors and within each; those of other classes repel. The first \
                  sensor is the visible one; of three and more sensors every pair is contrasted and all but the first are auxiliary",
        watch: "The embedding pane on the deepest level, coloured by class, beside a run without it",
        curve: "multimodal_contrast.cross",
        probes: &["multimodal_contrast.similarity"],
        variants: &[
            variant(
                "paper",
                "As many pixels of each class in the batch as the rarest has",
                &[("objective.multimodal_contrast.entries", "batch"), ("objective.multimodal_contrast.smallest", "1")],
            ),
            variant(
                "code",
                "As many pixels of each class in each image as the smallest of these has, where that is 5 or more",
                &[("objective.multimodal_contrast.entries", "image"), ("objective.multimodal_contrast.smallest", "5")],
            ),
        ],
        settings: &[
            setting_of(
                "objective.multimodal_contrast.enabled",
                "Multi-modal contrast",
                Structural,
                Kind::Switch(false),
                "Build a projector a sensor on the deepest level, and contrast what comes out",
            ),
            setting_of(
                "objective.multimodal_contrast.cross",
                "Across sensors",
                Live,
                Kind::Switch(true),
                "Contrast the visible sensor's embeddings with the auxiliary one's (L_cm)",
            ),
            setting_of(
                "objective.multimodal_contrast.visible",
                "Within the visible sensor",
                Live,
                Kind::Switch(true),
                "Contrast the first sensor's embeddings with each other (L_vis)",
            ),
            setting_of(
                "objective.multimodal_contrast.auxiliary",
                "Within the auxiliary sensor",
                Live,
                Kind::Switch(true),
                "Contrast the other sensor's embeddings with each other (L_aux)",
            ),
            setting_of(
                "objective.multimodal_contrast.cross_weight",
                "Weight λ_cm",
                Live,
                number(0.05, 0.0, 10.0),
                "Weight across sensors; 0.05 for MFNet and NYU, 0.2 for LLRGBD",
            ),
            setting_of(
                "objective.multimodal_contrast.visible_weight",
                "Weight λ_vis",
                Live,
                number(0.05, 0.0, 10.0),
                "Weight within the visible sensor; the paper takes λ_cm",
            ),
            setting_of(
                "objective.multimodal_contrast.auxiliary_weight",
                "Weight λ_aux",
                Live,
                number(0.05, 0.0, 10.0),
                "Weight within the auxiliary sensor; the paper takes λ_cm",
            ),
            setting_of(
                "objective.multimodal_contrast.temperature",
                "Temperature τ",
                Live,
                number(0.1, 0.01, 2.0),
                "Divides cosines: small values look at the hardest negatives",
            ),
            setting_of(
                "objective.multimodal_contrast.entries",
                "Entries",
                Live,
                choice(
                    "image",
                    &[
                        option("image", "A class in an image is an entry (the released code)"),
                        option("batch", "A class in the batch is an entry (the paper's wording)"),
                    ],
                ),
                "What as many pixels are drawn of",
            ),
            setting_of(
                "objective.multimodal_contrast.smallest",
                "Smallest entry (px)",
                Live,
                integer(5, 1, 1000),
                "Entries with fewer pixels on the deepest level are left out",
            ),
            setting_of(
                "objective.multimodal_contrast.most",
                "Most of an entry (px)",
                Live,
                integer(300, 1, 4800),
                "At most this many pixels of an entry",
            ),
            setting_of(
                "objective.multimodal_contrast.anchors",
                "Anchors",
                Live,
                integer(4800, 16, 9600),
                "At most this many pixels a sensor and batch",
            ),
            setting_of(
                "objective.multimodal_contrast.width",
                "Embedding width",
                Structural,
                integer(256, 8, 1024),
                "Channels that the projectors end in",
            ),
        ],
    },
];
