//! What a what-if changes in a scene's predictions, and what that costs.

use super::picture;
use crate::data::IGNORE;
use crate::evaluation::{ConfusionMatrix, Prediction, outcome};
use crate::network::Model;
use crate::protocol::{Content, Effect, OUTCOME, Pixels, Tile};
use crate::recipe::catalogue::evaluation;

/// One entry a head that answers without the what-if (`before`) and still has an answer with it (`now`), and two pictures
/// of each: the prediction without, and what became of each pixel. The head that counts is compared with the one that
/// counts now, under whatever name; others with themselves.
///
/// `label` holds a class id a pixel of `[height, width]`, as the predictions do.
pub(super) fn of(
    model: &Model,
    label: Option<&[u8]>,
    before: &[Prediction],
    now: &[Prediction],
    [height, width]: [usize; 2],
) -> (Vec<Effect>, Vec<Tile>) {
    let convention = model.recipe.get(evaluation::CONVENTION);
    let matrix = |prediction: &Prediction| {
        let mut matrix = ConfusionMatrix::new(model.classes.len());
        matrix.add(label?, &prediction.ids);
        Some(matrix)
    };
    let heir = |place: usize, head: &str| {
        let same = now.iter().find(|prediction| prediction.head == head);
        same.or_else(|| now.first().filter(|_| place == 0))
    };
    let (mut effects, mut tiles) = (Vec::new(), Vec::new());
    for (place, was) in before.iter().enumerate() {
        let Some(is) = heir(place, &was.head) else { continue };
        let known = |pixel: usize| label.map_or(IGNORE, |label| label[pixel]);
        let pairs = was.ids.iter().zip(&is.ids).enumerate();
        let ids: Vec<u8> = pairs.map(|(pixel, (&was, &is))| outcome(known(pixel), was, is)).collect();
        let mut counts = [0; OUTCOME.len()];
        for &id in &ids {
            counts[usize::from(id)] += 1;
        }
        let matrices = [matrix(was), matrix(is)];
        let miou = matrices.each_ref().map(|matrix| convention.mean_iou(matrix.as_ref()?, &model.classes));
        let classes = match &matrices {
            [Some(was), Some(is)] => (0..model.classes.len()).map(|class| [was.iou(class), is.iou(class)]).collect(),
            _ => Vec::new(),
        };
        let (head, convention) = (was.head.clone(), convention.word().to_owned());
        effects.push(Effect { head, counts, miou, classes, convention });
        let without = picture::labels(was.ids.clone(), was.confidence.clone(), height, width);
        let legend = OUTCOME.map(str::to_owned).to_vec();
        let became = picture::frame(height, width, Pixels::Categories { ids, legend });
        tiles.push(Tile { content: Content::Before(was.head.clone()), frame: without });
        tiles.push(Tile { content: Content::Outcome(was.head.clone()), frame: became });
    }
    (effects, tiles)
}
