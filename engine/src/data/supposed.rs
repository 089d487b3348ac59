//! What sensors would have seen under a what-if.

use std::borrow::Cow;

use super::align::{Size, plane_at, shifted};
use super::brush::{MOST_POINTS, mask_of};
use super::dataset::Dataset;
use super::degrade::{DEGRADATION_SEED, Degrader};
use super::error::DataError;
use super::sample::{Plane, Sample};
use crate::protocol::{Degraded, OtherScene, SensorChange, Stroke, Touch, WhatIf};

impl Dataset {
    /// The decoded scene at this place of a split as a what-if has its sensors see it; `modalities` are the places of the sample's planes. Absence
    /// is no matter of a picture and left to whoever asks a network.
    ///
    /// Each sensor's image is changed in this order: another scene's takes its place, stretched to this one's size; it is
    /// shifted, and what comes in at an edge is what stood there; it becomes worse, as every network sees it; it is painted on,
    /// with what is restored taken from the sample as it is given.
    ///
    /// Fails where it names a sensor or a scene that the data set does not have, or where the other scene cannot be read.
    pub fn supposed<'a>(
        &self,
        (split, index): (&str, usize),
        sample: &'a Sample,
        modalities: &[usize],
        what_if: &WhatIf,
    ) -> Result<Cow<'a, Sample>, DataError> {
        let size = Size::new(sample.height, sample.width);
        let mut changes = Vec::new();
        for (name, change) in &what_if.sensors {
            let modality = self.modality_index(name)?;
            let at = modalities.iter().position(|&place| place == modality);
            changes.extend(at.filter(|_| change.has_picture()).map(|at| (at, modality, change)));
        }
        if changes.is_empty() {
            return Ok(Cow::Borrowed(sample));
        }
        let mut supposed = sample.clone();
        for &(at, modality, SensorChange { scene, shift: [right, down], .. }) in &changes {
            if let Some(scene) = scene {
                supposed.planes[at] = self.plane_of(scene, modality, size)?;
            }
            if [*right, *down] != [0, 0] {
                supposed.planes[at] = shifted(&supposed.planes[at], size, i64::from(*right), i64::from(*down));
            }
        }
        let worse = changes.iter().flat_map(|(_, modality, change)| {
            let of = |(&kind, &severity)| Degraded { sensor: self.modalities[*modality].name.clone(), kind, severity };
            change.degraded.iter().map(of)
        });
        let degrader = Degrader::new(self, modalities, &worse.collect::<Vec<_>>(), DEGRADATION_SEED)?;
        let mut supposed = degrader.degrade(self, split, index, supposed)?;
        for &(at, modality, change) in &changes {
            let black = self.hole(modality).unwrap_or(self.modalities[modality].low);
            paint(&mut supposed.planes[at], &sample.planes[at], &change.brush, size, black)?;
        }
        Ok(Cow::Owned(supposed))
    }

    /// Whether its scenes can be seen so, as far as that is told without reading one: sensors and scenes by the names that
    /// it has, degradations that fit their sensors.
    pub fn can_suppose(&self, what_if: &WhatIf) -> Result<(), DataError> {
        for (name, change) in &what_if.sensors {
            let modality = self.modality_index(name)?;
            if let Some(scene) = &change.scene {
                self.place_of(scene)?;
            }
            let of = |(&kind, &severity)| Degraded { sensor: name.clone(), kind, severity };
            let worse: Vec<Degraded> = change.degraded.iter().map(of).collect();
            Degrader::new(self, &[modality], &worse, DEGRADATION_SEED)?;
        }
        Ok(())
    }

    /// Where a scene stands in its split.
    fn place_of(&self, OtherScene { split, id }: &OtherScene) -> Result<usize, DataError> {
        let samples = &self.split(split)?.samples;
        samples.iter().position(|sample| sample.id() == id).ok_or_else(|| DataError::NoScene {
            id: id.clone(),
            split: split.clone(),
            example: samples.first().map(|sample| sample.id().to_owned()).unwrap_or_default(),
        })
    }

    /// What a sensor saw of another scene, at this size.
    fn plane_of(&self, scene: &OtherScene, modality: usize, size: Size) -> Result<Plane, DataError> {
        let (split, index) = (&scene.split, self.place_of(scene)?);
        let (other, _) = self.sample_or_unlabelled(split, index, &[modality])?;
        let from = Size::new(other.height, other.width);
        Ok(plane_at(&other.planes[0], self.modalities[modality].kind, from, size))
    }
}

/// Paints on a plane; what is restored comes from the plane as the sensor saw it.
fn paint(plane: &mut Plane, own: &Plane, brush: &[Stroke], size: Size, black: f32) -> Result<(), DataError> {
    let points: usize = brush.iter().map(|stroke| stroke.points.len()).sum();
    if points > MOST_POINTS {
        return Err(DataError::TooManyPoints { found: points, most: MOST_POINTS });
    }
    if points == 0 {
        return Ok(());
    }
    let mask = mask_of(brush, size);
    for (channel, own) in plane.values.chunks_mut(size.area()).zip(own.values.chunks(size.area())) {
        for ((value, own), touch) in channel.iter_mut().zip(own).zip(&mask) {
            match touch {
                Some(Touch::Black) => *value = black,
                Some(Touch::Restore) => *value = *own,
                None => {}
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{TinyData, open_tiny_data, write_tiny_data};
    use crate::protocol::Degradation;

    #[test]
    fn what_a_data_set_has_not_is_told_before_any_scene_is_read() {
        let (_folder, dataset, _) = bench();
        let names: Vec<String> = dataset.modalities.iter().map(|modality| modality.name.clone()).collect();
        let supposing =
            |text: &str| dataset.can_suppose(&WhatIf::from_toml(text).unwrap()).map_err(|why| why.to_string());
        let id = dataset.split("val").unwrap().samples[0].id().to_owned();
        let known = format!(
            "[sensors.{}]\nscene = {{ split = \"val\", id = \"{id}\" }}\ndegraded = {{ noise = 0.5 }}\n",
            names[0]
        );
        assert_eq!(supposing(&known), Ok(()));
        assert!(supposing("[sensors.nobody]\nshift = [1, 0]\n").unwrap_err().contains("nobody"));
        let gone = format!("[sensors.{}]\nscene = {{ split = \"val\", id = \"gone\" }}\n", names[0]);
        assert!(supposing(&gone).unwrap_err().contains("gone"));
        let worse = format!("[sensors.{}]\ndegraded = {{ noise = 1.5 }}\n", names[0]);
        assert!(supposing(&worse).unwrap_err().contains("from 0 to 1"));
    }

    fn bench() -> (tempfile::TempDir, Dataset, Sample) {
        let folder = tempfile::tempdir().unwrap();
        write_tiny_data(folder.path(), &TinyData::default()).unwrap();
        let dataset = open_tiny_data(folder.path()).unwrap();
        let sample = dataset.sample("val", 0, &[0, 1]).unwrap();
        (folder, dataset, sample)
    }

    fn of_thermal(change: SensorChange) -> WhatIf {
        let mut what_if = WhatIf::default();
        what_if.change("thermal", change);
        what_if
    }

    fn other() -> OtherScene {
        OtherScene { split: "train".to_owned(), id: "train002D".to_owned() }
    }

    #[test]
    fn what_supposes_nothing_of_a_picture_copies_nothing() {
        let (_folder, dataset, sample) = bench();
        for what_if in [WhatIf::default(), WhatIf::without(&["thermal"])] {
            assert!(matches!(dataset.supposed(("val", 0), &sample, &[0, 1], &what_if), Ok(Cow::Borrowed(_))));
        }
    }

    #[test]
    fn a_sensor_sees_another_scene_and_the_others_and_the_label_their_own() {
        let (_folder, dataset, sample) = bench();
        let change = SensorChange { scene: Some(other()), ..SensorChange::default() };
        let supposed = dataset.supposed(("val", 0), &sample, &[0, 1], &of_thermal(change)).unwrap();
        let expected = dataset.sample("train", 2, &[1]).unwrap();
        assert_eq!(supposed.planes[1], expected.planes[0]);
        assert_ne!(supposed.planes[1], sample.planes[1]);
        assert_eq!((&supposed.planes[0], &supposed.label), (&sample.planes[0], &sample.label));
    }

    #[test]
    fn changes_follow_each_other_in_one_order_and_what_is_restored_is_the_truth() {
        let (_folder, dataset, sample) = bench();
        let stroke = |touch, x: f32| Stroke { touch, radius: 0.1, points: vec![[x, 0.5]] };
        let change = SensorChange {
            scene: Some(other()),
            shift: [3, 0],
            brush: vec![stroke(Touch::Black, 0.25), stroke(Touch::Restore, 0.75)],
            ..SensorChange::default()
        };
        let supposed = dataset.supposed(("val", 0), &sample, &[0, 1], &of_thermal(change)).unwrap();
        let (found, own) = (&supposed.planes[1].values, &sample.planes[1].values);
        let theirs = dataset.sample("train", 2, &[1]).unwrap().planes.remove(0).values;
        let at = |x: usize, y: usize| y * 32 + x;
        // Elsewhere the other scene's image, moved: three pixels further left it stood before.
        for (x, y) in [(20, 2), (31, 31), (3, 0)] {
            assert_eq!(found[at(x, y)], theirs[at(x - 3, y)]);
        }
        assert_eq!(found[at(1, 9)], theirs[at(0, 9)], "an edge is drawn on");
        assert_eq!(found[at(8, 16)], dataset.modalities[1].low);
        assert_eq!(found[at(24, 16)], own[at(24, 16)]);
    }

    #[test]
    fn what_is_worse_is_worse_as_an_evaluation_has_it_and_after_it_was_moved() {
        let (_folder, dataset, sample) = bench();
        let shift = [2, 0];
        let degraded = [(Degradation::Noise, 0.5), (Degradation::ThermalDrift, 1.0)];
        let change = SensorChange { shift, degraded: degraded.into(), ..SensorChange::default() };
        let found = dataset.supposed(("val", 0), &sample, &[0, 1], &of_thermal(change)).unwrap();
        let mut moved = sample.clone();
        moved.planes[1] = shifted(&sample.planes[1], Size::new(32, 32), 2, 0);
        let worse = degraded.map(|(kind, severity)| Degraded { sensor: "thermal".to_owned(), kind, severity });
        let degrader = Degrader::new(&dataset, &[0, 1], &worse, DEGRADATION_SEED).unwrap();
        assert_eq!(found.planes, degrader.degrade(&dataset, "val", 0, moved.clone()).unwrap().planes);
        assert_ne!(found.planes[1], moved.planes[1]);
        let none = SensorChange { shift, degraded: [(Degradation::Noise, 0.0)].into(), ..SensorChange::default() };
        let found = dataset.supposed(("val", 0), &sample, &[0, 1], &of_thermal(none)).unwrap();
        assert_eq!(found.planes, moved.planes, "a severity of 0 changes nothing");
        let unfit = SensorChange { degraded: [(Degradation::Fog, 0.5)].into(), ..SensorChange::default() };
        let error = dataset.supposed(("val", 0), &sample, &[0, 1], &of_thermal(unfit)).unwrap_err();
        assert!(error.to_string().contains("fog"), "{error}");
    }

    #[test]
    fn a_sensor_that_was_not_asked_for_is_left_out_and_an_unknown_one_is_refused() {
        let (_folder, dataset, _) = bench();
        let colour = dataset.sample("val", 0, &[0]).unwrap();
        let moved = SensorChange { shift: [1, 1], ..SensorChange::default() };
        assert!(matches!(
            dataset.supposed(("val", 0), &colour, &[0], &of_thermal(moved.clone())),
            Ok(Cow::Borrowed(_))
        ));
        let mut unknown = WhatIf::default();
        unknown.change("sonar", moved);
        let error = dataset.supposed(("val", 0), &colour, &[0], &unknown).unwrap_err();
        assert!(error.to_string().contains("`sonar`"), "{error}");
        let nowhere = OtherScene { split: "train".to_owned(), id: "none".to_owned() };
        let change = SensorChange { scene: Some(nowhere), ..SensorChange::default() };
        let error = dataset
            .supposed(("val", 0), &dataset.sample("val", 0, &[1]).unwrap(), &[1], &of_thermal(change))
            .unwrap_err();
        assert!(error.to_string().contains("`none`") && error.to_string().contains("train000D"), "{error}");
    }
}
