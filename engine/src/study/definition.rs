//! A study, every row's recipe resolved.

use std::path::{Path, PathBuf};

use super::beside::Beside;
use super::error::StudyError;
use super::figure::Figure;
use super::rows::{Row, doubled, rows};
use super::shipped::shipped_studies;
use super::written::{Seeds, Written};
use crate::files::{read_at_most, toml_error};

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
        let printed = Beside::of(&written, &figures).map_err(malformed)?;
        let (rows, source) = (rows(&written, &printed, path)?, printed.source());
        let beside = |file: &String| path.parent().unwrap_or(Path::new("")).join(file);
        Ok(Self {
            name: path.file_stem().map_or_else(|| "study".to_owned(), |stem| stem.to_string_lossy().into_owned()),
            data: written.data.as_ref().map(beside),
            split: written.split.unwrap_or_else(|| "test".to_owned()),
            title: written.title,
            note: written.note,
            source,
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recipe::catalogue::{exchange, fusion, training};

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
