//! The metrics pane's figures beyond IoU.

use egui_kittest::kittest::Queryable;
use fusionscope::look::Theme;
use fusionscope::panes::PaneKind;

use super::panes::stage;
use super::scripts;

#[test]
fn the_tables_show_the_figure_that_is_chosen() {
    let mut harness = stage(PaneKind::Metrics, scripts::running_with_further(500), Theme::Dark, [360.0, 1600.0]);
    harness.run_steps(3);
    assert_eq!(harness.query_all_by_label_contains("Boundary IoU of ").count(), 0);
    assert!(harness.query_by_label("mIoU by sensors (%)").is_some());
    harness.get_by_label("Figure of the tables").click();
    harness.run_steps(3);
    harness.get_by_label("bIoU").click();
    harness.run_steps(3);
    assert!(harness.query_by_label("bIoU by sensors (%)").is_some());
    assert_eq!(harness.query_all_by_label_contains("Boundary IoU of ").count(), 10);
    assert_eq!(harness.unnamed_widgets(), Vec::<String>::new());
}

#[test]
fn the_reliability_diagram_says_how_far_the_network_is_off() {
    let mut harness = stage(PaneKind::Metrics, scripts::running_with_further(500), Theme::Light, [360.0, 1600.0]);
    harness.run_steps(3);
    harness.get_by_label("Reliability").click();
    harness.run_steps(3);
    let diagram = harness.get_by_label_contains("Reliability. Calibration error").rect();
    assert!(diagram.width() > 200.0 && diagram.height() > 120.0, "{diagram:?}");
    assert_eq!(harness.unnamed_widgets(), Vec::<String>::new());
}

#[test]
fn an_evaluation_without_further_figures_offers_none() {
    let mut harness = stage(PaneKind::Metrics, scripts::running(500), Theme::Dark, [360.0, 1600.0]);
    harness.run_steps(3);
    assert!(harness.query_by_label("mIoU by sensors (%)").is_some());
    assert!(harness.query_by_label("Figure of the tables").is_none());
    assert!(harness.query_by_label("Reliability").is_none());
}
