//! How fast a line is, measured by what arrives, and how much may be on its way, so that what is urgent never waits long
//! behind pictures.
//!
//! After BBR (Cardwell et al., ACM Queue 2016): the most that the line delivered lately, times the shortest way there and
//! back, is what it holds without a queue; a little more lets a faster line show itself.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// May be on its way while nothing is known of the line: a first picture.
const FIRST_BYTES: f64 = 131_072.0;
/// May always be on its way.
const LEAST_BYTES: f64 = 32_768.0;
/// May never be exceeded: no more lies in the buffers of the system and of SSH on a fast line.
const MOST_BYTES: f64 = 8_388_608.0;
/// How long something urgent may wait behind what is on its way.
const QUEUE: Duration = Duration::from_millis(60);
/// Deliveries that are remembered.
const REMEMBERED: usize = 24;
/// A shorter way is believed for so long.
const BELIEVED: Duration = Duration::from_secs(20);

/// The line from here to the other end.
#[derive(Debug)]
pub struct Line {
    sent: u64,
    arrived: u64,
    on_way: VecDeque<Parcel>,
    /// Bytes a second of the last deliveries.
    rates: VecDeque<f64>,
    /// The shortest way there and back, and when it was seen.
    shortest: Option<(Duration, Instant)>,
}

/// Something that is on its way.
#[derive(Debug)]
struct Parcel {
    /// All that had been sent, with this.
    up_to: u64,
    /// All that had arrived when it was sent.
    arrived: u64,
    at: Instant,
}

impl Default for Line {
    fn default() -> Self {
        let on_way = VecDeque::new();
        Self { sent: 0, arrived: 0, on_way, rates: VecDeque::with_capacity(REMEMBERED), shortest: None }
    }
}

impl Line {
    /// Whether more may be put on its way.
    pub fn has_room(&self) -> bool {
        ((self.sent - self.arrived) as f64) < self.window()
    }

    /// Bytes a second, as far as they are known.
    pub fn rate(&self) -> Option<f64> {
        self.rates.iter().copied().max_by(f64::total_cmp)
    }

    /// So many bytes were sent.
    pub fn send(&mut self, bytes: u64, now: Instant) {
        self.sent += bytes;
        self.on_way.push_back(Parcel { up_to: self.sent, arrived: self.arrived, at: now });
    }

    /// The other end has got so many bytes in all; who says more than was sent is not believed.
    pub fn arrive(&mut self, in_all: u64, now: Instant) {
        self.arrived = in_all.clamp(self.arrived, self.sent);
        while let Some(parcel) = self.on_way.pop_front_if(|parcel| parcel.up_to <= self.arrived) {
            let took = now.saturating_duration_since(parcel.at).max(Duration::from_micros(50));
            if self.shortest.is_none_or(|(shortest, seen)| took <= shortest || now.duration_since(seen) > BELIEVED) {
                self.shortest = Some((took, now));
            }
            if self.rates.len() == REMEMBERED {
                self.rates.pop_front();
            }
            self.rates.push_back((self.arrived - parcel.arrived) as f64 / took.as_secs_f64());
        }
    }

    /// Bytes that may be on their way.
    fn window(&self) -> f64 {
        let (Some(rate), Some((shortest, _))) = (self.rate(), self.shortest) else { return FIRST_BYTES };
        (rate * (shortest + QUEUE).as_secs_f64()).clamp(LEAST_BYTES, MOST_BYTES)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A line, and the time there.
    struct Wire {
        line: Line,
        now: Instant,
    }

    impl Wire {
        fn new() -> Self {
            Self { line: Line::default(), now: Instant::now() }
        }

        /// Sends as much as may be for some seconds over a line of this rate and way; returns the bytes that have arrived
        /// meanwhile, and the longest that something urgent would have waited after the first second.
        fn seconds(&mut self, secs: u64, rate: f64, way: Duration) -> (u64, Duration) {
            const PART: u64 = 16 << 10;
            let Self { line, now } = self;
            let begin = *now;
            // When the line is free again, and what arrives when.
            let (mut free, mut arriving) = (begin, VecDeque::new());
            let (before, mut longest) = (line.arrived, Duration::ZERO);
            for millis in 0..secs * 1000 {
                *now = begin + Duration::from_millis(millis);
                while arriving.pop_front_if(|at| *at <= *now).is_some() {
                    line.arrive(line.arrived + PART, *now);
                }
                while line.has_room() {
                    line.send(PART, *now);
                    free = free.max(*now) + Duration::from_secs_f64(PART as f64 / rate);
                    arriving.push_back(free + way);
                }
                if millis > 1000 {
                    longest = longest.max(free.saturating_duration_since(*now));
                }
            }
            let bytes = line.arrived - before;
            for at in arriving {
                *now = at.max(*now);
                line.arrive(line.arrived + PART, *now);
            }
            (bytes, longest)
        }
    }

    #[test]
    fn a_slow_line_is_filled_and_what_is_urgent_waits_a_tenth_of_a_second_at_most() {
        let (bytes, waits) = Wire::new().seconds(10, 1e6, Duration::from_millis(100));
        assert!(bytes > 9_000_000, "{bytes} bytes in ten seconds of a megabyte each");
        assert!(waits < Duration::from_millis(100), "{waits:?}");
    }

    #[test]
    fn a_line_that_becomes_slower_or_faster_is_followed() {
        let mut wire = Wire::new();
        for (rate, way) in [(2e7, 5), (5e5, 5), (2e6, 50)] {
            let way = Duration::from_millis(way);
            wire.seconds(4, rate, way);
            let (bytes, waits) = wire.seconds(4, rate, way);
            assert!(bytes as f64 > 0.9 * 4.0 * rate, "{bytes} at {rate}");
            assert!(waits < Duration::from_millis(120), "{waits:?} at {rate}");
        }
    }

    #[test]
    fn whoever_says_that_more_came_than_was_sent_is_not_believed() {
        let mut line = Line::default();
        let now = Instant::now();
        line.send(10, now);
        line.arrive(u64::MAX, now);
        line.send(1 << 20, now);
        assert!(!line.has_room());
        line.arrive(0, now);
        assert!(!line.has_room());
    }
}
