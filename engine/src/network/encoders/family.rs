//! The plan that each family of the catalogue follows.

use super::mit::MitPlan;
use super::mscan::MscanPlan;
use super::plan::Plan;
use super::{efficientnet, nano, resnet};
use crate::recipe::catalogue::encoder::Family;

/// An encoder as plain numbers, whatever its family.
#[derive(Clone, Debug, PartialEq)]
pub enum FamilyPlan {
    /// Blocks with batch norms behind convolutions.
    Blocks(Plan),
    /// A Mix Transformer.
    Mit(MitPlan),
    /// An MSCAN.
    Mscan(MscanPlan),
}

impl FamilyPlan {
    /// That of a family.
    pub fn of(family: Family) -> Self {
        match family {
            Family::Nano => Self::Blocks(nano::plan()),
            Family::EfficientNetLite0 => Self::Blocks(efficientnet::lite0()),
            Family::EfficientNetB3 => Self::Blocks(efficientnet::b3()),
            Family::ResNet50 => Self::Blocks(resnet::plan([3, 4, 6, 3])),
            Family::ResNet101 => Self::Blocks(resnet::plan([3, 4, 23, 3])),
            Family::MscanNano => Self::Mscan(MscanPlan::NANO),
            Family::MscanB => Self::Mscan(MscanPlan::B),
            Family::MitNano => Self::Mit(MitPlan::NANO),
            Family::MitB0 => Self::Mit(MitPlan::B0),
            Family::MitB2 => Self::Mit(MitPlan::B2),
            Family::MitB4 => Self::Mit(MitPlan::B4),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recipe::catalogue::encoder::Blocks;

    #[test]
    fn plans_are_made_of_the_blocks_that_the_catalogue_says() {
        for family in Family::ALL {
            let blocks = match FamilyPlan::of(family) {
                FamilyPlan::Blocks(_) => Blocks::Convolutional,
                FamilyPlan::Mit(_) => Blocks::MixTransformer,
                FamilyPlan::Mscan(_) => Blocks::Mscan,
            };
            assert_eq!(family.facts().blocks, blocks, "{}", family.word());
        }
    }
}
