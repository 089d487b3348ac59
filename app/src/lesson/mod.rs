//! Lessons as data: what they say, what their buttons do, when a step is done, and which figures it shows.
//!
//! A lesson is a Markdown file in `assets/lessons`. Its first heading is its title, the text below that its summary; each
//! heading of the second level begins a step. What a step can do stands in a fenced block called `lesson`, in TOML: see
//! [`Step`].

mod condition;
mod deed;
mod figure;
mod markdown;
mod shipped;
mod step;

pub use self::condition::Condition;
pub use self::deed::Deed;
pub use self::figure::{Figure, Reading};
pub use self::markdown::{LessonError, lesson_from_text};
pub use self::shipped::lessons;
pub use self::step::{Lesson, Step};
