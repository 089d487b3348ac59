//! How good pseudo-labels are, where the truth is known as well (cross-spectral adaptation, Fig. 1c).

use std::sync::Arc;

use serde::Serialize;

use super::confusion::{ConfusionMatrix, ratio};
use super::conventions::Convention;
use super::report::convention_words;
use crate::data::{DataError, Dataset, pseudo_labels_beside_truth};
use crate::files::aligned;
use crate::progress::Progress;
use crate::protocol::{counted, percent_or_dash};
use crate::recipe::Recipe;
use crate::recipe::catalogue::{data, evaluation};

/// The split that is trained on.
const TRAIN: &str = "train";

/// Counts of pseudo-labels beside the truth.
#[derive(Clone, Debug)]
pub struct PseudoLabelSums {
    scenes: u64,
    /// Of the pixels that have a label and a truth.
    both: ConfusionMatrix,
    /// Pixels of each class in the truth, labelled or not.
    truth: Vec<u64>,
}

/// Figures of pseudo-labels beside the truth.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PseudoLabelScores {
    /// Scenes whose truth is known.
    pub scenes: u64,
    /// The convention of `miou`, as in `evaluation.convention`.
    pub convention: String,
    /// The mean IoU over the pixels that have a label and a truth, 0 to 1.
    pub miou: Option<f64>,
    /// The share of the pixels with a truth that have a label, 0 to 1.
    pub coverage: f64,
    /// Class by class, by id.
    pub classes: Vec<PseudoLabelClass>,
}

/// Figures of one class of [`PseudoLabelScores`].
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PseudoLabelClass {
    /// Its name.
    pub name: String,
    /// Pixels of it in the truth.
    pub pixels: u64,
    /// The share of these that have a label, of whatever class, 0 to 1; `None` where the truth has none.
    pub coverage: Option<f64>,
    /// Intersection over union; `None` where the class is in neither.
    pub iou: Option<f64>,
}

impl PseudoLabelSums {
    /// Nothing yet, of so many classes.
    pub fn new(classes: usize) -> Self {
        Self { scenes: 0, both: ConfusionMatrix::new(classes), truth: vec![0; classes] }
    }

    /// Counts one scene. Both slices hold one class id a pixel, or the ignore label.
    pub fn add(&mut self, truth: &[u8], labels: &[u8]) {
        self.scenes += 1;
        self.both.add(truth, labels);
        for &class in truth {
            if let Some(count) = self.truth.get_mut(usize::from(class)) {
                *count += 1;
            }
        }
    }

    /// The figures; `None` where no truth was seen.
    pub fn scores(&self, convention: Convention, classes: &[String]) -> Option<PseudoLabelScores> {
        let class = |(id, name): (usize, &String)| PseudoLabelClass {
            name: name.clone(),
            pixels: self.truth[id],
            coverage: ratio(self.both.row_sum(id), self.truth[id]),
            iou: self.both.iou(id),
        };
        Some(PseudoLabelScores {
            scenes: self.scenes,
            convention: convention.word().to_owned(),
            miou: convention.mean_iou(&self.both, classes),
            coverage: ratio(self.both.total(), self.truth.iter().sum())?,
            classes: classes.iter().enumerate().take(self.truth.len()).map(class).collect(),
        })
    }
}

impl PseudoLabelScores {
    /// The figures of all classes in a sentence.
    pub fn words(&self) -> String {
        let Self { scenes, convention, miou, coverage, .. } = self;
        format!(
            "pseudo-labels beside the truth of {}: mIoU {} % by {}, {} % of the pixels labelled",
            counted(*scenes, "scene"),
            percent_or_dash(*miou),
            convention_words(convention),
            percent_or_dash(Some(*coverage))
        )
    }

    /// An aligned table for the terminal, one row a class, in per cent, below [`PseudoLabelScores::words`].
    pub fn table_text(&self) -> String {
        let column = |title: &str, cell: &dyn Fn(&PseudoLabelClass) -> String| -> Vec<String> {
            std::iter::once(title.to_owned()).chain(self.classes.iter().map(cell)).collect()
        };
        let columns = [
            column("class", &|class| class.name.clone()),
            column("pixels", &|class| class.pixels.to_string()),
            column("labelled", &|class| percent_or_dash(class.coverage)),
            column("IoU", &|class| percent_or_dash(class.iou)),
        ];
        format!("{}\n\n{}", self.words(), aligned::table(&columns))
    }
}

/// The figures of the pseudo-labels that a recipe trains on; `None` where it names none, or no scene of theirs has a
/// truth.
pub fn score_pseudo_labels(
    recipe: &Recipe,
    dataset: &Arc<Dataset>,
    progress: &mut Progress<'_>,
) -> Result<Option<PseudoLabelScores>, DataError> {
    if recipe.get(data::pseudo_labels::FILES).is_empty() {
        return Ok(None);
    }
    let mut sums = PseudoLabelSums::new(dataset.classes.len());
    pseudo_labels_beside_truth(dataset, TRAIN, recipe, progress, &mut |truth, labels| sums.add(truth, labels))?;
    Ok(sums.scores(recipe.get(evaluation::CONVENTION), &dataset.classes))
}

#[cfg(test)]
mod tests {
    use image::GrayImage;
    use image::imageops::{FilterType, resize};

    use super::*;
    use crate::data::IGNORE;
    use crate::fixtures::{TinyData, open_tiny_data, write_tiny_data};
    use crate::progress::unwatched;

    #[test]
    fn pseudo_labels_are_scored_where_they_and_the_truth_say_something() {
        let classes = ["road", "person", "cone"].map(str::to_owned);
        let mut sums = PseudoLabelSums::new(3);
        assert_eq!(sums.scores(Convention::NanMean, &classes), None);
        sums.add(&[IGNORE; 2], &[0, 1]);
        assert_eq!(sums.scores(Convention::NanMean, &classes), None, "no pixel has a truth");
        sums.add(&[0, 0, 1, 1, 2, IGNORE], &[0, 1, 1, IGNORE, IGNORE, 0]);
        let scores = sums.scores(Convention::NanMean, &classes).unwrap();
        // Both label three pixels: 0 as 0, 0 as 1, 1 as 1. Either class is right once among two.
        assert_eq!((scores.scenes, scores.miou, scores.coverage), (2, Some(0.5), 0.6));
        let figures: Vec<_> = scores.classes.iter().map(|class| (class.pixels, class.coverage, class.iou)).collect();
        assert_eq!(figures, [(2, Some(1.0), Some(0.5)), (2, Some(0.5), Some(0.5)), (1, Some(0.0), None)]);
        let text = scores.table_text();
        let words = "pseudo-labels beside the truth of 2 scenes: mIoU 50.0 % by nanmean (absent classes left out), 60.0 % of \
                     the pixels labelled\n\nclass   pixels  labelled   IoU\nroad         2     100.0  50.0\n";
        assert!(text.starts_with(words), "{text}");
        assert!(text.ends_with("\ncone         1       0.0     –\n"), "{text}");
    }

    #[test]
    fn the_pseudo_labels_of_a_recipe_are_compared_at_their_own_size() {
        let (folder, labels) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        write_tiny_data(folder.path(), &TinyData::default()).unwrap();
        let dataset = Arc::new(open_tiny_data(folder.path()).unwrap());
        let train = dataset.split(TRAIN).unwrap().samples.clone();
        for (at, sample) in train.iter().enumerate() {
            let truth = image::open(sample.label().unwrap()).unwrap().into_luma8();
            let label = match at {
                0 => GrayImage::from_pixel(32, 32, image::Luma([IGNORE])),
                1 => resize(&truth, 64, 64, FilterType::Nearest),
                _ => truth,
            };
            label.save(labels.path().join(format!("{}.png", sample.id()))).unwrap();
        }
        let mut recipe = Recipe::defaults("labels");
        assert_eq!(score_pseudo_labels(&recipe, &dataset, &mut unwatched).unwrap(), None);
        recipe.set_text("data.pseudo_labels", labels.path().to_str().unwrap()).unwrap();
        let scores = score_pseudo_labels(&recipe, &dataset, &mut unwatched).unwrap().unwrap();
        // One scene of four times the pixels, four as they were; one without a label.
        assert_eq!((scores.scenes, scores.miou), (6, Some(1.0)));
        assert_eq!(scores.classes.iter().map(|class| class.pixels).sum::<u64>(), 9 * 1024);
        assert_eq!(scores.coverage, 8.0 / 9.0);
        // The truth itself, by a pattern, is compared with nothing.
        recipe.set_text("data.pseudo_labels", "label/{id}.png").unwrap();
        assert_eq!(score_pseudo_labels(&recipe, &dataset, &mut unwatched).unwrap(), None);
        // Truth that does not read costs its scene's figures and nothing else.
        recipe.set_text("data.pseudo_labels", labels.path().to_str().unwrap()).unwrap();
        std::fs::write(train[1].label().unwrap(), "no picture").unwrap();
        let scores = score_pseudo_labels(&recipe, &dataset, &mut unwatched).unwrap().unwrap();
        assert_eq!((scores.scenes, scores.coverage), (5, 0.8));
    }
}
