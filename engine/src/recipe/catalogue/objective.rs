//! The loss terms.

use super::Change::{Live, Structural};
use super::{Component, Kind, choice, integer, number, option, setting_of, variant};

/// The entries of this group.
pub(super) static COMPONENTS: &[Component] = &[
    Component {
        id: "objective.segmentation",
        title: "Segmentation loss",
        group: "Objective",
        source: "OGP-Net Eqs. 1, 12",
        formula: "L_seg = CE + Dice",
        summary: "Cross-entropy and multi-class Dice on every head",
        watch: "Whether the fused head learns faster than the single ones",
        curve: "segmentation.fused",
        probes: &[],
        variants: &[],
        settings: &[
            setting_of(
                "objective.segmentation.cross_entropy",
                "Cross-entropy",
                Live,
                number(1.0, 0.0, 10.0),
                "Weight of the cross-entropy",
            ),
            setting_of("objective.segmentation.dice", "Dice", Live, number(1.0, 0.0, 10.0), "Weight of the Dice loss"),
            setting_of(
                "objective.segmentation.fused",
                "Fused head",
                Live,
                number(1.0, 0.0, 10.0),
                "Weight of the loss on the fused head",
            ),
            setting_of(
                "objective.segmentation.sensors",
                "Sensors' heads",
                Live,
                number(1.0, 0.0, 10.0),
                "Weight of the loss on each sensor's own head",
            ),
            setting_of(
                "objective.segmentation.mining",
                "Pixels",
                Live,
                choice(
                    "all",
                    &[
                        option("all", "The cross-entropy is the mean over all labelled pixels"),
                        option("ohem", "Over the hard ones only (OHEM, as in the code that Any2Seg runs in)"),
                    ],
                ),
                "Which pixels the cross-entropy looks at; Dice looks at all",
            ),
            setting_of(
                "objective.segmentation.mining_below",
                "Hard below",
                Live,
                number(0.7, 0.01, 1.0),
                "With OHEM: a pixel is hard while its class has a lower probability",
            ),
            setting_of(
                "objective.segmentation.mining_share",
                "Hard at least",
                Live,
                number(0.0625, 0.0, 1.0),
                "With OHEM: at least this share of the labelled pixels counts, the hardest ones",
            ),
        ],
    },
    Component {
        id: "objective.auxiliary",
        title: "Auxiliary head",
        group: "Objective",
        source: "OGP-Net Eqs. 1, 12",
        formula: "L_seg(h_aux(F₄), y↓16)",
        summary: "A 1×1 head on stage 4 that is trained with the same loss against the label at a sixteenth of its size",
        watch: "Early steps: it shortens the way of the gradient into the encoder",
        curve: "auxiliary",
        probes: &[],
        variants: &[],
        settings: &[
            setting_of(
                "objective.auxiliary.enabled",
                "Auxiliary head",
                Structural,
                Kind::Switch(true),
                "Build and train the head on stage 4",
            ),
            setting_of("objective.auxiliary.weight", "Weight", Live, number(1.0, 0.0, 10.0), "Weight in the total"),
        ],
    },
    Component {
        id: "objective.relation",
        title: "Relation distillation (L_D1)",
        group: "Objective",
        source: "OGP-Net Eqs. 5–6, after DIST (NeurIPS 2022)",
        formula: "L_D1 = (1 − ρ̄ over pixels) + (1 − ρ̄ over classes)",
        summary: "The student's optical branch correlates its class probabilities with those of the frozen teacher",
        watch: "The IoU of rare classes, and the term's own curve: at 0 the student repeats its teacher's relations between classes",
        curve: "relation",
        probes: &[],
        variants: &[
            variant("paper", "The text says logits", &[("objective.relation.input", "logits")]),
            variant("code", "DIST's code takes the softmax first", &[("objective.relation.input", "softmax")]),
        ],
        settings: &[
            setting_of(
                "objective.relation.enabled",
                "Relation distillation",
                Live,
                Kind::Switch(true),
                "Match the teacher's relations between classes",
            ),
            setting_of("objective.relation.weight", "Weight", Live, number(1.0, 0.0, 10.0), "Weight in the total"),
            setting_of(
                "objective.relation.input",
                "Input",
                Live,
                choice(
                    "softmax",
                    &[
                        option("softmax", "Class probabilities (DIST's code)"),
                        option("logits", "Raw class scores (the paper's wording)"),
                    ],
                ),
                "What is correlated",
            ),
        ],
    },
    Component {
        id: "objective.feature",
        title: "Feature distillation (L_D2)",
        group: "Objective",
        source: "OGP-Net Eq. 3",
        formula: "mean of MSE(F₄), MSE(F₅), MSE(F_d)",
        summary: "The student's optical features stay near those of the frozen teacher at stage 4, stage 5 and the decoder",
        watch: "Whether it fights the segmentation loss late in training",
        curve: "feature",
        probes: &[],
        variants: &[
            variant("paper", "Eq. 3 sums the three maps", &[("objective.feature.reduction", "sum")]),
            variant("code", "DisOptNet's code divides by their number", &[("objective.feature.reduction", "mean")]),
        ],
        settings: &[
            setting_of(
                "objective.feature.enabled",
                "Feature distillation",
                Live,
                Kind::Switch(true),
                "Match the teacher's features",
            ),
            setting_of("objective.feature.weight", "Weight", Live, number(1.0, 0.0, 10.0), "Weight in the total"),
            setting_of(
                "objective.feature.reduction",
                "Reduction",
                Live,
                choice(
                    "mean",
                    &[
                        option("mean", "Mean of the three errors (DisOptNet's code)"),
                        option("sum", "Sum of the three errors (Eq. 3)"),
                    ],
                ),
                "How the three maps' errors are joined",
            ),
        ],
    },
    Component {
        id: "objective.contrast",
        title: "Pixel contrast (L_CL)",
        group: "Objective",
        source: "OGP-Net Eq. 4 (denominator read as InfoNCE), after ContrastiveSeg (ICCV 2021)",
        formula: "ℓ_ij = −log( r_ij / (r_ij + Σ_k r_ik) ),  r = exp(cos / τ)",
        summary: "Pixels of one class attract each other across both sensors, pixels of other classes repel",
        watch: "The sensors' own heads in the subset table: what pulls both views together shows where one sensor is dropped",
        curve: "contrast",
        probes: &[],
        variants: &[
            variant(
                "paper",
                "Semi-hard pairs out of one pool of both sensors and all stages",
                &[
                    ("objective.contrast.sampling", "semi-hard"),
                    ("objective.contrast.fraction", "0.1"),
                    ("objective.contrast.temperature", "0.1"),
                    ("objective.contrast.pool", "all"),
                ],
            ),
            variant(
                "code",
                "ContrastiveSeg's code: half mistaken, half correct anchors against all others, one map at a time",
                &[
                    ("objective.contrast.sampling", "hard-anchor"),
                    ("objective.contrast.fraction", "0.1"),
                    ("objective.contrast.temperature", "0.1"),
                    ("objective.contrast.pool", "stage"),
                ],
            ),
        ],
        settings: &[
            setting_of(
                "objective.contrast.enabled",
                "Pixel contrast",
                Structural,
                Kind::Switch(true),
                "Build the projection head and train with contrast",
            ),
            setting_of("objective.contrast.weight", "Weight", Live, number(1.0, 0.0, 10.0), "Weight in the total"),
            setting_of(
                "objective.contrast.temperature",
                "Temperature τ",
                Live,
                number(0.1, 0.01, 2.0),
                "Smaller looks harder at the nearest negatives; the paper does not say",
            ),
            setting_of(
                "objective.contrast.sampling",
                "Sampling",
                Live,
                choice(
                    "semi-hard",
                    &[
                        option(
                            "semi-hard",
                            "Per anchor, the most similar tenth of the negatives and the least similar tenth of the positives",
                        ),
                        option(
                            "hard-anchor",
                            "Anchors half mistaken, half correct, against all others (ContrastiveSeg's code)",
                        ),
                        option("random", "Anchors and partners at random"),
                    ],
                ),
                "Which pixels are contrasted",
            ),
            setting_of(
                "objective.contrast.fraction",
                "Fraction",
                Live,
                number(0.1, 0.01, 1.0),
                "Share of negatives and positives kept by semi-hard sampling",
            ),
            setting_of(
                "objective.contrast.anchors",
                "Anchors",
                Live,
                integer(1024, 16, 2048),
                "At most this many pixels a pool and batch",
            ),
            setting_of(
                "objective.contrast.pool",
                "Pool",
                Live,
                choice(
                    "stage",
                    &[
                        option("stage", "Pixels of one stage meet each other; the stages' losses are averaged"),
                        option("all", "Pixels of all stages meet in one pool, as the paper's views suggest"),
                    ],
                ),
                "Which views of a class attract each other; both sensors always do",
            ),
            setting_of(
                "objective.contrast.stages",
                "Stages",
                Structural,
                Kind::Integers { default: &[2, 3, 4, 5], min: 1, max: 5 },
                "Encoder stages that are contrasted",
            ),
            setting_of(
                "objective.contrast.width",
                "Embedding width",
                Structural,
                integer(256, 8, 1024),
                "Channels of the embedding",
            ),
            setting_of(
                "objective.contrast.projection",
                "Projection",
                Structural,
                choice(
                    "adapters",
                    &[
                        option("adapters", "A 1×1 adapter per stage, then one shared head"),
                        option("concat", "Stages resized to an eighth and joined, then one head"),
                    ],
                ),
                "How four widths meet one head",
            ),
        ],
    },
];
