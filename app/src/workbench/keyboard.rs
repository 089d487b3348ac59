//! Keys to actions. Letters belong to text fields while one has the focus, and to lists while one is open.

use egui::{Context, InputState, Key};

use crate::action::Action;
use crate::store::Store;

/// The actions whose keys were pressed in this frame.
pub(super) fn actions(ctx: &Context, store: &Store, list_open: bool) -> Vec<Action> {
    // Each window hears its own keys, and is not to take those of another for let go.
    let is_elsewhere = |input: &InputState| {
        let others = input.raw.viewports.iter().filter(|(id, _)| **id != input.raw.viewport_id);
        others.into_iter().any(|(_, window)| window.focused == Some(true))
    };
    if ctx.input(is_elsewhere) {
        return Vec::new();
    }
    let typing = ctx.text_edit_focused();
    let focused = ctx.memory(|memory| memory.focused().is_some());
    let mut pressed = Vec::new();
    let mut keys: Vec<_> = Action::with_keys(store).collect();
    // A shortcut is heard with Shift held too, so one that needs Shift goes first.
    keys.sort_by_key(|(_, shortcut)| !shortcut.modifiers.shift);
    for (action, shortcut) in keys {
        // What is held is told when it is pressed and when it is let go, below.
        if matches!(action, Action::HoldCompare(_)) {
            continue;
        }
        let plain = shortcut.modifiers.is_none() && shortcut.logical_key != Key::F6;
        if plain && (typing || list_open) {
            continue;
        }
        if typing && matches!(action, Action::Undo | Action::Redo) {
            continue;
        }
        // A focused button takes the space bar for itself.
        if focused && shortcut.logical_key == Key::Space {
            continue;
        }
        if plain && ctx.input(|input| input.modifiers.command || input.modifiers.ctrl) {
            continue;
        }
        if ctx.input_mut(|input| input.consume_shortcut(&shortcut)) {
            pressed.push(action);
        }
    }
    let holding = !typing && !list_open && ctx.input(|input| input.key_down(Key::H) && input.modifiers.is_none());
    if holding != store.scene.comparing {
        pressed.push(Action::HoldCompare(holding));
    }
    pressed
}

#[cfg(test)]
mod tests {
    use egui::Modifiers;
    use egui_kittest::Harness;
    use fusionscope_engine::protocol::Touch;

    use super::*;
    use crate::look::TextStep;
    use crate::store::Tool;

    /// What a window says to its keys.
    struct Listener {
        store: Store,
        list_open: bool,
        has_field: bool,
        text: String,
        pressed: Vec<Action>,
    }

    fn listener(list_open: bool, has_field: bool) -> Harness<'static, Listener> {
        let draw = |ui: &mut egui::Ui, listener: &mut Listener| {
            let pressed = actions(ui.ctx(), &listener.store, listener.list_open);
            listener.pressed.extend(pressed);
            if listener.has_field {
                ui.text_edit_singleline(&mut listener.text).request_focus();
            }
        };
        let listener =
            Listener { store: Store::default(), list_open, has_field, text: String::new(), pressed: Vec::new() };
        let mut harness = Harness::builder().with_accessibility_check(false).build_ui_state(draw, listener);
        harness.run_steps(2);
        harness
    }

    fn pressed(harness: &mut Harness<'_, Listener>, modifiers: Modifiers, key: Key) -> Vec<Action> {
        harness.key_press_modifiers(modifiers, key);
        harness.run_steps(3);
        std::mem::take(&mut harness.state_mut().pressed)
    }

    #[test]
    fn every_key_does_what_the_list_of_keys_says() {
        let plain = [
            (Key::Space, Action::ToggleRun),
            (Key::Period, Action::StepOnce),
            (Key::Num1, Action::ToggleSensor(0)),
            (Key::Num2, Action::ToggleSensor(1)),
            (Key::Num5, Action::ToggleSensor(4)),
            (Key::Num9, Action::ToggleSensor(8)),
            (Key::OpenBracket, Action::PreviousScene),
            (Key::CloseBracket, Action::NextScene),
            (Key::F, Action::Fit),
            (Key::L, Action::ToggleLabel),
            (Key::E, Action::ToggleErrors),
            (Key::S, Action::ToggleSwipe),
            (Key::D, Action::ToggleDifference),
            (Key::G, Action::GoToScene),
            (Key::W, Action::ToggleWhatIf),
            (Key::P, Action::TogglePin),
            (Key::J, Action::EarlierPage),
            (Key::K, Action::LaterPage),
            (Key::T, Action::PlayPages),
            (Key::A, Action::CompareTime),
            (Key::N, Action::GoToTime(None)),
            (Key::Num0, Action::SupposeNothing),
            (Key::M, Action::UseTool(Tool::Move)),
            (Key::B, Action::UseTool(Tool::Paint(Touch::Black))),
            (Key::V, Action::UseTool(Tool::Paint(Touch::Restore))),
        ];
        let command = [
            (Key::K, Action::TogglePalette),
            (Key::Z, Action::Undo),
            (Key::S, Action::SaveCheckpoint),
            (Key::O, Action::OpenData),
            (Key::Y, Action::Redo),
            (Key::Plus, Action::StepText(TextStep::Larger)),
            (Key::Equals, Action::StepText(TextStep::Larger)),
            (Key::Minus, Action::StepText(TextStep::Smaller)),
            (Key::Num0, Action::StepText(TextStep::Usual)),
        ];
        let mut harness = listener(false, false);
        for (key, action) in plain {
            assert_eq!(pressed(&mut harness, Modifiers::NONE, key), [action], "{key:?}");
        }
        for (key, action) in command {
            assert_eq!(pressed(&mut harness, Modifiers::COMMAND, key), [action], "{key:?}");
        }
        // The question mark is a shifted key on most keyboards.
        assert_eq!(pressed(&mut harness, Modifiers::SHIFT, Key::Questionmark), [Action::ToggleHelp]);
        assert_eq!(pressed(&mut harness, Modifiers::COMMAND | Modifiers::SHIFT, Key::Z), [Action::Redo]);
        assert_eq!(pressed(&mut harness, Modifiers::NONE, Key::F6), [Action::NextRegion]);
        assert_eq!(pressed(&mut harness, Modifiers::SHIFT, Key::F6), [Action::PreviousRegion]);
    }

    #[test]
    fn holding_h_compares_until_it_is_let_go() {
        let mut harness = listener(false, false);
        harness.key_down(Key::H);
        harness.run_steps(1);
        assert_eq!(std::mem::take(&mut harness.state_mut().pressed), [Action::HoldCompare(true)]);
        harness.state_mut().store.scene.comparing = true;
        harness.run_steps(2);
        assert_eq!(harness.state().pressed, []);
        harness.key_up(Key::H);
        harness.run_steps(1);
        assert_eq!(harness.state().pressed, [Action::HoldCompare(false)]);
    }

    #[test]
    fn letters_belong_to_a_field_or_a_list_while_one_is_open() {
        for (list_open, has_field) in [(true, false), (false, true)] {
            let mut harness = listener(list_open, has_field);
            for key in [Key::Space, Key::Num1, Key::L, Key::H, Key::Questionmark] {
                assert_eq!(pressed(&mut harness, Modifiers::NONE, key), [], "{key:?}");
            }
            assert_eq!(pressed(&mut harness, Modifiers::COMMAND, Key::K), [Action::TogglePalette]);
        }
    }
}
