//! The numbers behind a plate.

use super::cell::ids;
use super::column::Frames;
use super::method::{Method, labels_of};
use super::range::measured;
use crate::files::csv;
use crate::protocol::{Content, Frame, Pixels};

/// One number a line: scores of predictions beside the label, shares of classes and words, range and mean of values.
pub(super) fn numbers(methods: &[Method], columns: &[Frames<'_>]) -> String {
    let mut text = csv::line(["scene", "method", "view", "figure", "of", "value", "unit"]);
    for (scene, view) in methods[0].views.iter().enumerate() {
        for column in columns {
            let Some((content, frame)) = &column.shown[scene] else { continue };
            let method = column.method.map(|place| &methods[place]);
            let name = method.map_or("", |method| &method.name);
            let mut say = |figure: &str, of: &str, value: f64, unit: &str| {
                // As exact as pictures are, whose maps have 256 steps.
                let value = (value as f32).to_string();
                text.push_str(&csv::line([view.id.as_str(), name, &column.name, figure, of, &value, unit]));
            };
            if let (Content::Prediction(_), Some(method)) = (content, method) {
                scores(method, scene, labels_of(view, &Content::Label), &mut say);
            }
            of_frame(frame, &column.summary.classes, &mut say);
        }
    }
    text
}

type Say<'a> = dyn FnMut(&str, &str, f64, &str) + 'a;

fn scores(method: &Method, scene: usize, truth: Option<&[u8]>, say: &mut Say<'_>) {
    let Some(counts) = method.counts(scene, truth) else { return };
    if let Some(miou) = method.miou(&counts) {
        say("mIoU", "", miou, "");
    }
    if let Some(share) = counts.pixel_accuracy() {
        say("pixel accuracy", "", share, "");
    }
    for (class, name) in method.summary.classes.iter().enumerate() {
        if let Some(iou) = counts.iou(class) {
            say("IoU", name, iou, "");
        }
    }
}

fn of_frame(frame: &Frame, classes: &[String], say: &mut Say<'_>) {
    match &frame.pixels {
        Pixels::Rgba(_) => {}
        Pixels::Scalar { low, high, unit, .. } => {
            let values = measured(frame);
            say("low", "", f64::from(*low), unit);
            say("high", "", f64::from(*high), unit);
            if !values.is_empty() {
                let sum: f64 = values.iter().map(|&value| f64::from(value)).sum();
                say("mean", "", sum / values.len() as f64, unit);
            }
        }
        Pixels::Labels { .. } => shares(frame, |id| classes.get(id).map_or("not labelled", String::as_str), say),
        Pixels::Categories { legend, .. } => shares(frame, |id| legend.get(id).map_or("another", String::as_str), say),
        Pixels::Errors(_) => shares(frame, |id| ["right", "wrong"].get(id).copied().unwrap_or("not labelled"), say),
    }
}

fn shares<'a>(frame: &Frame, word: impl Fn(usize) -> &'a str, say: &mut Say<'_>) {
    let ids = ids(&frame.pixels);
    let mut counts = [0_u64; 256];
    for id in ids {
        counts[usize::from(*id)] += 1;
    }
    for (id, count) in counts.into_iter().enumerate().filter(|(_, count)| *count > 0) {
        say("share", word(id), count as f64 / ids.len() as f64, "");
    }
}

#[cfg(test)]
mod tests {
    use crate::plate::plate;
    use crate::plate::sample::{methods, paint, summary};
    use crate::plate::wanted::Wanted;

    #[test]
    fn every_score_share_and_range_that_is_seen_is_a_line() {
        let views = ["uncertainty.entropy.fused", "error.fused"].map(|view| view.parse().unwrap()).to_vec();
        let wanted = Wanted { sensors: vec!["thermal".to_owned()], views, ..Wanted::default() };
        let csv = plate(&summary(), &methods(), &wanted, paint).unwrap().csv;
        for line in [
            "scene,method,view,figure,of,value,unit\n",
            "\na,ours,prediction.fused,mIoU,,1,\n",
            "\nb,ours,prediction.fused,IoU,car,0.5,\n",
            "\na,baseline,prediction.fused,IoU,car,0,\n",
            "\nb,ours,error.fused,share,wrong,0.0625,\n",
            "\na,,label,share,car,0.125,\n",
            "\na,,thermal,low,,-10,°C\n",
            "\nb,ours,uncertainty.entropy.fused,high,,2,nat\n",
        ] {
            assert!(csv.contains(line), "{line}: {csv}");
        }
        assert!(!csv.contains("baseline,uncertainty"), "{csv}");
    }
}
