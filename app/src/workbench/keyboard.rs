//! Keys to actions. Letters belong to text fields while one has the focus, and to lists while one is open.

use egui::{Context, Key};

use crate::action::Action;
use crate::store::Store;

/// The actions whose keys were pressed in this frame.
pub(super) fn actions(ctx: &Context, store: &Store, list_open: bool) -> Vec<Action> {
    let typing = ctx.text_edit_focused();
    let focused = ctx.memory(|memory| memory.focused().is_some());
    let mut pressed = Vec::new();
    for action in with_keys() {
        let Some(shortcut) = action.shortcut() else { continue };
        let plain = shortcut.modifiers.is_none();
        if plain && (typing || list_open) {
            continue;
        }
        if typing && matches!(action, Action::Undo) {
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

fn with_keys() -> Vec<Action> {
    let mut actions = vec![Action::ToggleRun, Action::TogglePalette];
    actions.extend(Action::all().into_iter().filter(|action| action.shortcut().is_some()));
    actions
}
