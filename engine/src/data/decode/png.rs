//! PNG, 1 to 16 bits, palettes kept as indices.

use std::io::Cursor;

use bytemuck::cast_slice_mut;
use png::{BitDepth, ColorType, Decoder, Limits, OutputInfo, Transformations};

use super::{Fault, Header, Raster, Values, checked_size};

/// Memory for chunks beside the pixels: text, profiles, palettes.
const SIDE_CHUNK_BYTES: usize = 16 << 20;

pub(super) fn header(bytes: &[u8]) -> Result<Header, Fault> {
    // The size first: the decoder refuses an empty image without saying that it is empty.
    if let Some(size) = bytes.get(16..24) {
        let side = |at: usize| u32::from_be_bytes([size[at], size[at + 1], size[at + 2], size[at + 3]]) as usize;
        checked_size(side(0), side(4))?;
    }
    let mut decoder = Decoder::new_with_limits(Cursor::new(bytes), Limits { bytes: SIDE_CHUNK_BYTES });
    let info = decoder.read_header_info().map_err(Fault::broken)?;
    let (width, height) = (info.width as usize, info.height as usize);
    checked_size(width, height)?;
    Ok(Header {
        width,
        height,
        channels: info.color_type.samples(),
        bits: if info.bit_depth == BitDepth::Sixteen { 16 } else { 8 },
    })
}

pub(super) fn decode(bytes: &[u8]) -> Result<Raster, Fault> {
    let Header { width, height, channels, .. } = header(bytes)?;
    let mut decoder = Decoder::new_with_limits(Cursor::new(bytes), Limits { bytes: SIDE_CHUNK_BYTES });
    decoder.set_transformations(Transformations::IDENTITY);
    decoder.set_ignore_text_chunk(true);
    decoder.set_ignore_iccp_chunk(true);
    let mut reader = decoder.read_info().map_err(Fault::broken)?;
    let length = reader.output_buffer_size().ok_or_else(|| Fault::broken("its size overflows"))?;
    let whole = |frame: &OutputInfo| {
        let is_whole = (frame.width as usize, frame.height as usize) == (width, height);
        if is_whole { Ok(()) } else { Err(Fault::broken("its first frame is smaller than the picture")) }
    };
    let bits = reader.info().bit_depth as usize;
    let values = if bits == 16 {
        // Read where they stay, and put in this machine's order there.
        let mut words = vec![0_u16; length.div_ceil(2)];
        let frame = reader.next_frame(cast_slice_mut(&mut words)).map_err(Fault::broken)?;
        whole(&frame)?;
        words.truncate(frame.buffer_size() / 2);
        for word in &mut words {
            *word = u16::from_be(*word);
        }
        Values::Words(words)
    } else {
        let mut buffer = vec![0; length];
        let frame = reader.next_frame(&mut buffer).map_err(Fault::broken)?;
        whole(&frame)?;
        buffer.truncate(frame.buffer_size());
        if bits < 8 {
            let mut values = Vec::with_capacity(width * height);
            buffer.chunks(frame.line_size).for_each(|row| values.extend(unpacked(row, bits, width)));
            buffer = values;
        }
        Values::Bytes(buffer)
    };
    let palette = (reader.info().color_type == ColorType::Indexed).then(|| {
        let colours = reader.info().palette.as_deref().unwrap_or_default();
        colours.as_chunks::<3>().0.to_vec()
    });
    let top = if bits < 8 { (1 << bits) - 1 } else { 255 };
    Ok(Raster { width, height, channels, values, top, palette })
}

/// Values of fewer than 8 bits, the leftmost in the highest bits.
fn unpacked(row: &[u8], bits: usize, width: usize) -> impl Iterator<Item = u8> + '_ {
    (0..width).map(move |x| {
        let bit = x * bits;
        let byte = row.get(bit / 8).copied().unwrap_or(0);
        (byte >> (8 - bits - bit % 8)) & ((1 << bits) - 1)
    })
}
