//! Generated images of the adapted sensor.

use crate::recipe::component::{Component, settings};
use crate::recipe::key::{number, text};

settings! {
    FILES: String = "data.fake_night", "Files", Structural, text(""),
        "A folder of `<id>.png`, or a pattern with `{id}` in the data set's own folder, such as `Day2Night/{id}_2N.png`; not used in stage 2";
    SHARE: f64 = "data.fake_night_share", "Share", Structural, number(0.5, 0.0, 1.0),
        "Probability that a batch takes them";
}

/// The entry.
pub(in crate::recipe) const COMPONENT: Component = Component {
    id: "data.fake_night",
    title: "Fake night images",
    group: "Data",
    source: "Cross-spectral UDA, after MS-UDA (RA-L 2021)",
    summary: "Images of the adapted sensor that a generator moved to the target domain, in place of the real ones",
    watch: "Scores of the target domain before stage 2",
    settings: SETTINGS,
    serves: |settings| !settings.get(FILES).is_empty(),
    ..Component::BLANK
};
