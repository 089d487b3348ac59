//! The `fusionscope` program: everything is in the library, so that tests can reach it.

use std::process::ExitCode;

/// A training step allocates and frees every intermediate map; the system's allocator returns such blocks to the kernel and
/// pays for fresh pages at the next step.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    fusionscope_engine::kernels::keep_freed_memory();
    fusionscope::command_line::run(std::env::args_os())
}
