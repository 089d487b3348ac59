//! The lessons that come with the program.

use std::sync::LazyLock;

use super::markdown::{LessonError, lesson_from_text};
use super::step::Lesson;

/// Their files, in the order in which they are learned.
const FILES: [(&str, &str); 7] = [
    ("1-why-two-sensors", include_str!("../../../assets/lessons/1-why-two-sensors.md")),
    ("2-when-one-fails", include_str!("../../../assets/lessons/2-when-one-fails.md")),
    ("3-exchange", include_str!("../../../assets/lessons/3-exchange.md")),
    ("4-any-sensor", include_str!("../../../assets/lessons/4-any-sensor.md")),
    ("5-contrast", include_str!("../../../assets/lessons/5-contrast.md")),
    ("6-alignment", include_str!("../../../assets/lessons/6-alignment.md")),
    ("7-night-from-day", include_str!("../../../assets/lessons/7-night-from-day.md")),
];

static LESSONS: LazyLock<Result<Vec<Lesson>, LessonError>> =
    LazyLock::new(|| FILES.iter().map(|(_, text)| lesson_from_text(text)).collect());

/// All lessons, in the order in which they are learned.
pub fn lessons() -> &'static [Lesson] {
    // A test reads them all, so that none of them can be wrong here.
    LESSONS.as_deref().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shipped_lesson_reads() {
        for (name, text) in FILES {
            if let Err(error) = lesson_from_text(text) {
                panic!("assets/lessons/{name}.md: {error}");
            }
        }
        assert_eq!(lessons().len(), FILES.len());
    }
}
