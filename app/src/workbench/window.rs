//! The window on the screen.

use std::sync::Arc;
use std::time::Duration;

use anyhow::anyhow;
use egui::ViewportBuilder;
use fusionscope_engine::session::Paint;
use fusionscope_engine::signals;

use super::{Launch, Workbench};
use crate::link::{Engines as _, Place, Seat, Starting, Studying};

/// Opens the window and returns when it is closed; the session saves a checkpoint of a run that is under way.
/// `paint` colours what runs put into event files; `trains` tells whether the engine would train on one of the adapters
/// that the window finds.
pub fn open(launch: Launch, paint: Paint, trains: fn(&[wgpu::AdapterInfo]) -> bool) -> anyhow::Result<()> {
    let viewport = ViewportBuilder::default()
        .with_title("Fusionscope")
        .with_app_id("fusionscope")
        .with_inner_size([1440.0, 900.0])
        .with_min_inner_size([960.0, 600.0])
        .with_drag_and_drop(true);
    let options = eframe::NativeOptions { viewport, centered: true, ..eframe::NativeOptions::default() };
    eframe::run_native(
        "Fusionscope",
        options,
        Box::new(move |creation| {
            let ctx = creation.egui_ctx.clone();
            let by_processor = is_drawn_by_processor(creation);
            let pace = if by_processor { PACE_BY_PROCESSOR } else { PACE };
            let mut engines = Starting {
                program: Studying::program(),
                runs: crate::places::runs(),
                paint: Some(paint),
                wake: Arc::new(move || ctx.request_repaint_after(pace)),
            };
            let kept = Workbench::kept_place(creation.storage);
            let mut seat = Seat::at(kept.unwrap_or_else(|| usual_place(&adapters(creation), trains)));
            let (mut launch, mut engine) = (launch, engines.start(&seat));
            if let Some(why) = engine.as_ref().err().filter(|_| seat.place != Place::Here) {
                launch.problem =
                    Some(format!("The engine is in this process, for elsewhere it could not start: {why}"));
                seat = Seat::at(Place::Here);
                engine = engines.start(&seat);
            }
            if seat.place.remote().is_some() {
                // What lies on this machine is nothing to an engine on another; it tells what it has.
                (launch.data, launch.run, launch.problem, launch.recipe) = (None, None, None, None);
            }
            let engine = engine.map_err(|why| anyhow!("{why}"))?;
            if let Some(state) = &creation.wgpu_render_state {
                crate::canvas::install(state);
            }
            close_when_terminated(&creation.egui_ctx);
            let ctx = creation.egui_ctx.clone();
            let woken = move || ctx.request_repaint_after(pace);
            let studying = Studying::spawn(Studying::program(), crate::places::studies(), woken)?;
            let mut workbench = Workbench::new(&creation.egui_ctx, creation.storage, engine, launch)
                .with_engines(Box::new(engines), seat)
                .with_studies(Box::new(studying));
            if by_processor {
                workbench.hold_still(&creation.egui_ctx);
            }
            Ok(Box::new(workbench))
        }),
    )
    .map_err(|error| anyhow!("{error}"))
}

/// How long news of the session may wait to be drawn.
const PACE: Duration = Duration::from_millis(16);
/// The same where the processor draws, which takes from the cores that train. Hands are followed at full speed either
/// way.
const PACE_BY_PROCESSOR: Duration = Duration::from_millis(250);

/// Whether a software adapter draws the window.
fn is_drawn_by_processor(creation: &eframe::CreationContext<'_>) -> bool {
    let adapter = creation.wgpu_render_state.as_ref().map(|state| state.adapter.get_info().device_type);
    adapter == Some(wgpu::DeviceType::Cpu)
}

/// The adapter that draws, and all that were looked at to find it: a card without a screen is one of these.
fn adapters(creation: &eframe::CreationContext<'_>) -> Vec<wgpu::AdapterInfo> {
    let Some(state) = &creation.wgpu_render_state else { return Vec::new() };
    std::iter::once(&state.adapter).chain(&state.available_adapters).map(wgpu::Adapter::get_info).collect()
}

/// A driver of a graphics card may crash, and takes no window along from a process of its own.
fn usual_place(adapters: &[wgpu::AdapterInfo], trains: fn(&[wgpu::AdapterInfo]) -> bool) -> Place {
    if trains(adapters) { Place::Process } else { Place::Here }
}

/// Ends as closing the window does, with a checkpoint of the run under way, when the system or a terminal asks the
/// program to end.
fn close_when_terminated(ctx: &egui::Context) {
    let ctx = ctx.clone();
    let heard = signals::listen(move || {
        ctx.send_viewport_cmd(egui::ViewportCommand::Close);
        ctx.request_repaint();
    });
    if let Err(error) = heard {
        tracing::warn!("Ctrl-C will not save a checkpoint: {error}");
    }
}

#[cfg(test)]
mod tests {
    use fusionscope_engine::device::has_hardware;

    use super::*;

    #[test]
    fn an_engine_that_trains_on_a_card_is_a_process_of_its_own_whatever_draws() {
        let adapter = |name: &str, device_type| wgpu::AdapterInfo {
            name: name.to_owned(),
            ..wgpu::AdapterInfo::new(device_type, wgpu::Backend::Vulkan)
        };
        let drawing = adapter("llvmpipe (LLVM 19)", wgpu::DeviceType::Cpu);
        let card = adapter("A card without a screen", wgpu::DeviceType::DiscreteGpu);
        assert_eq!(usual_place(&[], has_hardware), Place::Here);
        assert_eq!(usual_place(std::slice::from_ref(&drawing), has_hardware), Place::Here);
        assert_eq!(usual_place(&[drawing, card], has_hardware), Place::Process);
    }
}
