//! How a decoder that sensors share normalises their maps.

use burn::tensor::Device;

use super::*;
use crate::network::testing::assert_close;

#[test]
fn a_shared_decoder_sees_sensors_as_one_batch_in_turn_or_with_norms_of_their_own() {
    let device = Device::flex();
    let base = [
        QUIET[0],
        QUIET[1],
        ("encoder.sharing", "separate"),
        ("decoder.sharing", "shared"),
        ("fusion.kind", "average"),
        ("objective.auxiliary", "off"),
        ("objective.contrast", "off"),
    ];
    let with = |norms| recipe(&[&base[..], &[("decoder.norms", norms)]].concat());
    let built = |norms| network(&with(norms), 2, &device);
    let run = |norms, present: [bool; 2], mode| {
        built(norms).forward(&inputs(&present, [32, 48], &device), &with(norms), mode, &mut Probes::off())
    };
    for (sensor, present) in [("colour", [true, false]), ("thermal", [false, true])] {
        let alone = head(&run("joint", present, Mode::Train), sensor);
        assert_ne!(head(&run("joint", [true; 2], Mode::Train), sensor), alone);
        for norms in ["alternating", "separate"] {
            assert_eq!(head(&run(norms, [true; 2], Mode::Train), sensor), alone, "{norms}");
        }
        let running = head(&run("joint", [true; 2], Mode::Infer), sensor);
        assert_close(&head(&run("alternating", [true; 2], Mode::Infer), sensor), &running, 1e-5);
    }
    let names = |norms| named_parameters(&built(norms)).into_iter().map(|named| named.name).collect::<Vec<_>>();
    let second = "decoder.join.norm.copy1.gamma".to_owned();
    assert!(names("separate").contains(&second) && !names("alternating").contains(&second));
    assert_eq!(names("alternating"), names("joint"));
}
