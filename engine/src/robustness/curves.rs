//! Severity curves as a table.

use crate::files::csv;
use crate::protocol::ProtocolReport;

/// One line a point of a curve: whose it is, the severity, and its figures as shares with every digit. `area` is the mean of
/// mIoU over the severities of the point's curve.
pub fn curves_csv<'a>(runs: impl IntoIterator<Item = (&'a str, &'a ProtocolReport)>) -> String {
    let words = |share: Option<f64>| share.map_or_else(String::new, |share| share.to_string());
    let heads = ["run", "dataset", "split", "sensor", "degradation", "step", "severity", "mIoU", "mAcc", "F1", "area"];
    let mut lines: Vec<String> = Vec::new();
    for (name, report) in runs {
        if lines.is_empty() {
            let classes = report.classes.iter().map(|class| format!("IoU {class}"));
            lines.push(csv::line(heads.iter().map(|head| (*head).to_owned()).chain(classes)));
        }
        for curve in report.curves() {
            let area = words(curve.area(|scores| scores.miou));
            for point in &curve.points {
                let scores = point.scores;
                let head = [name, &report.dataset, &report.split, curve.sensor, curve.kind.word()].map(str::to_owned);
                let place = [report.step.to_string(), point.severity.to_string()];
                let figures = [scores.miou, scores.mean_accuracy, scores.mean_f1].map(words);
                let cells = head.into_iter().chain(place).chain(figures);
                let classes = scores.classes.iter().map(|class| words(class.iou));
                lines.push(csv::line(cells.chain([area.clone()]).chain(classes)));
            }
        }
    }
    lines.concat()
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;

    #[test]
    fn every_point_of_every_run_is_a_line_and_clean_ones_have_severity_0() {
        let (one, other) = (sample::severity(0.1), sample::severity(0.3));
        let csv = curves_csv([("a", &one), ("b, c", &other)]);
        let lines: Vec<&str> = csv.lines().collect();
        assert_eq!(lines.len(), 1 + 2 * 3 * 3);
        assert!(lines[0].ends_with("mIoU,mAcc,F1,area,IoU road,IoU person"), "{}", lines[0]);
        assert!(lines[1].starts_with("a,streets,test,colour,fog,100,0,0.6,,,"), "{}", lines[1]);
        assert!(lines.last().unwrap().starts_with("\"b, c\",streets,test,thermal,fog,100,1,"), "{lines:?}");
    }
}
