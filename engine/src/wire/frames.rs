//! Messages in a stream of bytes: where one begins, how long it is, and whether it arrived as it was sent.
//!
//! A frame is a header of [`HEADER_BYTES`] and the payload: four bytes that mark its beginning, the payload's length, the
//! payload's CRC-32, and the CRC-32 of those twelve bytes, all little-endian. The header has a sum of its own so that a
//! damaged length is never waited for.

use std::io::{BufReader, Read, Write};

use super::error::WireError;

/// What every frame begins with: no letter of any text, then three that name the program.
const MAGIC: [u8; 4] = *b"\x93FSE";
/// Bytes of a header.
pub const HEADER_BYTES: usize = 16;
/// Bytes that a payload may have: all maps of a large scene, and no more.
pub const MOST_BYTES: u64 = 256 << 20;
/// Bytes that may be printed before the first frame, by the shell's start-up files for example.
pub const MOST_NOISE: usize = 64 << 10;
/// Letters of such noise that a message repeats.
const REPEATED: usize = 400;

/// Frames out of a stream.
#[derive(Debug)]
pub struct Frames<R> {
    input: BufReader<R>,
}

impl<R: Read> Frames<R> {
    /// Frames of this stream.
    pub fn new(input: R) -> Self {
        Self { input: BufReader::with_capacity(1 << 16, input) }
    }

    /// The first frame's payload; what is printed before it is passed over, [`MOST_NOISE`] at most.
    pub fn first(&mut self) -> Result<Vec<u8>, WireError> {
        let mut noise = Vec::new();
        let mut window = [0; HEADER_BYTES];
        let found = self.fill(&mut window)?;
        if found < HEADER_BYTES {
            return Err(WireError::NoEngine { said: said(&window[..found]) });
        }
        loop {
            if let Ok(header) = Header::read(&window) {
                return self.payload(header);
            }
            noise.push(window[0]);
            window.rotate_left(1);
            if noise.len() > MOST_NOISE || self.fill(&mut window[HEADER_BYTES - 1..])? == 0 {
                noise.extend(&window[..HEADER_BYTES - 1]);
                return Err(WireError::NoEngine { said: said(&noise) });
            }
        }
    }

    /// The next frame's payload; `None` where the stream has ended after a whole one. Anything else than a frame is
    /// damage.
    pub fn read(&mut self) -> Result<Option<Vec<u8>>, WireError> {
        let mut bytes = [0; HEADER_BYTES];
        match self.fill(&mut bytes)? {
            0 => Ok(None),
            HEADER_BYTES => self.payload(Header::read(&bytes)?).map(Some),
            found => Err(WireError::CutOff { expected: HEADER_BYTES as u64, found: found as u64 }),
        }
    }

    /// Reads as much as there is room for; less only at the end of the stream.
    fn fill(&mut self, bytes: &mut [u8]) -> Result<usize, WireError> {
        let mut filled = 0;
        while filled < bytes.len() {
            match self.input.read(&mut bytes[filled..]) {
                Ok(0) => break,
                Ok(read) => filled += read,
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(filled)
    }

    fn payload(&mut self, header: Header) -> Result<Vec<u8>, WireError> {
        // Memory follows from what has come, not from what was announced.
        let mut payload = Vec::new();
        (&mut self.input).take(header.length).read_to_end(&mut payload)?;
        let found = payload.len() as u64;
        if found < header.length {
            return Err(WireError::CutOff { expected: header.length, found });
        }
        if crc32fast::hash(&payload) != header.sum {
            return Err(WireError::Damaged { what: format!("the sum of {found} bytes is another one") });
        }
        Ok(payload)
    }
}

/// What a header says.
#[derive(Clone, Copy)]
struct Header {
    length: u64,
    sum: u32,
}

impl Header {
    fn read(bytes: &[u8; HEADER_BYTES]) -> Result<Self, WireError> {
        let number =
            |place: usize| u32::from_le_bytes([bytes[place], bytes[place + 1], bytes[place + 2], bytes[place + 3]]);
        let is_header = bytes[..4] == MAGIC && number(12) == crc32fast::hash(&bytes[..12]);
        if !is_header {
            return Err(WireError::Damaged { what: "a message was expected to begin".to_owned() });
        }
        let length = u64::from(number(4));
        if length > MOST_BYTES {
            return Err(WireError::TooLarge { found: length, limit: MOST_BYTES });
        }
        Ok(Self { length, sum: number(8) })
    }
}

/// Writes one frame. Nothing is written of one that is too large.
pub fn write_frame(output: &mut impl Write, payload: &[u8]) -> Result<(), WireError> {
    let length = payload.len() as u64;
    let too_large = WireError::TooLarge { found: length, limit: MOST_BYTES };
    let announced = u32::try_from(length).ok().filter(|_| length <= MOST_BYTES).ok_or(too_large)?;
    let mut header = [0; HEADER_BYTES];
    header[..4].copy_from_slice(&MAGIC);
    header[4..8].copy_from_slice(&announced.to_le_bytes());
    header[8..12].copy_from_slice(&crc32fast::hash(payload).to_le_bytes());
    let sum = crc32fast::hash(&header[..12]);
    header[12..].copy_from_slice(&sum.to_le_bytes());
    output.write_all(&header)?;
    output.write_all(payload)?;
    Ok(())
}

/// The end of what was printed, as one line that no terminal obeys.
fn said(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    let words: Vec<&str> = text.split_whitespace().collect();
    let line: Vec<char> = words.join(" ").chars().filter(|letter| !letter.is_control()).collect();
    let cut = line.len().saturating_sub(REPEATED);
    let dots = if cut > 0 { "…" } else { "" };
    format!("{dots}{}", line[cut..].iter().collect::<String>())
}
