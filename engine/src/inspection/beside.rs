//! Two networks' pictures of one scene together, and where their answers differ.

use super::classes::SharedClasses;
use super::picture;
use super::rank::rank;
use crate::data::IGNORE;
use crate::evaluation::ConfusionMatrix;
use crate::failure::Failure;
use crate::network::Model;
use crate::protocol::{BesideView, Content, DISAGREEMENT, Disagreement, Frame, Pixels, SceneView, Tile};
use crate::recipe::catalogue::evaluation;

/// Puts what another network makes of the same scene beside the view of `model`; where it could not be asked, why.
///
/// Both views are of the request in `view`. Classes are compared by their names ([`SharedClasses`]).
pub fn with_beside(
    view: SceneView,
    model: Option<&Model>,
    other: &Model,
    seen: Result<SceneView, Failure>,
) -> SceneView {
    let mut beside = BesideView {
        step: other.step,
        answer: None,
        unfit: None,
        lack: None,
        missing: String::new(),
        offered: Vec::new(),
        refused: Vec::new(),
        figures: Vec::new(),
        disagreement: Err("the other network predicts nothing".to_owned()),
    };
    let seen = match seen {
        Ok(seen) => seen,
        Err(failure) => {
            beside.lack = Some(failure);
            return SceneView { beside: Some(beside), ..view };
        }
    };
    let found = model
        .ok_or_else(|| "there is no network to compare with".to_owned())
        .and_then(|model| disagreement(model, &view, other, &seen));
    let is_of_network =
        |tile: &Tile| matches!(tile.content, Content::Prediction(_) | Content::Error(_) | Content::Probe(_));
    let SceneView { mut tiles, millis, .. } = view;
    let SceneView { tiles: others, .. } = seen;
    let others = others.into_iter().filter(is_of_network);
    tiles.extend(others.map(|tile| Tile { content: tile.content.beside(), ..tile }));
    beside.disagreement = found.map(|(counts, frame)| {
        tiles.push(Tile { content: Content::Disagreement, frame });
        counts
    });
    tiles.sort_by_key(|tile| rank(&tile.content));
    let beside = BesideView {
        answer: seen.answer,
        unfit: seen.unfit,
        // What both lack is told once.
        lack: seen.lack.filter(|lack| view.lack.as_ref() != Some(lack)),
        missing: seen.missing,
        offered: seen.offered,
        refused: seen.refused,
        figures: seen.figures,
        ..beside
    };
    SceneView { tiles, beside: Some(beside), millis: millis + seen.millis, ..view }
}

/// Where the answers that count differ, and how often; or why that cannot be said.
fn disagreement(
    model: &Model,
    view: &SceneView,
    other: &Model,
    seen: &SceneView,
) -> Result<(Disagreement, Frame), String> {
    let shared = SharedClasses::of(&model.classes, &other.classes)?;
    if view.id != seen.id {
        return Err(format!("at this place of the split the other run has another scene, {}", seen.id));
    }
    let ours = answer(view).ok_or("the network in view predicts nothing")?;
    let theirs = answer(seen).ok_or("the other network predicts nothing")?;
    let theirs: Vec<u8> = theirs.iter().map(|&id| shared.ours_of(id)).collect();
    let (Some(frame), true) = (view.tiles.first().map(|tile| &tile.frame), ours.len() == theirs.len()) else {
        return Err("the two answers are of different sizes".to_owned());
    };
    // Labels that are not of the network's classes tell neither right nor wrong.
    let truth = if view.unfit.is_none() { labels(view, &Content::Label) } else { None };
    let known = |place: usize| truth.map_or(IGNORE, |truth| truth[place]);
    let verdict = |place: usize| match (ours[place], theirs[place], known(place)) {
        (ours, theirs, _) if ours == theirs => 0,
        (_, _, IGNORE) => 4,
        (ours, _, truth) if ours == truth => 1,
        (_, theirs, truth) if theirs == truth => 2,
        _ => 3,
    };
    let ids: Vec<u8> = (0..ours.len()).map(verdict).collect();
    let mut counts = [0_u64; DISAGREEMENT.len()];
    for &id in &ids {
        counts[usize::from(id)] += 1;
    }
    let convention = model.recipe.get(evaluation::CONVENTION);
    let miou = |ids: &[u8]| {
        let mut matrix = ConfusionMatrix::new(model.classes.len());
        matrix.add(truth?, ids);
        convention.mean_iou(&matrix, &model.classes)
    };
    let found = Disagreement {
        pixels: ids.len() as u64,
        differing: counts[1..].iter().sum(),
        right: [counts[1], counts[2]],
        both_wrong: counts[3],
        // Pixels of a class that is none of the labels' would be left out of the matrix, and flatter it.
        miou: [miou(ours), miou(&theirs).filter(|_| shared.has_all_of_theirs())],
        convention: convention.word().to_owned(),
    };
    let legend = DISAGREEMENT.map(str::to_owned).to_vec();
    let pixels = Pixels::Categories { ids, legend };
    Ok((found, picture::frame(frame.height as usize, frame.width as usize, pixels)))
}

/// The class ids of the head that counts.
fn answer(view: &SceneView) -> Option<&[u8]> {
    labels(view, &Content::Prediction(view.answer.clone()?))
}

fn labels<'a>(view: &'a SceneView, content: &Content) -> Option<&'a [u8]> {
    let tile = view.tiles.iter().find(|tile| tile.content == *content)?;
    if let Pixels::Labels { ids, .. } = &tile.frame.pixels { Some(ids) } else { None }
}
