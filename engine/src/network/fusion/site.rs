//! Where fusion stands in a network: one unit for class scores or decoder maps, or one for each level.

use burn::module::Module;
use burn::tensor::Tensor;

use super::average::mean;
use super::way::{Beside, Classifier, Fuse, Needs, Pass, Place};
use crate::network::error::NetworkError;
use crate::network::layers::{Conv, ConvShape, Init};
use crate::network::probes::Probes;
use crate::recipe::catalogue::fusion::{Kind, Level, Start};

/// What is fused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Site {
    /// The sensors' class scores.
    Scores,
    /// Their decoder maps, before a classifier.
    Maps,
    /// Each of the encoder's four levels; one decoder reads what comes out.
    Levels,
}

impl Site {
    /// Every site.
    pub const ALL: [Self; 3] = [Self::Scores, Self::Maps, Self::Levels];

    /// The site that `fusion.level` names.
    pub const fn of(level: Level) -> Self {
        match level {
            Level::Logits => Self::Scores,
            Level::Decoder => Self::Maps,
            Level::Levels => Self::Levels,
        }
    }
}

/// The network around a fusion.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    /// The way of fusing.
    pub kind: Kind,
    /// What is to be fused.
    pub level: Level,
    /// How many sensors there are.
    pub sensors: usize,
    /// How many classes.
    pub classes: usize,
    /// Channels of a decoder map.
    pub channels: usize,
    /// Channels of the four levels.
    pub widths: [usize; 4],
    /// Which of the four levels the decoder looks at.
    pub read: [bool; 4],
    /// Whether all sensors share one decoder.
    pub shares_decoder: bool,
    /// For how many places of a side keys and values stand at the first level.
    pub reduction: usize,
    /// What weights begin with, if there is a choice.
    pub start: Start,
}

/// A way of fusing where it stands.
#[derive(Module, Debug)]
pub struct Sited<U: Module> {
    /// For class scores or decoder maps.
    unit: Option<U>,
    /// One a level, for levels; `None` where the plain mean has to do.
    levels: Vec<Option<U>>,
    /// Its own classifier of fused decoder maps.
    head: Option<Conv>,
    #[module(skip)]
    site: Site,
}

impl<U: Fuse> Sited<U> {
    /// As planned; what it needs and does not find is an error.
    pub fn new(plan: &Plan, init: &Init<'_>) -> Result<Self, NetworkError> {
        let Plan { kind, sensors, classes, channels, .. } = *plan;
        let Needs { name, two_sensors, learns, classifier } = U::NEEDS;
        let impossible = |key: &str, reason: String| Err(NetworkError::Impossible { key: key.to_owned(), reason });
        if two_sensors && sensors != 2 {
            let kind = kind.word();
            let reason =
                format!("`{kind}` joins exactly two sensors, found {sensors}; choose `average` or name two sensors");
            return impossible("fusion.kind", reason);
        }
        if let Some(reason) = kind.refuses(plan.level) {
            return impossible("fusion.level", reason.to_owned());
        }
        let site = match Site::of(plan.level) {
            Site::Maps if classifier == Classifier::Before => Site::Scores,
            site => site,
        };
        let unit = |channels, level: Option<usize>, init: &Init<'_>| {
            let reduction = (plan.reduction >> level.unwrap_or(0)).max(1);
            U::new(Place { channels, sensors, level, reduction, start: plan.start }, init)
        };
        let at_level = |level: usize| {
            let init = init.at("levels").at(format_args!("level{}", level + 1));
            (plan.read[level] || !learns).then(|| unit(plan.widths[level], Some(level), &init))
        };
        let init = init.at(name);
        let owns_head = classifier == Classifier::Own || (classifier == Classifier::Shared && !plan.shares_decoder);
        Ok(match site {
            Site::Scores => Self { unit: Some(unit(classes, None, &init)), levels: Vec::new(), head: None, site },
            Site::Maps => {
                let head = owns_head.then(|| {
                    let width = U::width(channels);
                    let shape = ConvShape::pointwise(width, classes).biased();
                    Conv::with_deviation(shape, (width as f64).recip().sqrt(), &init.at("head"))
                });
                Self { unit: Some(unit(channels, None, &init)), levels: Vec::new(), head, site }
            }
            Site::Levels => Self { unit: None, levels: (0..4).map(at_level).collect(), head: None, site },
        })
    }
}

/// A way of fusing where it stands, whichever it is.
pub(super) trait AtSite {
    fn site(&self) -> Site;
    fn needs(&self) -> Needs;
    fn head(&self) -> Option<&Conv>;
    fn fuse(&self, maps: &[Tensor<4>], pass: Pass<'_>, probes: &mut Probes, beside: &mut Beside) -> Option<Tensor<4>>;
}

impl<U: Fuse> AtSite for Sited<U> {
    fn site(&self) -> Site {
        self.site
    }

    fn needs(&self) -> Needs {
        U::NEEDS
    }

    fn head(&self) -> Option<&Conv> {
        self.head.as_ref()
    }

    fn fuse(&self, maps: &[Tensor<4>], pass: Pass<'_>, probes: &mut Probes, beside: &mut Beside) -> Option<Tensor<4>> {
        let unit = pass.level.map_or(self.unit.as_ref(), |level| self.levels.get(level)?.as_ref());
        match unit {
            Some(unit) => unit.fuse(maps, pass, probes, beside),
            None => mean(maps),
        }
    }
}

#[cfg(test)]
mod tests {
    use burn::tensor::Device;

    use super::*;
    use crate::network::fusion::Fusion;
    use crate::network::testing::{self, passing, values, waves};
    use crate::random::Streams;
    use crate::recipe::catalogue::fusion;

    #[test]
    fn a_level_that_no_decoder_reads_has_no_unit_to_train_and_is_the_mean() {
        let device = Device::flex();
        for kind in [Kind::Gsu, Kind::Concat, Kind::Fdam] {
            let plan = Plan {
                kind,
                level: Level::Levels,
                sensors: 2,
                classes: 4,
                channels: 8,
                widths: [8; 4],
                read: [true, false, false, true],
                shares_decoder: true,
                reduction: 8,
                start: Start::Authors,
            };
            let fusion = Fusion::build(&plan, &Init::new(&Streams::new(1), &device)).unwrap().unwrap();
            let maps = waves([[1, 8, 2, 2]; 2], &device);
            let at = |level| {
                let fuse = |pass: Pass<'_>| fusion.fuse(&maps, pass, &mut Probes::off(), &mut Beside::default());
                values(passing(&[0, 1], Some(level), fuse).unwrap())
            };
            let mean = values(mean(&maps).unwrap());
            assert_eq!([0, 1, 2, 3].map(|level| at(level) == mean), [false, true, true, false], "{kind:?}");
        }
    }

    #[test]
    fn a_recipe_is_refused_for_its_fusion_exactly_where_no_network_could_be_built() {
        for (kind, level) in Kind::ALL.into_iter().flat_map(|kind| Level::ALL.map(|level| (kind, level))) {
            let recipe = testing::recipe(&[(fusion::KIND.id(), kind.word()), (fusion::LEVEL.id(), level.word())]);
            let sensors = ["a", "b"].map(str::to_owned);
            let built = crate::network::Network::build(&recipe, &sensors, 4, &Streams::new(1), &Device::flex());
            assert_eq!(recipe.check().is_ok(), built.is_ok(), "{kind:?} at {level:?}");
        }
    }
}
