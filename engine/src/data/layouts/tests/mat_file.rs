//! A small file as MATLAB writes its version 7.3: a block of text, then HDF5 of the oldest kind, with a symbol table for
//! the names and deflated chunks under a B-tree for the numbers.

use std::path::Path;

use miniz_oxide::deflate::compress_to_vec_zlib;

/// What stands before the HDF5 file, from whose beginning addresses count.
const BLOCK: usize = 512;
const NOWHERE: u64 = u64::MAX;
/// Entries of one node of a B-tree of chunks.
const MOST_CHUNKS: usize = 64;

/// The kind of a variable's numbers.
#[derive(Clone, Copy)]
pub(super) enum Kind {
    Byte,
    Word,
    Single,
    Double,
    /// One that no picture has.
    Whole,
}

/// A variable: its dimensions as MATLAB says them, and the number at each place.
pub(super) struct Variable<'a> {
    pub(super) name: &'a str,
    pub(super) kind: Kind,
    pub(super) sides: &'a [usize],
    pub(super) number: &'a dyn Fn(&[usize]) -> f32,
}

impl Kind {
    fn bytes(self, number: f32) -> Vec<u8> {
        match self {
            Self::Byte => vec![number as u8],
            Self::Word => (number as u16).to_le_bytes().to_vec(),
            Self::Single => number.to_le_bytes().to_vec(),
            Self::Double => f64::from(number).to_le_bytes().to_vec(),
            Self::Whole => (number as i32).to_le_bytes().to_vec(),
        }
    }

    fn width(self) -> usize {
        self.bytes(0.0).len()
    }

    /// The message that says how a number is stored.
    fn message(self) -> Vec<u8> {
        let bits = 8 * self.width() as u8;
        let (class, flags, rest) = match self {
            Self::Single => (0x11, [0x20, 31, 0], vec![0, 0, 32, 0, 23, 8, 0, 23, 127, 0, 0, 0]),
            Self::Double => (0x11, [0x20, 63, 0], vec![0, 0, 64, 0, 52, 11, 0, 52, 255, 3, 0, 0]),
            Self::Whole => (0x10, [0x08, 0, 0], vec![0, 0, bits, 0]),
            Self::Byte | Self::Word => (0x10, [0; 3], vec![0, 0, bits, 0]),
        };
        [&[class], &flags[..], &(self.width() as u32).to_le_bytes(), &rest].concat()
    }

    fn class(self) -> &'static str {
        match self {
            Self::Byte => "uint8",
            Self::Word => "uint16",
            Self::Single => "single",
            Self::Double => "double",
            Self::Whole => "int32",
        }
    }
}

/// The file's bytes.
pub(super) fn mat_file(variables: &[Variable<'_>]) -> Vec<u8> {
    let mut names: Vec<&Variable<'_>> = variables.iter().collect();
    names.sort_by_key(|variable| variable.name);
    let mut file = vec![0; 96];
    let headers: Vec<u64> = names.iter().map(|variable| add_variable(&mut file, variable)).collect();

    let mut heap = vec![0; 8];
    let mut symbols = [b"SNOD", &[1, 0][..], &(names.len() as u16).to_le_bytes()].concat();
    for (variable, header) in names.iter().zip(headers) {
        symbols.extend(words(&[heap.len() as u64, header, 0, 0, 0]));
        heap.extend(padded(&[variable.name.as_bytes(), &[0]].concat()));
    }
    symbols.resize(328, 0);
    let last = heap.len() as u64 - padded(&[names.last().unwrap().name.as_bytes(), &[0]].concat()).len() as u64;
    let symbols = add(&mut file, &symbols);
    let mut tree = [b"TREE", &[0, 0, 1, 0][..], &words(&[NOWHERE, NOWHERE, 0, symbols, last])].concat();
    tree.resize(544, 0);
    let tree = add(&mut file, &tree);
    let heap_data = add(&mut file, &heap);
    let heap = add(&mut file, &[&b"HEAP\0\0\0\0"[..], &words(&[heap.len() as u64, 1, heap_data])].concat());
    let root = object(&[(0x11, words(&[tree, heap]))]);
    let root = add(&mut file, &root);

    let end = (BLOCK + file.len()) as u64;
    let mut begin = [&b"\x89HDF\r\n\x1a\n"[..], &[0, 0, 0, 0, 0, 8, 8, 0], &[4, 0, 16, 0, 0, 0, 0, 0]].concat();
    begin.extend(words(&[BLOCK as u64, NOWHERE, end - BLOCK as u64, NOWHERE, 0, root, 1, tree, heap]));
    file[..96].copy_from_slice(&begin);
    let mut whole = b"MATLAB 7.3 MAT-file, Platform: GLNXA64, HDF5 schema 1.00 .".to_vec();
    whole.resize(116, b' ');
    whole.extend([0; 8]);
    whole.extend([0, 2, b'I', b'M']);
    whole.resize(BLOCK, 0);
    whole.extend(file);
    whole
}

/// [`mat_file`] on the disk.
pub(super) fn write_mat(path: &Path, variables: &[Variable<'_>]) {
    std::fs::write(path, mat_file(variables)).unwrap();
}

fn add_variable(file: &mut Vec<u8>, variable: &Variable<'_>) -> u64 {
    let kind = variable.kind;
    let sides: Vec<usize> = variable.sides.iter().rev().copied().collect();
    // Several pictures a chunk and half of each, and the last chunks not full.
    let mut chunk = sides.clone();
    chunk[0] = sides[0].div_ceil(MOST_CHUNKS / 2).max(2);
    chunk[1] = sides[1].div_ceil(2);
    let numbers = chunk.iter().product::<usize>();
    let mut entries = Vec::new();
    for first in (0..sides[0]).step_by(chunk[0]) {
        for second in (0..sides[1]).step_by(chunk[1]) {
            let mut raw = Vec::new();
            for at in 0..numbers {
                // The last dimension is the fastest, and MATLAB's first.
                let mut rest = at;
                let mut place: Vec<usize> = chunk.iter().rev().map(|side| (rest % side, rest /= side).0).collect();
                place[sides.len() - 1] += first;
                place[sides.len() - 2] += second;
                let is_in = place.iter().zip(sides.iter().rev()).all(|(place, side)| place < side);
                raw.extend(kind.bytes(if is_in { (variable.number)(&place) } else { 0.0 }));
            }
            let deflated = compress_to_vec_zlib(&raw, 3);
            let bytes = deflated.len() as u32;
            entries.push(([first as u64, second as u64], bytes, add(file, &deflated)));
        }
    }
    let key = |place: [u64; 2], bytes: u32| {
        [&bytes.to_le_bytes()[..], &[0; 4], &words(&place), &vec![0; 8 * (sides.len() - 1)]].concat()
    };
    let mut tree = [b"TREE", &[1, 0][..], &(entries.len() as u16).to_le_bytes(), &words(&[NOWHERE; 2])].concat();
    for &(place, bytes, address) in &entries {
        tree.extend(key(place, bytes));
        tree.extend(words(&[address]));
    }
    tree.extend(key([sides[0] as u64, 0], 0));
    tree.resize(24 + MOST_CHUNKS * 8 + (MOST_CHUNKS + 1) * (8 + 8 * (sides.len() + 1)), 0);
    let tree = add(file, &tree);

    let shape: Vec<u64> = sides.iter().map(|&side| side as u64).collect();
    let space = [&[1, sides.len() as u8, 0, 0, 0, 0, 0, 0][..], &words(&shape)].concat();
    let dims: Vec<u8> = chunk.iter().chain([&kind.width()]).flat_map(|&side| (side as u32).to_le_bytes()).collect();
    let layout = [&[3, 2, sides.len() as u8 + 1][..], &words(&[tree]), &dims].concat();
    let filters = [&[1, 1, 0, 0, 0, 0, 0, 0][..], &[1, 0, 0, 0, 1, 0, 1, 0], &[3, 0, 0, 0, 0, 0, 0, 0]].concat();
    let class = kind.class();
    let text = [&[0x13, 0, 0, 0][..], &(class.len() as u32).to_le_bytes()].concat();
    let attribute = [
        &[1, 0, 13, 0, 8, 0, 8, 0][..],
        &padded(b"MATLAB_class\0"),
        &text,
        &[1, 0, 0, 0, 0, 0, 0, 0],
        class.as_bytes(),
    ];
    let messages = [
        (0x01, space),
        (0x03, kind.message()),
        (0x05, vec![2, 3, 2, 0]),
        (0x08, layout),
        (0x0b, filters),
        (0x0c, attribute.concat()),
    ];
    let header = object(&messages);
    add(file, &header)
}

/// An object header with these messages.
fn object(messages: &[(u16, Vec<u8>)]) -> Vec<u8> {
    let body: Vec<u8> = messages
        .iter()
        .flat_map(|(kind, message)| {
            let message = padded(message);
            [&kind.to_le_bytes()[..], &(message.len() as u16).to_le_bytes(), &[0; 4], &message].concat()
        })
        .collect();
    let begin =
        [&[1, 0][..], &(messages.len() as u16).to_le_bytes(), &[1, 0, 0, 0], &(body.len() as u32).to_le_bytes()];
    [&begin.concat()[..], &[0; 4], &body].concat()
}

/// Adds bytes at a multiple of eight, and says where.
fn add(file: &mut Vec<u8>, bytes: &[u8]) -> u64 {
    let at = file.len() as u64;
    file.extend(padded(bytes));
    at
}

fn padded(bytes: &[u8]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    bytes.resize(bytes.len().next_multiple_of(8), 0);
    bytes
}

fn words(words: &[u64]) -> Vec<u8> {
    words.iter().flat_map(|word| word.to_le_bytes()).collect()
}
