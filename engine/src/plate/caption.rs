//! What a plate shows, in sentences.

use super::column::Frames;
use super::method::Method;
use super::wanted::Wanted;
use crate::protocol::{DatasetSummary, Frame, Pixels, ViewKind, counted};

/// For under the figure: which scenes, which networks, what each kind of picture shows and by what it is scored.
pub(super) fn caption(dataset: &DatasetSummary, methods: &[Method], columns: &[Frames<'_>], wanted: &Wanted) -> String {
    let views = &methods[0].views;
    let split = &views[0].request.split;
    let scenes: Vec<&str> = views.iter().map(|view| view.id.as_str()).collect();
    let mut sentences = vec![format!(
        "{} of {split} of {} ({}), one a row",
        counted(scenes.len() as u64, "scene"),
        dataset.name,
        scenes.join(", ")
    )];
    let inputs: Vec<&str> =
        columns.iter().filter(|column| column.method.is_none()).map(|column| column.heading.as_str()).collect();
    let names: Vec<String> = methods.iter().map(Method::words).collect();
    sentences.push(format!("Columns: {}, and the predictions of {}", inputs.join(", "), names.join(" and ")));
    let mut told: Vec<&str> = Vec::new();
    for column in columns.iter().filter(|column| column.method.is_some()) {
        let Some(kind) = ViewKind::of(&column.name).filter(|_| !told.contains(&column.name.as_str())) else { continue };
        told.push(&column.name);
        let source = if kind.source.is_empty() { String::new() } else { format!(", {}", kind.source) };
        sentences.push(format!("{}: {} ({}{source})", column.heading, kind.shows, kind.range));
    }
    let of_methods = columns.iter().filter(|column| column.method.is_some());
    if of_methods.flat_map(|column| &column.shown).flatten().any(|(_, frame)| is_map(frame)) {
        sentences.push("A colour bar holds for all scenes and methods".to_owned());
    }
    if wanted.shows_miou {
        let convention = methods[0].convention;
        sentences.push(format!(
            "Under predictions: the scene's mean IoU by {} ({})",
            convention.word(),
            convention.summary()
        ));
    }
    if !wanted.crops.is_empty() {
        sentences.push("What is framed is enlarged below its picture".to_owned());
    }
    format!("{}.", sentences.join(". "))
}

fn is_map(frame: &Frame) -> bool {
    matches!(frame.pixels, Pixels::Scalar { .. })
}

impl Method {
    fn words(&self) -> String {
        // Of a network in training the scenes can be of steps that follow each other.
        let steps = || self.views.iter().filter_map(|view| view.step);
        match steps().min().zip(steps().max()) {
            None => self.name.clone(),
            Some((first, last)) if first == last => format!("{} (step {first})", self.name),
            Some((first, last)) => format!("{} (steps {first} to {last})", self.name),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::plate::plate;
    use crate::plate::sample::{methods, paint, summary};
    use crate::plate::wanted::Wanted;

    #[test]
    fn the_caption_tells_scenes_networks_views_and_what_is_scored() {
        let wanted = Wanted {
            sensors: vec!["colour".to_owned()],
            views: vec!["uncertainty.entropy.fused=Entropy".parse().unwrap()],
            crops: vec!["0,0,0.5,0.5".parse().unwrap()],
            shows_miou: true,
            ..Wanted::default()
        };
        let caption = plate(&summary(), &methods(), &wanted, paint).unwrap().caption;
        for words in [
            "2 scenes of test of streets (a, b)",
            "Columns: colour, label, and the predictions of ours (step 40) and baseline (step 40)",
            "Entropy: How unsure a head is (nat, from 0)",
            "mean IoU by nanmean (absent classes left out)",
            "enlarged below",
        ] {
            assert!(caption.contains(words), "{words}: {caption}");
        }
        let mut training = methods();
        training[0].views[1].step = Some(42);
        let caption = plate(&summary(), &training, &wanted, paint).unwrap().caption;
        assert!(caption.contains("ours (steps 40 to 42) and baseline (step 40)"), "{caption}");
    }
}
