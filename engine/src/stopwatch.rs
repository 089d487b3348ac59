//! Where the time of a training step goes: spans by name, kept by the thread that trains.

use std::cell::RefCell;
use std::time::Instant;

/// What a span belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layer {
    /// A part of a step; parts follow one another.
    Part,
    /// A kernel of ours, or tensors that are read, inside a part.
    Kernel,
}

/// All calls of one name.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Span {
    /// What it belongs to.
    pub layer: Layer,
    /// The name.
    pub name: &'static str,
    /// Seconds of all calls together.
    pub secs: f64,
    /// How many calls.
    pub calls: u32,
}

thread_local! {
    static SPANS: RefCell<Vec<Span>> = const { RefCell::new(Vec::new()) };
}

/// Runs something and adds its time to a name; costs two looks at the clock.
pub fn timed<T>(layer: Layer, name: &'static str, run: impl FnOnce() -> T) -> T {
    let begun = Instant::now();
    let result = run();
    let secs = begun.elapsed().as_secs_f64();
    SPANS.with_borrow_mut(|spans| add(spans, Span { layer, name, secs, calls: 1 }));
    result
}

/// Adds a span to the one of its name, or puts it behind the others.
pub fn add(spans: &mut Vec<Span>, span: Span) {
    match spans.iter_mut().find(|known| known.layer == span.layer && known.name == span.name) {
        Some(known) => {
            known.secs += span.secs;
            known.calls += span.calls;
        }
        None => spans.push(span),
    }
}

/// A part of a step.
pub fn part<T>(name: &'static str, run: impl FnOnce() -> T) -> T {
    timed(Layer::Part, name, run)
}

/// A kernel inside a part.
pub fn kernel<T>(name: &'static str, run: impl FnOnce() -> T) -> T {
    timed(Layer::Kernel, name, run)
}

/// Takes up spans that were taken before, in place of those since.
pub fn put(spans: Vec<Span>) {
    SPANS.set(spans);
}

/// The spans of this thread since the last call, in the order in which their names came up first.
pub fn take() -> Vec<Span> {
    SPANS.take()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_of_one_name_are_added_up_and_taken_once() {
        take();
        let sum = part("outer", || kernel("inner", || 1) + kernel("inner", || 2));
        assert_eq!(sum, 3);
        let spans = take();
        let found: Vec<_> = spans.iter().map(|span| (span.layer, span.name, span.calls)).collect();
        assert_eq!(found, [(Layer::Kernel, "inner", 2), (Layer::Part, "outer", 1)]);
        assert!(spans[1].secs >= spans[0].secs);
        assert!(take().is_empty());
    }
}
