//! Weights from elsewhere: pretrained encoders in PyTorch and safetensors files, and networks of our own runs.

mod archive;
mod efficientnet;
mod file;
mod prefix;
mod report;
mod shape;
mod shipped;
mod style;
mod tables;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use burn::tensor::TensorData;

use self::file::{Stored, read, read_bytes};
pub use self::prefix::file_and_prefix;
pub use self::report::LoadReport;
use self::report::sample_of;
use self::shipped::shipped;
use self::style::{Fit, Style, without_copy};
use super::assembly::Network;
use super::error::NetworkError;
use super::parameters::{Named, named_parameters, replace};
use crate::progress::{Progress, tell};
use crate::recipe::catalogue::encoder::Family;

/// What is told while weights are loaded.
const WHAT: &str = "Loading pretrained weights";

/// What we call our own names.
const OWN: &str = "our own runs";

/// Fills a network from a PyTorch or safetensors file, and says what was loaded and what was not.
///
/// Which names the file has is found out by comparing: those of timm, efficientnet-pytorch (on which
/// segmentation-models-pytorch builds), torchvision, the SegFormer release, or our own; with or without a prefix such
/// as `module.` or `state_dict.backbone.`. Foreign files fill the encoder, each sensor's copy from the same source, and
/// must fill all of it. A file of our own fills whatever has the same name: the encoder wholly, decoders and heads as
/// far as they fit.
///
/// Where several encoders of a file fit alike (those of two sensors, a moving average), which one to take is asked for:
/// its prefix stands behind the file's name and a `#`, as in `weights.pth#rgb_encoder.`. `progress` may end it.
pub fn load_pretrained(
    network: Network,
    path: &Path,
    progress: &mut Progress<'_>,
) -> Result<(Network, LoadReport), NetworkError> {
    let (path, asked) = file_and_prefix(path);
    let stored = read(&path, WHAT, progress)?;
    filled(network, &path, &stored, asked.as_deref(), progress)
}

/// Fills a network's encoder with the weights that come with the program for its family, and nothing else.
pub fn load_shipped(
    network: Network,
    family: Family,
    progress: &mut Progress<'_>,
) -> Result<(Network, LoadReport), NetworkError> {
    let (path, bytes) = shipped(family);
    filled(network, &path, &read_bytes(bytes, &path)?, None, progress)
}

/// Fills a network from the tensors of one file.
fn filled(
    network: Network,
    path: &Path,
    stored: &BTreeMap<String, Stored>,
    asked: Option<&str>,
    progress: &mut Progress<'_>,
) -> Result<(Network, LoadReport), NetworkError> {
    let parameters = named_parameters(&network);
    let (style, prefix) = matching(&network, &parameters, stored, path, asked)?;
    let mut filling = Filling::new(&style, prefix, path);
    for (done, parameter) in (0..).zip(&parameters) {
        tell(progress, WHAT, done, parameters.len() as u64)?;
        filling.fill(parameter, stored)?;
    }
    let (values, report) = filling.finish(stored);
    Ok((replace(network, &values), report))
}

/// The style, and the prefix, that most names in a file fit.
fn matching(
    network: &Network,
    parameters: &[Named],
    stored: &BTreeMap<String, Stored>,
    path: &Path,
    asked: Option<&str>,
) -> Result<(Style, String), NetworkError> {
    let own: BTreeMap<_, _> = parameters.iter().map(|ours| (ours.name.clone(), ours.name.clone())).collect();
    let singles: BTreeSet<String> = parameters.iter().map(|parameter| without_copy(&parameter.name)).collect();
    let mut styles = tables::styles(network.encoder(), &singles.into_iter().collect::<Vec<_>>());
    let titles: Vec<&str> = styles.iter().map(|style| style.title).chain([OWN]).collect();
    let examples: Vec<&str> =
        styles.iter().filter_map(|style| style.names.values().next()).map(String::as_str).collect();
    let example = if examples.is_empty() { String::new() } else { format!(" (such as `{}`)", examples.join("`, `")) };
    let expected = format!("expected the names of {}{example}", titles.join(" or "));
    styles.push(Style { title: OWN, names: own });
    let names: BTreeSet<&str> = stored.keys().map(String::as_str).collect();
    let none = |where_: &str| NetworkError::Unreadable {
        reason: format!("{expected}{where_}, found {}", sample_of(&names.iter().copied().collect::<Vec<_>>())),
        path: path.to_owned(),
    };
    if let Some(prefix) = asked {
        let best = styles.into_iter().max_by_key(|style| style.hits(prefix, &names));
        let best = best.filter(|style| style.hits(prefix, &names) > 0);
        return best.map(|style| (style, prefix.to_owned())).ok_or_else(|| none(&format!(" under `{prefix}`")));
    }
    let fits = styles.into_iter().filter_map(|style| style.fit(&names).map(|fit| (fit, style)));
    let best = fits.reduce(|best, next| if next.0.hits > best.0.hits { next } else { best });
    match best {
        Some((Fit { prefix, twins, .. }, style)) if twins.is_empty() => Ok((style, prefix)),
        Some((Fit { prefix, twins, .. }, _)) => {
            let prefixes = std::iter::once(prefix).chain(twins).collect();
            Err(NetworkError::Twins { prefixes, path: path.to_owned() })
        }
        None => Err(none("")),
    }
}

/// A network being filled.
struct Filling<'a> {
    style: &'a Style,
    values: BTreeMap<String, TensorData>,
    used: BTreeSet<String>,
    converted: BTreeMap<String, usize>,
    report: LoadReport,
}

impl<'a> Filling<'a> {
    fn new(style: &'a Style, prefix: String, path: &Path) -> Self {
        let report = LoadReport {
            path: path.to_owned(),
            style: style.title,
            prefix,
            loaded: Vec::new(),
            missing: Vec::new(),
            unfit: Vec::new(),
            reshaped: Vec::new(),
            converted: Vec::new(),
            unexpected: Vec::new(),
            foreign: Vec::new(),
            counters: 0,
        };
        Self { style, values: BTreeMap::new(), used: BTreeSet::new(), converted: BTreeMap::new(), report }
    }

    /// Fills one parameter, whose shape says how much is read. What the encoder lacks is an error: a network half
    /// filled would train, and nobody would know.
    fn fill(&mut self, parameter: &Named, stored: &BTreeMap<String, Stored>) -> Result<(), NetworkError> {
        let Named { name, shape, .. } = parameter;
        let path = self.report.path.clone();
        let in_file = |source| NetworkError::InFile { source: Box::new(source), path: path.clone() };
        let single = without_copy(name);
        // A copy's own name first, then that of the copy that every network has.
        let sources = [name, &single].into_iter().filter_map(|name| self.style.names.get(name));
        let sources: Vec<String> = sources.map(|theirs| format!("{}{theirs}", self.report.prefix)).collect();
        let Some(first) = sources.first() else { return Ok(()) };
        let must = name.starts_with("encoder.");
        let Some((theirs, tensor)) = sources.iter().find_map(|theirs| stored.get_key_value(theirs)) else {
            if must {
                let missing = NetworkError::MissingTensor { name: first.clone(), expected: shape.clone() };
                return Err(in_file(missing));
            }
            self.report.missing.push(name.clone());
            return Ok(());
        };
        self.used.insert(theirs.clone());
        if !shape::fits(tensor.shape(), shape) {
            return self.unfit(parameter, theirs, tensor.shape());
        }
        let (data, converted) = tensor.load(theirs, &path)?;
        match shape::fitted(data, shape) {
            Ok((data, words)) => {
                self.report.reshaped.extend(words.map(|words| format!("{name} ({words})")));
                if let Some(found) = converted {
                    *self.converted.entry(found).or_default() += 1;
                }
                self.values.insert(name.clone(), data);
                self.report.loaded.push(name.clone());
            }
            Err(data) => return self.unfit(parameter, theirs, &data.shape().to_vec()),
        }
        Ok(())
    }

    /// What the encoder needs in another shape is an error; the rest is told.
    fn unfit(&mut self, parameter: &Named, theirs: &str, found: &[usize]) -> Result<(), NetworkError> {
        let Named { name, shape, .. } = parameter;
        if name.starts_with("encoder.") {
            let (expected, found) = (shape.clone(), found.to_vec());
            let source = Box::new(NetworkError::WrongShape { name: theirs.to_owned(), expected, found });
            return Err(NetworkError::InFile { source, path: self.report.path.clone() });
        }
        self.report.unfit.push(format!("{name} ({found:?} in the file, {shape:?} here)"));
        Ok(())
    }

    fn finish(mut self, stored: &BTreeMap<String, Stored>) -> (BTreeMap<String, TensorData>, LoadReport) {
        let rest: Vec<&String> = stored.keys().filter(|name| !self.used.contains(*name)).collect();
        let own = format!("{}encoder.", self.report.prefix);
        if stored.keys().all(|name| name.starts_with(&own)) {
            // An encoder alone: nobody expects the rest of it.
            self.report.missing.clear();
        }
        let is_counter = |name: &str| name.ends_with("num_batches_tracked");
        self.report.counters = rest.iter().filter(|name| is_counter(name)).count();
        let part = |name: &str| part_of(name, &self.report.prefix).map(str::to_owned);
        let parts: BTreeSet<String> = self.used.iter().filter_map(|name| part(name)).collect();
        let is_known = |name: &str| part(name).is_some_and(|part| parts.contains(&part));
        let left = rest.into_iter().filter(|name| !is_counter(name)).cloned();
        (self.report.unexpected, self.report.foreign) = left.partition(|name| is_known(name));
        self.report.converted = self.converted.into_iter().collect();
        (self.values, self.report)
    }
}

/// The first word of a name behind the prefix, such as `blocks` or `classifier`.
fn part_of<'a>(name: &'a str, prefix: &str) -> Option<&'a str> {
    name.strip_prefix(prefix)?.split('.').next()
}

#[cfg(test)]
mod golden;
#[cfg(test)]
mod tests;
