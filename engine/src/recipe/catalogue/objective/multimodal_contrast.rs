//! Multi-modal contrast (SMMCL).

use crate::recipe::choice::choice;
use crate::recipe::component::{Component, settings, variant};
use crate::recipe::key::{integer, number, switch};

choice! {
    /// What as many pixels are drawn of.
    pub enum EntryKind {
        Image = "image": "A class in an image is an entry (the released code)",
        Batch = "batch": "A class in the batch is an entry (the paper's wording)",
    }
}

settings! {
    ENABLED: bool = "objective.multimodal_contrast.enabled", "Multi-modal contrast", Structural, switch(false),
        "Build a projector a sensor on the deepest level, and contrast what comes out";
    CROSS: bool = "objective.multimodal_contrast.cross", "Across sensors", Live, switch(true),
        "Contrast the visible sensor's embeddings with the auxiliary one's (L_cm)";
    VISIBLE: bool = "objective.multimodal_contrast.visible", "Within the visible sensor", Live, switch(true),
        "Contrast the first sensor's embeddings with each other (L_vis)";
    AUXILIARY: bool = "objective.multimodal_contrast.auxiliary", "Within the auxiliary sensor", Live, switch(true),
        "Contrast the other sensor's embeddings with each other (L_aux)";
    CROSS_WEIGHT: f64 = "objective.multimodal_contrast.cross_weight", "Weight λ_cm", Live, number(0.05, 0.0, 10.0),
        "Weight across sensors; 0.05 for MFNet and NYU, 0.2 for LLRGBD";
    VISIBLE_WEIGHT: f64 = "objective.multimodal_contrast.visible_weight", "Weight λ_vis", Live, number(0.05, 0.0, 10.0),
        "Weight within the visible sensor; the paper takes λ_cm";
    AUXILIARY_WEIGHT: f64 = "objective.multimodal_contrast.auxiliary_weight", "Weight λ_aux", Live,
        number(0.05, 0.0, 10.0),
        "Weight within the auxiliary sensor; the paper takes λ_cm";
    TEMPERATURE: f64 = "objective.multimodal_contrast.temperature", "Temperature τ", Live, number(0.1, 0.01, 2.0),
        "Divides cosines: small values look at the hardest negatives";
    ENTRIES: EntryKind = "objective.multimodal_contrast.entries", "Entries", Live, EntryKind::Image.by_default(),
        "What as many pixels are drawn of";
    GROUP: usize = "objective.multimodal_contrast.group", "Images in a contrast", Live, integer(0, 0, 256),
        "So many images of a batch are contrasted with each other, then the next; 0 takes them all. The released code trains on 4 GPUs, each with 4 of 16 images";
    SMALLEST: usize = "objective.multimodal_contrast.smallest", "Smallest entry (px)", Live, integer(5, 1, 1000),
        "Entries with fewer pixels on the deepest level are left out; 5 is one in 60 of 480 × 640 at a 32nd, and one in 16 of 120 × 160 at a 16th";
    MOST: usize = "objective.multimodal_contrast.most", "Most of an entry (px)", Live, integer(300, 1, 4800),
        "At most this many pixels of an entry";
    ANCHORS: usize = "objective.multimodal_contrast.anchors", "Anchors", Live, integer(4800, 16, 9600),
        "At most this many pixels a sensor and batch";
    WIDTH: usize = "objective.multimodal_contrast.width", "Embedding width", Structural, integer(256, 8, 1024),
        "Channels that the projectors end in";
}

/// The entry.
pub(in crate::recipe) const COMPONENT: Component = Component {
    id: "objective.multimodal_contrast",
    title: "Multi-modal contrast",
    group: "Objective",
    source: "SMMCL Eqs. 3–7",
    formula: "λ_cm L_cm(V, A) + λ_vis L_vis(V) + λ_aux L_aux(A),  L = −log( e^{s⁺/τ} / (e^{s⁺/τ} + Σ e^{s⁻/τ}) )",
    summary: "Embeddings of one class attract each other across sensors and within each; those of other classes repel. The first \
                  sensor is the visible one; of three and more sensors every pair is contrasted and all but the first are auxiliary",
    watch: "The embedding pane on the deepest level, coloured by class, beside a run without it",
    curve: "multimodal_contrast.cross",
    probes: &["multimodal_contrast.similarity"],
    variants: &[
        variant(
            "paper",
            "As many pixels of each class in the batch as the rarest has",
            &[("objective.multimodal_contrast.entries", "batch"), ("objective.multimodal_contrast.smallest", "1")],
        ),
        variant(
            "code",
            "As many pixels of each class in each image as the smallest of these has, where that is 5 or more",
            &[("objective.multimodal_contrast.entries", "image"), ("objective.multimodal_contrast.smallest", "5")],
        ),
    ],
    settings: SETTINGS,
    ..Component::BLANK
};
