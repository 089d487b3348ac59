//! Matching of a few typed letters against a title.

/// How well `query` fits `text`: higher is better, `None` where its letters do not occur in order.
///
/// Letters that begin words or follow each other count more; an empty query fits everything equally.
pub(super) fn score(query: &str, text: &str) -> Option<i32> {
    let text: Vec<char> = text.chars().flat_map(char::to_lowercase).collect();
    let mut total = 0;
    for word in query.split_whitespace() {
        total += score_of_word(&word.to_lowercase(), &text)?;
    }
    Some(total)
}

fn score_of_word(word: &str, text: &[char]) -> Option<i32> {
    let word: Vec<char> = word.chars().collect();
    (0..text.len()).filter(|&start| text[start] == word[0]).filter_map(|start| score_from(&word, text, start)).max()
}

fn score_from(word: &[char], text: &[char], start: usize) -> Option<i32> {
    let (mut total, mut place) = (0, start);
    for (index, letter) in word.iter().enumerate() {
        let found = text[place..].iter().position(|other| other == letter)? + place;
        let begins_word = found == 0 || !text[found - 1].is_alphanumeric();
        total += 1 + if begins_word { 8 } else { 0 };
        total += if index > 0 && found == place { 5 } else { 0 };
        total -= (found - place).min(6) as i32;
        place = found + 1;
    }
    Some(total - (start / 8) as i32)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn best<'a>(query: &str, texts: &[&'a str]) -> &'a str {
        texts.iter().max_by_key(|text| score(query, text).unwrap_or(i32::MIN)).unwrap()
    }

    #[test]
    fn the_start_of_words_wins() {
        let titles = ["Reset the layout", "Drop thermal", "Layout Teach", "Save a checkpoint", "Train"];
        assert_eq!(best("dt", &titles), "Drop thermal");
        assert_eq!(best("therm", &titles), "Drop thermal");
        assert_eq!(best("lay te", &titles), "Layout Teach");
        assert_eq!(best("tr", &titles), "Train");
    }

    #[test]
    fn letters_out_of_order_do_not_match() {
        assert_eq!(score("nrt", "Train"), None);
        assert_eq!(score("", "Train"), Some(0));
        assert!(score("TRAIN", "train").is_some());
    }
}
