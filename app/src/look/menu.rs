//! Menus of things: opened by the second button, and by Shift+F10 or the menu key on what has the keyboard.

use egui::{InnerResponse, Key, Modifiers, Popup, Pos2, Response, Ui};

/// Whether the keyboard asks for the menu of a thing in this frame.
pub fn is_menu_asked_for(response: &Response) -> bool {
    let keys = [(Modifiers::SHIFT, Key::F10), (Modifiers::NONE, Key::Menu)];
    response.has_focus()
        && response.ctx.input_mut(|input| keys.into_iter().any(|(with, key)| input.consume_key(with, key)))
}

/// The menu of a thing: at the pointer, or below the thing where the keyboard has asked for it.
pub fn context_menu<R>(response: &Response, contents: impl FnOnce(&mut Ui) -> R) -> Option<InnerResponse<R>> {
    let (ctx, id) = (&response.ctx, Popup::default_response_id(response));
    let keyed = id.with("asked for by the keyboard, at");
    if is_menu_asked_for(response) {
        let at = response.rect.intersect(response.interact_rect).left_bottom();
        ctx.data_mut(|data| data.insert_temp(keyed, at));
        Popup::open_id(ctx, id);
    } else if response.secondary_clicked() {
        ctx.data_mut(|data| data.remove_temp::<Pos2>(keyed));
    }
    let popup = Popup::context_menu(response);
    let popup = match ctx.data(|data| data.get_temp::<Pos2>(keyed)) {
        Some(at) => popup.at_position(at),
        None => popup,
    };
    popup.show(contents)
}
