//! Figures and settings as people read them, the same in the window and on the terminal.

use crate::recipe::Value;

/// A setting's value: switches are on or off, and what is empty is named.
pub fn value_words(value: &Value) -> String {
    match value {
        Value::Switch(true) => "on".to_owned(),
        Value::Switch(false) => "off".to_owned(),
        other => {
            let words = other.to_string();
            if words.is_empty() { "none".to_owned() } else { words.replace(',', ", ") }
        }
    }
}

/// A share as a percentage with one digit, `61.4`.
pub fn percent(share: f64) -> String {
    format!("{:.1}", share * 100.0)
}

/// The same of a share that may not be there: a dash where it is not.
pub fn percent_or_dash(share: Option<f64>) -> String {
    share.filter(|share| share.is_finite()).map_or_else(|| "–".to_owned(), percent)
}

/// A share as a percentage with its sign: `61.4 %`, and `<0.1 %` for what is there and next to nothing.
pub fn share(share: f64) -> String {
    match share {
        0.0 => "0 %".to_owned(),
        share if share > 0.0 && share < 0.001 => "<0.1 %".to_owned(),
        share => format!("{} %", percent(share)),
    }
}

/// So many of something: `1 change`, `2 changes`, `1,204 scenes`. Words whose plural is not made with `s` are given
/// with it: `class/classes`.
pub fn counted(count: u64, noun: &str) -> String {
    let (one, many) = noun.split_once('/').unwrap_or((noun, ""));
    let mut text = whole(count);
    text.push(' ');
    text.push_str(if count == 1 || many.is_empty() { one } else { many });
    if count != 1 && many.is_empty() {
        text.push('s');
    }
    text
}

/// A whole number with thousands set apart, `1,204`.
pub fn whole(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Three significant digits, `0.0342`, `12.3`, `1.2e-5`.
pub fn significant(number: f64) -> String {
    let size = number.abs();
    if !number.is_finite() {
        return if number.is_nan() { "NaN".to_owned() } else { "∞".to_owned() };
    }
    if size == 0.0 {
        "0".to_owned()
    } else if !(1e-4..1e6).contains(&size) {
        format!("{number:.1e}")
    } else {
        let digits = (2 - size.log10().floor() as i32).clamp(0, 6) as usize;
        format!("{number:.digits$}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_thing_is_no_plural() {
        assert_eq!(counted(1, "change"), "1 change");
        assert_eq!(counted(0, "change"), "0 changes");
        assert_eq!(counted(1204, "scene"), "1,204 scenes");
        assert_eq!([1, 2].map(|count| counted(count, "class/classes")), ["1 class", "2 classes"]);
        assert_eq!(
            [1, 2].map(|count| counted(count, "change waits/changes wait")),
            ["1 change waits", "2 changes wait"]
        );
    }

    #[test]
    fn figures_have_the_digits_that_say_something() {
        assert_eq!(percent(0.6139), "61.4");
        assert_eq!([0.0, 0.0004, 0.001, 0.6139, 1.0].map(share), ["0 %", "<0.1 %", "0.1 %", "61.4 %", "100.0 %"]);
        assert_eq!(significant(0.034_21), "0.0342");
        assert_eq!(significant(123.4), "123");
        assert_eq!(significant(0.000_012), "1.2e-5");
    }
}
