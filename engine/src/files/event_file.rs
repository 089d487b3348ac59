//! Event files of TensorBoard: records of TFRecord, each a message `Event` of TensorFlow's `event.proto`.
//!
//! A record is its length (8 bytes, little-endian), the masked CRC-32C of those, the bytes, and the masked CRC-32C of
//! the bytes. Of the messages only the fields that TensorBoard needs for scalars, pictures and going on are written; the
//! numbers of the fields stand with them below.

use super::leb128;

/// The first entry of a file says how it is written.
const VERSION: &str = "brain.Event:2";
/// How many channels a picture of red, green, blue and opacity has.
const RGBA: u64 = 4;

/// A picture as PNG.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventPicture {
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// The file, of red, green, blue and opacity.
    pub png: Vec<u8>,
}

/// The entries that a file begins with: all that another file of the folder says of `step` and later steps is void.
pub fn beginning(wall_secs: f64, step: u64) -> Vec<u8> {
    let mut version = head(wall_secs, 0);
    version.bytes(3, VERSION.as_bytes());
    // `SessionLog.status`: START.
    let mut session = Message::default();
    session.number(1, 1);
    let mut start = head(wall_secs, step);
    start.bytes(7, &session.0);
    [record(&version.0), record(&start.0)].concat()
}

/// An entry with one figure a tag.
pub fn scalars<'a>(wall_secs: f64, step: u64, figures: impl IntoIterator<Item = (&'a str, f32)>) -> Vec<u8> {
    let mut summary = Message::default();
    for (tag, figure) in figures {
        let mut value = Message::default();
        value.bytes(1, tag.as_bytes());
        value.float(2, figure);
        summary.bytes(1, &value.0);
    }
    summarised(wall_secs, step, &summary)
}

/// An entry with one picture.
pub fn picture(wall_secs: f64, step: u64, tag: &str, picture: &EventPicture) -> Vec<u8> {
    let EventPicture { width, height, png } = picture;
    let mut image = Message::default();
    image.number(1, u64::from(*height));
    image.number(2, u64::from(*width));
    image.number(3, RGBA);
    image.bytes(4, png);
    let mut value = Message::default();
    value.bytes(1, tag.as_bytes());
    value.bytes(4, &image.0);
    let mut summary = Message::default();
    summary.bytes(1, &value.0);
    summarised(wall_secs, step, &summary)
}

fn summarised(wall_secs: f64, step: u64, summary: &Message) -> Vec<u8> {
    let mut event = head(wall_secs, step);
    event.bytes(5, &summary.0);
    record(&event.0)
}

/// `Event.wall_time`, seconds since 1970, and `Event.step`.
fn head(wall_secs: f64, step: u64) -> Message {
    let mut event = Message::default();
    event.double(1, wall_secs);
    event.number(2, step);
    event
}

/// A message of protocol buffers while it is written.
#[derive(Default)]
struct Message(Vec<u8>);

impl Message {
    fn key(&mut self, field: u64, wire: u64) {
        leb128::push(&mut self.0, field << 3 | wire);
    }

    /// A 0 is not written: it is what a missing field stands for.
    fn number(&mut self, field: u64, number: u64) {
        if number != 0 {
            self.key(field, 0);
            leb128::push(&mut self.0, number);
        }
    }

    fn double(&mut self, field: u64, number: f64) {
        self.key(field, 1);
        self.0.extend(number.to_le_bytes());
    }

    fn bytes(&mut self, field: u64, bytes: &[u8]) {
        self.key(field, 2);
        leb128::push(&mut self.0, bytes.len() as u64);
        self.0.extend(bytes);
    }

    fn float(&mut self, field: u64, number: f32) {
        self.key(field, 5);
        self.0.extend(number.to_le_bytes());
    }
}

fn record(bytes: &[u8]) -> Vec<u8> {
    let length = (bytes.len() as u64).to_le_bytes();
    [&length[..], &masked(&length), bytes, &masked(bytes)].concat()
}

/// Sums of what holds sums itself would often be alike, so that TFRecord turns them.
fn masked(bytes: &[u8]) -> [u8; 4] {
    crc32c(bytes).rotate_right(15).wrapping_add(0xa282_ead8).to_le_bytes()
}

/// CRC-32 by Castagnoli's polynomial.
fn crc32c(bytes: &[u8]) -> u32 {
    const TABLE: [u32; 256] = table();
    let next = |sum: u32, &byte: &u8| sum >> 8 ^ TABLE[usize::from(sum as u8 ^ byte)];
    !bytes.iter().fold(u32::MAX, next)
}

const fn table() -> [u32; 256] {
    let mut table = [0; 256];
    let mut at = 0;
    while at < table.len() {
        let (mut sum, mut bit) = (at as u32, 0);
        while bit < 8 {
            sum = if sum & 1 == 1 { sum >> 1 ^ 0x82f6_3b78 } else { sum >> 1 };
            bit += 1;
        }
        table[at] = sum;
        at += 1;
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sum_is_that_of_rfc_3720() {
        assert_eq!(crc32c(b"123456789"), 0xe306_9283);
        assert_eq!(crc32c(&[0; 32]), 0x8a91_36aa);
        assert_eq!(crc32c(&[0xff; 32]), 0x62a8_ab43);
        let ascending: Vec<u8> = (0..32).collect();
        assert_eq!(crc32c(&ascending), 0x46dd_794e);
    }

    /// As TensorBoard 2.20 writes them: `EventFileWriter` and `RecordWriter`, wall time 1.5.
    #[test]
    fn records_are_those_of_tensorboard() {
        let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
        assert_eq!(hex(&scalars(1.5, 300, [("loss/total", 2.5)])), SCALAR);
        let dot = EventPicture { width: 2, height: 1, png: b"png".to_vec() };
        assert_eq!(hex(&picture(1.5, 0, "a", &dot)), PICTURE);
        assert_eq!(hex(&beginning(1.5, 7)), BEGINNING);
    }

    const SCALAR: &str =
        "2100000000000000017becf609000000000000f83f10ac022a130a110a0a6c6f73732f746f74616c150000204012cf1afb";
    const PICTURE: &str = "1d00000000000000602fdf2309000000000000f83f2a120a100a0161220b0801100218042203706e6794b7af0c";
    const BEGINNING: &str = "1800000000000000a37f4b2209000000000000f83f1a0d627261696e2e4576656e743a322a28646c0f000000000000006d532b0909000000000000f83f10073a020801774771c7";
}
