//! What a what-if comes to, as text.

use super::report::convention_words;
use crate::files::aligned;
use crate::protocol::{OUTCOME, SubsetScores, WhatIfReport, changes_words, counted, percent_or_dash, share};

/// The figures without a what-if and with it as a table: the split, each condition tag, each class; in per cent.
pub fn what_if_text(report: &WhatIfReport) -> String {
    let scenes = report.scores.first().map_or(0, |[whole, _]| whole.scenes);
    let mut text = format!(
        "{} · {} · step {} · {}\nwhat if: {}\nin per cent; mIoU by {}\n",
        report.dataset,
        report.split,
        report.step,
        counted(scenes, "scene"),
        report.what_if.words().join(", "),
        convention_words(&report.convention),
    );
    if !report.changed.is_empty() {
        text.push_str(&format!("changed: {}\n", changes_words(&report.changed)));
    }
    let mut columns = ["", "without", "with", "change"].map(|title| vec![title.to_owned()]);
    let mut line = |name: &str, [without, with]: [Option<f64>; 2]| {
        let change = without.zip(with).map_or_else(String::new, |(was, is)| format!("{:+.1}", 100.0 * (is - was)));
        for (column, cell) in
            columns.iter_mut().zip([name.to_owned(), percent_or_dash(without), percent_or_dash(with), change])
        {
            column.push(cell);
        }
    };
    for both in &report.scores {
        let name = if both[0].tag.is_empty() { "mIoU".to_owned() } else { format!("mIoU, {}", both[0].tag) };
        line(&name, both.each_ref().map(|scores| scores.miou));
    }
    if let Some(both) = report.scores.first() {
        for (class, name) in report.classes.iter().enumerate() {
            let iou = |scores: &SubsetScores| scores.classes.get(class).and_then(|scores| scores.iou);
            line(name, both.each_ref().map(iou));
        }
    }
    text.push('\n');
    text.push_str(&aligned::table(&columns));
    let pixels = report.counts.iter().sum::<u64>().max(1);
    let became = OUTCOME.iter().zip(report.counts).filter(|(_, count)| *count > 0);
    let became: Vec<String> =
        became.map(|(word, count)| format!("{word} {} ({count})", share(count as f64 / pixels as f64))).collect();
    text.push_str(&format!("\npixels: {}\n", became.join(" · ")));
    for warning in &report.warnings {
        text.push_str(&format!("warning: {warning}\n"));
    }
    text
}
