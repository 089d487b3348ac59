//! All scenes of the open data set at a glance: their small pictures, what their files hold, how the network does on
//! each, and which of them a filter leaves in which order.

mod arranged;
mod collection;
mod error_filter;
mod order;
mod problem_filter;
mod sight;
mod wishes;

pub use self::arranged::Arranged;
pub use self::collection::Gallery;
pub use self::error_filter::ErrorFilter;
pub use self::order::Order;
pub use self::problem_filter::ProblemFilter;
pub use self::sight::Sight;
pub use self::wishes::Wishes;
