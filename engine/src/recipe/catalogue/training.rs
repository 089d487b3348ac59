//! Length, optimiser and learning rate.

use crate::recipe::choice::choice;
use crate::recipe::component::{Component, settings};
use crate::recipe::key::{integer, number, switch};

choice! {
    /// How gradients become changes.
    pub enum Optimiser {
        Sgd = "sgd": "Stochastic gradient descent with momentum",
        AdamW = "adamw": "Adam with decoupled weight decay",
    }
}

choice! {
    /// How the rate falls.
    pub enum Schedule {
        Poly = "poly": "lr · (1 − t/T)^0.9",
        Cosine = "cosine": "Half a cosine down to zero",
        Exponential = "exponential": "A factor for each finished epoch (cross-spectral UDA)",
        Constant = "constant": "No change after warm-up",
    }
}

choice! {
    /// In how many bits a step computes.
    pub enum Precision {
        Full = "fp32": "Single precision throughout",
        Mixed = "mixed": "1×1 convolutions, linear layers and attention in 16-bit floats, all else and every weight in single precision: faster on graphics cards that can",
    }
}

settings! {
    STEPS: u64 = "training.steps", "Steps", Structural, integer(0, 0, 10_000_000),
        "Length of the student phase in steps; 0 goes by epochs";
    EPOCHS: u64 = "training.epochs", "Epochs", Structural, integer(200, 1, 100_000),
        "Length of the student phase in epochs, where steps is 0";
    OPTIMISER: Optimiser = "training.optimiser", "Optimiser", Structural, Optimiser::Sgd.by_default(),
        "How gradients become changes";
    LEARNING_RATE: f64 = "training.learning_rate", "Learning rate", Live, number(5e-3, 0.0, 10.0),
        "The peak rate, after warm-up";
    MOMENTUM: f64 = "training.momentum", "Momentum", Structural, number(0.9, 0.0, 0.9999),
        "For SGD; AdamW uses it as β₁";
    NESTEROV: bool = "training.nesterov", "Nesterov", Structural, switch(true), "Look ahead along the momentum (SGD)";
    WEIGHT_DECAY: f64 = "training.weight_decay", "Weight decay", Live, number(1e-4, 0.0, 1.0),
        "Not applied to norms and biases";
    SCHEDULE: Schedule = "training.schedule", "Schedule", Structural, Schedule::Poly.by_default(), "How the rate falls";
    DECAY: f64 = "training.decay", "Decay an epoch", Live, number(0.99, 0.0, 1.0), "Factor of the exponential schedule";
    HORIZON: f64 = "training.horizon", "Horizon", Structural, number(1.0, 1.0, 10.0),
        "The schedule is planned for this many times the steps that are trained; SMMCL's code stops at half of its own";
    WARMUP_STEPS: u64 = "training.warmup_steps", "Warm-up steps", Structural, integer(0, 0, 1_000_000),
        "Steps over which the rate rises linearly";
    WARMUP_FROM: f64 = "training.warmup_from", "Warm-up from", Structural, number(0.0, 0.0, 1.0),
        "The share of the rate that the warm-up begins at; Any2Seg begins at a tenth";
    CLIP_NORM: f64 = "training.clip_norm", "Clip norm", Live, number(0.0, 0.0, 1e6),
        "Largest norm of the whole gradient; 0 does not clip";
    CHECKPOINTING: bool = "training.checkpointing", "Gradient checkpointing", Structural, switch(false),
        "Makes results of norms and activations again in the backward pass in place of keeping them: less memory, more time";
    PRECISION: Precision = "training.precision", "Precision", Live, Precision::Full.by_default(),
        "In how many bits training computes; evaluations and pictures always take single precision";
    SEED: u64 = "training.seed", "Seed", Structural, integer(0, 0, i64::MAX),
        "Every random number of the run follows from it";
    EVALUATE_EVERY: u64 = "training.evaluate_every", "Evaluate every", Structural, integer(0, 0, 10_000_000),
        "Steps between evaluations on the validation split; 0 evaluates at the end of each phase only";
    CHECKPOINT_EVERY: u64 = "training.checkpoint_every", "Checkpoint every", Structural, integer(500, 0, 10_000_000),
        "Steps between checkpoints; 0 saves at the end only";
    CHECKPOINT_KEEP: usize = "training.checkpoint_keep", "Checkpoints kept", Structural, integer(2, 1, 1000),
        "How many of the newest checkpoints stay in the run folder";
}

/// The entry.
pub(in crate::recipe) const COMPONENT: Component = Component {
    id: "training",
    title: "Training",
    group: "Training",
    source: "OGP-Net, implementation details; schedule and decay after DisOptNet (TGRS 2022)",
    summary: "Length, optimiser and learning rate",
    watch: "The loss just after the warm-up: a spike there asks for a smaller rate",
    curve: "learning_rate",
    settings: SETTINGS,
    ..Component::BLANK
};
