//! Where an encoder's first weights come from.

use super::family::Family;

/// What `encoder.pretrained` names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pretrained<'a> {
    /// Nothing: random numbers.
    Nothing,
    /// The weights that come with the program, for a family that has some.
    Shipped(Family),
    /// A file, perhaps with the prefix of one of several encoders in it.
    File(&'a str),
}

impl<'a> Pretrained<'a> {
    /// What a recipe's text names.
    pub fn of(text: &'a str) -> Self {
        let shipped = Family::ALL.into_iter().find(|family| family.word() == text && family.facts().is_shipped);
        match shipped {
            Some(family) => Self::Shipped(family),
            None if text.is_empty() => Self::Nothing,
            None => Self::File(text),
        }
    }

    /// The names that stand for shipped weights.
    pub fn shipped_names() -> Vec<&'static str> {
        Family::ALL.into_iter().filter(|family| family.facts().is_shipped).map(Family::word).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_names_shipped_weights_a_file_or_nothing() {
        assert_eq!(Pretrained::of(""), Pretrained::Nothing);
        assert_eq!(Pretrained::of("nano"), Pretrained::Shipped(Family::Nano));
        // A family without shipped weights, and a file that is called nearly so.
        assert_eq!(Pretrained::of("mit-b0"), Pretrained::File("mit-b0"));
        assert_eq!(Pretrained::of("./nano"), Pretrained::File("./nano"));
        assert_eq!(Pretrained::shipped_names(), ["nano", "mscan-nano", "mit-nano"]);
    }
}
