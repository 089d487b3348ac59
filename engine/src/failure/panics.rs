//! What the words of a panic tell of, and the little of them that people need.
//!
//! The compute runtime and the graphics drivers tell what went wrong by texts alone, and so does the standard library.
//! The fragments are of the texts of burn 0.22, cubecl 0.11, wgpu 30 and ash 0.38, in lower case; a test holds these
//! texts, to be looked at again where the crates move.

use std::borrow::Cow;

/// What a panic tells of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Told {
    /// The graphics device is gone.
    DeviceLost,
    /// There was not enough memory.
    OutOfMemory,
    /// The graphics device does not take a kernel, or cannot be had at all.
    DeviceRefused,
}

/// A graphics device that is gone: a driver that crashed or was reset, a card that was taken away.
const DEVICE_LOST: &[&str] = &[
    "device is poisoned",
    "device was poisoned",
    "device was lost",
    "device is lost",
    "device has been lost",
    "device lost",
    "device runner channel disconnected",
];

/// Memory that was wanted and not there, or more of it than one buffer may have: less at once helps.
const OUT_OF_MEMORY: &[&str] = &[
    "out of memory",
    "out-of-memory",
    "out of device memory",
    "not enough memory",
    "must have enough memory",
    "can't allocate",
    "couldn't map storage",
    "no page may be added",
    "the reservation behind it failed",
    "no staging buffer could be allocated",
    "greater than the maximum buffer size",
    "memory allocation",
    "allocation failed",
    "capacity overflow",
];

/// Kernels that a graphics device does not take, and devices that cannot be had.
const DEVICE_REFUSED: &[&str] = &[
    "the device refused",
    "a compilation error happened",
    "caused the compilation to fail",
    "expanding the kernel",
    "too many resources",
    "too much shared memory",
    "total unit count exceeds",
    "cube dim exceeds",
    "current dispatch group size",
    "device::create_bind_group",
    "device::create_compute_pipeline",
    "device::create_pipeline_layout",
    "device::create_shader_module",
    "no adapter available",
    "unable to acquire wgpu device",
    "unable to initialize wgpu",
    "unable to request",
    // The device's thread ended while it set the device up, and its own words stay there.
    "`err` value: recverror",
];

/// Parts that only follow from what went wrong elsewhere.
const CONSEQUENCES: [&str; 3] =
    ["The bytes were never written", "The work was skipped", "The work writing this buffer was torn down"];

/// Letters of a panic that are told.
const LONGEST: usize = 400;

/// What these words tell of; `None` where it is neither memory nor a device.
pub(super) fn told(words: &str) -> Option<Told> {
    let lower = parts(words).join("\n").to_lowercase();
    // Whatever is asked of a device that is gone fails, for want of memory too.
    let kinds =
        [(Told::DeviceLost, DEVICE_LOST), (Told::OutOfMemory, OUT_OF_MEMORY), (Told::DeviceRefused, DEVICE_REFUSED)];
    let known = kinds.into_iter().find(|(_, fragments)| fragments.iter().any(|fragment| lower.contains(fragment)));
    known.map(|(told, _)| told)
}

/// The first sentence and the innermost cause, in one line.
pub(super) fn brief(words: &str) -> String {
    let parts = parts(words);
    let Some((first, causes)) = parts.split_first() else { return String::new() };
    let cause = causes.iter().rfind(|cause| !is_consequence(cause)).or(causes.last());
    let text = cause.map_or_else(|| first.clone(), |cause| format!("{first}: {cause}"));
    cut(text.trim_end_matches('.'), LONGEST).into_owned()
}

/// A text up to so many letters.
pub(super) fn cut(text: &str, letters: usize) -> Cow<'_, str> {
    match text.char_indices().nth(letters) {
        Some((end, _)) => Cow::Owned(format!("{}…", &text[..end])),
        None => Cow::Borrowed(text),
    }
}

/// What is told, then what caused it, and so on: each in one line, without the places in the code and the kernels that
/// it came through.
fn parts(words: &str) -> Vec<String> {
    let mut parts = vec![Vec::new()];
    for line in words.lines().map(str::trim) {
        if is_heading(line) {
            parts.push(Vec::new());
        } else if !line.is_empty()
            && !is_passage(line)
            && let Some(part) = parts.last_mut()
        {
            part.push(line);
        }
    }
    parts.retain(|part| !part.is_empty());
    parts.into_iter().map(|lines| lines.join(" ")).collect()
}

/// Whether a line only says what the next ones are, or that there are none.
fn is_heading(line: &str) -> bool {
    // A debug form closes its brackets behind the last line.
    let line = line.trim_end_matches([')', ':']).to_lowercase();
    matches!(line.as_str(), "caused by" | "asked at" | "backtrace" | "stack backtrace" | "no backtrace available")
}

/// Whether a line is a place in the code (`12: name`, `at /file:line`), or a kernel that was skipped after a failure.
fn is_passage(line: &str) -> bool {
    let behind_number = line.trim_start_matches(|letter: char| letter.is_ascii_digit());
    let is_frame = behind_number.len() < line.len() && behind_number.starts_with(": ");
    is_frame
        || line.starts_with("at /")
        || line.starts_with("at ./")
        || line.starts_with("skipped `")
        || (line.starts_with('(') && line.contains("older skip record"))
}

fn is_consequence(part: &str) -> bool {
    CONSEQUENCES.iter().any(|known| part.starts_with(known))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Texts as the crates print them: of a device that is gone.
    const LOST: &[&str] = &[
        "The device is poisoned\nCaused by:\n  Unknown: reset\nBacktrace:\nNo backtrace available",
        "The device is poisoned: Unknown: reset\nBacktrace:\nNo backtrace available",
        "The device is poisoned, the kernel could not be loaded\nCaused by:\n  Unknown: reset",
        "The device was poisoned during launch\nCaused by:\n  Unknown: reset\nBacktrace:\nNo backtrace available",
        "An unknown error happened during launch\nCaused by:\n  Parent device is lost\nBacktrace\n",
        "Unknown error happened during execution: The logical device has been lost. See <https://registry.khronos.org>",
        "wgpu error: Validation Error\n\nCaused by:\n  In Queue::submit\n    Device is lost\n\n",
        "wgpu error: Parent device is lost, out of memory",
        "CallError(device runner channel disconnected before producing a result)",
    ];

    /// Of too little memory.
    const NO_ROOM: &[&str] = &[
        "An out-of-memory error happened during launch\nCaused by:\n  no room\nBacktrace\nNo backtrace available",
        "A launch error happened\nCaused by:\n  An out-of-memory error happened during launch\nCaused by:\n  none",
        "An IO error happened\nCaused by:\n  can't allocate buffer of size: 17179869184\nNo backtrace available",
        "out of device memory allocating 17179869184 bytes\nNo backtrace available",
        "Can't allocate 4096 bytes: every page size the memory tracks still holds live allocations",
        "No room for 4096 bytes in the memory held, and no page may be added (a graph capture is recording: warm up \
         with the same workload first)",
        "couldn't map storage for a deferred allocation of 4096 bytes\nCaused by:\n  Unknown error happened",
        "couldn't find resource for that handle: memory ManagedMemoryId { value: 7 } was never allocated: the \
         reservation behind it failed\nNo backtrace available",
        "Unknown error happened during execution: A device memory allocation has failed\nNo backtrace available",
        "Must have enough memory for a uniform: No room for",
        "Internal error: Failed to call `write_buffer_with`, this likely means no staging buffer could be \
         allocated.",
        "CallError(task panicked on device runner thread: wgpu error: Out of Memory)",
        "wgpu error: Validation Error\n\nCaused by:\n  In Device::create_buffer\n    Buffer size 5 is greater than \
         the maximum buffer size (4)\n\n",
        "Unable to request a wgpu device: Not enough memory left.",
        "called `Result::unwrap()` on an `Err` value: can't allocate buffer of size: 8\nNo backtrace available",
        "memory allocation of 17179869184 bytes failed",
        "capacity overflow",
    ];

    /// Of kernels that a device does not take.
    const REFUSED: &[&str] = &[
        "A compilation error happened during launch\nCaused by:\n  An unsupported instruction caused the compilation \
         to fail\nCaused by:\n  f64\nBacktrace:\nNo backtrace available",
        "An error caused the compilation to fail\nCaused by:\n  WGSL compilation failed for kernel `k`: no",
        "A validation error caused the compilation to fail\nCaused by:\n  Encountered unsupported type `f64`",
        "Expanding the kernel `k` panicked\nCaused by:\n  no\nBacktrace:\nNo backtrace available",
        "Too many resources were requested during launch\nToo much shared memory requested.\nRequested 65536 bytes, \
         maximum 32768 bytes available.\nBacktrace\nNo backtrace available",
        "Total unit count exceeds maximum.\nRequested 2048 units, max units is 1024.\nBacktrace\n",
        "Cube dim exceeds maximum bounds.\nRequested (2048, 1, 1), max is (1024, 1024, 64).\nBacktrace\n",
        "the device refused the pipeline of kernel `k`: Shader too long",
        "wgpu error: Validation Error\n\nCaused by:\n  In Device::create_compute_pipeline, label = 'k'\n    Error \
         matching shader requirements against the pipeline\n\n",
        "wgpu error: Validation Error\n\nCaused by:\n  In Device::create_bind_group\n    Buffer binding 0 range 8 \
         exceeds `max_*_buffer_binding_size` limit 4\n\n",
        "wgpu error: Validation Error\n\nCaused by:\n  In a CommandEncoder\n    Each current dispatch group size \
         dimension ([65536, 1, 1]) must be less or equal to 65535\n\n",
        "Unable to acquire wgpu device: RequestDevice { message: \"no\" }",
        "Unable to initialize wgpu runtime: Registration { message: \"no\" }",
        "Unable to request Vulkan device: ERROR_INITIALIZATION_FAILED",
        "No adapter available for DiscreteGpu(1): none",
        "called `Result::unwrap()` on an `Err` value: RecvError",
    ];

    /// Of anything else.
    const FAULTS: &[&str] = &[
        "An unknown error happened during launch\nCaused by:\n  no\nBacktrace\nNo backtrace available",
        "A validation error happened during execution\nCaused by:\n  no\nBacktrace:\nNo backtrace available",
        "An error happened during execution\nCaused by:\n  the staging buffer's map never completed\nBacktrace:\n",
        "the provided strides are not supported for this operation\nNo backtrace available",
        "couldn't find resource for that handle: Memory pool 3 doesn't exist\nNo backtrace available",
        "the storage holds no allocation for that handle: 7 in the wgpu buffer storage\nNo backtrace available",
        "The current IO operation is not supported\nNo backtrace available",
        "The work was skipped: an input carried a failure, and the work's outputs claim it now — a read of one of \
         them names the root cause",
        "index out of bounds: the len is 3 but the index is 7",
        "assertion `left == right` failed\n  left: 1\n right: 2",
    ];

    /// What a card without room said.
    const OF_A_CARD: &str = "the device failed: An error happened during execution
Caused by:
  Several failures at once
Caused by:
  The bytes were never written (failure #21704, still claiming 2 buffer(s))
  skipped `SharedSumKernel`: it needed memory ManagedMemoryId { value: 26041 }, which carried the failure
  skipped `KernelBinop`: it needed memory ManagedMemoryId { value: 26041 }, which carried the failure
  (1132 older skip record(s) were dropped; the walk may stop before the root)
Caused by:
  An IO error happened
Caused by:
  can't allocate buffer of size: 284905728
No backtrace available
Asked at:
No backtrace available";

    #[test]
    fn texts_of_the_graphics_stack_are_told_apart() {
        for (expected, texts) in [
            (Some(Told::DeviceLost), LOST),
            (Some(Told::OutOfMemory), NO_ROOM),
            (Some(Told::DeviceRefused), REFUSED),
            (None, FAULTS),
        ] {
            for text in texts {
                assert_eq!(told(text), expected, "{text}");
                // As the window reads the last words of a process.
                assert_eq!(told(&text.replace('\n', " ")), expected, "{text}");
            }
        }
        assert_eq!(told(OF_A_CARD), Some(Told::OutOfMemory));
    }

    #[test]
    fn of_a_chain_of_causes_the_first_sentence_and_the_innermost_cause_are_told() {
        let cause = "can't allocate buffer of size: 284905728";
        assert_eq!(brief(OF_A_CARD), format!("the device failed: An error happened during execution: {cause}"));
        let in_brackets = format!("Execution({})", OF_A_CARD.trim_start_matches("the device failed: "));
        assert_eq!(brief(&in_brackets), format!("Execution(An error happened during execution: {cause}"));
    }

    #[test]
    fn what_only_follows_from_a_failure_is_no_cause() {
        let second = "The bytes were never written (failure #2, still claiming 1 buffer(s))
Caused by:
  The work writing this buffer was torn down before it could say what went wrong
Asked at:
   0: cubecl_server::report
             at /home/user/.cargo/registry/src/cubecl-server/src/stream.rs:1:2
  12: main";
        assert_eq!(brief(&format!("{OF_A_CARD}\n{second}")), brief(OF_A_CARD));
        let alone = "The bytes were never written (failure #2, still claiming 1 buffer(s)): The work writing this \
                     buffer was torn down before it could say what went wrong";
        assert_eq!(brief(second), alone);
    }

    #[test]
    fn a_fault_keeps_its_lines_and_no_text_is_endless() {
        let assertion = "assertion `left == right` failed\n  left: 1\n right: 2";
        assert_eq!(brief(assertion), "assertion `left == right` failed left: 1 right: 2");
        let validation =
            "wgpu error: Validation Error\n\nCaused by:\n  In Device::create_buffer\n    Not enough memory left.\n";
        assert_eq!(brief(validation), "wgpu error: Validation Error: In Device::create_buffer Not enough memory left");
        let endless = brief(&"a shader ".repeat(1000));
        assert!(endless.chars().count() == LONGEST + 1 && endless.ends_with('…'), "{endless}");
        assert_eq!(brief(""), "");
    }
}
