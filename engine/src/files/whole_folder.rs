//! Folders that are copied from elsewhere: where their files may lie, and whether they came whole.

use std::io::{self, Read};
use std::path::{Component, Path, PathBuf};

use super::sum_of;

/// Bytes that are summed at a time; the sum depends on it.
const PIECE_BYTES: u64 = 1 << 20;

/// A sum over all that is read, by [`super::sum_of`] over pieces of a megabyte.
pub fn sum_of_all(mut bytes: impl Read) -> io::Result<u64> {
    let (mut sum, mut piece) = (0_u64, Vec::new());
    loop {
        piece.clear();
        if bytes.by_ref().take(PIECE_BYTES).read_to_end(&mut piece)? == 0 {
            return Ok(sum);
        }
        sum = sum_of([sum.to_le_bytes(), sum_of(&piece).to_le_bytes()].as_flattened());
    }
}

/// The place below a folder that `a/b/c` names, whoever says so; `None` where it could lie anywhere else, or begins
/// with a dot, as what is still being made does.
pub fn place_below(name: &str) -> Option<PathBuf> {
    let path = Path::new(name);
    let is_plain = |part: Component<'_>| {
        let Component::Normal(part) = part else { return false };
        part.to_str().is_some_and(|part| !part.starts_with('.'))
    };
    let is_below = path.components().all(is_plain) && path.components().next().is_some();
    (is_below && !name.contains(['\\', ':', '\0'])).then(|| path.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_named_by_others_lies_below_the_folder_or_nowhere() {
        assert_eq!(place_below("checkpoints/step-6/model.safetensors").unwrap().components().count(), 3);
        for name in ["", "/etc/passwd", "..", "a/../../b", "./a", ".lock", "a/.b", "C:\\a", "a\\..\\b", "a\0"] {
            assert_eq!(place_below(name), None, "{name}");
        }
    }

    #[test]
    fn a_sum_changes_with_every_byte_and_with_the_length() {
        let bytes = vec![7_u8; PIECE_BYTES as usize + 3];
        let sum = |bytes: &[u8]| sum_of_all(bytes).unwrap();
        let whole = sum(&bytes);
        assert_eq!(whole, sum(&bytes.clone()));
        for place in [0, PIECE_BYTES as usize, bytes.len() - 1] {
            let mut other = bytes.clone();
            other[place] ^= 1;
            assert_ne!(sum(&other), whole, "byte {place}");
        }
        assert_ne!(sum(&bytes[1..]), whole);
    }
}
