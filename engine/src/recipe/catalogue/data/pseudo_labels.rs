//! Labels of another network in place of ground truth.

use crate::recipe::component::{Component, settings};
use crate::recipe::key::text;

settings! {
    FILES: String = "data.pseudo_labels", "Files", Structural, text(""),
        "A folder of `<id>.png` as `fusionscope pseudo-label` writes it, or a pattern with `{id}` in the data set's own folder, such as `pseudo_all/{id}_pseudo.png`; a data set without files of that pattern is trained on its ground truth, and says so";
}

/// The entry.
pub(in crate::recipe) const COMPONENT: Component = Component {
    id: "data.pseudo_labels",
    title: "Pseudo-labels",
    group: "Data",
    source: "Cross-spectral UDA",
    summary: "Label maps that another network made, trained on in place of ground truth",
    watch: "The evaluation against ground truth: how far the student comes beyond its labels",
    settings: SETTINGS,
    serves: |settings| !settings.get(FILES).is_empty(),
    ..Component::BLANK
};
