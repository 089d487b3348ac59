//! Where an engine is, and who starts one there.

use fusionscope_engine::session::DeviceChoice;
use serde::{Deserialize, Serialize};

use super::Engine;

/// Where an engine is. The panes do not know: whatever it is, it takes the same commands and tells the same.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Place {
    /// On a thread of this process.
    #[default]
    Here,
    /// In a process of its own on this computer.
    Process,
}

impl Place {
    /// All that there are without naming anything.
    pub const ALL: [Self; 2] = [Self::Here, Self::Process];

    /// As the menu has it.
    pub fn title(&self) -> String {
        match self {
            Self::Here => "In this process".to_owned(),
            Self::Process => "As a process of its own".to_owned(),
        }
    }

    /// What that means.
    pub fn words(&self) -> &'static str {
        match self {
            Self::Here => "The shortest way. A driver that crashes, or memory that runs out, takes the window along",
            Self::Process => "A driver that crashes, or memory that runs out, leaves the window standing",
        }
    }
}

/// A place, and what is trained on there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seat {
    /// Where the engine is.
    pub place: Place,
    /// Its device.
    pub device: DeviceChoice,
}

impl Seat {
    /// A place, with the device that fits best there.
    pub fn at(place: Place) -> Self {
        Self { place, device: DeviceChoice::Auto }
    }
}

/// What the window needs of whoever starts engines.
pub trait Engines {
    /// Starts one; returns at once, with a sentence when it could not be started.
    fn start(&mut self, seat: &Seat) -> Result<Box<dyn Engine>, String>;
}
