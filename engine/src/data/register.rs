//! Sensors out of register with the labels, as cameras are that nobody has aligned.

use super::align::{Size, shifted};
use super::dataset::Dataset;
use super::error::DataError;
use super::reading::Reading;
use super::sample::Plane;
use crate::files::sum_of;

impl Dataset {
    /// The same data set, read so.
    pub fn read_as(self, reading: &Reading) -> Result<Self, DataError> {
        let misregistration = reading.misregistration;
        Ok(Self { misregistration, ..self.with_class_map(&reading.class_map)? }.with_held_out(reading.hold_out))
    }

    /// The same data set with another share of `train` cut as `val`, where it has none of its own.
    fn with_held_out(mut self, share: f64) -> Self {
        let Some(held_out) = self.held_out.take() else { return self };
        if held_out.share == share {
            return Self { held_out: Some(held_out), ..self };
        }
        let before = held_out.note();
        let place = self.notes.iter().position(|note| Some(note) == before.as_ref());
        let held_out = held_out.cut_anew(&mut self.splits, share);
        let at = place.map_or(self.notes.len(), |place| {
            self.notes.remove(place);
            place
        });
        self.notes.splice(at..at, held_out.note());
        Self { held_out: Some(held_out), ..self }
    }

    /// A sensor's image of a scene out of register: moved by as much as the scene's id says, the same each time.
    pub(super) fn misregistered(&self, plane: Plane, modality: usize, id: &str, size: Size) -> Plane {
        if self.misregistration == 0 || modality == 0 {
            return plane;
        }
        let places = 2 * self.misregistration as u64 + 1;
        let by = |axis: &str| {
            let drawn = sum_of(format!("{axis} {modality} {id}").as_bytes()) >> 20;
            (drawn % places) as i64 - self.misregistration as i64
        };
        shifted(&plane, size, by("right"), by("down"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::fixture::{open, small};

    #[test]
    fn every_sensor_but_the_first_is_moved_by_the_scene_and_by_no_more_than_was_asked() {
        let root = tempfile::tempdir().unwrap();
        small(root.path(), 12);
        let plain = open(root.path()).unwrap();
        let reading = Reading { misregistration: 2, ..Reading::default() };
        let moved = plain.clone().read_as(&reading).unwrap();
        assert_eq!(
            plain.misregistered(Plane { channels: 1, values: vec![1.0] }, 1, "a", Size::new(1, 1)).values,
            [1.0]
        );
        let (size, mut seen) = (Size::new(9, 9), std::collections::BTreeSet::new());
        let point =
            |at: usize| Plane { channels: 1, values: (0..81).map(|place| f32::from(u8::from(place == at))).collect() };
        for scene in 0..200 {
            let id = format!("scene {scene}");
            assert_eq!(moved.misregistered(point(40), 0, &id, size), point(40));
            let plane = moved.misregistered(point(40), 1, &id, size);
            assert_eq!(plane, moved.misregistered(point(40), 1, &id, size), "the same each time");
            let at = plane.values.iter().position(|&value| value > 0.0).unwrap() as i64;
            let (right, down) = (at % 9 - 4, at / 9 - 4);
            assert!(right.abs() <= 2 && down.abs() <= 2, "{right} {down}");
            seen.insert((right, down));
        }
        assert_eq!(seen.len(), 25, "all shifts occur: {seen:?}");
        // Labels and the first sensor stay, in the files of a data set too.
        let both = [&plain, &moved].map(|dataset| dataset.sample("train", 0, &[0, 1]).unwrap());
        assert_eq!((&both[0].planes[0], &both[0].label), (&both[1].planes[0], &both[1].label));
    }
}
