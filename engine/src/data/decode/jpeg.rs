//! JPEG, 8 bits, grey or colour.

use std::io::Cursor;

use image::ImageDecoder as _;
use image::codecs::jpeg::JpegDecoder;

use super::{Fault, Header, Raster, Values, checked_size};

/// A decoder that has read the header and not yet the picture.
type Opened<'a> = (JpegDecoder<Cursor<&'a [u8]>>, Header);

fn open(bytes: &[u8]) -> Result<Opened<'_>, Fault> {
    let decoder = JpegDecoder::new(Cursor::new(bytes)).map_err(Fault::broken)?;
    let (width, height) = decoder.dimensions();
    let (width, height) = (width as usize, height as usize);
    checked_size(width, height)?;
    let channels = usize::from(decoder.color_type().channel_count());
    Ok((decoder, Header { width, height, channels, bits: 8 }))
}

pub(super) fn header(bytes: &[u8]) -> Result<Header, Fault> {
    open(bytes).map(|(_, header)| header)
}

/// Width and height of the largest picture that any frame header among the bytes announces.
pub(super) fn largest_frame(bytes: &[u8]) -> Option<(usize, usize)> {
    let frames = bytes.windows(9).filter(|window| {
        // Markers C0 to CF begin frames, but for those of tables and extensions.
        window[0] == 0xff && matches!(window[1], 0xc0..=0xcf) && !matches!(window[1], 0xc4 | 0xc8 | 0xcc)
    });
    let side = |high: u8, low: u8| usize::from(u16::from_be_bytes([high, low]));
    frames
        .map(|frame| (side(frame[7], frame[8]), side(frame[5], frame[6])))
        .max_by_key(|(width, height)| width * height)
}

pub(super) fn decode(bytes: &[u8]) -> Result<Raster, Fault> {
    let (decoder, Header { width, height, channels, .. }) = open(bytes)?;
    // The decoder fills what is missing with grey; a picture cut short must not pass for a whole one.
    let scan = bytes.windows(2).rposition(|pair| pair == [0xff, 0xda]).unwrap_or(0);
    if !bytes[scan..].windows(2).any(|pair| pair == [0xff, 0xd9]) {
        return Err(Fault::broken("the file is truncated: its end marker is missing"));
    }
    let mut buffer = vec![0; width * height * channels];
    if decoder.total_bytes() != buffer.len() as u64 {
        return Err(Fault::broken("expected 8 bits a value"));
    }
    decoder.read_image(&mut buffer).map_err(Fault::broken)?;
    Ok(Raster { width, height, channels, values: Values::Bytes(buffer), top: 255, palette: None })
}
