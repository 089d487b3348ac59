//! Pictures as files.

use std::io::{self, Cursor};
use std::path::Path;

use image::{EncodableLayout, ImageBuffer, ImageFormat, Pixel, PixelWithColorType};

use super::output::write_out;

/// Writes a picture as PNG, whole or not at all, whatever the name ends in.
pub fn write_png<P>(path: &Path, picture: &ImageBuffer<P, Vec<P::Subpixel>>) -> io::Result<()>
where
    P: Pixel + PixelWithColorType,
    [P::Subpixel]: EncodableLayout,
{
    write_out(path, &png_bytes(picture)?)
}

/// A picture as PNG.
pub fn png_bytes<P>(picture: &ImageBuffer<P, Vec<P::Subpixel>>) -> io::Result<Vec<u8>>
where
    P: Pixel + PixelWithColorType,
    [P::Subpixel]: EncodableLayout,
{
    let mut bytes = Cursor::new(Vec::new());
    picture.write_to(&mut bytes, ImageFormat::Png).map_err(io::Error::other)?;
    Ok(bytes.into_inner())
}
