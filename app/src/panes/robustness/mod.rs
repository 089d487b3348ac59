//! The robustness pane: runs a protocol on the run in hand, and shows what failing sensors cost it, beside other runs.

mod curves;
mod export;
mod head;
mod heat_map;
mod plot;
mod reliance;
mod sorts;
mod tables;

use egui::{Frame, ScrollArea, Ui};
use fusionscope_engine::protocol::Protocol;
use fusionscope_engine::recipe::Choice as _;
use fusionscope_engine::robustness::{Kept, Losses};

use self::head::Wish;
use self::sorts::Sorts;
use super::{Pane, PaneContext};
use crate::exhibit::Exhibit;
use crate::look::{self, space};
use crate::store::Sounded;

/// From this width in points on, tables stand beside what the network relies on.
const WIDE: f32 = 880.0;

/// The robustness pane.
#[derive(Debug, Default)]
pub struct RobustnessPane {
    wish: Wish,
    sorts: Sorts,
    worst_first: bool,
    /// Which of the runs' tables are shown.
    whose: usize,
}

impl Pane for RobustnessPane {
    fn choices(&self) -> Option<String> {
        serde_json::to_string(&(self.wish.protocol.word(), &self.sorts, self.worst_first)).ok()
    }

    fn restore(&mut self, choices: &str) {
        if let Ok((protocol, sorts, worst_first)) = serde_json::from_str::<(String, Sorts, bool)>(choices) {
            let wish = Wish { protocol: Protocol::of(&protocol).unwrap_or(self.wish.protocol), ..Wish::default() };
            *self = Self { wish, sorts, worst_first, ..Self::default() };
        }
    }

    fn exhibits(&mut self, ctx: &PaneContext<'_>) -> Result<Vec<Exhibit>, String> {
        self.wish.settle(ctx);
        let (sounded, split) = (ctx.store.sounded(), self.wish.split.as_str());
        let (kept, name) = self.kept_of(&sounded);
        let mut exhibits: Vec<Exhibit> =
            tables::tables(kept, split).iter().map(|table| tables::exhibit(table, ctx.tokens)).collect();
        exhibits.extend(Losses::of(kept, split).map(|losses| reliance::exhibit(losses, name, ctx.tokens)));
        exhibits.extend(curves::exhibit(&sounded, split, ctx.tokens));
        if exhibits.is_empty() { Err("no protocol has found figures yet".to_owned()) } else { Ok(exhibits) }
    }

    fn ui(&mut self, ui: &mut Ui, ctx: &PaneContext<'_>) {
        if !ctx.store.shelf.chosen().is_empty() || ctx.store.scene.beside.is_some() {
            ctx.show_runs();
        }
        ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
            Frame::new().inner_margin(space::M).show(ui, |ui| {
                ui.set_width(ui.available_width());
                self.wish.show(ui, ctx);
                ui.add_space(space::M);
                let sounded = ctx.store.sounded();
                self.figures(ui, ctx, &sounded);
                ui.add_space(space::L);
                curves::show(ui, ctx, &sounded, &self.wish.split);
            });
        });
    }
}

impl RobustnessPane {
    /// Tables, and what the network relies on, of one of the runs.
    fn figures(&mut self, ui: &mut Ui, ctx: &PaneContext<'_>, sounded: &[Sounded<'_>]) {
        let names: Vec<&str> = sounded.iter().map(|side| side.name.as_str()).collect();
        head::whose(ui, ctx, &names, &mut self.whose);
        let (kept, _) = self.kept_of(sounded);
        let side = sounded.get(self.whose).or_else(|| sounded.first());
        if let Some(side) = side.filter(|side| side.runs.len() > 1) {
            let words = format!("Of the first of its {}", look::counted(side.runs.len() as u64, "run"));
            ui.label(look::small(words).color(ctx.tokens.weak));
        }
        if ui.available_width() >= WIDE {
            ui.columns(2, |columns| {
                self.tables(&mut columns[0], ctx, kept);
                self.reliance(&mut columns[1], ctx, kept);
            });
        } else {
            self.tables(ui, ctx, kept);
            ui.add_space(space::M);
            self.reliance(ui, ctx, kept);
        }
    }

    /// The figures that tables are of, and whose they are. Of several seeds the first: tables are of one network.
    fn kept_of<'a>(&self, sounded: &'a [Sounded<'a>]) -> (Kept<'a>, &'a str) {
        let side = sounded.get(self.whose).or_else(|| sounded.first());
        let kept = side.and_then(|side| side.runs.first()).copied().unwrap_or_default();
        (kept, side.map_or("", |side| side.name.as_str()))
    }

    fn tables(&mut self, ui: &mut Ui, ctx: &PaneContext<'_>, kept: Kept<'_>) {
        let tables = tables::tables(kept, &self.wish.split);
        if tables.is_empty() {
            ui.label(look::caption(ctx.tokens, "mIoU with failing sensors"));
            let words = if ctx.store.network.is_none() {
                "Train, or open a run, first: there is no network to take figures of"
            } else {
                "Run a protocol to see what the network scores when sensors fail: subsets, emm, rmm and nm make tables, \
                 severity makes curves"
            };
            look::empty(ui, ctx.tokens, words);
        }
        for table in &tables {
            tables::show(ui, ctx, table, &mut self.sorts);
            ui.add_space(space::M);
        }
    }

    fn reliance(&mut self, ui: &mut Ui, ctx: &PaneContext<'_>, kept: Kept<'_>) {
        let losses = Losses::of(kept, &self.wish.split);
        reliance::show(ui, ctx, losses.as_ref(), &mut self.worst_first);
    }
}
