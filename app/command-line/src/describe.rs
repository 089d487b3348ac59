//! `fusionscope describe`: what a recipe comes to, for people or as JSON.

use fusionscope_engine::description::{DataShape, Description, Loss, Part, Trial};

use fusionscope_engine::protocol::counted;

use super::arguments::DescribeArguments;
use super::exit::{Exit, OrFail as _, Outcome};
use super::output;
use super::train::{apply_settings, named_or_file};

/// Resolves a recipe, builds its network, and prints stages, parameters, cost, losses and sources; with `--step` it
/// also takes a forward and a backward pass.
pub fn run(arguments: &DescribeArguments) -> Outcome {
    let mut recipe = named_or_file(&arguments.recipe)?;
    apply_settings(&mut recipe, &arguments.settings)?;
    recipe.check().or_fail()?;
    let mut data = DataShape::of(&recipe, arguments.classes.into());
    if !arguments.sensors.is_empty() {
        data.sensors.clone_from(&arguments.sensors);
    }
    if let Some((width, height)) = arguments.size {
        data.size = [height as usize, width as usize];
    }
    // The trial comes first: the most memory that a process held never falls.
    let trial = if arguments.step { Some(Trial::take(&recipe, &data).or_fail()?) } else { None };
    let description = Description { trial, ..Description::of(&recipe, &data).or_fail()? };
    if arguments.json {
        output::json(&description)?;
    } else {
        output::text(&text(&description));
    }
    Ok(Exit::Done)
}

fn text(description: &Description) -> String {
    let Description { recipe, data, shapes, running_statistics, losses, sources, trial, .. } = description;
    let [height, width] = data.size;
    let mut text = format!(
        "{recipe}: {}, {}, {height} × {width} pixels\n",
        data.sensors.join(" + "),
        counted(data.classes as u64, "class/classes")
    );
    text.push_str("\nMaps (channels × height × width)\n");
    for shape in shapes {
        let [channels, height, width] = shape.shape;
        text.push_str(&format!("  {:<28} {channels:>5} × {height} × {width}\n", shape.map));
    }
    let total = description.trained();
    text.push_str(&format!(
        "\nParameters: {} trained, {} running statistics beside them\n",
        grouped(total),
        grouped(*running_statistics)
    ));
    text.push_str(&table(&description.parameters));
    if description.unused_elsewhere > 0 {
        text.push_str(&format!(
            "  segmentation-models-pytorch counts {} more, which papers print with the rest: the encoder's last convolution, \
             which nothing uses\n",
            grouped(description.unused_elsewhere)
        ));
    }
    text.push_str(&format!("\nMultiply-adds of one scene's forward pass: {:.2} G\n", description.cost() as f64 / 1e9));
    text.push_str(&table(&description.multiply_adds));
    text.push_str("\nLosses\n");
    for loss in losses {
        text.push_str(&format!("  {} ({})\n    {}\n", loss.title, or_own(loss.source), settings(loss)));
    }
    text.push_str("\nSources\n");
    for source in sources {
        let variant = source.variant.map_or_else(String::new, |variant| format!(", {variant} variant"));
        text.push_str(&format!("  {:<28} {}{variant}\n", source.title, source.source));
        for (key, chosen) in &source.choices {
            text.push_str(&format!("    {key}: {chosen}\n"));
        }
    }
    if let Some(trial) = trial {
        text.push_str(&trial_text(trial));
    }
    text
}

fn trial_text(trial: &Trial) -> String {
    let Trial { checkpointing, forward_secs, backward_secs, terms, reached: (reached, all), peak_bytes } = trial;
    let checkpointing = if *checkpointing { "with" } else { "without" };
    let memory = peak_bytes.map_or_else(|| "unknown".to_owned(), |bytes| format!("{:.2} GiB", gibibytes(bytes)));
    let mut text = format!(
        "\nOne step of one scene on the CPU, {checkpointing} gradient checkpointing\n  forward and losses {forward_secs:.1} s, backward \
         {backward_secs:.1} s, peak memory {memory}\n  gradients for {} of {} trained numbers\n",
        grouped(*reached),
        grouped(*all)
    );
    for (name, value) in terms {
        text.push_str(&format!("  {name:<28} {value:.4}\n"));
    }
    text
}

fn gibibytes(bytes: u64) -> f64 {
    bytes as f64 / f64::from(1 << 30)
}

fn table(parts: &[Part]) -> String {
    parts.iter().map(|part| format!("  {:<28} {:>16}\n", part.part, grouped(part.count))).collect()
}

fn settings(loss: &Loss) -> String {
    let short = |key: &str| {
        key.strip_prefix(loss.id).map_or_else(|| key.to_owned(), |key| key.trim_start_matches('.').to_owned())
    };
    let words: Vec<String> = loss.settings.iter().map(|(key, value)| format!("{} {value}", short(key))).collect();
    words.join(", ")
}

fn or_own(source: &str) -> &str {
    if source.is_empty() { "no source" } else { source }
}

/// A number with its thousands apart.
fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(' ');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use fusionscope_engine::recipe::Recipe;

    use super::*;

    #[test]
    fn thousands_stand_apart() {
        assert_eq!([0, 999, 1000, 25_557_032].map(grouped), ["0", "999", "1 000", "25 557 032"]);
    }

    #[test]
    fn a_description_names_its_stages_totals_losses_and_sources() {
        let recipe = Recipe::named_or_file("ogp-net-demo").unwrap();
        let data = DataShape { size: [32, 48], ..DataShape::of(&recipe, 5) };
        let trial = Trial {
            checkpointing: true,
            forward_secs: 1.25,
            backward_secs: 2.5,
            terms: vec![("contrast".to_owned(), 0.5)],
            reached: (7, 8),
            peak_bytes: Some(3 << 29),
        };
        let description = Description { trial: Some(trial), ..Description::of(&recipe, &data).unwrap() };
        let text = text(&description);
        for words in [
            "ogp-net-demo: colour + thermal, 5 classes, 32 × 48 pixels",
            "stage 5",
            "head fused",
            &grouped(description.trained()),
            "OGP-Net Eq. 2",
            "Losses",
            "with gradient checkpointing",
            "peak memory 1.50 GiB",
            "gradients for 7 of 8",
        ] {
            assert!(text.contains(words), "{words} is not in\n{text}");
        }
    }
}
