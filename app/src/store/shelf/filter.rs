//! What a line of text leaves of a list of runs.

use fusionscope_engine::protocol::value_words;
use fusionscope_engine::recipe::Recipe;

use super::Listed;

/// Words that a run must fit, all of them: plain ones stand anywhere in its names, state, tags or note, `key=value` is
/// a setting, `tag:x` one of its tags, `state:x` how it stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter(Vec<Word>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Word {
    Plain(String),
    Tag(String),
    State(String),
    Setting { key: String, value: String },
}

impl Filter {
    /// As typed; upper and lower case are alike.
    pub fn of(text: &str) -> Self {
        let word = |word: &str| {
            let word = word.to_lowercase();
            if let Some(tag) = word.strip_prefix("tag:") {
                return Word::Tag(tag.to_owned());
            }
            if let Some(state) = word.strip_prefix("state:") {
                return Word::State(state.to_owned());
            }
            match word.split_once('=') {
                Some((key, value)) if !key.is_empty() => Word::Setting { key: key.to_owned(), value: value.to_owned() },
                _ => Word::Plain(word),
            }
        };
        Self(text.split_whitespace().map(word).collect())
    }

    /// Whether a run is left.
    pub fn fits(&self, run: &Listed) -> bool {
        self.0.iter().all(|word| word.fits(run))
    }
}

impl Word {
    fn fits(&self, run: &Listed) -> bool {
        let card = &run.card;
        let holds = |text: &str, word: &str| text.to_lowercase().contains(word);
        match self {
            Self::Plain(word) => {
                let tags = card.notes.tags.iter().map(String::as_str);
                let texts = [card.dataset.as_str(), card.standing.word(), card.notes.note.as_str()];
                texts.into_iter().chain(tags).any(|text| holds(text, word))
                    || holds(&card.path.to_string_lossy(), word)
                    || holds(&run.title(), word)
            }
            Self::Tag(tag) => card.notes.tags.iter().any(|own| own.to_lowercase() == *tag),
            Self::State(state) => holds(card.standing.word(), state),
            Self::Setting { key, value } => card.recipe.as_ref().is_some_and(|recipe| has(recipe, key, value)),
        }
    }
}

/// Whether a setting of this key, or whose key ends so, has the value; both in the words of `--set` and of the window.
fn has(recipe: &Recipe, key: &str, wanted: &str) -> bool {
    let all = fusionscope_engine::recipe::catalogue().iter().flat_map(|component| component.settings);
    let named = all.filter(|setting| {
        setting.key == key || setting.key.strip_suffix(key).is_some_and(|before| before.ends_with('.'))
    });
    named.filter_map(|setting| recipe.value(setting.key)).any(|value| {
        let shown = value_words(value).to_lowercase().replace(' ', "");
        value.to_string().to_lowercase() == wanted || shown == wanted
    })
}

#[cfg(test)]
mod tests {
    use fusionscope_engine::protocol::{RunCard, RunNotes, RunStanding};
    use fusionscope_engine::recipe::catalogue::{exchange, training};

    use super::*;

    fn run() -> Listed {
        let mut recipe = Recipe::defaults("Night-run");
        recipe.turn(exchange::channel::ENABLED, false);
        recipe.put(training::SEED, 7).unwrap();
        let notes = RunNotes { tags: vec!["Good".to_owned(), "thesis".to_owned()], note: "Longer teacher".to_owned() };
        let card = RunCard {
            path: "runs/20260101-night".into(),
            recipe: Some(recipe),
            dataset: "streets".to_owned(),
            standing: RunStanding::Stopped,
            notes,
            ..RunCard::default()
        };
        Listed { card, family: None }
    }

    #[test]
    fn words_settings_tags_and_states_filter_together() {
        let run = run();
        for fitting in [
            "",
            "night",
            "STREETS teacher",
            "tag:good",
            "tag:Thesis stopped",
            "state:stop",
            "exchange.channel.enabled=off",
            "channel.enabled=false",
            "seed=7 night",
        ] {
            assert!(Filter::of(fitting).fits(&run), "{fitting}");
        }
        for other in
            ["day", "tag:goo", "seed=8", "exchange.channel.enabled=on", "state:running", "night tag:bad", "no.such=1"]
        {
            assert!(!Filter::of(other).fits(&run), "{other}");
        }
    }
}
