//! Label maps as files.

use std::fs::File;
use std::io::BufWriter;
use std::path::Path;

use fusionscope_engine::network::Model;

use super::exit::{Exit, Failure};

/// An indexed PNG: a pixel holds the class id, the palette the class colours.
pub fn write_label_map(path: &Path, ids: &[u8], width: usize, height: usize, model: &Model) -> Result<(), Failure> {
    let refused = |reason: String| {
        Failure::new(Exit::Failed, format!("could not write the label map: {reason}: {}", path.display()))
    };
    let file = File::create(path).map_err(|error| refused(error.to_string()))?;
    let mut encoder = png::Encoder::new(BufWriter::new(file), width as u32, height as u32);
    encoder.set_color(png::ColorType::Indexed);
    encoder.set_depth(png::BitDepth::Eight);
    let mut palette: Vec<u8> = model.colours.iter().take(256).flatten().copied().collect();
    palette.resize(256 * 3, 0);
    encoder.set_palette(palette);
    let written =
        encoder.write_header().and_then(|mut writer| writer.write_image_data(ids).and_then(|()| writer.finish()));
    written.map_err(|error| refused(error.to_string()))
}
