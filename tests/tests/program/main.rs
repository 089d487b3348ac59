//! The whole program, from outside: one test binary, so that the stack is linked once.

// Helpers of tests are tests too, and a skipped test says so on the terminal.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout)]

mod album;
mod any2seg;
mod architecture;
mod command_line;
mod embed;
mod engine;
mod explained;
mod faults;
mod figure;
mod files;
mod places;
mod protocols;
mod record;
#[cfg(unix)]
mod remote;
mod robustness;
#[cfg(unix)]
mod signals;
#[cfg(target_os = "linux")]
mod slurm;
mod study;
mod support;
mod tensorboard;
mod terminal;
mod weights;
mod what_if;
mod window;
