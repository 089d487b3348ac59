//! What there is of engines that stay on systems without sockets for one user alone: a sentence.

use std::io::{Read, Write};

use fusionscope_engine::session::Paint;

use crate::arguments::EngineArguments;
use crate::exit::{Exit, Failure, Outcome};
use crate::interrupt::Interrupt;

pub(super) fn host(_arguments: &EngineArguments, _interrupt: Interrupt, _paint: Paint) -> Outcome {
    refused()
}

pub(super) fn attach(_arguments: &EngineArguments, _input: impl Read, _output: impl Write) -> Outcome {
    refused()
}

pub(super) fn end(_arguments: &EngineArguments) -> Outcome {
    refused()
}

fn refused() -> Outcome {
    Err(Failure::new(Exit::Usage, "engines stay on systems with Unix sockets only; use `engine --stdio` alone"))
}
