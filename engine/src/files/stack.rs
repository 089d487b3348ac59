//! Pictures within one file: MATLAB's files of version 7.3, which are HDF5, keep a whole data set in variables that
//! stack many pictures. Such a file is looked into as if it were a folder: `FILE.mat/VARIABLE/PLACE`, places from 0.
//!
//! A variable is `height × width × pictures` or `height × width × channels × pictures`, as MATLAB says it; the file has
//! its dimensions the other way round.

use std::fs::{self, Metadata};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use hdf5_reader::{Dataset, Datatype, FileStorage, H5Type, Hdf5File, OpenOptions, SliceInfo, SliceInfoElem};
use parking_lot::Mutex;

use super::open_regular;

/// How such files end.
const ENDING: &str = "mat";

/// The most pictures of a variable, as of a list.
const MOST_PICTURES: u64 = 1_000_000;
/// The most bytes of one picture as the file has it.
const MOST_BYTES: usize = 1 << 30;
/// The most bytes of a chunk, which holds parts of several pictures and is unpacked whole.
const MOST_CHUNK_BYTES: usize = 64 << 20;
/// What is held of a file's unpacked chunks.
const CACHE_BYTES: usize = 16 << 20;
const CACHE_SLOTS: usize = 4093;

/// Files that are kept open: each sensor may have one of its own.
const KEPT: usize = 16;

/// The files that were looked into last, the newest first.
static OPEN: Mutex<Vec<Kept>> = Mutex::new(Vec::new());

/// Numbers as they are stored; double precision becomes single.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Numbers {
    Bytes(Vec<u8>),
    Words(Vec<u16>),
    Floats(Vec<f32>),
}

/// What a picture is before its numbers are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Outline {
    pub(crate) width: usize,
    pub(crate) height: usize,
    pub(crate) channels: usize,
    /// 8, 16 or 32.
    pub(crate) bits: u8,
}

/// Where a path leads within a file.
struct Inside<'a> {
    file: &'a Path,
    variable: &'a str,
    /// The picture's name, where the path leads to one.
    picture: Option<&'a str>,
}

struct Kept {
    path: PathBuf,
    /// Its length and time when it was opened.
    state: (u64, Option<SystemTime>),
    stack: Arc<Stack>,
}

struct Stack {
    file: Hdf5File,
    variables: Mutex<Vec<(String, Arc<Variable>)>>,
}

struct Variable {
    name: String,
    data: Dataset,
    pictures: usize,
    outline: Outline,
    /// What its numbers are, where they are none that a picture has.
    odd: Option<String>,
}

/// Whether a path leads to a picture that is there.
pub(crate) fn is_picture(path: &Path) -> bool {
    matches!(exists(path), Some(Ok(true))) && inside(path).is_some_and(|inside| inside.picture.is_some())
}

/// Whether a path leads to a variable or a picture; `None` where it leads into no such file.
pub(crate) fn exists(path: &Path) -> Option<io::Result<bool>> {
    let Inside { file, variable, picture } = inside(path)?;
    let found = open(file).and_then(|stack| match stack.variable(variable) {
        Ok(variable) => Ok(picture.is_none_or(|picture| variable.place(picture).is_some())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    });
    Some(found)
}

/// Names of the pictures in a variable; `None` where the path leads to none in such a file.
pub(crate) fn names(folder: &Path) -> Option<io::Result<impl Iterator<Item = String> + use<>>> {
    let Inside { file, variable, picture: None } = inside(folder)? else { return None };
    let pictures = open(file).and_then(|stack| Ok(stack.variable(variable)?.pictures));
    Some(pictures.map(|pictures| (0..pictures).map(|place| place.to_string())))
}

/// What is known of the file that a path leads to something in; `None` where it leads into no such file.
pub(crate) fn metadata(path: &Path) -> Option<io::Result<Metadata>> {
    let is_there = exists(path)?;
    Some(is_there.and_then(|is_there| {
        let file = inside(path).filter(|_| is_there).ok_or(io::ErrorKind::NotFound)?.file;
        fs::metadata(file)
    }))
}

/// The outline of a picture; `None` where the path leads to none in such a file.
pub(crate) fn outline(path: &Path) -> Option<io::Result<Outline>> {
    let Inside { file, variable, picture: Some(picture) } = inside(path)? else { return None };
    let found = open(file).and_then(|stack| {
        let variable = stack.variable(variable)?;
        variable.needed(picture)?;
        variable.readable()?;
        Ok(variable.outline)
    });
    Some(found)
}

/// A picture's numbers, row by row with the channels together.
pub(crate) fn picture(path: &Path) -> io::Result<Numbers> {
    let Some(Inside { file, variable, picture: Some(picture) }) = inside(path) else {
        return Err(broken("it leads to no picture within a file".to_owned()));
    };
    let variable = open(file)?.variable(variable)?;
    variable.numbers(variable.needed(picture)?)
}

fn inside(path: &Path) -> Option<Inside<'_>> {
    let is_stack =
        |path: &&Path| path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case(ENDING)) && path.is_file();
    let (parent, name) = (path.parent()?, path.file_name()?.to_str()?);
    if is_stack(&parent) {
        return Some(Inside { file: parent, variable: name, picture: None });
    }
    let file = parent.parent().filter(is_stack)?;
    Some(Inside { file, variable: parent.file_name()?.to_str()?, picture: Some(name) })
}

/// Opens a file, unless it is open and has not changed.
fn open(path: &Path) -> io::Result<Arc<Stack>> {
    let meta = fs::metadata(path)?;
    let state = (meta.len(), meta.modified().ok());
    let mut known = OPEN.lock();
    if let Some(place) = known.iter().position(|kept| kept.path == path) {
        let kept = known.remove(place);
        if kept.state == state {
            let stack = Arc::clone(&kept.stack);
            known.insert(0, kept);
            return Ok(stack);
        }
    }
    let stack = Arc::new(Stack::open(path)?);
    known.insert(0, Kept { path: path.to_owned(), state, stack: Arc::clone(&stack) });
    known.truncate(KEPT);
    Ok(stack)
}

fn broken(reason: String) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, reason)
}

impl Stack {
    fn open(path: &Path) -> io::Result<Self> {
        let mut begin = Vec::new();
        open_regular(path)?.take(16).read_to_end(&mut begin)?;
        if begin.starts_with(b"MATLAB 5.0 MAT") {
            return Err(broken("it is of an older version of MATLAB's files; `save` it with `-v7.3`".to_owned()));
        }
        let options = OpenOptions::default()
            .with_max_read_bytes(MOST_BYTES)
            .with_max_chunk_bytes(MOST_CHUNK_BYTES)
            .with_chunk_cache_bytes(CACHE_BYTES)
            .with_chunk_cache_slots(CACHE_SLOTS);
        // Read piece by piece, not mapped: a mapped file that someone shortens ends the program.
        let file = FileStorage::from_file(open_regular(path)?)
            .and_then(|storage| Hdf5File::from_storage_with_options(Arc::new(storage), options))
            .map_err(|error| broken(format!("it is no whole file of MATLAB's version 7.3 (HDF5): {error}")))?;
        Ok(Self { file, variables: Mutex::default() })
    }

    fn variable(&self, name: &str) -> io::Result<Arc<Variable>> {
        let mut variables = self.variables.lock();
        if let Some((_, known)) = variables.iter().find(|(known, _)| known == name) {
            return Ok(Arc::clone(known));
        }
        let data = self.file.dataset(name).map_err(|error| match self.variables_in_words() {
            Ok(words) if !words.split(", ").any(|known| known == name) => {
                io::Error::new(io::ErrorKind::NotFound, format!("it has no variable `{name}`; it has {words}"))
            }
            _ => broken(format!("its variable `{name}` could not be read: {error}")),
        })?;
        let variable = Arc::new(Variable::new(name, data)?);
        variables.push((name.to_owned(), Arc::clone(&variable)));
        Ok(variable)
    }

    fn variables_in_words(&self) -> Result<String, hdf5_reader::error::Error> {
        Ok(self.file.root_group()?.member_names()?.1.join(", "))
    }
}

impl Variable {
    fn new(name: &str, data: Dataset) -> io::Result<Self> {
        let size = |at: usize| usize::try_from(data.shape()[at]).unwrap_or(usize::MAX);
        if data.ndim() > 0 && data.shape()[0] > MOST_PICTURES {
            let found = data.shape()[0];
            return Err(broken(format!(
                "its variable `{name}` has {found} pictures; at most {MOST_PICTURES} are read"
            )));
        }
        let (channels, width, height) = match data.ndim() {
            3 => (1, size(1), size(2)),
            4 => (size(1), size(2), size(3)),
            sides => {
                let expected = "height × width × pictures or height × width × channels × pictures";
                return Err(broken(format!("its variable `{name}` has {sides} dimensions; expected {expected}")));
            }
        };
        let (bits, odd) = match data.dtype() {
            Datatype::FixedPoint { size: 1, signed: false, .. } => (8, None),
            Datatype::FixedPoint { size: 2, signed: false, .. } => (16, None),
            Datatype::FloatingPoint { size: 4 | 8, .. } => (32, None),
            Datatype::FixedPoint { size, signed, .. } => {
                (8, Some(format!("{}int{}", if *signed { "" } else { "u" }, 8 * u32::from(*size))))
            }
            _ => (8, Some("no plain numbers".to_owned())),
        };
        let outline = Outline { width, height, channels, bits };
        Ok(Self { name: name.to_owned(), pictures: size(0), outline, odd, data })
    }

    /// The place that a name stands for, where there is such a picture.
    fn place(&self, name: &str) -> Option<u64> {
        let place: usize = name.parse().ok()?;
        (place.to_string() == name && place < self.pictures).then_some(place as u64)
    }

    fn needed(&self, name: &str) -> io::Result<u64> {
        let lacks = || {
            let Self { name: variable, pictures, .. } = self;
            broken(format!("its variable `{variable}` has no picture {name}; it has {pictures}, counted from 0"))
        };
        self.place(name).ok_or_else(lacks)
    }

    fn readable(&self) -> io::Result<()> {
        let Some(odd) = &self.odd else { return Ok(()) };
        let name = &self.name;
        Err(broken(format!("its variable `{name}` holds {odd}; expected uint8, uint16, single or double")))
    }

    fn numbers(&self, place: u64) -> io::Result<Numbers> {
        self.readable()?;
        let double = matches!(self.data.dtype(), Datatype::FloatingPoint { size: 8, .. });
        Ok(match self.outline.bits {
            8 => Numbers::Bytes(self.rows(place, |value: u8| value)?),
            16 => Numbers::Words(self.rows(place, |value: u16| value)?),
            _ if double => Numbers::Floats(self.rows(place, |value: f64| value as f32)?),
            _ => Numbers::Floats(self.rows(place, |value: f32| value)?),
        })
    }

    /// A picture's numbers, which lie column by column and channel by channel, as rows of pixels.
    fn rows<T: H5Type + Copy, N>(&self, place: u64, number: impl Fn(T) -> N) -> io::Result<Vec<N>> {
        let Outline { width, height, channels, .. } = self.outline;
        let mut wanted = SliceInfo::all(self.data.ndim());
        wanted.selections[0] = SliceInfoElem::Index(place);
        let damaged =
            |reason: String| broken(format!("picture {place} of its variable `{}` is damaged: {reason}", self.name));
        let read = self.data.read_slice(&wanted).map_err(|error| damaged(error.to_string()))?;
        let (columns, _): (Vec<T>, _) = read.into_raw_vec_and_offset();
        let expected = width * height * channels;
        if columns.len() != expected {
            return Err(damaged(format!("expected {expected} numbers, found {}", columns.len())));
        }
        let mut rows = Vec::with_capacity(expected);
        for row in 0..height {
            for column in 0..width {
                rows.extend((0..channels).map(|channel| number(columns[(channel * width + column) * height + row])));
            }
        }
        Ok(rows)
    }
}
