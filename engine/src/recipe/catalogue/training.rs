//! Teacher, length, optimiser and learning rate.

use super::Change::{Live, Structural};
use super::{Component, Kind, choice, integer, number, option, setting_of};

/// The entries of this group.
pub(super) static COMPONENTS: &[Component] = &[
    Component {
        id: "teacher",
        title: "Teacher",
        group: "Training",
        source: "OGP-Net training step 1, Eq. 1",
        formula: "",
        summary: "A network on the guiding sensor alone, trained first and then frozen, from which the student distils",
        watch: "The teacher phase's curve: a weak teacher teaches weakly",
        curve: "",
        probes: &[],
        variants: &[],
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
        source: "OGP-Net, implementation details; schedule and decay after DisOptNet (TGRS 2022)",
        formula: "",
        summary: "Length, optimiser and learning rate",
        watch: "The loss just after the warm-up: a spike there asks for a smaller rate",
        curve: "learning_rate",
        probes: &[],
        variants: &[],
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
                "training.checkpointing",
                "Gradient checkpointing",
                Structural,
                Kind::Switch(false),
                "Makes results of norms and activations again in the backward pass in place of keeping them: less memory, more time",
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
];
