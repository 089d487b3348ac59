//! Modality-agnostic feature fusion (Any2Seg).

use super::fusion;
use crate::recipe::choice::choice;
use crate::recipe::component::{Component, settings, variant};
use crate::recipe::key::{integer, switch};

choice! {
    /// What maps are compared with in training; without a step before, and in inference, their mean.
    pub enum Anchor {
        Averaged = "averaged": "The mean of the step before's result and of this step's mean (the authors' code)",
        Previous = "previous": "The step before's result (the paper's words)",
        Mean = "mean": "The mean of this step's maps; nothing is carried",
    }
}

choice! {
    /// How weighted maps become the balanced one.
    pub enum Balance {
        Average = "average": "The mean of the weighted maps (the paper)",
        Sum = "sum": "Their sum (the authors' code)",
    }
}

choice! {
    /// What the residual adds to the selected map.
    pub enum Added {
        Balanced = "balanced": "The balanced map (the paper)",
        Mean = "mean": "The mean of the sensors' maps (the authors' code)",
    }
}

settings! {
    REWEIGHT: bool = "mff.reweight", "Re-weighting", Live, switch(true),
        "Weigh each sensor's map by its correlation with the anchor; off, all weigh the same";
    SELECTION: bool = "mff.selection", "Selection", Live, switch(true),
        "Take at each place the sensor that is most like the balanced map";
    RESIDUAL: bool = "mff.residual", "Residual", Live, switch(true),
        "Add the selected and the balanced map; without selection, the balanced map and the mean";
    ANCHOR: Anchor = "mff.anchor", "Anchor", Live, Anchor::Averaged.by_default(),
        "What maps are compared with in training; without a step before, and in inference, their mean";
    BALANCE: Balance = "mff.balance", "Balance", Live, Balance::Average.by_default(),
        "How weighted maps become the balanced one";
    ADDED: Added = "mff.added", "Added map", Live, Added::Balanced.by_default(),
        "What the residual adds to the selected map";
    INNER_ITERATIONS: usize = "mff.inner_iterations", "Inner iterations", Live, integer(1, 1, 16),
        "How often the unit runs in one pass, each time with its last result as anchor; another reading of the paper's t";
}

/// The entry.
pub(in crate::recipe) const COMPONENT: Component = Component {
    id: "mff",
    title: "Modality-agnostic fusion",
    group: "Fusion",
    source: "Any2Seg §3.3, Table 6",
    formula: "f_mb = 1/M Σ cos(f_m, f_ma) f_m,  f_ms = f_m* with m* = argmax cos(f_m, f_mb),  f_ma = f_mb + f_ms",
    summary: "Works where `fusion.kind` is mff: maps weighted by their likeness to an anchor, plus at each place the most typical sensor's; no parameters",
    watch: "The selection picture, one colour a sensor, at night and in fog; and the subset table, where any combination counts",
    curve: "segmentation.fused",
    probes: &["mff.selection*", "mff.margin*", "mff.similarity.*", "mff.balanced*", "mff.selected*", "mff.agnostic*"],
    variants: &[
        variant(
            "paper",
            "The mean of the weighted maps, the balanced map added, the map of the iteration before as anchor",
            &[("mff.balance", "average"), ("mff.added", "balanced"), ("mff.anchor", "previous")],
        ),
        variant(
            "code",
            "The authors' code: the sum of the weighted maps, the sensors' mean added, the anchor averaged with that mean",
            &[("mff.balance", "sum"), ("mff.added", "mean"), ("mff.anchor", "averaged")],
        ),
    ],
    settings: SETTINGS,
    serves: |settings| settings.get(fusion::KIND) == fusion::Kind::Mff,
    ..Component::BLANK
};
