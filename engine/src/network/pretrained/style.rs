//! A way of naming parameters, and how well a file fits it.

use std::collections::{BTreeMap, BTreeSet};

/// Ours and PyTorch's words for the numbers of a norm; other layers are called alike.
const LEAVES: [(&str, &str); 4] =
    [("gamma", "weight"), ("beta", "bias"), ("running_mean", "running_mean"), ("running_variance", "running_var")];

/// A line of a family's table: what a module (or a single parameter) is called here and elsewhere.
///
/// `*` stands for a number. The numbers go over in order; `{}` in the foreign name takes the next as it is, `{-1}`
/// takes one less.
pub type Row = (&'static str, &'static str);

/// The names of a family's encoder in other people's files.
#[derive(Clone, Copy, Debug)]
pub struct Table {
    /// Whose names they are.
    pub title: &'static str,
    /// Ours, without `encoder.`, and theirs.
    pub rows: &'static [Row],
}

/// A table, written out for the parameters of one network.
#[derive(Clone, Debug)]
pub struct Style {
    /// Whose names they are.
    pub title: &'static str,
    /// From our names, without a sensor's copy, to theirs.
    pub names: BTreeMap<String, String>,
}

impl Style {
    /// Writes a table out; parameters that it does not know have no foreign name.
    pub fn of_table<'a>(table: &Table, parameters: impl Iterator<Item = &'a str>) -> Self {
        let known = |name: &str| {
            let local = name.strip_prefix("encoder.")?;
            table.rows.iter().find_map(|row| translated(row, local))
        };
        let names = parameters.filter_map(|name| known(name).map(|theirs| (name.to_owned(), theirs)));
        Self { title: table.title, names: names.collect() }
    }

    /// The prefix (such as `module.` or `state_dict.backbone.`) under which most of the foreign names stand in a file,
    /// those that fit as well, and how many names do; `None` where there is not one.
    pub fn fit(&self, stored: &BTreeSet<&str>) -> Option<Fit> {
        let prefixes = stored
            .iter()
            .flat_map(|name| self.names.values().filter_map(|theirs| name.strip_suffix(theirs.as_str())))
            .filter(|prefix| prefix.is_empty() || prefix.ends_with('.'));
        // Counted as they are met, since a file may hold as many prefixes as names.
        let mut scored: BTreeMap<&str, usize> = BTreeMap::new();
        prefixes.for_each(|prefix| *scored.entry(prefix).or_default() += 1);
        let hits = scored.values().copied().max()?;
        // Of equals the shortest: it comes first.
        let mut best = scored.into_iter().filter(|(_, count)| *count == hits).map(|(prefix, _)| prefix.to_owned());
        let prefix = best.next()?;
        // Names without a prefix are the network itself; what stands beside them under one is a copy of it.
        let twins = if prefix.is_empty() || hits < self.names.len() { Vec::new() } else { best.collect() };
        Some(Fit { prefix, twins, hits })
    }

    /// How many of the foreign names stand in a file under a prefix.
    pub fn hits(&self, prefix: &str, stored: &BTreeSet<&str>) -> usize {
        self.names.values().filter(|theirs| stored.contains(format!("{prefix}{theirs}").as_str())).count()
    }
}

/// How a file fits a style.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fit {
    /// What stands before the names.
    pub prefix: String,
    /// Other prefixes under which all names stand as well: encoders of several sensors, or a moving average.
    pub twins: Vec<String>,
    /// How many names fit.
    pub hits: usize,
}

/// A parameter's foreign name by one row, where the row is about it.
fn translated(&(ours, theirs): &Row, name: &str) -> Option<String> {
    if let Some(numbers) = numbers_of(ours, name) {
        return filled(theirs, &numbers);
    }
    let (module, leaf) = name.rsplit_once('.')?;
    let numbers = numbers_of(ours, module)?;
    let leaf = LEAVES.iter().find(|(ours, _)| *ours == leaf).map_or(leaf, |(_, theirs)| theirs);
    filled(theirs, &numbers).map(|module| format!("{module}.{leaf}"))
}

/// What stands in a name where the pattern has stars; `None` where it does not match.
fn numbers_of(pattern: &str, name: &str) -> Option<Vec<usize>> {
    let mut pieces = pattern.split('*');
    let mut rest = name.strip_prefix(pieces.next()?)?;
    let mut numbers = Vec::new();
    for piece in pieces {
        let end = rest.find(|character: char| !character.is_ascii_digit()).unwrap_or(rest.len());
        numbers.push(rest[..end].parse().ok()?);
        rest = rest[end..].strip_prefix(piece)?;
    }
    rest.is_empty().then_some(numbers)
}

/// A foreign name with its numbers put in.
fn filled(pattern: &str, numbers: &[usize]) -> Option<String> {
    let (mut name, mut rest, mut numbers) = (String::new(), pattern, numbers.iter());
    while let Some((before, after)) = rest.split_once('{') {
        let (place, behind) = after.split_once('}')?;
        let number = numbers.next()?;
        name.push_str(before);
        name.push_str(&if place == "-1" { number.checked_sub(1)? } else { *number }.to_string());
        rest = behind;
    }
    name.push_str(rest);
    Some(name)
}

/// A parameter's name without the sensor's copy: `stem.copy1.weight` is filled from the source of `stem.weight`.
pub fn without_copy(name: &str) -> String {
    let is_copy = |part: &str| part.strip_prefix("copy").is_some_and(|index| index.parse::<usize>().is_ok());
    name.split('.').filter(|part| !is_copy(part)).collect::<Vec<_>>().join(".")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_carry_numbers_and_leaves_over() {
        let row = ("stage*.block*.project_norm", "layer{-1}.{}.bn3");
        let name = |row: &Row, name: &str| translated(row, name);
        assert_eq!(name(&row, "stage4.block12.project_norm.running_variance").unwrap(), "layer3.12.bn3.running_var");
        assert_eq!(name(&row, "stage4.block12.project.weight"), None);
        assert_eq!(name(&row, "stage0.block1.project_norm.gamma"), None);
        let exact = ("level*.block*.scale1.gamma", "block{}.{}.layer_scale_1");
        assert_eq!(name(&exact, "level2.block0.scale1.gamma").unwrap(), "block2.0.layer_scale_1");
        assert_eq!(name(&("stem", "conv1"), "stem.weight").unwrap(), "conv1.weight");
        assert_eq!(name(&("stem", "conv1"), "stem_norm.gamma"), None);
    }

    #[test]
    fn the_prefix_with_most_names_is_found() {
        let names = [("a.weight", "conv1.weight"), ("b.weight", "layer.conv1.weight")];
        let names = names.into_iter().map(|(ours, theirs)| (ours.to_owned(), theirs.to_owned())).collect();
        let style = Style { title: "test", names };
        let fit = |stored: &[&str]| style.fit(&stored.iter().copied().collect());
        let best = |prefix: &str, hits, twins: &[&str]| {
            let twins = twins.iter().map(ToString::to_string).collect();
            Some(Fit { prefix: prefix.to_owned(), twins, hits })
        };
        assert_eq!(fit(&["m.conv1.weight", "m.layer.conv1.weight"]), best("m.", 2, &[]));
        assert_eq!(fit(&["layer.conv1.weight"]), best("", 1, &[]));
        let twins = ["a.conv1.weight", "a.layer.conv1.weight", "b.conv1.weight", "b.layer.conv1.weight"];
        assert_eq!(fit(&twins), best("a.", 2, &["b."]));
        // One of the two is whole.
        assert_eq!(fit(&twins[..3]), best("a.", 2, &[]));
        let beside = ["conv1.weight", "layer.conv1.weight", "ema.conv1.weight", "ema.layer.conv1.weight"];
        assert_eq!(fit(&beside), best("", 2, &[]));
        assert_eq!(fit(&["unconv1.weight"]), None);
        assert_eq!(without_copy("stem.copy1.weight"), "stem.weight");
        assert_eq!(without_copy("copying.weight"), "copying.weight");
    }
}
