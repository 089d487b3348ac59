//! Beside the cloud: how it stands, the divergence as a line, and how well the layout can be trusted.

use egui::{Sense, Stroke, Ui, pos2, vec2};
use fusionscope_engine::protocol::{EmbeddingStage, EmbeddingView};

use crate::look::{self, space};
use crate::panes::PaneContext;

/// How a layout stands, in words.
pub(super) fn stage_words(view: &EmbeddingView) -> String {
    match &view.stage {
        EmbeddingStage::Projected => "principal components".to_owned(),
        EmbeddingStage::Preparing { done, total } if *total > 0 => {
            format!("looking for neighbours, {} of {}", look::count(*done as u64), look::count(*total as u64))
        }
        EmbeddingStage::Preparing { .. } => "looking for neighbours".to_owned(),
        EmbeddingStage::Running => format!("iteration {} of {}", view.iteration, view.iterations),
        EmbeddingStage::Paused => format!("paused at iteration {}", view.iteration),
        EmbeddingStage::Done => format!("done after {} iterations", view.iteration),
        EmbeddingStage::Failed(failure) => failure.text.clone(),
    }
}

/// One line of figures under a cloud.
pub(super) fn row_ui(ui: &mut Ui, ctx: &PaneContext<'_>, view: &EmbeddingView) {
    let tokens = ctx.tokens;
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing.x = space::S;
        let words = if matches!(view.stage, EmbeddingStage::Failed(_)) { tokens.error } else { tokens.weak };
        ui.label(look::small(stage_words(view)).color(words));
        if let Some(step) = view.step {
            ui.label(look::small(format!("step {}", look::count(step))).color(tokens.faint));
        }
        if let Some((_, divergence)) = view.divergences.last() {
            ui.label(look::small(format!("KL {divergence:.3}")).color(tokens.text));
            curve(ui, ctx, &view.divergences);
        }
        if let Some(measures) = &view.measures {
            let figures = [
                (
                    "trust",
                    measures.trustworthiness,
                    "Trustworthiness: how many of the twelve nearest points in the layout were near before",
                ),
                (
                    "class purity",
                    measures.class_purity,
                    "The share of a point's twelve nearest points that have its class",
                ),
                (
                    "modality purity",
                    measures.source_purity,
                    "The share of a point's twelve nearest points from its own sensor: low where sensors mix",
                ),
                ("silhouette", measures.silhouette, "How well classes stand apart in the features, −1 to 1"),
            ];
            for (name, value, meaning) in figures {
                ui.label(look::small(format!("{name} {value:.3}")).color(tokens.text)).on_hover_text(meaning);
            }
        }
        if !view.device.is_empty() {
            ui.label(look::small(&view.device).color(tokens.faint));
        }
    });
}

/// The divergence over iterations.
fn curve(ui: &mut Ui, ctx: &PaneContext<'_>, divergences: &[(u32, f64)]) {
    let (rect, response) = ui.allocate_exact_size(vec2(64.0, 14.0), Sense::hover());
    let last = divergences.last().map_or(1, |(iteration, _)| *iteration).max(1) as f32;
    let values = divergences.iter().map(|(_, value)| *value as f32);
    let (low, high) = values.fold((f32::INFINITY, f32::NEG_INFINITY), |(low, high), v| (low.min(v), high.max(v)));
    let span = (high - low).max(1e-6);
    let point = |&(iteration, value): &(u32, f64)| {
        let y = rect.bottom() - (value as f32 - low) / span * rect.height();
        pos2(rect.left() + iteration as f32 / last * rect.width(), y)
    };
    ui.painter().line(divergences.iter().map(point).collect(), Stroke::new(1.2, ctx.tokens.accent));
    response.on_hover_text("The Kullback–Leibler divergence over the iterations, in nats");
}
