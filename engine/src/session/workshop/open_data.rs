//! The data set that a session has open.

use std::path::Path;
use std::sync::Arc;

use crate::data::{DataError, Dataset, Reach, Reading};
use crate::progress::{Progress, Stopped};
use crate::training::{Environment, data_sum};

/// The open data set.
pub(super) struct Data {
    pub(super) dataset: Arc<Dataset>,
    /// How it is read.
    pub(super) reading: Reading,
    /// Whether it was opened by the user after the run that may be resumed.
    pub(super) chosen: bool,
}

impl Data {
    pub(super) fn open(
        path: &Path,
        reach: Reach,
        reading: &Reading,
        progress: &mut Progress<'_>,
    ) -> Result<Self, DataError> {
        let dataset = Dataset::open_reaching(path, reach, progress)?.read_as(reading)?;
        Ok(Self { dataset: Arc::new(dataset), reading: reading.clone(), chosen: false })
    }

    /// A data set that the user has chosen for a network: a class map that belongs to the network's own data set says
    /// nothing about this one.
    pub(super) fn open_for(
        path: &Path,
        reach: Reach,
        reading: &Reading,
        progress: &mut Progress<'_>,
    ) -> Result<Self, DataError> {
        let dataset = Dataset::open_reaching(path, reach, progress)?;
        let (dataset, reading) = match dataset.clone().read_as(reading) {
            Ok(read) => (read, reading.clone()),
            Err(_not_of_this_data) => {
                let reading = Reading { class_map: String::new(), ..reading.clone() };
                (dataset.read_as(&reading)?, reading)
            }
        };
        Ok(Self { dataset: Arc::new(dataset), reading, chosen: true })
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
