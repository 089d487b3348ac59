//! How results are counted.

use super::Change::Live;
use super::{Component, choice, option, setting_of};

/// The entries of this group.
pub(super) static COMPONENTS: &[Component] = &[Component {
    id: "evaluation",
    title: "Evaluation",
    group: "Evaluation",
    source: "CMX, MRFS, DELIVER, MVSS, MFNet and HeatNet: the tools that came with them",
    formula: "IoU_i = h_ii / (Σ_j h_ij + Σ_j h_ji − h_ii)",
    summary: "One confusion matrix a split; the convention says what a mean is taken over",
    watch: "Which convention a paper's figure follows before you compare with it",
    curve: "",
    probes: &[],
    variants: &[],
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
                    option("heatnet", "Pixels with truth 0 are removed; car, person and bicycle (HeatNet, UDA on MF)"),
                ],
            ),
            "What mIoU, class accuracy and F1 are means over",
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
}];
