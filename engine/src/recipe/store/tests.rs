use super::*;
use crate::recipe::catalogue::data::Normalisation;
use crate::recipe::catalogue::{data, decoder, encoder, exchange, inference};
use crate::recipe::preset;

#[test]
fn a_written_recipe_reads_back_the_same() {
    let mut recipe = Recipe::defaults("x \"y\"");
    recipe.set_text("sensors.use", "colour, thermal").unwrap();
    recipe.set_text("exchange.channel", "off").unwrap();
    recipe.set_text("decoder.rates", "3,6").unwrap();
    assert_eq!(Recipe::from_toml(&recipe.to_toml(), "other").unwrap(), recipe);
}

#[test]
fn a_variant_sets_its_settings_and_is_read_back_from_them() {
    for component in catalogue().iter().filter(|component| !component.variants.is_empty()) {
        for variant in component.variants {
            let mut recipe = Recipe::defaults("r");
            recipe.set_text(&format!("{}.variant", component.id), variant.id).unwrap();
            assert_eq!(recipe.variant(component), Some(variant.id), "{}", component.id);
            let known: Vec<&str> = variant.values.iter().map(|&(key, _)| key).collect();
            let changed = recipe.differences(&Recipe::defaults("r"));
            assert!(changed.iter().all(|change| known.contains(&change.key)), "{}", component.id);
            assert_eq!(Recipe::from_toml(&recipe.to_toml(), "r").unwrap(), recipe);
        }
    }
}

#[test]
fn settings_that_match_no_variant_are_custom() {
    let exchange = component("exchange.channel").unwrap();
    let mut recipe = Recipe::defaults("r");
    assert_eq!(recipe.variant(exchange), Some("paper"));
    recipe.set_text("exchange.channel", "off").unwrap();
    assert_eq!(recipe.variant(exchange), Some("paper"), "a switch is no part of a variant");
    recipe.set_text("exchange.channel.threshold", "0.1").unwrap();
    assert_eq!(recipe.variant(exchange), Some(CUSTOM));
    assert!(recipe.to_toml().contains("# Channel exchange, variant: custom\n"));
    recipe.set_text("exchange.channel.variant", "code").unwrap();
    assert!((recipe.get(exchange::channel::SPARSITY) - 2e-4).abs() < 1e-12);
    assert_eq!(recipe.variant(component("encoder").unwrap()), None);
}

#[test]
fn unknown_variants_are_refused_and_a_file_holds_settings_alone() {
    let mut recipe = Recipe::defaults("r");
    let before = recipe.clone();
    let message = recipe.set_text("exchange.channel.variant", "custom").unwrap_err().to_string();
    assert!(message.contains("exchange.channel.variant") && message.contains("paper, code"), "{message}");
    assert!(matches!(recipe.set_text("encoder.variant", "paper"), Err(RecipeError::UnknownKey { .. })));
    assert_eq!(recipe, before);
    let in_a_file = Recipe::from_toml("exchange.channel.variant = \"code\"", "r");
    assert!(matches!(in_a_file, Err(RecipeError::UnknownKey { .. })));
}

#[test]
fn the_shipped_recipe_of_the_paper_says_which_reading_it_takes() {
    let recipe = preset("ogp-net").unwrap();
    let variants: Vec<_> = catalogue()
        .iter()
        .filter(|component| component.source.contains("OGP-Net"))
        .filter_map(|component| recipe.variant(component).map(|variant| (component.id, variant)))
        .collect();
    for expected in [
        ("data", "paper"),
        ("exchange.channel", "paper"),
        ("exchange.spatial", "paper"),
        ("fusion", "paper"),
        ("inference", "code"),
        ("objective.relation", "code"),
        ("objective.feature", "code"),
        ("objective.contrast", "paper"),
    ] {
        assert!(variants.contains(&expected), "{expected:?} is not among {variants:?}");
    }
}

#[test]
fn the_shipped_recipe_of_cross_spectral_adaptation_is_of_one_reading() {
    let recipe = preset("cross-spectral-uda").unwrap();
    for id in ["objective.mutual", "objective.prototype", "objective.self_supervision"] {
        assert_eq!(recipe.variant(component(id).unwrap()), Some("code"), "{id}");
    }
    // ImageNet's numbers for colour and 0 to 1 for thermal, whatever a manifest says of its sensors.
    assert_eq!(recipe.get(data::NORMALISATION), Normalisation::ImagenetColour);
}

#[test]
fn the_shipped_recipes_of_amdanet_and_smmcl_are_of_their_code_and_that_of_any2seg_of_its_paper() {
    for (name, reading, ids) in [
        ("amdanet", "code", &["sci", "fdam.local", "mfml", "objective.consistency", "objective.fusion_image"][..]),
        ("smmcl", "code", &["coefficients", "objective.multimodal_contrast"]),
        ("any2seg", "paper", &["mff", "objective.inter_modal"]),
    ] {
        let recipe = preset(name).unwrap();
        for id in ids {
            assert_eq!(recipe.variant(component(id).unwrap()), Some(reading), "{name}: {id}");
        }
    }
    // What its heads with batch norms take; Hamburger has none.
    assert_eq!(preset("smmcl").unwrap().get(decoder::NORM), decoder::Norm::Cmx);
}

#[test]
fn a_method_and_its_baseline_do_the_same_with_one_sensor() {
    for names in [
        &["any2seg", "any2seg-demo", "any2seg-baseline-demo"][..],
        &["smmcl", "smmcl-demo", "smmcl-baseline-demo"],
        &["amdanet", "amdanet-demo", "amdanet-baseline-demo"],
        &["cross-spectral-uda", "cross-spectral-uda-demo", "cross-spectral-uda-baseline-demo"],
        &["ogp-net", "baseline"],
        &["ogp-net-demo", "baseline-demo"],
        &["ogp-net-few-labels-demo", "baseline-few-labels-demo"],
    ] {
        let rules: Vec<_> = names.iter().map(|name| preset(name).unwrap().get(inference::SINGLE).word()).collect();
        assert!(rules.iter().all(|rule| *rule == rules[0]), "{names:?} are of {rules:?}");
    }
}

#[test]
fn unknown_keys_are_refused_with_the_nearest_one() {
    let message = Recipe::from_toml("encoder.famly = \"nano\"", "r").unwrap_err().to_string();
    assert!(message.contains("encoder.famly") && message.contains("encoder.family"), "{message}");
}

#[test]
fn values_out_of_range_nan_and_of_the_wrong_kind_are_refused() {
    for (key, value) in [
        ("data.batch_size", "-1"),
        ("training.learning_rate", "nan"),
        ("training.learning_rate", "inf"),
        ("encoder.family", "resnet"),
        ("decoder.rates", "0"),
        ("exchange.channel.stages", "1,1"),
        ("exchange.channel.enabled", "maybe"),
    ] {
        let message = Recipe::defaults("r").set_text(key, value).unwrap_err().to_string();
        let found = message.to_lowercase();
        assert!(found.contains(key) && found.contains(value) && found.contains("expected"), "{message}");
    }
}

#[test]
fn a_newer_version_and_impossible_combinations_are_refused() {
    assert!(matches!(Recipe::from_toml("version = 99", "r"), Err(RecipeError::NewerVersion { found: 99, .. })));
    let text = "encoder.sharing = \"shared\"\nexchange.channel.enabled = true";
    assert!(matches!(Recipe::from_toml(text, "r"), Err(RecipeError::Impossible { .. })));
}

#[test]
fn a_byte_order_mark_and_crlf_do_no_harm() {
    let recipe = Recipe::from_toml("\u{feff}version = 1\r\nencoder.family = \"nano\"\r\n", "r").unwrap();
    assert_eq!(recipe.get(encoder::FAMILY), encoder::Family::Nano);
}

#[test]
fn a_recipe_sent_as_json_comes_back_the_same() {
    let mut recipe = Recipe::defaults("r");
    recipe.set_text("decoder.rates", "3,6").unwrap();
    recipe.put(encoder::FAMILY, encoder::Family::MitB2).unwrap();
    let sent = serde_json::to_string(&recipe).unwrap();
    assert_eq!(serde_json::from_str::<Recipe>(&sent).unwrap(), recipe);
}

#[test]
fn a_damaged_recipe_is_refused_and_an_older_one_filled_up() {
    let read = |values: &str| serde_json::from_str::<Recipe>(&format!(r#"{{"name": "r", "values": {values}}}"#));
    let filled = read(r#"{"encoder.family": "nano"}"#).unwrap();
    assert_eq!(filled.get(encoder::FAMILY), encoder::Family::Nano);
    assert!(!filled.get(encoder::NARROW_LEVELS));
    let message = read(r#"{"encoder.family": 3}"#).unwrap_err().to_string();
    assert!(message.contains("encoder.family") && message.contains("nano"), "{message}");
    assert!(read(r#"{"encoder.famly": "nano"}"#).unwrap_err().to_string().contains("encoder.famly"));
}

#[test]
fn a_recipe_beyond_its_limit_or_without_an_end_is_refused_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("long.toml");
    let file = std::fs::File::create(&path).unwrap();
    file.set_len((1 << 20) + 1).unwrap();
    let (message, most) = crate::kernels::most_bytes(|| Recipe::read(&path).unwrap_err().to_string());
    assert!(message.contains("longer than 1 MiB") && message.ends_with("long.toml"), "{message}");
    assert!(most < 10_000, "{most} bytes");
    #[cfg(unix)]
    for path in ["/dev/zero", "/dev"] {
        let message = Recipe::read(Path::new(path)).unwrap_err().to_string();
        assert!(message.contains("not a regular file"), "{message}");
    }
}

#[test]
fn long_keys_and_values_are_refused_at_once_and_in_few_words() {
    let began = std::time::Instant::now();
    let long = "x".repeat(500_000);
    let refused = |text: &str| {
        let message = Recipe::from_toml(text, "r").unwrap_err().to_string();
        assert!(message.contains("decoder.rates") || message.contains("encoder.family"), "{}", &message[..200]);
        assert!(message.len() < 2000, "{} letters", message.len());
    };
    let numbers: Vec<String> = (1..150_000).map(|number| number.to_string()).collect();
    refused(&format!("decoder.rates = [{}]", numbers.join(",")));
    refused(&format!("decoder.rates = [{}]", "1,".repeat(300_000)));
    refused(&format!("encoder.family = \"{long}\""));
    assert!(matches!(Recipe::from_toml(&format!("{long} = 1"), "r"), Err(RecipeError::UnknownKey { hint: None, .. })));
    assert!(began.elapsed().as_secs() < 5, "{:?}", began.elapsed());
}
