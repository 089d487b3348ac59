//! Settings by a name that the compiler knows.

use std::marker::PhantomData;

use super::error::RecipeError;
use super::setting::{Change, Kind, Option_, Setting};
use super::value::Value;

/// A setting of the catalogue together with the type that it is read as: `bool`, `f64`, `usize` or `u64`, a [`Choice`],
/// `String` (read as `&str`), `Vec<usize>` or `Vec<String>` (read as a slice).
///
/// Only the catalogue makes keys, so a key always names a setting of its type.
#[derive(Debug)]
pub struct Key<T> {
    setting: Setting,
    reads: PhantomData<fn() -> T>,
}

impl<T> Clone for Key<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Key<T> {}

impl<T> Key<T> {
    pub(super) const fn new(
        key: &'static str,
        title: &'static str,
        change: Change,
        allowed: Allowed<T>,
        summary: &'static str,
    ) -> Self {
        Self { setting: Setting { key, title, summary, kind: allowed.kind, change }, reads: PhantomData }
    }

    /// The key as written in a recipe.
    pub const fn id(&self) -> &'static str {
        self.setting.key
    }

    /// The setting as data.
    pub const fn setting(&self) -> Setting {
        self.setting
    }

    /// Refuses a recipe whose value of this setting no run could satisfy; the reason says what to do.
    pub(super) fn impossible(&self, reason: &str) -> Result<(), RecipeError> {
        Err(RecipeError::Impossible { key: self.id().to_owned(), reason: reason.to_owned() })
    }
}

/// What values a setting of this type takes, and its default.
pub(super) struct Allowed<T> {
    kind: Kind,
    reads: PhantomData<fn() -> T>,
}

const fn allowed<T>(kind: Kind) -> Allowed<T> {
    Allowed { kind, reads: PhantomData }
}

/// On or off.
pub(super) const fn switch(default: bool) -> Allowed<bool> {
    allowed(Kind::Switch(default))
}

/// A real number within `min..=max`.
pub(super) const fn number(default: f64, min: f64, max: f64) -> Allowed<f64> {
    allowed(Kind::Number { default, min, max })
}

/// A whole number within `min..=max`.
pub(super) const fn integer<T: Whole>(default: i64, min: i64, max: i64) -> Allowed<T> {
    assert!(min >= 0, "whole numbers are counts, sizes and places");
    allowed(Kind::Integer { default, min, max })
}

/// One of a few words; [`Choice`]s offer it as `by_default`.
pub(super) const fn one_of<T: Choice>(default: &'static str) -> Allowed<T> {
    allowed(Kind::Choice { default, options: T::OPTIONS })
}

/// Free text: a name or a path; empty means none.
pub(super) const fn text(default: &'static str) -> Allowed<String> {
    allowed(Kind::Text(default))
}

/// Whole numbers within `min..=max`, none twice.
pub(super) const fn integers(default: &'static [i64], min: i64, max: i64) -> Allowed<Vec<usize>> {
    assert!(min >= 0, "whole numbers are counts, sizes and places");
    allowed(Kind::Integers { default, min, max })
}

/// Names; none means "choose for me".
pub(super) const fn texts() -> Allowed<Vec<String>> {
    allowed(Kind::Texts(&[]))
}

/// One of a few words of the catalogue.
pub trait Choice: Copy + 'static {
    /// All options, in the catalogue's order.
    const OPTIONS: &'static [Option_];

    /// All of them, as they stand in [`Self::OPTIONS`].
    fn all() -> &'static [Self];

    /// As written in a recipe.
    fn word(self) -> &'static str;

    /// What it means, in a sentence.
    fn summary(self) -> &'static str {
        Self::OPTIONS.iter().find(|option| option.id == self.word()).map_or("", |option| option.summary)
    }

    /// The option of that word.
    fn of(word: &str) -> Option<Self> {
        Self::all().iter().copied().find(|choice| choice.word() == word)
    }
}

/// A type of whole numbers that are not negative.
pub trait Whole {}

/// A type that settings are read as.
pub trait Readable: Sized {
    /// What reading gives; texts and names are borrowed from the recipe.
    type Read<'a>;

    /// The value as this type; `None` where it is of another kind.
    fn read(value: &Value) -> Option<Self::Read<'_>>;

    /// This as a value.
    fn into_value(self) -> Value;
}

impl Readable for bool {
    type Read<'a> = Self;

    fn read(value: &Value) -> Option<Self> {
        match value {
            Value::Switch(on) => Some(*on),
            _ => None,
        }
    }

    fn into_value(self) -> Value {
        Value::Switch(self)
    }
}

impl Readable for f64 {
    type Read<'a> = Self;

    fn read(value: &Value) -> Option<Self> {
        match value {
            Value::Number(number) => Some(*number),
            _ => None,
        }
    }

    fn into_value(self) -> Value {
        Value::Number(self)
    }
}

/// A whole number too large for a recipe, which no range allows, becomes the largest.
fn integer_value(number: impl TryInto<i64>) -> Value {
    Value::Integer(number.try_into().unwrap_or(i64::MAX))
}

macro_rules! whole {
    ($($type:ty),+) => {
        $(
            impl Whole for $type {}

            impl Readable for $type {
                type Read<'a> = Self;

                fn read(value: &Value) -> Option<Self> {
                    match value {
                        Value::Integer(number) => Self::try_from(*number).ok(),
                        _ => None,
                    }
                }

                fn into_value(self) -> Value {
                    integer_value(self)
                }
            }
        )+
    };
}

whole!(usize, u64);

impl Readable for String {
    type Read<'a> = &'a str;

    fn read(value: &Value) -> Option<&str> {
        match value {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    fn into_value(self) -> Value {
        Value::Text(self)
    }
}

impl Readable for Vec<usize> {
    type Read<'a> = Self;

    fn read(value: &Value) -> Option<Self> {
        match value {
            Value::Integers(numbers) => numbers.iter().map(|&number| usize::try_from(number).ok()).collect(),
            _ => None,
        }
    }

    fn into_value(self) -> Value {
        Value::Integers(self.into_iter().map(|number| i64::try_from(number).unwrap_or(i64::MAX)).collect())
    }
}

impl Readable for Vec<String> {
    type Read<'a> = &'a [String];

    fn read(value: &Value) -> Option<&[String]> {
        match value {
            Value::Texts(words) => Some(words),
            _ => None,
        }
    }

    fn into_value(self) -> Value {
        Value::Texts(self)
    }
}

impl<C: Choice> Readable for C {
    type Read<'a> = Self;

    fn read(value: &Value) -> Option<Self> {
        match value {
            Value::Text(word) => Self::of(word),
            _ => None,
        }
    }

    fn into_value(self) -> Value {
        Value::Text(self.word().to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recipe::catalogue::encoder::Family;

    #[track_caller]
    fn reads_its_default<T: Readable>(allowed: Allowed<T>) {
        let default = allowed.kind.default_value();
        assert!(T::read(&default).is_some(), "{default:?}");
    }

    #[test]
    fn every_kind_of_setting_is_read_as_its_type() {
        reads_its_default(switch(true));
        reads_its_default(number(0.5, 0.0, 1.0));
        reads_its_default(integer::<usize>(3, 0, 9));
        reads_its_default(integer::<u64>(3, 0, i64::MAX));
        reads_its_default(text("day"));
        reads_its_default(integers(&[4, 5], 1, 5));
        reads_its_default(texts());
        for family in Family::ALL {
            reads_its_default(family.by_default());
        }
    }

    #[test]
    fn what_is_put_into_a_value_is_read_out_of_it() {
        assert_eq!(bool::read(&true.into_value()), Some(true));
        assert_eq!(f64::read(&0.25.into_value()), Some(0.25));
        assert_eq!(usize::read(&7_usize.into_value()), Some(7));
        assert_eq!(u64::read(&(1_u64 << 40).into_value()), Some(1 << 40));
        assert_eq!(Vec::<usize>::read(&vec![4_usize, 5].into_value()), Some(vec![4, 5]));
        assert!(Family::ALL.into_iter().all(|family| Family::read(&family.into_value()) == Some(family)));
        assert_eq!(String::read(&"night".to_owned().into_value()), Some("night"));
        let names = vec!["colour".to_owned(), "thermal".to_owned()];
        assert_eq!(Vec::<String>::read(&names.clone().into_value()), Some(names.as_slice()));
    }
}
