//! How much memory a thread holds at most while it works, for tests that claim a bound.

#![allow(unsafe_code, reason = "an allocator is an unsafe trait")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

thread_local! {
    static HELD: Cell<isize> = const { Cell::new(0) };
    static MOST: Cell<isize> = const { Cell::new(0) };
}

/// The system's allocator, and a count of what each thread takes and gives back.
struct Counted;

#[global_allocator]
static COUNTED: Counted = Counted;

/// What `run` gives, and the most bytes that this thread held at a time on top of what it held before.
pub(crate) fn most_bytes<T>(run: impl FnOnce() -> T) -> (T, usize) {
    let before = HELD.get();
    MOST.set(before);
    let result = run();
    (result, (MOST.get() - before) as usize)
}

/// What `run` gives, and the bytes that this thread holds after it on top of what it held before.
pub(crate) fn kept_bytes<T>(run: impl FnOnce() -> T) -> (T, usize) {
    let before = HELD.get();
    let result = run();
    (result, usize::try_from(HELD.get() - before).unwrap_or(0))
}

fn count(bytes: isize) {
    // A thread that ends no longer counts.
    let _ended = HELD.try_with(|held| {
        held.set(held.get() + bytes);
        MOST.with(|most| most.set(most.get().max(held.get())));
    });
}

// SAFETY: every call goes to the system's allocator as it came; counting allocates nothing.
unsafe impl GlobalAlloc for Counted {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size() as isize);
        // SAFETY: as the caller promises.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        count(layout.size() as isize);
        // SAFETY: as the caller promises.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn realloc(&self, start: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count(size as isize - layout.size() as isize);
        // SAFETY: as the caller promises.
        unsafe { System.realloc(start, layout, size) }
    }

    unsafe fn dealloc(&self, start: *mut u8, layout: Layout) {
        count(-(layout.size() as isize));
        // SAFETY: as the caller promises.
        unsafe { System.dealloc(start, layout) }
    }
}
