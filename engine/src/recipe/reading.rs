//! Between values and text: TOML, words that people type, and what the catalogue allows.

use std::collections::BTreeSet;

use super::catalogue::{catalogue, setting};
use super::error::RecipeError;
use super::setting::Kind;
use super::value::Value;
use crate::failure::short;

/// Keys beyond this are no misspelt ones of ours.
const MAX_KEY_BYTES: usize = 200;

/// Keys and values of a table, dotted keys and tables alike.
pub(crate) fn flatten<'a>(prefix: &str, table: &'a toml::Table, found: &mut Vec<(String, &'a toml::Value)>) {
    for (key, value) in table {
        let key = if prefix.is_empty() { key.clone() } else { format!("{prefix}.{key}") };
        match value {
            toml::Value::Table(inner) => flatten(&key, inner, found),
            other => found.push((key, other)),
        }
    }
}

pub(super) fn value_from_toml(key: &str, value: &toml::Value) -> Result<Value, RecipeError> {
    let bad = || RecipeError::BadValue {
        key: key.to_owned(),
        found: short(&value.to_string()).into_owned(),
        expected: expectation(key),
    };
    match value {
        toml::Value::Boolean(on) => Ok(Value::Switch(*on)),
        toml::Value::Integer(number) => Ok(Value::Integer(*number)),
        toml::Value::Float(number) => Ok(Value::Number(*number)),
        toml::Value::String(text) => Ok(Value::Text(text.clone())),
        toml::Value::Array(items) if items.iter().all(toml::Value::is_integer) => {
            Ok(Value::Integers(items.iter().filter_map(toml::Value::as_integer).collect()))
        }
        toml::Value::Array(items) if items.iter().all(toml::Value::is_str) => {
            Ok(Value::Texts(items.iter().filter_map(toml::Value::as_str).map(str::to_owned).collect()))
        }
        _ => Err(bad()),
    }
}

pub(crate) fn toml_from_value(value: &Value) -> String {
    match value {
        Value::Switch(on) => toml::Value::Boolean(*on).to_string(),
        Value::Integer(number) => number.to_string(),
        Value::Number(number) => toml::Value::Float(*number).to_string(),
        Value::Text(text) => toml::Value::String(text.clone()).to_string(),
        Value::Integers(numbers) => {
            format!("[{}]", numbers.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "))
        }
        Value::Texts(words) => {
            let words: Vec<String> = words.iter().map(|word| toml::Value::String(word.clone()).to_string()).collect();
            format!("[{}]", words.join(", "))
        }
    }
}

pub(super) fn value_from_text(key: &str, kind: &Kind, text: &str) -> Result<Value, RecipeError> {
    let bad = || RecipeError::BadValue { key: key.to_owned(), found: text.to_owned(), expected: expectation(key) };
    let words = || {
        text.trim_matches(['[', ']'])
            .split(',')
            .map(|word| word.trim().trim_matches('"'))
            .filter(|word| !word.is_empty())
    };
    match kind {
        Kind::Switch(_) => match text {
            "true" | "on" | "yes" | "1" => Ok(Value::Switch(true)),
            "false" | "off" | "no" | "0" => Ok(Value::Switch(false)),
            _ => Err(bad()),
        },
        Kind::Integer { .. } => text.parse().map(Value::Integer).map_err(|_ignored| bad()),
        Kind::Number { .. } => text.parse().map(Value::Number).map_err(|_ignored| bad()),
        Kind::Choice { .. } | Kind::Text(_) => Ok(Value::Text(text.to_owned())),
        Kind::Integers { .. } => {
            words().map(|word| word.parse().map_err(|_ignored| bad())).collect::<Result<_, _>>().map(Value::Integers)
        }
        Kind::Texts(_) => Ok(Value::Texts(words().map(str::to_owned).collect())),
    }
}

/// What a setting allows, in words.
fn expectation(key: &str) -> String {
    match setting(key).map(|setting| setting.kind) {
        None => "a setting of the catalogue".to_owned(),
        Some(Kind::Switch(_)) => "true or false".to_owned(),
        Some(Kind::Integer { min, max, .. }) => format!("a whole number from {min} to {max}"),
        Some(Kind::Number { min, max, .. }) => format!("a number from {min} to {max}"),
        Some(Kind::Choice { options, .. }) => {
            format!("one of {}", options.iter().map(|option| option.id).collect::<Vec<_>>().join(", "))
        }
        Some(Kind::Text(_)) => "text".to_owned(),
        Some(Kind::Integers { min, max, .. }) => format!("a list of different whole numbers from {min} to {max}"),
        Some(Kind::Texts(_)) => "a list of different names".to_owned(),
    }
}

pub(super) fn checked(key: &str, kind: &Kind, value: Value) -> Result<Value, RecipeError> {
    let fits = match (kind, &value) {
        (Kind::Switch(_), Value::Switch(_)) | (Kind::Text(_), Value::Text(_)) => true,
        (Kind::Integer { min, max, .. }, Value::Integer(number)) => (min..=max).contains(&number),
        (Kind::Number { min, max, .. }, Value::Number(number)) => (min..=max).contains(&number),
        (Kind::Number { min, max, .. }, Value::Integer(number)) => (*min..=*max).contains(&(*number as f64)),
        (Kind::Choice { options, .. }, Value::Text(text)) => options.iter().any(|option| option.id == text),
        (Kind::Integers { min, max, .. }, Value::Integers(numbers)) => {
            all_different(numbers) && numbers.iter().all(|number| (min..=max).contains(&number))
        }
        (Kind::Texts(_), Value::Texts(words)) => all_different(words) && words.iter().all(|word| !word.is_empty()),
        (Kind::Texts(_), Value::Integers(numbers)) => numbers.is_empty(),
        _ => false,
    };
    if !fits {
        return Err(RecipeError::BadValue {
            key: key.to_owned(),
            found: short(&value.to_string()).into_owned(),
            expected: expectation(key),
        });
    }
    Ok(match (kind, value) {
        (Kind::Number { .. }, Value::Integer(number)) => Value::Number(number as f64),
        (Kind::Texts(_), Value::Integers(_)) => Value::Texts(Vec::new()),
        (_, value) => value,
    })
}

fn all_different<T: Ord>(items: &[T]) -> bool {
    items.iter().collect::<BTreeSet<_>>().len() == items.len()
}

/// The known key with the fewest edits to `key`, if any is near.
pub(super) fn nearest(key: &str) -> Option<String> {
    if key.len() > MAX_KEY_BYTES {
        return None;
    }
    catalogue()
        .iter()
        .flat_map(|component| component.settings)
        .map(|setting| (edit_distance(key, setting.key), setting.key))
        .min()
        .filter(|&(distance, _)| distance <= key.len().max(4) / 3)
        .map(|(_, key)| key.to_owned())
}

fn edit_distance(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.chars().collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (line, from) in left.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = line + 1;
        for (column, &to) in right.iter().enumerate() {
            let change = diagonal + usize::from(from != to);
            diagonal = row[column + 1];
            row[column + 1] = change.min(diagonal + 1).min(row[column] + 1);
        }
    }
    row[right.len()]
}
