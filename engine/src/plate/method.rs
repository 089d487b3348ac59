//! What a plate is made of: networks and what they made of scenes.

use crate::evaluation::{ConfusionMatrix, Convention};
use crate::protocol::{Content, DatasetSummary, Pixels, SceneView};

/// A network, and its pictures of every scene.
#[derive(Clone, Debug)]
pub struct Method {
    /// What stands above its columns.
    pub name: String,
    /// The data set with the network's own classes and their colours.
    pub summary: DatasetSummary,
    /// What a mean over classes is taken over.
    pub convention: Convention,
    /// One a scene, of the same scenes for all methods.
    pub views: Vec<SceneView>,
}

impl Method {
    /// A method in view and the one beside it, where the views are of both; the one beside is of these classes.
    pub fn pair(own: Self, name: String, summary: DatasetSummary, convention: Convention) -> [Self; 2] {
        let mut other = Self { name, summary, convention, views: own.views.clone() };
        for view in &mut other.views {
            let theirs = view.tiles.drain(..).filter(|tile| tile.content.is_beside());
            view.tiles = theirs.collect();
            for tile in &mut view.tiles {
                tile.content = tile.content.of_either().clone();
            }
            let Some(beside) = view.beside.take() else { continue };
            (view.step, view.answer, view.unfit) = (Some(beside.step), beside.answer, beside.unfit);
            (view.offered, view.refused, view.figures) = (beside.offered, beside.refused, beside.figures);
        }
        let mut own = own;
        for view in &mut own.views {
            view.tiles.retain(|tile| !tile.content.is_beside());
        }
        [own, other]
    }

    /// The counts of the prediction that counts against a scene's labels; `None` where the labels are not of the network's
    /// classes, or where there are none.
    pub(super) fn counts(&self, scene: usize, truth: Option<&[u8]>) -> Option<ConfusionMatrix> {
        let view = &self.views[scene];
        if view.unfit.is_some() {
            return None;
        }
        let answer = labels_of(view, &Content::Prediction(view.answer.clone()?))?;
        let truth = truth.filter(|truth| truth.len() == answer.len())?;
        let mut matrix = ConfusionMatrix::new(self.summary.classes.len());
        matrix.add(truth, answer);
        Some(matrix)
    }

    /// The scene's mean IoU by those counts.
    pub(super) fn miou(&self, counts: &ConfusionMatrix) -> Option<f64> {
        self.convention.mean_iou(counts, &self.summary.classes)
    }
}

/// The class ids of a picture of labels.
pub(super) fn labels_of<'a>(view: &'a SceneView, content: &Content) -> Option<&'a [u8]> {
    let tile = view.tiles.iter().find(|tile| tile.content == *content)?;
    if let Pixels::Labels { ids, .. } = &tile.frame.pixels { Some(ids) } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plate::sample::{methods, summary};
    use crate::protocol::{BesideView, Tile};

    #[test]
    fn a_view_of_two_networks_is_two_methods() {
        let [mut ours, theirs] = <[Method; 2]>::try_from(methods()).unwrap();
        for (view, other) in ours.views.iter_mut().zip(&theirs.views) {
            let of_network =
                other.tiles.iter().filter(|tile| !matches!(tile.content, Content::Sensor(_) | Content::Label));
            view.tiles.extend(of_network.map(|tile| Tile { content: tile.content.clone().beside(), ..tile.clone() }));
            view.beside = Some(BesideView {
                step: 7,
                answer: other.answer.clone(),
                unfit: None,
                lack: None,
                missing: String::new(),
                offered: Vec::new(),
                refused: Vec::new(),
                figures: Vec::new(),
                disagreement: Err("not asked".to_owned()),
            });
        }
        let alone = methods();
        let [own, other] = Method::pair(ours, "baseline".to_owned(), summary(), Convention::NanMean);
        assert_eq!(own.views[0].tiles, alone[0].views[0].tiles);
        let names = |method: &Method| method.views[1].tiles.iter().map(|tile| tile.content.name()).collect::<Vec<_>>();
        assert_eq!(names(&other), ["prediction.fused", "error.fused"]);
        assert_eq!((other.views[1].step, other.views[1].answer.as_deref()), (Some(7), Some("fused")));
        let truth = labels_of(&own.views[1], &Content::Label);
        let miou = |method: &Method| method.counts(1, truth).and_then(|counts| method.miou(&counts)).unwrap();
        assert!((miou(&own) - miou(&alone[0])).abs() < 1e-12 && (miou(&other) - miou(&alone[1])).abs() < 1e-12);
    }
}
