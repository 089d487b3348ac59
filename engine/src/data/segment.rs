//! One segment of a pattern, such as `{video}_{id}`, against one name.

use std::iter::once;

/// Values of a pattern's placeholders, by name, in the order of appearance.
pub(crate) type Captures = Vec<(String, String)>;

/// Bytes of a file's name, which no system lets be longer.
const LONGEST_NAME: usize = 255;

/// A piece of a segment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Part {
    Text(String),
    /// A placeholder, by name; it stands for at least one character.
    Hole(String),
}

impl Part {
    /// The placeholder's name.
    pub(super) fn hole(&self) -> Option<&str> {
        match self {
            Self::Hole(name) => Some(name),
            Self::Text(_) => None,
        }
    }
}

/// Cuts a segment into its parts; the error says what is wrong with it.
pub(super) fn parts(segment: &str) -> Result<Vec<Part>, String> {
    let mut parts = Vec::new();
    let mut rest = segment;
    while let Some(open) = rest.find('{') {
        let close = rest[open..].find('}').ok_or_else(|| format!("`{segment}`, where a `{{` is never closed"))? + open;
        let name = &rest[open + 1..close];
        if name.is_empty() || !name.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '-') {
            return Err(format!("`{segment}`, where `{{{name}}}` is no word"));
        }
        if open > 0 {
            parts.push(Part::Text(rest[..open].to_owned()));
        }
        parts.push(Part::Hole(name.to_owned()));
        rest = &rest[close + 1..];
    }
    if !rest.is_empty() {
        parts.push(Part::Text(rest.to_owned()));
    }
    Ok(parts)
}

/// The placeholders that come twice in a segment, none of them known before.
///
/// Of each, all values are tried, in names as long as a file's at most. One such name costs a power of that length, and
/// many would cost one that grows with their number; no matcher does better in all cases: patterns with repeated
/// variables are NP-complete (Angluin, *Finding patterns common to a set of strings*, 1980). All other patterns are
/// matched in steps that grow as the name is long.
pub(super) fn repeated<'a>(parts: &'a [Part], known: &[&str]) -> Vec<&'a str> {
    let mut names: Vec<&str> = Vec::new();
    for (at, part) in parts.iter().enumerate() {
        if let Some(name) = part.hole().filter(|name| !known.contains(name) && !names.contains(name))
            && is_repeated(parts, at)
        {
            names.push(name);
        }
    }
    names
}

/// Matches from the left, each placeholder as short as possible first; a name seen before must have the same value.
/// Adds the values of the others, and nothing where there is no match.
pub(super) fn match_parts(parts: &[Part], text: &str, captures: &mut Captures) -> bool {
    let known = |part: &Part| {
        let name = part.hole()?;
        captures.iter().find(|(seen, _)| seen == name).map(|(_, value)| Part::Text(value.clone()))
    };
    let parts: Vec<Part> = parts.iter().map(|part| known(part).unwrap_or_else(|| part.clone())).collect();
    let Some(found) = values(&parts, text) else { return false };
    captures.extend(found);
    true
}

/// The values of all holes, each name once.
fn values(parts: &[Part], text: &str) -> Option<Captures> {
    let Some(first) = (0..parts.len()).find(|&at| is_repeated(parts, at)) else {
        return distinct(&joined(parts), text);
    };
    if text.len() > LONGEST_NAME {
        return None;
    }
    // What stands before the first place of a name that comes again, and what follows from each value of that name.
    let (before, Some((hole, after))) = (&parts[..first], parts[first..].split_first()) else { return None };
    let name = hole.hole()?;
    let follows = |start: usize| {
        let rest = text.get(start..)?;
        ends_of(rest).map(|end| rest.split_at(end)).filter(|(value, rest)| rest.contains(value)).find_map(
            |(value, rest)| {
                let known = |part: &Part| if part == hole { Part::Text(value.to_owned()) } else { part.clone() };
                let after: Vec<Part> = after.iter().map(known).collect();
                let found = values(&after, rest)?;
                Some(once((name.to_owned(), value.to_owned())).chain(found).collect::<Captures>())
            },
        )
    };
    let (mut found, end) = shortest(before, text, |start| follows(start).is_some())?;
    found.extend(follows(end)?);
    Some(found)
}

/// Whether a part is a hole whose name comes again.
fn is_repeated(parts: &[Part], at: usize) -> bool {
    parts[at].hole().is_some() && parts[at + 1..].contains(&parts[at])
}

/// Where each of the characters ends.
fn ends_of(text: &str) -> impl Iterator<Item = usize> {
    text.char_indices().map(|(at, letter)| at + letter.len_utf8())
}

/// Parts of which no two texts are neighbours.
fn joined(parts: &[Part]) -> Vec<Part> {
    let mut joined: Vec<Part> = Vec::with_capacity(parts.len());
    for part in parts {
        match (joined.last_mut(), part) {
            (Some(Part::Text(before)), Part::Text(text)) => before.push_str(text),
            _ => joined.push(part.clone()),
        }
    }
    joined
}

/// The values of holes whose names are all different, as short as possible from the left on.
///
/// Each text between holes is taken where it first comes: a later place leaves less to what follows, and nothing that
/// the holes before it need.
fn distinct(parts: &[Part], text: &str) -> Option<Captures> {
    let (mut found, mut place) = (Captures::new(), 0);
    let mut parts = match parts.split_first() {
        Some((Part::Text(first), others)) => {
            place = text.starts_with(first.as_str()).then_some(first.len())?;
            others
        }
        _ => parts,
    };
    while !parts.is_empty() {
        let (holes, rest) = parts.split_at(parts.iter().take_while(|part| part.hole().is_some()).count());
        // A letter each; the last of them takes what is left.
        let mut ends = ends_of(&text[place..]).map(|end| place + end);
        let mut starts = vec![place];
        starts.extend(ends.by_ref().take(holes.len() - 1));
        let least = ends.next().filter(|_| starts.len() == holes.len())?;
        let (end, after) = match rest.split_first() {
            None => (text.len(), text.len()),
            Some((Part::Text(last), [])) => {
                let end = text.strip_suffix(last.as_str())?.len();
                (end >= least).then_some((end, text.len()))?
            }
            Some((Part::Text(next), _)) => {
                let end = least + text[least..].find(next.as_str())?;
                (end, end + next.len())
            }
            Some((Part::Hole(_), _)) => return None,
        };
        #[cfg(test)]
        tests::count_steps((holes.len() + after - place) as u64);
        let bounds = starts.iter().zip(starts.iter().skip(1).chain([&end]));
        let values = bounds.map(|(&start, &end)| text[start..end].to_owned());
        found.extend(holes.iter().filter_map(Part::hole).map(str::to_owned).zip(values));
        (parts, place) = (rest.get(1..).unwrap_or_default(), after);
    }
    (place == text.len()).then_some(found)
}

/// The values of holes whose names are all different, as short as possible from the left on, such that the parts end at
/// a place that is `fine`; and that place.
///
/// From the last part to the first, the places are marked from which on the rest fits: as many steps as parts times
/// places.
fn shortest(parts: &[Part], text: &str, fine: impl Fn(usize) -> bool) -> Option<(Captures, usize)> {
    let mut fits = vec![vec![false; text.len() + 1]; parts.len() + 1];
    for (place, fits) in fits[parts.len()].iter_mut().enumerate() {
        *fits = fine(place);
    }
    for (index, part) in parts.iter().enumerate().rev() {
        let mut later = false;
        for place in (0..=text.len()).rev().filter(|&place| text.is_char_boundary(place)) {
            #[cfg(test)]
            tests::count_steps(1);
            fits[index][place] = match part {
                Part::Text(literal) => {
                    text[place..].starts_with(literal.as_str()) && fits[index + 1][place + literal.len()]
                }
                Part::Hole(_) => later,
            };
            later |= fits[index + 1][place];
        }
    }
    let (mut found, mut place) = (Captures::new(), 0);
    for (index, part) in parts.iter().enumerate() {
        match part {
            _ if !fits[index][place] => return None,
            Part::Text(literal) => place += literal.len(),
            Part::Hole(name) => {
                let end = ends_of(&text[place..]).map(|end| place + end).find(|&end| fits[index + 1][end])?;
                found.push((name.clone(), text[place..end].to_owned()));
                place = end;
            }
        }
    }
    fits[parts.len()][place].then_some((found, place))
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use proptest::prelude::*;

    use super::*;

    thread_local! {
        static STEPS: Cell<u64> = const { Cell::new(0) };
    }

    /// Counts what the time of a match grows with.
    pub(super) fn count_steps(steps: u64) {
        STEPS.set(STEPS.get() + steps);
    }

    /// By trying everything in order, which takes for ever where there are many holes.
    fn oracle(parts: &[Part], text: &str, captures: &mut Captures) -> bool {
        let Some((first, rest)) = parts.split_first() else { return text.is_empty() };
        match first {
            Part::Text(literal) => text.strip_prefix(literal.as_str()).is_some_and(|text| oracle(rest, text, captures)),
            Part::Hole(name) => {
                if let Some(known) = captures.iter().find(|(seen, _)| seen == name).map(|(_, value)| value.clone()) {
                    return text.strip_prefix(known.as_str()).is_some_and(|text| oracle(rest, text, captures));
                }
                for end in ends_of(text) {
                    captures.push((name.clone(), text[..end].to_owned()));
                    if oracle(rest, &text[end..], captures) {
                        return true;
                    }
                    captures.pop();
                }
                false
            }
        }
    }

    /// Whether it matches, and in how many steps.
    fn matched(pattern: &str, text: &str) -> (bool, u64) {
        STEPS.set(0);
        let matches = match_parts(&parts(pattern).unwrap(), text, &mut Captures::new());
        (matches, STEPS.get())
    }

    proptest! {
        #[test]
        fn names_match_as_if_everything_were_tried_in_order(
            pattern in prop::collection::vec(prop::sample::select(vec!["a", "b", "_", "ab", "é", "{x}", "{y}", "{z}"]), 0..7),
            text in "[ab_é]{0,9}",
            known in prop::option::of("[ab]"),
        ) {
            let parts = parts(&pattern.concat()).unwrap();
            let known: Captures = known.map(|value| ("y".to_owned(), value)).into_iter().collect();
            let (mut ours, mut expected) = (known.clone(), known);
            let is_match = match_parts(&parts, &text, &mut ours);
            prop_assert_eq!(is_match, oracle(&parts, &text, &mut expected));
            prop_assert_eq!(ours, expected);
        }
    }

    #[test]
    fn many_holes_take_as_many_steps_as_holes_times_letters() {
        let holes: String = (0..40).map(|hole| format!("{{h{hole}}}")).collect();
        let name = "a".repeat(255);
        for (pattern, is_match) in
            [(format!("{holes}b"), false), (format!("{holes}a"), true), (format!("b{holes}"), false)]
        {
            let (found, steps) = matched(&pattern, &name);
            assert_eq!(found, is_match, "{pattern}");
            assert!(steps <= 41 * 256, "{steps} steps for {pattern}");
        }
        let spaced: String = (0..40).map(|hole| format!("{{h{hole}}}_")).collect();
        let (found, steps) = matched(&format!("{spaced}.png"), &"_".repeat(255));
        assert!(!found && steps <= 81 * 256, "{steps} steps");
    }

    #[test]
    fn names_match_in_steps_that_grow_as_they_are_long() {
        let holes: String = (0..40).map(|hole| format!("{{h{hole}}}")).collect();
        let spaced: String = (0..40).map(|hole| format!("{{h{hole}}}a")).collect();
        for (pattern, letters, is_match) in [
            (format!("{holes}b"), "a", false),
            (format!("{spaced}b"), "a", false),
            (spaced.clone(), "a", true),
            (format!("{{x}}{}{{y}}b", "ab".repeat(20)), "aab", false),
            ("{x}_{y}_{z}.png".to_owned(), "_", false),
        ] {
            for length in [1_000, 10_000, 100_000] {
                let (found, steps) = matched(&pattern, &letters.repeat(length / letters.len()));
                assert!(found == is_match && steps <= 2 * length as u64 + 100, "{steps} steps for {pattern}");
            }
        }
    }

    #[test]
    fn a_name_longer_than_any_file_s_matches_no_word_that_comes_twice() {
        assert!(matched("{a}_{a}", &format!("{0}_{0}", "a".repeat(100))).0);
        let (found, steps) = matched("{a}_{a}", &format!("{0}_{0}", "a".repeat(100_000)));
        assert!(!found && steps == 0, "{steps} steps");
    }

    #[test]
    fn a_hole_that_comes_twice_among_many_is_tried_with_each_value() {
        let holes: String = (0..30).map(|hole| format!("{{h{hole}}}")).collect();
        let (length, pattern) = (60_u64, format!("{{twice}}{holes}{{twice}}b"));
        let (found, steps) = matched(&pattern, &"a".repeat(length as usize));
        // Each of at most length² / 2 values costs holes times letters.
        assert!(!found && steps <= length * length / 2 * 33 * (length + 1), "{steps} steps");
    }
}
