//! EfficientNet-B3 and EfficientNet-Lite0, cut into five stages as segmentation-models-pytorch cuts them.
//!
//! The last stage is dilated in place of its stride, so that stages 4 and 5 both stand at a sixteenth of the input.

use super::plan::{BlockPlan, Plan, Shortcut};
use crate::network::layers::{Activation, NormFamily, Padding};

/// A run of equal blocks: repeats, output channels, kernel, expansion, stride of the first.
type Run = (usize, usize, usize, usize, usize);

/// EfficientNet-B3: 26 blocks, stage widths 40, 32, 48, 136, 384.
pub fn b3() -> Plan {
    let runs = [
        (2, 24, 3, 1, 1),
        (3, 32, 3, 6, 2),
        (3, 48, 5, 6, 2),
        (5, 96, 3, 6, 2),
        (5, 136, 5, 6, 1),
        (6, 232, 5, 6, 2),
        (2, 384, 3, 6, 1),
    ];
    plan(40, &runs, Activation::Swish, true)
}

/// EfficientNet-Lite0: 16 blocks, stage widths 32, 24, 40, 112, 320; no squeeze-and-excitation.
pub fn lite0() -> Plan {
    let runs = [
        (1, 16, 3, 1, 1),
        (2, 24, 3, 6, 2),
        (2, 40, 5, 6, 2),
        (3, 80, 3, 6, 2),
        (3, 112, 5, 6, 1),
        (4, 192, 5, 6, 2),
        (1, 320, 3, 6, 1),
    ];
    plan(32, &runs, Activation::Relu6, false)
}

/// Which stage (0 is stage 2) each of the seven runs belongs to.
const STAGE_OF_RUN: [usize; 7] = [0, 0, 1, 2, 2, 3, 3];

fn plan(stem: usize, runs: &[Run; 7], activation: Activation, squeeze: bool) -> Plan {
    let mut stages: [Vec<BlockPlan>; 4] = Default::default();
    let mut input = stem;
    for ((repeats, output, kernel, expansion, stride), stage) in runs.iter().copied().zip(STAGE_OF_RUN) {
        for repeat in 0..repeats {
            let dilated = stage == 3;
            stages[stage].push(BlockPlan {
                input,
                inner: input * expansion,
                output,
                expand: expansion != 1,
                kernel,
                stride: if repeat == 0 && !dilated { stride } else { 1 },
                dilation: if dilated { 2 } else { 1 },
                depthwise: true,
                // A quarter of the block's input, whatever its expansion.
                squeeze: if squeeze { (input / 4).max(1) } else { 0 },
                shortcut: Shortcut::Identity,
            });
            input = output;
        }
    }
    Plan {
        stem,
        stem_kernel: 3,
        pools: false,
        stages,
        activation,
        activate_output: false,
        padding: Padding::Same,
        norms: NormFamily::EFFICIENT,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stages_have_the_widths_and_blocks_of_the_published_cut() {
        let counts = |plan: &Plan| plan.stages.each_ref().map(Vec::len);
        assert_eq!((b3().channels(), counts(&b3())), ([40, 32, 48, 136, 384], [5, 3, 10, 8]));
        assert_eq!((lite0().channels(), counts(&lite0())), ([32, 24, 40, 112, 320], [3, 2, 6, 5]));
    }
}
