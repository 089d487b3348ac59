//! Which device trains: a hardware wgpu adapter or the CPU, never a software adapter.
