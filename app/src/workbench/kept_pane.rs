//! A pane's name as it was kept.

use std::fmt;

use serde::de::value::StrDeserializer;
use serde::de::{self, Deserialize, Deserializer, EnumAccess, IntoDeserializer as _, VariantAccess as _, Visitor};

use crate::arrangement::PaneKind;

/// A pane by its kept name; `None` where no pane is called so, such as one of a newer program. What [`PaneKind`] writes
/// is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct KeptPane(pub(super) Option<PaneKind>);

impl From<KeptPane> for Option<PaneKind> {
    fn from(KeptPane(kind): KeptPane) -> Self {
        kind
    }
}

impl<'de> Deserialize<'de> for KeptPane {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // The names only matter to formats that number variants, which no storage here does.
        deserializer.deserialize_enum("PaneKind", &[], NameVisitor)
    }
}

struct NameVisitor;

impl<'de> Visitor<'de> for NameVisitor {
    type Value = KeptPane;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("the name of a pane")
    }

    fn visit_enum<A: EnumAccess<'de>>(self, data: A) -> Result<KeptPane, A::Error> {
        let (Name(kind), variant) = data.variant()?;
        variant.unit_variant()?;
        Ok(KeptPane(kind))
    }
}

/// The name itself, which text formats may write without quotes.
struct Name(Option<PaneKind>);

impl<'de> Deserialize<'de> for Name {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Word;

        impl Visitor<'_> for Word {
            type Value = Name;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a word")
            }

            fn visit_str<E: de::Error>(self, word: &str) -> Result<Name, E> {
                let word: StrDeserializer<'_, de::value::Error> = word.into_deserializer();
                Ok(Name(PaneKind::deserialize(word).ok()))
            }
        }

        deserializer.deserialize_identifier(Word)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pane_is_read_by_the_name_it_is_written_with_and_others_as_nothing() {
        for kind in PaneKind::all() {
            let text = serde_json::to_string(&kind).unwrap();
            assert_eq!(serde_json::from_str::<KeptPane>(&text).unwrap(), KeptPane(Some(kind)));
        }
        assert_eq!(serde_json::from_str::<KeptPane>("\"pane-of-tomorrow\"").unwrap(), KeptPane(None));
        assert!(serde_json::from_str::<KeptPane>("7").is_err());
    }
}
