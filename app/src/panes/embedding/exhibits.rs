//! What the embedding pane hands out: each layout, as dots and as a table.

use std::collections::BTreeSet;
use std::sync::Arc;

use fusionscope_engine::drawing::{Chart, Drawing, Ink, Line, Paper, Ruler};
use fusionscope_engine::protocol::{EmbeddingView, layout_table};

use super::colours::Groups;
use crate::exhibit::{Exhibit, ink, paper};
use crate::look::{self, Tokens};
use crate::panes::PaneContext;

/// More dots than this are one picture in SVG and PDF.
const MOST_DOTS: usize = 5000;

/// A layout with its groups, those of them that are hidden left out of the picture and none of the table.
pub(super) fn exhibit(
    ctx: &PaneContext<'_>,
    title: &str,
    view: &Arc<EmbeddingView>,
    groups: &Groups,
    hidden: &BTreeSet<u16>,
) -> Exhibit {
    let classes = ctx.store.dataset.as_ref().map_or(Vec::new(), |dataset| dataset.classes.clone());
    let table = layout_table(&view.layout, &view.marks, &view.sources, &view.request.split, &classes);
    let (chart, paper) = (chart(ctx.tokens, title, view, groups, hidden), paper(ctx.tokens));
    Exhibit::new(title, "embedding").csv(table).drawn(move |size| Ok(drawing(&chart, size, paper)))
}

fn drawing(chart: &Chart, size: [f64; 2], paper: &Paper) -> Drawing {
    chart.drawing(size, paper).with_few_dots(MOST_DOTS)
}

fn chart(tokens: &Tokens, title: &str, view: &EmbeddingView, groups: &Groups, hidden: &BTreeSet<u16>) -> Chart {
    let count = view.layout.len();
    // Fewer points are larger, as in the window.
    let dots = (60.0 / (count.max(1) as f64).sqrt()).clamp(0.7, 2.5);
    let reach = view.layout.iter().flatten().map(|place| f64::from(place.abs())).fold(1e-6, f64::max) * 1.04;
    let line = |group: u16| {
        let own = view.layout.iter().zip(&groups.of).filter(|(_, of)| **of == group);
        let places: Vec<[f64; 2]> = own.map(|(place, _)| place.map(f64::from)).collect();
        let name = groups.words.get(usize::from(group)).cloned().unwrap_or_default();
        let colour = groups.colours.get(usize::from(group)).copied().unwrap_or(tokens.faint);
        let ink: Ink = ink(colour);
        (!places.is_empty()).then(|| Line { name, ink, width: 0.0, dots, pieces: vec![places], ..Line::default() })
    };
    let most = groups.of.iter().copied().max().unwrap_or(0);
    let lines: Vec<Line> = (0..=most).filter(|group| !hidden.contains(group)).filter_map(line).collect();
    let step = view.step.map_or_else(String::new, |step| format!(", step {}", look::count(step)));
    let ruler = Ruler { low: -reach, high: reach, ..Ruler::default() };
    Chart {
        title: title.to_owned(),
        caption: format!(
            "{} of {}, {} of {}{step}.",
            view.request.features,
            view.sources.join(", "),
            look::counted(count as u64, "pixel"),
            view.request.split
        ),
        across: ruler.clone(),
        up: ruler,
        lines,
        is_square: true,
        ..Chart::default()
    }
}

#[cfg(test)]
mod tests {
    use egui::Color32;
    use fusionscope_engine::drawing::Shape;
    use fusionscope_engine::protocol::{EmbeddingRequest, EmbeddingStage, PointMark};

    use super::*;
    use crate::exhibit::{Format, Sheet};
    use crate::look::Theme;
    use crate::store::Store;

    fn view(count: usize) -> Arc<EmbeddingView> {
        let mark = PointMark { scene: 3, source: 0, label: 1, predicted: 0, pixel: [65_535, 0] };
        Arc::new(EmbeddingView {
            request: EmbeddingRequest { split: "test".to_owned(), ..EmbeddingRequest::default() },
            sources: vec!["thermal".to_owned()],
            marks: vec![mark; count],
            layout: (0..count).map(|place| [place as f32 - 1.0, 0.5]).collect(),
            stage: EmbeddingStage::Done,
            perplexity: 30.0,
            ..EmbeddingView::default()
        })
    }

    fn groups(of: Vec<u16>) -> Groups {
        let (words, colours) = (vec!["a".to_owned(), "b".to_owned()], vec![Color32::RED, Color32::BLUE]);
        Groups { words, colours, of }
    }

    fn dots(drawing: &Drawing) -> usize {
        drawing.shapes.iter().filter(|shape| matches!(shape, Shape::Dot { .. })).count()
    }

    #[test]
    fn every_point_is_a_dot_of_its_group_and_hidden_groups_are_left_out() {
        let tokens = Tokens::of(Theme::Light);
        let all = chart(tokens, "Layout", &view(3), &groups(vec![0, 0, 1]), &BTreeSet::new());
        // Each group has one in the legend, too.
        assert_eq!(dots(&drawing(&all, [400.0; 2], &Paper::WHITE)), 5);
        let one = chart(tokens, "Layout", &view(3), &groups(vec![0, 0, 1]), &BTreeSet::from([0]));
        assert_eq!(dots(&drawing(&one, [400.0; 2], &Paper::WHITE)), 2);
    }

    #[test]
    fn very_many_points_are_one_picture() {
        let count = MOST_DOTS + 1;
        let many = chart(Tokens::of(Theme::Light), "Layout", &view(count), &groups(vec![0; count]), &BTreeSet::new());
        let drawing = drawing(&many, [300.0; 2], &Paper::WHITE);
        assert_eq!(dots(&drawing), 0);
        assert!(drawing.shapes.iter().any(|shape| matches!(shape, Shape::Picture { .. })));
    }

    #[test]
    fn the_table_holds_every_point_with_its_class_and_place() {
        let store = Store::default();
        let ctx = PaneContext::new(&store, Tokens::of(Theme::Light), false);
        let made = exhibit(&ctx, "Layout", &view(2), &groups(vec![0, 0]), &BTreeSet::new());
        let csv = String::from_utf8(made.bytes(Format::Csv, Sheet::default()).unwrap()).unwrap();
        assert_eq!(csv.lines().nth(2), Some("0,0.5,,,thermal,test,3,1.0000,0.0000"));
    }
}
