//! The `fusionscope` program: everything is in the library, so that tests can reach it.

use std::process::ExitCode;

fn main() -> ExitCode {
    fusionscope::command_line::run(std::env::args_os())
}
