//! From views of scenes to a plate.

use super::caption::caption;
use super::column::{Column, Frames, share_ranges};
use super::method::{Method, labels_of};
use super::numbers::numbers;
use super::wanted::{Painting, Wanted, WantedView};
use crate::protocol::{Content, DatasetSummary, SceneView, ViewKind, percent};

/// A figure of scenes by sensors, label and methods, ready to be drawn.
#[derive(Clone, Debug, PartialEq)]
pub struct Plate {
    /// The scenes' ids.
    pub(super) scenes: Vec<String>,
    /// The methods' names.
    pub(super) methods: Vec<String>,
    pub(super) columns: Vec<Column>,
    pub(super) wanted: Wanted,
    /// What it shows, in sentences that can stand under it.
    pub caption: String,
    /// The numbers behind it, as CSV.
    pub csv: String,
    /// What was asked for and has no column, and why.
    pub left_out: Vec<String>,
}

/// Lays out what methods made of the same scenes; a sentence where something was asked for that none of them shows.
pub fn plate(dataset: &DatasetSummary, methods: &[Method], wanted: &Wanted, paint: Painting) -> Result<Plate, String> {
    let scenes: Vec<String> =
        methods.first().map(|first| first.views.iter().map(|view| view.id.clone()).collect()).unwrap_or_default();
    if scenes.is_empty() {
        return Err("a figure takes one run and one scene at least".to_owned());
    }
    for method in methods {
        if !method.views.iter().map(|view| &view.id).eq(&scenes) {
            return Err(format!("`{}` was asked about other scenes than `{}`", method.name, methods[0].name));
        }
    }
    let unknown = wanted.crops.iter().filter_map(|crop| crop.scene.as_ref()).find(|&id| !scenes.contains(id));
    if let Some(unknown) = unknown {
        return Err(format!("--crop: `{unknown}` is none of the scenes of this figure: {}", scenes.join(", ")));
    }
    let (mut columns, mut left_out) = (inputs(dataset, methods, wanted)?, Vec::new());
    let views: Vec<&WantedView> = wanted.views.iter().filter(|view| !is_input(methods, &view.name)).collect();
    for view in &views {
        check(methods, view)?;
    }
    for (place, method) in methods.iter().enumerate() {
        let prediction = |view: &SceneView, content: &Content| match content {
            Content::Prediction(head) => view.answer.as_ref() == Some(head),
            _ => false,
        };
        let own = columns.len();
        if let Some(column) = Frames::of(&method.views, &method.summary, prediction) {
            columns.push(Frames { method: Some(place), heading: "prediction".to_owned(), ..column });
        }
        for view in &views {
            let column = Frames::of(&method.views, &method.summary, |_, content| content.name() == view.name);
            if let Some(column) = column {
                columns.push(Frames { method: Some(place), heading: view.heading.clone(), ..column });
            } else {
                left_out.push(format!("`{}` has no view `{}`: {}", method.name, view.name, why_not(method, view)));
            }
        }
        if columns.len() == own {
            let why = method.views.iter().find_map(|view| view.unfit.as_deref()).unwrap_or("it predicts nothing");
            left_out.push(format!("`{}` has no column: {why}", method.name));
        }
        // A method with one picture is called by its name alone.
        if columns.len() == own + 1 {
            columns[own].heading.clone_from(&method.name);
        }
    }
    share_ranges(&mut columns);
    let mut painted: Vec<Column> = columns.iter().map(|column| column.painted(paint)).collect();
    if wanted.shows_miou {
        for (column, frames) in painted.iter_mut().zip(&columns) {
            note_miou(column, frames, methods);
        }
    }
    Ok(Plate {
        caption: caption(dataset, methods, &columns, wanted),
        csv: numbers(methods, &columns),
        methods: methods.iter().map(|method| method.name.clone()).collect(),
        scenes,
        columns: painted,
        wanted: wanted.clone(),
        left_out,
    })
}

/// The columns of sensors, then that of the label where a scene has one.
fn inputs<'a>(dataset: &'a DatasetSummary, methods: &'a [Method], wanted: &Wanted) -> Result<Vec<Frames<'a>>, String> {
    let views = &methods[0].views;
    let mut columns = Vec::new();
    let asked = wanted.sensors.iter().map(|name| (name, name));
    let more = wanted.views.iter().filter(|view| is_input(methods, &view.name) && view.name != Content::Label.name());
    let more = more.filter(|view| !wanted.sensors.contains(&view.name)).map(|view| (&view.name, &view.heading));
    for (name, heading) in asked.chain(more) {
        let sensor = Content::Sensor(name.clone());
        let column = Frames::of(views, dataset, |_, content| *content == sensor);
        let column = column.ok_or_else(|| format!("no picture of the sensor `{name}` is there"))?;
        let own = wanted.views.iter().find(|view| view.name == *name).map_or(heading, |view| &view.heading);
        columns.push(Frames { heading: own.clone(), ..column });
    }
    if let Some(label) = Frames::of(views, dataset, |_, content| *content == Content::Label) {
        let own = wanted.views.iter().find(|view| view.name == label.name);
        let heading = own.map_or_else(|| label.name.clone(), |view| view.heading.clone());
        columns.push(Frames { heading, ..label });
    }
    Ok(columns)
}

/// Whether a view is of the scene alone, not of what a method makes of it.
fn is_input(methods: &[Method], name: &str) -> bool {
    let tiles = methods[0].views.iter().flat_map(|view| &view.tiles);
    name == Content::Label.name()
        || tiles.map(|tile| &tile.content).any(|content| matches!(content, Content::Sensor(sensor) if sensor == name))
}

/// Refuses a view that no method has of any scene.
fn check(methods: &[Method], wanted: &WantedView) -> Result<(), String> {
    let tiles = methods.iter().flat_map(|method| &method.views).flat_map(|view| &view.tiles);
    if tiles.map(|tile| tile.content.name()).any(|name| name == wanted.name) {
        return Ok(());
    }
    let reasons: Vec<String> =
        methods.iter().map(|method| format!("of `{}`: {}", method.name, why_not(method, wanted))).collect();
    Err(format!("--views: `{}` cannot be shown {}", wanted.name, reasons.join("; ")))
}

fn why_not(method: &Method, wanted: &WantedView) -> String {
    let refused = method.views.iter().flat_map(|view| &view.refused).find(|(name, _)| *name == wanted.name);
    if let Some((_, reason)) = refused {
        return reason.clone();
    }
    if let Some(kind) = ViewKind::of(&wanted.name) {
        return kind.reason();
    }
    let mut known: Vec<&str> = method.views.iter().flat_map(|view| &view.offered).map(String::as_str).collect();
    known.sort_unstable();
    known.dedup();
    format!("there is no such view; choose among {}", known.join(", "))
}

fn note_miou(column: &mut Column, frames: &Frames<'_>, methods: &[Method]) {
    let Some(method) = frames.method.map(|place| &methods[place]) else { return };
    for (scene, cell) in column.cells.iter_mut().enumerate() {
        let Some((Content::Prediction(_), _)) = frames.shown[scene] else { continue };
        let truth = labels_of(&methods[0].views[scene], &Content::Label);
        let miou = method.counts(scene, truth).and_then(|counts| method.miou(&counts));
        if let (Some(cell), Some(miou)) = (cell, miou) {
            cell.note = format!("{} %", percent(miou));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plate::sample::{methods, paint, summary};

    const ENTROPY: &str = "uncertainty.entropy.fused";

    fn wanted(views: &[&str]) -> Wanted {
        Wanted {
            sensors: ["colour", "thermal"].map(str::to_owned).to_vec(),
            views: views.iter().map(|view| view.parse().unwrap()).collect(),
            ..Wanted::default()
        }
    }

    fn headings(plate: &Plate) -> Vec<&str> {
        plate.columns.iter().map(|column| column.heading.as_str()).collect()
    }

    #[test]
    fn columns_are_sensors_then_label_then_what_each_method_makes_of_the_scene() {
        let (summary, methods) = (summary(), methods());
        let plain = plate(&summary, &methods, &wanted(&[]), paint).unwrap();
        assert_eq!(headings(&plain), ["colour", "thermal", "label", "ours", "baseline"]);
        assert_eq!(plain.scenes, ["a", "b"]);
        let asked = wanted(&["thermal=Thermal", "error.fused=Errors", "uncertainty.entropy.fused=Entropy", "label"]);
        let more = plate(&summary, &methods, &asked, paint).unwrap();
        let wanted = ["colour", "Thermal", "label", "prediction", "Errors", "Entropy", "prediction", "Errors"];
        assert_eq!(headings(&more), wanted);
        assert_eq!(
            more.columns.iter().map(|column| column.method).collect::<Vec<_>>(),
            [None, None, None, Some(0), Some(0), Some(0), Some(1), Some(1)]
        );
        assert_eq!(more.left_out.len(), 1);
        assert!(more.left_out[0].contains("`baseline` has no view `uncertainty.entropy.fused`"), "{:?}", more.left_out);
    }

    #[test]
    fn one_bar_holds_for_a_view_of_all_scenes() {
        let plate = plate(&summary(), &methods(), &wanted(&[ENTROPY]), paint).unwrap();
        let column = plate.columns.iter().find(|column| column.heading == ENTROPY).unwrap();
        let bar = column.key.bar.as_ref().unwrap();
        assert_eq!((bar.low, bar.high, bar.unit.as_str()), (0.0, 2.0, "nat"));
        // The last column of both scenes' maps is their largest value: 1 in the one, 2 in the other.
        let last = |scene: usize| column.cells[scene].as_ref().unwrap().pixels.get_pixel(15, 0).0[0];
        assert_eq!((last(0), last(1)), (128, 255));
    }

    #[test]
    fn the_mean_iou_of_a_scene_stands_under_a_prediction_where_asked() {
        let asked = Wanted { shows_miou: true, ..wanted(&[]) };
        let plate = plate(&summary(), &methods(), &asked, paint).unwrap();
        let notes = |column: usize| {
            plate.columns[column].cells.iter().map(|cell| cell.as_ref().unwrap().note.clone()).collect::<Vec<_>>()
        };
        assert_eq!((notes(0), notes(2)), (vec![String::new(); 2], vec![String::new(); 2]));
        // Of b half the car is taken for road: IoU 104/116 of the road, 1/2 of the car, 1 of the sky.
        assert_eq!(notes(3), ["100.0 %", "79.9 %"]);
        assert_eq!(notes(4), ["60.4 %", "60.4 %"]);
    }

    #[test]
    fn what_no_method_shows_is_refused_with_the_reason() {
        let refused = |view: &str| plate(&summary(), &methods(), &wanted(&[view]), paint).unwrap_err();
        assert!(refused("fdam.gate.stage2").contains("alignment is switched off"), "{}", refused("fdam.gate.stage2"));
        assert!(refused("mff.selection").contains("fusion.kind=mff"), "{}", refused("mff.selection"));
        let unknown = refused("nonsense");
        assert!(unknown.contains("of `ours`: there is no such view") && unknown.contains(ENTROPY), "{unknown}");
        let crop = Wanted { crops: vec!["c=0,0,1,1".parse().unwrap()], ..wanted(&[]) };
        let refused = plate(&summary(), &methods(), &crop, paint).unwrap_err();
        assert!(refused.contains("`c` is none of the scenes of this figure: a, b"), "{refused}");
        assert!(plate(&summary(), &[], &wanted(&[]), paint).unwrap_err().contains("one run and one scene"));
        let mut others = methods();
        others[1].views.swap(0, 1);
        assert!(plate(&summary(), &others, &wanted(&[]), paint).unwrap_err().contains("other scenes"));
    }
}
