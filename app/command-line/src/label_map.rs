//! Label maps as files.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use fusionscope_engine::data::{SampleEntry, label_file_name};
use fusionscope_engine::files::write_whole;
use fusionscope_engine::network::Model;
use png::{BitDepth, ColorType};

use super::exit::{Exit, Failure};

/// What is written, in words.
const WHAT: &str = "the label map";

/// The file of each scene. Refuses to write two scenes to one file: ids may differ in letters that file names may not
/// have.
pub fn label_files(scenes: &[SampleEntry], out: &Path) -> Result<Vec<PathBuf>, Failure> {
    // Where the system does not tell `A.png` from `a.png`.
    let ignores_case = cfg!(any(target_os = "macos", target_os = "windows"));
    let mut seen: BTreeMap<String, &str> = BTreeMap::new();
    let mut files = Vec::with_capacity(scenes.len());
    for scene in scenes {
        let name = label_file_name(scene.id());
        let path = out.join(&name);
        let name = if ignores_case { name.to_lowercase() } else { name };
        if let Some(other) = seen.insert(name, scene.id()) {
            let message = format!("scenes `{other}` and `{}` would share one file: {}", scene.id(), path.display());
            return Err(Failure::new(Exit::BadData, message));
        }
        files.push(path);
    }
    Ok(files)
}

/// An indexed PNG: a pixel holds the class id, the palette the class colours.
pub fn write_label_map(path: &Path, ids: &[u8], width: usize, height: usize, model: &Model) -> Result<(), Failure> {
    let palette = palette(model.colours.iter().copied().zip(0..));
    write(path, [width, height], BitDepth::Eight, Some(palette), ids)
}

/// A PNG whose pixels hold the ids that the data set's own label files have for the classes: indexed as by
/// [`write_label_map`] where these fit 8 bits, else grey of 16 bits.
pub fn write_stored_map(
    path: &Path,
    ids: &[u8],
    width: usize,
    height: usize,
    model: &Model,
    stored: &[u16],
) -> Result<(), Failure> {
    let id_of = |class: &u8| stored.get(usize::from(*class)).copied().unwrap_or_default();
    if stored.iter().any(|&id| id > 255) {
        let words: Vec<u8> = ids.iter().flat_map(|class| id_of(class).to_be_bytes()).collect();
        return write(path, [width, height], BitDepth::Sixteen, None, &words);
    }
    let palette = palette(model.colours.iter().copied().zip(stored.iter().map(|&id| usize::from(id))));
    let bytes: Vec<u8> = ids.iter().map(|class| id_of(class) as u8).collect();
    write(path, [width, height], BitDepth::Eight, Some(palette), &bytes)
}

/// 256 colours, black where an id has none.
fn palette(colours: impl Iterator<Item = ([u8; 3], usize)>) -> Vec<u8> {
    let mut palette = vec![[0; 3]; 256];
    for (colour, id) in colours {
        if let Some(place) = palette.get_mut(id) {
            *place = colour;
        }
    }
    palette.concat()
}

/// Indexed where there is a palette, else grey.
fn write(
    path: &Path,
    [width, height]: [usize; 2],
    depth: BitDepth,
    palette: Option<Vec<u8>>,
    data: &[u8],
) -> Result<(), Failure> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, width as u32, height as u32);
    encoder.set_color(if palette.is_some() { ColorType::Indexed } else { ColorType::Grayscale });
    encoder.set_depth(depth);
    if let Some(palette) = palette {
        encoder.set_palette(palette);
    }
    let written =
        encoder.write_header().and_then(|mut writer| writer.write_image_data(data).and_then(|()| writer.finish()));
    written.map_err(|error| Failure::unwritten(WHAT, error, path))?;
    write_whole(path, &bytes).map_err(|error| Failure::unwritten(WHAT, error, path))
}
