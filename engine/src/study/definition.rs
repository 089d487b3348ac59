//! A study, every row's recipe resolved.

use std::path::{Path, PathBuf};

use super::error::StudyError;
use super::figure::Figure;
use super::grid;
use super::shipped::shipped_studies;
use super::written::{Seeds, Written, WrittenRow};
use crate::files::{read_at_most, toml_error};
use crate::recipe::catalogue::training;
use crate::recipe::{Recipe, RecipeError, flatten, preset, presets};
use crate::training::name_files_from_the_root;

/// The newest format that this program reads.
const VERSION: i64 = 1;
/// The longest file that is read.
const MAX_BYTES: u64 = 1 << 20;
/// The most seeds of a row.
const MOST_SEEDS: usize = 1000;

/// What is compared, and by what.
#[derive(Clone, Debug, PartialEq)]
pub struct Study {
    /// The file's stem.
    pub name: String,
    /// What it is called.
    pub title: String,
    /// What it is for.
    pub note: String,
    /// Where printed figures come from; empty without any.
    pub source: String,
    /// The file.
    pub path: PathBuf,
    /// Every row is trained from each.
    pub seeds: Vec<u32>,
    /// The data set's folder; the sample data where `None`.
    pub data: Option<PathBuf>,
    /// The split that is scored.
    pub split: String,
    /// The table's figures, one or more.
    pub figures: Vec<Figure>,
    /// One or more.
    pub rows: Vec<Row>,
}

/// One row of a study.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// What it is called; no two are called alike.
    pub name: String,
    /// The name as a folder's.
    pub folder: String,
    /// What is trained, but for the seed.
    pub recipe: Recipe,
    /// The place of the row that it is compared with.
    pub against: Option<usize>,
    /// What the paper prints, a fraction, a figure each.
    pub printed: Vec<Option<f64>>,
}

impl Row {
    /// What is trained from a seed.
    pub fn from_seed(&self, seed: u32) -> Recipe {
        let mut recipe = self.recipe.clone();
        // Every seed is in the key's range.
        let _fits = recipe.put(training::SEED, u64::from(seed));
        recipe
    }
}

impl Study {
    /// Reads a study's file, or takes one that comes with the program, by its name.
    pub fn named_or_file(name: &Path) -> Result<Self, StudyError> {
        let shipped = shipped_studies().iter().find(|shipped| name == Path::new(shipped.name));
        match shipped {
            Some(shipped) => Self::from_text(shipped.text, name),
            None => Self::read(name),
        }
    }

    /// Reads a study's file.
    pub fn read(path: &Path) -> Result<Self, StudyError> {
        let unreadable = |reason: String| StudyError::Unreadable { reason, path: path.to_owned() };
        let bytes = read_at_most(path, MAX_BYTES).map_err(|error| unreadable(error.to_string()))?;
        let text = String::from_utf8(bytes).map_err(|error| unreadable(format!("not UTF-8 text: {error}")))?;
        Self::from_text(&text, path)
    }

    /// Reads the text of a study's file; what it names is looked for beside `path`.
    pub fn from_text(text: &str, path: &Path) -> Result<Self, StudyError> {
        let malformed = |reason: String| StudyError::Malformed { reason, path: path.to_owned() };
        let text = text.trim_start_matches('\u{feff}');
        let written: Written = toml::from_str(text).map_err(|error| malformed(toml_error::reason(text, &error)))?;
        if let Some(found) = written.version.filter(|&found| found != VERSION) {
            return Err(malformed(format!("its version is {found}; this program reads version {VERSION}")));
        }
        let seeds = seeds(&written.seeds).map_err(malformed)?;
        let figures = figures(&written).map_err(malformed)?;
        let rows = rows(&written, &figures, path)?;
        let beside = |file: &String| path.parent().unwrap_or(Path::new("")).join(file);
        Ok(Self {
            name: path.file_stem().map_or_else(|| "study".to_owned(), |stem| stem.to_string_lossy().into_owned()),
            data: written.data.as_ref().map(beside),
            split: written.split.unwrap_or_else(|| "test".to_owned()),
            title: written.title,
            note: written.note,
            source: written.source,
            path: path.to_owned(),
            seeds,
            figures,
            rows,
        })
    }
}

fn seeds(written: &Seeds) -> Result<Vec<u32>, String> {
    let seeds: Vec<u32> = match written {
        Seeds::Count(count) => (1..=*count).take(MOST_SEEDS + 1).collect(),
        Seeds::These(seeds) => seeds.clone(),
    };
    if seeds.is_empty() || seeds.len() > MOST_SEEDS {
        return Err(format!("`seeds`: expected 1 to {MOST_SEEDS} of them, found {}", seeds.len()));
    }
    match doubled(&seeds) {
        Some(seed) => Err(format!("`seeds`: {seed} stands there twice")),
        None => Ok(seeds),
    }
}

fn figures(written: &Written) -> Result<Vec<Figure>, String> {
    let figures = written.figures.iter().map(Figure::of).collect::<Result<Vec<_>, _>>()?;
    let figures = if figures.is_empty() { vec![Figure::usual()] } else { figures };
    let titles: Vec<&str> = figures.iter().map(|figure| figure.title.as_str()).collect();
    match doubled(&titles) {
        Some(title) => Err(format!("two figures are called `{title}`; give one another `title`")),
        None => Ok(figures),
    }
}

fn rows(study: &Written, figures: &[Figure], path: &Path) -> Result<Vec<Row>, StudyError> {
    let malformed = |reason: String| StudyError::Malformed { reason, path: path.to_owned() };
    let mut written: Vec<WrittenRow> = study.rows.clone();
    written.extend(grid::rows(&study.grid).map_err(malformed)?);
    if written.is_empty() {
        return Err(malformed("it has no row: expected `[[rows]]` or `[grid]`".to_owned()));
    }
    let names: Vec<&str> = written.iter().map(|row| row.name.as_str()).collect();
    if let Some(name) = doubled(&names) {
        return Err(malformed(format!("two rows are called `{name}`")));
    }
    let folders: Vec<String> = names.iter().map(|name| folder_of(name)).collect();
    if let Some(folder) = doubled(&folders) {
        return Err(malformed(format!("two rows would lie in one folder, `{folder}`; name one of them otherwise")));
    }
    if let Some(at) = folders.iter().position(String::is_empty) {
        return Err(malformed(format!("a row is called `{}`; a name needs a letter or a number", names[at])));
    }
    let place = |of: &str, name: &str| {
        names
            .iter()
            .position(|known| *known == name)
            .ok_or_else(|| malformed(format!("{of}: no row is called `{name}`; there are {}", names.join(", "))))
    };
    let reference = study.reference.as_deref().map(|name| place("`reference`", name)).transpose()?;
    let row = |at: usize| -> Result<Row, StudyError> {
        let WrittenRow { name, against, printed, .. } = &written[at];
        let against = match against {
            Some(other) => Some(place(&format!("`against` of row `{name}`"), other)?),
            None => reference,
        };
        if let Some(title) = printed.keys().find(|title| !figures.iter().any(|figure| figure.title == **title)) {
            let titles: Vec<&str> = figures.iter().map(|figure| figure.title.as_str()).collect();
            let known = titles.join(", ");
            return Err(malformed(format!(
                "`printed` of row `{name}`: no figure is called `{title}`; there are {known}"
            )));
        }
        if !printed.is_empty() && study.source.is_empty() {
            return Err(malformed(format!("row `{name}` has printed figures; `source` must say where they stand")));
        }
        let recipe = recipe_of(study, &written[at], &folders[at], path).map_err(|source| StudyError::Row {
            row: name.clone(),
            source,
            path: path.to_owned(),
        })?;
        Ok(Row {
            name: name.clone(),
            folder: folders[at].clone(),
            recipe,
            against: against.filter(|&other| other != at),
            printed: figures.iter().map(|figure| printed.get(&figure.title).map(|percent| percent / 100.0)).collect(),
        })
    };
    (0..written.len()).map(row).collect()
}

/// The row's base with the study's settings and then its own.
fn recipe_of(study: &Written, row: &WrittenRow, name: &str, path: &Path) -> Result<Recipe, RecipeError> {
    let base = row.base.as_ref().unwrap_or(&study.base);
    let mut recipe = if presets().iter().any(|known| known.name == base) {
        preset(base)?
    } else {
        let file = path.parent().unwrap_or(Path::new("")).join(base);
        if file.is_file() { Recipe::read(&file)? } else { preset(base)? }
    };
    if let Some(steps) = study.steps {
        recipe.set_text(training::STEPS.id(), &steps.to_string())?;
    }
    for table in [&study.set, &row.set] {
        let mut found = Vec::new();
        flatten("", table, &mut found);
        for (key, value) in found {
            recipe.set_text(&key, &grid::words(value))?;
        }
    }
    recipe.check()?;
    name_files_from_the_root(&mut recipe)?;
    name.clone_into(&mut recipe.name);
    Ok(recipe)
}

/// A row's name as that of a folder: small letters, numbers and dashes.
fn folder_of(name: &str) -> String {
    let plain = |letter: char| if letter.is_alphanumeric() { letter } else { '-' };
    let words: String = name.to_lowercase().chars().map(plain).collect();
    let folder = words.split('-').filter(|word| !word.is_empty()).collect::<Vec<_>>().join("-");
    folder.chars().take(80).collect()
}

/// The first that stands there twice.
fn doubled<T: PartialEq>(all: &[T]) -> Option<&T> {
    all.iter().enumerate().find(|(at, one)| all[..*at].contains(one)).map(|(_, one)| one)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recipe::catalogue::{exchange, fusion};

    const HEAD: &str = "title = 'Two'\nbase = 'ogp-net-demo'\nseeds = 2\n";

    fn study(text: &str) -> Result<Study, StudyError> {
        Study::from_text(&format!("{HEAD}{text}"), Path::new("/studies/two.toml"))
    }

    fn refused(text: &str) -> String {
        study(text).unwrap_err().to_string()
    }

    #[test]
    fn rows_are_recipes_with_what_study_and_row_set() {
        let study = study(
            "steps = 7\nset = { fusion.kind = 'concat' }\nreference = 'Full'\n\
             [[rows]]\nname = 'Full'\n\
             [[rows]]\nname = 'no exchange!'\nset = { exchange.channel = false, fusion.kind = 'gsu' }\n\
             [[rows]]\nname = 'plain'\nbase = 'baseline-demo'\nagainst = 'no exchange!'\n",
        )
        .unwrap();
        assert_eq!((study.name.as_str(), study.seeds.as_slice(), study.split.as_str()), ("two", &[1, 2][..], "test"));
        let [full, without, plain] = study.rows.as_slice() else { panic!("{study:?}") };
        assert_eq!((full.against, without.against, plain.against), (None, Some(0), Some(1)));
        assert_eq!((without.folder.as_str(), without.recipe.name.as_str()), ("no-exchange", "no-exchange"));
        assert!(full.recipe.get(exchange::channel::ENABLED) && !without.recipe.get(exchange::channel::ENABLED));
        let kinds = [full, without, plain].map(|row| row.recipe.get(fusion::KIND));
        assert_eq!(kinds, [fusion::Kind::Concat, fusion::Kind::Gsu, fusion::Kind::Concat]);
        assert!(study.rows.iter().all(|row| row.recipe.get(training::STEPS) == 7));
        assert_eq!(full.from_seed(9).get(training::SEED), 9);
    }

    #[test]
    fn what_no_run_could_satisfy_is_refused_before_any_begins_and_says_which_row() {
        let row = "[[rows]]\nname = 'a'\n";
        assert!(refused("").contains("no row"));
        assert!(refused(&format!("{row}{row}")).contains("two rows are called `a`"));
        assert!(refused(&format!("{row}[[rows]]\nname = 'A!'\n")).contains("one folder, `a`"));
        assert!(refused("[[rows]]\nname = '?'\n").contains("a letter"));
        assert!(refused(&format!("{row}colour = 1\n")).contains("colour"));
        let unknown = refused(&format!("{row}set = {{ exchange.chanel = true }}\n"));
        assert!(unknown.contains("row `a`") && unknown.contains("exchange.chanel"), "{unknown}");
        let impossible = refused(&format!("{row}set = {{ fusion.kind = 'fdam' }}\n"));
        assert!(impossible.contains("row `a`") && impossible.contains("fusion.level"), "{impossible}");
        assert!(refused(&format!("{row}base = 'nothing'\n")).contains("no preset named `nothing`"));
        assert!(refused(&format!("reference = 'b'\n{row}")).contains("no row is called `b`; there are a"));
        assert!(refused(&format!("{row}printed = {{ mIoU = 60.0 }}\n")).contains("`source`"));
        assert!(refused(&format!("source = 's'\n{row}printed = {{ mAcc = 60.0 }}\n")).contains("there are mIoU"));
        assert!(refused(&format!("version = 2\n{row}")).contains("version is 2"));
        for seeds in ["0", "[]", "[1, 1]"] {
            let text = format!("title = 'x'\nbase = 'ogp-net-demo'\nseeds = {seeds}\n{row}");
            let refused = Study::from_text(&text, Path::new("s.toml")).unwrap_err().to_string();
            assert!(refused.contains("`seeds`"), "{refused}");
        }
    }

    #[test]
    fn printed_figures_stand_by_the_title_of_theirs() {
        let study = study(
            "source = 'Table 5'\nfigures = [{}, { tag = 'night' }]\n[[rows]]\nname = 'a'\nprinted = { 'mIoU, night' = 50.0 }\n",
        )
        .unwrap();
        assert_eq!(study.rows[0].printed, [None, Some(0.5)]);
    }
}
