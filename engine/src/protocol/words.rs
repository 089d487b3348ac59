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
    fn figures_have_the_digits_that_say_something() {
        assert_eq!(percent(0.6139), "61.4");
        assert_eq!(significant(0.034_21), "0.0342");
        assert_eq!(significant(123.4), "123");
        assert_eq!(significant(0.000_012), "1.2e-5");
    }
}
