//! What is supposed, as a row of a study.

use fusionscope_engine::study::{DraftRow, row_of};

use super::Store;

impl Store {
    /// What is supposed as a row of a study; a sentence where nothing is.
    pub fn row_of_what_if(&self) -> Result<DraftRow, &'static str> {
        let used = self.network.as_ref().map_or(&[][..], |network| network.sensors.as_slice());
        row_of(&self.scene.what_if, used)
    }
}
