//! A table for tests of what is made of one.

use std::collections::BTreeMap;

use super::bootstrap::OverScenes;
use super::statistics::{paired, summary};
use super::table::{Cell, Table, TableRow};
use crate::protocol::NetworkCost;

/// A reference from three seeds, a row that is told from it, and one from a single seed with an interval over scenes.
pub(super) fn table() -> Table {
    let cell = |values: &[f64], against: &[f64]| {
        let pairs: Vec<(f64, f64)> = values.iter().copied().zip(against.iter().copied()).collect();
        Cell {
            by_seed: (1..).zip(values.iter().copied()).collect::<BTreeMap<u32, f64>>(),
            summary: summary(values),
            difference: paired(&pairs),
            over_scenes: None,
            needed: None,
            printed: None,
            printed_difference: None,
        }
    };
    let row = |name: &str, against: Option<&str>, seeds: u32, cell| TableRow {
        name: name.to_owned(),
        what_if: String::new(),
        against: against.map(str::to_owned),
        seeds: (1..=seeds).collect(),
        wanted: 3,
        steps: summary(&[1200.0]),
        cost: Some(NetworkCost { parameters: 1_234_000, multiply_adds: 5_600_000_000, size: [240, 320] }),
        secs: summary(&[71.0]),
        peak_bytes: summary(&[1.5 * 1024.0_f64.powi(3)]),
        cells: vec![cell],
    };
    let over_scenes = Some(OverScenes { low: -0.003, high: 0.026, scenes: 40 });
    Table {
        title: "Two".to_owned(),
        note: String::new(),
        source: String::new(),
        dataset: "streets".to_owned(),
        split: "test".to_owned(),
        missing: "drop".to_owned(),
        convention: "nanmean".to_owned(),
        figures: vec!["mIoU".to_owned()],
        rows: vec![
            row("full", None, 3, cell(&[0.6, 0.62, 0.61], &[])),
            row("plain", Some("full"), 3, cell(&[0.5, 0.53, 0.51], &[0.6, 0.62, 0.61])),
            row("once", Some("full"), 1, Cell { over_scenes, ..cell(&[0.61], &[0.6]) }),
        ],
        warnings: Vec::new(),
    }
}
