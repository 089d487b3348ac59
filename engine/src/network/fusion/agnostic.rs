//! Modality-agnostic fusion as a part of a network: which maps it takes, what it leaves for the next step, what it
//! shows.

use std::cell::LazyCell;

use burn::module::Module;
use burn::tensor::Tensor;

use super::mff::{Fused, Mff, correlations, selection, similarities};
use super::way::{Beside, Classifier, Fuse, Needs, Pass, Place};
use crate::network::contract::Mode;
use crate::network::layers::Init;
use crate::network::probes::{Probes, Range};
use crate::recipe::catalogue::objective::inter_modal::{self, Reference};

/// The unit of [`Mff`] for class scores, decoder maps or a level; all its settings are live.
#[derive(Module, Debug)]
pub struct Agnostic {}

impl Fuse for Agnostic {
    const NEEDS: Needs = Needs { name: "agnostic", two_sensors: false, learns: false, classifier: Classifier::Shared };

    fn new(_place: Place, _init: &Init<'_>) -> Self {
        Self {}
    }

    /// Leaves the correlations, the map itself and what is carried.
    ///
    /// Probes: the cosines place by place, the selected sensor and its lead over the next, the norms of f_mb, f_ms and f_ma; the first scene's
    /// correlations and each sensor's share of its places as facts.
    fn fuse(&self, maps: &[Tensor<4>], pass: Pass<'_>, probes: &mut Probes, beside: &mut Beside) -> Option<Tensor<4>> {
        let name = format!("mff.anchor{}", pass.suffix());
        let mff = Mff::of(pass.recipe);
        // In evaluation no state is passed, whatever a checkpoint holds.
        let previous = pass.inputs.carried.get(&name).filter(|_| pass.mode == Mode::Train);
        let fused = mff.fuse(maps, previous)?;
        if pass.mode == Mode::Train && mff.carries() {
            beside.carried.insert(name, fused.agnostic.clone().detach().inner());
        }
        show(&fused, maps, pass, probes);
        beside.correlations = Some(match pass.recipe.get(inter_modal::REFERENCE) {
            Reference::Agnostic => correlations(maps, &fused.agnostic),
            Reference::Anchor => fused.correlations,
        });
        beside.agnostic = Some(fused.agnostic.clone());
        Some(fused.agnostic)
    }
}

/// The map of which sensor each place was taken from.
pub const SELECTION: &str = "mff.selection";

/// Offers what the unit did to whoever watches.
fn show(fused: &Fused, maps: &[Tensor<4>], pass: Pass<'_>, probes: &mut Probes) {
    let place = pass.suffix();
    let norm = |map: &Tensor<4>| map.clone().inner().square().mean_dim(1).sqrt();
    probes.record(&format!("mff.balanced{place}"), || norm(&fused.balanced));
    probes.record(&format!("mff.agnostic{place}"), || norm(&fused.agnostic));
    if let Some(selected) = &fused.selected {
        probes.record(&format!("mff.selected{place}"), || norm(selected));
    }
    let alike = LazyCell::new(|| similarities(maps, &fused.balanced));
    let chosen = LazyCell::new(|| selection(&alike).float());
    let legend: Vec<String> = pass.names().map(str::to_owned).collect();
    probes.record_classes(&format!("{SELECTION}{place}"), &legend, || chosen.clone());
    if legend.len() > 1 {
        probes.record_scalar(&format!("mff.margin{place}"), Range::plain(0.0, 2.0), || {
            let two = alike.clone().topk(2, 1);
            two.clone().narrow(1, 0, 1) - two.narrow(1, 1, 1)
        });
    }
    for (index, sensor) in legend.iter().enumerate() {
        let alike = || alike.clone().narrow(1, index, 1);
        probes.record_scalar(&format!("mff.similarity{place}.{sensor}"), Range::plain(-1.0, 1.0), alike);
        let correlation = || fused.correlations.clone().inner().narrow(0, 0, 1).narrow(1, index, 1).into_scalar();
        probes.fact(&format!("mff.correlation{place}.{sensor}"), correlation);
        let share = || chosen.clone().narrow(0, 0, 1).equal_elem(index as f64).float().mean().into_scalar();
        probes.fact(&format!("{SELECTION}.share{place}.{sensor}"), share);
    }
}

#[cfg(test)]
mod tests {
    use burn::tensor::Device;

    use super::*;
    use crate::network::contract::Inputs;
    use crate::network::testing::{recipe, values, waves};

    const SENSORS: [&str; 3] = ["colour", "thermal", "depth"];

    fn run(changes: &[(&str, &str)], inputs: &Inputs, mode: Mode, probes: &mut Probes) -> Beside {
        let recipe = recipe(changes);
        let maps = waves([[2, 3, 2, 4]; 3], &Device::flex());
        let sensors = SENSORS.map(str::to_owned);
        let pass = Pass { recipe: &recipe, inputs, mode, sensors: &sensors, branches: &[0, 1, 2], level: None };
        let mut beside = Beside::default();
        let fused = Agnostic {}.fuse(&maps, pass, probes, &mut beside).unwrap();
        assert_eq!(values(fused), values(beside.agnostic.clone().unwrap()));
        beside
    }

    #[test]
    fn training_leaves_the_map_for_the_next_step_and_inference_leaves_nothing() {
        let nothing = Inputs::new(Vec::new());
        let first = run(&[], &nothing, Mode::Train, &mut Probes::off());
        let second = Inputs { carried: first.carried.clone(), ..nothing.clone() };
        let changed = run(&[], &second, Mode::Train, &mut Probes::off());
        let [first, changed] = [first, changed].map(|output| values(output.agnostic.unwrap()));
        assert_ne!(first, changed);
        let inferred = run(&[], &second, Mode::Infer, &mut Probes::off());
        assert!(inferred.carried.is_empty());
        assert_eq!(values(inferred.agnostic.unwrap()), first, "inference looks at no other image");
        let stateless = [("mff.anchor", "mean")];
        let output = run(&stateless, &second, Mode::Train, &mut Probes::off());
        assert!(output.carried.is_empty());
        assert_eq!(values(output.agnostic.unwrap()), first);
    }

    #[test]
    fn correlations_are_those_to_the_anchor_or_to_the_result() {
        let inputs = Inputs::new(Vec::new());
        let of = |word| {
            let changes = [("objective.inter_modal.reference", word)];
            values(run(&changes, &inputs, Mode::Train, &mut Probes::off()).correlations.unwrap())
        };
        assert_eq!(of("anchor").len(), 6);
        assert_ne!(of("anchor"), of("agnostic"));
    }

    #[test]
    fn watchers_see_the_selected_sensor_with_its_name_and_shares_that_sum_to_one() {
        let mut probes = Probes::on();
        run(&[], &Inputs::new(Vec::new()), Mode::Infer, &mut probes);
        for name in ["selection", "balanced", "selected", "agnostic", "similarity.colour", "similarity.depth"] {
            let map = &probes.maps()[&format!("mff.{name}")].map;
            assert_eq!(map.dims(), [2, 1, 2, 4], "{name}");
        }
        let shares: f32 = SENSORS.iter().map(|sensor| probes.facts()[&format!("mff.selection.share.{sensor}")]).sum();
        assert!((shares - 1.0).abs() < 1e-6);
        let map = |name: &str| values(probes.maps()[name].map.clone());
        let cosines = SENSORS.map(|sensor| map(&format!("mff.similarity.{sensor}")));
        for (place, margin) in map("mff.margin").into_iter().enumerate() {
            let mut here = cosines.each_ref().map(|cosines| cosines[place]);
            here.sort_by(f32::total_cmp);
            assert!((margin - (here[2] - here[1])).abs() < 1e-6, "{margin} of {here:?}");
        }
        let correlation = probes.facts()["mff.correlation.thermal"];
        assert!(correlation != 0.0 && correlation.abs() <= 1.0 + 1e-5, "{correlation}");
    }
}
