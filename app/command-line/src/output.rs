//! The one place that writes to the terminal.
//!
//! Results go to standard output, everything else to standard error, so that results can be piped. A reader that closes
//! its end (`fusionscope evaluate … | head -1`) is no error.

use std::io::{ErrorKind, IsTerminal as _, Write as _};

/// Writes a line to standard output and flushes it, so that a reader sees each line as it is made.
pub fn line(text: &str) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{text}")?;
    Ok(out.flush()?)
}

/// Writes text that ends its own lines to standard output.
pub fn text(text: &str) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    out.write_all(text.as_bytes())?;
    Ok(out.flush()?)
}

/// Writes a value to standard output as one line of JSON.
pub fn json(value: &impl serde::Serialize) -> anyhow::Result<()> {
    line(&serde_json::to_string(value)?)
}

/// Writes a line to standard error; if nobody reads it, nothing is lost.
pub fn complain(text: &str) {
    let _nobody_listens = writeln!(std::io::stderr().lock(), "{text}");
}

/// Whether a person watches standard error, so that a progress bar makes sense.
pub fn is_watched() -> bool {
    std::io::stderr().is_terminal()
}

/// Whether an error says no more than that the reader of standard output has gone.
pub fn reader_has_gone(error: &anyhow::Error) -> bool {
    error
        .chain()
        .filter_map(|cause| cause.downcast_ref::<std::io::Error>())
        .any(|error| error.kind() == ErrorKind::BrokenPipe)
}
