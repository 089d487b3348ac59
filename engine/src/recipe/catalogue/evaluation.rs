//! How results are counted.

use crate::recipe::choice::choice;
use crate::recipe::component::{Component, settings};

choice! {
    /// What mIoU, class accuracy and F1 are means over.
    pub enum Convention {
        NanMean = "nanmean": "Absent classes are left out of the mean (CMX, MRFS, AMDANet, SMMCL)",
        NanAsZero = "nan-as-zero": "Absent classes count as 0 (DELIVER, CMNeXt, Any2Seg, RTFNet)",
        NanAsOne = "nan-as-one": "Absent classes count as 1 (MVSS)",
        NoBackground = "no-background": "Class 0 is left out of the mean (SMMCL on LLRGBD)",
        Mfnet = "mfnet": "Row and column 0 leave the unions, class 0 scores 0 (MFNet's own tool)",
        Heatnet = "heatnet": "Pixels with truth 0 are removed; car, person and bicycle (HeatNet, UDA on MF)",
    }
}

choice! {
    /// What stands in for a sensor that is dropped.
    pub enum Missing {
        Drop = "drop": "The branch is not run",
        Zeros = "zeros": "Zeros after normalisation",
        Black = "black": "A black image before normalisation",
        Mean = "mean": "The training split's mean image",
        Copy = "copy": "The other sensor's image",
    }
}

settings! {
    CONVENTION: Convention = "evaluation.convention", "Convention", Live, Convention::NanMean.by_default(),
        "What mIoU, class accuracy and F1 are means over";
    MISSING: Missing = "evaluation.missing", "Missing sensor", Live, Missing::Drop.by_default(),
        "What stands in for a sensor that is dropped";
}

/// The entry.
pub(in crate::recipe) const COMPONENT: Component = Component {
    id: "evaluation",
    title: "Evaluation",
    group: "Evaluation",
    source: "CMX, MRFS, DELIVER, MVSS, MFNet and HeatNet: the tools that came with them",
    formula: "IoU_i = h_ii / (Σ_j h_ij + Σ_j h_ji − h_ii)",
    summary: "One confusion matrix a split; the convention says what a mean is taken over",
    watch: "Which convention a paper's figure follows before you compare with it",
    settings: SETTINGS,
    ..Component::BLANK
};
