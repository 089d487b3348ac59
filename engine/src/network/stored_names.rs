//! The names that files know: where a module stood when they were first written, for those that stand elsewhere today.

/// Where a module stands in the network, and the place that files name; `*` is one part that goes over. Of several that
/// fit, the first counts.
const MOVED: [(&[&str], &[&str]); 6] = [
    (&["fusion", "Gsu", "levels"], &["levels", "gates"]),
    (&["fusion", "Concat", "levels", "*", "convolution"], &["levels", "convolutions", "*"]),
    (&["fusion", "Fdam", "levels"], &["levels", "fdam", "per_level"]),
    (&["fusion", "Gsu"], &["gsu"]),
    (&["fusion", "Concat"], &["concat"]),
    (&["fusion", "Mff"], &["agnostic"]),
];

/// The parts of a module's path, from the network's fields down, as files have it. Parts may carry something along;
/// those that no part of today stands for get `other`.
pub fn stored_path<'a, T: Copy>(path: &[(&'a str, T)], other: T) -> Vec<(&'a str, T)> {
    let fits = |today: &[&str]| {
        path.len() >= today.len() && today.iter().zip(path).all(|(known, (part, _))| *known == "*" || known == part)
    };
    let Some((today, stored)) = MOVED.iter().find(|(today, _)| fits(today)) else { return path.to_vec() };
    let mut over = today.iter().zip(path).filter(|(known, _)| **known == "*").map(|(_, &part)| part);
    let beginning = stored.iter().filter_map(|&part| if part == "*" { over.next() } else { Some((part, other)) });
    beginning.chain(path[today.len()..].iter().copied()).collect()
}

/// [`stored_path`], joined by dots.
pub fn stored_name(path: &[String]) -> String {
    let path: Vec<(&str, ())> = path.iter().map(|part| (part.as_str(), ())).collect();
    stored_path(&path, ()).into_iter().map(|(part, ())| part).collect::<Vec<_>>().join(".")
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use burn::module::{Module as _, ModuleVisitor, Param};
    use burn::tensor::{Device, Tensor};

    use super::*;
    use crate::network::parameters::named_parameters;
    use crate::network::testing::{network, recipe};

    /// The names of weights and of the optimiser's moments in checkpoints from before fusion was one type: kind and
    /// level, which of the two, name.
    const STORED: &str = include_str!("reference/fusion_names.txt");

    #[derive(Default)]
    struct Paths {
        path: Vec<String>,
        found: Vec<String>,
    }

    impl ModuleVisitor for Paths {
        fn visit_float<const D: usize>(&mut self, _: &Param<Tensor<D>>) {
            self.found.push(stored_name(&self.path));
        }

        fn enter_module(&mut self, name: &str, _container: &str) {
            self.path.push(name.to_owned());
        }

        fn exit_module(&mut self, _name: &str, _container: &str) {
            self.path.pop();
        }
    }

    #[test]
    fn weights_and_moments_of_fusion_keep_the_names_that_files_know() {
        let mut stored: BTreeMap<&str, BTreeSet<(&str, &str)>> = BTreeMap::new();
        for line in STORED.lines() {
            let [at, which, name] = line.split(' ').collect::<Vec<_>>().try_into().unwrap();
            stored.entry(at).or_default().insert((which, name));
        }
        assert_eq!(stored.len(), 7);
        for (at, expected) in stored {
            let (kind, level) = at.split_once('/').unwrap();
            let network = network(&recipe(&[("fusion.kind", kind), ("fusion.level", level)]), 2, &Device::flex());
            let mut paths = Paths::default();
            network.visit(&mut paths);
            let weights = named_parameters(&network).into_iter().map(|parameter| ("weight", parameter.name));
            let found: Vec<_> = weights.chain(paths.found.into_iter().map(|name| ("moment", name))).collect();
            let of_fusion = found.iter().filter(|(_, name)| {
                ["gsu.", "concat.", "agnostic.", "levels.", "fusion."].iter().any(|word| name.starts_with(word))
            });
            assert_eq!(
                of_fusion.map(|(which, name)| (*which, name.as_str())).collect::<BTreeSet<_>>(),
                expected,
                "{at}"
            );
        }
    }
}
