//! A layout as a table, a drawing or a picture.

use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;

use egui::{Color32, Ui};
use fusionscope_engine::files::picture::write_png;
use fusionscope_engine::files::write_whole;
use fusionscope_engine::protocol::{EmbeddingView, layout_table};

use super::colours::Groups;
use crate::look;
use crate::panes::PaneContext;
use crate::panes::saving::{self, Saving};
use crate::system_dialog::FileKind;

/// The side of an exported drawing, in pixels.
const SIDE: f32 = 1200.0;
const RADIUS: f32 = 4.0;

const LAYOUT: saving::Export = saving::Export {
    title: "Save the layout",
    name: "embedding.png",
    kind: FileKind { name: "CSV with labels, SVG or PNG, as the ending says", endings: &["csv", "svg", "png"] },
};

/// What is exported, and where to.
#[derive(Debug, Default)]
pub(super) struct Export {
    saving: Saving,
    is_wanted: bool,
}

impl Export {
    /// Asks where to save in the next frame.
    pub(super) fn want(&mut self) {
        self.is_wanted = true;
    }

    /// The button.
    pub(super) fn button(&mut self, ui: &mut Ui, ctx: &PaneContext<'_>) {
        let is_free = !self.saving.is_busy();
        let response = ui.add_enabled_ui(is_free, |ui| look::button(ui, ctx.tokens, None, "Export…", false)).inner;
        if response.on_hover_text("The layout as CSV with labels, as SVG or as PNG").clicked() {
            self.want();
        }
    }

    /// Asks where to, and shows what came of it.
    pub(super) fn ui(&mut self, ui: &Ui, ctx: &PaneContext<'_>, view: &Arc<EmbeddingView>, groups: &Groups) {
        if std::mem::take(&mut self.is_wanted) {
            let classes = ctx.store.dataset.as_ref().map_or(Vec::new(), |dataset| dataset.classes.clone());
            let (view, groups) = (Arc::clone(view), groups.clone());
            self.saving.ask(LAYOUT, move |path| write(path, &view, &view.layout, &groups, &classes));
        }
        self.saving.ui(ui, ctx);
    }
}

/// Writes a layout in the form that the file's ending asks for: `csv`, `svg`, else PNG.
pub(super) fn write(
    path: &Path,
    view: &EmbeddingView,
    layout: &[[f32; 2]],
    groups: &Groups,
    classes: &[String],
) -> Result<(), String> {
    let ending = path.extension().map(|ending| ending.to_string_lossy().to_lowercase());
    let refused = |reason: String| format!("Could not write the layout: {reason}: {}", path.display());
    match ending.as_deref() {
        Some("csv") => {
            let table = layout_table(layout, &view.marks, &view.sources, &view.request.split, classes);
            write_whole(path, table.as_bytes()).map_err(|error| refused(error.to_string()))
        }
        Some("svg") => write_whole(path, svg(layout, groups).as_bytes()).map_err(|error| refused(error.to_string())),
        _ => write_png(path, &picture(layout, groups)).map_err(|error| refused(error.to_string())),
    }
}

fn points<'a>(layout: &'a [[f32; 2]], groups: &'a Groups) -> impl Iterator<Item = (f32, f32, Color32)> + 'a {
    let reach = layout.iter().map(|[x, y]| x.abs().max(y.abs())).fold(1e-6_f32, f32::max) * 1.04;
    let scale = 0.5 * SIDE / reach;
    layout.iter().zip(&groups.of).map(move |(&[x, y], group)| {
        let colour = groups.colours.get(usize::from(*group)).copied().unwrap_or(Color32::GRAY);
        (0.5 * SIDE + x * scale, 0.5 * SIDE - y * scale, colour)
    })
}

fn svg(layout: &[[f32; 2]], groups: &Groups) -> String {
    let mut text = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{SIDE}\" height=\"{SIDE}\" viewBox=\"0 0 {SIDE} {SIDE}\">\n"
    );
    for (x, y, colour) in points(layout, groups) {
        let [r, g, b, _] = colour.to_array();
        let _infallible = writeln!(
            text,
            "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"{RADIUS}\" fill=\"#{r:02x}{g:02x}{b:02x}\" fill-opacity=\"0.85\"/>"
        );
    }
    text.push_str("</svg>\n");
    text
}

fn picture(layout: &[[f32; 2]], groups: &Groups) -> image::RgbImage {
    let side = SIDE as u32;
    let mut picture = image::RgbImage::from_pixel(side, side, image::Rgb([255, 255, 255]));
    for (x, y, colour) in points(layout, groups) {
        let span = |middle: f32| {
            let from = (middle - RADIUS).floor().max(0.0) as u32;
            from..((middle + RADIUS).ceil() as u32 + 1).min(side)
        };
        for row in span(y) {
            for column in span(x) {
                let away = ((column as f32 + 0.5 - x).powi(2) + (row as f32 + 0.5 - y).powi(2)).sqrt();
                let share = 0.85 * (RADIUS + 0.5 - away).clamp(0.0, 1.0);
                let pixel = picture.get_pixel_mut(column, row);
                for (old, new) in pixel.0.iter_mut().zip(colour.to_array()) {
                    *old = (f32::from(*old) * (1.0 - share) + f32::from(new) * share).round() as u8;
                }
            }
        }
    }
    picture
}

#[cfg(test)]
mod tests {
    use fusionscope_engine::protocol::{EmbeddingRequest, EmbeddingStage, PointMark};

    use super::*;

    #[test]
    fn every_form_holds_every_point() {
        let mark = PointMark { scene: 3, source: 0, label: 1, predicted: 0, pixel: [65_535, 0] };
        let view = EmbeddingView {
            request: EmbeddingRequest { split: "test".to_owned(), ..EmbeddingRequest::default() },
            step: None,
            sources: vec!["thermal".to_owned()],
            offered: Vec::new(),
            marks: vec![mark; 2],
            layout: Vec::new(),
            stage: EmbeddingStage::Done,
            iteration: 0,
            iterations: 0,
            divergences: Vec::new(),
            perplexity: 30.0,
            device: String::new(),
            measures: None,
        };
        let layout = [[-1.0, 0.0], [1.0, 0.5]];
        let groups = Groups { words: vec!["a".to_owned()], colours: vec![Color32::RED], of: vec![0, 0] };
        let folder = tempfile::tempdir().unwrap();
        let written = |name: &str| {
            let path = folder.path().join(name);
            write(&path, &view, &layout, &groups, &["class0".to_owned(), "class1".to_owned()]).unwrap();
            std::fs::read(&path).unwrap()
        };
        let csv = String::from_utf8(written("a.csv")).unwrap();
        assert_eq!(csv.lines().nth(2), Some("1,0.5,class1,class0,thermal,test,3,1.0000,0.0000"));
        assert_eq!(String::from_utf8(written("a.svg")).unwrap().matches("<circle").count(), 2);
        let picture = image::load_from_memory(&written("a.png")).unwrap().into_rgb8();
        let red = |pixel: &image::Rgb<u8>| pixel.0[0] > 200 && pixel.0[1] < 120;
        assert!(picture.pixels().filter(|pixel| red(pixel)).count() > 60);
        let reason = write(Path::new("/nowhere/a.csv"), &view, &layout, &groups, &[]).unwrap_err();
        assert!(reason.contains("/nowhere/a.csv"), "{reason}");
    }
}
