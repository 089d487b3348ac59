//! Spatial exchange (OGP-Net).

use crate::recipe::catalogue::encoder::{self, Family};
use crate::recipe::choice::choice;
use crate::recipe::component::{Component, Remark, settings, variant};
use crate::recipe::key::{integers, switch};
use crate::recipe::settings::Settings;

choice! {
    /// Which columns swap.
    pub enum Columns {
        Odd = "odd": "Columns 1, 3, 5, … (Eq. 2)",
        Even = "even": "Columns 0, 2, 4, … (open-cd)",
    }
}

choice! {
    /// On which side of a stage columns swap.
    pub enum Site {
        Input = "input": "Before its first block: its convolutions read both sensors (our default)",
        Output = "output":
            "After its last block, as open-cd does it: of two stages in turn the second may undo the first",
    }
}

settings! {
    ENABLED: bool = "exchange.spatial.enabled", "Spatial exchange", Live, switch(true),
        "Swap alternate columns of the deep stages";
    STAGES: Vec<usize> = "exchange.spatial.stages", "Stages", Structural, integers(&[4, 5], 1, 5),
        "Encoder stages that exchange";
    SITE: Site = "exchange.spatial.site", "Site", Live, Site::Input.by_default(),
        "On which side of a stage columns swap; the paper says only that it is in the last two stages";
    COLUMNS: Columns = "exchange.spatial.columns", "Columns", Live, Columns::Odd.by_default(), "Which columns swap";
}

/// The entry.
pub(in crate::recipe) const COMPONENT: Component = Component {
    id: "exchange.spatial",
    title: "Spatial exchange",
    group: "Exchange",
    source: "OGP-Net Eq. 2, distillation with multi-view contrastive (DMC)",
    formula: "F′ᵐ = (1 − M) ⊙ Fᵐ + M ⊙ F¹⁻ᵐ",
    summary: "Every other column of the deep feature maps changes places between the two sensors",
    watch: "The heads of single sensors: thrown live, the switch changes each sensor's own prediction at once, for half \
            of its columns now come from the other sensor. At the outputs of stages 4 and 5 it may undo itself: then \
            only the norms tell the difference",
    probes: &["exchange.spatial.mask"],
    variants: &[
        variant(
            "paper",
            "Odd columns of the last two stages change places (Eq. 2), before each of them, where information passes",
            &[
                ("exchange.spatial.stages", "4,5"),
                ("exchange.spatial.site", "input"),
                ("exchange.spatial.columns", "odd"),
            ],
        ),
        variant(
            "code",
            "open-cd's code: the same operator on the even columns, behind each stage",
            &[
                ("exchange.spatial.stages", "4,5"),
                ("exchange.spatial.site", "output"),
                ("exchange.spatial.columns", "even"),
            ],
        ),
    ],
    settings: SETTINGS,
    remark,
    ..Component::BLANK
};

/// Stage 5 of these is dilated by two throughout, so that its convolutions never mix odd columns with even ones.
fn undoes_itself(settings: &Settings) -> bool {
    let keeps_columns_apart = match settings.get(encoder::FAMILY) {
        Family::Nano | Family::EfficientNetLite0 | Family::EfficientNetB3 => true,
        // A ResNet's first dilated block keeps the dilation of the stage before, which mixes.
        Family::ResNet50
        | Family::ResNet101
        | Family::MscanNano
        | Family::MscanB
        | Family::MitNano
        | Family::MitB0
        | Family::MitB2
        | Family::MitB4 => false,
    };
    let stages = settings.get(STAGES);
    keeps_columns_apart && settings.get(SITE) == Site::Output && [4, 5].iter().all(|stage| stages.contains(stage))
}

fn remark(settings: &Settings) -> Option<Remark> {
    let is_on = settings.get(ENABLED) && undoes_itself(settings);
    is_on.then_some((
        SITE.id(),
        "behind stages 4 and 5 the second exchange undoes the first, because this encoder's stage 5 is dilated by two and \
         never mixes odd columns with even ones; choose `input`, or one stage",
    ))
}
