//! Modality-agnostic feature fusion.

use super::Change::Live;
use super::{Component, Kind, choice, integer, option, setting_of, variant};

/// The entries of this group.
pub(super) static COMPONENTS: &[Component] = &[Component {
    id: "mff",
    title: "Modality-agnostic fusion",
    group: "Fusion",
    source: "Any2Seg §3.3, Table 6",
    formula: "f_mb = 1/M Σ cos(f_m, f_ma) f_m,  f_ms = f_m* with m* = argmax cos(f_m, f_mb),  f_ma = f_mb + f_ms",
    summary: "Works where `fusion.kind` is mff: maps weighted by their likeness to an anchor, plus at each place the most typical sensor's; no parameters",
    watch: "The selection picture, one colour a sensor, at night and in fog; and the subset table, where any combination counts",
    curve: "segmentation.fused",
    probes: &["mff.selection*", "mff.similarity.*", "mff.balanced*", "mff.selected*", "mff.agnostic*"],
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
    settings: &[
        setting_of(
            "mff.reweight",
            "Re-weighting",
            Live,
            Kind::Switch(true),
            "Weigh each sensor's map by its correlation with the anchor; off, all weigh the same",
        ),
        setting_of(
            "mff.selection",
            "Selection",
            Live,
            Kind::Switch(true),
            "Take at each place the sensor that is most like the balanced map",
        ),
        setting_of(
            "mff.residual",
            "Residual",
            Live,
            Kind::Switch(true),
            "Add the selected and the balanced map; without selection, the balanced map and the mean",
        ),
        setting_of(
            "mff.anchor",
            "Anchor",
            Live,
            choice(
                "averaged",
                &[
                    option(
                        "averaged",
                        "The mean of the step before's result and of this step's mean (the authors' code)",
                    ),
                    option("previous", "The step before's result (the paper's words)"),
                    option("mean", "The mean of this step's maps; nothing is carried"),
                ],
            ),
            "What maps are compared with in training; without a step before, and in inference, their mean",
        ),
        setting_of(
            "mff.balance",
            "Balance",
            Live,
            choice(
                "average",
                &[
                    option("average", "The mean of the weighted maps (the paper)"),
                    option("sum", "Their sum (the authors' code)"),
                ],
            ),
            "How weighted maps become the balanced one",
        ),
        setting_of(
            "mff.added",
            "Added map",
            Live,
            choice(
                "balanced",
                &[
                    option("balanced", "The balanced map (the paper)"),
                    option("mean", "The mean of the sensors' maps (the authors' code)"),
                ],
            ),
            "What the residual adds to the selected map",
        ),
        setting_of(
            "mff.inner_iterations",
            "Inner iterations",
            Live,
            integer(1, 1, 16),
            "How often the unit runs in one pass, each time with its last result as anchor; another reading of the paper's t",
        ),
    ],
}];
