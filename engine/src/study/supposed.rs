//! A what-if as a row of a study, as far as a recipe can say it.

use crate::protocol::{SensorChange, WhatIf};
use crate::recipe::catalogue::sensors;
use crate::recipe::{Value, setting};

/// The settings of a row that is trained as the what-if only asks: its switches as they are, absent sensors left out of
/// `sensors.use`, which `used` holds. A sentence where it supposes what no recipe can: a row is trained and scored on the
/// data as they are.
pub fn row_of(what_if: &WhatIf, used: &[String]) -> Result<Vec<(&'static str, Value)>, &'static str> {
    if what_if.is_empty() {
        return Err("nothing is supposed");
    }
    if what_if.sensors.values().any(SensorChange::has_picture) {
        return Err("its images are changed, and a study's rows are recipes: try it on the split instead");
    }
    let known = |(key, value): (&String, &Value)| Some((setting(key)?.key, value.clone()));
    let mut set: Vec<_> = what_if.settings.iter().filter_map(known).collect();
    let left: Vec<String> = used.iter().filter(|name| !what_if.is_absent(name)).cloned().collect();
    if left.len() < used.len() {
        set.push((sensors::USE.id(), Value::Texts(left)));
    }
    Ok(set)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn switches_and_absent_sensors_are_a_row_and_changed_images_are_none() {
        let used = ["colour", "thermal"].map(str::to_owned);
        let key = "exchange.channel.enabled";
        let mut what_if = WhatIf::without(&["thermal"]);
        what_if.settings.insert(key.to_owned(), Value::Switch(false));
        let row = row_of(&what_if, &used).unwrap();
        let left = Value::Texts(vec!["colour".to_owned()]);
        assert_eq!(row, [(key, Value::Switch(false)), ("sensors.use", left)]);
        what_if.change("colour", SensorChange { shift: [1, 0], ..SensorChange::default() });
        assert!(row_of(&what_if, &used).unwrap_err().contains("split"));
        assert!(row_of(&WhatIf::default(), &used).is_err());
    }
}
