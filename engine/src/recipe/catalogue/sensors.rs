//! Which sensors a network is built for.

use crate::recipe::component::{Component, settings};
use crate::recipe::key::texts;

settings! {
    USE: Vec<String> = "sensors.use", "In use", Structural, texts(),
        "Names out of the data set's manifest, the guiding (optical) sensor first; empty takes the manifest's first two";
}

/// The entry.
pub(in crate::recipe) const COMPONENT: Component = Component {
    id: "sensors",
    title: "Sensors",
    group: "Sensors",
    summary: "Which of the data set's sensors the network is built for",
    watch: "Drop one of them in Inspect and see which classes suffer",
    settings: SETTINGS,
    ..Component::BLANK
};
