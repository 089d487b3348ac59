//! What the curves pane hands out: each of its plots with its numbers, those in view first.

use std::sync::Arc;

use fusionscope_engine::protocol::Quantity;

use super::axis::Scale;
use super::curve::{self, Curve};
use super::figure::{Figure, LOSSES, SCORES};
use super::unit::Unit;
use super::{CurvesPane, Tab};
use crate::exhibit::{Exhibit, Format};
use crate::panes::PaneContext;
use crate::store::curves::{Curves, Mark};

impl CurvesPane {
    pub(super) fn all_exhibits(&mut self, ctx: &PaneContext<'_>) -> Result<Vec<Exhibit>, String> {
        let store = &ctx.store.curves;
        let sensors = ctx.store.dataset.as_ref().map_or(&[][..], |dataset| &dataset.modalities);
        // One copy for all tables, which are made where they are written.
        let kept = Arc::new(store.clone());
        let mut found: Vec<(Tab, Exhibit)> = Vec::new();
        let losses = curve::terms(store, Quantity::Loss, sensors, ctx.tokens);
        let marks = store.marks();
        let mut add = |tab: Tab, exhibit: Option<Exhibit>| found.extend(exhibit.map(|exhibit| (tab, exhibit)));
        add(Tab::Loss, self.plot(ctx, &kept, (LOSSES, "losses"), (&losses, self.scale, marks)));
        let scores = curve::scores(store, &self.tag, sensors, ctx.tokens);
        add(Tab::Scores, self.plot(ctx, &kept, (SCORES, "miou"), (&scores, Scale::Linear, marks)));
        for quantity in Quantity::ALL.into_iter().filter(|quantity| *quantity != Quantity::Loss) {
            let unit = Unit::Of(quantity);
            let curves = curve::terms(store, quantity, &[], ctx.tokens);
            add(Tab::Scalars, self.plot(ctx, &kept, (unit.title(), stem_of(quantity)), (&curves, self.scale, &[])));
        }
        if store.has_any() {
            let (store, choices) = (Arc::clone(&kept), self.choices.clone());
            let table = Exhibit::new("All shown curves as a table", "curves")
                .with(Format::Csv, move || Ok(store.csv(|name| choices.is_shown(name)).into_bytes()));
            add(Tab::Overview, Some(table));
        }
        let overlay = self.overlay.exhibit(ctx, self.scale);
        add(Tab::Runs, overlay);
        if found.is_empty() {
            return Err("there are no curves yet".to_owned());
        }
        let wanted = if self.tab == Tab::Overview { Tab::Loss } else { self.tab };
        found.sort_by_key(|(tab, _)| *tab != wanted);
        Ok(found.into_iter().map(|(_, exhibit)| exhibit).collect())
    }

    fn plot(
        &self,
        ctx: &PaneContext<'_>,
        kept: &Arc<Curves>,
        (title, stem): (&str, &'static str),
        (curves, scale, marks): (&[Curve<'_>], Scale, &[Mark]),
    ) -> Option<Exhibit> {
        let unit = curves.first()?.unit;
        let steps = self.steps_of_run(ctx);
        let figure = Figure::of_run(&ctx.store.curves, &self.choices, (title, curves), (scale, marks), steps);
        let printed = figure.printed(ctx.tokens, self.view, title, self.caption(ctx, unit));
        let (store, shown) = (Arc::clone(kept), self.choices.clone());
        let keys: Vec<String> = curves.iter().map(|curve| curve.key.clone()).collect();
        let numbers = move || {
            let is_in = |name: &str| shown.is_shown(name) && keys.iter().any(|key| key == name);
            Ok(store.csv(is_in).into_bytes())
        };
        let exhibit = Exhibit::new(title, stem).drawn(move |size| Ok(printed.drawing(size)));
        Some(exhibit.with(Format::Csv, numbers))
    }

    /// What must be known beside a plot of the run in hand.
    fn caption(&self, ctx: &PaneContext<'_>, unit: Unit) -> String {
        let store = &ctx.store.curves;
        let mut words = Vec::new();
        if unit == Unit::PerCent {
            let tag = if self.tag.is_empty() { String::new() } else { format!(", {}", self.tag) };
            words.push(format!("Scored on {}{tag}.", curve::splits_caption(store)));
        } else if store.smoothing() > 0.0 {
            let beta = store.smoothing();
            words.push(format!("Exponential moving average by {beta:.2}, corrected at the start; pale: raw."));
        }
        if let Some((held, all)) = store.sample() {
            words.push(format!("{held} of {all} steps."));
        }
        words.join(" ")
    }
}

fn stem_of(quantity: Quantity) -> &'static str {
    match quantity {
        Quantity::Loss => "losses",
        Quantity::Share => "shares",
        Quantity::Correlation => "correlations",
        Quantity::Count => "counts",
        Quantity::Norm => "norms",
        Quantity::Rate => "learning-rate",
        Quantity::Time => "times",
    }
}
