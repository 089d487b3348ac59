//! Distillation from a model that knows language.

use super::Change::{Live, Structural};
use super::{Component, Kind, choice, number, option, setting_of, variant};

/// The entries of this group.
pub(super) static COMPONENTS: &[Component] = &[
    Component {
        id: "objective.language",
        title: "Teacher vectors",
        group: "Objective",
        source: "Any2Seg §3.2, LanguageBind",
        formula: "",
        summary: "Embeddings of images, captions and class names by a vision-language model, made beforehand and read from a file",
        watch: "The log at the start of a run: it counts the images without vectors",
        curve: "",
        probes: &[],
        variants: &[],
        settings: &[setting_of(
            "objective.language.vectors",
            "File",
            Structural,
            Kind::Text(""),
            "A safetensors file made by export_teacher_vectors.py; empty leaves L_cr out and takes shipped class vectors for L_se",
        )],
    },
    Component {
        id: "objective.inter_modal",
        title: "Inter-modal distillation (L_cr)",
        group: "Objective",
        source: "Any2Seg Eqs. 1–3",
        formula: "KL( softmax cos(E_m, E_S) ‖ softmax cos(f_m, f_ma) )",
        summary: "The sensors' likeness to the modality-agnostic map follows the likeness of their embeddings to that of the scene's caption",
        watch: "The correlations in the facts: their spread should near the teacher's. The term is tiny, for cosines differ little",
        curve: "inter_modal",
        probes: &[],
        variants: &[
            variant(
                "paper",
                "Eq. 3 as PyTorch's kl_div reads it, to the modality-agnostic map itself",
                &[("objective.inter_modal.reference", "agnostic"), ("objective.inter_modal.direction", "teacher")],
            ),
            variant(
                "code",
                "The authors' code hands out the cosines to the anchor",
                &[("objective.inter_modal.reference", "anchor"), ("objective.inter_modal.direction", "teacher")],
            ),
        ],
        settings: &[
            setting_of(
                "objective.inter_modal.enabled",
                "Inter-modal distillation",
                Live,
                Kind::Switch(false),
                "Match the teacher's correlations between sensors; needs a file of teacher vectors",
            ),
            setting_of("objective.inter_modal.weight", "Weight", Live, number(1.0, 0.0, 1e6), "Weight in the total"),
            setting_of(
                "objective.inter_modal.temperature",
                "Temperature T",
                Live,
                number(1.0, 0.001, 100.0),
                "Divides the cosines before the softmax; smaller sharpens, and lets the term weigh more",
            ),
            setting_of(
                "objective.inter_modal.direction",
                "Direction",
                Live,
                choice(
                    "teacher",
                    &[
                        option("teacher", "KL(teacher ‖ student), the usual distillation"),
                        option("student", "KL(student ‖ teacher), the paper's order taken literally"),
                    ],
                ),
                "Which distribution the divergence is taken from; the teacher never gets a gradient",
            ),
            setting_of(
                "objective.inter_modal.reference",
                "Reference",
                Live,
                choice(
                    "anchor",
                    &[
                        option("anchor", "The anchor of the fusion (the authors' code)"),
                        option("agnostic", "The modality-agnostic map that comes out"),
                    ],
                ),
                "What the sensors' maps are compared with; without modality-agnostic fusion, the fused scores",
            ),
        ],
    },
    Component {
        id: "objective.intra_modal",
        title: "Intra-modal distillation (L_se)",
        group: "Objective",
        source: "Any2Seg Eqs. 4–5",
        formula: "1/|P| Σ_i KL( softmax cos(E_C,i, E_C) ‖ softmax cos(e_i, e) )",
        summary: "Classes are as like each other in the modality-agnostic map as their names are to a text encoder",
        watch: "Classes that are taken for each other in the confusion matrix: like names may stay near, unlike ones part",
        curve: "intra_modal",
        probes: &["objective.intra_modal.features", "objective.intra_modal.names"],
        variants: &[],
        settings: &[
            setting_of(
                "objective.intra_modal.enabled",
                "Intra-modal distillation",
                Live,
                Kind::Switch(false),
                "Match the likeness of class names",
            ),
            setting_of("objective.intra_modal.weight", "Weight", Live, number(1.0, 0.0, 1e6), "Weight in the total"),
            setting_of(
                "objective.intra_modal.temperature",
                "Temperature T",
                Live,
                number(1.0, 0.001, 100.0),
                "Divides the cosines before the softmax over a row",
            ),
            setting_of(
                "objective.intra_modal.direction",
                "Direction",
                Live,
                choice(
                    "teacher",
                    &[
                        option("teacher", "KL(teacher ‖ student), the usual distillation"),
                        option("student", "KL(student ‖ teacher), the paper's order taken literally"),
                    ],
                ),
                "Which distribution the divergence is taken from; the teacher never gets a gradient",
            ),
            setting_of(
                "objective.intra_modal.averaging",
                "Class means over",
                Live,
                choice(
                    "batch",
                    &[
                        option("batch", "All pixels of a class in the batch"),
                        option("image", "Those of each image; the images' losses are averaged"),
                    ],
                ),
                "What is averaged to a class's representation",
            ),
        ],
    },
];
