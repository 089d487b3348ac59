//! A sensor that falls silent while it is read.

use super::image::Image;

/// Rows from the bottom up are empty, as many of all as the severity says.
pub(super) fn blackout(image: &mut Image, severity: f32) {
    let height = image.size.height;
    let read = height - (height as f32 * severity).round() as usize;
    let nothing = image.nothing();
    image.change(|[row, _], value| if row < read { value } else { nothing });
}
