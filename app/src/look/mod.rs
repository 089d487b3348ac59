//! How everything looks: tokens, palettes, fonts, icons and the small widgets of the house.
//!
//! Colour literals live here and nowhere else; `clippy.toml` bans them outside this room.
#![allow(clippy::disallowed_methods, reason = "this is the one room in which colours are made from numbers")]

mod contrast;
mod fonts;
mod icons;
mod legend_entry;
mod maps;
mod menu;
mod modal;
mod palettes;
mod plot;
mod style;
mod text_size;
mod time;
mod tokens;
mod widgets;
mod words;

pub use self::contrast::fill_outlined;
pub use self::icons::Icon;
pub use self::legend_entry::LegendEntry;
pub use self::maps::{ScalarMap, map_for};
pub use self::menu::{context_menu, is_menu_asked_for};
pub use self::modal::modal;
pub use self::palettes::{ClassColours, class_colours, with_alpha};
pub use self::plot::still_plot;
pub use self::style::{install, scale_of, use_motion, use_theme};
pub use self::text_size::{TextSize, TextStep};
pub use self::time::{date_and_time, time_of_day};
pub use self::tokens::{Theme, Tokens, size, space};
pub use self::widgets::{
    badge, button, caption, changing_button, colour_menu, elided, empty, fitting, icon_button, main_button, medium,
    message, primary_button, segmented, semibold, small, swatch, toggle_chip,
};
pub use self::words::{clock, count, counted, milliseconds, percent, points, probe_words, roughly, share, significant};
