//! The nano encoder: small enough that a fusion network learns on two CPU cores while one watches.

use super::plan::{BlockPlan, Plan, Shortcut};
use crate::network::layers::{Activation, NormFamily, Padding};

/// Full 3×3 convolutions, which a CPU does well as matrix products, each followed by a 1×1 projection. Most blocks
/// stand at a sixteenth of the size, where they cost little.
pub fn plan() -> Plan {
    let block = |input, output, stride, dilation| BlockPlan {
        input,
        inner: output,
        output,
        expand: false,
        kernel: 3,
        stride,
        dilation,
        depthwise: false,
        squeeze: 0,
        shortcut: Shortcut::Identity,
    };
    Plan {
        stem: 16,
        stem_kernel: 3,
        pools: false,
        stages: [
            vec![block(16, 24, 2, 1)],
            vec![block(24, 32, 2, 1), block(32, 32, 1, 1)],
            vec![block(32, 48, 2, 1), block(48, 48, 1, 1)],
            vec![block(48, 64, 1, 2), block(64, 64, 1, 2)],
        ],
        activation: Activation::Relu,
        activate_output: true,
        padding: Padding::Same,
        norms: NormFamily::TORCH,
    }
}
