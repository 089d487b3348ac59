//! What a step asks of its device, and what is left of a run where the device fails.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use burn::tensor::Device;

use super::combination_tests::{data, shrunk, trainer};
use super::{Checkpoint, Trainer};
use crate::progress::unwatched;
use crate::readback::{counted, failing as fail};
use crate::recipe::preset;

#[test]
fn a_step_waits_for_its_device_once_unless_its_losses_choose_by_what_it_found() {
    let (_folder, dataset) = data();
    // OGP-Net looks at the norms' scales here, where that costs nothing; then at predictions for its hard anchors, and
    // at the likeness of those of each stage.
    let methods =
        [("single-demo", 1), ("baseline-demo", 1), ("smmcl-demo", 1), ("any2seg-demo", 1), ("amdanet-demo", 1)];
    for (method, most) in [&methods[..], &[("cross-spectral-uda-demo", 1), ("ogp-net-demo", 5)]].concat() {
        let mut trainer = trainer(&shrunk(preset(method).unwrap()), &dataset).unwrap();
        while !trainer.is_done() {
            let (report, waits) = counted(|| trainer.step().unwrap());
            assert!((1..=most).contains(&waits), "{method}: {waits} waits in step {}", report.step);
        }
    }
}

fn same(one: &Checkpoint, other: &Checkpoint) -> bool {
    (&one.state, &one.network, &one.optimiser, &one.carried)
        == (&other.state, &other.network, &other.optimiser, &other.carried)
}

#[test]
fn a_device_that_fails_in_a_step_leaves_the_state_before_it_to_go_on_from() {
    let (_folder, dataset) = data();
    for method in ["ogp-net-demo", "any2seg-demo", "cross-spectral-uda-demo"] {
        let mut whole = trainer(&shrunk(preset(method).unwrap()), &dataset).unwrap();
        let mut failing = trainer(&shrunk(preset(method).unwrap()), &dataset).unwrap();
        while !whole.is_done() {
            let before = whole.checkpoint();
            whole.step().unwrap();
            assert!(failing.before_broken_step().is_none(), "no step is broken off");
            fail::after(0, "out of device memory");
            assert!(catch_unwind(AssertUnwindSafe(|| failing.step())).is_err());
            let rescued = failing.before_broken_step().expect("the state before the step");
            assert!(same(&rescued, &before), "{method}: step {}", before.state.step + 1);
            let device = (Device::flex(), "CPU".to_owned());
            failing = Trainer::resume(&rescued, &dataset, device, Path::new("run"), &mut unwatched).unwrap();
            failing.step().unwrap();
            assert!(same(&failing.checkpoint(), &whole.checkpoint()), "{method}: step {}", before.state.step + 1);
        }
    }
}
