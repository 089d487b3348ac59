//! A layout as a table, a drawing or a picture.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crossbeam_channel::{Receiver, bounded};
use egui::{Color32, Ui};
use fusionscope_engine::files::picture::write_png;
use fusionscope_engine::files::write_whole;
use fusionscope_engine::protocol::{EmbeddingView, layout_table};

use super::colours::Groups;
use crate::look;
use crate::panes::PaneContext;

/// The side of an exported drawing, in pixels.
const SIDE: f32 = 1200.0;
const RADIUS: f32 = 4.0;

/// A file choice that is under way on a thread of its own: a file dialog may hang, the window may not.
#[derive(Debug, Default)]
pub(super) struct Export {
    answer: Option<Receiver<Result<Option<PathBuf>, String>>>,
    /// What came of the last export, shown until the next one.
    outcome: Option<Result<String, String>>,
}

impl Export {
    /// The button, and what came of the last export.
    pub(super) fn ui(
        &mut self,
        ui: &mut Ui,
        ctx: &PaneContext<'_>,
        view: &Arc<EmbeddingView>,
        layout: &[[f32; 2]],
        groups: &Groups,
    ) {
        if let Some(answer) = self.answer.as_ref().and_then(|answer| answer.try_recv().ok()) {
            self.answer = None;
            self.outcome = match answer {
                Ok(None) => None,
                Ok(Some(path)) => Some(Ok(format!("Written to {}", path.display()))),
                Err(reason) => Some(Err(reason)),
            };
        }
        let response =
            ui.add_enabled_ui(self.answer.is_none(), |ui| look::button(ui, ctx.tokens, None, "Export", false));
        if response.inner.on_hover_text("The layout as CSV with labels, as SVG or as PNG").clicked() {
            let classes = ctx.store.dataset.as_ref().map_or(Vec::new(), |dataset| dataset.classes.clone());
            self.begin(ui, Arc::clone(view), layout.to_vec(), groups.clone(), classes);
        }
        match &self.outcome {
            Some(Ok(text)) => ui.label(look::small(text).color(ctx.tokens.faint)),
            Some(Err(text)) => ui.label(look::small(text).color(ctx.tokens.error)),
            None => return,
        };
    }

    fn begin(
        &mut self,
        ui: &Ui,
        view: Arc<EmbeddingView>,
        layout: Vec<[f32; 2]>,
        groups: Groups,
        classes: Vec<String>,
    ) {
        let (send, receive) = bounded(1);
        let repaint = ui.ctx().clone();
        let work = move || {
            let dialog = rfd::FileDialog::new().add_filter("CSV, SVG or PNG", &["csv", "svg", "png"]);
            let path = dialog.set_file_name("embedding.png").save_file();
            let answer = match path {
                None => Ok(None),
                Some(path) => write(&path, &view, &layout, &groups, &classes).map(|()| Some(path)),
            };
            // The pane may be gone by now; then nobody needs the answer.
            drop(send.send(answer));
            repaint.request_repaint();
        };
        match std::thread::Builder::new().name("embedding-export".to_owned()).spawn(work) {
            Ok(_detached) => self.answer = Some(receive),
            Err(error) => self.outcome = Some(Err(format!("Could not ask for a file: {error}"))),
        }
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
