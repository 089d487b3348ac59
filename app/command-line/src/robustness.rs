//! `fusionscope robustness`.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use fusionscope_engine::drawing::{Print, drawing_file};
use fusionscope_engine::files::output::write_out;
use fusionscope_engine::protocol::{EvaluationReport, Protocol, ProtocolReport};
use fusionscope_engine::robustness::{Kept, Method, curves_csv, severity_picture};
use fusionscope_engine::training::{Finder, RunFolder};

use super::arguments::RobustnessArguments;
use super::command_words::command_words;
use super::exit::{Exit, Failure, OrFail as _, Outcome};
use super::named::named;
use super::output;

/// A row of the picture: a run, or several that are averaged.
struct Row {
    name: String,
    runs: Vec<Read>,
}

/// What was read of a run.
struct Read {
    path: PathBuf,
    protocols: Vec<ProtocolReport>,
    evaluations: Vec<EvaluationReport>,
}

impl Read {
    fn of(path: PathBuf, folder: &RunFolder) -> Result<Self, Failure> {
        let (evaluations, warning) = folder.evaluations_with_warning().or_fail()?;
        if let Some(warning) = warning {
            output::complain(&format!("warning: {warning}"));
        }
        Ok(Self { path, protocols: folder.protocols().or_fail()?, evaluations })
    }

    fn kept(&self) -> Kept<'_> {
        Kept { protocols: &self.protocols, evaluations: &self.evaluations }
    }
}

/// Draws what runs lose as one of their sensors degrades, from what their folders keep.
pub fn run(arguments: &RobustnessArguments) -> Outcome {
    let RobustnessArguments { runs, out, split } = arguments;
    let rows: Vec<Row> = runs.iter().map(|words| row(words)).collect::<Result<_, _>>()?;
    let split = split.clone().unwrap_or_else(|| usual_split(&rows));
    let mut first: Option<&ProtocolReport> = None;
    let mut methods = Vec::new();
    let mut reports = Vec::new();
    for Row { name, runs } in &rows {
        let mut own = Vec::new();
        for run in runs {
            let report = report_of(run, &split)?;
            let first = *first.get_or_insert(report);
            if !report.is_like(first) {
                return Err(unlike(report, first, &run.path));
            }
            own.push((run.kept(), report));
            reports.push((name.as_str(), report));
        }
        methods.extend(Method::of(name, &own));
    }
    let is_table = out.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("csv"));
    let bytes = if is_table {
        curves_csv(reports).into_bytes()
    } else {
        let about = first.map_or_else(String::new, |report| {
            let ProtocolReport { dataset, split, convention, .. } = report;
            format!("On {dataset}, {split}; means by {convention}.")
        });
        let refused = |reason: String| Failure::new(Exit::Usage, format!("{reason}: {}", out.display()));
        drawing_file(out, &Print::by(command_words()), || severity_picture(&methods, &about)).map_err(refused)?
    };
    write_out(out, &bytes).map_err(|error| Failure::unwritten("the figure", error, out))?;
    Ok(Exit::Done)
}

/// A row by its words: `RUN`, or `NAME=RUN` where no file has that name.
fn row(words: &OsStr) -> Result<Row, Failure> {
    let (name, path) = named(words);
    let found = Finder::default().find(std::slice::from_ref(&path));
    let mut runs = Vec::new();
    let mut recipe = None;
    for path in found.runs {
        let folder = RunFolder::open(&path).or_fail()?;
        recipe.get_or_insert_with(|| folder.recipe().name.clone());
        runs.push(Read::of(path, &folder)?);
    }
    if runs.is_empty() {
        let message = format!("expected a run folder or a folder of runs, found neither: {}", path.display());
        return Err(Failure::new(Exit::BadData, message));
    }
    Ok(Row { name: name.or(recipe).unwrap_or_default(), runs })
}

/// `test` where some run has figures of it, else the split that was evaluated last.
fn usual_split(rows: &[Row]) -> String {
    let runs = || rows.iter().flat_map(|row| &row.runs);
    let is_there = |split: &str| runs().any(|run| run.kept().newest(Protocol::Severity, Some(split)).is_some());
    let newest = runs().find_map(|run| run.kept().newest(Protocol::Severity, None));
    if is_there("test") { "test".to_owned() } else { newest.map_or("test", |report| &report.split).to_owned() }
}

fn report_of<'a>(run: &'a Read, split: &str) -> Result<&'a ProtocolReport, Failure> {
    run.kept().newest(Protocol::Severity, Some(split)).ok_or_else(|| {
        let message = format!(
            "the run has no severity curves on {split}; `fusionscope evaluate RUN --protocol severity --split {split}` makes \
             them: {}",
            run.path.display()
        );
        Failure::new(Exit::BadData, message)
    })
}

fn unlike(found: &ProtocolReport, first: &ProtocolReport, path: &Path) -> Failure {
    let words = |report: &ProtocolReport| {
        let ProtocolReport { dataset, split, convention, missing, .. } = report;
        format!("{dataset}, {split}, means by {convention}, missing: {missing}")
    };
    let message = format!(
        "the figures of these runs were made in different ways, so they stand in no picture: expected {}, found {}: {}",
        words(first),
        words(found),
        path.display()
    );
    Failure::new(Exit::BadData, message)
}
