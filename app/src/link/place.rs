//! Where an engine is, and who starts one there.

use fusionscope_engine::session::DeviceChoice;
use serde::{Deserialize, Serialize};

use super::Engine;
use super::ssh::Remote;

/// Where an engine is. The panes do not know: whatever it is, it takes the same commands and tells the same.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Place {
    /// On a thread of this process.
    #[default]
    Here,
    /// In a process of its own on this computer.
    Process,
    /// On another machine, by SSH; it stays there when the window goes.
    Afar(Remote),
}

impl Place {
    /// All that there are without naming anything.
    pub const ALL: [Self; 2] = [Self::Here, Self::Process];

    /// As the menu has it.
    pub fn title(&self) -> String {
        match self {
            Self::Here => "In this process".to_owned(),
            Self::Process => "As a process of its own".to_owned(),
            Self::Afar(remote) => format!("On {}", remote.host),
        }
    }

    /// The same within a sentence.
    pub fn phrase(&self) -> String {
        match self {
            Self::Here | Self::Process => self.title().to_lowercase(),
            Self::Afar(remote) => format!("on {}", remote.host),
        }
    }

    /// What that means.
    pub fn words(&self) -> &'static str {
        match self {
            Self::Here => "The shortest way. A driver that crashes, or memory that runs out, takes the window along",
            Self::Process => "A driver that crashes, or memory that runs out, leaves the window standing",
            Self::Afar(_) => {
                "By SSH, with your keys and your agent. Data and runs are those of that machine, and a run goes on there when the \
                 line is cut or this window is closed"
            }
        }
    }

    /// The other machine; `None` where the engine is on this one.
    pub fn remote(&self) -> Option<&Remote> {
        match self {
            Self::Here | Self::Process => None,
            Self::Afar(remote) => Some(remote),
        }
    }

    /// What the engine's machine is called; empty for this one.
    pub fn machine(&self) -> String {
        self.remote().map_or_else(String::new, |remote| remote.host.clone())
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
