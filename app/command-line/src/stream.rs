//! A stream that holds up nobody who was told to end.

use std::io::{self, ErrorKind, Write};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use crossbeam_channel::{RecvTimeoutError, SendTimeoutError, Sender, bounded};
use fusionscope_engine::signals;

/// How often it is looked whether the program was told to end.
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// How long a reader who does not read is waited for once it was.
const PATIENCE: Duration = Duration::from_secs(1);

/// A text to write, and whom to tell how that went.
type Job = (String, Sender<io::Result<()>>);

/// Standard output or standard error, written by a thread of its own: a full pipe that nobody reads lets go of no one
/// who writes to it.
pub struct Stream {
    jobs: Sender<Job>,
    /// Why it takes no more, once it does not.
    pub lost: OnceLock<ErrorKind>,
}

impl Stream {
    /// Writes to `target` from a thread of this name.
    pub fn of(name: &str, mut target: impl Write + Send + 'static) -> Self {
        let (jobs, received) = bounded::<Job>(0);
        let work = move || {
            for (text, told) in received {
                let written = target.write_all(text.as_bytes()).and_then(|()| target.flush());
                // Who has given up waiting need not know.
                let _gone = told.send(written);
            }
        };
        // Without a thread nobody takes what is written, which the first to write finds out.
        let _unstarted = std::thread::Builder::new().name(name.to_owned()).spawn(work);
        Self { jobs, lost: OnceLock::new() }
    }

    /// Writes and flushes. The first failure is told, and after it nothing is written any more.
    pub fn write(&self, text: String) -> io::Result<()> {
        if self.lost.get().is_some() {
            return Ok(());
        }
        let Err(error) = self.try_to_write(text) else { return Ok(()) };
        match self.lost.set(error.kind()) {
            Ok(()) => Err(error),
            Err(_told_already) => Ok(()),
        }
    }

    fn try_to_write(&self, text: String) -> io::Result<()> {
        let (tell, told) = bounded(1);
        let mut asked = None;
        let mut waits = || !signals::was_asked() || asked.get_or_insert_with(Instant::now).elapsed() < PATIENCE;
        let mut job = (text, tell);
        loop {
            match self.jobs.send_timeout(job, LOOK_EVERY) {
                Ok(()) => break,
                Err(SendTimeoutError::Timeout(back)) if waits() => job = back,
                Err(SendTimeoutError::Timeout(_)) => return Err(ErrorKind::TimedOut.into()),
                Err(SendTimeoutError::Disconnected(_)) => return Err(ErrorKind::BrokenPipe.into()),
            }
        }
        loop {
            match told.recv_timeout(LOOK_EVERY) {
                Ok(written) => return written,
                Err(RecvTimeoutError::Timeout) if waits() => {}
                Err(RecvTimeoutError::Timeout) => return Err(ErrorKind::TimedOut.into()),
                Err(RecvTimeoutError::Disconnected) => return Err(ErrorKind::BrokenPipe.into()),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_failure_is_told_and_nothing_is_written_after_it() {
        struct Full(Sender<usize>);
        impl Write for Full {
            fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
                self.0.send(bytes.len()).unwrap();
                if bytes.len() > 3 { Err(ErrorKind::StorageFull.into()) } else { Ok(bytes.len()) }
            }

            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
        let (heard, sizes) = bounded(9);
        let stream = Stream::of("test", Full(heard));
        stream.write("abc".to_owned()).unwrap();
        assert_eq!(stream.write("abcd".to_owned()).unwrap_err().kind(), ErrorKind::StorageFull);
        stream.write("ab".to_owned()).unwrap();
        assert_eq!(stream.lost.get(), Some(&ErrorKind::StorageFull));
        assert_eq!(sizes.try_iter().collect::<Vec<_>>(), [3, 4]);
    }
}
