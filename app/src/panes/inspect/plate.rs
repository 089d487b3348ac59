//! The figures of papers, of the scene in view and of the pinned ones: sensors, label, what one network or two make of it, with the command that makes
//! the same from their run folders.

use std::path::Path;
use std::sync::Arc;

use fusionscope_engine::drawing::INCH;
use fusionscope_engine::files::shell;
use fusionscope_engine::plate::{Method, Plate, Wanted, WantedView, plate};
use fusionscope_engine::protocol::{
    Absence, DatasetSummary, Degraded, NetworkSummary, SceneView, SensorChange, WhatIf,
};
use fusionscope_engine::recipe::catalogue::evaluation::{self, Convention};

use crate::canvas::printed;
use crate::exhibit::{Exhibit, Format};
use crate::panes::PaneContext;

/// What they are called among what is exported.
const TITLE: &str = "Figure of the scene, as papers print it";
const OF_PINNED: &str = "Figure of the pinned scenes, as papers print them";

/// What the figure is made of.
struct Made {
    dataset: DatasetSummary,
    methods: Vec<Method>,
    wanted: Wanted,
}

impl Made {
    fn plate(&self, width: f64) -> Result<Plate, String> {
        let wanted = Wanted { width_mm: width / INCH * 25.4, ..self.wanted.clone() };
        plate(&self.dataset, &self.methods, &wanted, printed)
    }
}

/// The figures that there are; none where no network is asked.
pub(super) fn exhibits(ctx: &PaneContext<'_>) -> impl Iterator<Item = Exhibit> {
    let in_view = ctx.store.scene.shown().map(|shown| vec![shown.view.as_ref().clone()]);
    let rows = [(TITLE, in_view), (OF_PINNED, ctx.store.figured.views())];
    rows.into_iter().filter_map(|(title, views)| exhibit(ctx, title, views?))
}

/// A figure with these scenes as its rows, which were asked for alike.
fn exhibit(ctx: &PaneContext<'_>, title: &str, views: Vec<SceneView>) -> Option<Exhibit> {
    let store = ctx.store;
    let (dataset, network) = (store.dataset.as_ref()?, store.network.as_ref()?);
    let request = &views.first()?.request;
    let in_force = store.in_force.as_ref();
    let convention = in_force.map_or(Convention::NanMean, |recipe| recipe.get(evaluation::CONVENTION));
    let with = |network: &NetworkSummary| {
        let mut summary = dataset.clone();
        if !network.classes.is_empty() {
            (summary.classes, summary.colours) = (network.classes.clone(), network.colours.clone());
        }
        summary
    };
    let wanted = Wanted {
        sensors: network.sensors.clone(),
        views: request.watched.iter().map(|name| WantedView { name: name.clone(), heading: name.clone() }).collect(),
        ..Wanted::default()
    };
    let ids: Vec<&str> = views.iter().map(|view| view.id.as_str()).collect();
    let command = command(ctx, &dataset.path, &request.split, &ids.join(","), &wanted, &request.what_if);
    let own = Method { name: store.run_name(), summary: with(network), convention, views };
    let methods = match (&store.scene.beside, store.beside_name()) {
        (Some(beside), Some(name)) => Method::pair(own, name, with(&beside.network), convention).into(),
        _ => vec![own],
    };
    let made = Arc::new(Made { dataset: dataset.clone(), methods, wanted });
    let numbers = Arc::clone(&made);
    let mut exhibit = Exhibit::new(title, "figure")
        // On white alone, as its legend's colours are those of its pictures.
        .drawn(move |[width, _]| made.plate(width)?.drawing())
        .with(Format::Csv, move || Ok(numbers.plate(INCH * 7.0)?.csv.into_bytes()));
    exhibit.command = command.unwrap_or_default();
    Some(exhibit)
}

/// The command that makes the same from run folders; `None` where the network in hand has none, or where it is supposed what
/// only a file can say.
fn command(
    ctx: &PaneContext<'_>,
    data: &Path,
    split: &str,
    ids: &str,
    wanted: &Wanted,
    what_if: &WhatIf,
) -> Option<String> {
    let run = ctx.store.run.as_ref()?;
    let mut words = vec!["fusionscope".to_owned(), "figure".to_owned(), shell::word(&run.display().to_string())];
    if let (Some(beside), Some(name)) = (&ctx.store.scene.beside, ctx.store.beside_name()) {
        words.push(shell::word(&format!("{name}={}", beside.path.display())));
    }
    let mut say = |option: &str, value: &str| words.extend([option.to_owned(), shell::word(value)]);
    say("--data", &data.display().to_string());
    say("--split", split);
    say("--scenes", ids);
    if !wanted.views.is_empty() {
        let names: Vec<&str> = wanted.views.iter().map(|view| view.name.as_str()).collect();
        say("--views", &names.join(","));
    }
    for (option, value) in supposed(what_if)? {
        say(option, &value);
    }
    say("--out", "figure.svg");
    Some(words.join(" "))
}

/// What is supposed as options; `None` where only a file can say it.
fn supposed(what_if: &WhatIf) -> Option<Vec<(&'static str, String)>> {
    if !what_if.settings.is_empty() {
        return None;
    }
    let mut options = Vec::new();
    for (sensor, change) in &what_if.sensors {
        let SensorChange { absent, scene, shift, degraded, brush } = change;
        let is_of_a_file = scene.is_some() || *shift != [0, 0] || !brush.is_empty();
        let is_stood_in_for = absent.is_some_and(|absent| absent != Absence::Recipe);
        if is_of_a_file || is_stood_in_for {
            return None;
        }
        options.extend(absent.map(|_| ("--without", sensor.clone())));
        options.extend(degraded.iter().map(|(kind, severity)| {
            let worse = Degraded { sensor: sensor.clone(), kind: *kind, severity: *severity };
            ("--degrade", worse.to_string())
        }));
    }
    Some(options)
}

#[cfg(test)]
mod tests {
    use fusionscope_engine::protocol::Degradation;

    use super::*;

    #[test]
    fn absent_and_worse_sensors_are_options_and_the_rest_needs_a_file() {
        let mut what_if = WhatIf::without(&["depth"]);
        what_if.sensors.entry("colour".to_owned()).or_default().degraded.insert(Degradation::Fog, 0.6);
        let options = supposed(&what_if).unwrap();
        assert_eq!(options, [("--degrade", "colour=fog:0.6".to_owned()), ("--without", "depth".to_owned())]);
        assert_eq!(supposed(&WhatIf::default()), Some(Vec::new()));
        what_if.sensors.entry("depth".to_owned()).or_default().absent = Some(Absence::Zeros);
        assert_eq!(supposed(&what_if), None);
        let moved = SensorChange { shift: [1, 0], ..SensorChange::default() };
        let mut what_if = WhatIf::default();
        what_if.change("colour", moved);
        assert_eq!(supposed(&what_if), None);
        assert_eq!(["a b", "it's", "runs/a-1"].map(shell::word), ["'a b'", "'it'\\''s'", "runs/a-1"]);
    }
}
