//! The catalogue of views: what each kind of map shows, in which unit and range, where it is from, and what has it.

/// One kind of map.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ViewKind {
    /// Its name; a `*` stands for what differs within the kind, such as a sensor or a level.
    pub name: &'static str,
    /// What it shows, in a few words.
    pub shows: &'static str,
    /// Unit and range of its values, or what its words are.
    pub range: &'static str,
    /// Paper and figure or equation; empty where it is our own.
    pub source: &'static str,
    /// What a network, or a scene, must have for it.
    pub needs: &'static str,
    /// Whether it is a table of something else than the scene's pixels.
    pub is_table: bool,
}

const fn map(
    name: &'static str,
    shows: &'static str,
    range: &'static str,
    source: &'static str,
    needs: &'static str,
) -> ViewKind {
    ViewKind { name, shows, range, source, needs, is_table: false }
}

const fn table(
    name: &'static str,
    shows: &'static str,
    range: &'static str,
    source: &'static str,
    needs: &'static str,
) -> ViewKind {
    ViewKind { name, shows, range, source, needs, is_table: true }
}

const PROBABILITY: &str = "change of probability, −1 to 1";
const SHARE: &str = "0 to 1";
const COSINE: &str = "cosine, −1 to 1";
const NATS: &str = "nat, from 0";
const PLAIN: &str = "from its smallest to its largest value";

const MFF: &str = "fusion.kind=mff with two sensors or more";
const SCI: &str = "sci.enabled and two sensors";
const COEFFICIENTS: &str = "coefficients.enabled and two sensors";
const FDAM: &str = "fdam.local.enabled and two sensors";
const MUTUAL: &str = "objective.mutual.enabled and a label of the network's classes";
const PROTOTYPES: &str = "objective.prototype.enabled, and steps that have made prototypes";
const PSL: &str = "objective.self_supervision.enabled, and steps that have made prototypes";
const TEACHER: &str = "a student that distils, opened from its run folder";
const EVERY: &str = "a network that answers";

/// Every kind of map, as the list of views groups them.
pub const VIEW_KINDS: [ViewKind; 47] = [
    map("explain.gradcam.*", "Where the class's score rises with a layer's maps", SHARE, "AMDANet Fig. 10", EVERY),
    map("explain.occlusion.*", "What the class loses without each window of a picture", PROBABILITY, "", EVERY),
    map("explain.region.*", "What each pixel's class loses without a region", PROBABILITY, "", "a region"),
    map("explain.answer.*", "What is answered without a region", "the network's classes", "", "a region"),
    map("explain.drop.*", "What each pixel's class loses without the sensor", PROBABILITY, "", "two sensors or more"),
    map("explain.share.*", "The sensor's share of what the sensors' absence changes", SHARE, "", "two sensors or more"),
    map("features.*", "The mean over a map's channels", PLAIN, "Any2Seg Fig. 5", EVERY),
    map("uncertainty.entropy.*", "How unsure a head is", NATS, "", EVERY),
    map("uncertainty.margin.*", "The lead of the most probable class", SHARE, "", "two classes or more"),
    map("uncertainty.disagreement", "How far the heads differ", NATS, "", "two heads or more"),
    map("loss.*", "Cross-entropy of each pixel", NATS, "", "a label of the network's classes"),
    map(
        "gsu.gate.*",
        "How far the gate of a sensor is open",
        SHARE,
        "OGP-Net Eqs. 7–11",
        "fusion.kind=gsu and two sensors",
    ),
    map("weighted.weights.*", "The weight of a sensor", SHARE, "", "fusion.kind=weighted and two sensors or more"),
    map("mff.similarity*", "How like the balanced map a sensor's is", COSINE, "Any2Seg Fig. 3", MFF),
    map("mff.selection*", "The sensor that each place is taken from", "the sensors", "Any2Seg Fig. 3", MFF),
    map(
        "mff.margin*",
        "The lead of the selected sensor over the next",
        "difference of cosines, 0 to 2",
        "Any2Seg §3.3",
        MFF,
    ),
    map("mff.balanced*", "Length of the balanced map's vectors", PLAIN, "Any2Seg §3.3", MFF),
    map(
        "mff.selected*",
        "Length of the selected map's vectors",
        PLAIN,
        "Any2Seg §3.3",
        "fusion.kind=mff and mff.selection",
    ),
    map("mff.agnostic*", "Length of the modality-agnostic map's vectors", PLAIN, "Any2Seg §3.3", MFF),
    map("fdam.attention*", "The attention that the picked pixel gives", PLAIN, "AMDANet Eq. 10", "fusion.kind=fdam"),
    map("fdam.gate.*", "The gate of local alignment", SHARE, "AMDANet's code", FDAM),
    table("fdam.channel.*", "Weights of channels in local alignment", SHARE, "AMDANet Eqs. 6 and 7", FDAM),
    map("fdam.spatial.*", "Weights of places in local alignment", SHARE, "AMDANet Eqs. 8 and 9", FDAM),
    map("sci.mask.*", "How far the sensors are blended", SHARE, "AMDANet Eqs. 1–5", SCI),
    map("sci.cosine.*", "How like the sensors' features are", COSINE, "AMDANet Eq. 1", SCI),
    map("coefficients.spatial.*", "Coefficients of places", SHARE, "SMMCL §3.1", COEFFICIENTS),
    table("coefficients.channel.*", "Coefficients of channels", SHARE, "SMMCL §3.1", COEFFICIENTS),
    map(
        "exchange.spatial.mask",
        "Columns that change places",
        "0 or 1",
        "OGP-Net Eq. 2",
        "exchange.spatial.enabled and two sensors",
    ),
    table(
        "exchange.gamma.*",
        "Histograms of |γ|, a strip a norm, with θ and the exchanged channels",
        "kept and exchanged channels; |γ| grows to the right, from 0",
        "OGP-Net, DMC; CEN",
        "exchange.channel.enabled, two sensors that are both there, and an encoder with batch norms a sensor",
    ),
    map("mfml.mask", "A mask such as training draws", "0 or 1", "AMDANet §3.3", "mfml.enabled"),
    map("fusion.image", "The fusion image", "colours", "AMDANet Fig. 7", "fusion_image.enabled and all sensors"),
    map("teacher.prediction", "What the teacher answers", "the network's classes", "OGP-Net Eq. 1", TEACHER),
    map("feature.difference.*", "|F − F_teacher|, the mean over channels", PLAIN, "OGP-Net Eq. 3", TEACHER),
    map(
        "relation.pixels",
        "Correlation of each pixel's scores with the teacher's",
        "Pearson, −1 to 1",
        "OGP-Net Eq. 5",
        TEACHER,
    ),
    table(
        "objective.intra_modal.features",
        "How like classes' features are",
        COSINE,
        "Any2Seg Eq. 4",
        "objective.intra_modal.enabled and a label",
    ),
    table(
        "objective.intra_modal.names",
        "How like classes' names are",
        COSINE,
        "Any2Seg Eq. 5",
        "objective.intra_modal.enabled and vectors of the names",
    ),
    table(
        "multimodal_contrast.similarity",
        "Cosines between contrasted pixels, by class",
        COSINE,
        "SMMCL §3.2",
        "objective.multimodal_contrast.enabled, two sensors and a label",
    ),
    map("mml.loss.*", "Cross-entropy of each pixel", NATS, "Cross-spectral UDA Eqs. 4–6", MUTUAL),
    map("mml.mask.intra.*", "How sure a sensor is", SHARE, "Cross-spectral UDA Fig. 3", MUTUAL),
    map("mml.mask.inter.*", "How much surer than the other", SHARE, "Cross-spectral UDA Fig. 3", MUTUAL),
    map("mml.mask.*", "Where a sensor teaches the other", SHARE, "Cross-spectral UDA Fig. 3", MUTUAL),
    map(
        "prototype.argmax.*",
        "The class of the nearest prototype",
        "the network's classes",
        "Cross-spectral UDA Eq. 3",
        PROTOTYPES,
    ),
    table("prototype.cosines", "How like each other prototypes are", COSINE, "Cross-spectral UDA Eq. 2", PROTOTYPES),
    map(
        "psl.prototypes.*",
        "What prototypes answer in self-supervision",
        "the network's classes",
        "Cross-spectral UDA Eq. 7",
        PSL,
    ),
    map(
        "psl.decoder.*",
        "What the decoder answers in self-supervision",
        "the network's classes",
        "Cross-spectral UDA Eq. 7",
        PSL,
    ),
    map(
        "psl.loss.*",
        "The divergence of the two answers",
        "nat, from its smallest to its largest value",
        "Cross-spectral UDA Eq. 7",
        PSL,
    ),
    table("figures", "Plain numbers of all parts that are watched", "as each says", "", EVERY),
];

impl ViewKind {
    /// The kind that a map's name belongs to: the narrowest that fits.
    pub fn of(name: &str) -> Option<&'static Self> {
        VIEW_KINDS.iter().filter(|kind| kind.fits(name)).max_by_key(|kind| kind.name.len())
    }

    /// Whether a map of that name is of this kind.
    pub fn fits(&self, name: &str) -> bool {
        match self.name.split_once('*') {
            Some((before, after)) => {
                name.len() >= before.len() + after.len() && name.starts_with(before) && name.ends_with(after)
            }
            None => self.name == name,
        }
    }

    /// What it shows, in what, and from where, as a sentence for a tip.
    pub fn words(&self) -> String {
        let source = if self.source.is_empty() { String::new() } else { format!(" · {}", self.source) };
        format!("{}\n{}{source}", self.shows, self.range)
    }

    /// Why a network or scene that lacks it does.
    pub fn reason(&self) -> String {
        format!("it needs {}", self.needs)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_belongs_to_the_narrowest_kind() {
        let name = |name: &str| ViewKind::of(name).map(|kind| kind.name);
        assert_eq!(name("mml.mask.intra.thermal"), Some("mml.mask.intra.*"));
        assert_eq!(name("mml.mask.thermal"), Some("mml.mask.*"));
        assert_eq!(name("mff.selection.level2"), Some("mff.selection*"));
        assert_eq!(name("fusion.image"), Some("fusion.image"));
        assert_eq!(name("made.up"), None);
    }

    #[test]
    fn every_kind_says_what_it_shows_and_what_it_needs_and_none_stands_twice() {
        for (place, kind) in VIEW_KINDS.iter().enumerate() {
            assert!(!kind.shows.is_empty() && !kind.range.is_empty() && !kind.needs.is_empty(), "{}", kind.name);
            assert!(VIEW_KINDS[..place].iter().all(|other| other.name != kind.name), "{}", kind.name);
        }
    }

    #[test]
    fn what_components_name_is_in_the_catalogue_of_views() {
        for component in crate::recipe::catalogue() {
            for probe in component.probes {
                let example = probe.replace('*', ".x").replace("..", ".");
                assert!(ViewKind::of(&example).is_some(), "{probe} of {}", component.id);
            }
        }
    }
}
