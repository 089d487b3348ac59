//! Which engine: a graphics card's where there is one, else the CPU's.

use super::cpu::{CpuEngine, Repulsion};
use super::engine::Engine;
use super::error::EmbeddingError;
use super::gpu::GpuEngine;
use crate::device::{self, DeviceChoice};

/// The engine for a choice. `auto` takes hardware adapters only: on a software adapter the CPU's own engine is more
/// than ten times faster; and it takes the CPU where the card refuses.
pub fn engine_for(choice: DeviceChoice) -> Result<Box<dyn Engine>, EmbeddingError> {
    let cpu = || Box::new(CpuEngine::new(Repulsion::Auto));
    let Some(adapter) = device::graphics(choice)? else { return Ok(cpu()) };
    match GpuEngine::new(&adapter) {
        Ok(engine) => Ok(Box::new(engine)),
        Err(error) if choice == DeviceChoice::Auto => {
            tracing::warn!("the embedding is computed on the CPU: {error}");
            Ok(cpu())
        }
        Err(error) => Err(error),
    }
}
