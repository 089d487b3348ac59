//! The legend of a cloud: what the colours mean, how many points each has, and which are shown.

use std::collections::BTreeSet;
use std::sync::Arc;

use egui::{Role, Ui, WidgetInfo, vec2};
use fusionscope_engine::protocol::EmbeddingView;

use super::colours::{ColourBy, Groups};
use crate::look::{self, LegendEntry};
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
            let all = look::count(all);
            let of_all = format!("{all} / {all}");
            let count = if selected.is_empty() { all } else { format!("{} / {all}", look::count(chosen)) };
            let shown = !hidden.contains(&group);
            let entry = LegendEntry {
                word,
                figure: &count,
                widest: &of_all,
                colour: groups.colours.get(place).copied().unwrap_or(ctx.tokens.hairline),
                radius: 5,
                is_shown: shown,
                is_faint: !shown,
                is_lit: false,
            };
            let response = entry.ui(ui, ctx.tokens);
            let state = if shown { "shown" } else { "hidden" };
            response.widget_info(|| {
                WidgetInfo::selected(Role::CheckBox, true, shown, format!("Points of {word} {state}, {count}"))
            });
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
