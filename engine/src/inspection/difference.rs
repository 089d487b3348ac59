//! What dropped sensors change in a scene's predictions, and what that costs.

use crate::evaluation::{ConfusionMatrix, Prediction};
use crate::network::Model;
use crate::protocol::{Difference, Frame, Pixels};
use crate::recipe::catalogue::evaluation;

/// One entry a head that answers with all sensors (`before`) and still has an answer without some of them (`now`). The
/// head that counts is compared with the one that counts now, under whatever name; others with themselves.
///
/// `label` holds a class id a pixel of `[height, width]`, as the predictions do.
pub(super) fn of(
    model: &Model,
    label: Option<&[u8]>,
    before: &[Prediction],
    now: &[Prediction],
    [height, width]: [usize; 2],
) -> Vec<Difference> {
    let convention = model.recipe.get(evaluation::CONVENTION);
    let miou = |prediction: &Prediction| {
        let mut matrix = ConfusionMatrix::new(model.classes.len());
        matrix.add(label?, &prediction.ids);
        convention.mean_iou(&matrix, &model.classes)
    };
    let heir = |place: usize, head: &str| {
        let same = now.iter().find(|prediction| prediction.head == head);
        same.or_else(|| now.first().filter(|_| place == 0))
    };
    let compared = before.iter().enumerate().filter_map(|(place, was)| Some((was, heir(place, &was.head)?)));
    compared
        .map(|(was, is)| {
            let ids: Vec<u8> = was.ids.iter().zip(&is.ids).map(|(was, is)| u8::from(was != is)).collect();
            let changed: u64 = ids.iter().map(|&id| u64::from(id)).sum();
            let share = changed as f64 / ids.len().max(1) as f64;
            let legend = ["same", "changed"].map(str::to_owned).to_vec();
            let pixels = Pixels::Categories { ids, legend };
            Difference {
                head: was.head.clone(),
                changed: Frame { width: width as u32, height: height as u32, pixels },
                share,
                miou_before: miou(was),
                miou_after: miou(is),
                convention: convention.word().to_owned(),
            }
        })
        .collect()
}
