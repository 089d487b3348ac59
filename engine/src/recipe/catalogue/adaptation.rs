//! Cross-spectral domain adaptation: domains, stand-in files, and the losses between sensors.

use super::Change::{Live, Structural};
use super::{Component, Kind, choice, integer, number, option, setting_of, variant};

const PAPER: &str = "Cross-spectral UDA";

/// The entries of this group.
pub(super) static COMPONENTS: &[Component] = &[
    Component {
        id: "data.pseudo_labels",
        title: "Pseudo-labels",
        group: "Data",
        source: PAPER,
        formula: "",
        summary: "Label maps that another network made, trained on in place of ground truth",
        watch: "The evaluation against ground truth: how far the student comes beyond its labels",
        curve: "",
        probes: &[],
        variants: &[],
        settings: &[setting_of(
            "data.pseudo_labels",
            "Files",
            Structural,
            Kind::Text(""),
            "A folder of `<id>.png` as `fusionscope pseudo-label` writes it, or a pattern with `{id}` in the data set's own folder, such as `pseudo_all/{id}_pseudo.png`; a data set without files of that pattern is trained on its ground truth, and says so",
        )],
    },
    Component {
        id: "data.fake_night",
        title: "Fake night images",
        group: "Data",
        source: "Cross-spectral UDA, after MS-UDA (RA-L 2021)",
        formula: "",
        summary: "Images of the adapted sensor that a generator moved to the target domain, in place of the real ones",
        watch: "Scores of the target domain before stage 2",
        curve: "",
        probes: &[],
        variants: &[],
        settings: &[
            setting_of(
                "data.fake_night",
                "Files",
                Structural,
                Kind::Text(""),
                "A folder of `<id>.png`, or a pattern with `{id}` in the data set's own folder, such as `Day2Night/{id}_2N.png`; not used in stage 2",
            ),
            setting_of(
                "data.fake_night_share",
                "Share",
                Structural,
                number(0.5, 0.0, 1.0),
                "Probability that a batch takes them",
            ),
        ],
    },
    Component {
        id: "adaptation",
        title: "Domain adaptation",
        group: "Training",
        source: "Cross-spectral UDA, Section III",
        formula: "",
        summary: "Only scenes of the source domain are labelled; those of the target domain join in stage 2, without their labels",
        watch: "The rows of the target's tag in the subset table",
        curve: "",
        probes: &[],
        variants: &[],
        settings: &[
            setting_of(
                "adaptation.enabled",
                "Domain adaptation",
                Structural,
                Kind::Switch(false),
                "Never read labels of the target domain",
            ),
            setting_of(
                "adaptation.source",
                "Source tag",
                Structural,
                Kind::Text("day"),
                "Condition tag of the labelled scenes; empty takes all that are not of the target",
            ),
            setting_of(
                "adaptation.target",
                "Target tag",
                Structural,
                Kind::Text("night"),
                "Condition tag of the scenes without labels",
            ),
            setting_of(
                "adaptation.sensor",
                "Sensor",
                Structural,
                Kind::Text(""),
                "The sensor that is adapted; empty takes the last one",
            ),
            setting_of(
                "adaptation.steps",
                "Steps of stage 2",
                Structural,
                integer(0, 0, 10_000_000),
                "Steps that follow the student phase, half of each batch from the target domain; 0 goes by epochs",
            ),
            setting_of(
                "adaptation.epochs",
                "Epochs of stage 2",
                Structural,
                integer(0, 0, 100_000),
                "Length of stage 2 in epochs of both domains, where its steps are 0; 0 leaves it out",
            ),
        ],
    },
    Component {
        id: "objective.mutual",
        title: "Masked mutual learning (L_MML)",
        group: "Objective",
        source: "Cross-spectral UDA, Eqs. 4–6",
        formula: "KL(P_T M_T ‖ P_R M_T) + KL(P_R M_R ‖ P_T M_R),  M = 2(1 − σ(L)) ⊙ softmax(−L)",
        summary: "Two heads teach each other, each where its own loss is small and smaller than the other's",
        watch: "The masks: by day colour teaches bicycles, thermal teaches persons",
        curve: "mutual.thermal",
        probes: &["mml.loss.*", "mml.mask.*"],
        variants: &[
            variant(
                "paper",
                "Eq. 6: masks multiply probabilities, weight 20",
                &[("objective.mutual.mode", "loss-weight"), ("objective.mutual.weight", "20")],
            ),
            variant(
                "code",
                "The authors' code: masks multiply logits, weight 1",
                &[("objective.mutual.mode", "logits"), ("objective.mutual.weight", "1")],
            ),
        ],
        settings: &[
            setting_of(
                "objective.mutual.enabled",
                "Mutual learning",
                Live,
                Kind::Switch(false),
                "Let two heads learn from each other",
            ),
            setting_of("objective.mutual.weight", "Weight λ₂", Live, number(20.0, 0.0, 1000.0), "Weight in the total"),
            setting_of(
                "objective.mutual.masks",
                "Masks",
                Live,
                choice(
                    "both",
                    &[
                        option("none", "Every pixel teaches: two-way distillation (Table III, w/o mask)"),
                        option("intra", "Where the teaching head's own loss is small (Eq. 5)"),
                        option("inter", "Where it is smaller than the other head's (Eq. 4)"),
                        option("both", "The product of the two"),
                    ],
                ),
                "Which uncertainty masks are multiplied",
            ),
            setting_of(
                "objective.mutual.mode",
                "Mask mode",
                Live,
                choice(
                    "logits",
                    &[
                        option("logits", "The mask multiplies both sides' logits, a temperature by pixel (code)"),
                        option("loss-weight", "The mask weighs each pixel's divergence (Eq. 6 as it reads)"),
                    ],
                ),
                "Where the mask enters",
            ),
            setting_of(
                "objective.mutual.heads",
                "Heads",
                Live,
                Kind::Texts(&[]),
                "The two heads by name, `fused` among them; empty takes those of the first two sensors",
            ),
        ],
    },
    Component {
        id: "objective.prototype",
        title: "Cross-spectral prototypes (L_η)",
        group: "Objective",
        source: "Cross-spectral UDA, Eqs. 2–3",
        formula: "η ← 0.9 η + 0.1 (η_R + η_T)/2,  L_η = CE(cos(f, η)/τ, y)",
        summary: "One vector a class, a moving mean over all sensors' decoder maps, attracts the pixels of its class",
        watch: "The classes that prototypes see against those of the decoder, and the ages of rare classes",
        curve: "prototype.thermal",
        probes: &["prototype.argmax.*"],
        variants: &[
            variant(
                "paper",
                "τ = 1, plain means, prototypes kept in stage 2",
                &[
                    ("objective.prototype.temperature", "1"),
                    ("objective.prototype.absent", "keep"),
                    ("objective.prototype.average", "pixels"),
                    ("objective.prototype.second_stage", "keep"),
                ],
            ),
            variant(
                "code",
                "τ = 0.1; absent classes shrink, means divided by scenes, stage 2 begins anew by a slip",
                &[
                    ("objective.prototype.temperature", "0.1"),
                    ("objective.prototype.absent", "shrink"),
                    ("objective.prototype.average", "scenes"),
                    ("objective.prototype.second_stage", "overwrite"),
                ],
            ),
        ],
        settings: &[
            setting_of(
                "objective.prototype.enabled",
                "Prototypes",
                Live,
                Kind::Switch(false),
                "Keep prototypes and pull pixels towards them",
            ),
            setting_of("objective.prototype.weight", "Weight λ₁", Live, number(0.2, 0.0, 100.0), "Weight in the total"),
            setting_of(
                "objective.prototype.temperature",
                "Temperature τ",
                Live,
                number(0.1, 0.01, 2.0),
                "What cosines are divided by",
            ),
            setting_of(
                "objective.prototype.confidence",
                "Confidence",
                Live,
                number(0.1, 0.0, 1.0),
                "Pixels whose own prediction is surer than this make prototypes",
            ),
            setting_of(
                "objective.prototype.momentum",
                "Momentum",
                Live,
                number(0.9, 0.0, 1.0),
                "Share of the old prototype in the new",
            ),
            setting_of(
                "objective.prototype.absent",
                "Absent classes",
                Live,
                choice(
                    "keep",
                    &[
                        option("keep", "Their prototypes stay as they are"),
                        option("shrink", "Their prototypes shrink by the momentum (code)"),
                    ],
                ),
                "What becomes of classes that a batch does not hold",
            ),
            setting_of(
                "objective.prototype.average",
                "Average",
                Live,
                choice(
                    "pixels",
                    &[
                        option("pixels", "Over the batch's pixels of a class (Eq. 2)"),
                        option("scenes", "The same, divided by the number of scenes that hold the class (code)"),
                    ],
                ),
                "What a batch's class means are divided by",
            ),
            setting_of(
                "objective.prototype.second_stage",
                "In stage 2",
                Structural,
                choice(
                    "keep",
                    &[
                        option("keep", "Go on with those of stage 1"),
                        option("overwrite", "Begin anew with the first batch (a slip in the code)"),
                    ],
                ),
                "What stage 2 begins with",
            ),
        ],
    },
    Component {
        id: "objective.self_supervision",
        title: "Prototypical self-supervision (L_PSL)",
        group: "Objective",
        source: "Cross-spectral UDA, Eq. 7",
        formula: "KL(softmax(z) ‖ softmax(cos(f, η))) over the classes that occur in softmax(z)",
        summary: "In stage 2, on target scenes without labels, what prototypes see follows what the decoder says",
        watch: "The target domain's IoU, class by class, from the first step of stage 2 on",
        curve: "self_supervision",
        probes: &[],
        variants: &[
            variant(
                "paper",
                "Eq. 7: one softmax, divided anew after the presence mask",
                &[("objective.self_supervision.softmax", "single")],
            ),
            variant(
                "code",
                "The authors' code: a second softmax over masked probabilities",
                &[("objective.self_supervision.softmax", "double")],
            ),
        ],
        settings: &[
            setting_of(
                "objective.self_supervision.enabled",
                "Self-supervision",
                Live,
                Kind::Switch(false),
                "Learn from target scenes without labels",
            ),
            setting_of(
                "objective.self_supervision.weight",
                "Weight λ₃",
                Live,
                number(20.0, 0.0, 1000.0),
                "Weight in the total",
            ),
            setting_of(
                "objective.self_supervision.softmax",
                "Softmax",
                Live,
                choice(
                    "double",
                    &[
                        option("double", "A second softmax over the masked probabilities, which flattens both (code)"),
                        option("single", "Masked probabilities, divided by their sum"),
                    ],
                ),
                "How the two answers become distributions",
            ),
        ],
    },
];
