//! What the tests share: running the program, small data sets, reading what it says.

mod data;
mod program;

pub use self::data::{HEIGHT, Tiny, WIDTH, tiny_data, write_recipe};
#[cfg(unix)]
pub use self::program::Stranger;
pub use self::program::{Ran, Running, program, run, step_lines};
