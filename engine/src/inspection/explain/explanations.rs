//! All explanations of one scene.

use std::ops::ControlFlow;

use super::explaining::Explaining;
use super::{grad_cam, occlusion, reliance};
use crate::inspection::error::InspectionError;
use crate::network::Probes;

/// Records the explanations that are watched and offers all of them, as maps of the inputs' size:
/// - `explain.gradcam.SENSOR`, `explain.gradcam.fused`: Grad-CAM, 0 to 1;
/// - `explain.occlusion.SENSOR`: what the class's probability loses without each window of a sensor's picture;
/// - `explain.region.SENSOR`, `explain.answer.SENSOR`: what each pixel's loses without one region, and what is answered then;
/// - `explain.drop.SENSOR`, `explain.share.SENSOR`: what it loses without the sensor, and the sensor's share of that.
///
/// `progress` is told how much of how much is done, and may end the work.
pub fn explanations(
    of: &Explaining<'_>,
    probes: &mut Probes,
    progress: &mut dyn FnMut(u64, u64) -> ControlFlow<()>,
) -> Result<(), InspectionError> {
    if !probes.is_on() || !of.present.contains(&true) {
        return Ok(());
    }
    grad_cam::record(of, probes);
    occlusion::record(of, probes, progress)?;
    reliance::record(of, probes);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inspection::bench::bench;
    use crate::inspection::{scene_view, scene_view_watched};
    use crate::protocol::{Content, Explained, Layer, Pixels, Region, SceneView, ViewRequest, WhatIf};

    fn request(watched: &[&str], explained: Explained) -> ViewRequest {
        let watched = watched.iter().map(|&name| name.to_owned()).collect();
        ViewRequest { split: "val".to_owned(), watched, explained, ..ViewRequest::default() }
    }

    fn values(view: &SceneView, name: &str) -> Vec<f32> {
        let content = Content::Probe(name.to_owned());
        let tile = view.tiles.iter().find(|tile| tile.content == content);
        match tile.map(|tile| &tile.frame.pixels) {
            Some(Pixels::Scalar { values, low, high, .. }) => {
                values.iter().map(|&value| low + (high - low) * f32::from(value) / 255.0).collect()
            }
            Some(Pixels::Categories { ids, .. }) => ids.iter().map(|&id| f32::from(id)).collect(),
            other => panic!("{name}: {other:?}, {:?}", view.refused),
        }
    }

    #[test]
    fn every_branch_and_the_fused_map_are_looked_at_apart() {
        let (_folder, dataset, model) = bench();
        let names = ["explain.gradcam.colour", "explain.gradcam.thermal", "explain.gradcam.fused"];
        let seen = |explained| scene_view(Some(&model), &dataset, &request(&names, explained), &[]).unwrap();
        let whole = seen(Explained::default());
        for name in names {
            let map = values(&whole, name);
            assert_eq!(map.len(), 32 * 32);
            let (low, high) = (map.iter().copied().fold(1.0, f32::min), map.iter().copied().fold(0.0, f32::max));
            assert!(low < 0.01 && high > 0.99, "{name}: {low} to {high}");
        }
        assert_ne!(values(&whole, names[0]), values(&whole, names[1]));
        // Exchange lets a sensor's head see the other one's stages, but not its decoder's map.
        let own = Explained { head: Some("thermal".to_owned()), ..Explained::default() };
        let of_head = seen(own.clone());
        values(&of_head, "explain.gradcam.thermal");
        let why = |view: &SceneView, name: &str| {
            view.refused.iter().find(|(refused, _)| refused == name).map(|(_, why)| why.clone()).unwrap_or_default()
        };
        assert!(why(&of_head, names[0]).contains("does not see"), "{:?}", of_head.refused);
        let deep = seen(Explained { layer: Layer::Stage(3), ..own });
        values(&deep, "explain.gradcam.colour");
        assert!(why(&deep, names[2]).contains("before the classifier"), "a stage has no fused map");
        let unknown = seen(Explained { class: Some("fog".to_owned()), ..Explained::default() });
        assert!(why(&unknown, names[2]).contains("knows no class `fog`"), "{:?}", unknown.refused);
    }

    #[test]
    fn a_region_is_taken_away_and_without_one_that_is_said() {
        let (_folder, dataset, model) = bench();
        let whole = Region { left: 0, top: 0, right: u16::MAX, bottom: u16::MAX };
        let names = ["explain.region.colour", "explain.region.all", "explain.answer.all", "explain.occlusion.colour"];
        let asked = request(&names, Explained { region: Some(whole), ..Explained::default() });
        let view = scene_view(Some(&model), &dataset, &asked, &[]).unwrap();
        assert!(values(&view, names[0]).iter().any(|&lost| lost.abs() > 0.05));
        let classes = model.classes.len() as f32;
        assert!(values(&view, names[2]).iter().all(|&id| id < classes));
        assert!(values(&view, names[3]).iter().all(|&lost| lost.abs() <= 1.0));
        let without = request(&names, Explained::default());
        let view = scene_view(Some(&model), &dataset, &without, &[]).unwrap();
        assert!(view.refused.iter().any(|(name, why)| name == names[0] && why.contains("no region")));
        values(&view, names[3]);
    }

    #[test]
    fn shares_of_the_sensors_sum_to_one_where_anything_changes() {
        let (_folder, dataset, model) = bench();
        let names = ["explain.share.colour", "explain.share.thermal", "explain.drop.colour", "figures"];
        let view = scene_view(Some(&model), &dataset, &request(&names, Explained::default()), &[]).unwrap();
        let sums = values(&view, names[0]).into_iter().zip(values(&view, names[1])).map(|(one, other)| one + other);
        let sums: Vec<f32> = sums.collect();
        assert!(sums.iter().all(|sum| *sum < 0.01 || (sum - 1.0).abs() < 0.01));
        assert!(sums.iter().filter(|sum| **sum > 0.5).count() > 100);
        let figure = |name: &str| view.figures.iter().find(|(known, _)| known == name).unwrap().1;
        assert!((figure("explain.share.colour") + figure("explain.share.thermal") - 1.0).abs() < 1e-5);
        let alone = ViewRequest { what_if: WhatIf::without(&["colour"]), ..request(&names, Explained::default()) };
        let view = scene_view(Some(&model), &dataset, &alone, &[]).unwrap();
        assert!(view.refused.iter().any(|(name, why)| name == names[1] && why.contains("one sensor alone")));
    }

    #[test]
    fn occlusion_ends_when_it_is_told_to_and_costs_nothing_unwatched() {
        let (_folder, dataset, model) = bench();
        let asked = request(&["explain.occlusion.thermal"], Explained::default());
        let mut told = 0;
        let mut progress = |_, _| {
            told += 1;
            if told < 3 { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        };
        let ended = scene_view_watched(Some(&model), &dataset, &asked, &[], &mut progress);
        assert!(matches!(ended, Err(InspectionError::Stopped)));
        assert_eq!(told, 3);
        let mut never = |_: u64, _: u64| -> ControlFlow<()> { panic!("nobody watches it") };
        let plain = request(&["uncertainty.entropy.fused"], Explained::default());
        let view = scene_view_watched(Some(&model), &dataset, &plain, &[], &mut never).unwrap();
        assert!(view.offered.iter().any(|name| name == "explain.occlusion.thermal"));
    }
}
