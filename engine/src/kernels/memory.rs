//! Memory between the steps of a training run.

#![allow(unsafe_code, reason = "the allocator's options are set through its C interface")]

use std::ffi::{c_int, c_long};

// Links the allocator also into programs that allocate with another.
use mimalloc as _;

/// `mi_option_purge_delay`: the same number in both versions of the allocator that the crate offers.
const PURGE_DELAY: c_int = 15;
const NEVER: c_long = -1;

unsafe extern "C" {
    fn mi_option_set(option: c_int, value: c_long);
}

/// Lets the program's allocator keep what is freed, for the next step.
///
/// A step takes and frees the same hundreds of megabytes again and again. Given back to the system in between, they
/// would have to be mapped and cleared anew: forty thousand page faults a step of OGP-Net with EfficientNet-Lite0.
pub fn keep_freed_memory() {
    // SAFETY: the allocator stores one number, which any thread may do at any time.
    unsafe { mi_option_set(PURGE_DELAY, NEVER) }
}
