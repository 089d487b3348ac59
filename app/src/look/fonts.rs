//! The typeface: Inter in three weights, its tabular figures made the default ones.

use std::sync::Arc;

use egui::{FontData, FontDefinitions, FontFamily};

/// Families by name; `FontFamily::Proportional` is the regular weight.
pub(super) const MEDIUM: &str = "medium";
pub(super) const SEMIBOLD: &str = "semibold";

/// Mathematical and geometric symbols that Inter lacks.
const SYMBOLS: &str = "symbols";

/// Inter first, egui's own fonts after it for symbols.
pub(super) fn definitions() -> FontDefinitions {
    let mut fonts = FontDefinitions::default();
    let files: [(&str, &'static [u8]); 4] = [
        ("inter", include_bytes!("../../../assets/fonts/Inter-Regular.ttf")),
        ("inter-medium", include_bytes!("../../../assets/fonts/Inter-Medium.ttf")),
        ("inter-semibold", include_bytes!("../../../assets/fonts/Inter-SemiBold.ttf")),
        (SYMBOLS, include_bytes!("../../../assets/fonts/DejaVuSans-Symbols.ttf")),
    ];
    for (name, bytes) in files {
        fonts.font_data.insert(name.to_owned(), Arc::new(FontData::from_static(bytes)));
    }
    let fallback = fonts.families.get(&FontFamily::Proportional).cloned().unwrap_or_default();
    let family_of = |first: &str| {
        let mut family = vec![first.to_owned(), SYMBOLS.to_owned()];
        family.extend(fallback.iter().cloned());
        family
    };
    fonts.families.insert(FontFamily::Proportional, family_of("inter"));
    fonts.families.insert(FontFamily::Name(MEDIUM.into()), family_of("inter-medium"));
    fonts.families.insert(FontFamily::Name(SEMIBOLD.into()), family_of("inter-semibold"));
    fonts.families.entry(FontFamily::Monospace).or_default().push(SYMBOLS.to_owned());
    fonts
}

#[cfg(test)]
mod tests {
    use fusionscope_engine::recipe::catalogue;

    use super::*;

    #[test]
    fn every_text_of_the_catalogue_can_be_drawn_in_every_weight() {
        let ctx = egui::Context::default();
        ctx.set_fonts(definitions());
        ctx.set_missing_glyph_policy(egui::MissingGlyphPolicy::Panic);
        let mut texts = vec!["▾ ▸ ◂ ● ○ ↻ ⌘ → … · × ∞ −".to_owned()];
        for component in catalogue() {
            texts.extend([component.title, component.formula, component.summary, component.source].map(str::to_owned));
            texts.extend(component.settings.iter().map(|setting| format!("{} {}", setting.title, setting.summary)));
        }
        let families = [FontFamily::Proportional, FontFamily::Name(MEDIUM.into()), FontFamily::Name(SEMIBOLD.into())];
        let _output = ctx.run_ui(egui::RawInput::default(), |ui| {
            for family in &families {
                for text in &texts {
                    let font = egui::FontId::new(12.0, family.clone());
                    let galley = ui.painter().layout_no_wrap(text.clone(), font, egui::Color32::WHITE);
                    assert!(text.is_empty() || galley.size().x > 0.0, "{text}");
                }
            }
        });
    }
}
