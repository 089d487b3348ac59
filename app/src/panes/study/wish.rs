//! What a study that is being put together shall compare, and by what.

use std::collections::BTreeSet;

use fusionscope_engine::protocol::DatasetSummary;
use fusionscope_engine::recipe::Recipe;
use fusionscope_engine::recipe::catalogue::{sensors, training};
use fusionscope_engine::study::{Draft, DraftRow, Figure, Matrix, Metric, Over, Part, Planned};

use crate::store::Store;

/// The mean figures that a table can be of.
pub(super) const METRICS: [(&str, Metric); 6] = [
    ("mIoU", Metric::Miou),
    ("mAcc", Metric::MeanAccuracy),
    ("F1", Metric::MeanF1),
    ("bIoU", Metric::BoundaryIou),
    ("ECE", Metric::CalibrationError),
    ("mAP", Metric::AveragePrecision),
];

/// The wish.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Wish {
    pub(super) title: String,
    pub(super) matrix: Matrix,
    /// The switches that are ticked, by key.
    pub(super) ticked: BTreeSet<&'static str>,
    /// Rows that what-ifs have come to.
    pub(super) supposed: Vec<DraftRow>,
    /// How many seeds, from 1 on.
    pub(super) seeds: u32,
    /// Steps of the student phase, where they are not the recipe's.
    pub(super) steps: Option<u64>,
    /// Seconds of training that every run gets in place of its steps.
    pub(super) seconds: Option<f64>,
    /// The split that is scored; the last of the data set where `None`.
    pub(super) split: Option<String>,
    /// A place in [`METRICS`].
    pub(super) metric: usize,
    pub(super) all: bool,
    pub(super) alone: bool,
    pub(super) subsets: bool,
    /// Condition tags that are scored apart.
    pub(super) tags: BTreeSet<String>,
    /// The row that others are compared with; the first where `None`.
    pub(super) reference: Option<String>,
}

impl Default for Wish {
    fn default() -> Self {
        Self {
            title: String::new(),
            matrix: Matrix::default(),
            ticked: BTreeSet::new(),
            supposed: Vec::new(),
            seeds: 5,
            steps: None,
            seconds: None,
            split: None,
            metric: 0,
            all: true,
            alone: false,
            subsets: false,
            tags: BTreeSet::new(),
            reference: None,
        }
    }
}

impl Wish {
    /// What every row begins with.
    pub(super) fn base(&self, recipe: &Recipe) -> Recipe {
        let mut base = recipe.clone();
        if let Some(steps) = self.steps {
            // The field keeps to the key's range.
            let _fits = base.put(training::STEPS, steps);
        }
        base
    }

    /// The rows of the ticked parts, and those of what-ifs, possible or not. These stand beside the recipe as it is where
    /// no part is ticked.
    pub(super) fn rows(&self, recipe: &Recipe) -> Vec<Planned> {
        let base = self.base(recipe);
        let mut parts = Part::all(&base);
        parts.retain(|part| self.ticked.contains(part.setting.key));
        let mut rows = self.matrix.rows(&base, &parts);
        if rows.is_empty() && !self.supposed.is_empty() {
            rows.push(Planned::of(&base, DraftRow { name: "as it is".to_owned(), set: Vec::new(), what_if: None }));
        }
        rows.extend(self.supposed.iter().map(|row| Planned::of(&base, row.clone())));
        rows
    }

    /// The split that is scored.
    pub(super) fn split<'a>(&'a self, dataset: Option<&'a DatasetSummary>) -> &'a str {
        let splits = dataset.map_or(&[][..], |dataset| &dataset.splits);
        let is_there = |name: &&str| splits.is_empty() || splits.iter().any(|split| split.name == **name);
        let chosen = self.split.as_deref().filter(is_there);
        chosen.or_else(|| splits.last().map(|split| split.name.as_str())).unwrap_or("test")
    }

    /// The table's figures.
    pub(super) fn figures(&self, recipe: &Recipe, dataset: Option<&DatasetSummary>) -> Vec<Figure> {
        let metric = METRICS.get(self.metric).map_or(Metric::Miou, |(_, metric)| metric.clone());
        let mut overs = Vec::new();
        overs.extend(self.all.then_some(Over::All));
        if self.alone {
            overs.extend(sensors_of(recipe, dataset).into_iter().map(|name| Over::These(vec![name])));
        }
        overs.extend(self.subsets.then_some(Over::Subsets));
        let known = tags_of(dataset);
        let tags = self.tags.iter().filter(|tag| known.contains(*tag)).map(String::as_str);
        let tags = std::iter::once("").chain(tags);
        tags.flat_map(|tag| overs.iter().map(move |over| (over.clone(), tag)))
            .map(|(over, tag)| Figure::new(metric.clone(), over, tag))
            .collect()
    }

    /// The name of the row that others are compared with, of these.
    pub(super) fn reference<'a>(&self, rows: &'a [Planned]) -> Option<&'a str> {
        let mut possible = rows.iter().filter(|row| row.impossible.is_none()).map(|row| row.row.name.as_str());
        let chosen = possible.clone().find(|name| Some(*name) == self.reference.as_deref());
        chosen.or_else(|| possible.next())
    }

    /// The study of the rows that can be; a sentence where there is none.
    pub(super) fn draft(&self, store: &Store, rows: &[Planned]) -> Result<Draft, &'static str> {
        let dataset = store.dataset.as_ref();
        let possible: Vec<_> =
            rows.iter().filter(|row| row.impossible.is_none()).map(|planned| planned.row.clone()).collect();
        let figures = self.figures(&store.recipe, dataset);
        if rows.is_empty() {
            return Err("tick the parts that shall be compared first");
        }
        if possible.len() < 2 {
            return Err("there is nothing to compare: fewer than two rows can be trained");
        }
        if figures.is_empty() {
            return Err("tick a figure for the table");
        }
        let data = dataset.map(|dataset| dataset.path.clone());
        let is_sample = data.is_some() && data == store.sample_data;
        Ok(Draft {
            title: self.title().to_owned(),
            note: format!("{} of {}", self.matrix.title(), store.recipe.name),
            base: self.base(&store.recipe),
            seeds: (1..=self.seeds).collect(),
            seconds: self.seconds,
            data: data.filter(|_| !is_sample).map(|path| std::path::absolute(&path).unwrap_or(path)),
            split: self.split(dataset).to_owned(),
            figures,
            reference: self.reference(rows).map(str::to_owned),
            rows: possible,
        })
    }

    /// What the study is called.
    pub(super) fn title(&self) -> &str {
        let title = self.title.trim();
        if title.is_empty() { "Parts" } else { title }
    }

    /// The file that is proposed for it.
    pub(super) fn file_name(&self) -> String {
        let plain = |letter: char| if letter.is_alphanumeric() { letter } else { '-' };
        let words: String = self.title().to_lowercase().chars().map(plain).collect();
        let stem = words.split('-').filter(|word| !word.is_empty()).take(8).collect::<Vec<_>>().join("-");
        format!("{}.toml", if stem.is_empty() { "study" } else { &stem })
    }
}

/// The sensors that the recipe uses, by name.
fn sensors_of(recipe: &Recipe, dataset: Option<&DatasetSummary>) -> Vec<String> {
    let used = recipe.get(sensors::USE);
    let first_two = || dataset.iter().flat_map(|dataset| &dataset.modalities).take(2).map(|sensor| sensor.name.clone());
    if used.is_empty() { first_two().collect() } else { used.to_vec() }
}

/// The condition tags of a data set's scenes.
pub(super) fn tags_of(dataset: Option<&DatasetSummary>) -> BTreeSet<String> {
    let splits = dataset.into_iter().flat_map(|dataset| &dataset.splits);
    splits.flat_map(|split| &split.tags).flatten().cloned().collect()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use fusionscope_engine::protocol::{ModalitySummary, SplitSummary};
    use fusionscope_engine::study::Study;

    use super::*;

    fn store() -> Store {
        let sensor = |name: &str| ModalitySummary { name: name.to_owned(), ..ModalitySummary::default() };
        let split = |name: &str| SplitSummary {
            name: name.to_owned(),
            ids: vec!["a".to_owned()],
            tags: vec![vec!["night".to_owned()]],
            held_out: false,
        };
        let mut store = Store::default();
        store.dataset = Some(DatasetSummary {
            path: "/data/streets".into(),
            modalities: ["colour", "thermal", "depth"].map(sensor).to_vec(),
            splits: ["train", "val", "test"].map(split).to_vec(),
            ..DatasetSummary::default()
        });
        store
    }

    fn wish() -> Wish {
        let ticked = BTreeSet::from(["exchange.channel.enabled", "exchange.spatial.enabled"]);
        Wish { title: "What exchange is worth".to_owned(), ticked, seeds: 3, steps: Some(40), ..Wish::default() }
    }

    #[test]
    fn what_was_ticked_becomes_a_study_that_reads_back() {
        let store = store();
        let mut wish = wish();
        (wish.alone, wish.subsets) = (true, true);
        wish.tags.extend(["night".to_owned(), "fog".to_owned()]);
        let rows = wish.rows(&store.recipe);
        let draft = wish.draft(&store, &rows).unwrap();
        let study = Study::from_text(&draft.to_toml(), Path::new("studies/s.toml")).unwrap();
        assert_eq!((study.rows.len(), study.seeds.as_slice(), study.split.as_str()), (3, &[1, 2, 3][..], "test"));
        assert_eq!(study.data.as_deref(), Some(Path::new("/data/streets")));
        assert!(study.rows.iter().all(|row| row.recipe.get(training::STEPS) == 40));
        assert_eq!(study.rows.iter().map(|row| row.against).collect::<Vec<_>>(), [None, Some(0), Some(0)]);
        let titles: Vec<&str> = study.figures.iter().map(|figure| figure.title.as_str()).collect();
        assert_eq!(titles[..4], ["mIoU", "mIoU, colour", "mIoU, thermal", "mIoU, mean of subsets"]);
        assert_eq!((titles.len(), titles[4]), (8, "mIoU, night"), "a tag that no scene has is left out");
        assert_eq!(wish.file_name(), "what-exchange-is-worth.toml");

        let timed = Wish { seconds: Some(90.0), ..wish };
        let draft = timed.draft(&store, &timed.rows(&store.recipe)).unwrap();
        let study = Study::from_text(&draft.to_toml(), Path::new("studies/s.toml")).unwrap();
        assert!(study.rows.iter().all(|row| row.seconds == Some(90.0)));
    }

    #[test]
    fn impossible_rows_are_left_out_and_are_no_reference() {
        let mut store = store();
        store.recipe.set_text("encoder.sharing", "shared").unwrap();
        let wish = wish();
        let rows = wish.rows(&store.recipe);
        assert!(rows[0].impossible.is_some() && rows.iter().any(|row| row.impossible.is_none()), "{rows:?}");
        assert_ne!(wish.reference(&rows), Some(rows[0].row.name.as_str()));
        let possible = rows.iter().filter(|row| row.impossible.is_none()).count();
        match wish.draft(&store, &rows) {
            Ok(draft) => assert_eq!(draft.rows.len(), possible),
            Err(why) => assert!(possible < 2 && why.contains("fewer than two"), "{why}"),
        }
    }

    #[test]
    fn what_ifs_are_rows_beside_the_recipe_as_it_is_or_beside_ticked_parts() {
        let store = store();
        let row = DraftRow {
            name: "no exchange".to_owned(),
            set: vec![("exchange.channel.enabled", fusionscope_engine::recipe::Value::Switch(false))],
            what_if: None,
        };
        let alone = Wish { supposed: vec![row.clone()], ..Wish::default() };
        let draft = alone.draft(&store, &alone.rows(&store.recipe)).unwrap();
        let study = Study::from_text(&draft.to_toml(), Path::new("studies/s.toml")).unwrap();
        let names: Vec<&str> = study.rows.iter().map(|row| row.name.as_str()).collect();
        assert_eq!(names, ["as it is", "no exchange"]);
        let mut fog = fusionscope_engine::protocol::WhatIf::default();
        fog.sensors.entry("colour".to_owned()).or_default().shift = [3, 0];
        let scored = DraftRow { name: "slipped".to_owned(), set: Vec::new(), what_if: Some(fog.clone()) };
        let changed = Wish { supposed: vec![scored], ..Wish::default() };
        let draft = changed.draft(&store, &changed.rows(&store.recipe)).unwrap();
        let study = Study::from_text(&draft.to_toml(), Path::new("studies/s.toml")).unwrap();
        assert_eq!((study.rows[1].what_if.as_ref(), study.rows[1].of), (Some(&fog), Some(0)));
        let beside = Wish { supposed: vec![row], ..wish() };
        assert_eq!(beside.rows(&store.recipe).len(), wish().rows(&store.recipe).len() + 1);
    }

    #[test]
    fn nothing_ticked_is_no_study_and_says_what_to_do() {
        let store = store();
        let empty = Wish::default();
        assert!(empty.draft(&store, &empty.rows(&store.recipe)).unwrap_err().contains("tick the parts"));
        let blind = Wish { all: false, ..wish() };
        assert!(blind.draft(&store, &blind.rows(&store.recipe)).unwrap_err().contains("figure"));
    }

    #[test]
    fn the_sample_data_is_named_by_nothing_and_a_split_that_is_gone_gives_way() {
        let mut store = store();
        store.sample_data = Some("/data/streets".into());
        let wish = Wish { split: Some("fold 3".to_owned()), ..wish() };
        let draft = wish.draft(&store, &wish.rows(&store.recipe)).unwrap();
        assert_eq!((draft.data, draft.split.as_str()), (None, "test"));
    }
}
