//! Choices as enums, whose words and summaries stand with their variants.

/// Makes an enum of a setting's options, each with its word in recipes and what choosing it means, in one sentence.
macro_rules! choice {
    ($(#[$doc:meta])* pub enum $name:ident { $($variant:ident = $word:literal: $summary:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name {
            $(#[doc = $summary] $variant,)+
        }

        impl $name {
            /// All options, in the catalogue's order.
            pub const ALL: [Self; [$($word),+].len()] = [$(Self::$variant),+];

            /// As written in a recipe.
            pub const fn word(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }

            /// All options, this one by default.
            #[allow(dead_code, reason = "not every choice is a setting")]
            pub(in $crate::recipe) const fn by_default(self) -> $crate::recipe::key::Allowed<Self> {
                $crate::recipe::key::one_of(self.word())
            }
        }

        impl $crate::recipe::key::Choice for $name {
            const OPTIONS: &'static [$crate::recipe::setting::Option_] =
                &[$($crate::recipe::setting::Option_ { id: $word, summary: $summary }),+];

            fn all() -> &'static [Self] {
                &Self::ALL
            }

            fn word(self) -> &'static str {
                self.word()
            }
        }
    };
}

pub(super) use choice;
