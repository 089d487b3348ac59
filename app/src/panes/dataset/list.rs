//! The scenes as they were arranged last, so that no frame looks through all of them.

use std::rc::Rc;

use fusionscope_engine::protocol::DatasetSummary;

use crate::store::Gallery;
use crate::store::gallery::{Arranged, Wishes};

/// The list in view.
#[derive(Debug)]
pub(super) struct List {
    /// What was asked for, without what the data set does not know.
    pub(super) wishes: Wishes,
    /// The scenes.
    pub(super) arranged: Arranged,
}

/// The newest list, with what it was made of.
#[derive(Debug, Default)]
pub(super) struct Lists(Option<([u64; 3], Wishes, Rc<List>)>);

impl Lists {
    /// The list that is wished for, made only where a wish has changed or what it depends on; and whether the wishes
    /// have.
    pub(super) fn get(&mut self, dataset: &DatasetSummary, gallery: &Gallery, wishes: &Wishes) -> (Rc<List>, bool) {
        let revision = gallery.revision(wishes);
        let is_same_wish = match &self.0 {
            Some((known, of, list)) if *known == revision && of == wishes => return (Rc::clone(list), false),
            Some((_, of, _)) => of == wishes,
            None => true,
        };
        let fitting = wishes.fitting(dataset, gallery.tags());
        let arranged = Arranged::of(dataset, gallery, &fitting);
        let list = Rc::new(List { wishes: fitting, arranged });
        self.0 = Some((revision, wishes.clone(), Rc::clone(&list)));
        (list, !is_same_wish)
    }
}
