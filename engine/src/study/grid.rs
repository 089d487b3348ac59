//! Rows out of values to try: all their combinations.

use toml::Value;

use super::written::WrittenRow;
use crate::recipe::flatten;

/// The most rows that a grid may have.
const MOST: usize = 1000;

/// A row a combination, the last key's values changing fastest; a sentence where the grid is none.
pub(super) fn rows(grid: &toml::Table) -> Result<Vec<WrittenRow>, String> {
    let mut keys = Vec::new();
    flatten("", grid, &mut keys);
    let mut combinations: Vec<Vec<(&str, &Value)>> = vec![Vec::new()];
    for (key, values) in &keys {
        let Value::Array(values) = values else {
            return Err(format!("`grid`: expected a list of values to try for `{key}`, found `{values}`"));
        };
        if values.is_empty() || combinations.len() * values.len() > MOST {
            return Err(format!("`grid`: expected 1 to {MOST} rows in all, found {} at `{key}`", values.len()));
        }
        let mut longer = Vec::new();
        for combination in &combinations {
            longer.extend(values.iter().map(|value| [combination.as_slice(), &[(key.as_str(), value)]].concat()));
        }
        combinations = longer;
    }
    Ok(combinations.into_iter().filter(|combination| !combination.is_empty()).map(row).collect())
}

fn row(combination: Vec<(&str, &Value)>) -> WrittenRow {
    let words: Vec<String> = combination.iter().map(|(key, value)| format!("{key} = {}", name_of(value))).collect();
    let set = combination.into_iter().map(|(key, value)| (key.to_owned(), value.clone())).collect();
    WrittenRow {
        name: words.join(", "),
        base: None,
        set,
        shown: true,
        seed: None,
        seconds: None,
        against: None,
        printed: None,
        evaluate: None,
    }
}

/// A value in a row's name; of another row's result that row's name.
fn name_of(value: &Value) -> String {
    words(value.get("row").unwrap_or(value))
}

/// A value as a person writes it after `--set`.
pub(super) fn words(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_grid_has_a_row_a_combination() {
        let grid = "a.b = [1, 2]\nc = ['x', 'y', 'z']".parse().unwrap();
        let names: Vec<String> = rows(&grid).unwrap().into_iter().map(|row| row.name).collect();
        assert_eq!(names.len(), 6);
        assert_eq!((names[0].as_str(), names[1].as_str()), ("a.b = 1, c = x", "a.b = 1, c = y"));
        assert!(rows(&toml::Table::new()).unwrap().is_empty());
        assert!(rows(&"a = 1".parse().unwrap()).unwrap_err().contains("list"));
        assert!(rows(&"a = []".parse().unwrap()).is_err());
    }
}
