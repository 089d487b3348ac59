//! What a run knows of a vision-language model: vectors from a file, class names that ship with the program.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::Path;

use super::setup::Setup;
use crate::data::{DataError, SampleEntry, VectorFile};
use crate::objective::LanguageVectors;
use crate::protocol::Phase;
use crate::recipe::Recipe;
use crate::recipe::catalogue::objective;

/// How many samples without vectors are named.
const NAMED: usize = 3;

/// The teacher of L_cr and L_se (Any2Seg §3.2).
pub(super) struct LanguageTeacher {
    file: Option<VectorFile>,
    sensors: Vec<String>,
    likeness: Option<Vec<f64>>,
    /// Why there is no likeness of classes.
    lack: String,
    /// What was read of samples, for scenes come back every epoch.
    read: RefCell<BTreeMap<String, Option<Vec<f64>>>>,
}

impl LanguageTeacher {
    /// Opens the file that the recipe names, where it names one.
    pub(super) fn new(recipe: &Recipe, setup: &Setup) -> Result<Self, DataError> {
        let file = match recipe.get(objective::language::VECTORS) {
            "" => None,
            path => Some(VectorFile::open(Path::new(path))?),
        };
        let sensors = setup.names_in(Phase::Student);
        let classes = &setup.dataset.classes;
        let (likeness, lack) = match VectorFile::likeness_by(file.as_ref(), classes)? {
            Ok(likeness) => (Some(likeness), String::new()),
            Err(unknown) => (None, lack_of_names(&unknown)),
        };
        Ok(Self { file, sensors, likeness, lack, read: RefCell::default() })
    }

    /// What is off although the recipe has it on, and why; and which samples have no say.
    pub(super) fn remarks(&self, recipe: &Recipe, samples: &[SampleEntry]) -> Vec<String> {
        let mut remarks: Vec<String> = recipe.remarks().into_iter().map(|(_, words)| words.to_owned()).collect();
        if recipe.get(objective::intra_modal::ENABLED) && self.likeness.is_none() {
            remarks.push(self.lack.clone());
        }
        let Some(file) = self.file.as_ref().filter(|_| recipe.get(objective::inter_modal::ENABLED)) else {
            return remarks;
        };
        let missing: Vec<&str> =
            samples.iter().map(SampleEntry::id).filter(|id| !file.knows(id, &self.sensors)).collect();
        if !missing.is_empty() {
            let (count, all, path) = (missing.len(), samples.len(), recipe.get(objective::language::VECTORS));
            let names = missing.iter().take(NAMED).map(|id| format!("`{id}`")).collect::<Vec<_>>().join(", ");
            let more = if count > NAMED { ", …" } else { "" };
            remarks.push(format!(
                "{count} of {all} training samples have no say in inter-modal distillation: {names}{more} lack a vector of \
                 their caption or of a sensor in {path}"
            ));
        }
        remarks
    }

    /// What the losses that are on need of a batch.
    pub(super) fn vectors(&self, recipe: &Recipe, ids: &[String]) -> Result<Option<LanguageVectors>, DataError> {
        let inter = recipe.get(objective::inter_modal::ENABLED);
        let intra = recipe.get(objective::intra_modal::ENABLED);
        if !inter && !intra {
            return Ok(None);
        }
        let correlations = match &self.file {
            Some(file) if inter => ids.iter().map(|id| self.correlations(file, id)).collect::<Result<_, _>>()?,
            _ => Vec::new(),
        };
        Ok(Some(LanguageVectors { correlations, likeness: self.likeness.clone().filter(|_| intra) }))
    }

    fn correlations(&self, file: &VectorFile, id: &str) -> Result<Option<Vec<f64>>, DataError> {
        if let Some(known) = self.read.borrow().get(id) {
            return Ok(known.clone());
        }
        let found = file.correlations(id, &self.sensors)?;
        self.read.borrow_mut().insert(id.to_owned(), found.clone());
        Ok(found)
    }
}

fn lack_of_names(unknown: &[String]) -> String {
    let names = unknown.join(", ");
    format!(
        "Intra-modal distillation is off: no vectors are known of the class names {names}. Make some with \
         assets/tools/export_class_vectors.py --names \"…\" for all classes, and name the file in `objective.language.vectors`"
    )
}
