//! Ids, tags and file names of many scenes in little memory.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

/// What is known of one scene when it is found.
pub(super) struct FoundScene {
    pub(super) id: String,
    pub(super) tags: Vec<String>,
    /// One file a sensor.
    pub(super) files: Vec<PathBuf>,
    /// Further files of sensors that are joined from several, each beside its sensor's place.
    pub(super) joined: Vec<(usize, PathBuf)>,
    pub(super) label: Option<PathBuf>,
    pub(super) mask: Option<PathBuf>,
}

/// Scenes with as many files each, whose texts stand behind each other in one.
#[derive(Default)]
pub(super) struct SceneTable {
    /// What folders are relative to.
    root: PathBuf,
    text: String,
    folders: Vec<Span>,
    tag_sets: Vec<Vec<String>>,
    scenes: Vec<Scene>,
    /// Of each scene those of its sensors, those joined to them, the label and the mask.
    files: Vec<FileAt>,
    sensors: usize,
    /// The sensor that each joined file belongs to.
    joined: Vec<usize>,
    has_labels: bool,
    has_masks: bool,
}

/// A part of the text.
#[derive(Clone, Copy, Default)]
struct Span {
    at: u32,
    bytes: u32,
}

struct Scene {
    id: Span,
    tags: u32,
}

#[derive(Clone, Copy)]
struct FileAt {
    folder: u32,
    name: Span,
}

impl SceneTable {
    pub(super) fn count(&self) -> usize {
        self.scenes.len()
    }

    pub(super) fn sensors(&self) -> usize {
        self.sensors
    }

    pub(super) fn has_labels(&self) -> bool {
        self.has_labels
    }

    pub(super) fn id(&self, scene: u32) -> &str {
        self.text(self.scenes[scene as usize].id)
    }

    pub(super) fn tags(&self, scene: u32) -> &[String] {
        &self.tag_sets[self.scenes[scene as usize].tags as usize]
    }

    pub(super) fn file(&self, scene: u32, sensor: usize) -> Option<PathBuf> {
        (sensor < self.sensors).then(|| self.path(scene, sensor))
    }

    pub(super) fn joined(&self, scene: u32, sensor: usize) -> impl Iterator<Item = PathBuf> {
        let of_sensor = self.joined.iter().enumerate().filter(move |(_, of)| **of == sensor);
        of_sensor.map(move |(place, _)| self.path(scene, self.sensors + place))
    }

    pub(super) fn label(&self, scene: u32) -> Option<PathBuf> {
        self.has_labels.then(|| self.path(scene, self.sensors + self.joined.len()))
    }

    pub(super) fn mask(&self, scene: u32) -> Option<PathBuf> {
        self.has_masks.then(|| self.path(scene, self.width() - 1))
    }

    /// Files of each scene.
    fn width(&self) -> usize {
        self.sensors + self.joined.len() + usize::from(self.has_labels) + usize::from(self.has_masks)
    }

    fn path(&self, scene: u32, place: usize) -> PathBuf {
        let FileAt { folder, name } = self.files[scene as usize * self.width() + place];
        let mut path = self.root.join(self.text(self.folders[folder as usize]));
        path.push(self.text(name));
        path
    }

    fn text(&self, span: Span) -> &str {
        let at = span.at as usize;
        &self.text[at..at + span.bytes as usize]
    }
}

/// A table's text is no longer than this and one scene more.
const MOST_TEXT: usize = 1 << 30;

/// A table that scenes are added to.
pub(super) struct SceneTableBuilder {
    table: SceneTable,
    /// Where the text of the scene before begins.
    before: usize,
    folders: HashMap<PathBuf, u32>,
    tag_sets: HashMap<Vec<String>, u32>,
}

impl SceneTableBuilder {
    /// An empty table of a data set in this folder.
    pub(super) fn new(root: &Path) -> Self {
        let table = SceneTable { root: root.to_owned(), ..SceneTable::default() };
        Self { table, before: 0, folders: HashMap::new(), tag_sets: HashMap::new() }
    }

    /// Adds a scene. All have as many files.
    pub(super) fn add(&mut self, scene: FoundScene) {
        let FoundScene { id, tags, files, joined, label, mask } = scene;
        self.table.sensors = files.len();
        self.table.joined = joined.iter().map(|(sensor, _)| *sensor).collect();
        (self.table.has_labels, self.table.has_masks) = (label.is_some(), mask.is_some());
        let begun = self.table.text.len();
        let joined = joined.into_iter().map(|(_, file)| file);
        for file in files.into_iter().chain(joined).chain(label).chain(mask) {
            let folder = self.folder(file.parent().unwrap_or(Path::new("")));
            let name = file.file_name().unwrap_or_default().to_string_lossy();
            let name = self.span(&name);
            self.table.files.push(FileAt { folder, name });
        }
        let id = self.span(&id);
        self.before = begun;
        let count = self.tag_sets.len() as u32;
        let known = self.tag_sets.entry(tags.clone()).or_insert(count);
        if *known == count {
            self.table.tag_sets.push(tags);
        }
        let tags = *known;
        self.table.scenes.push(Scene { id, tags });
    }

    /// Whether further scenes need another table.
    pub(super) fn is_full(&self) -> bool {
        self.table.text.len() > MOST_TEXT
    }

    pub(super) fn finish(self) -> SceneTable {
        let mut table = self.table;
        table.text.shrink_to_fit();
        table.folders.shrink_to_fit();
        table.scenes.shrink_to_fit();
        table.files.shrink_to_fit();
        table
    }

    fn folder(&mut self, folder: &Path) -> u32 {
        if let Some(&known) = self.folders.get(folder) {
            return known;
        }
        // Below the data set's own folder all comes of patterns and of names that are text.
        let relative = folder.strip_prefix(&self.table.root).unwrap_or(folder).to_string_lossy().into_owned();
        let place = self.table.folders.len() as u32;
        let span = self.span(&relative);
        self.table.folders.push(span);
        self.folders.insert(folder.to_owned(), place);
        place
    }

    /// Where a word stands in the text of this scene and of the one before, which it is added to where it does not stand
    /// there: a scene's files mostly have one name, which holds its id, or are called as those of others.
    fn span(&mut self, word: &str) -> Span {
        let text = &mut self.table.text;
        let at = text[self.before..].find(word).map_or(text.len(), |place| self.before + place);
        if at == text.len() {
            text.push_str(word);
        }
        Span { at: at as u32, bytes: word.len() as u32 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(id: &str, files: &[&str], joined: &[(usize, &str)], label: Option<&str>) -> FoundScene {
        let path = |name: &str| Path::new("/data/set").join(name);
        FoundScene {
            id: id.to_owned(),
            tags: if id.ends_with('N') { vec!["night".to_owned()] } else { Vec::new() },
            files: files.iter().map(|name| path(name)).collect(),
            joined: joined.iter().map(|&(sensor, name)| (sensor, path(name))).collect(),
            label: label.map(path),
            mask: None,
        }
    }

    #[test]
    fn every_name_comes_out_as_it_went_in() {
        let scenes = [
            ("1N", ["rgb/1N.png", "../far/1N.tif"], (1, "t/1N_b.tif"), "label/1N.png"),
            ("a/2", ["rgb/a/2.JPG", "/else/where/2.tif"], (1, "t/ü 2.tif"), "label/a/2_L.png"),
            ("3N", ["3N", "t/3.tif"], (1, "t/b.tif"), "label/3N.png"),
        ];
        let mut builder = SceneTableBuilder::new(Path::new("/data/set"));
        for (id, files, joined, label) in &scenes {
            builder.add(found(id, files, &[*joined], Some(label)));
        }
        let table = builder.finish();
        assert_eq!((table.count(), table.sensors(), table.has_labels()), (3, 2, true));
        for (place, (id, files, joined, label)) in (0..).zip(&scenes) {
            let expected = found(id, files, &[*joined], Some(label));
            assert_eq!((table.id(place), table.tags(place)), (*id, &expected.tags[..]));
            assert_eq!(table.file(place, 0), Some(expected.files[0].clone()));
            assert_eq!(table.file(place, 1), Some(expected.files[1].clone()));
            assert_eq!(table.file(place, 2), None);
            assert_eq!(table.joined(place, 1).collect::<Vec<_>>(), [expected.joined[0].1.clone()]);
            assert_eq!((table.joined(place, 0).count(), table.mask(place)), (0, None));
            assert_eq!(table.label(place), expected.label);
        }
    }
}
