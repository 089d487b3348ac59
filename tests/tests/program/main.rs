//! The whole program, from outside: one test binary, so that the stack is linked once.

mod architecture;
mod command_line;
mod faults;
mod support;
mod window;
