//! What changed, as a person would say it.

use crate::recipe::{Value, component_of, setting};

/// A live change as it stands on the step axis: "channel exchange off", "learning rate 0.001".
pub(super) fn change_words(key: &str, value: &Value) -> String {
    let title = match value {
        Value::Switch(_) => component_of(key).map_or(key, |component| component.title),
        _ => setting(key).map_or(key, |setting| setting.title),
    };
    let own = component_of(key).map_or("", |component| component.title);
    let words = if title.eq_ignore_ascii_case(own) {
        lower_first(title)
    } else {
        format!("{}: {}", lower_first(own), lower_first(title))
    };
    match value {
        Value::Switch(true) => format!("{words} on"),
        Value::Switch(false) => format!("{words} off"),
        other => format!("{words} {other}"),
    }
}

/// "Channel exchange" → "channel exchange", but "OGP" stays.
fn lower_first(words: &str) -> String {
    let mut letters = words.chars();
    match (letters.next(), letters.clone().next()) {
        (Some(first), Some(second)) if second.is_lowercase() => first.to_lowercase().chain(letters).collect(),
        _ => words.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_are_marked_in_words() {
        assert_eq!(change_words("exchange.channel.enabled", &Value::Switch(false)), "channel exchange off");
        assert_eq!(change_words("training.learning_rate", &Value::Number(0.001)), "training: learning rate 0.001");
    }
}
