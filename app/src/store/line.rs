//! The line to an engine on another machine: whether it holds, and when it is tried again.

use std::time::{Duration, Instant};

use fusionscope_engine::protocol::{Failure, FailureKind};

/// The first pause before a line is tried again; each one after it is twice as long.
const FIRST_PAUSE: Duration = Duration::from_secs(2);
/// The longest pause.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// How the line stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Line {
    /// It holds, or the engine is on this machine.
    #[default]
    Holds,
    /// It is being built.
    Attaching {
        /// How often it was tried since it held; 0 where it never did.
        tries: u32,
    },
    /// It was cut.
    Cut {
        /// What happened.
        why: Failure,
        /// How often it was tried since then.
        tries: u32,
        /// When it is tried again; `None` where only the user does that.
        again: Option<Instant>,
    },
}

impl Line {
    /// Whether nothing can be said or heard.
    pub fn is_down(&self) -> bool {
        *self != Self::Holds
    }

    /// What becomes of it where it is lost for this reason; `None` where nothing does that is tried again: it never held,
    /// or the other end does not want to.
    pub fn lost(&self, why: Failure, now: Instant) -> Option<Self> {
        let tries = match self {
            Self::Holds => 0,
            Self::Attaching { tries: 0 } => return None,
            Self::Attaching { tries } | Self::Cut { tries, .. } => *tries,
        };
        if !matches!(why.kind, FailureKind::Broken | FailureKind::Unreadable) {
            return None;
        }
        let pause = FIRST_PAUSE.saturating_mul(1 << tries.min(6)).min(LONGEST_PAUSE);
        Some(Self::Cut { why, tries, again: Some(now + pause) })
    }

    /// The same while it is being tried, where it was cut.
    pub fn again(&self) -> Option<Self> {
        match self {
            Self::Cut { tries, .. } => Some(Self::Attaching { tries: tries + 1 }),
            Self::Holds | Self::Attaching { .. } => None,
        }
    }

    /// Whether it is time to try again.
    pub fn is_due(&self, now: Instant) -> bool {
        matches!(self, Self::Cut { again: Some(again), .. } if *again <= now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_tried_again_at_growing_pauses_until_it_holds() {
        let broken = || Failure::new(FailureKind::Broken, "cut");
        let mut now = Instant::now();
        let mut line = Line::Holds;
        let mut pauses = Vec::new();
        for _ in 0..8 {
            line = line.lost(broken(), now).unwrap();
            let Line::Cut { again: Some(again), .. } = line else { panic!("{line:?}") };
            assert!(!line.is_due(now) && line.is_due(again));
            pauses.push((again - now).as_secs());
            now = again;
            line = line.again().unwrap();
        }
        assert_eq!(pauses, [2, 4, 8, 16, 30, 30, 30, 30]);
    }

    #[test]
    fn what_never_held_or_is_not_wanted_is_left_to_the_user() {
        let now = Instant::now();
        let first = Line::Attaching { tries: 0 };
        assert_eq!(first.lost(Failure::new(FailureKind::Unreadable, "no such machine"), now), None);
        for kind in [FailureKind::Refused, FailureKind::Incompatible] {
            assert_eq!(Line::Holds.lost(Failure::new(kind, "another window"), now), None);
        }
        assert!(Line::Attaching { tries: 3 }.lost(Failure::new(FailureKind::Unreadable, "down"), now).is_some());
    }
}
