//! Where the arrow keys and their like lead in a grid that is read row by row.

use egui::Key;

/// The keys that move in it.
pub(super) const KEYS: [Key; 8] =
    [Key::ArrowLeft, Key::ArrowRight, Key::ArrowUp, Key::ArrowDown, Key::PageUp, Key::PageDown, Key::Home, Key::End];

/// The place that a key leads to from `place`; `page` is how many rows are in sight.
pub(super) fn led_to(key: Key, place: usize, columns: usize, page: usize, count: usize) -> usize {
    let last = count.saturating_sub(1);
    let down = |rows: usize| {
        let to = place + rows * columns;
        // The last row may be short: below a full one lies its end.
        if to <= last {
            to
        } else if place / columns < last / columns {
            let under = last - last % columns + place % columns;
            under.min(last)
        } else {
            place
        }
    };
    let up = |rows: usize| place.checked_sub(rows * columns).unwrap_or(place % columns);
    match key {
        Key::ArrowLeft => place.saturating_sub(1),
        Key::ArrowRight => (place + 1).min(last),
        Key::ArrowUp if place < columns => place,
        Key::ArrowUp => up(1),
        Key::ArrowDown => down(1),
        Key::PageUp => up(page.max(1)),
        Key::PageDown => down(page.max(1)),
        Key::Home => 0,
        Key::End => last,
        _ => place,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_go_through_rows_of_which_the_last_is_short() {
        // 0 1 2 / 3 4 5 / 6 7
        let led = |key, place| led_to(key, place, 3, 2, 8);
        assert_eq!([led(Key::ArrowRight, 2), led(Key::ArrowRight, 7), led(Key::ArrowLeft, 0)], [3, 7, 0]);
        assert_eq!([led(Key::ArrowDown, 1), led(Key::ArrowDown, 5), led(Key::ArrowDown, 6)], [4, 7, 6]);
        assert_eq!([led(Key::ArrowUp, 7), led(Key::ArrowUp, 2)], [4, 2]);
        assert_eq!([led(Key::PageDown, 1), led(Key::PageDown, 4), led(Key::PageUp, 7)], [7, 7, 1]);
        assert_eq!([led(Key::PageUp, 4), led(Key::Home, 5), led(Key::End, 0)], [1, 0, 7]);
        assert_eq!(led_to(Key::End, 0, 3, 2, 0), 0);
    }
}
