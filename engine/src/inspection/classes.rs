//! The classes of two networks, joined by their names.

/// Whose classes' names are which.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct SharedClasses {
    /// The id among ours of each of theirs; those that we lack stand behind ours.
    ours: Vec<u8>,
    has_all: bool,
}

impl SharedClasses {
    /// Joins two lists of class names, whatever their case and order. Fails where each has a class that the other lacks:
    /// then more pixels would differ than the networks' answers do.
    pub(super) fn of(ours: &[String], theirs: &[String]) -> Result<Self, String> {
        let is_same = |one: &String, other: &String| one.trim().eq_ignore_ascii_case(other.trim());
        let lacking = |names: &[String], of: &[String]| -> Option<String> {
            names.iter().find(|name| !of.iter().any(|other| is_same(name, other))).cloned()
        };
        let (we_lack, they_lack) = (lacking(theirs, ours), lacking(ours, theirs));
        if let (Some(theirs), Some(ours)) = (&we_lack, &they_lack) {
            return Err(format!(
                "each of the two networks has classes that the other has not: `{ours}` of the one in view, `{theirs}` of the \
                 other one"
            ));
        }
        let mut behind = ours.len()..;
        let ids = theirs.iter().map(|name| {
            let place = ours.iter().position(|own| is_same(own, name)).or_else(|| behind.next());
            place.and_then(|place| u8::try_from(place).ok())
        });
        let ids = ids.collect::<Option<Vec<u8>>>();
        let ids = ids.ok_or("the two networks have more than 256 classes together")?;
        Ok(Self { ours: ids, has_all: we_lack.is_none() })
    }

    /// The id of ours for an id of theirs.
    pub(super) fn ours_of(&self, theirs: u8) -> u8 {
        self.ours.get(usize::from(theirs)).copied().unwrap_or(theirs)
    }

    /// Whether every class of theirs is one of ours.
    pub(super) fn has_all_of_theirs(&self) -> bool {
        self.has_all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(names: &[&str]) -> Vec<String> {
        names.iter().map(|&name| name.to_owned()).collect()
    }

    #[test]
    fn classes_are_joined_by_name_in_any_order_and_case() {
        let shared = SharedClasses::of(&names(&["road", "car", "sky"]), &names(&["Sky", "road ", "CAR"])).unwrap();
        assert_eq!([0, 1, 2].map(|id| shared.ours_of(id)), [2, 0, 1]);
        assert!(shared.has_all_of_theirs());
    }

    #[test]
    fn a_class_that_only_one_has_is_like_none_of_the_others() {
        let shared = SharedClasses::of(&names(&["road", "car"]), &names(&["cone", "car", "road"])).unwrap();
        assert_eq!([0, 1, 2].map(|id| shared.ours_of(id)), [2, 1, 0]);
        assert!(!shared.has_all_of_theirs());
        let fewer = SharedClasses::of(&names(&["road", "car", "sky"]), &names(&["car"])).unwrap();
        assert!(fewer.ours_of(0) == 1 && fewer.has_all_of_theirs());
    }

    #[test]
    fn lists_of_which_each_lacks_something_are_not_compared() {
        let why = SharedClasses::of(&names(&["road", "car"]), &names(&["road", "boat"])).unwrap_err();
        assert!(why.contains("`car` of the one in view") && why.contains("`boat` of the other"), "{why}");
    }
}
