//! How results are counted.

use crate::recipe::choice::choice;
use crate::recipe::component::{Component, settings};
use crate::recipe::key::{integer, integers, switch};

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

choice! {
    /// Which subsets of the sensors are scored.
    pub enum Subsets {
        Auto = "auto": "All of up to six sensors; of more: all together, each alone, all but each",
        All = "all": "Every one: of twelve sensors 4,095",
        Singles = "singles": "All sensors together, and each alone",
        LeaveOneOut = "leave-one-out": "All sensors together, and all but each",
        Sample = "sample": "All sensors together, each alone, and others drawn by the seed",
    }
}

choice! {
    /// What is done to a network's images, and which figures are taken of it; see `protocol::ProtocolReport`.
    pub enum Protocol {
        All = "all": "All sensors as they are (Any2Seg's MSS)",
        Heads = "heads":
            "Every answer of the network: fused, each sensor's own, each sensor alone by each rule, teacher, pseudo-labels",
        Subsets = "subsets": "Every non-empty subset of the sensors, and their mean (Any2Seg's system-level MISS)",
        Conditions = "conditions": "All sensors on the scenes of each tag, and their mean (Any2Seg's sensor-level MISS)",
        Emm = "emm": "Entire missing: a failing sensor's normalised image is 0 (Liao et al. 2025)",
        Rmm = "rmm": "Random missing: elements of a failing sensor's normalised image are 0 (Liao et al. 2025)",
        Nm = "nm": "Noise on all sensors at once: salt, pepper and Gaussian (Liao et al. 2025)",
        Severity = "severity": "Each degradation of each sensor at five severities: a curve and its area",
        Heatnet = "heatnet": "Each sensor alone, by day, by night and in all, by HeatNet's convention (cross-spectral UDA)",
    }
}

settings! {
    CONVENTION: Convention = "evaluation.convention", "Convention", Live, Convention::NanMean.by_default(),
        "What mIoU, class accuracy and F1 are means over";
    FURTHER: bool = "evaluation.further", "Further figures", Live, switch(true),
        "Boundary IoU, calibration error and average precision as well; some 5 ns of a core per pixel and class";
    MISSING: Missing = "evaluation.missing", "Missing sensor", Live, Missing::Drop.by_default(),
        "What stands in for a sensor that is dropped";
    SUBSETS: Subsets = "evaluation.subsets", "Subsets", Live, Subsets::Auto.by_default(),
        "Which subsets of the sensors are scored; each costs a pass over the split";
    SUBSET_COUNT: usize = "evaluation.subset_count", "Drawn subsets", Live, integer(32, 1, 4000),
        "How many subsets `sample` draws beside all sensors together and each alone";
    SCALES: Vec<usize> = "evaluation.scales", "Scales", Live, integers(&[100], 25, 400),
        "At which sizes of the image, in per cent, evaluation and prediction ask; the mean of the answers counts";
    FLIP: bool = "evaluation.flip", "Flip", Live, switch(false),
        "Whether evaluation and prediction ask of the mirrored image too; the mean of the answers counts";
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
