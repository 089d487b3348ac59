//! Cutting pictures as the manifest says.

use std::path::Path;

use super::decode::Raster;
use super::error::DataError;
use super::source::Crop;

/// A picture under the manifest's cut.
pub(super) fn cropped(
    raster: Raster,
    crop: &Crop,
    what: impl Fn() -> String,
    path: &Path,
) -> Result<Raster, DataError> {
    let size = (raster.width, raster.height);
    raster.cropped(crop).ok_or_else(|| nothing_left(what(), crop, size, path))
}

/// That a cut leaves nothing of a picture of this width and height.
pub(super) fn nothing_left(what: String, crop: &Crop, (width, height): (usize, usize), path: &Path) -> DataError {
    let Crop { left, top, right, bottom } = crop;
    let reason = format!(
        "`crop` leaves nothing: {left} and {right} columns and {top} and {bottom} rows of {width} × {height} px"
    );
    DataError::unprepared(what, reason, path)
}
