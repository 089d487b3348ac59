//! The `fusionscope` program: joins the window and the command line, which do not know each other.

mod screenshot;

use std::process::ExitCode;

use fusionscope::canvas;
use fusionscope::workbench::{self, Launch};
use fusionscope_command_line::Window;
use fusionscope_command_line::arguments::ScreenshotArguments;
use fusionscope_command_line::exit::Outcome;
use fusionscope_command_line::interrupt::Interrupt;
use fusionscope_engine::device;
use fusionscope_engine::session::Paint;

/// A training step allocates and frees every intermediate map; the system's allocator returns such blocks to the kernel
/// and pays for fresh pages at the next step.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// The window as the command line knows it.
struct Egui;

impl Window for Egui {
    fn open(&self) -> anyhow::Result<()> {
        workbench::open(Launch::first(), canvas::picture, device::has_hardware)
    }

    fn screenshot(&self, arguments: &ScreenshotArguments, interrupt: Interrupt) -> Outcome {
        screenshot::run(arguments, interrupt)
    }

    fn painter(&self) -> Paint {
        canvas::picture
    }

    fn printer(&self) -> Paint {
        canvas::printed
    }
}

fn main() -> ExitCode {
    fusionscope_engine::kernels::keep_freed_memory();
    fusionscope_command_line::run(std::env::args_os(), &Egui)
}
