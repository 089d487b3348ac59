//! What a manifest's values must satisfy, key by key.

use super::manifest::{ClassMap, LabelFiles, MANIFEST_VERSION, Manifest, ModalityFiles, SplitSource, TagRule};
use super::manifest_preparation::check_preparation;
use super::manifest_refused::{Refused, at_most, named, refuse};
use super::pattern::Pattern;
use super::sample::{IGNORE, MAX_CLASSES, MAX_RULES, MAX_SENSORS, Normalisation};
use crate::failure::short;
use crate::protocol::Proposal;

/// The first value that makes no sense, if any.
pub(super) fn check_manifest(manifest: &Manifest) -> Result<(), Refused> {
    if manifest.version != MANIFEST_VERSION {
        return refuse("version", MANIFEST_VERSION.to_string(), manifest.version);
    }
    if manifest.name.trim().is_empty() {
        return refuse("name", "the data set's name", "nothing");
    }
    named("name", &manifest.name)?;
    if manifest.modalities.is_empty() {
        return refuse("modalities", "at least one sensor", "none");
    }
    at_most("modalities", "sensors", MAX_SENSORS, manifest.modalities.len())?;
    at_most("splits", "splits", MAX_RULES, manifest.splits.len())?;
    at_most("tags", "tags", MAX_RULES, manifest.tags.len())?;
    at_most("class_maps", "class maps", MAX_RULES, manifest.class_maps.len())?;
    at_most("proposals", "proposals", MAX_RULES, manifest.proposals.len())?;
    for (index, proposal) in manifest.proposals.iter().enumerate() {
        check_proposal(proposal, &format!("proposals[{index}]"))?;
    }
    for (index, modality) in manifest.modalities.iter().enumerate() {
        check_modality(modality, &format!("modalities[{index}]"))?;
    }
    unique("modalities", manifest.modalities.iter().map(|modality| modality.name.as_str()))?;
    let holes = pattern("modalities[0].pattern", &manifest.modalities[0].pattern)?;
    let holes = holes.holes();
    if holes.is_empty() {
        return refuse(
            "modalities[0].pattern",
            "a pattern with `{id}`",
            format!("`{}`", manifest.modalities[0].pattern),
        );
    }
    for (index, modality) in manifest.modalities.iter().enumerate() {
        let key = format!("modalities[{index}]");
        same_holes(&format!("{key}.pattern"), &modality.pattern, &holes)?;
        modality.join.iter().try_for_each(|file| same_holes(&format!("{key}.join"), file, &holes))?;
    }
    if let Some(labels) = &manifest.labels {
        check_labels(labels)?;
        same_holes("labels.pattern", &labels.pattern, &holes)?;
        labels.mask.iter().try_for_each(|mask| same_holes("labels.mask", mask, &holes))?;
    }
    if manifest.splits.is_empty() {
        return refuse("splits", "at least one split", "none");
    }
    for (index, split) in manifest.splits.iter().enumerate() {
        check_split(split, &format!("splits[{index}]"), manifest, &holes)?;
    }
    unique("splits", manifest.splits.iter().map(|split| split.name.as_str()))?;
    for (index, tag) in manifest.tags.iter().enumerate() {
        check_tag(tag, &format!("tags[{index}]"))?;
    }
    let classes = manifest.labels.as_ref().map_or(0, |labels| labels.names.len());
    for (index, map) in manifest.class_maps.iter().enumerate() {
        check_class_map(map, &format!("class_maps[{index}]"), classes)?;
    }
    unique("class_maps", manifest.class_maps.iter().map(|map| map.name.as_str()))?;
    let known = |name: &str| manifest.class_maps.iter().any(|map| map.name == name);
    if !manifest.class_map.is_empty() && !known(&manifest.class_map) {
        return refuse("class_map", "the name of one of `class_maps`", format!("`{}`", manifest.class_map));
    }
    Ok(())
}

fn check_modality(modality: &ModalityFiles, key: &str) -> Result<(), Refused> {
    if modality.name.trim().is_empty() || modality.name.contains([',', '+']) {
        return refuse(format!("{key}.name"), "a name without commas and plus signs", format!("`{}`", modality.name));
    }
    named(&format!("{key}.name"), &modality.name)?;
    if !matches!(modality.channels, None | Some(1 | 3)) {
        return refuse(format!("{key}.channels"), "1 or 3", modality.channels.unwrap_or_default());
    }
    let joined = 1 + modality.join.len();
    if joined > 1 && !(joined == 3 && matches!(modality.channels, None | Some(3))) {
        return refuse(format!("{key}.join"), "two further files, for the second and third channel", joined - 1);
    }
    if modality.first_channel.is_some_and(|first| first > 15) {
        return refuse(format!("{key}.first_channel"), "0 to 15", modality.first_channel.unwrap_or_default());
    }
    if !matches!(modality.bit_depth, 8 | 16 | 32) {
        return refuse(format!("{key}.bit_depth"), "8, 16, or 32 for floating point", modality.bit_depth);
    }
    if !modality.scale().is_finite() || modality.scale() == 0.0 {
        return refuse(format!("{key}.scale"), "a finite number other than 0", modality.scale());
    }
    if !modality.offset.is_finite() {
        return refuse(format!("{key}.offset"), "a finite number", modality.offset);
    }
    check_preparation(modality, key)?;
    let full = modality.modality();
    if !(full.low.is_finite() && full.high.is_finite() && full.low < full.high) {
        return refuse(format!("{key}.high"), format!("a finite number above `low` ({})", full.low), full.high);
    }
    if let Normalisation::MeanStd { mean, std } = &full.normalisation
        && !(mean.iter().all(|value| value.is_finite()) && std.iter().all(|value| value.is_finite() && *value > 0.0))
    {
        return refuse(
            format!("{key}.normalisation"),
            "finite means and deviations above 0",
            format!("{mean:?}, {std:?}"),
        );
    }
    Ok(())
}

fn check_proposal(proposal: &Proposal, key: &str) -> Result<(), Refused> {
    named(&format!("{key}.recipe"), &proposal.recipe)?;
    at_most(&format!("{key}.settings"), "settings", MAX_RULES, proposal.settings.len())?;
    proposal.settings.iter().try_for_each(|setting| named(&format!("{key}.settings"), setting))?;
    match proposal.settings.iter().find(|setting| !setting.contains('=')) {
        Some(odd) => refuse(format!("{key}.settings"), "`KEY=VALUE`", format!("`{odd}`")),
        None => Ok(()),
    }
}

fn check_labels(labels: &LabelFiles) -> Result<(), Refused> {
    check_classes("labels", &labels.names, &labels.colours)?;
    if let Some(channel) = labels.channel.filter(|&channel| channel > 15 || labels.by_colour) {
        return refuse("labels.channel", "0 to 15, and no `by_colour` beside it", channel);
    }
    if labels.by_colour && labels.colours.is_empty() {
        return refuse("labels.by_colour", "`colours` beside it, one a class name", "none");
    }
    for [_, id] in &labels.map {
        if !(0..labels.names.len() as i32).contains(id) && *id != i32::from(IGNORE) {
            return refuse("labels.map", format!("class ids below {} or 255", labels.names.len()), id);
        }
    }
    Ok(())
}

fn check_classes(key: &str, names: &[String], colours: &[[u8; 3]]) -> Result<(), Refused> {
    if names.is_empty() || names.len() > MAX_CLASSES {
        return refuse(format!("{key}.names"), format!("1 to {MAX_CLASSES} class names"), names.len());
    }
    for (id, name) in names.iter().enumerate() {
        named(&format!("{key}.names[{id}]"), name)?;
    }
    if !colours.is_empty() && colours.len() != names.len() {
        return refuse(format!("{key}.colours"), format!("one a class name ({})", names.len()), colours.len());
    }
    Ok(())
}

pub(super) fn check_class_map(map: &ClassMap, key: &str, classes: usize) -> Result<(), Refused> {
    if map.name.trim().is_empty() || map.name == "none" {
        return refuse(format!("{key}.name"), "a name other than `none`", format!("`{}`", map.name));
    }
    named(&format!("{key}.name"), &map.name)?;
    check_classes(key, &map.names, &map.colours)?;
    if map.map.len() != classes {
        return refuse(format!("{key}.map"), format!("one id a class of `labels.names` ({classes})"), map.map.len());
    }
    if let Some(id) = map.map.iter().find(|&&id| id as usize >= map.names.len() && id != IGNORE) {
        return refuse(format!("{key}.map"), format!("ids below {} or 255", map.names.len()), id);
    }
    Ok(())
}

fn check_split(split: &SplitSource, key: &str, manifest: &Manifest, holes: &[&str]) -> Result<(), Refused> {
    if split.name.trim().is_empty() {
        return refuse(format!("{key}.name"), "a name", "nothing");
    }
    named(&format!("{key}.name"), &split.name)?;
    let names_parts = split
        .line
        .as_deref()
        .is_some_and(|line| Pattern::parse(line).is_ok_and(|line| (1..holes.len()).contains(&line.holes().len())));
    let lists_files = names_parts && split.list.is_some();
    let files = split.files.is_some() && !lists_files;
    let sources = [split.list.is_some(), files, split.ids.is_some(), split.from.is_some()];
    if sources.iter().filter(|&&given| given).count() > 1 {
        return refuse(key, "at most one of `list`, `files`, `ids`, `from`", "several");
    }
    if let Some(line) = &split.line {
        if split.list.is_none() {
            return refuse(format!("{key}.line"), "`line` only beside `list`", format!("`{line}`"));
        }
        if names_parts {
            let key = format!("{key}.line");
            let unknown = pattern(&key, line)?.holes().iter().any(|hole| !holes.contains(hole));
            if unknown {
                return refuse(key, "parts of the first sensor's pattern", format!("`{}`", short(line)));
            }
        } else {
            same_holes(&format!("{key}.line"), line, holes)?;
        }
    }
    if let Some(files) = &split.files {
        same_holes(&format!("{key}.files"), files, holes)?;
    }
    match (&split.from, split.fraction) {
        (None, None) => Ok(()),
        (Some(from), Some(fraction)) => {
            let known = manifest.splits.iter().any(|other| other.name == *from && other.from.is_none());
            if !known || *from == split.name {
                return refuse(
                    format!("{key}.from"),
                    "the name of another split that is not held out",
                    format!("`{from}`"),
                );
            }
            if !(fraction > 0.0 && fraction < 1.0) {
                return refuse(format!("{key}.fraction"), "a number between 0 and 1", fraction);
            }
            Ok(())
        }
        _ => refuse(key, "`from` and `fraction` together", "one of them"),
    }
}

fn check_tag(tag: &TagRule, key: &str) -> Result<(), Refused> {
    if tag.name.trim().is_empty() {
        return refuse(format!("{key}.name"), "a name", "nothing");
    }
    named(&format!("{key}.name"), &tag.name)?;
    let ways = [&tag.suffix, &tag.contains, &tag.list].into_iter().flatten().filter(|way| !way.is_empty()).count();
    if ways != 1 {
        return refuse(key, "exactly one of `suffix`, `contains`, `list`", ways);
    }
    Ok(())
}

fn pattern(key: &str, text: &str) -> Result<Pattern, Refused> {
    Pattern::parse(text).or_else(|found| refuse(key, "a path relative to the manifest, with `{id}`", found))
}

fn same_holes(key: &str, text: &str, holes: &[&str]) -> Result<(), Refused> {
    let parsed = pattern(key, text)?;
    let own = parsed.holes();
    let complete = own.len() == holes.len() && own.iter().all(|name| holes.contains(name));
    if !complete {
        let wanted = holes.iter().map(|name| format!("`{{{name}}}`")).collect::<Vec<_>>().join(", ");
        return refuse(key, format!("a pattern with {wanted}, as the first sensor's"), format!("`{}`", short(text)));
    }
    Ok(())
}

fn unique<'a>(key: &str, names: impl Iterator<Item = &'a str>) -> Result<(), Refused> {
    let mut seen: Vec<&str> = Vec::new();
    for name in names {
        if seen.contains(&name) {
            return refuse(key, "names that differ", format!("`{name}` twice"));
        }
        seen.push(name);
    }
    Ok(())
}
