//! One figure as it is printed.

use serde::{Deserialize, Deserializer, Serialize};

/// A figure, with every digit that is printed.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Printed {
    /// As it stands there: `44.70`, or `–` for no figure.
    pub text: String,
    /// The number; `None` where there is none.
    pub value: Option<f64>,
    /// What is printed beside it as the gain over another row.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gain: Option<f64>,
}

impl Printed {
    /// `62.1`, `+1.95`, `-` for no figure, or `62.1^+3.6` for one with its gain.
    fn of(word: &str) -> Result<Self, String> {
        let none = || format!("expected a number, `-`, or a number with `^` and its gain, found `{word}`");
        let number = |word: &str| word.parse::<f64>().ok().filter(|number| number.is_finite()).ok_or_else(none);
        if word == "-" {
            return Ok(Self { text: "–".to_owned(), value: None, gain: None });
        }
        let (value, gain) = match word.split_once('^') {
            Some((value, gain)) if gain.starts_with(['+', '-']) => (value, Some(number(gain)?)),
            Some(_) => return Err(none()),
            None => (word, None),
        };
        // A minus as long as the plus.
        Ok(Self { text: value.replace('-', "−"), value: Some(number(value)?), gain })
    }
}

/// The figures of a row, with blanks between them.
pub(super) fn row<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Printed>, D::Error> {
    let text = String::deserialize(deserializer)?;
    text.split_whitespace().map(Printed::of).collect::<Result<_, _>>().map_err(serde::de::Error::custom)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_figure_keeps_every_printed_digit_and_its_gain() {
        let printed = |word: &str| Printed::of(word).unwrap();
        assert_eq!(printed("44.70"), Printed { text: "44.70".to_owned(), value: Some(44.7), gain: None });
        assert_eq!(printed("62.1^+3.6"), Printed { text: "62.1".to_owned(), value: Some(62.1), gain: Some(3.6) });
        assert_eq!(printed("-2.78").text, "−2.78");
        assert_eq!(printed("-").value, None);
        for word in ["", "a", "1^2", "1^", "nan", "62,1"] {
            assert!(Printed::of(word).unwrap_err().contains(word), "{word}");
        }
    }
}
