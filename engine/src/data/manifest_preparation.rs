//! What a manifest may ask of files before they are values.

use super::manifest::ModalityFiles;
use super::manifest_refused::{Refused, at_most, refuse};
use super::sample::ModalityKind;
use super::source::Camera;

/// The first key of these that makes no sense, if any.
pub(super) fn check_preparation(modality: &ModalityFiles, key: &str) -> Result<(), Refused> {
    let ModalityFiles { join, percentiles, hha, expression, unit, .. } = modality;
    at_most(&format!("{key}.join"), "further files", 2, join.len())?;
    if modality.hole.is_some_and(|hole| !hole.is_finite()) {
        return refuse(format!("{key}.hole"), "a finite stored value", modality.hole.unwrap_or_default());
    }
    let leaves_bytes = percentiles.is_some() || hha.is_some();
    if leaves_bytes {
        let alone = percentiles.is_some() != hha.is_some() && join.is_empty() && expression.is_empty();
        let is_plain = modality.low.is_none() && modality.high.is_none() && modality.channels.is_none();
        if !(alone && is_plain) {
            let expected = "one of `percentiles` and `hha`, without `join`, `expression`, `channels`, `low` and `high`";
            return refuse(key, expected, "others beside it");
        }
    }
    if let Some([low, high]) = percentiles
        && !((0.0..100.0).contains(low) && *high > *low && *high <= 100.0)
    {
        return refuse(format!("{key}.percentiles"), "two rising numbers from 0 to 100", format!("{low}, {high}"));
    }
    if let Some(Camera { fx, fy, cx, cy }) = hha {
        let is_camera =
            [fx, fy].iter().all(|side| side.is_finite() && **side > 0.0) && cx.is_finite() && cy.is_finite();
        if !is_camera {
            return refuse(format!("{key}.hha"), "focal lengths above 0", format!("{fx}, {fy}, {cx}, {cy}"));
        }
        if modality.kind != ModalityKind::Depth || unit != "m" {
            let found = format!("`{}` in `{unit}`", modality.kind.name());
            return refuse(format!("{key}.hha"), "a sensor of kind `depth` with `unit = \"m\"`", found);
        }
    }
    if !expression.is_empty() {
        let channels = modality.modality().channels;
        if expression.len() != channels {
            return refuse(format!("{key}.expression"), format!("one a channel ({channels})"), expression.len());
        }
        if !matches!(unit.as_str(), "deg" | "rad") {
            return refuse(format!("{key}.unit"), "`deg` or `rad` beside `expression`", format!("`{unit}`"));
        }
        if modality.first_channel.is_some() && join.is_empty() {
            return refuse(format!("{key}.first_channel"), "none beside `expression`", "one");
        }
    }
    Ok(())
}
