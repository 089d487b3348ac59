//! What views of one place, and explanations, are about.

use clap::Args;
use fusionscope_engine::protocol::{Explained, Layer, Region};

use super::words::{layer_from_words, place_from_words, region_from_words};

/// Of what `inspect` and `figure` show.
#[derive(Clone, Debug, Args)]
pub struct ExplainedArguments {
    /// The place that maps about one pixel are about, across and down, 0 to 1
    #[arg(long, value_name = "X,Y", value_parser = place_from_words)]
    pixel: Option<[f32; 2]>,
    /// The class that explanations (`explain.…`) are about [default: of every pixel the one predicted there]
    #[arg(long, value_name = "NAME")]
    class: Option<String>,
    /// The head that explanations are about [default: the one that counts]
    #[arg(long, value_name = "NAME")]
    head: Option<String>,
    /// Where in the network Grad-CAM looks
    #[arg(long, value_name = "classifier|stageN", default_value = "classifier", value_parser = layer_from_words)]
    layer: Layer,
    /// What `explain.region.…` takes away: left, upper, right and lower side, 0 to 1
    #[arg(long, value_name = "X0,Y0,X1,Y1", value_parser = region_from_words)]
    region: Option<Region>,
}

impl ExplainedArguments {
    /// The place in shares of 65,535, as views are asked for it.
    pub fn pixel(&self) -> Option<[u16; 2]> {
        self.pixel.map(|pixel| pixel.map(|share| (share * f32::from(u16::MAX)) as u16))
    }

    /// What explanations are asked about.
    pub fn explained(&self) -> Explained {
        Explained { class: self.class.clone(), head: self.head.clone(), layer: self.layer, region: self.region }
    }
}
