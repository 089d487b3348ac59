//! The constructor of every pane.

use super::compare::ComparePane;
use super::controls::ControlsPane;
use super::curves::CurvesPane;
use super::dataset::DatasetPane;
use super::embedding::EmbeddingPane;
use super::inspect::InspectPane;
use super::lesson::LessonPane;
use super::log::LogPane;
use super::metrics::MetricsPane;
use super::pane::Pane;
use super::recipe::RecipePane;
use super::robustness::RobustnessPane;
use super::runs::RunsPane;
use super::study::StudyPane;
use super::times::TimesPane;
use crate::arrangement::PaneKind;

/// A pane of this kind, freshly made.
pub fn make(kind: PaneKind) -> Box<dyn Pane> {
    match kind {
        PaneKind::Inspect => Box::new(InspectPane::default()),
        PaneKind::Dataset => Box::new(DatasetPane::default()),
        PaneKind::Lesson => Box::new(LessonPane::default()),
        PaneKind::Runs => Box::new(RunsPane::default()),
        PaneKind::Compare => Box::new(ComparePane::default()),
        PaneKind::Metrics => Box::new(MetricsPane::default()),
        PaneKind::Robustness => Box::new(RobustnessPane::default()),
        PaneKind::Embedding => Box::new(EmbeddingPane::default()),
        PaneKind::Curves => Box::new(CurvesPane::default()),
        PaneKind::Recipe => Box::new(RecipePane::default()),
        PaneKind::Controls => Box::new(ControlsPane),
        PaneKind::Log => Box::new(LogPane::default()),
        PaneKind::Times => Box::new(TimesPane),
        PaneKind::Study => Box::new(StudyPane::default()),
    }
}
