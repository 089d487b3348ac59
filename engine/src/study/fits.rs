//! Whether a study's data set and files can give its rows and figures, before any run begins.

use std::collections::BTreeSet;
use std::path::Path;

use super::definition::Study;
use super::figure::Figure;
use super::of_protocol::OfProtocol;
use super::over::Over;
use super::product::Product;
use super::rows::Row;
use crate::data::{DataError, Dataset, Reading, SampleEntry, VectorFile, sensors_in_use};
use crate::failure::{Failing, FailureKind};
use crate::network::file_and_prefix;
use crate::protocol::MEAN_OF_TAGS;
use crate::recipe::Key;
use crate::recipe::catalogue::encoder::Pretrained;
use crate::recipe::catalogue::{adaptation, data, encoder, objective, sensors, teacher};
use crate::training::RunFolder;

/// The split that every run is trained on.
const TRAINED_ON: &str = "train";

/// A row that could not be, or a figure that no row could have: what was expected and what was found, the path last.
#[derive(Debug, thiserror::Error)]
#[error("{of}: {reason}")]
pub struct Unfit {
    /// The row or the figure.
    of: String,
    reason: String,
}

impl Failing for Unfit {
    /// Another row, figure, file or data set helps.
    fn kind(&self) -> Option<FailureKind> {
        Some(FailureKind::Refused)
    }
}

impl Study {
    /// Refuses what this data set, opened as it is, and the files that the rows' recipes name cannot give: a row that
    /// could not be trained or scored, a figure that no row could have. What rows make for each other is taken as there.
    pub fn check(&self, dataset: &Dataset) -> Result<(), Unfit> {
        let in_data = |reason: String| format!("{reason}: {}", dataset.root.display());
        let mut scored = Vec::new();
        for row in &self.rows {
            let refused = |reason: String| Unfit { of: format!("row `{}`", row.name), reason };
            check_files(row).map_err(refused)?;
            let read = dataset.clone().read_as(&Reading::of(&row.recipe));
            let read = read.map_err(|error| refused(format!("`{}`: {error}", data::CLASS_MAP.id())))?;
            let sensors = sensors_of(row, &read).map_err(|reason| refused(in_data(reason)))?;
            if row.is_shown {
                scored.push(Scored::of(&self.split, &read, sensors).map_err(|reason| refused(in_data(reason)))?);
            }
            if let Some(what_if) = &row.what_if {
                read.can_suppose(what_if).map_err(|why| refused(in_data(format!("`evaluate`: {why}"))))?;
            }
        }
        for figure in &self.figures {
            check_figure(figure, &self.split, dataset, &scored)
                .map_err(|reason| Unfit { of: format!("figure `{}`", figure.title), reason: in_data(reason) })?;
        }
        Ok(())
    }
}

/// Refuses a row whose recipe names what is not there.
fn check_files(row: &Row) -> Result<(), String> {
    let is_made = |key: Key<String>| row.needs.iter().any(|need| need.product.key().id() == key.id());
    let named = |key: Key<String>| Some(row.recipe.get(key)).filter(|text| !text.is_empty() && !is_made(key));
    if let Some(Pretrained::File(text)) = named(encoder::PRETRAINED).map(Pretrained::of) {
        let (file, _prefix) = file_and_prefix(Path::new(text));
        if !file.is_file() {
            let (key, shipped) = (encoder::PRETRAINED.id(), Pretrained::shipped_names().join(", "));
            return Err(format!("`{key}`: expected a file or one of {shipped}, found no file: {}", file.display()));
        }
    }
    if let Some(run) = named(teacher::RUN) {
        RunFolder::open(Path::new(run)).map_err(|error| format!("`{}`: {error}", teacher::RUN.id()))?;
    }
    if let Some(file) = named(objective::language::VECTORS) {
        let key = objective::language::VECTORS.id();
        VectorFile::open(Path::new(file)).map_err(|error| format!("`{key}`: {error}"))?;
    }
    for key in [data::pseudo_labels::FILES, data::fake_night::FILES] {
        // Patterns are of the data set, which may do without such files.
        let folder = named(key).filter(|text| !text.contains("{id}")).map(Path::new);
        if let Some(folder) = folder.filter(|folder| !folder.is_dir()) {
            let expected = "expected a folder, or a pattern with `{id}`, found no folder";
            return Err(format!("`{}`: {expected}: {}", key.id(), folder.display()));
        }
    }
    Ok(())
}

/// The sensors of the row's network, by name; or why it could not be trained on the data set, read as its recipe says.
fn sensors_of(row: &Row, dataset: &Dataset) -> Result<Vec<String>, String> {
    let recipe = &row.recipe;
    let places = sensors_in_use(recipe, dataset).map_err(|error| format!("`{}`: {error}", sensors::USE.id()))?;
    let names: Vec<String> = places.into_iter().map(|place| dataset.modalities[place].name.clone()).collect();
    let mut resolved = recipe.clone();
    // Settings that name sensors are held against these.
    resolved.put(sensors::USE, names.clone()).and_then(|()| resolved.check()).map_err(|error| error.to_string())?;
    let unseen = recipe.get(teacher::STUDENT).unseen();
    if names.len() <= unseen {
        let (key, known) = (teacher::STUDENT.id(), names.join(", "));
        return Err(format!("`{key}` leaves the student no sensor of {known}; name two in `{}`", sensors::USE.id()));
    }
    for need in &row.needs {
        if let Product::PseudoLabels { sensor: Some(sensor), .. } = &need.product {
            known_sensor(sensor, dataset).map_err(|why| format!("`{}`: {why}", need.product.key().id()))?;
        }
    }
    let train = dataset.split(TRAINED_ON).map_err(|error| error.to_string())?;
    let tags = tags_of(train.samples.iter().chain(&train.unlabelled));
    let is_adapted = recipe.get(adaptation::ENABLED);
    let has_second_stage = recipe.get(adaptation::STEPS) > 0 || recipe.get(adaptation::EPOCHS) > 0;
    let wanted =
        [(data::TAG, true), (adaptation::SOURCE, is_adapted), (adaptation::TARGET, is_adapted && has_second_stage)];
    for (key, _) in wanted.into_iter().filter(|(_, is_read)| *is_read) {
        let tag = recipe.get(key);
        if !tag.is_empty() && !tags.iter().any(|known| known == tag) {
            return Err(format!("`{}`: {}", key.id(), no_tag(tag, TRAINED_ON, &tags)));
        }
    }
    Ok(names[unseen..].to_vec())
}

/// What a row's evaluation tells of.
struct Scored {
    classes: Vec<String>,
    tags: Vec<String>,
    sensors: Vec<String>,
}

impl Scored {
    /// Of a row with these sensors, on a split of the data set, read as its recipe says; or why that cannot be scored.
    fn of(split: &str, dataset: &Dataset, sensors: Vec<String>) -> Result<Self, String> {
        let scenes = &dataset.split(split).map_err(|error| error.to_string())?.samples;
        if !scenes.iter().any(SampleEntry::has_label) {
            return Err(DataError::NoLabels { split: split.to_owned() }.to_string());
        }
        Ok(Self { classes: dataset.classes.clone(), tags: tags_of(scenes), sensors })
    }
}

/// Refuses a figure that no row could have.
fn check_figure(figure: &Figure, split: &str, dataset: &Dataset, rows: &[Scored]) -> Result<(), String> {
    if let Some(class) = figure.metric.class() {
        let known = union(rows.iter().map(|row| &row.classes));
        if !known.contains(&class) {
            return Err(format!("the data set has no class `{class}`; there are {}", listed(&known)));
        }
    }
    let (tag, known) = (figure.tag.as_str(), union(rows.iter().map(|row| &row.tags)));
    let has_tag = if tag == MEAN_OF_TAGS { !known.is_empty() } else { tag.is_empty() || known.contains(&tag) };
    if !has_tag {
        return Err(no_tag(tag, split, &known));
    }
    let wanted: &[String] = match &figure.over {
        Over::These(names) => names,
        Over::Of(OfProtocol::Severity { sensor: Some(sensor), .. }) => std::slice::from_ref(sensor),
        _ => return Ok(()),
    };
    wanted.iter().try_for_each(|sensor| known_sensor(sensor, dataset))?;
    if rows.iter().any(|row| wanted.iter().all(|sensor| row.sensors.contains(sensor))) {
        return Ok(());
    }
    let used = union(rows.iter().map(|row| &row.sensors));
    Err(format!("no row that is scored uses {}; they use {}", wanted.join(" + "), listed(&used)))
}

fn known_sensor(name: &str, dataset: &Dataset) -> Result<(), String> {
    let known: Vec<&str> = dataset.modalities.iter().map(|sensor| sensor.name.as_str()).collect();
    if known.contains(&name) {
        return Ok(());
    }
    Err(format!("the data set has no sensor `{name}`; there are {}", listed(&known)))
}

fn no_tag<T: AsRef<str>>(tag: &str, split: &str, known: &[T]) -> String {
    format!("no scene of split `{split}` has the tag `{tag}`; there are {}", listed(known))
}

/// The condition tags of scenes, each once, in order.
fn tags_of<'a>(scenes: impl IntoIterator<Item = &'a SampleEntry>) -> Vec<String> {
    let tags: BTreeSet<&str> = scenes.into_iter().flat_map(SampleEntry::tags).map(String::as_str).collect();
    tags.into_iter().map(str::to_owned).collect()
}

/// Names of several lists, each once, in the order in which they come.
fn union<'a>(lists: impl Iterator<Item = &'a Vec<String>>) -> Vec<&'a str> {
    let mut found: Vec<&str> = Vec::new();
    for name in lists.flatten() {
        if !found.contains(&name.as_str()) {
            found.push(name);
        }
    }
    found
}

fn listed<T: AsRef<str>>(names: &[T]) -> String {
    let names: Vec<&str> = names.iter().map(AsRef::as_ref).collect();
    if names.is_empty() { "none".to_owned() } else { names.join(", ") }
}

#[cfg(test)]
mod tests {
    use tempfile::TempDir;

    use super::*;
    use crate::fixtures::{TinyData, open_tiny_data, write_tiny_data};

    fn data_of(tiny: TinyData) -> (TempDir, Dataset) {
        let folder = tempfile::tempdir().unwrap();
        write_tiny_data(folder.path(), &tiny).unwrap();
        let dataset = open_tiny_data(folder.path()).unwrap();
        (folder, dataset)
    }

    /// A study with this before its rows `plain` and `more`, the second of which sets this.
    fn study(head: &str, set: &str) -> Study {
        let text = format!(
            "title = 't'\nbase = 'baseline-demo'\nseeds = 1\n{head}\n[[rows]]\nname = 'plain'\n\
             [[rows]]\nname = 'more'\nset = {{ data.flip = 0.0{set} }}\n"
        );
        Study::from_text(&text, Path::new("/studies/s.toml")).unwrap()
    }

    #[track_caller]
    fn refused(study: &Study, dataset: &Dataset, words: &[&str]) {
        let said = study.check(dataset).unwrap_err().to_string();
        assert!(words.iter().all(|words| said.contains(words)), "{words:?} in {said}");
    }

    #[test]
    fn a_split_is_looked_for_as_each_row_has_the_data_set_read() {
        let (folder, dataset) = data_of(TinyData { train: 40, val: 0, ..TinyData::default() });
        assert!(study("", "").check(&dataset).is_ok());
        let root = folder.path().to_str().unwrap();
        refused(&study("split = 'none'", ""), &dataset, &["row `plain`", "`none`", "train, test", root]);
        assert!(study("split = 'val'", "").check(&dataset).is_ok(), "it is held out");
        refused(&study("split = 'val'", ", data.hold_out = 0.0"), &dataset, &["row `more`", "`val`", "train, test"]);
        // What is not scored needs none.
        let hidden = "split = 'val'\n[[rows]]\nname = 'before'\nshown = false\nset = { data.hold_out = 0.0 }";
        let taken = study(hidden, ", encoder.pretrained = { row = 'before' }");
        assert!(taken.check(&dataset).is_ok(), "{:?}", taken.check(&dataset));
    }

    #[test]
    fn sensors_and_tags_of_rows_are_those_of_the_data_set() {
        let (_folder, dataset) = data_of(TinyData::default());
        let of_row = |set: &str, words: &[&str]| {
            let said = [&["row `more`"][..], words].concat();
            refused(&study("", set), &dataset, &said);
        };
        of_row(", sensors.use = ['colour', 'sonar']", &["`sensors.use`", "`sonar`", "colour, thermal"]);
        of_row(", data.drop = ['sonar@0.5']", &["data.drop", "sonar"]);
        of_row(", data.tag = 'fog'", &["`data.tag`", "`train`", "`fog`", "there are night"]);
        of_row(", adaptation.enabled = true", &["`adaptation.source`", "`day`", "there are night"]);
        let source = "adaptation.enabled = true, adaptation.source = 'night', adaptation.target = 'fog'";
        of_row(&format!(", {source}, adaptation.steps = 5"), &["`adaptation.target`", "`fog`"]);
        assert!(study("", &format!(", {source}")).check(&dataset).is_ok(), "there is no second stage");
        of_row(
            ", sensors.use = ['thermal'], teacher.student = 'others'",
            &["`teacher.student`", "thermal", "`sensors.use`"],
        );
        let labels = ", data.pseudo_labels = { row = 'plain', sensor = 'sonar' }";
        of_row(labels, &["`data.pseudo_labels`", "`sonar`", "colour, thermal"]);
        let scene = "[[rows]]\nname = 'moved'\nevaluate.what_if.sensors.sonar.shift = [1, 0]";
        refused(&study(scene, ""), &dataset, &["row `moved`", "`evaluate`", "`sonar`"]);
    }

    #[test]
    fn files_that_rows_name_are_there() {
        let (folder, dataset) = data_of(TinyData::default());
        let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
        for (key, words) in [
            ("encoder.pretrained", "nano, mscan-nano, mit-nano"),
            ("teacher.run", "run folder"),
            ("objective.language.vectors", "teacher vectors"),
            ("data.pseudo_labels", "expected a folder"),
            ("data.fake_night", "expected a folder"),
            ("data.class_map", "class map"),
        ] {
            let file = path("nowhere.toml");
            let named = study("", &format!(", {key} = '{file}'"));
            refused(&named, &dataset, &["row `more`", key, words, file.as_str()]);
        }
        refused(&study("", ", data.class_map = 'nyu13'"), &dataset, &["row `more`", "data.class_map", "`nyu13`"]);

        std::fs::write(path("w.pth"), "w").unwrap();
        std::fs::create_dir(path("labels")).unwrap();
        std::fs::create_dir(path("run")).unwrap();
        std::fs::write(path("run/recipe.toml"), "").unwrap();
        let there = format!(
            ", encoder.pretrained = '{}#rgb.', teacher.run = '{}', data.pseudo_labels = '{}'",
            path("w.pth"),
            path("run"),
            path("labels")
        );
        assert!(study("", &there).check(&dataset).is_ok(), "{:?}", study("", &there).check(&dataset));
        let patterns = ", data.pseudo_labels = 'none/{id}.png', data.fake_night = 'none/{id}.png'";
        assert!(study("", patterns).check(&dataset).is_ok());
        let made = ", encoder.pretrained = { row = 'plain' }, data.pseudo_labels = { row = 'plain' }";
        assert!(study("", made).check(&dataset).is_ok());
    }

    #[test]
    fn figures_are_of_classes_tags_and_sensors_that_some_row_has() {
        let (folder, dataset) = data_of(TinyData::default());
        let root = folder.path().to_str().unwrap();
        let with = |figure: &str, set: &str| study(&format!("figures = [{{ {figure} }}]"), set);
        for known in [
            "metric = 'iou:person'",
            "tag = 'night'",
            "tag = 'mean of tags'",
            "sensors = ['thermal']",
            "sensors = 'severity:colour'",
            "sensors = 'emm:0.2'",
        ] {
            let alone = with(known, ", sensors.use = ['thermal']");
            assert!(alone.check(&dataset).is_ok(), "{known}: {:?}", alone.check(&dataset));
        }
        let class = with("title = 'horn', metric = 'iou:unicorn'", "");
        refused(&class, &dataset, &["figure `horn`", "class `unicorn`", "ground, person, sign", root]);
        refused(&with("tag = 'fog'", ""), &dataset, &["figure `mIoU, fog`", "`test`", "`fog`", "there are night"]);
        for sensors in ["['colour', 'sonar']", "'severity:sonar'"] {
            let unknown = with(&format!("sensors = {sensors}"), "");
            refused(&unknown, &dataset, &["figure `mIoU", "sensor `sonar`", "colour, thermal", root]);
        }
        let head = "figures = [{ sensors = ['thermal'] }]\nset = { sensors.use = ['colour'] }";
        refused(&study(head, ""), &dataset, &["figure `mIoU, thermal`", "no row", "they use colour"]);
    }
}
