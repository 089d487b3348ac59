//! Reading weight files into named tensors.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::Read as _;
use std::path::Path;
use std::sync::Arc;

use burn::tensor::{TensorData, bf16, f16};
use pytorch_reader::{DType, PytorchReader};
use safetensors::{Dtype, SafeTensors};

use super::archive::unpacked_bytes;
use crate::files::open_regular;
use crate::network::error::NetworkError;
use crate::progress::{Progress, disk};

/// How an old PyTorch file begins: a pickle of this number. Other pickles hold no tensors.
const OLD_TORCH: [u8; 10] = [0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19];

/// A tensor in a file, read only when it is needed.
#[derive(Clone)]
pub enum Stored {
    /// In a PyTorch file, with the bytes that all its tensors take together; its reader gathers strided tensors into
    /// row-major order.
    Torch(pytorch_reader::Tensor, u64),
    /// In a safetensors file: element type, shape, and the range of its bytes.
    Safe(Dtype, Vec<usize>, std::ops::Range<usize>, Arc<Vec<u8>>),
}

impl Stored {
    /// The sides, as the file's table of contents has them.
    pub fn shape(&self) -> &[usize] {
        match self {
            Self::Torch(tensor, _) => tensor.shape(),
            Self::Safe(_, shape, ..) => shape,
        }
    }

    /// The values as 32-bit floats, and the type they were converted from where it was another kind of float.
    pub fn load(&self, name: &str, path: &Path) -> Result<(TensorData, Option<String>), NetworkError> {
        let (bytes, float, shape) = match self {
            Self::Torch(tensor, held) => {
                // Strides of zero, or that overlap, make any number of values of a few.
                if tensor.byte_len() as u64 > *held {
                    let (found, shape) = (tensor.byte_len(), tensor.shape());
                    let reason = format!(
                        "`{name}` of shape {shape:?} would take {found} bytes, and all its tensors together hold {held}; save it \
                         again with `.contiguous()`, or take another file"
                    );
                    return Err(unreadable(path, &reason));
                }
                let float = match tensor.dtype() {
                    DType::F32 => Ok(Float::Single),
                    DType::F64 => Ok(Float::Double),
                    DType::F16 => Ok(Float::Half),
                    DType::BF16 => Ok(Float::Brain),
                    other => Err(format!("{other:?}")),
                };
                let bytes = tensor.read().map_err(|error| unreadable(path, &error.to_string()))?;
                (Cow::Owned(bytes), float, tensor.shape())
            }
            Self::Safe(dtype, shape, range, bytes) => {
                let float = match dtype {
                    Dtype::F32 => Ok(Float::Single),
                    Dtype::F64 => Ok(Float::Double),
                    Dtype::F16 => Ok(Float::Half),
                    Dtype::BF16 => Ok(Float::Brain),
                    other => Err(format!("{other:?}")),
                };
                (Cow::Borrowed(bytes.get(range.clone()).unwrap_or_default()), float, shape.as_slice())
            }
        };
        let float = float.map_err(|found| NetworkError::InFile {
            source: Box::new(NetworkError::WrongType { name: name.to_owned(), found }),
            path: path.to_owned(),
        })?;
        let converted = (float != Float::Single).then(|| float.words().to_owned());
        let values = float.values(&bytes);
        let count = values.iter().filter(|value| !value.is_finite()).count();
        if let Some(found) = values.iter().find(|value| !value.is_finite()) {
            let name = name.to_owned();
            let not_finite = NetworkError::NotFinite { name, found: *found, count, total: values.len() };
            return Err(NetworkError::InFile { source: Box::new(not_finite), path: path.to_owned() });
        }
        Ok((TensorData::new(values, shape.to_vec()), converted))
    }
}

/// The kinds of floats that weights are stored as. Files are little-endian, as is every machine that this runs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Float {
    Single,
    Double,
    Half,
    Brain,
}

impl Float {
    fn words(self) -> &'static str {
        match self {
            Self::Single => "32-bit floats",
            Self::Double => "64-bit floats",
            Self::Half => "16-bit floats",
            Self::Brain => "bfloat16",
        }
    }

    fn values(self, bytes: &[u8]) -> Vec<f32> {
        match self {
            Self::Single => words(bytes).map(f32::from_le_bytes).collect(),
            Self::Double => words(bytes).map(|word| f64::from_le_bytes(word) as f32).collect(),
            Self::Half => words(bytes).map(|word| f16::from_le_bytes(word).to_f32()).collect(),
            Self::Brain => words(bytes).map(|word| bf16::from_le_bytes(word).to_f32()).collect(),
        }
    }
}

/// Bytes in groups.
fn words<const N: usize>(bytes: &[u8]) -> impl Iterator<Item = [u8; N]> {
    bytes.chunks_exact(N).filter_map(|word| word.try_into().ok())
}

/// All tensors of a file by name; the format follows from what the file begins with, whatever it is called.
pub fn read(path: &Path, what: &str, progress: &mut Progress<'_>) -> Result<BTreeMap<String, Stored>, NetworkError> {
    let head = head_of(path).map_err(|error| unreadable(path, &error.to_string()))?;
    match head.as_slice() {
        [b'P', b'K', 3, 4, ..] => {
            let held = unpacked_bytes(path).map_err(|reason| unreadable(path, &reason))?;
            read_torch(path, held)
        }
        [0x80, ..] if head.windows(OLD_TORCH.len()).any(|window| window == OLD_TORCH) => {
            let held = std::fs::metadata(path).map_err(|error| unreadable(path, &error.to_string()))?.len();
            read_torch(path, held)
        }
        // The header's length, then a table in JSON.
        [_, _, _, _, _, _, 0, 0, b'{', ..] => read_safetensors(path, what, progress),
        other => {
            let found = match other {
                [] => "an empty file",
                [0x80, ..] => "a pickle without tensors",
                [b'<', ..] => "a web page: the download went wrong",
                [b'v', b'e', b'r', b's', b'i', b'o', b'n', b' ', ..] => "a pointer of Git LFS: fetch the file itself",
                [0x1f, 0x8b, ..] => "a gzip archive: unpack it first",
                [0x89, b'H', b'D', b'F', ..] => "HDF5, as Keras writes it: convert it to safetensors",
                _ => "neither",
            };
            Err(unreadable(path, &format!("expected a file of PyTorch or safetensors, found {found}")))
        }
    }
}

/// The first bytes of a file.
fn head_of(path: &Path) -> std::io::Result<Vec<u8>> {
    let mut head = Vec::with_capacity(64);
    open_regular(path)?.take(64).read_to_end(&mut head)?;
    Ok(head)
}

/// `held` bytes are all that its tensors can take.
fn read_torch(path: &Path, held: u64) -> Result<BTreeMap<String, Stored>, NetworkError> {
    let reader = PytorchReader::new(path).map_err(|error| unreadable(path, &error.to_string()))?;
    Ok(reader.into_tensors().into_iter().map(|(name, tensor)| (name, Stored::Torch(tensor, held))).collect())
}

fn read_safetensors(
    path: &Path,
    what: &str,
    progress: &mut Progress<'_>,
) -> Result<BTreeMap<String, Stored>, NetworkError> {
    let read = disk::read_large(path, what, progress)?;
    let bytes = read.map_err(|error| unreadable(path, &error.to_string()))?;
    read_bytes(bytes, path)
}

/// All tensors of a safetensors file that is in memory already; `path` is for errors.
pub fn read_bytes(bytes: impl Into<Vec<u8>>, path: &Path) -> Result<BTreeMap<String, Stored>, NetworkError> {
    let bytes: Arc<Vec<u8>> = Arc::new(bytes.into());
    let (header, metadata) =
        SafeTensors::read_metadata(&bytes).map_err(|error| unreadable(path, &error.to_string()))?;
    // The header is preceded by its own length in eight bytes.
    let start = header + 8;
    let stored = |info: &safetensors::tensor::TensorInfo| {
        let (from, to) = info.data_offsets;
        Stored::Safe(info.dtype, info.shape.clone(), start + from..start + to, bytes.clone())
    };
    Ok(metadata.tensors().into_iter().map(|(name, info)| (name, stored(info))).collect())
}

fn unreadable(path: &Path, reason: &str) -> NetworkError {
    NetworkError::Unreadable { reason: reason.to_owned(), path: path.to_owned() }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use proptest::sample::select;

    use super::*;
    use crate::progress::unwatched;

    /// Written by `reference/tiny_pth.py`.
    const TORCH: &[u8] = include_bytes!("../reference/tiny.pth");

    fn safe() -> Vec<u8> {
        let bytes: Vec<u8> = [0.0_f32, 1.0, 2.0, 3.0].iter().flat_map(|value| value.to_le_bytes()).collect();
        let view = safetensors::tensor::TensorView::new(Dtype::F32, vec![2, 2], &bytes).unwrap();
        safetensors::serialize([("conv_stem.weight", view)], None).unwrap()
    }

    /// Writes the bytes under that ending and reads everything; the values of all tensors, or a sentence.
    fn values_of(ending: &str, bytes: &[u8]) -> Result<Vec<(String, Vec<f32>)>, NetworkError> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(format!("weights.{ending}"));
        std::fs::write(&path, bytes).unwrap();
        let stored = read(&path, "", &mut unwatched)?;
        stored
            .iter()
            .map(|(name, stored)| Ok((name.clone(), stored.load(name, &path)?.0.try_to_vec().unwrap())))
            .collect()
    }

    #[test]
    fn whole_files_of_both_formats_read_alike() {
        let stem = ("conv_stem.weight".to_owned(), vec![0.0, 1.0, 2.0, 3.0]);
        assert_eq!(values_of("pth", TORCH).unwrap(), [("bn1.bias".to_owned(), vec![1.5]), stem.clone()]);
        assert_eq!(values_of("safetensors", &safe()).unwrap(), [stem]);
    }

    /// Written by `reference/tiny_pth.py`: the format before PyTorch 1.6, and a weight of each kind of float under
    /// `state_dict`.
    #[test]
    fn old_files_and_other_floats_read_as_well() {
        let legacy = include_bytes!("../reference/tiny_legacy.pth");
        assert_eq!(values_of("pth", legacy).unwrap(), values_of("pth", TORCH).unwrap());
        let floats = values_of("pth", include_bytes!("../reference/tiny_floats.pth")).unwrap();
        let expected = ["brain", "double", "half"].map(|name| (format!("state_dict.{name}"), vec![-1.5, 0.25, 3.0]));
        assert_eq!(floats, expected);
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("counts.safetensors");
        let view = safetensors::tensor::TensorView::new(Dtype::I64, vec![1], &[0; 8]).unwrap();
        std::fs::write(&path, safetensors::serialize([("count", view)], None).unwrap()).unwrap();
        let message = read(&path, "", &mut unwatched).unwrap()["count"].load("count", &path).unwrap_err().to_string();
        assert!(message.contains("count") && message.contains("I64"), "{message}");
    }

    #[test]
    fn the_format_is_told_by_content_whatever_the_ending() {
        for ending in ["pth", "safetensors", "ckpt", "tar", "model", "h5"] {
            assert_eq!(values_of(ending, TORCH).unwrap().len(), 2, "{ending}");
            assert_eq!(values_of(ending, &safe()).unwrap().len(), 1, "{ending}");
            assert!(values_of(ending, include_bytes!("../reference/tiny_legacy.pth")).is_ok(), "{ending}");
        }
        for (bytes, words) in [
            (&b"<!DOCTYPE html>"[..], "a web page"),
            (b"version https://git-lfs.github.com/spec/v1", "Git LFS"),
            (b"\x1f\x8b\x08", "gzip"),
            (b"\x89HDF\r\n", "HDF5"),
            (b"weights", "found neither"),
            (b"", "an empty file"),
        ] {
            let message = values_of("pth", bytes).unwrap_err().to_string();
            assert!(message.contains(words) && message.ends_with("weights.pth"), "{message}");
        }
    }

    /// A PyTorch file as a zip archive without compression: one tensor of this shape and these strides over four bytes.
    fn strided(shape: [u32; 2], strides: [u32; 2]) -> Vec<u8> {
        let tuple = |numbers: [u32; 2]| {
            let numbers: Vec<u8> =
                numbers.iter().flat_map(|number| [&b"J"[..], &number.to_le_bytes()].concat()).collect();
            [&b"("[..], &numbers, b"t"].concat()
        };
        let word = |text: &str| [&b"X"[..], &(text.len() as u32).to_le_bytes(), text.as_bytes()].concat();
        let pickle = [
            &b"\x80\x02}"[..],
            &word("conv_stem.weight"),
            b"ctorch._utils\n_rebuild_tensor_v2\n((",
            &word("storage"),
            b"ctorch\nFloatStorage\n",
            &word("0"),
            &word("cpu"),
            b"K\x01tQK\x00",
            &tuple(shape),
            &tuple(strides),
            b"\x89ccollections\nOrderedDict\n)RtRs.",
        ]
        .concat();
        let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
        let options = zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
        for (name, bytes) in [("archive/data.pkl", pickle.as_slice()), ("archive/data/0", &1.5_f32.to_le_bytes())] {
            zip.start_file(name, options).unwrap();
            std::io::Write::write_all(&mut zip, bytes).unwrap();
        }
        zip.finish().unwrap().into_inner()
    }

    #[test]
    fn strides_that_make_many_numbers_of_one_are_refused_before_memory_is_taken() {
        let alone = values_of("pth", &strided([1, 1], [1, 1])).unwrap();
        assert_eq!(alone, [("conv_stem.weight".to_owned(), vec![1.5])]);
        let bomb = strided([28_000, 28_000], [0, 0]);
        assert!(bomb.len() < 1000, "{} bytes", bomb.len());
        let (refused, most) = crate::kernels::most_bytes(|| values_of("pth", &bomb).unwrap_err().to_string());
        assert!(refused.contains("would take 3136000000 bytes") && refused.ends_with("weights.pth"), "{refused}");
        assert!(most < 1 << 20, "{most} bytes");
    }

    #[cfg(unix)]
    #[test]
    fn weights_that_never_end_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("weights.pth");
        assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        for path in [pipe.as_path(), Path::new("/dev/zero"), folder.path()] {
            let message = read(path, "", &mut unwatched).err().unwrap().to_string();
            assert!(message.contains("not a regular file"), "{message}");
        }
    }

    #[test]
    fn a_header_that_promises_more_than_the_file_holds_takes_no_memory() {
        for (length, header) in [
            (u64::MAX, String::new()),
            (1 << 40, String::new()),
            (0, r#"{"a":{"dtype":"F32","shape":[1000000,1000000],"data_offsets":[0,4000000000000]}}"#.to_owned()),
            (0, r#"{"a":{"dtype":"F32","shape":[4294967296,4294967296,4],"data_offsets":[0,0]}}"#.to_owned()),
        ] {
            let length = if header.is_empty() { length } else { header.len() as u64 };
            let bytes = [length.to_le_bytes().as_slice(), header.as_bytes(), &[b'{'; 16]].concat();
            let (refused, most) = crate::kernels::most_bytes(|| values_of("safetensors", &bytes).is_err());
            assert!(refused && most < 1 << 20, "{most} bytes");
        }
    }

    #[test]
    fn a_pickle_without_tensors_is_refused_before_it_is_read() {
        let bytes = [&b"\x80\x02"[..], &vec![b')'; 4 << 20]].concat();
        let (refused, most) = crate::kernels::most_bytes(|| values_of("pth", &bytes).unwrap_err().to_string());
        assert!(refused.contains("a pickle without tensors"), "{refused}");
        assert!(most < 1 << 20, "{most} bytes");
    }

    #[test]
    fn weights_that_are_not_finite_are_named_with_their_tensor_and_file() {
        use burn::tensor::f16;
        let of = |dtype, bytes: &[u8], count: usize| {
            let view = safetensors::tensor::TensorView::new(dtype, vec![count], bytes).unwrap();
            let message = values_of("pth", &safetensors::serialize([("stem.weight", view)], None).unwrap());
            message.unwrap_err().to_string()
        };
        let single: Vec<u8> = [1.0, f32::NAN, f32::NAN].iter().flat_map(|value| value.to_le_bytes()).collect();
        let message = of(Dtype::F32, &single, 3);
        assert!(message.contains("`stem.weight`") && message.contains("NaN in 2 of its 3"), "{message}");
        assert!(message.ends_with("weights.pth"), "{message}");
        let half: Vec<u8> = [f16::ONE, f16::INFINITY].iter().flat_map(|value| value.to_le_bytes()).collect();
        assert!(of(Dtype::F16, &half, 2).contains("inf in 1 of its 2"));
        // Finite where it is stored, infinite as a 32-bit float.
        assert!(of(Dtype::F64, &(-1e300_f64).to_le_bytes(), 1).contains("-inf in 1 of its 1"));
    }

    #[test]
    fn a_file_cut_short_anywhere_is_refused() {
        for (ending, whole) in [("pth", TORCH.to_vec()), ("safetensors", safe())] {
            for length in 0..whole.len() {
                let error = values_of(ending, &whole[..length]).unwrap_err().to_string();
                assert!(error.contains("weights."), "{ending}, {length} bytes: {error}");
            }
        }
    }

    proptest! {
        #[test]
        fn random_bytes_are_refused_with_the_files_name(
            ending in select(vec!["pth", "pt", "bin", "safetensors"]),
            // What the formats begin with: a zip archive, a pickle, an old PyTorch file, a safetensors header's length.
            head in select(vec![&b""[..], b"PK\x03\x04", b"\x80\x02", b"\x80\x02\x8a\x0a\x6c\xfc", b"\x14\0\0\0\0\0\0\0{\""]),
            tail in proptest::collection::vec(any::<u8>(), 0..300),
        ) {
            let bytes = [head, &tail].concat();
            if let Err(error) = values_of(ending, &bytes) {
                prop_assert!(error.to_string().contains("weights."), "{}", error);
            }
        }

        #[test]
        fn damaged_bytes_never_panic(
            is_torch in any::<bool>(),
            damage in proptest::collection::vec((any::<proptest::sample::Index>(), any::<u8>()), 1..6),
        ) {
            let (ending, mut bytes) = if is_torch { ("pth", TORCH.to_vec()) } else { ("safetensors", safe()) };
            for (at, byte) in damage {
                let at = at.index(bytes.len());
                bytes[at] = byte;
            }
            let _any = values_of(ending, &bytes);
        }
    }
}
