//! Channel exchange (OGP-Net, after CEN).

use crate::recipe::catalogue::encoder::{self, Blocks, Sharing};
use crate::recipe::choice::choice;
use crate::recipe::component::{Component, settings, variant};
use crate::recipe::error::RecipeError;
use crate::recipe::key::{integers, number, switch};
use crate::recipe::settings::Settings;

choice! {
    /// Which batch norm of a block exchanges.
    pub enum Site {
        Depthwise = "depthwise": "After the batch norm of the depth-wise convolution",
        Projection = "projection": "After the batch norm of the 1×1 projection",
        StageOutput = "stage-output": "After the last projection of each stage",
    }
}

choice! {
    /// What θ is held against.
    pub enum Comparison {
        Absolute = "absolute": "The scale |γ| itself (CEN)",
        Relative = "relative":
            "The scale as a share of the mean |γ| of its norm (ours): acts where short training leaves no scale near 0",
    }
}

settings! {
    ENABLED: bool = "exchange.channel.enabled", "Channel exchange", Live, switch(true),
        "Swap channels with a small batch-norm scale between the two sensors";
    THRESHOLD: f64 = "exchange.channel.threshold", "Threshold θ", Live, number(0.02, 0.0, 2.0),
        "Scales |γ| below this are exchanged; CEN uses 0.02, the paper says close to 0";
    COMPARISON: Comparison = "exchange.channel.comparison", "θ is held against", Live,
        Comparison::Absolute.by_default(),
        "What θ is held against";
    SITE: Site = "exchange.channel.site", "Site", Structural, Site::Depthwise.by_default(),
        "Which batch norm of a block exchanges";
    STAGES: Vec<usize> = "exchange.channel.stages", "Stages", Structural, integers(&[1, 2, 3, 4, 5], 1, 5),
        "Encoder stages that exchange";
    SPARSITY: f64 = "exchange.channel.sparsity", "Sparsity", Live, number(0.0, 0.0, 0.1),
        "Weight of CEN's L1 penalty on the scales; the paper leaves it out, CEN uses 0.0002";
}

/// The entry.
pub(in crate::recipe) const COMPONENT: Component = Component {
    id: "exchange.channel",
    title: "Channel exchange",
    group: "Exchange",
    source: "OGP-Net, distillation with multi-view contrastive (DMC), after CEN (NeurIPS 2020)",
    formula: "u′ᵐ_c = uᵐ_c if |γᵐ_c| ≥ θ else u¹⁻ᵐ_c",
    summary: "A channel that one sensor's batch norm has scaled to almost nothing takes the other sensor's values",
    watch: "The share of exchanged channels, whole and by stage: neither from ImageNet weights nor in short training do \
            scales fall below CEN's θ, and then the switch does nothing; against the norm's mean, or with sparsity, they do",
    curve: "exchange.channel.share",
    probes: &["exchange.gamma.*"],
    variants: &[
        variant(
            "paper",
            "No sparsity penalty; CEN's threshold, for the paper says only that it is close to 0",
            &[
                ("exchange.channel.threshold", "0.02"),
                ("exchange.channel.comparison", "absolute"),
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
                ("exchange.channel.comparison", "absolute"),
                ("exchange.channel.site", "depthwise"),
                ("exchange.channel.stages", "1,2,3,4,5"),
                ("exchange.channel.sparsity", "0.0002"),
            ],
        ),
    ],
    settings: SETTINGS,
    check,
    ..Component::BLANK
};

fn check(settings: &Settings) -> Result<(), RecipeError> {
    if !settings.get(ENABLED) {
        return Ok(());
    }
    if settings.get(encoder::SHARING) == Sharing::All {
        return ENABLED.impossible(
            "channel exchange needs batch norms per sensor; switch it off or choose another `encoder.sharing`",
        );
    }
    match settings.get(encoder::FAMILY).facts().blocks {
        Blocks::Convolutional => Ok(()),
        Blocks::MixTransformer | Blocks::Mscan => ENABLED.impossible(
            "channel exchange goes by the scales of batch norms behind convolutions, and neither Mix Transformers nor MSCANs \
             have such; switch it off or choose another `encoder.family`",
        ),
    }
}
