//! Public data sets in the folder structures in which people have them: each looks at a folder and makes a manifest.
//!
//! A new layout is one file with a function and signs like the others' and one line in [`LAYOUTS`].

mod cityscapes;
mod deliver;
mod evidence;
mod fmb;
mod kaist;
mod llrgbd;
mod mcubes;
mod mfnet;
mod msrs;
mod mvss;
mod nyudv2;
mod parts;
mod pst900;

use std::path::Path;

use self::evidence::{Signs, examine};
use super::manifest::Manifest;
use crate::progress::{Progress, Stopped, tell};

/// A folder structure that is recognised without a manifest.
pub struct Layout {
    /// What the message about an unrecognised folder calls it.
    pub name: &'static str,
    /// The manifest of a folder that has this structure.
    recognise: fn(&Path) -> Option<Manifest>,
    /// What tells the data set from others in such folders.
    signs: &'static Signs,
}

impl Layout {
    const fn new(name: &'static str, recognise: fn(&Path) -> Option<Manifest>, signs: &'static Signs) -> Self {
        Self { name, recognise, signs }
    }
}

/// All layouts, in the order in which they are tried.
pub static LAYOUTS: &[Layout] = &[
    Layout::new("MFNet (official)", mfnet::official, &mfnet::SIGNS),
    Layout::new("MFNet (CMX)", mfnet::cmx, &mfnet::SIGNS),
    Layout::new("MFNet (MRFS)", mfnet::mrfs, &mfnet::SIGNS),
    Layout::new("MFNet (UDA)", mfnet::uda, &mfnet::SIGNS),
    Layout::new("MSRS", msrs::official, &mfnet::SIGNS),
    Layout::new("MSRS (SeAFusion)", msrs::sea_fusion, &mfnet::SIGNS),
    Layout::new("NYUDv2 (CMX)", nyudv2::cmx, &nyudv2::CMX_SIGNS),
    Layout::new("NYUDv2 (CEN)", nyudv2::cen, &nyudv2::CEN_SIGNS),
    Layout::new("NYUDv2 (labelled .mat)", nyudv2::labelled, &nyudv2::LABELLED_SIGNS),
    Layout::new("PST900", pst900::official, &pst900::SIGNS),
    Layout::new("PST900 (MRFS)", pst900::mrfs, &pst900::SIGNS),
    Layout::new("FMB", fmb::official, &fmb::SIGNS),
    Layout::new("FMB (MRFS)", fmb::mrfs, &fmb::SIGNS),
    Layout::new("MVSS", mvss::official, &mvss::SIGNS),
    Layout::new("LLRGBD (SMMCL)", llrgbd::smmcl, &llrgbd::SIGNS),
    Layout::new("DELIVER", deliver::official, &deliver::SIGNS),
    Layout::new("MCubeS", mcubes::official, &mcubes::SIGNS),
    Layout::new("KAIST (CRM)", kaist::crm, &kaist::CRM_SIGNS),
    Layout::new("KAIST (UDA)", kaist::uda, &kaist::UDA_SIGNS),
];

/// The manifest of the first layout that the folder fits, and a sentence that says why it is taken for that; else why
/// it was not taken for those whose folders it has.
pub(crate) fn recognise(
    root: &Path,
    progress: &mut Progress<'_>,
) -> Result<Result<(Manifest, String), String>, Stopped> {
    let mut nearly = Vec::new();
    for layout in LAYOUTS {
        let mut goes_on = |done| tell(progress, "Looking at the folder", done, 0);
        goes_on(0)?;
        let Some(manifest) = (layout.recognise)(root) else { continue };
        match examine(root, &manifest, layout.signs, &mut goes_on)? {
            Ok(because) => {
                let name = layout.name;
                let text =
                    format!("taken for {name} because of {because}; if it is none, describe it in a `dataset.toml`");
                return Ok(Ok((manifest, text)));
            }
            Err(but) => nearly.push(format!("; it has the folders of {}, but {but}", layout.name)),
        }
    }
    Ok(Err(nearly.concat()))
}

/// Whether a file is of MATLAB's, of which one holds a whole data set; and that one's name.
pub(crate) fn whole_in_one(path: &Path) -> Option<&'static str> {
    path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("mat")).then_some(nyudv2::LABELLED)
}

/// The layouts' names, for messages.
pub(crate) fn names() -> String {
    LAYOUTS.iter().map(|layout| layout.name).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests;
