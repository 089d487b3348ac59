//! The data set that a session has open.

use std::path::Path;
use std::sync::Arc;

use crate::data::{DataError, Dataset, Reach};
use crate::progress::{Progress, Stopped};
use crate::training::{Environment, data_sum};

/// The open data set.
pub(super) struct Data {
    pub(super) dataset: Arc<Dataset>,
    /// The class map that is applied, as the recipe names it.
    pub(super) class_map: String,
    /// Whether it was opened by the user after the run that may be resumed.
    pub(super) chosen: bool,
}

impl Data {
    pub(super) fn open(
        path: &Path,
        reach: Reach,
        class_map: &str,
        progress: &mut Progress<'_>,
    ) -> Result<Self, DataError> {
        let dataset = Dataset::open_reaching(path, reach, progress)?.with_class_map(class_map)?;
        Ok(Self { dataset: Arc::new(dataset), class_map: class_map.to_owned(), chosen: false })
    }

    /// A data set that the user has chosen for a network: a class map that belongs to the network's own data set says
    /// nothing about this one.
    pub(super) fn open_for(
        path: &Path,
        reach: Reach,
        class_map: &str,
        progress: &mut Progress<'_>,
    ) -> Result<Self, DataError> {
        let dataset = Dataset::open_reaching(path, reach, progress)?;
        let (dataset, class_map) = match dataset.clone().with_class_map(class_map) {
            Ok(joined) => (joined, class_map),
            Err(_not_of_this_data) => (dataset, ""),
        };
        Ok(Self { dataset: Arc::new(dataset), class_map: class_map.to_owned(), chosen: true })
    }

    /// What is to be known about it, its values among it.
    pub(super) fn notes(&self, progress: &mut Progress<'_>) -> Result<Vec<String>, Stopped> {
        let seen = self.dataset.look(progress)?;
        Ok(self.dataset.notes.iter().cloned().chain(seen).collect())
    }

    pub(super) fn is_of(&self, environment: &Environment) -> bool {
        data_sum(&self.dataset.summary()) == environment.data_sum
    }
}
