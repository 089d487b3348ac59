//! All runs below the user's folders: what the session tells of them, which are chosen to be compared, and how a list
//! of them is filtered, sorted and folded.

mod along;
mod arranged;
mod collection;
mod column;
mod compared;
mod family;
mod filter;
mod listed;
mod overlay;
mod side;
mod spread;
#[cfg(test)]
mod tests;
mod trace;
mod what;

pub use self::along::Along;
pub use self::arranged::{Arranged, Row, Wishes};
pub use self::collection::Shelf;
pub use self::column::{Column, FigureColumn};
pub use self::compared::{Compared, FigureRow, SettingRow};
pub use self::family::{Family, differing};
pub use self::filter::Filter;
pub use self::listed::Listed;
pub use self::overlay::{Group, Overlaid};
pub use self::side::{Side, labels};
pub use self::spread::Spread;
pub use self::trace::Trace;
pub use self::what::What;
