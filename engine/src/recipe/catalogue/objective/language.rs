//! Teacher vectors of a vision-language model (Any2Seg).

use crate::recipe::choice::choice;
use crate::recipe::component::{Component, settings};
use crate::recipe::key::text;

choice! {
    /// Which distribution the divergence is taken from; the teacher never gets a gradient.
    pub enum Direction {
        Teacher = "teacher": "KL(teacher ‖ student), the usual distillation",
        Student = "student": "KL(student ‖ teacher), the paper's order taken literally",
    }
}

settings! {
    VECTORS: String = "objective.language.vectors", "File", Structural, text(""),
        "A safetensors file made by export_teacher_vectors.py; empty leaves L_cr out and takes shipped class vectors for L_se";
}

/// The entry.
pub(in crate::recipe) const COMPONENT: Component = Component {
    id: "objective.language",
    title: "Teacher vectors",
    group: "Objective",
    source: "Any2Seg §3.2, LanguageBind",
    summary: "Embeddings of images, captions and class names by a vision-language model, made beforehand and read from a file",
    watch: "The log at the start of a run: it counts the images without vectors",
    settings: SETTINGS,
    ..Component::BLANK
};
