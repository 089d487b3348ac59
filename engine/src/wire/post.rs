//! What an engine says, on its way out: over a slow line compressed, in parts, and what is urgent first.

use std::collections::VecDeque;
use std::io::{BufWriter, Write};
use std::time::Instant;

use miniz_oxide::deflate::compress_to_vec;
use miniz_oxide::inflate::decompress_to_vec_with_limit;

use super::error::WireError;
use super::frames::{MOST_BYTES, write_frame};
use super::line::Line;
use super::message::{FromEngine, Lane, decode, encode};

/// Bytes of a part: what is urgent waits for no more than one of them.
const PART_BYTES: usize = 16 << 10;
/// Shorter messages are not compressed.
const SHORT_BYTES: usize = 512;
/// How much work is spent on compressing, of 10: label maps and text shrink as well with little of it.
const EFFORT: u8 = 3;

/// The way out.
pub(super) struct Post<W: Write> {
    output: BufWriter<W>,
    /// What waits in each lane; `None` where both ends are on one machine, and nothing waits.
    slow: Option<Slow>,
}

/// What a slow line needs.
#[derive(Default)]
struct Slow {
    line: Line,
    pictures: Waiting,
    rest: Waiting,
}

/// Messages that wait, and how much of the first has gone.
#[derive(Default)]
struct Waiting {
    messages: VecDeque<Vec<u8>>,
    sent: usize,
}

impl<W: Write> Post<W> {
    /// A way out over a line of which nothing is known: it is taken for a fast one.
    pub(super) fn new(output: W) -> Self {
        Self { output: BufWriter::with_capacity(1 << 16, output), slow: None }
    }

    /// From now on the line may be a slow one.
    pub(super) fn slow_down(&mut self) {
        self.slow.get_or_insert_default();
    }

    /// Says something at once. What is said so stays in its order.
    pub(super) fn say(&mut self, message: &FromEngine) -> Result<(), WireError> {
        let bytes = encode(message)?;
        if self.slow.is_some() && bytes.len() > SHORT_BYTES {
            refuse_too_large(&bytes)?;
            let deflated = FromEngine::Deflated(compress_to_vec(&bytes, EFFORT));
            return write_frame(&mut self.output, &encode(&deflated)?);
        }
        write_frame(&mut self.output, &bytes)
    }

    /// Says something when there is room for it, each lane in its order; at once where the line is a fast one.
    pub(super) fn send(&mut self, lane: Lane, message: &FromEngine) -> Result<(), WireError> {
        let Some(slow) = &mut self.slow else { return self.say(message) };
        let bytes = encode(message)?;
        refuse_too_large(&bytes)?;
        slow.lane(lane).messages.push_back(compress_to_vec(&bytes, EFFORT));
        Ok(())
    }

    /// Messages that wait in a lane.
    pub(super) fn waiting(&self, lane: Lane) -> usize {
        self.slow.as_ref().map_or(0, |slow| match lane {
            Lane::Pictures => slow.pictures.messages.len(),
            Lane::Rest => slow.rest.messages.len(),
        })
    }

    /// The other end has got so many bytes of parts in all.
    pub(super) fn arrive(&mut self, in_all: u64) {
        if let Some(slow) = &mut self.slow {
            slow.line.arrive(in_all, Instant::now());
        }
    }

    /// Sends as much of what waits as there is room for, pictures first.
    pub(super) fn pump(&mut self) -> Result<(), WireError> {
        let Self { output, slow: Some(slow) } = self else { return Ok(()) };
        while slow.line.has_room() {
            let lane = if slow.pictures.messages.is_empty() { Lane::Rest } else { Lane::Pictures };
            let Some((bytes, is_last)) = slow.lane(lane).next_part() else { return Ok(()) };
            slow.line.send(bytes.len() as u64, Instant::now());
            write_frame(output, &encode(&FromEngine::Part { lane, bytes, is_last })?)?;
        }
        Ok(())
    }

    /// Lets the other end have what was said.
    pub(super) fn flush(&mut self) -> Result<(), WireError> {
        Ok(self.output.flush()?)
    }
}

impl Slow {
    fn lane(&mut self, lane: Lane) -> &mut Waiting {
        match lane {
            Lane::Pictures => &mut self.pictures,
            Lane::Rest => &mut self.rest,
        }
    }
}

impl Waiting {
    fn next_part(&mut self) -> Option<(Vec<u8>, bool)> {
        let message = self.messages.front()?;
        let end = message.len().min(self.sent + PART_BYTES);
        let (part, is_last) = (message[self.sent..end].to_vec(), end == message.len());
        self.sent = end;
        if is_last {
            self.messages.pop_front();
            self.sent = 0;
        }
        Some((part, is_last))
    }
}

/// The other end takes no larger message, in whatever way it travels.
fn refuse_too_large(bytes: &[u8]) -> Result<(), WireError> {
    let found = bytes.len() as u64;
    if found > MOST_BYTES { Err(WireError::TooLarge { found, limit: MOST_BYTES }) } else { Ok(()) }
}

/// Messages that come in parts.
#[derive(Default)]
pub(super) struct Parts {
    pictures: Vec<u8>,
    rest: Vec<u8>,
}

impl Parts {
    /// Takes in a part; the message, where it is whole with it.
    pub(super) fn add(&mut self, lane: Lane, part: &[u8], is_last: bool) -> Result<Option<FromEngine>, WireError> {
        let all = match lane {
            Lane::Pictures => &mut self.pictures,
            Lane::Rest => &mut self.rest,
        };
        all.extend(part);
        if all.len() as u64 > MOST_BYTES {
            return Err(WireError::TooLarge { found: all.len() as u64, limit: MOST_BYTES });
        }
        if is_last { inflated(&std::mem::take(all)).map(Some) } else { Ok(None) }
    }
}

/// A message that was compressed.
pub(super) fn inflated(bytes: &[u8]) -> Result<FromEngine, WireError> {
    let damaged = |what: String| WireError::Damaged { what };
    let bytes = decompress_to_vec_with_limit(bytes, MOST_BYTES as usize)
        .map_err(|error| damaged(format!("a message could not be unpacked: {}", error.status as i32)))?;
    match decode(&bytes)? {
        FromEngine::Part { .. } | FromEngine::Deflated(_) => Err(damaged("a message within a message".to_owned())),
        message => Ok(message),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::{Event, Level, Subject};
    use crate::wire::Frames;

    fn notice(text: String) -> FromEngine {
        FromEngine::Event(Box::new(Event::Notice { about: Subject::Session, level: Level::Info, text }))
    }

    /// Text that does not shrink much.
    fn long() -> FromEngine {
        let mut state = 2_463_534_242_u32;
        let mut letter = || {
            // Marsaglia's xorshift.
            for (left, by) in [(true, 13), (false, 17), (true, 5)] {
                state ^= if left { state << by } else { state >> by };
            }
            char::from(33 + (state % 90) as u8)
        };
        notice((0..400_000).map(|_place| letter()).collect())
    }

    #[test]
    fn what_is_urgent_overtakes_what_waits_and_nothing_is_lost() {
        let mut bytes = Vec::new();
        let mut post = Post::new(&mut bytes);
        post.slow_down();
        let (picture, rest, urgent) = (long(), notice("r".repeat(5000)), notice("u".repeat(5000)));
        post.send(Lane::Rest, &rest).unwrap();
        post.send(Lane::Pictures, &picture).unwrap();
        post.pump().unwrap();
        assert_eq!((post.waiting(Lane::Pictures), post.waiting(Lane::Rest)), (1, 1), "the line is full");
        post.say(&urgent).unwrap();
        let mut in_all = 0;
        while post.waiting(Lane::Pictures) + post.waiting(Lane::Rest) > 0 {
            in_all += 1 << 20;
            post.arrive(in_all);
            post.pump().unwrap();
        }
        post.flush().unwrap();
        drop(post);
        let (mut frames, mut parts, mut order) = (Frames::new(&*bytes), Parts::default(), Vec::new());
        while let Some(payload) = frames.read().unwrap() {
            match decode(&payload).unwrap() {
                FromEngine::Part { lane, bytes, is_last } => {
                    assert!(bytes.len() <= PART_BYTES);
                    order.extend(parts.add(lane, &bytes, is_last).unwrap());
                }
                FromEngine::Deflated(bytes) => order.push(inflated(&bytes).unwrap()),
                message => order.push(message),
            }
        }
        assert_eq!(order, [urgent, picture, rest]);
        assert!(bytes.len() < 420_000, "{} bytes", bytes.len());
    }

    #[test]
    fn what_does_not_unpack_is_damage() {
        let mut parts = Parts::default();
        assert!(matches!(parts.add(Lane::Rest, b"no message", true), Err(WireError::Damaged { .. })));
        let nested = compress_to_vec(&encode(&FromEngine::Deflated(Vec::new())).unwrap(), EFFORT);
        assert!(inflated(&nested).unwrap_err().to_string().contains("within a message"));
    }
}
