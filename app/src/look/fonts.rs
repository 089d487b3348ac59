//! The typeface: Inter in three weights, its tabular figures made the default ones.

use std::sync::Arc;

use egui::{FontData, FontDefinitions, FontFamily};

/// Families by name; `FontFamily::Proportional` is the regular weight.
pub(super) const MEDIUM: &str = "medium";
pub(super) const SEMIBOLD: &str = "semibold";

/// Inter first, egui's own fonts after it for symbols.
pub(super) fn definitions() -> FontDefinitions {
    let mut fonts = FontDefinitions::default();
    let weights: [(&str, &'static [u8]); 3] = [
        ("inter", include_bytes!("../../../assets/fonts/Inter-Regular.ttf")),
        ("inter-medium", include_bytes!("../../../assets/fonts/Inter-Medium.ttf")),
        ("inter-semibold", include_bytes!("../../../assets/fonts/Inter-SemiBold.ttf")),
    ];
    for (name, bytes) in weights {
        fonts.font_data.insert(name.to_owned(), Arc::new(FontData::from_static(bytes)));
    }
    let fallback = fonts.families.get(&FontFamily::Proportional).cloned().unwrap_or_default();
    let family_of = |first: &str| {
        let mut family = vec![first.to_owned()];
        family.extend(fallback.iter().cloned());
        family
    };
    fonts.families.insert(FontFamily::Proportional, family_of("inter"));
    fonts.families.insert(FontFamily::Name(MEDIUM.into()), family_of("inter-medium"));
    fonts.families.insert(FontFamily::Name(SEMIBOLD.into()), family_of("inter-semibold"));
    fonts
}
