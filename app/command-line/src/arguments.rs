//! The words of the command line.

mod asked;
mod dataset;
mod embed;
mod engine;
mod explained;
mod figure;
mod listing;
mod robustness;
mod screenshot;
mod shared;
mod slurm;
mod study;
mod training;
mod words;

use clap::Parser;

pub use self::asked::{
    AskedArguments, EvaluateArguments, ExportArguments, InspectArguments, MapIds, PredictArguments,
    PseudoLabelArguments,
};
pub use self::dataset::{
    CheckArguments, DatasetAction, DatasetArguments, DegradeArguments, ListArguments, SampleArguments,
};
pub use self::embed::{EmbedArguments, EmbedMethod};
pub use self::engine::EngineArguments;
pub use self::figure::FigureArguments;
pub use self::listing::{DescribeArguments, DevicesArguments, RecipesArguments};
pub use self::robustness::RobustnessArguments;
pub use self::screenshot::{ScreenshotArguments, Theme};
pub use self::shared::{Trust, Voice};
pub use self::slurm::{Scheduler, SlurmOption};
pub use self::study::{StudyAction, StudyArguments, StudyPlace, StudyRunArguments, StudyTableArguments, TableFormat};
pub use self::training::{BenchArguments, RecipeArguments, TrainArguments};
pub use self::words::{Scales, SubsetChoice};
use super::exit::EXIT_CODES;

/// The program in one line.
const ABOUT: &str = "A workbench for multi-modal semantic segmentation: train, drop a sensor, toggle a component, see why the masks \
                     change";

/// The whole command line.
#[derive(Debug, Parser)]
#[command(name = "fusionscope", version, about = ABOUT, after_help = EXIT_CODES, max_term_width = 110)]
#[command(
    long_about = "A workbench for multi-modal semantic segmentation: train, drop a sensor, toggle a component, see why the \
                        masks change.\n\nWithout a subcommand the window opens; where there is no display, the demo recipe is \
                        trained on the sample data with a progress bar."
)]
pub struct Arguments {
    /// What to do; nothing opens the window.
    #[command(subcommand)]
    pub subcommand: Option<Subcommand>,
}

/// One subcommand each.
#[derive(Debug, clap::Subcommand)]
pub enum Subcommand {
    /// Train a recipe on a data set, or go on with a run
    Train(TrainArguments),
    /// Time the training steps of a recipe
    Bench(BenchArguments),
    /// Train recipes from several seeds and compare them in one table
    Study(StudyArguments),
    /// Score a run on a split, with every subset of its sensors
    Evaluate(EvaluateArguments),
    /// Draw what runs lose as one of their sensors degrades: which method leans on which sensor
    Robustness(RobustnessArguments),
    /// Write the label maps that a run predicts
    Predict(PredictArguments),
    /// Write one picture of one scene: an image, a prediction, or what goes on inside the network
    Inspect(InspectArguments),
    /// Lay out what runs see in a few scenes as papers print it: sensors, label, predictions and maps side by side
    Figure(FigureArguments),
    /// Label scenes with what a trained network sees in one sensor, to train another on
    PseudoLabel(PseudoLabelArguments),
    /// Check a data set, or make the sample data
    Dataset(DatasetArguments),
    /// List the devices that can train
    Devices(DevicesArguments),
    /// List the recipes, or print one with every setting resolved
    Recipes(RecipesArguments),
    /// Say what a recipe comes to: stages with their shapes, parameters, multiply-adds, losses and sources
    Describe(DescribeArguments),
    /// Write a picture of the window, drawn off-screen
    Screenshot(ScreenshotArguments),
    /// Pack a run's network into one file
    Export(ExportArguments),
    /// Lay out a run's features, or any points, in two dimensions, by t-SNE or principal components
    Embed(EmbedArguments),
    /// Train and show on behalf of a window that is another process
    Engine(EngineArguments),
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn a_resumed_run_keeps_its_recipe() {
        let refused = Arguments::try_parse_from(["fusionscope", "train", "--resume", "r", "--set", "a=b"]);
        assert!(refused.is_err());
    }
}
