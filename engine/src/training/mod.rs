//! The loop, the optimiser, schedules, checkpoints and run folders.
