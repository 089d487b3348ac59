//! The rows of a study, each with its recipe, out of what is written.

use std::path::Path;

use super::beside::Beside;
use super::error::StudyError;
use super::grid;
use super::product::{Need, Product};
use super::settings::{Given, given};
use super::supposed::{impossible, supposed};
use super::written::{Written, WrittenReference, WrittenRow};
use crate::protocol::WhatIf;
use crate::recipe::catalogue::training;
use crate::recipe::{Recipe, preset, presets};
use crate::training::name_files_from_the_root;

/// One row of a study.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// What it is called; no two are called alike.
    pub name: String,
    /// The name as a folder's.
    pub folder: String,
    /// What is trained, but for the seed and for what is taken from other rows' runs.
    pub recipe: Recipe,
    /// What it takes from the runs of other rows.
    pub needs: Vec<Need>,
    /// Whether the table has it. What is not shown is trained for others to take from, and not scored.
    pub is_shown: bool,
    /// The only seed of a row that is not shown, where it has one for all seeds of the others.
    pub seed: Option<u32>,
    /// Seconds of training, which become steps where it is trained; as many steps as the recipe says where `None`.
    pub seconds: Option<f64>,
    /// The place of the row that it is compared with.
    pub against: Option<usize>,
    /// What the paper prints, a fraction, a figure each.
    pub printed: Vec<Option<f64>>,
    /// What is supposed where it is scored; on the data as they are where `None`.
    pub what_if: Option<WhatIf>,
    /// The place of the row whose runs are scored, where this one differs from it by its what-if alone.
    pub of: Option<usize>,
}

impl Row {
    /// What is trained from a seed; what is taken from other rows' runs is named by words in place of paths.
    pub fn from_seed(&self, seed: u32) -> Recipe {
        let mut recipe = self.recipe.clone();
        // Every seed is in the key's range.
        let _fits = recipe.put(training::SEED, u64::from(seed));
        recipe
    }
}

/// The rows of a study, each resolved.
pub(super) fn rows(study: &Written, beside: &Beside<'_>, path: &Path) -> Result<Vec<Row>, StudyError> {
    let malformed = |reason: String| StudyError::Malformed { reason, path: path.to_owned() };
    let mut written: Vec<WrittenRow> = study.rows.clone();
    written.extend(grid::rows(&study.grid).map_err(malformed)?);
    let names: Vec<&str> = written.iter().map(|row| row.name.as_str()).collect();
    let folders = folders_of(&names).map_err(malformed)?;
    let reading = Reading { study, written: &written, names: &names, beside, path };
    let reference = study.reference.as_deref().map(|name| reading.shown("`reference`", name)).transpose();
    let reference = reference.map_err(malformed)?;
    let row = |(at, folder): (usize, &String)| reading.row(at, folder, reference);
    let mut rows = folders.iter().enumerate().map(row).collect::<Result<Vec<_>, _>>()?;
    share_runs(&mut rows);
    refuse_circles(&rows).map_err(malformed)?;
    let is_taken = |at: usize| rows.iter().any(|row| row.needs.iter().any(|need| need.row == at));
    match rows.iter().enumerate().find(|(at, row)| !row.is_shown && !is_taken(*at)) {
        Some((_, row)) => Err(malformed(format!("row `{}` is not shown, and no other row takes its result", row.name))),
        None => Ok(rows),
    }
}

/// The first that stands there twice.
pub(super) fn doubled<T: PartialEq>(all: &[T]) -> Option<&T> {
    all.iter().enumerate().find(|(at, one)| all[..*at].contains(one)).map(|(_, one)| one)
}

/// What a row's words are read by.
struct Reading<'a> {
    study: &'a Written,
    written: &'a [WrittenRow],
    names: &'a [&'a str],
    beside: &'a Beside<'a>,
    path: &'a Path,
}

impl Reading<'_> {
    fn row(&self, at: usize, folder: &str, reference: Option<usize>) -> Result<Row, StudyError> {
        let malformed = |reason: String| StudyError::Malformed { reason, path: self.path.to_owned() };
        let WrittenRow { name, against, printed, shown, seed, .. } = &self.written[at];
        let against = match against {
            Some(other) => Some(self.shown(&format!("`against` of row `{name}`"), other).map_err(malformed)?),
            None => reference.filter(|_| *shown),
        };
        if !shown && (against.is_some() || printed.is_some()) {
            return Err(malformed(format!("row `{name}` is not shown, so it has no `against` and no `printed`")));
        }
        if *shown && seed.is_some() {
            let reason = "has a `seed` of its own, which only a row with `shown = false` may have: what is shown is \
                          trained from every seed";
            return Err(malformed(format!("row `{name}` {reason}")));
        }
        let beside = self.beside.row(name, printed.as_ref()).map_err(malformed)?;
        let seconds = self.seconds(&self.written[at]).map_err(malformed)?;
        let what_if = self.written[at].evaluate.as_ref().map(|evaluate| supposed(evaluate, self.path)).transpose();
        let what_if = what_if.map_err(|why| malformed(format!("row `{name}`: `evaluate`: {why}")))?;
        if !shown && what_if.is_some() {
            return Err(malformed(format!("row `{name}` is not shown, so it is not scored and has no `evaluate`")));
        }
        let (recipe, needs) = self.recipe(&self.written[at], folder)?;
        if let Some(why) = what_if.as_ref().and_then(|what_if| impossible(what_if, &recipe)) {
            return Err(malformed(format!("row `{name}`: `evaluate`: {why}")));
        }
        Ok(Row {
            name: name.clone(),
            folder: folder.to_owned(),
            recipe,
            needs,
            is_shown: *shown,
            seed: *seed,
            seconds,
            against: against.filter(|&other| other != at),
            printed: beside,
            what_if,
            of: None,
        })
    }

    /// The row's base with the study's settings and then its own.
    fn recipe(&self, row: &WrittenRow, name: &str) -> Result<(Recipe, Vec<Need>), StudyError> {
        let in_row = |source| StudyError::Row { row: row.name.clone(), source, path: self.path.to_owned() };
        let malformed = |reason: String| StudyError::Malformed {
            reason: format!("row `{}`: {reason}", row.name),
            path: self.path.to_owned(),
        };
        let mut recipe = self.base(row).map_err(in_row)?;
        if let Some(steps) = self.study.steps {
            recipe.set_text(training::STEPS.id(), &steps.to_string()).map_err(in_row)?;
        }
        let mut needs: Vec<Need> = Vec::new();
        for table in [&self.study.set, &row.set] {
            for (key, value) in given(table).map_err(malformed)? {
                needs.retain(|need| need.product.key().id() != key);
                match value {
                    Given::Value(value) => recipe.set_text(&key, &grid::words(value)).map_err(in_row)?,
                    Given::Result(reference) => {
                        let need = self.need(&key, &reference).map_err(|why| malformed(format!("`{key}`: {why}")))?;
                        let words = format!("of row {}", reference.row);
                        recipe.put(need.product.key(), words).map_err(in_row)?;
                        needs.push(need);
                    }
                }
            }
        }
        recipe.check().map_err(in_row)?;
        name_files_from_the_root(&mut recipe).map_err(in_row)?;
        name.clone_into(&mut recipe.name);
        Ok((recipe, needs))
    }

    fn seconds(&self, row: &WrittenRow) -> Result<Option<f64>, String> {
        match (row.seconds.or(self.study.seconds), self.study.steps) {
            (Some(_), Some(_)) => Err(format!(
                "row `{}` has a budget in `seconds` and the study one in `steps`; leave one of them",
                row.name
            )),
            (Some(seconds), None) if !(seconds > 0.0 && seconds < 1e9) => {
                Err(format!("row `{}`: expected more than 0 `seconds`, found {seconds}", row.name))
            }
            (seconds, _) => Ok(seconds),
        }
    }

    /// What the row begins with: a preset, or a file beside the study.
    fn base(&self, row: &WrittenRow) -> Result<Recipe, crate::recipe::RecipeError> {
        let base = row.base.as_ref().unwrap_or(&self.study.base);
        if presets().iter().any(|known| known.name == base) {
            return preset(base);
        }
        let file = self.path.parent().unwrap_or(Path::new("")).join(base);
        if file.is_file() { Recipe::read(&file) } else { preset(base) }
    }

    fn need(&self, key: &str, reference: &WrittenReference) -> Result<Need, String> {
        let product = Product::of(key, reference)?;
        Ok(Need { row: self.place(&reference.row)?, product })
    }

    fn place(&self, name: &str) -> Result<usize, String> {
        let found = self.names.iter().position(|known| *known == name);
        found.ok_or_else(|| format!("no row is called `{name}`; there are {}", self.names.join(", ")))
    }

    /// The place of a row to be compared with.
    fn shown(&self, of: &str, name: &str) -> Result<usize, String> {
        let at = self.place(name).map_err(|why| format!("{of}: {why}"))?;
        if self.written[at].shown {
            return Ok(at);
        }
        Err(format!("{of}: `{name}` has `shown = false`, and what is not shown has no figures to compare with"))
    }
}

/// Rows that differ from another by their what-if alone are scored on that one's runs, so that none is trained twice.
fn share_runs(rows: &mut [Row]) {
    for at in 0..rows.len() {
        let row = &rows[at];
        if row.what_if.is_none() {
            continue;
        }
        let is_alike = |other: &Row| {
            other.recipe.differences(&row.recipe).is_empty()
                && (&other.needs, other.seconds, other.seed) == (&row.needs, row.seconds, row.seed)
        };
        let clean = rows.iter().position(|other| other.what_if.is_none() && is_alike(other));
        let before = rows[..at].iter().position(|other| other.of.is_none() && is_alike(other));
        rows[at].of = clean.or(before);
    }
}

/// The rows' folders; a sentence where there is no row, or two are one.
fn folders_of(names: &[&str]) -> Result<Vec<String>, String> {
    if names.is_empty() {
        return Err("it has no row: expected `[[rows]]` or `[grid]`".to_owned());
    }
    if let Some(name) = doubled(names) {
        return Err(format!("two rows are called `{name}`"));
    }
    let folders: Vec<String> = names.iter().map(|name| folder_of(name)).collect();
    if let Some(folder) = doubled(&folders) {
        return Err(format!("two rows would lie in one folder, `{folder}`; name one of them otherwise"));
    }
    match folders.iter().position(String::is_empty) {
        Some(at) => Err(format!("a row is called `{}`; a name needs a letter or a number", names[at])),
        None => Ok(folders),
    }
}

/// A row's name as that of a folder: small letters, numbers and dashes.
fn folder_of(name: &str) -> String {
    let plain = |letter: char| if letter.is_alphanumeric() { letter } else { '-' };
    let words: String = name.to_lowercase().chars().map(plain).collect();
    let folder = words.split('-').filter(|word| !word.is_empty()).collect::<Vec<_>>().join("-");
    folder.chars().take(80).collect()
}

/// Rows that wait for each other would wait for ever.
fn refuse_circles(rows: &[Row]) -> Result<(), String> {
    let mut comes = vec![false; rows.len()];
    let waits_for = |comes: &[bool], at: usize| {
        rows[at].needs.iter().map(|need| need.row).chain(rows[at].of).find(|&other| !comes[other])
    };
    while let Some(next) = (0..rows.len()).find(|&at| !comes[at] && waits_for(&comes, at).is_none()) {
        comes[next] = true;
    }
    let Some(first) = comes.iter().position(|comes| !comes) else { return Ok(()) };
    let mut chain = vec![first];
    while let Some(next) = waits_for(&comes, chain[chain.len() - 1]) {
        let begun = chain.iter().position(|&at| at == next);
        chain.push(next);
        if let Some(begun) = begun {
            let names: Vec<&str> = chain[begun..].iter().map(|&at| rows[at].name.as_str()).collect();
            return Err(format!("rows take each other's results in a circle: {}", names.join(" from ")));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recipe::catalogue::{data, encoder, teacher};
    use crate::study::Study;

    const HEAD: &str = "title = 'Shared'\nbase = 'ogp-net-demo'\nseeds = 2\n";

    fn study(text: &str) -> Result<Study, StudyError> {
        Study::from_text(&format!("{HEAD}{text}"), Path::new("/studies/shared.toml"))
    }

    fn refused(text: &str) -> String {
        study(text).unwrap_err().to_string()
    }

    #[test]
    fn a_setting_may_name_the_result_of_another_row() {
        let study = study(
            "set = { teacher.run = { row = 'teacher' } }\n\
             [[rows]]\nname = 'teacher'\nbase = 'single-demo'\nshown = false\nset = { teacher.run = '' }\n\
             [[rows]]\nname = 'both'\nset = { encoder.pretrained = { row = 'teacher' } }\n\
             [[rows]]\nname = 'labels'\nset.teacher.run = ''\n\
             set.data.pseudo_labels = { row = 'both', sensor = 'thermal', min_confidence = 0.5 }\n",
        )
        .unwrap();
        let [teacher, both, labels] = study.rows.as_slice() else { panic!("{study:?}") };
        assert!(!teacher.is_shown && teacher.needs.is_empty() && both.is_shown);
        let products: Vec<(usize, &Product)> = both.needs.iter().map(|need| (need.row, &need.product)).collect();
        assert_eq!(products, [(0, &Product::Teacher), (0, &Product::Encoder)]);
        assert_eq!(both.recipe.get(encoder::PRETRAINED), "of row teacher");
        let product = Product::PseudoLabels { sensor: Some("thermal".to_owned()), min_confidence: 0.5 };
        assert_eq!(labels.needs, [Need { row: 1, product }]);
        assert_eq!(labels.recipe.get(teacher::RUN), "");
        assert!(labels.recipe.get(data::pseudo_labels::FILES).ends_with("of row both"));
    }

    #[test]
    fn a_grid_may_try_results_of_rows() {
        let study = study(
            "[[rows]]\nname = 'before'\nshown = false\n[grid]\nencoder.pretrained = ['nano', { row = 'before' }]\n",
        )
        .unwrap();
        let names: Vec<&str> = study.rows.iter().map(|row| row.name.as_str()).collect();
        assert_eq!(names, ["before", "encoder.pretrained = nano", "encoder.pretrained = before"]);
        assert_eq!(study.rows[2].needs, [Need { row: 0, product: Product::Encoder }]);
    }

    #[test]
    fn references_that_nothing_could_satisfy_are_refused_with_the_row() {
        let row = |name: &str, set: &str| format!("[[rows]]\nname = '{name}'\nset = {{ {set} }}\n");
        let unknown = refused(&row("a", "teacher.run = { row = 'b' }"));
        assert!(unknown.contains("row `a`") && unknown.contains("`teacher.run`: no row is called `b`"), "{unknown}");
        let circle = refused(&format!(
            "{}{}{}",
            row("c", "teacher.run = { row = 'a' }"),
            row("a", "teacher.run = { row = 'b' }"),
            row("b", "encoder.pretrained = { row = 'a' }")
        ));
        assert!(circle.contains("in a circle: a from b from a"), "{circle}");
        assert!(refused(&row("a", "teacher.run = { row = 'a' }")).contains("circle: a from a"));
        let none = refused(&row("a", "data.fake_night = { row = 'a' }"));
        assert!(none.contains("row `a`") && none.contains("`data.fake_night`: this setting takes no"), "{none}");
        let misspelt = refused(&row("a", "teacher.run = { row = 'a', sed = 1 }"));
        assert!(misspelt.contains("row `a`") && misspelt.contains("sed"), "{misspelt}");
        assert!(refused(&row("a", "teacher.run = { rwo = 'a' }")).contains("teacher.run.rwo"));
        assert!(refused(&row("a", "teacher.run = { row = 'a', sensor = 'b' }")).contains("for pseudo-labels"));
        let share = "data.pseudo_labels = { row = 'a', min_confidence = 2 }";
        assert!(refused(&row("a", share)).contains("0 to 1, found 2"));
    }

    #[test]
    fn what_is_not_shown_is_taken_from_and_nothing_else() {
        let hidden = "[[rows]]\nname = 'h'\nshown = false\n";
        let taker = "[[rows]]\nname = 'a'\nset = { teacher.run = { row = 'h' } }\n";
        assert!(refused(&format!("{hidden}[[rows]]\nname = 'a'\n")).contains("row `h` is not shown, and no other"));
        assert!(refused(&format!("{hidden}against = 'a'\n{taker}")).contains("row `h` is not shown, so"));
        assert!(refused(&format!("reference = 'h'\n{hidden}{taker}")).contains("`h` has `shown = false`"));
        assert!(refused(&format!("{hidden}{taker}seed = 1\n")).contains("row `a` has a `seed`"));
        let study = study(&format!("reference = 'a'\n{hidden}seed = 9\n{taker}")).unwrap();
        assert_eq!((study.rows[0].against, study.rows[0].seed), (None, Some(9)));
    }
}
