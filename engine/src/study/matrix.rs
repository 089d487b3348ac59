//! Rows out of parts of a recipe that are switched off and on.

use super::draft::DraftRow;
use super::supposed;
use crate::recipe::{Component, Kind, Recipe, RecipeError, Setting, Value, catalogue};

/// The most parts of which all combinations are tried: 64 rows.
pub const MOST_PARTS: usize = 6;

/// A switch of the catalogue: a component's own, or one inside a component.
#[derive(Clone, Copy, Debug)]
pub struct Part {
    /// What it belongs to.
    pub component: &'static Component,
    /// The switch.
    pub setting: &'static Setting,
}

/// Which rows are made of the parts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Matrix {
    /// All of them, and all but each.
    #[default]
    EachOff,
    /// None of them, and each alone.
    EachOn,
    /// Every combination.
    All,
}

/// A row as it would be.
#[derive(Clone, Debug, PartialEq)]
pub struct Planned {
    /// Its name and what it sets.
    pub row: DraftRow,
    /// What is trained, but for the seed.
    pub recipe: Recipe,
    /// Why no run can be of it, in the catalogue's own words.
    pub impossible: Option<String>,
    /// What is on in it and yet does nothing, and why.
    pub idle: Vec<String>,
}

impl Part {
    /// What can be switched in a recipe, in the catalogue's order: every component that has a switch, and the switches
    /// inside of those that the recipe uses.
    pub fn all(recipe: &Recipe) -> Vec<Self> {
        let of = |component: &'static Component| {
            let is_own = move |setting: &Setting| component.switch().is_some_and(|own| own.key == setting.key);
            let in_use = recipe.uses(component);
            let settings = component.settings.iter();
            let offered = move |setting: &&'static Setting| {
                matches!(setting.kind, Kind::Switch(_)) && (in_use || is_own(setting))
            };
            settings.filter(offered).map(move |setting| Self { component, setting })
        };
        catalogue().iter().flat_map(of).collect()
    }

    /// What it is called: the component, or the component and the switch.
    pub fn title(&self) -> String {
        // Without the symbol of the term.
        let component = self.component.title.split(" (").next().unwrap_or(self.component.title);
        match self.component.switch() {
            Some(own) if own.key == self.setting.key => component.to_owned(),
            _ => format!("{component}: {}", self.setting.title.to_lowercase()),
        }
    }

    fn set(&self, on: bool) -> (&'static str, Value) {
        (self.setting.key, Value::Switch(on))
    }
}

impl Matrix {
    /// All of them, in the order of the pane.
    pub const ALL: [Self; 3] = [Self::EachOff, Self::EachOn, Self::All];

    /// A few words.
    pub fn title(self) -> &'static str {
        match self {
            Self::EachOff => "Each alone off",
            Self::EachOn => "Each alone on",
            Self::All => "All combinations",
        }
    }

    /// The rows, the first of which is the one that others are compared with; none without a part, and none of all
    /// combinations of more than [`MOST_PARTS`].
    pub fn rows(self, base: &Recipe, parts: &[Part]) -> Vec<Planned> {
        let count = parts.len();
        if count == 0 || (self == Self::All && count > MOST_PARTS) {
            return Vec::new();
        }
        let title = |at: usize| parts[at].title();
        let switched = |name: String, is_on: &dyn Fn(usize) -> bool| planned(base, parts, name, is_on);
        match self {
            Self::EachOff => {
                let whole =
                    switched(if count == 1 { format!("with {}", title(0)) } else { "all parts".to_owned() }, &|_| true);
                let without = (0..count).map(|off| switched(format!("without {}", title(off)), &move |at| at != off));
                std::iter::once(whole).chain(without).collect()
            }
            Self::EachOn => {
                let none = switched("no part".to_owned(), &|_| false);
                let alone = (0..count).map(|on| switched(format!("{} alone", title(on)), &move |at| at == on));
                std::iter::once(none).chain(alone).collect()
            }
            Self::All => {
                let mut combinations: Vec<u32> = (0..1 << count).collect();
                combinations.sort_by_key(|combination| combination.count_ones());
                let row = |combination: u32| {
                    let is_on = |at: usize| combination >> at & 1 == 1;
                    let on: Vec<String> = (0..count).filter(|&at| is_on(at)).map(title).collect();
                    let name = if on.is_empty() { "no part".to_owned() } else { on.join(" + ") };
                    switched(name, &is_on)
                };
                combinations.into_iter().map(row).collect()
            }
        }
    }
}

fn planned(base: &Recipe, parts: &[Part], name: String, is_on: &dyn Fn(usize) -> bool) -> Planned {
    let set = parts.iter().enumerate().map(|(at, part)| part.set(is_on(at))).collect();
    Planned::of(base, DraftRow { name, set, what_if: None })
}

impl Planned {
    /// This row on this base.
    pub fn of(base: &Recipe, row: DraftRow) -> Self {
        let mut recipe = base.clone();
        let fits = row.set.iter().try_for_each(|(key, value)| recipe.set(key, value.clone()));
        let impossible = fits.and_then(|()| recipe.check()).err().map(|error| match error {
            RecipeError::Impossible { key, reason } => format!("{key}: {reason}"),
            other => other.to_string(),
        });
        let unasked = || row.what_if.as_ref().and_then(|what_if| supposed::impossible(what_if, &recipe));
        let impossible = impossible.or_else(unasked);
        let remarks = recipe.remarks().into_iter().filter(|(key, _)| row.set.iter().any(|(of, _)| of == key));
        let idle = remarks.map(|(key, why)| format!("{key}: {why}")).collect();
        Self { row, recipe, impossible, idle }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::recipe::preset;
    use crate::study::{Draft, Study};

    fn parts(recipe: &Recipe, keys: &[&str]) -> Vec<Part> {
        Part::all(recipe).into_iter().filter(|part| keys.contains(&part.setting.key)).collect()
    }

    const THREE: [&str; 3] = ["exchange.channel.enabled", "exchange.spatial.enabled", "objective.relation.enabled"];

    fn states(planned: &Planned) -> Vec<bool> {
        planned.row.set.iter().map(|(_, value)| *value == Value::Switch(true)).collect()
    }

    #[test]
    fn each_alone_off_compares_with_all_and_each_alone_on_with_none() {
        let base = preset("ogp-net-demo").unwrap();
        let three = parts(&base, &THREE);
        let rows = Matrix::EachOff.rows(&base, &three);
        let all: Vec<_> = rows.iter().map(states).collect();
        assert_eq!(all, [[true; 3], [false, true, true], [true, false, true], [true, true, false]]);
        assert_eq!((rows[0].row.name.as_str(), rows[1].row.name.as_str()), ("all parts", "without Channel exchange"));
        let rows = Matrix::EachOn.rows(&base, &three);
        let all: Vec<_> = rows.iter().map(states).collect();
        assert_eq!(all, [[false; 3], [true, false, false], [false, true, false], [false, false, true]]);
        assert_eq!(rows[3].row.name, "Relation distillation alone");
        assert!(rows.iter().all(|row| row.impossible.is_none()), "{rows:?}");
    }

    #[test]
    fn all_combinations_begin_with_none_and_end_with_all_and_no_two_are_called_alike() {
        let base = preset("ogp-net-demo").unwrap();
        let rows = Matrix::All.rows(&base, &parts(&base, &THREE));
        assert_eq!(rows.len(), 8);
        assert_eq!((states(&rows[0]), states(&rows[7])), (vec![false; 3], vec![true; 3]));
        let draft = Draft {
            title: "t".to_owned(),
            note: String::new(),
            base: base.clone(),
            seeds: vec![1],
            seconds: None,
            data: None,
            split: "test".to_owned(),
            figures: Vec::new(),
            reference: Some(rows[0].row.name.clone()),
            rows: rows.into_iter().map(|planned| planned.row).collect(),
        };
        let study = Study::from_text(&draft.to_toml(), Path::new("s.toml")).unwrap();
        assert_eq!((study.rows.len(), study.rows[7].against, study.rows[0].against), (8, Some(0), None));
        let many = Part::all(&base);
        assert!(many.len() > MOST_PARTS && Matrix::All.rows(&base, &many).is_empty());
        assert!(Matrix::EachOff.rows(&base, &[]).is_empty());
    }

    #[test]
    fn a_row_that_no_run_could_be_of_says_why_in_the_catalogue_s_words() {
        let mut base = preset("ogp-net-demo").unwrap();
        base.set_text("exchange.channel", "off").unwrap();
        base.set_text("exchange.spatial", "off").unwrap();
        base.set_text("encoder.sharing", "shared").unwrap();
        base.check().unwrap();
        let rows = Matrix::EachOn.rows(&base, &parts(&base, &THREE[..1]));
        assert_eq!(rows[0].impossible, None);
        let why = rows[1].impossible.as_deref().unwrap();
        assert!(why.contains("exchange.channel") && why.contains("batch norms per sensor"), "{why}");
    }

    #[test]
    fn switches_inside_of_what_is_not_used_are_not_offered() {
        let recipe = preset("ogp-net-demo").unwrap();
        let keys: Vec<&str> = Part::all(&recipe).iter().map(|part| part.setting.key).collect();
        assert!(keys.contains(&"sci.enabled") && !keys.contains(&"sci.active"), "{keys:?}");
        let inside = Part::all(&preset("amdanet-demo").unwrap());
        let inside = inside.iter().find(|part| part.setting.key == "sci.active").unwrap();
        assert_eq!(inside.title(), format!("{}: in use", inside.component.title.split(" (").next().unwrap()));
    }
}
