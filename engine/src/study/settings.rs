//! The settings that a study gives a recipe: values, and what other rows' runs have made.

use serde::Deserialize as _;
use toml::{Table, Value};

use super::written::WrittenReference;

/// What stands for a setting.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Given<'a> {
    Value(&'a Value),
    Result(WrittenReference),
}

/// Settings by their whole keys, dotted keys and tables alike; a sentence where a reference is none.
pub(super) fn given(table: &Table) -> Result<Vec<(String, Given<'_>)>, String> {
    let mut found = Vec::new();
    walk("", table, &mut found)?;
    Ok(found)
}

fn walk<'a>(prefix: &str, table: &'a Table, found: &mut Vec<(String, Given<'a>)>) -> Result<(), String> {
    for (key, value) in table {
        let key = if prefix.is_empty() { key.clone() } else { format!("{prefix}.{key}") };
        match value {
            // No setting's key ends with `.row`.
            Value::Table(inner) if inner.contains_key("row") => {
                let reference = WrittenReference::deserialize(value.clone())
                    .map_err(|error| format!("`{key}`: {}", error.message()))?;
                found.push((key, Given::Result(reference)));
            }
            Value::Table(inner) => walk(&key, inner, found)?,
            other => found.push((key, Given::Value(other))),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_with_a_row_is_a_reference_and_any_other_holds_settings() {
        let table: Table = "a.b = 1\n[c]\nd = { row = 'x' }\n[c.e]\nf = 'y'\n".parse().unwrap();
        let found = given(&table).unwrap();
        let keys: Vec<&str> = found.iter().map(|(key, _)| key.as_str()).collect();
        assert_eq!(keys, ["a.b", "c.d", "c.e.f"]);
        assert!(matches!(&found[1].1, Given::Result(reference) if reference.row == "x"), "{found:?}");
        for (text, word) in [("a = { row = 1 }", "string"), ("a = { row = 'x', sed = 1 }", "sed")] {
            let refused = given(&text.parse().unwrap()).unwrap_err();
            assert!(refused.starts_with("`a`: ") && refused.contains(word), "{refused}");
        }
    }
}
