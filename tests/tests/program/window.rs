//! The window: every pane in every state, actions by their names, a real session, and a few pictures.
//!
//! Only pictures need a graphics adapter; without one they are skipped by name, unless `FUSIONSCOPE_REQUIRE` holds
//! `window`.

mod asking;
mod beside;
mod dataset;
mod embedding;
mod engine;
mod exports;
mod first;
mod hour;
mod inspect;
mod keys;
mod lessons;
mod metrics;
mod panes;
mod pictures;
mod remote;
mod robustness;
mod runs;
mod scenes;
mod scripts;
pub mod session;
mod shelf;
mod study;
mod time;
mod what_if;
mod whole;
