//! What is supposed, as a row of a study.

use fusionscope_engine::study::{DraftRow, row_of};

use super::Store;

impl Store {
    /// What is supposed as a row of a study; a sentence where no recipe can say it.
    pub fn row_of_what_if(&self) -> Result<DraftRow, &'static str> {
        let used = self.network.as_ref().map_or(&[][..], |network| network.sensors.as_slice());
        let what_if = &self.scene.what_if;
        Ok(DraftRow { set: row_of(what_if, used)?, name: what_if.title() })
    }
}
