//! A scene as the network saw it at an earlier step, out of the album of its run, and what has changed since.

use std::ops::ControlFlow;

use super::effect;
use super::error::InspectionError;
use super::memory::SceneMemory;
use super::picture;
use super::rank::rank;
use super::scene_view::scene_view_from;
use crate::data::Dataset;
use crate::evaluation::{Prediction, same_classes};
use crate::failure::Failure;
use crate::network::Model;
use crate::protocol::{Content, EXPLANATION, FIGURES, Pin, Pixels, SceneView, Tile, ViewKind, ViewRequest, WhatIf};
use crate::training::{Page, RunFolder};

/// Why a watched map is not there.
const NOT_KEPT: &str = "it is not in the album: a page has the maps that were watched when it was kept";

/// The scene of a pin as the network sees it now, for the album; `None` where the data set has no such scene.
pub fn page_of(
    model: &Model,
    dataset: &Dataset,
    pin: &Pin,
    every: u64,
    memory: &mut SceneMemory,
) -> Result<Option<Page>, InspectionError> {
    let Pin { split, id, watched } = pin;
    let found = dataset.split(split).ok();
    let Some(index) = found.and_then(|found| found.samples.iter().position(|entry| entry.id() == id)) else {
        return Ok(None);
    };
    let watched: Vec<String> = watched.iter().filter(|name| !name.starts_with(EXPLANATION)).cloned().collect();
    let request = ViewRequest { split: split.clone(), index, watched, ..ViewRequest::default() };
    let view = scene_view_from(Some(model), dataset, &request, &[], memory, &mut on)?;
    let mut tiles = view.tiles;
    tiles.retain(|tile| matches!(tile.content, Content::Prediction(_) | Content::Probe(_)));
    Ok(Some(Page {
        dataset: dataset.name.clone(),
        split: split.clone(),
        id: id.clone(),
        step: model.step,
        every,
        answer: view.answer,
        missing: view.missing,
        watched: request.watched,
        figures: view.figures,
        tiles,
    }))
}

/// The scene of a request as the network saw it at an earlier step. Sensors and label are read from the data set; where
/// the page cannot be read, they are all there is, and the view says why.
pub fn at_step(
    run: &RunFolder,
    model: Option<&Model>,
    dataset: &Dataset,
    request: &ViewRequest,
    step: u64,
    memory: &mut SceneMemory,
) -> Result<SceneView, InspectionError> {
    let plain = ViewRequest { what_if: WhatIf::default(), ..request.clone() };
    let view = scene_view_from(None, dataset, &plain, &[], memory, &mut on)?;
    let view = SceneView { request: request.clone(), ..view };
    let page = match run.page((&dataset.name, &request.split, &view.id), step) {
        Ok(page) => page,
        Err(error) => return Ok(SceneView { lack: view.lack.or_else(|| Failure::of(&error)), ..view }),
    };
    let unfit = model.and_then(|model| same_classes(model, dataset).err()).map(|error| error.to_string());
    let label = label_of(&view).filter(|_| unfit.is_none());
    let mut tiles = view.tiles.clone();
    for tile in page.tiles {
        if let (Content::Prediction(head), Pixels::Labels { ids, .. }) = (&tile.content, &tile.frame.pixels)
            && let Some(label) = label.filter(|label| label.len() == ids.len())
        {
            let size = [tile.frame.height as usize, tile.frame.width as usize];
            let frame = picture::errors(label, ids, size[0], size[1]);
            tiles.push(Tile { content: Content::Error(head.clone()), frame });
        }
        tiles.push(tile);
    }
    tiles.sort_by_key(|tile| rank(&tile.content));
    // What has changed is told in figures too, whatever figures were kept.
    let is_told = |name: &String| name == FIGURES && request.since.is_some();
    let is_lacking = |name: &&String| ViewKind::of(name).is_some() && !page.watched.contains(name) && !is_told(name);
    let lacking: Vec<String> = request.watched.iter().filter(is_lacking).cloned().collect();
    let refused = lacking.iter().map(|name| (name.clone(), NOT_KEPT.to_owned())).collect();
    let offered = page.watched.into_iter().chain(lacking).collect();
    Ok(SceneView {
        step: Some(page.step),
        answer: page.answer,
        missing: page.missing,
        figures: page.figures,
        unfit,
        offered,
        refused,
        tiles,
        ..view
    })
}

/// A view with what has changed in it since an earlier step, as a what-if's effect is told: the predictions of that step
/// are those before. Where they cannot be read, or are of another size, the view says why.
pub fn since_step(run: &RunFolder, model: &Model, dataset: &Dataset, view: SceneView, step: u64) -> SceneView {
    let page = match run.page((&dataset.name, &view.request.split, &view.id), step) {
        Ok(page) => page,
        Err(error) => return SceneView { lack: view.lack.or_else(|| Failure::of(&error)), ..view },
    };
    let (now, before) = (predictions(&view.tiles), predictions(&page.tiles));
    let size = view.tiles.iter().find(|tile| matches!(tile.content, Content::Prediction(_)));
    let size = size.map(|tile| [tile.frame.height as usize, tile.frame.width as usize]);
    let label = label_of(&view).filter(|_| view.unfit.is_none());
    let Some([height, width]) = size else { return view };
    let has_size = |ids: &[u8]| ids.len() == height * width;
    if !now.iter().chain(&before).all(|prediction| has_size(&prediction.ids)) {
        let lack = Failure::refused("The scene had another size at that step, so the two are not compared");
        return SceneView { lack: view.lack.or(Some(lack)), ..view };
    }
    let (effects, found) = effect::of(model, label.filter(|label| has_size(label)), &before, &now, [height, width]);
    let mut tiles = view.tiles;
    tiles.extend(found);
    tiles.sort_by_key(|tile| rank(&tile.content));
    SceneView { tiles, effects, ..view }
}

fn label_of(view: &SceneView) -> Option<&[u8]> {
    let tile = view.tiles.iter().find(|tile| tile.content == Content::Label)?;
    if let Pixels::Labels { ids, .. } = &tile.frame.pixels { Some(ids) } else { None }
}

/// What the heads answer, the one that counts first.
fn predictions(tiles: &[Tile]) -> Vec<Prediction> {
    let of = |tile: &Tile| match (&tile.content, &tile.frame.pixels) {
        (Content::Prediction(head), Pixels::Labels { ids, confidence }) => {
            Some(Prediction { head: head.clone(), ids: ids.clone(), confidence: confidence.clone() })
        }
        _ => None,
    };
    tiles.iter().filter_map(of).collect()
}

/// Nobody ends it: it is one look.
fn on(_done: u64, _total: u64) -> ControlFlow<()> {
    ControlFlow::Continue(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::failure::FailureKind;
    use crate::fixtures::tiny_recipe;
    use crate::inspection::bench::fitting_bench;
    use crate::inspection::scene_view;
    use crate::training::Environment;

    const ENTROPY: &str = "uncertainty.entropy.fused";

    fn pin(dataset: &Dataset) -> Pin {
        let id = dataset.split("val").unwrap().samples[1].id().to_owned();
        let watched = [ENTROPY, "explain.gradcam.fused"].map(str::to_owned).to_vec();
        Pin { split: "val".to_owned(), id, watched }
    }

    /// A run with a page of step 3 by the network, and one of step 7 with another answer.
    fn kept() -> (tempfile::TempDir, Dataset, Model, RunFolder) {
        let (folder, dataset, mut model) = fitting_bench();
        let mut run = RunFolder::create(folder.path(), &tiny_recipe().unwrap(), &Environment::default()).unwrap();
        for step in [3, 7] {
            model.step = step;
            let mut page = page_of(&model, &dataset, &pin(&dataset), 1, &mut SceneMemory::default()).unwrap().unwrap();
            if step == 7 {
                for tile in &mut page.tiles {
                    if let Pixels::Labels { ids, .. } = &mut tile.frame.pixels {
                        ids[0] = (ids[0] + 1) % 3;
                    }
                }
            }
            run.keep_page(&page).unwrap();
        }
        (folder, dataset, model, run)
    }

    fn request(at: Option<u64>, since: Option<u64>) -> ViewRequest {
        let watched = [ENTROPY, "uncertainty.margin.fused"].map(str::to_owned).to_vec();
        ViewRequest { split: "val".to_owned(), index: 1, watched, at, since, ..ViewRequest::default() }
    }

    #[test]
    fn a_page_shows_what_the_network_showed_and_says_which_maps_it_lacks() {
        let (_folder, dataset, model, run) = kept();
        let asked = request(Some(3), None);
        let seen = at_step(&run, Some(&model), &dataset, &asked, 3, &mut SceneMemory::default()).unwrap();
        let then = Model { step: 3, ..model };
        let now = scene_view(Some(&then), &dataset, &request(None, None), &[]).unwrap();
        let is_kept = |tile: &&Tile| tile.content != Content::Probe("uncertainty.margin.fused".to_owned());
        assert_eq!(seen.tiles, now.tiles.iter().filter(is_kept).cloned().collect::<Vec<_>>());
        assert_eq!((seen.step, &seen.answer, &seen.request), (Some(3), &now.answer, &asked));
        let [(refused, why)] = seen.refused.as_slice() else { panic!("{:?}", seen.refused) };
        assert!(refused == "uncertainty.margin.fused" && why.contains("album"), "{why}");
        assert!(!seen.offered.iter().any(|name| name.starts_with(EXPLANATION)), "{:?}", seen.offered);
    }

    #[test]
    fn two_steps_are_compared_as_a_what_if_is() {
        let (_folder, dataset, model, run) = kept();
        let seen =
            at_step(&run, Some(&model), &dataset, &request(Some(7), Some(3)), 7, &mut SceneMemory::default()).unwrap();
        let seen = since_step(&run, &model, &dataset, seen, 3);
        assert!(seen.lack.is_none(), "{:?}", seen.lack);
        let found = &seen.effects[0];
        assert_eq!((found.changed(), Some(&found.head)), (1, seen.answer.as_ref()));
        let head = found.head.clone();
        for content in [Content::Before(head.clone()), Content::Outcome(head)] {
            assert!(seen.tiles.iter().any(|tile| tile.content == content), "{content:?}");
        }
        assert_eq!(since_step(&run, &model, &dataset, seen.clone(), 7).effects[0].changed(), 0);
    }

    #[test]
    fn a_page_that_is_damaged_or_not_there_leaves_sensors_and_label() {
        let (_folder, dataset, model, run) = kept();
        let at = |step| {
            let asked = request(Some(step), None);
            at_step(&run, Some(&model), &dataset, &asked, step, &mut SceneMemory::default()).unwrap()
        };
        let kind = |view: &SceneView| view.lack.as_ref().map(|lack| lack.kind);
        assert_eq!(kind(&at(4)), Some(FailureKind::Unreadable));
        for entry in std::fs::read_dir(run.path().join("album")).unwrap() {
            std::fs::write(entry.unwrap().path(), "no page").unwrap();
        }
        let seen = at(3);
        assert!(seen.lack.as_ref().is_some_and(|lack| lack.text.contains("step-3")), "{:?}", seen.lack);
        assert!(seen.tiles.iter().any(|tile| tile.content == Content::Label) && seen.step.is_none());
        let now = scene_view(Some(&model), &dataset, &request(None, Some(3)), &[]).unwrap();
        let now = since_step(&run, &model, &dataset, now, 3);
        assert!(now.effects.is_empty() && kind(&now) == Some(FailureKind::Unreadable));
        assert!(now.answer.is_some(), "what is there is shown");
    }

    #[test]
    fn a_scene_that_the_data_set_has_not_has_no_page() {
        let (_folder, dataset, model) = fitting_bench();
        let pin = Pin { id: "nowhere".to_owned(), ..pin(&dataset) };
        assert_eq!(page_of(&model, &dataset, &pin, 1, &mut SceneMemory::default()).unwrap(), None);
    }
}
