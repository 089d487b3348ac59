//! What can be listed without data or a network.

use std::ffi::OsString;

use clap::Args;

use super::words::size_from_words;

/// `fusionscope devices`.
#[derive(Clone, Copy, Debug, Args)]
pub struct DevicesArguments {
    /// Write one JSON object a line to standard output
    #[arg(long)]
    pub json: bool,
}

/// `fusionscope recipes`.
#[derive(Clone, Debug, Args)]
pub struct RecipesArguments {
    /// The recipe to print: a preset or a file
    pub recipe: Option<OsString>,
    /// Change one setting before printing; may be given many times
    #[arg(long = "set", value_name = "KEY=VALUE", requires = "recipe")]
    pub settings: Vec<String>,
    /// Write one JSON object a line to standard output
    #[arg(long)]
    pub json: bool,
}

/// `fusionscope describe`.
#[derive(Clone, Debug, Args)]
pub struct DescribeArguments {
    /// A preset (see `fusionscope recipes`) or a recipe file
    pub recipe: OsString,
    /// Change one setting of the recipe; may be given many times
    #[arg(long = "set", value_name = "KEY=VALUE")]
    pub settings: Vec<String>,
    /// The sensors, the guiding one first [default: the recipe's, else colour,thermal]
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    pub sensors: Vec<String>,
    /// How many classes the data set has
    #[arg(long, value_name = "N", default_value_t = 9, value_parser = clap::value_parser!(u8).range(1..=254))]
    pub classes: u8,
    /// Width × height in pixels [default: the recipe's crop or size, else 640x480]
    #[arg(long, value_name = "WxH", value_parser = size_from_words)]
    pub size: Option<(u32, u32)>,
    /// Also take a forward and a backward pass over one scene on the CPU, and print their time and the most memory held
    #[arg(long)]
    pub step: bool,
    /// Write JSON to standard output
    #[arg(long)]
    pub json: bool,
}
