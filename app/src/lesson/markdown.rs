//! A lesson out of its Markdown file.

use super::step::{Lesson, Step, Work};

/// Why a file is no lesson; `Display` is a sentence that names the line or the step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LessonError(String);

impl std::fmt::Display for LessonError {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl std::error::Error for LessonError {}

/// The fence that begins what a step can do.
const FENCE: &str = "```lesson";

/// Reads a lesson.
pub fn lesson_from_text(text: &str) -> Result<Lesson, LessonError> {
    let mut lesson = Lesson { title: String::new(), summary: String::new(), steps: Vec::new() };
    let mut lines = text.lines().enumerate();
    while let Some((place, line)) = lines.next() {
        if let Some(title) = line.strip_prefix("## ") {
            let (title, text) = (title.trim().to_owned(), String::new());
            lesson.steps.push(Step { title, text, work: Work::default() });
        } else if let Some(title) = line.strip_prefix("# ")
            && lesson.title.is_empty()
        {
            title.trim().clone_into(&mut lesson.title);
        } else if line.trim_end() == FENCE {
            let block: Vec<&str> = lines.by_ref().map(|(_, line)| line).take_while(|line| *line != "```").collect();
            let Some(step) = lesson.steps.last_mut() else {
                return Err(LessonError(format!("Line {}: a `lesson` block stands below a step's heading", place + 1)));
            };
            step.work = toml::from_str(&block.join("\n"))
                .map_err(|error| LessonError(format!("Step `{}`: {error}", step.title)))?;
        } else {
            let text = lesson.steps.last_mut().map_or(&mut lesson.summary, |step| &mut step.text);
            text.push_str(line);
            text.push('\n');
        }
    }
    let trimmed = |text: &mut String| *text = text.trim().to_owned();
    trimmed(&mut lesson.summary);
    lesson.steps.iter_mut().for_each(|step| trimmed(&mut step.text));
    checked(lesson)
}

/// The lesson, if nothing is missing in it.
fn checked(lesson: Lesson) -> Result<Lesson, LessonError> {
    if lesson.title.is_empty() || lesson.steps.is_empty() {
        return Err(LessonError("A lesson has a title (`# …`) and at least one step (`## …`)".to_owned()));
    }
    for Step { title, text, work } in &lesson.steps {
        let refuse = |why: &str| Err(LessonError(format!("Step `{title}`: {why}")));
        if text.is_empty() {
            return refuse("it says nothing");
        }
        if work.deeds.is_empty() != work.press.is_empty() {
            return refuse("a button has a word (`press`) and something to do (`do`)");
        }
        if work.question.is_empty() != work.answer.is_empty() {
            return refuse("a `question` and its `answer` come together");
        }
        if work.read.iter().any(|reading| reading.between[0] > reading.between[1]) {
            return refuse("a range (`between`) begins with its least value");
        }
    }
    Ok(lesson)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lesson::{Condition, Deed, Figure};

    const LESSON: &str = "# Two sensors\n\nWhat each sees.\n\n## Look\n\nA street by *night*.\n\n```lesson\n\
        press = \"Drop the camera\"\ndo = [\"demo\", { drop = \"colour\" }]\ndone = [{ without = [\"colour\"] }]\n\
        read = [{ name = \"left\", of = \"scene-after\", between = [10, 20.5] }]\n```\n\n## Think\n\nWhy?\n";

    #[test]
    fn a_lesson_has_steps_with_text_deeds_conditions_and_figures() {
        let lesson = lesson_from_text(LESSON).unwrap();
        assert_eq!((lesson.title.as_str(), lesson.summary.as_str()), ("Two sensors", "What each sees."));
        let [look, think] = lesson.steps.as_slice() else { panic!("{lesson:?}") };
        assert_eq!((look.text.as_str(), think.text.as_str()), ("A street by *night*.", "Why?"));
        assert_eq!(look.work.deeds, [Deed::Demo, Deed::Drop("colour".to_owned())]);
        assert_eq!(look.work.done, [Condition::Without(vec!["colour".to_owned()])]);
        assert_eq!((&look.work.read[0].of, look.work.read[0].between), (&Figure::SceneAfter, [10.0, 20.5]));
        assert!(look.has_button() && !think.has_button());
    }

    #[test]
    fn what_is_wrong_in_a_lesson_is_said_with_its_step() {
        let refused = |from: &str, to: &str| lesson_from_text(&LESSON.replace(from, to)).unwrap_err().to_string();
        for (from, to, expected) in [
            ("\"demo\"", "\"dance\"", "dance"),
            ("done =", "until =", "until"),
            ("press = \"Drop the camera\"\n", "", "a button has a word"),
            ("[10, 20.5]", "[30, 20.5]", "begins with its least value"),
            ("A street by *night*.", "", "it says nothing"),
        ] {
            let words = refused(from, to);
            assert!(words.starts_with("Step `Look`: ") && words.contains(expected), "{words}");
        }
        assert!(lesson_from_text("no heading").unwrap_err().to_string().contains("has a title"));
        assert!(lesson_from_text("# T\n```lesson\n```\n").unwrap_err().to_string().starts_with("Line 2: "));
    }
}
