//! What went wrong, in place, with the button that helps.

use egui::{Align2, Area, Frame, Id, Margin, Order, Stroke, Ui, vec2};
use fusionscope_engine::protocol::{FailureKind, Level, SessionState, Subject};

use crate::action::Action;
use crate::look::{self, Icon, Tokens};
use crate::store::{Cause, Recovery, Store};

/// Its width in points where there is room.
const WIDEST: f32 = 640.0;

/// What was pressed in the banner.
pub(super) enum Pressed {
    /// A button that helps.
    Act(Action),
    /// The cross.
    PutAway,
}

/// What helps now, the best first, each with its word.
fn offers(store: &Store) -> Vec<(Action, String)> {
    let mut offers = Vec::new();
    if store.unsaved.is_some() {
        offers.push((Action::SaveCheckpoint, "Save the run again".to_owned()));
    }
    if store.engine.broken.is_some() {
        // What asks less of the device comes before the same again.
        let ways = Recovery::ALL.map(Action::Recover).into_iter();
        offers.extend(ways.map(|way| (way.clone(), way.describe(store).title)));
    }
    if let SessionState::Failed(failure) = &store.state
        && failure.kind != FailureKind::DeviceLost
    {
        if let Some(step) = store.checkpoint {
            offers.push((Action::Resume, format!("Resume from step {}", look::count(step))));
        }
        offers.push((Action::Train, "Train again".to_owned()));
    }
    if store.untrusted.is_some() {
        offers.push((Action::TrustData, "Open it all the same".to_owned()));
    }
    let is_about_data = matches!(
        store.alert.as_ref().map(|alert| alert.cause),
        Some(Cause::Told(Subject::Data | Subject::Run | Subject::Evaluation))
    );
    if is_about_data && Action::MapClasses.enabled(store) {
        offers.push((Action::MapClasses, "Map the classes…".to_owned()));
    }
    if store.dataset.is_none() {
        offers.push((Action::OpenData, "Open a data set…".to_owned()));
    }
    offers.retain(|(action, _)| action.enabled(store));
    offers
}

/// Draws the banner where there is something to tell.
pub(super) fn ui(ui: &mut Ui, store: &Store, tokens: &Tokens) -> Option<Pressed> {
    let (level, text) = match (&store.alert, &store.unsaved) {
        (Some(alert), _) => (alert.level, alert.words()),
        (None, Some(unsaved)) if store.is_at_rest() => (Level::Warning, unsaved.text.clone()),
        _ => return None,
    };
    let (ink, ground) = match level {
        Level::Error => (tokens.error, tokens.error_weak),
        _ => (tokens.warning, tokens.warning_weak),
    };
    let mut pressed = None;
    // It lies over the panes, where it moves nothing; what it covers is free again when it is put away.
    let width = (ui.ctx().content_rect().width() - 48.0).clamp(160.0, WIDEST);
    Area::new(Id::unique("banner")).order(Order::Foreground).anchor(Align2::CENTER_BOTTOM, vec2(0.0, -12.0)).show(
        ui.ctx(),
        |ui| {
            let frame = Frame::popup(ui.style()).fill(ground).stroke(Stroke::new(1.0, ink));
            frame.inner_margin(Margin::symmetric(12, 8)).show(ui, |ui| {
                ui.set_width(width);
                ui.horizontal_top(|ui| {
                    let (rect, _) = ui.allocate_exact_size(Icon::room(), egui::Sense::hover());
                    Icon::Warning.paint(ui.painter(), rect, ink);
                    ui.with_layout(egui::Layout::right_to_left(egui::Align::Min), |ui| {
                        if store.alert.is_some()
                            && look::icon_button(ui, tokens, Icon::Close, "Put the message away", false).clicked()
                        {
                            pressed = Some(Pressed::PutAway);
                        }
                        ui.with_layout(egui::Layout::left_to_right(egui::Align::Min), |ui| {
                            ui.add(egui::Label::new(look::message(text).color(tokens.text)).wrap());
                        });
                    });
                });
                let offers = offers(store);
                if !offers.is_empty() {
                    ui.horizontal_wrapped(|ui| {
                        for (action, word) in offers {
                            if look::button(ui, tokens, None, &word, true).clicked() {
                                pressed = Some(Pressed::Act(action));
                            }
                        }
                    });
                }
            });
        },
    );
    pressed
}

#[cfg(test)]
mod tests {
    use fusionscope_engine::protocol::{DatasetSummary, Event, Failure, NetworkSummary};

    use super::*;

    fn offered(store: &Store) -> Vec<Action> {
        offers(store).into_iter().map(|(action, _)| action).collect()
    }

    #[test]
    fn a_data_set_that_reads_outside_is_opened_where_the_user_says_so() {
        let told = |kind, text| Event::Failure { about: Subject::Data, failure: Failure::new(kind, text) };
        let mut store = Store::default();
        store.apply(Event::Dataset(DatasetSummary::default()));
        store.apply(told(FailureKind::Unreadable, "no such folder"));
        store.apply(told(FailureKind::Untrusted, "nobody has asked for it"));
        assert_eq!(offered(&store), []);
        store.asked_data = Some("foreign".into());
        store.apply(told(FailureKind::Untrusted, "it leads out of its folder"));
        assert_eq!((offered(&store), store.untrusted.clone()), (vec![Action::TrustData], Some("foreign".into())));
        store.apply(Event::Dataset(DatasetSummary::default()));
        assert_eq!(offered(&store), []);
    }

    #[test]
    fn a_failed_run_is_resumed_rather_than_begun_again() {
        let mut store = Store::default();
        store.apply(Event::Dataset(DatasetSummary::default()));
        store.apply(Event::Run { path: "runs/a".into(), checkpoint: None });
        assert_eq!(offered(&store), []);
        store.apply(Event::State(SessionState::Failed(Failure::new(FailureKind::Broken, "a fault"))));
        assert_eq!(offered(&store), [Action::Train]);
        store.apply(Event::Checkpoint { step: 1400, path: "runs/a/checkpoints/1400".into() });
        assert_eq!(offered(&store), [Action::Resume, Action::Train]);
        assert_eq!(offers(&store)[0].1, "Resume from step 1,400");
    }

    #[test]
    fn a_run_that_its_device_breaks_off_is_offered_less_before_the_same_again() {
        let mut store = Store::default();
        store.engine.can_move = true;
        store.apply(Event::Dataset(DatasetSummary { path: "data".into(), ..DatasetSummary::default() }));
        store.apply(Event::Network(NetworkSummary { device: "NVIDIA".to_owned(), ..NetworkSummary::default() }));
        store.apply(Event::Run { path: "runs/a".into(), checkpoint: Some(40) });
        let fails = |kind| Event::State(SessionState::Failed(Failure::new(kind, "the device failed")));
        let [smaller, processor] = [Recovery::SmallerBatch, Recovery::OnProcessor].map(Action::Recover);
        for (kind, expected) in [
            (FailureKind::OutOfMemory, vec![smaller, processor.clone(), Action::Resume, Action::Train]),
            (FailureKind::DeviceLost, vec![processor]),
        ] {
            store.apply(Event::State(SessionState::Training));
            store.apply(fails(kind));
            assert_eq!(offered(&store), expected);
        }
    }

    #[test]
    fn without_data_the_way_to_open_some_is_offered() {
        assert_eq!(offered(&Store::default()), [Action::OpenData]);
    }
}
