//! A probability of failure in a study's file.

/// As written after a colon; a sentence where it is none.
pub(super) fn probability(word: &str) -> Result<f64, String> {
    let found = word.parse().ok().filter(|failure| (0.0..1.0).contains(failure) && *failure > 0.0);
    found.ok_or_else(|| {
        format!(
            "a figure's `sensors`: expected a probability of failure between 0 and 1 after the colon, found `{word}`"
        )
    })
}
