//! What the curves pane draws: one column of steps and values a term, smoothed at full length, thinned for the screen
//! without losing a spike.

mod collection;
mod envelope;
mod progress;
mod score;
mod series;
mod thin;

pub use self::collection::{Curves, Mark, PhaseSpan, Term};
pub use self::progress::{Progress, TimeLeft, rate_text};
pub use self::score::{Score, is_score_of_all};
pub use self::series::{Sample, Series};
pub use self::thin::{Segment, Trace};
