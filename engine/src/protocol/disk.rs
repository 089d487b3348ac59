//! What lies on the engine's disk, for a window on another machine: folders to choose from, and runs to be copied.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::failure::Failure;
use crate::files::path_json;

/// What the app asks about the engine's disk. It is answered beside everything else and waits for nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum DiskCommand {
    /// List a folder.
    List {
        /// The folder; the user's own where it is `None`.
        #[serde(default, with = "path_json::optional")]
        path: Option<PathBuf>,
    },
    /// Say which files a run consists of. One that is trained is refused.
    Contents {
        /// The run folder.
        #[serde(with = "path_json")]
        run: PathBuf,
    },
    /// Read a piece of a file of a run.
    Piece(PieceRequest),
}

/// Which piece of which file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PieceRequest {
    /// The run folder.
    #[serde(with = "path_json")]
    pub run: PathBuf,
    /// The file, as [`RunContents::files`] names it.
    pub file: String,
    /// Where the piece begins.
    pub from: u64,
    /// Bytes at most; [`PieceRequest::MOST`] where it is more.
    pub most: u64,
}

impl PieceRequest {
    /// The longest piece in bytes: a tenth of a second of a slow line.
    pub const MOST: u64 = 128 << 10;
}

/// What is told about the engine's disk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum DiskNews {
    /// What lies in a folder.
    Listed(FolderListing),
    /// What a run consists of.
    Contents(RunContents),
    /// A piece of a file.
    Piece {
        /// What was asked for.
        of: PieceRequest,
        /// The bytes; fewer than were asked for only at the file's end.
        #[serde(with = "serde_bytes")]
        bytes: Vec<u8>,
    },
    /// It could not be done.
    Refused {
        /// What was asked for.
        asked: DiskCommand,
        /// Why.
        failure: Failure,
    },
}

/// What lies in a folder.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FolderListing {
    /// The folder that was asked for, absolute.
    #[serde(with = "path_json")]
    pub path: PathBuf,
    /// The folder that it lies in; `None` at the top.
    #[serde(default, with = "path_json::optional")]
    pub parent: Option<PathBuf>,
    /// What it is itself.
    pub kind: EntryKind,
    /// Folders first, then files that can be opened, by name. What begins with a dot is left out.
    pub entries: Vec<FolderEntry>,
    /// Entries beyond [`FolderListing::MOST`], which are only counted.
    pub further: u64,
}

impl FolderListing {
    /// The most entries that are told.
    pub const MOST: usize = 2000;
}

/// One thing in a folder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FolderEntry {
    /// Where it lies.
    #[serde(with = "path_json")]
    pub path: PathBuf,
    /// What it is.
    pub kind: EntryKind,
}

/// What something in a folder is, as far as its name and that of what is in it tell.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EntryKind {
    /// A folder; it may be a data set of a known layout all the same.
    #[default]
    Folder,
    /// A folder with a `dataset.toml`.
    DataSet,
    /// A run.
    Run,
    /// A packed model.
    Model,
}

/// What a run consists of.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunContents {
    /// The run folder.
    #[serde(with = "path_json")]
    pub run: PathBuf,
    /// Its files, by name.
    pub files: Vec<RunFile>,
}

impl RunContents {
    /// Bytes of all files.
    pub fn bytes(&self) -> u64 {
        self.files.iter().map(|file| file.bytes).sum()
    }
}

/// One file of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunFile {
    /// Its place in the run folder, with `/` between folders.
    pub name: String,
    /// Its length.
    pub bytes: u64,
    /// A sum over its bytes, by [`crate::files::whole_folder::sum_of_all`].
    pub sum: u64,
}
