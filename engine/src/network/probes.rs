//! Maps and figures recorded during a forward pass, only while someone watches.

use std::collections::{BTreeMap, BTreeSet};

use burn::tensor::{Device, Tensor};

use super::taps::{TapSite, Tapped, Taps};
use crate::protocol::FIGURES;

/// What the numbers of a recorded map mean.
#[derive(Clone, Debug, PartialEq)]
pub enum Shown {
    /// A quantity at every place, `[batch, channels, h, w]`: shown as the mean over its channels.
    Scalar(Option<Range>),
    /// An index at every place, `[batch, 1, h, w]`, into these words.
    Classes(Vec<String>),
    /// A picture, `[batch, 3, h, w]`, 0 to 1.
    Image,
}

/// The range that a scalar map is shown in, and its unit.
#[derive(Clone, Debug, PartialEq)]
pub struct Range {
    /// The value of the darkest colour.
    pub low: f32,
    /// The value of the brightest colour.
    pub high: f32,
    /// The unit; may be empty.
    pub unit: String,
}

impl Range {
    /// A range of plain numbers.
    pub fn plain(low: f32, high: f32) -> Self {
        Self { low, high, unit: String::new() }
    }
}

/// One recorded map.
#[derive(Clone, Debug)]
pub struct Recorded {
    /// Its values.
    pub map: Tensor<4>,
    /// What they mean.
    pub shown: Shown,
}

/// What someone wants to see.
#[derive(Clone, Debug, Default)]
enum Watch {
    #[default]
    Nothing,
    Everything,
    Names(BTreeSet<String>),
}

/// What was recorded. Names are dotted, the component first: `mff.selection`, `sci.mask.level1`.
#[derive(Clone, Debug, Default)]
pub struct Probes {
    watch: Watch,
    offered: BTreeSet<String>,
    maps: BTreeMap<String, Recorded>,
    facts: BTreeMap<String, f32>,
    refused: BTreeMap<String, String>,
    taps: Taps,
    pixel: Option<[f32; 2]>,
}

impl Probes {
    /// Records nothing and costs nothing.
    pub fn off() -> Self {
        Self::default()
    }

    /// Records everything that is offered.
    pub fn on() -> Self {
        Self { watch: Watch::Everything, ..Self::default() }
    }

    /// Records what is called so, and knows what else there would be.
    pub fn watching(names: impl IntoIterator<Item = String>) -> Self {
        Self { watch: Watch::Names(names.into_iter().collect()), ..Self::default() }
    }

    /// Records nothing but maps at these places, for gradients by them.
    pub fn tapping(taps: Taps) -> Self {
        Self { taps, ..Self::default() }
    }

    /// Asks for what belongs to one pixel, such as its row of an attention matrix: its row and column as shares of the
    /// image.
    #[must_use]
    pub fn at_pixel(self, pixel: [f32; 2]) -> Self {
        Self { pixel: Some(pixel), ..self }
    }

    /// The pixel that was asked for, its row and column as shares of the image; the centre where none was.
    pub fn pixel(&self) -> [f32; 2] {
        self.pixel.unwrap_or([0.5; 2])
    }

    /// Offers a map `[batch, channels, h, w]`, shown from its smallest to its largest value (gates and masks from 0 to
    /// 1).
    pub fn record(&mut self, name: &str, map: impl FnOnce() -> Tensor<4>) {
        let bounded = name.contains("gate") || name.contains("mask");
        self.offer(name, Shown::Scalar(bounded.then(|| Range::plain(0.0, 1.0))), map);
    }

    /// Offers a map `[batch, channels, h, w]` that is shown in a fixed range.
    pub fn record_scalar(&mut self, name: &str, range: Range, map: impl FnOnce() -> Tensor<4>) {
        self.offer(name, Shown::Scalar(Some(range)), map);
    }

    /// Offers a map of indices `[batch, 1, h, w]` into the words of a legend.
    pub fn record_classes(&mut self, name: &str, legend: &[String], map: impl FnOnce() -> Tensor<4>) {
        self.offer(name, Shown::Classes(legend.to_vec()), map);
    }

    /// Offers a picture `[batch, 3, h, w]`, 0 to 1.
    pub fn record_image(&mut self, name: &str, map: impl FnOnce() -> Tensor<4>) {
        self.offer(name, Shown::Image, map);
    }

    /// Offers a single number.
    pub fn fact(&mut self, name: &str, value: impl FnOnce() -> f32) {
        if self.is_on() {
            self.offered.insert(FIGURES.to_owned());
        }
        if self.wants(FIGURES) {
            self.facts.insert(name.to_owned(), value());
        }
    }

    /// Offers a map, as [`Self::record_scalar`] and [`Self::record_classes`] do, that may turn out not to exist: then why
    /// is kept.
    pub fn try_record(&mut self, name: &str, shown: Shown, map: impl FnOnce() -> Result<Tensor<4>, String>) {
        if !self.wants(name) {
            return self.offer(name, shown, || Tensor::zeros([1; 4], &Device::flex()));
        }
        match map() {
            Ok(map) => self.offer(name, shown, || map),
            Err(reason) => self.refuse(name, reason),
        }
    }

    /// Says why there is no such map here, though it can be asked for.
    pub fn refuse(&mut self, name: &str, reason: String) {
        self.offered.insert(name.to_owned());
        self.refused.insert(name.to_owned(), reason);
    }

    /// The maps that were asked for and are not there, each with the reason.
    pub fn refused(&self) -> &BTreeMap<String, String> {
        &self.refused
    }

    /// The maps of the branches, as they go on from a place where gradients may be asked for.
    pub fn tap(&mut self, site: TapSite, branches: &[usize], maps: Vec<Tensor<4>>) -> Vec<Tensor<4>> {
        maps.into_iter().zip(branches).map(|(map, &branch)| self.taps.pass(site, Some(branch), map)).collect()
    }

    /// The map of all sensors, as it goes on.
    pub fn tap_fused(&mut self, map: Tensor<4>) -> Tensor<4> {
        self.taps.pass(TapSite::Fused, None, map)
    }

    /// Whether gradients may be asked for.
    pub fn is_tapping(&self) -> bool {
        self.taps.is_on()
    }

    /// The maps that were met where gradients may be asked for.
    pub fn tapped(&self) -> &[Tapped] {
        self.taps.met()
    }

    /// Whether someone watches at all.
    pub fn is_on(&self) -> bool {
        !matches!(self.watch, Watch::Nothing)
    }

    /// Whether a map of this name would be recorded; for work that goes before an offer.
    pub fn wants(&self, name: &str) -> bool {
        match &self.watch {
            Watch::Nothing => false,
            Watch::Everything => true,
            Watch::Names(names) => names.contains(name),
        }
    }

    /// The names of all maps that were offered, recorded or not; [`FIGURES`] where there are plain numbers.
    pub fn offered(&self) -> &BTreeSet<String> {
        &self.offered
    }

    /// The recorded maps by name.
    pub fn maps(&self) -> &BTreeMap<String, Recorded> {
        &self.maps
    }

    /// The recorded numbers by name.
    pub fn facts(&self) -> &BTreeMap<String, f32> {
        &self.facts
    }

    fn offer(&mut self, name: &str, shown: Shown, map: impl FnOnce() -> Tensor<4>) {
        if self.is_on() {
            self.offered.insert(name.to_owned());
        }
        if self.wants(name) {
            self.maps.insert(name.to_owned(), Recorded { map: map(), shown });
        }
    }
}

#[cfg(test)]
mod tests {
    use burn::tensor::Device;

    use super::*;

    #[test]
    fn only_what_is_watched_is_computed_and_all_names_are_known() {
        let map = || Tensor::<4>::zeros([1, 1, 1, 1], &Device::flex());
        let never = || -> Tensor<4> { panic!("computed though nobody watches") };
        let mut off = Probes::off();
        off.record("a", never);
        off.fact("b", || panic!("computed though nobody watches"));
        assert!(off.offered().is_empty() && !off.is_on());
        let mut some = Probes::watching(["a".to_owned()]);
        some.record("a", map);
        some.record_image("c", never);
        some.fact("b", || panic!("computed though nobody watches"));
        assert_eq!(some.offered().iter().collect::<Vec<_>>(), ["a", "c", FIGURES]);
        assert_eq!(some.maps().keys().collect::<Vec<_>>(), ["a"]);
        let mut figures = Probes::watching([FIGURES.to_owned()]);
        figures.fact("b", || 2.0);
        assert_eq!(figures.facts()["b"], 2.0);
    }
}
