//! What the tests share: running the program, small data sets, reading what it says.

mod bench;
mod data;
#[cfg(target_os = "linux")]
mod mounted;
mod program;
mod trained;

pub use self::bench::{Bench, resume_words};
pub use self::data::{HEIGHT, Tiny, WIDTH, tiny_data, write_recipe};
#[cfg(target_os = "linux")]
pub use self::mounted::Mounted;
#[cfg(unix)]
pub use self::program::Stranger;
pub use self::program::{Ran, Running, only_run_in, program, run, run_into, run_words, step_lines, text};
pub use self::trained::{Trained, trained};
