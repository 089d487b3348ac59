//! Numbers as LEB128, which protocol buffers call varints: 7 bits a byte, the lowest first, the highest bit set where more
//! follow.

/// Writes a number behind the others.
pub fn push(bytes: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        bytes.push(number as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
}

/// Takes a number from the beginning; a sentence where there is none that fits 63 bits.
pub fn take(rest: &mut &[u8]) -> Result<u64, &'static str> {
    let mut number = 0;
    // One of 64 bits takes 10 bytes; what stands beyond its bits would be lost.
    for shift in (0..63).step_by(7) {
        let (&byte, after) = rest.split_first().ok_or("it ends in the middle of its numbers")?;
        *rest = after;
        number |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Ok(number);
        }
    }
    Err("it holds a number that is too large")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_come_back_one_after_the_other_and_a_torn_or_endless_one_is_refused() {
        let numbers = [0, 1, 127, 128, 300, u64::from(u32::MAX), (1 << 63) - 1];
        let mut bytes = Vec::new();
        for number in numbers {
            push(&mut bytes, number);
        }
        assert_eq!(&bytes[5..7], [0xac, 2], "300 = 2 · 128 + 44, behind 0, 1, 127 and the two bytes of 128");
        let mut rest = bytes.as_slice();
        assert_eq!(numbers.map(|_| take(&mut rest).unwrap()), numbers);
        assert!(rest.is_empty() && take(&mut rest).is_err());
        assert!(take(&mut &bytes[3..4]).is_err(), "the first byte of 128");
        assert!(take(&mut &[0xff_u8; 12][..]).is_err());
    }
}
