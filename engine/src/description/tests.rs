use super::*;
use crate::recipe::preset;

/// The demo recipe with changes.
fn recipe(changes: &[(&str, &str)]) -> Recipe {
    let mut recipe = preset("ogp-net-demo").unwrap();
    for (key, value) in changes {
        recipe.set_text(key, value).unwrap();
    }
    recipe
}

fn data(size: [usize; 2]) -> DataShape {
    DataShape { sensors: vec!["colour".to_owned(), "thermal".to_owned()], classes: 9, size }
}

/// ResNet-50 at 224 × 224 multiplies 4 089 184 256 times with its classifier of 2048 · 1000 (fvcore's and torchvision's
/// count).
#[test]
fn a_resnet_costs_what_is_published() {
    let recipe = recipe(&[("encoder.family", "resnet-50"), ("decoder.channels", "8"), ("objective.contrast", "off")]);
    let alone = DataShape { sensors: vec!["colour".to_owned()], ..data([224, 224]) };
    let description = Description::of(&recipe, &alone).unwrap();
    let encoder = description.multiply_adds.iter().find(|part| part.part == "encoder").unwrap();
    assert_eq!(encoder.count, 4_089_184_256 - 2048 * 1000);
    let parameters = description.parameters.iter().find(|part| part.part == "encoder").unwrap();
    assert_eq!(parameters.count, 25_557_032 - 2_049_000);
}

#[test]
fn shapes_are_those_of_the_recipes_resolution() {
    let description = Description::of(&recipe(&[]), &data([48, 80])).unwrap();
    let shape = |name: &str| description.shapes.iter().find(|shape| shape.map == name).map(|shape| shape.shape);
    assert_eq!(shape("image, 2 times"), Some([3, 48, 80]));
    assert_eq!(shape("stage 1"), Some([16, 24, 40]));
    assert_eq!(shape("stage 5"), Some([64, 3, 5]));
    assert_eq!(shape("head fused"), Some([9, 48, 80]));
    assert_eq!(
        description.multiply_adds.iter().map(|part| part.part.as_str()).collect::<Vec<_>>(),
        ["encoder", "decoder", "fusion"]
    );
    let transformer =
        recipe(&[("encoder.family", "mit-nano"), ("exchange.channel", "off"), ("objective.contrast.stages", "2,5")]);
    let description = Description::of(&transformer, &data([64, 64])).unwrap();
    assert!(description.shapes.iter().all(|shape| shape.map != "stage 1"));
    assert!(description.shapes.iter().any(|shape| shape.map == "stage 2" && shape.shape == [16, 16, 16]));
}

/// The 11.68 M that OGP-Net prints for one sensor's DeepLabV3+, and its thermal network alone.
#[test]
fn with_the_unused_head_the_single_network_counts_as_printed() {
    let mut paper = preset("ogp-net").unwrap();
    for switch in ["objective.auxiliary", "objective.contrast"] {
        paper.set_text(switch, "off").unwrap();
    }
    paper.set_text("teacher.student", "others").unwrap();
    let shape = DataShape { size: [64, 64], ..DataShape::of(&paper, 9) };
    assert_eq!(shape.sensors, ["thermal"]);
    let single = Description::of(&paper, &shape).unwrap();
    assert_eq!(single.unused_elsewhere, 384 * 1536 + 2 * 1536);
    let printed = (single.trained() + single.unused_elsewhere) as f64 / 1e6;
    assert!((printed - 11.68).abs() < 0.005, "{printed}");
    assert_eq!(Description::of(&recipe(&[]), &data([32, 32])).unwrap().unused_elsewhere, 0);
}

#[test]
fn twice_the_sensors_of_a_shared_encoder_cost_twice_and_weigh_as_much() {
    let recipe = recipe(&[("encoder.sharing", "shared"), ("exchange.channel", "off"), ("fusion.kind", "average")]);
    let of = |sensors: &[&str]| {
        let sensors = sensors.iter().map(ToString::to_string).collect();
        Description::of(&recipe, &DataShape { sensors, ..data([32, 32]) }).unwrap()
    };
    let [one, two] = [of(&["a"]), of(&["a", "b"])];
    let encoder = |parts: &[Part]| parts.iter().find(|part| part.part == "encoder").unwrap().count;
    assert_eq!(2 * encoder(&one.multiply_adds), encoder(&two.multiply_adds));
    assert_eq!(encoder(&one.parameters), encoder(&two.parameters));
}

#[test]
fn losses_and_sources_follow_the_switches() {
    let on = recipe(&[]);
    let off = recipe(&[("objective.contrast", "off"), ("exchange.spatial", "off")]);
    let ids = |recipe: &Recipe| losses(recipe).iter().map(|loss| loss.id).collect::<Vec<_>>();
    assert!(ids(&on).contains(&"objective.contrast") && !ids(&off).contains(&"objective.contrast"));
    let has = |recipe: &Recipe, id: &str| sources(recipe).iter().any(|source| source.id == id);
    assert!(has(&on, "exchange.spatial") && !has(&off, "exchange.spatial"));
    assert!(sources(&on).iter().all(|source| !source.source.is_empty()));
    assert!(!ids(&on).contains(&"objective.fusion_image") && !has(&on, "mff"));
    assert!(has(&recipe(&[("fusion.kind", "mff")]), "mff"));
    let rtfnet = recipe(&[("decoder.family", "rtfnet")]);
    let decoder = sources(&rtfnet).into_iter().find(|source| source.id == "decoder").unwrap();
    assert!(decoder.choices.iter().any(|(key, words)| *key == "decoder.family" && words.contains("RTFNet")));
}

#[test]
fn a_trial_reaches_every_parameter_and_names_every_term() {
    let recipe = recipe(&[]);
    let trial = Trial::take(&recipe, &data([64, 64])).unwrap();
    assert_eq!(trial.reached.0, trial.reached.1);
    let description = Description::of(&recipe, &data([64, 64])).unwrap();
    assert_eq!(trial.reached.1, description.trained());
    assert!(trial.terms.iter().any(|(name, _)| name == "contrast"));
    assert!(trial.terms.iter().all(|(_, value)| value.is_finite()), "{:?}", trial.terms);
}

#[test]
fn a_recipe_without_a_size_is_described_at_mfnets() {
    let paper = preset("ogp-net").unwrap();
    assert_eq!(DataShape::of(&paper, 9).size, [480, 480]);
    let delivers = DataShape::of(&preset("any2seg").unwrap(), 25);
    assert_eq!((delivers.size, delivers.sensors.len()), ([1024, 1024], 4));
    assert_eq!(DataShape::of(&preset("smmcl").unwrap(), 9).size, [480, 640]);
    let whole = recipe(&[("data.crop", "0"), ("data.height", "0"), ("data.width", "0")]);
    assert_eq!(DataShape::of(&whole, 9).size, [480, 640]);
}

#[test]
fn a_loss_is_listed_where_it_is_on_and_has_something_to_work_for() {
    let lists =
        |changes: &[(&str, &str)]| losses(&recipe(changes)).iter().any(|loss| loss.id == "objective.consistency");
    assert!(lists(&[("mfml", "on"), ("objective.consistency", "on")]));
    assert!(!lists(&[("mfml", "off"), ("objective.consistency", "on")]));
    assert!(!lists(&[("mfml", "on"), ("objective.consistency", "off")]));
}
