//! ResNet-50 and ResNet-101 (He et al., CVPR 2016), with the stride in the 3×3 convolution as torchvision builds them.

use super::plan::{BlockPlan, Plan, Shortcut};
use crate::network::layers::{Activation, NormFamily, Padding};

/// Stage widths 64, 256, 512, 1024, 2048 with these numbers of bottlenecks in stages 2 to 5; the last at a
/// thirty-second.
pub fn plan(depths: [usize; 4]) -> Plan {
    let mut input = 64;
    let mut stage = |index: usize| {
        let inner = 64 << index;
        let block = |first: bool| BlockPlan {
            input: if first { input } else { 4 * inner },
            inner,
            output: 4 * inner,
            expand: true,
            kernel: 3,
            stride: if first && index > 0 { 2 } else { 1 },
            dilation: 1,
            depthwise: false,
            squeeze: 0,
            shortcut: if first { Shortcut::Projection } else { Shortcut::Identity },
        };
        let blocks = (0..depths[index]).map(|repeat| block(repeat == 0)).collect();
        input = 4 * inner;
        blocks
    };
    Plan {
        stem: 64,
        stem_kernel: 7,
        pools: true,
        stages: [stage(0), stage(1), stage(2), stage(3)],
        activation: Activation::Relu,
        activate_output: true,
        padding: Padding::Half,
        norms: NormFamily::TORCH,
    }
}

#[cfg(test)]
mod tests {
    use burn::tensor::Device;

    use super::plan;
    use crate::network::encoders::{Encoder, FamilyPlan};
    use crate::network::layers::Init;
    use crate::network::testing::trained;
    use crate::random::Streams;
    use crate::recipe::catalogue::encoder::{Family, Sharing};

    /// torchvision's 25 557 032 and 44 549 160 parameters, less their classifiers of 2048 · 1000 + 1000.
    #[test]
    fn parameters_are_as_many_as_published() {
        let (streams, device) = (Streams::new(1), Device::flex());
        let count = |family, sharing, sensors| {
            trained(&Encoder::new(FamilyPlan::of(family), sharing, sensors, &Init::new(&streams, &device)))
        };
        assert_eq!(count(Family::ResNet50, Sharing::All, 1), 25_557_032 - 2_049_000);
        assert_eq!(count(Family::ResNet101, Sharing::Separate, 1), 44_549_160 - 2_049_000);
        // 53 norms of 26 560 channels together: their scales and shifts once more for a second sensor.
        assert_eq!(count(Family::ResNet50, Sharing::Convolutions, 2), 25_557_032 - 2_049_000 + 2 * 26_560);
        assert!(plan([3, 4, 6, 3]).dilated().stages[3][0].stride == 1);
    }
}
