//! What many subcommands take.

use clap::Args;
use fusionscope_engine::data::Reach;

/// How much is said, and in which form.
#[derive(Clone, Copy, Debug, Default, Args)]
pub struct Voice {
    /// Say nothing but results and errors
    #[arg(long)]
    pub quiet: bool,
    /// Write one JSON object a line to standard output
    #[arg(long)]
    pub json: bool,
}

/// How far a data set's manifest may lead.
#[derive(Clone, Copy, Debug, Default, Args)]
pub struct Trust {
    /// Let the data set's manifest name files outside of its folder
    #[arg(long)]
    pub allow_outside: bool,
}

impl Trust {
    /// The same in the engine's words.
    pub fn reach(self) -> Reach {
        if self.allow_outside { Reach::Anywhere } else { Reach::Folder }
    }
}
