//! Everything a user can switch, once: the recipe pane, `--set`, validation and the reference are made from this table.

use super::value::Value;

/// When a changed setting takes effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// Between two steps of a running training.
    Live,
    /// With a new run only.
    Structural,
}

/// One word out of a setting's list of choices.
#[derive(Clone, Copy, Debug)]
pub struct Option_ {
    /// As written in a recipe.
    pub id: &'static str,
    /// What choosing it means, in one sentence.
    pub summary: &'static str,
}

/// What values a setting takes, and its default.
#[derive(Clone, Copy, Debug)]
pub enum Kind {
    /// On or off.
    Switch(bool),
    /// A whole number within `min..=max`.
    Integer {
        /// The default.
        default: i64,
        /// The smallest allowed.
        min: i64,
        /// The largest allowed.
        max: i64,
    },
    /// A finite real number within `min..=max`.
    Number {
        /// The default.
        default: f64,
        /// The smallest allowed.
        min: f64,
        /// The largest allowed.
        max: f64,
    },
    /// One of a few words.
    Choice {
        /// The default's id.
        default: &'static str,
        /// All of them.
        options: &'static [Option_],
    },
    /// Free text: a name or a path; empty means none.
    Text(&'static str),
    /// Whole numbers within `min..=max`, none twice.
    Integers {
        /// The default.
        default: &'static [i64],
        /// The smallest allowed.
        min: i64,
        /// The largest allowed.
        max: i64,
    },
    /// Names; empty means "choose for me".
    Texts(&'static [&'static str]),
}

impl Kind {
    /// The default as a value.
    pub fn default_value(&self) -> Value {
        match *self {
            Self::Switch(on) => Value::Switch(on),
            Self::Integer { default, .. } => Value::Integer(default),
            Self::Number { default, .. } => Value::Number(default),
            Self::Choice { default, .. } | Self::Text(default) => Value::Text(default.to_owned()),
            Self::Integers { default, .. } => Value::Integers(default.to_vec()),
            Self::Texts(default) => Value::Texts(default.iter().map(|&word| word.to_owned()).collect()),
        }
    }
}

/// One switch or field.
#[derive(Clone, Copy, Debug)]
pub struct Setting {
    /// The key in a recipe, for example `exchange.channel.threshold`.
    pub key: &'static str,
    /// A short label, sentence case.
    pub title: &'static str,
    /// What it does, in one sentence.
    pub summary: &'static str,
    /// Its values.
    pub kind: Kind,
    /// When a change takes effect.
    pub change: Change,
}

/// One entry of the catalogue: a part of a method that can be switched, weighted or replaced.
#[derive(Clone, Copy, Debug)]
pub struct Component {
    /// A dotted id, the common prefix of its settings.
    pub id: &'static str,
    /// A short title, sentence case.
    pub title: &'static str,
    /// Group in the recipe pane.
    pub group: &'static str,
    /// Where it is from: paper and equation or section. Empty for plain machinery.
    pub source: &'static str,
    /// The formula in plain Unicode; may be empty.
    pub formula: &'static str,
    /// What it does, in one sentence.
    pub summary: &'static str,
    /// What to look at when it is on.
    pub watch: &'static str,
    /// The loss term or metric whose curve belongs to it; may be empty.
    pub curve: &'static str,
    /// The maps it can record when someone watches.
    pub probes: &'static [&'static str],
    /// Its settings; a switch comes first where it has one.
    pub settings: &'static [Setting],
}

const fn setting_of(
    key: &'static str,
    title: &'static str,
    change: Change,
    kind: Kind,
    summary: &'static str,
) -> Setting {
    Setting { key, title, summary, kind, change }
}

const fn option(id: &'static str, summary: &'static str) -> Option_ {
    Option_ { id, summary }
}

const fn number(default: f64, min: f64, max: f64) -> Kind {
    Kind::Number { default, min, max }
}

const fn integer(default: i64, min: i64, max: i64) -> Kind {
    Kind::Integer { default, min, max }
}

const fn choice(default: &'static str, options: &'static [Option_]) -> Kind {
    Kind::Choice { default, options }
}

use self::Change::{Live, Structural};

/// Every component, in the order in which the recipe pane lists them.
pub fn catalogue() -> &'static [Component] {
    CATALOGUE
}

/// The setting with this key.
pub fn setting(key: &str) -> Option<&'static Setting> {
    CATALOGUE.iter().flat_map(|component| component.settings).find(|setting| setting.key == key)
}

/// The component that a setting belongs to.
pub fn component_of(key: &str) -> Option<&'static Component> {
    CATALOGUE.iter().find(|component| component.settings.iter().any(|setting| setting.key == key))
}

static CATALOGUE: &[Component] = &[
    Component {
        id: "sensors",
        title: "Sensors",
        group: "Sensors",
        source: "",
        formula: "",
        summary: "Which of the data set's sensors the network is built for",
        watch: "Drop one of them in Inspect and see which classes suffer",
        curve: "",
        probes: &[],
        settings: &[setting_of(
            "sensors.use",
            "In use",
            Structural,
            Kind::Texts(&[]),
            "Names out of the data set's manifest, the guiding (optical) sensor first; empty takes the manifest's first two",
        )],
    },
    Component {
        id: "data",
        title: "Batches and augmentation",
        group: "Data",
        source: "OGP-Net, implementation details; spec §1.8",
        formula: "",
        summary: "How samples become batches; geometry is changed identically for every sensor and the label",
        watch: "The gap between the training and the validation curve",
        curve: "",
        probes: &[],
        settings: &[
            setting_of(
                "data.class_map",
                "Class map",
                Structural,
                Kind::Text(""),
                "Joins classes by a map of the data set, for example nyu13; empty takes the data set's own choice, none its labels as they are",
            ),
            setting_of("data.batch_size", "Batch size", Structural, integer(8, 1, 256), "Scenes in one step"),
            setting_of(
                "data.height",
                "Height (px)",
                Structural,
                integer(0, 0, 4096),
                "Height that samples are resized to before cropping; 0 keeps the file's",
            ),
            setting_of(
                "data.width",
                "Width (px)",
                Structural,
                integer(0, 0, 4096),
                "Width that samples are resized to before cropping; 0 keeps the file's",
            ),
            setting_of(
                "data.crop",
                "Crop (px)",
                Structural,
                integer(0, 0, 4096),
                "Side of a square random crop in training; 0 crops only what a batch of unequal sizes needs",
            ),
            setting_of(
                "data.flip",
                "Horizontal flip",
                Structural,
                number(0.5, 0.0, 1.0),
                "Probability of mirroring left and right",
            ),
            setting_of("data.scale_min", "Scale from", Structural, number(1.0, 0.25, 4.0), "Smallest random scale"),
            setting_of("data.scale_max", "Scale to", Structural, number(1.0, 0.25, 4.0), "Largest random scale"),
            setting_of(
                "data.jitter",
                "Colour jitter",
                Structural,
                number(0.0, 0.0, 1.0),
                "Probability of changing brightness, contrast and saturation of the colour image by up to one half",
            ),
            setting_of(
                "data.blur",
                "Blur",
                Structural,
                number(0.0, 0.0, 1.0),
                "Probability of a 3×3 Gaussian blur of the colour image",
            ),
        ],
    },
    Component {
        id: "encoder",
        title: "Encoder",
        group: "Encoder",
        source: "OGP-Net §Shared convolutions, Table 4; spec §1.1",
        formula: "uᵐ = BNᵐ(W * xᵐ)",
        summary: "Five stages that turn each sensor's image into features; convolutions and batch norms can be shared between sensors",
        watch: "Parameter count against mIoU: sharing convolutions halves the network, separate norms keep the sensors apart",
        curve: "",
        probes: &[],
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
                        option("efficientnet-b3", "EfficientNet-B3, the paper's encoder"),
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
                            "One set of convolutions, batch norms per sensor (the paper's choice)",
                        ),
                        option("shared", "One encoder for all sensors, batch norms included"),
                    ],
                ),
                "What the sensors' encoders have in common (Table 4)",
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
        source: "DeepLabV3+; spec §1.1",
        formula: "",
        summary: "One DeepLabV3+ decoder per sensor: atrous pyramid on stage 5, joined with stage 2, at a quarter of the input size",
        watch: "Thin objects: they live in the stage 2 skip connection",
        curve: "",
        probes: &[],
        settings: &[
            setting_of("decoder.channels", "Channels", Structural, integer(256, 8, 1024), "Width of the decoder map"),
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
        ],
    },
    Component {
        id: "exchange.channel",
        title: "Channel exchange",
        group: "Exchange",
        source: "OGP-Net §DMC, after CEN (NeurIPS 2020); spec §1.3 (i)",
        formula: "u′ᵐ_c = uᵐ_c if |γᵐ_c| ≥ θ else u¹⁻ᵐ_c",
        summary: "A channel that one sensor's batch norm has scaled to almost nothing takes the other sensor's values",
        watch: "The count of exchanged channels: from ImageNet weights few scales fall below the threshold",
        curve: "exchange.channel.share",
        probes: &["exchange.channel.counts"],
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
        source: "OGP-Net Eq. 2; spec §1.3 (ii)",
        formula: "F′ᵐ = (1 − M) ⊙ Fᵐ + M ⊙ F¹⁻ᵐ",
        summary: "Every other column of the deep feature maps changes places between the two sensors",
        watch: "The column stripes in the stage 4 and 5 maps",
        curve: "",
        probes: &["exchange.spatial.mask"],
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
        source: "OGP-Net Eqs. 7–11, Table 5; spec §1.5",
        formula: "Z₁ ⊙ tanh(W₁F_I) + Z₂ ⊙ tanh(W₂F_O) + Z₃ ⊙ tanh(W₃(F_I + F_O)),  Z_k = σ(W′_k[F_I, F_O, F_S])",
        summary: "How the sensors' decoder maps become one prediction; the gated selection unit weighs them per channel and place",
        watch: "The gates over a dark part of a night scene",
        curve: "segmentation.fused",
        probes: &["gsu.gate.first", "gsu.gate.second", "gsu.gate.sum"],
        settings: &[
            setting_of(
                "fusion.kind",
                "Kind",
                Structural,
                choice(
                    "gsu",
                    &[
                        option("gsu", "Gated selection unit (the paper's choice)"),
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
        source: "OGP-Net, Table 1 and 3; spec §1.7",
        formula: "",
        summary: "What a two-sensor network does when one sensor is dropped",
        watch: "The modality table after an evaluation: the choices differ by several points",
        curve: "",
        probes: &[],
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
    Component {
        id: "objective.segmentation",
        title: "Segmentation loss",
        group: "Objective",
        source: "OGP-Net Eqs. 1, 12; spec §1.2",
        formula: "L_seg = CE + Dice",
        summary: "Cross-entropy and multi-class Dice on every head",
        watch: "Whether the fused head learns faster than the single ones",
        curve: "segmentation.fused",
        probes: &[],
        settings: &[
            setting_of(
                "objective.segmentation.cross_entropy",
                "Cross-entropy",
                Live,
                number(1.0, 0.0, 10.0),
                "Weight of the cross-entropy",
            ),
            setting_of("objective.segmentation.dice", "Dice", Live, number(1.0, 0.0, 10.0), "Weight of the Dice loss"),
        ],
    },
    Component {
        id: "objective.auxiliary",
        title: "Auxiliary head",
        group: "Objective",
        source: "OGP-Net Eqs. 1, 12; spec §1.2",
        formula: "L_seg(h_aux(F₄), y↓16)",
        summary: "A 1×1 head on stage 4 that is trained with the same loss against the label at a sixteenth of its size",
        watch: "Early steps: it shortens the way of the gradient into the encoder",
        curve: "auxiliary",
        probes: &[],
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
        source: "OGP-Net Eqs. 5–6, DIST (NeurIPS 2022); spec §1.4",
        formula: "L_D1 = (1 − ρ̄ over pixels) + (1 − ρ̄ over classes)",
        summary: "The student's optical branch correlates its class probabilities with those of the frozen teacher",
        watch: "The correlation per class: rare classes come last",
        curve: "relation",
        probes: &[],
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
        source: "OGP-Net Eq. 3; spec §1.3 (iii)",
        formula: "mean of MSE(F₄), MSE(F₅), MSE(F_d)",
        summary: "The student's optical features stay near those of the frozen teacher at stage 4, stage 5 and the decoder",
        watch: "Whether it fights the segmentation loss late in training",
        curve: "feature",
        probes: &[],
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
        source: "OGP-Net Eq. 4 (denominator read as InfoNCE), ContrastiveSeg; spec §1.3 (iv)",
        formula: "ℓ_ij = −log( r_ij / (r_ij + Σ_k r_ik) ),  r = exp(cos / τ)",
        summary: "Pixels of one class attract each other across both sensors, pixels of other classes repel",
        watch: "The embedding: clusters of a class should hold points of both sensors",
        curve: "contrast",
        probes: &[],
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
                "At most this many pixels a stage and batch",
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
    Component {
        id: "teacher",
        title: "Teacher",
        group: "Training",
        source: "OGP-Net training step 1, Eq. 1; spec §1.2",
        formula: "",
        summary: "A network on the guiding sensor alone, trained first and then frozen, from which the student distils",
        watch: "The teacher phase's curve: a weak teacher teaches weakly",
        curve: "",
        probes: &[],
        settings: &[
            setting_of(
                "teacher.steps",
                "Steps",
                Structural,
                integer(0, 0, 10_000_000),
                "Steps of the teacher phase; 0 takes as many as the student",
            ),
            setting_of(
                "teacher.run",
                "From run",
                Structural,
                Kind::Text(""),
                "A run folder whose teacher is used in place of training one; empty trains it",
            ),
        ],
    },
    Component {
        id: "training",
        title: "Training",
        group: "Training",
        source: "OGP-Net, implementation details; spec §1.8",
        formula: "",
        summary: "Length, optimiser and learning rate",
        watch: "The loss just after the warm-up: a spike there asks for a smaller rate",
        curve: "learning_rate",
        probes: &[],
        settings: &[
            setting_of(
                "training.steps",
                "Steps",
                Structural,
                integer(0, 0, 10_000_000),
                "Length of the student phase in steps; 0 goes by epochs",
            ),
            setting_of(
                "training.epochs",
                "Epochs",
                Structural,
                integer(200, 1, 100_000),
                "Length of the student phase in epochs, where steps is 0",
            ),
            setting_of(
                "training.optimiser",
                "Optimiser",
                Structural,
                choice(
                    "sgd",
                    &[
                        option("sgd", "Stochastic gradient descent with momentum"),
                        option("adamw", "Adam with decoupled weight decay"),
                    ],
                ),
                "How gradients become changes",
            ),
            setting_of(
                "training.learning_rate",
                "Learning rate",
                Live,
                number(5e-3, 0.0, 10.0),
                "The peak rate, after warm-up",
            ),
            setting_of(
                "training.momentum",
                "Momentum",
                Structural,
                number(0.9, 0.0, 0.9999),
                "For SGD; AdamW uses it as β₁",
            ),
            setting_of(
                "training.nesterov",
                "Nesterov",
                Structural,
                Kind::Switch(true),
                "Look ahead along the momentum (SGD)",
            ),
            setting_of(
                "training.weight_decay",
                "Weight decay",
                Live,
                number(1e-4, 0.0, 1.0),
                "Not applied to norms and biases",
            ),
            setting_of(
                "training.schedule",
                "Schedule",
                Structural,
                choice(
                    "poly",
                    &[
                        option("poly", "lr · (1 − t/T)^0.9"),
                        option("cosine", "Half a cosine down to zero"),
                        option("constant", "No change after warm-up"),
                    ],
                ),
                "How the rate falls",
            ),
            setting_of(
                "training.warmup_steps",
                "Warm-up steps",
                Structural,
                integer(0, 0, 1_000_000),
                "Steps over which the rate rises linearly from zero",
            ),
            setting_of(
                "training.clip_norm",
                "Clip norm",
                Live,
                number(0.0, 0.0, 1e6),
                "Largest norm of the whole gradient; 0 does not clip",
            ),
            setting_of(
                "training.seed",
                "Seed",
                Structural,
                integer(0, 0, i64::MAX),
                "Every random number of the run follows from it",
            ),
            setting_of(
                "training.evaluate_every",
                "Evaluate every",
                Structural,
                integer(0, 0, 10_000_000),
                "Steps between evaluations on the validation split; 0 evaluates at the end only",
            ),
            setting_of(
                "training.checkpoint_every",
                "Checkpoint every",
                Structural,
                integer(500, 0, 10_000_000),
                "Steps between checkpoints; 0 saves at the end only",
            ),
            setting_of(
                "training.checkpoint_keep",
                "Checkpoints kept",
                Structural,
                integer(2, 1, 1000),
                "How many of the newest checkpoints stay in the run folder",
            ),
        ],
    },
    Component {
        id: "evaluation",
        title: "Evaluation",
        group: "Evaluation",
        source: "spec §7, §9",
        formula: "IoU_i = h_ii / (Σ_j h_ij + Σ_j h_ji − h_ii)",
        summary: "One confusion matrix a split; the convention says what a mean is taken over",
        watch: "Which convention a paper's figure follows before you compare with it",
        curve: "",
        probes: &[],
        settings: &[
            setting_of(
                "evaluation.convention",
                "Convention",
                Live,
                choice(
                    "nanmean",
                    &[
                        option("nanmean", "Absent classes are left out of the mean (CMX, MRFS, AMDANet, SMMCL)"),
                        option("nan-as-zero", "Absent classes count as 0 (DELIVER, CMNeXt, Any2Seg, RTFNet)"),
                        option("nan-as-one", "Absent classes count as 1 (MVSS)"),
                        option("no-background", "Class 0 is left out of the mean (SMMCL on LLRGBD)"),
                        option("mfnet", "Row and column 0 leave the unions, class 0 scores 0 (MFNet's own tool)"),
                        option(
                            "heatnet",
                            "Pixels with truth 0 are removed; car, person and bicycle (HeatNet, UDA on MF)",
                        ),
                    ],
                ),
                "What the headline mIoU means",
            ),
            setting_of(
                "evaluation.missing",
                "Missing sensor",
                Live,
                choice(
                    "drop",
                    &[
                        option("drop", "The branch is not run"),
                        option("zeros", "Zeros after normalisation"),
                        option("black", "A black image before normalisation"),
                        option("mean", "The training split's mean image"),
                        option("copy", "The other sensor's image"),
                    ],
                ),
                "What stands in for a sensor that is dropped",
            ),
        ],
    },
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_key_stands_once_and_begins_with_its_component() {
        let mut seen = BTreeSet::new();
        for component in catalogue() {
            for setting in component.settings {
                assert!(seen.insert(setting.key), "{} stands twice", setting.key);
                assert!(setting.key.starts_with(component.id), "{} is not under {}", setting.key, component.id);
            }
        }
    }

    #[test]
    fn every_default_choice_is_among_its_options() {
        for setting in catalogue().iter().flat_map(|component| component.settings) {
            if let Kind::Choice { default, options } = setting.kind {
                assert!(options.iter().any(|option| option.id == default), "{}: {default}", setting.key);
            }
        }
    }
}
