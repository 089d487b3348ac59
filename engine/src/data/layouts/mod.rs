//! Public data sets in the folder structures in which people have them: each looks at a folder and makes a manifest.
//!
//! A new layout is one file with a function like the others' and one line in [`LAYOUTS`].

mod mfnet;
mod msrs;
mod nyudv2;
mod parts;

use std::path::Path;

use super::manifest::Manifest;

/// A folder structure that is recognised without a manifest.
pub struct Layout {
    /// What the message about an unrecognised folder calls it.
    pub name: &'static str,
    /// The manifest of a folder that has this structure.
    recognise: fn(&Path) -> Option<Manifest>,
}

/// All layouts, in the order in which they are tried.
pub static LAYOUTS: &[Layout] = &[
    Layout { name: "MFNet (official)", recognise: mfnet::official },
    Layout { name: "MFNet (CMX)", recognise: mfnet::cmx },
    Layout { name: "MFNet (MRFS)", recognise: mfnet::mrfs },
    Layout { name: "MSRS", recognise: msrs::official },
    Layout { name: "MSRS (SeAFusion)", recognise: msrs::sea_fusion },
    Layout { name: "NYUDv2 (CMX)", recognise: nyudv2::cmx },
    Layout { name: "NYUDv2 (CEN)", recognise: nyudv2::cen },
];

/// The manifest of the first layout that the folder fits.
pub(crate) fn recognise(root: &Path) -> Option<Manifest> {
    LAYOUTS.iter().find_map(|layout| (layout.recognise)(root))
}

/// The layouts' names, for messages.
pub(crate) fn names() -> String {
    LAYOUTS.iter().map(|layout| layout.name).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests;
