//! JSON objects that carry, as their last entry, a sum over all that stands before it.

use crate::files::sum_of;

/// What stands before and behind the sum.
const FRAME: (&str, &str) = (",\n  \"sum\": \"", "\"\n}");

/// Adds its sum to the text of an object that is not empty. `beside` is a sum over what belongs to it, 0 where nothing
/// does.
pub(super) fn with_sum(text: &str, beside: u64) -> String {
    let before = text.strip_suffix('}').unwrap_or(text).trim_end();
    format!("{before}{}{}{}", FRAME.0, sum_words(before.as_bytes(), beside), FRAME.1)
}

/// Whether the sum at the end is that of what stands before it and beside it. Earlier programs wrote none.
pub(super) fn is_unchanged(text: &[u8], beside: u64) -> bool {
    let sum = text.strip_suffix(FRAME.1.as_bytes()).and_then(<[u8]>::split_last_chunk::<16>);
    match sum.and_then(|(before, sum)| Some((before.strip_suffix(FRAME.0.as_bytes())?, sum))) {
        Some((before, sum)) => sum_words(before, beside).as_bytes() == sum,
        None => true,
    }
}

fn sum_words(before: &[u8], beside: u64) -> String {
    format!("{:016x}", sum_of(before) ^ beside)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_of_any_byte_before_the_sum_or_beside_it_is_seen() {
        for text in ["{\"a\":1}", "{\n  \"a\": {\n    \"b\": []\n  }\n}"] {
            let summed = with_sum(text, 7);
            let value: serde_json::Value = serde_json::from_str(&summed).unwrap();
            assert!(value["a"] != serde_json::Value::Null && value["sum"].is_string());
            assert!(is_unchanged(summed.as_bytes(), 7) && !is_unchanged(summed.as_bytes(), 6));
            assert!(is_unchanged(text.as_bytes(), 7), "earlier programs wrote no sum");
            for place in 0..text.trim_end_matches(['}', '\n']).len() {
                let mut bytes = summed.clone().into_bytes();
                bytes[place] ^= 1;
                assert!(!is_unchanged(&bytes, 7), "byte {place} of {summed}");
            }
        }
    }
}
