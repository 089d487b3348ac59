//! Which file of a crate uses which, read from the sources: every path of a `use` and of the code is followed to the
//! file that defines what it names, through modules and through what they export again. To export something again is
//! not to use it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::sources;

/// A module's path within its crate: `["data", "index"]`, empty for the crate's root.
type Module = Vec<String>;

/// The uses between the files of one crate.
#[derive(Debug, Default)]
pub struct Imports {
    /// For each file the files that it uses, each with one of the names it uses them by. Paths start below the crate's
    /// `src`.
    pub uses: BTreeMap<String, BTreeMap<String, String>>,
}

/// One source.
struct File {
    name: String,
    /// What each `use` binds, by the name it is known by here.
    bound: BTreeMap<String, Vec<String>>,
    /// Every path that is used, those of `use` among them.
    paths: Vec<Vec<String>>,
}

/// Every path that a source names outside its tests, those of `use` among them, each from its first name on.
pub fn paths(text: &str) -> Vec<Vec<String>> {
    File::parsed(text).paths
}

impl Imports {
    /// Reads all sources below a crate's `src` folder, without its tests.
    pub fn read(src: &Path) -> Self {
        let mut files = BTreeMap::new();
        for (path, text) in sources(src) {
            let inside = path.strip_prefix(src).unwrap();
            let name = inside.to_str().unwrap().replace('\\', "/");
            let mut module: Module =
                inside.with_extension("").iter().map(|part| part.to_str().unwrap().into()).collect();
            if ["mod", "lib", "main"].contains(&module.last().unwrap().as_str()) {
                module.pop();
            }
            files.insert(module, File { name, ..File::parsed(&text) });
        }
        let crate_files = Crate(files);
        let mut uses: BTreeMap<String, BTreeMap<String, String>> = BTreeMap::new();
        for (module, file) in &crate_files.0 {
            let used = uses.entry(file.name.clone()).or_default();
            for path in &file.paths {
                if let Some(Found::Item(other)) = crate_files.find(module, path, 0)
                    && other.name != file.name
                {
                    used.insert(other.name.clone(), path.join("::"));
                }
            }
        }
        Self { uses }
    }

    /// The shortest circle that there is, each file with the name it uses the next one by.
    pub fn circle(&self) -> Option<Vec<(String, String)>> {
        self.uses.keys().filter_map(|start| self.circle_through(start)).min_by_key(Vec::len)
    }

    fn circle_through(&self, start: &str) -> Option<Vec<(String, String)>> {
        let mut seen = BTreeSet::new();
        let mut ways: Vec<Vec<(String, String)>> = vec![Vec::new()];
        while !ways.is_empty() {
            let mut longer = Vec::new();
            for way in ways {
                let here = way.last().map_or(start, |(_, file)| file);
                for (file, name) in &self.uses[here] {
                    let mut way = way.clone();
                    way.push((name.clone(), file.clone()));
                    if file == start {
                        return Some(way);
                    }
                    if seen.insert(file.clone()) {
                        longer.push(way);
                    }
                }
            }
            ways = longer;
        }
        None
    }
}

/// All sources of a crate by their module.
struct Crate(BTreeMap<Module, File>);

/// What a path names.
enum Found<'a> {
    /// A module as such.
    Module(Module),
    /// Something that this file defines.
    Item(&'a File),
}

impl Crate {
    /// Follows a path as it stands in a module; `None` where it leads out of the crate.
    fn find(&self, from: &Module, path: &[String], depth: usize) -> Option<Found<'_>> {
        let (first, rest) = path.split_first()?;
        let mut from = from.clone();
        match first.as_str() {
            "crate" => self.descend(Vec::new(), rest, depth),
            "self" => match rest.first().map(String::as_str) {
                Some("super" | "self") => self.find(&from, rest, depth),
                _ => self.descend(from, rest, depth),
            },
            "super" => {
                from.pop()?;
                if rest.first().is_some_and(|next| next == "super") {
                    self.find(&from, rest, depth)
                } else {
                    self.descend(from, rest, depth)
                }
            }
            name => {
                let child = [from.as_slice(), &[name.to_owned()]].concat();
                let bound = || self.0[&from].bound.get(name);
                if self.0.contains_key(&child) {
                    self.descend(child, rest, depth)
                } else if let Some(bound) = bound().filter(|bound| bound.first() != Some(first))
                    && depth < 9
                    && let Found::Module(module) = self.find(&from, bound, depth + 1)?
                {
                    self.descend(module, rest, depth)
                } else {
                    None
                }
            }
        }
    }

    /// Follows the rest of a path from a module.
    fn descend(&self, module: Module, path: &[String], depth: usize) -> Option<Found<'_>> {
        let Some((name, rest)) = path.split_first() else { return Some(Found::Module(module)) };
        let child = [module.as_slice(), std::slice::from_ref(name)].concat();
        if self.0.contains_key(&child) {
            return self.descend(child, rest, depth);
        }
        let file = self.0.get(&module)?;
        if depth < 9
            && let Some(bound) = file.bound.get(name)
        {
            return match self.find(&module, bound, depth + 1)? {
                Found::Module(module) => self.descend(module, rest, depth),
                Found::Item(file) => Some(Found::Item(file)),
            };
        }
        Some(Found::Item(file))
    }
}

impl File {
    fn parsed(text: &str) -> Self {
        let tokens = without_tests(tokens(text));
        let (mut bound, mut paths) = (BTreeMap::new(), Vec::new());
        let (mut exported, mut named) = (Vec::new(), BTreeSet::new());
        // How deep in braces the code is, and where the modules within this file began.
        let (mut depth, mut modules) = (0, Vec::new());
        let mut place = 0;
        while place < tokens.len() {
            let inside = modules.len();
            if tokens[place] == "use" {
                let is_exported = inside == 0 && place > 0 && ["pub", ")"].contains(&tokens[place - 1]);
                let mut branches = Vec::new();
                place = take_use(&tokens, place + 1, &[], &mut branches);
                for (_, path) in &mut branches {
                    leave(path, inside);
                }
                if inside == 0 {
                    bound.extend(branches.iter().cloned());
                }
                if is_exported {
                    exported.extend(branches);
                } else {
                    paths.extend(branches.into_iter().map(|(_, path)| path));
                }
            } else if is_name(tokens[place]) {
                named.insert(tokens[place]);
                let mut path = vec![tokens[place].to_owned()];
                while tokens.get(place + 1) == Some(&"::") && tokens.get(place + 2).is_some_and(|next| is_name(next)) {
                    path.push(tokens[place + 2].to_owned());
                    place += 2;
                }
                leave(&mut path, inside);
                paths.extend((path.len() > 1).then_some(path));
                place += 1;
            } else {
                match tokens[place] {
                    "{" => {
                        modules.extend((place > 1 && tokens[place - 2] == "mod").then_some(depth));
                        depth += 1;
                    }
                    "}" => {
                        depth -= 1;
                        modules.pop_if(|began| *began == depth);
                    }
                    _ => {}
                }
                place += 1;
            }
        }
        paths.extend(exported.into_iter().filter(|(name, _)| named.contains(name.as_str())).map(|(_, path)| path));
        Self { name: String::new(), bound, paths }
    }
}

/// Makes a path that stands in a module within a file, so many deep, one that stands in the file itself.
fn leave(path: &mut [String], inside: usize) {
    for step in path.iter_mut().take(inside).take_while(|step| *step == "super") {
        "self".clone_into(step);
    }
}

/// Takes one branch of a `use` below `stem`, each with the name it binds, and says where it ends.
fn take_use(tokens: &[&str], mut place: usize, stem: &[String], branches: &mut Vec<(String, Vec<String>)>) -> usize {
    let mut path = stem.to_vec();
    loop {
        match tokens[place] {
            "{" => {
                place += 1;
                while tokens[place] != "}" {
                    place = take_use(tokens, place, &path, branches);
                    place += usize::from(tokens[place] == ",");
                }
                return place + 1;
            }
            "*" => {
                branches.push(("*".to_owned(), path));
                return place + 1;
            }
            "as" => {
                branches.push((tokens[place + 1].to_owned(), path));
                return place + 2;
            }
            "self" if !path.is_empty() => place += 1,
            "::" => place += 1,
            name if is_name(name) => {
                path.push(name.to_owned());
                place += 1;
            }
            _ => {
                branches.extend(path.last().cloned().map(|name| (name, path)));
                return place;
            }
        }
    }
}

fn is_name(token: &str) -> bool {
    token.starts_with(|letter: char| letter.is_alphabetic() || letter == '_')
}

/// Names, `::` and single signs of a source; comments, numbers, characters and the insides of texts are left out.
fn tokens(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let name_end = rest.find(|letter: char| !letter.is_alphanumeric() && letter != '_').unwrap_or(rest.len());
        let length = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if let Some(end) = raw_text_end(rest) {
            end
        } else if first == '"' {
            text_end(rest)
        } else if first == '\'' {
            character_end(rest)
        } else if rest.starts_with("::") {
            found.push("::");
            2
        } else if first.is_alphabetic() || first == '_' {
            found.push(&rest[..name_end]);
            name_end
        } else if first.is_ascii_digit() {
            name_end
        } else {
            if !first.is_whitespace() {
                found.push(&rest[..first.len_utf8()]);
            }
            first.len_utf8()
        };
        rest = &rest[length..];
    }
    found
}

/// The length of the text in quotes that stands here.
fn text_end(rest: &str) -> usize {
    let mut escaped = false;
    let closing = rest.char_indices().skip(1).find(|(_, letter)| {
        let closes = *letter == '"' && !escaped;
        escaped = *letter == '\\' && !escaped;
        closes
    });
    closing.map_or(rest.len(), |(place, _)| place + 1)
}

/// The length of the raw text that stands here, if one does.
fn raw_text_end(rest: &str) -> Option<usize> {
    let opened = rest.strip_prefix('r')?;
    let hashes = opened.len() - opened.trim_start_matches('#').len();
    let inside = opened[hashes..].strip_prefix('"')?;
    let closing = format!("\"{}", "#".repeat(hashes));
    Some(inside.find(&closing).map_or(rest.len(), |place| hashes + 2 + place + closing.len()))
}

/// The length of the character that stands here; of a lifetime only its sign.
fn character_end(rest: &str) -> usize {
    let inside = &rest[1..];
    let length = match inside.chars().next() {
        Some('\\') => inside[2..].find('\'').map(|place| place + 2),
        Some(letter) => inside[letter.len_utf8()..].starts_with('\'').then_some(letter.len_utf8()),
        None => None,
    };
    length.map_or(1, |length| length + 2)
}

/// The tokens without what is there for tests alone.
fn without_tests(tokens: Vec<&str>) -> Vec<&str> {
    const FOR_TESTS: [&str; 7] = ["#", "[", "cfg", "(", "test", ")", "]"];
    let mut kept = Vec::with_capacity(tokens.len());
    let mut place = 0;
    while place < tokens.len() {
        if !tokens[place..].starts_with(&FOR_TESTS) {
            kept.push(tokens[place]);
            place += 1;
            continue;
        }
        let mut depth = 0;
        place += FOR_TESTS.len();
        while place < tokens.len() {
            depth += i32::from(["{", "[", "("].contains(&tokens[place]));
            depth -= i32::from(["}", "]", ")"].contains(&tokens[place]));
            place += 1;
            if depth == 0 && ["}", ";"].contains(&tokens[place - 1]) {
                break;
            }
        }
    }
    kept
}
