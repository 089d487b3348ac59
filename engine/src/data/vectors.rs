//! Vectors that a vision-language model made beforehand, read from a file one by one as they are asked for.
//!
//! The file is safetensors with one vector a tensor, all of one length, F32 or F16:
//!
//! | tensor | holds |
//! |---|---|
//! | `image/<sample id>/<sensor>` | what an image encoder says to one sensor's image of a scene |
//! | `scene/<sample id>` | what a text encoder says to the scene's caption |
//! | `class/<class name>` | what a text encoder says to a class's name |
//!
//! Ids, sensors and class names are the data set's own; upper case, spaces and signs in class names make no difference.
//! Only directions count. `assets/tools` has scripts that write such files.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};

use burn::tensor::f16;
use serde::Deserialize;

use super::error::DataError;
use crate::files::open_regular;

/// A header beyond this is none.
const LARGEST_HEADER_BYTES: u64 = 64 << 20;

/// Class names of every supported data set, by all-MiniLM-L6-v2.
static CLASS_NAMES: &[u8] = include_bytes!("../../../assets/language/class-names.safetensors");

/// An open file: its table of contents is in memory, its vectors are not.
#[derive(Debug)]
pub struct VectorFile {
    path: PathBuf,
    source: Source,
    entries: BTreeMap<String, Entry>,
    /// Class names as [`plain`] has them, with their tensors' names.
    classes: BTreeMap<String, String>,
    length: usize,
}

#[derive(Debug)]
enum Source {
    File(RefCell<File>),
    Memory(&'static [u8]),
}

/// A tensor in the file's table of contents.
#[derive(Deserialize)]
struct Listed {
    dtype: String,
    shape: Vec<u64>,
    data_offsets: [u64; 2],
}

#[derive(Clone, Copy, Debug)]
struct Entry {
    /// In bytes from the beginning of the file.
    at: u64,
    is_half: bool,
}

impl VectorFile {
    /// Opens a file and reads its table of contents.
    pub fn open(path: &Path) -> Result<Self, DataError> {
        let unreadable = |error: std::io::Error| DataError::Unreadable {
            what: "the file of teacher vectors".to_owned(),
            reason: error.to_string(),
            path: path.to_owned(),
        };
        let mut file = open_regular(path).map_err(unreadable)?;
        let size = file.metadata().map_err(unreadable)?.len();
        let mut start = [0_u8; 8];
        let unfit = |reason: String| DataError::Vectors { reason, path: path.to_owned() };
        if size < 8 {
            return Err(unfit(format!("expected a safetensors file, found {size} bytes")));
        }
        file.read_exact(&mut start).map_err(unreadable)?;
        let header = u64::from_le_bytes(start);
        if header > (size - 8).min(LARGEST_HEADER_BYTES) {
            return Err(unfit(format!("expected a safetensors file, found a header of {header} bytes in {size}")));
        }
        let mut bytes = start.to_vec();
        file.take(header).read_to_end(&mut bytes).map_err(unreadable)?;
        let file = open_regular(path).map_err(unreadable)?;
        Self::with(&bytes, size, Source::File(RefCell::new(file)), path)
    }

    /// The class names of all supported data sets, which ship with the program.
    pub fn shipped() -> Result<Self, DataError> {
        let path = Path::new("assets/language/class-names.safetensors");
        Self::with(CLASS_NAMES, CLASS_NAMES.len() as u64, Source::Memory(CLASS_NAMES), path)
    }

    /// `bytes` hold at least the beginning of a file of `size` bytes, up to the end of its table of contents.
    fn with(bytes: &[u8], size: u64, source: Source, path: &Path) -> Result<Self, DataError> {
        let unfit = |reason: String| DataError::Vectors { reason, path: path.to_owned() };
        let unread = |reason: String| unfit(format!("its table of contents does not read: {reason}"));
        let (length, rest) = bytes.split_first_chunk().ok_or_else(|| unread("it is cut short".to_owned()))?;
        let header = u64::from_le_bytes(*length);
        let text = usize::try_from(header).ok().and_then(|header| rest.get(..header));
        let text = text.ok_or_else(|| unread("it is cut short".to_owned()))?;
        let mut listed: serde_json::Map<String, serde_json::Value> =
            serde_json::from_slice(text).map_err(|error| unread(error.to_string()))?;
        listed.remove("__metadata__");
        let found = size - 8 - header;
        let (mut entries, mut classes, mut length, mut expected) = (BTreeMap::new(), BTreeMap::new(), None, 0);
        for (name, value) in listed {
            let Listed { dtype, shape, data_offsets: [begin, end] } =
                serde_json::from_value(value).map_err(|error| unread(format!("`{name}`: {error}")))?;
            let bytes_each = match dtype.as_str() {
                "F32" => 4,
                "F16" => 2,
                other => return Err(unfit(format!("`{name}` is {other}; expected F32 or F16"))),
            };
            let [numbers @ 1..=1_000_000] = shape[..] else {
                return Err(unfit(format!("`{name}` has the shape {shape:?}; expected one vector")));
            };
            if *length.get_or_insert(numbers) != numbers {
                return Err(unfit(format!("`{name}` has {numbers} numbers; expected as many as all others have")));
            }
            if end.checked_sub(begin) != Some(numbers * bytes_each) || end > found {
                return Err(unfit(format!("`{name}` lies at {begin} to {end} of {found} bytes; write the file anew")));
            }
            expected += end - begin;
            if let Some(class) = name.strip_prefix("class/") {
                classes.insert(plain(class), name.clone());
            }
            entries.insert(name, Entry { at: 8 + header + begin, is_half: bytes_each == 2 });
        }
        if expected != found {
            return Err(unfit(format!("expected {expected} bytes of vectors, found {found}; write the file anew")));
        }
        Ok(Self { path: path.to_owned(), source, entries, classes, length: length.unwrap_or(0) as usize })
    }

    /// Whether there is a caption's vector and one of an image by each of these sensors.
    pub fn knows(&self, id: &str, sensors: &[String]) -> bool {
        let image = |sensor: &String| self.entries.contains_key(&format!("image/{id}/{sensor}"));
        self.entries.contains_key(&format!("scene/{id}")) && sensors.iter().all(image)
    }

    /// Cosines of a scene's images, sensor by sensor, to its caption (Any2Seg Eq. 1): −1 to 1. `None` for a scene that
    /// [`VectorFile::knows`] nothing of.
    pub fn correlations(&self, id: &str, sensors: &[String]) -> Result<Option<Vec<f64>>, DataError> {
        let Some(scene) = self.vector(&format!("scene/{id}"))? else { return Ok(None) };
        let mut cosines = Vec::with_capacity(sensors.len());
        for sensor in sensors {
            let Some(image) = self.vector(&format!("image/{id}/{sensor}"))? else { return Ok(None) };
            cosines.push(cosine(&image, &scene));
        }
        Ok(Some(cosines))
    }

    /// Cosines between class names, `[classes, classes]` row by row (Any2Seg Eq. 5); or the names that there are no
    /// vectors of.
    pub fn likeness(&self, classes: &[String]) -> Result<Result<Vec<f64>, Vec<String>>, DataError> {
        let (mut vectors, mut unknown) = (Vec::new(), Vec::new());
        for class in classes {
            match self.classes.get(&plain(class)) {
                Some(name) => vectors.extend(self.vector(name)?),
                None => unknown.push(class.clone()),
            }
        }
        if !unknown.is_empty() {
            return Ok(Err(unknown));
        }
        let row = |one: &Vec<f32>| vectors.iter().map(|other| cosine(one, other)).collect::<Vec<_>>();
        Ok(Ok(vectors.iter().flat_map(row).collect()))
    }

    /// [`VectorFile::likeness`] by the file itself where it knows all names, for its encoder is that of the images,
    /// else by what ships with the program.
    pub fn likeness_by(file: Option<&Self>, classes: &[String]) -> Result<Result<Vec<f64>, Vec<String>>, DataError> {
        match file.map(|file| file.likeness(classes)).transpose()? {
            Some(Ok(likeness)) => Ok(Ok(likeness)),
            _ => Self::shipped()?.likeness(classes),
        }
    }

    /// A tensor's numbers; `None` where the file has none of that name.
    fn vector(&self, name: &str) -> Result<Option<Vec<f32>>, DataError> {
        let Some(&Entry { at, is_half }) = self.entries.get(name) else { return Ok(None) };
        let size = self.length * if is_half { 2 } else { 4 };
        let mut bytes = vec![0_u8; size];
        match &self.source {
            Source::Memory(all) => bytes.copy_from_slice(&all[at as usize..][..size]),
            Source::File(file) => {
                let mut file = file.borrow_mut();
                let read = file.seek(SeekFrom::Start(at)).and_then(|_| file.read_exact(&mut bytes));
                read.map_err(|error| DataError::Unreadable {
                    what: format!("the teacher vector `{name}`"),
                    reason: error.to_string(),
                    path: self.path.clone(),
                })?;
            }
        }
        let numbers: Vec<f32> = if is_half {
            bytes.as_chunks::<2>().0.iter().map(|&two| f16::from_le_bytes(two).to_f32()).collect()
        } else {
            bytes.as_chunks::<4>().0.iter().map(|&four| f32::from_le_bytes(four)).collect()
        };
        if numbers.iter().any(|number| !number.is_finite()) {
            let reason = format!("`{name}` holds something that is no number; export it anew");
            return Err(DataError::Vectors { reason, path: self.path.clone() });
        }
        Ok(Some(numbers))
    }
}

/// The cosine of two vectors, 0 where one has no direction.
fn cosine(one: &[f32], other: &[f32]) -> f64 {
    let product = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(&a, &b)| f64::from(a) * f64::from(b)).sum::<f64>();
    let lengths = (product(one, one) * product(other, other)).sqrt();
    if lengths > 0.0 { product(one, other) / lengths } else { 0.0 }
}

/// A class name's letters and digits in lower case: `RoadLine`, `road_line` and `road line` are one.
fn plain(name: &str) -> String {
    name.chars().filter(|letter| letter.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests;
