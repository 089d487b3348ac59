//! The legend of a cloud: what the colours mean, how many points each has, and which are shown.

use std::collections::BTreeSet;
use std::sync::Arc;

use egui::{CornerRadius, Rect, Role, Sense, Stroke, StrokeKind, Ui, Vec2, WidgetInfo, pos2, vec2};
use fusionscope_engine::protocol::EmbeddingView;

use super::colours::{ColourBy, Groups};
use crate::look::{self, size};
use crate::panes::PaneContext;
use crate::store::Revised;
use crate::store::embedding::{PixelId, pixel_of};

/// Points of each group, all and selected ones, and what they were counted of.
#[derive(Debug, Default)]
pub(super) struct Counts {
    of: Option<(Arc<EmbeddingView>, ColourBy, u64)>,
    groups: Vec<(u64, u64)>,
}

impl Counts {
    /// Counts anew where the view, the colouring or the selection is another one.
    fn update(
        &mut self,
        view: &Arc<EmbeddingView>,
        groups: &Groups,
        by: ColourBy,
        selected: &Revised<BTreeSet<PixelId>>,
    ) {
        let is_known = |(of, coloured, chosen): &(Arc<EmbeddingView>, ColourBy, u64)| {
            Arc::ptr_eq(of, view) && *coloured == by && *chosen == selected.revision()
        };
        if self.of.as_ref().is_some_and(is_known) && self.groups.len() == groups.words.len() {
            return;
        }
        self.of = Some((Arc::clone(view), by, selected.revision()));
        self.groups = vec![(0, 0); groups.words.len()];
        for (mark, group) in view.marks.iter().zip(&groups.of) {
            if let Some((all, chosen)) = self.groups.get_mut(usize::from(*group)) {
                *all += 1;
                *chosen += u64::from(selected.contains(&pixel_of(mark)));
            }
        }
    }
}

/// Draws one entry a group; returns the group under the pointer.
pub(super) fn row_ui(
    ui: &mut Ui,
    ctx: &PaneContext<'_>,
    (view, counts): (&Arc<EmbeddingView>, &mut Counts),
    groups: &Groups,
    by: ColourBy,
    hidden: &mut BTreeSet<u16>,
) -> Option<u16> {
    let selected = &ctx.store.embedding.selected;
    counts.update(view, groups, by, selected);
    let mut under = None;
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing = vec2(2.0, 2.0);
        for (place, word) in groups.words.iter().enumerate() {
            let (all, chosen) = counts.groups[place];
            if all == 0 {
                continue;
            }
            let group = place as u16;
            let count = if selected.is_empty() {
                look::count(all)
            } else {
                format!("{} / {}", look::count(chosen), look::count(all))
            };
            let shown = !hidden.contains(&group);
            let font = egui::FontId::proportional(size::SMALL);
            let ink = if shown { ctx.tokens.text } else { ctx.tokens.faint };
            let name = ui.painter().layout_no_wrap(word.clone(), font.clone(), ink);
            let figure = ui.painter().layout_no_wrap(count.clone(), font, ctx.tokens.faint);
            let wanted = vec2(21.0 + name.size().x + 5.0 + figure.size().x + 7.0, 20.0);
            let (rect, response) = ui.allocate_exact_size(wanted, Sense::click());
            let state = if shown { "shown" } else { "hidden" };
            response.widget_info(|| {
                WidgetInfo::selected(Role::CheckBox, true, shown, format!("Points of {word} {state}, {count}"))
            });
            let painter = ui.painter();
            if response.hovered() {
                painter.rect_filled(rect, CornerRadius::same(4), ctx.tokens.raised);
            }
            let middle = rect.center().y;
            let square = Rect::from_center_size(pos2(rect.left() + 11.0, middle), Vec2::splat(10.0));
            let colour = groups.colours.get(place).copied().unwrap_or(ctx.tokens.hairline);
            if shown {
                look::fill_outlined(painter, ctx.tokens, square, 5, colour);
            } else {
                painter.rect_stroke(square, CornerRadius::same(5), Stroke::new(1.5, colour), StrokeKind::Inside);
            }
            let left = rect.left() + 21.0;
            let right = left + name.size().x + 5.0;
            painter.galley(pos2(left, middle - name.size().y / 2.0), name, ink);
            painter.galley(pos2(right, middle - figure.size().y / 2.0), figure, ctx.tokens.faint);
            if response.hovered() {
                under = Some(group);
                if by == ColourBy::Class {
                    ctx.store.scene.hover_class.set(Some(group as u8));
                }
            }
            if response.clicked() && !hidden.remove(&group) {
                hidden.insert(group);
            }
        }
    });
    under
}
