//! What a zip archive of weights would unpack to, by its directory, before anything of it is unpacked.

use std::io::BufReader;
use std::path::Path;

use zip::ZipArchive;

use crate::files::open_regular;

/// PyTorch packs nothing, and weights that somebody packed once more shrink little: an archive that unpacks to more
/// than so many times its own bytes holds something else.
const MOST_TIMES_FILE: u64 = 4;

/// The longest table of contents that is read: its tensors take about a hundred times its bytes. Those of the largest
/// networks are a few million bytes long.
const MAX_PICKLE_BYTES: u64 = 16 << 20;

/// Bytes that the archive at `path` unpacks to; the error says why it is not unpacked.
pub fn unpacked_bytes(path: &Path) -> Result<u64, String> {
    let file = open_regular(path).map_err(|error| error.to_string())?;
    let held = file.metadata().map_err(|error| error.to_string())?.len();
    let archive = ZipArchive::new(BufReader::new(file)).map_err(|error| error.to_string())?;
    let mut total = 0_u64;
    for index in 0..archive.len() {
        let entry = archive.by_index_data(index).map_err(|error| error.to_string())?;
        total = total.saturating_add(entry.size());
        if entry.size() > MAX_PICKLE_BYTES && entry.name_raw().ends_with(b"data.pkl") {
            return Err(format!(
                "its table of contents has {} bytes; expected at most {MAX_PICKLE_BYTES}",
                entry.size()
            ));
        }
    }
    let most = held.saturating_mul(MOST_TIMES_FILE);
    if total > most {
        return Err(format!(
            "its {held} bytes unpack to {total}; expected at most {most}, {MOST_TIMES_FILE} times as many"
        ));
    }
    Ok(total)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_archive_whose_directory_promises_more_than_it_can_hold_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("weights.pth");
        let whole = include_bytes!("../reference/tiny.pth");
        std::fs::write(&path, whole).unwrap();
        assert!(unpacked_bytes(&path).unwrap() < whole.len() as u64);
        // Entries of the directory begin with this; their unpacked size stands at 24, their name at 46.
        let entries: Vec<usize> = (0..whole.len() - 4).filter(|&at| whole[at..].starts_with(b"PK\x01\x02")).collect();
        let name = |at: usize| &whole[at + 46..][..usize::from(u16::from_le_bytes([whole[at + 28], whole[at + 29]]))];
        let (pickles, others): (Vec<usize>, Vec<usize>) =
            entries.into_iter().partition(|&at| name(at).ends_with(b"data.pkl"));
        let promising = |entries: &[usize], size: u32| {
            let mut bytes = whole.to_vec();
            for at in entries {
                bytes[at + 24..at + 28].copy_from_slice(&size.to_le_bytes());
            }
            std::fs::write(&path, &bytes).unwrap();
            unpacked_bytes(&path).unwrap_err()
        };
        let message = promising(&others, 1 << 30);
        assert!(message.contains("unpack to") && message.contains("4 times"), "{message}");
        assert!(promising(&pickles, 64 << 20).contains("table of contents has 67108864 bytes"));
    }
}
