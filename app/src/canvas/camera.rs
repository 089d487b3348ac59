//! Pan and zoom, shared by all tiles of a wall.

use egui::{Pos2, Rect, Vec2, pos2, vec2};

use crate::store::Pixel;

const MOST: f32 = 40.0;

/// Which part of a scene is seen. Places are shares of the picture, so that one camera serves pictures of any size.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Camera {
    /// What stands in the middle of a tile.
    centre: Vec2,
    /// 1 fits the whole picture.
    zoom: f32,
}

impl Default for Camera {
    fn default() -> Self {
        Self { centre: vec2(0.5, 0.5), zoom: 1.0 }
    }
}

impl Camera {
    /// How much larger than fitted.
    pub fn zoom(&self) -> f32 {
        self.zoom
    }

    /// Whether the whole picture is seen.
    pub fn is_fitted(&self) -> bool {
        self.zoom <= 1.0
    }

    /// Where the whole picture lies on screen, given the body of its tile and its width over height.
    pub fn picture(&self, body: Rect, aspect: f32) -> Rect {
        let fitted = fit(body.size(), aspect) * self.zoom;
        let corner = body.center() - vec2(self.centre.x * fitted.x, self.centre.y * fitted.y);
        Rect::from_min_size(corner, fitted)
    }

    /// The place of the scene at a point on screen; `None` outside the picture.
    pub fn pixel_at(&self, body: Rect, aspect: f32, point: Pos2) -> Option<Pixel> {
        let picture = self.picture(body, aspect);
        if !picture.contains(point) || !body.contains(point) {
            return None;
        }
        let place = (point - picture.min) / picture.size();
        Some(Pixel { x: place.x.clamp(0.0, 1.0), y: place.y.clamp(0.0, 1.0) })
    }

    /// The point on screen of a place of the scene.
    pub fn point_of(&self, body: Rect, aspect: f32, pixel: Pixel) -> Pos2 {
        let picture = self.picture(body, aspect);
        pos2(picture.left() + pixel.x * picture.width(), picture.top() + pixel.y * picture.height())
    }

    /// Moves with the pointer.
    pub fn pan(&mut self, body: Rect, aspect: f32, drag: Vec2) {
        let size = self.picture(body, aspect).size();
        self.centre -= vec2(drag.x / size.x.max(1.0), drag.y / size.y.max(1.0));
        self.keep_in_sight(body, aspect);
    }

    /// Zooms so that what is under the pointer stays there.
    pub fn zoom_at(&mut self, body: Rect, aspect: f32, point: Pos2, factor: f32) {
        let before = self.picture(body, aspect);
        let place = (point - before.min) / before.size();
        self.zoom = (self.zoom * factor).clamp(1.0, MOST);
        let after = fit(body.size(), aspect) * self.zoom;
        let from_middle = point - body.center();
        self.centre = place - vec2(from_middle.x / after.x.max(1.0), from_middle.y / after.y.max(1.0));
        self.keep_in_sight(body, aspect);
    }

    /// Shows the whole picture.
    pub fn fit(&mut self) {
        *self = Self::default();
    }

    fn keep_in_sight(&mut self, body: Rect, aspect: f32) {
        let size = fit(body.size(), aspect) * self.zoom;
        let half = vec2(body.width() / size.x.max(1.0), body.height() / size.y.max(1.0)) * 0.5;
        let clamped = |centre: f32, half: f32| if half >= 0.5 { 0.5 } else { centre.clamp(half, 1.0 - half) };
        self.centre = vec2(clamped(self.centre.x, half.x), clamped(self.centre.y, half.y));
    }
}

fn fit(room: Vec2, aspect: f32) -> Vec2 {
    let width = room.x.min(room.y * aspect).max(1.0);
    vec2(width, width / aspect)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body() -> Rect {
        Rect::from_min_size(pos2(100.0, 50.0), vec2(400.0, 200.0))
    }

    #[test]
    fn a_fitted_picture_is_centred_and_whole() {
        let picture = Camera::default().picture(body(), 4.0 / 3.0);
        assert!(body().expand(0.01).contains_rect(picture));
        assert_eq!(picture.center(), body().center());
        assert!((picture.aspect_ratio() - 4.0 / 3.0).abs() < 1e-4);
    }

    #[test]
    fn zooming_keeps_what_is_under_the_pointer() {
        let mut camera = Camera::default();
        let point = pos2(320.0, 160.0);
        let before = camera.pixel_at(body(), 1.5, point).unwrap();
        camera.zoom_at(body(), 1.5, point, 6.0);
        let after = camera.pixel_at(body(), 1.5, point).unwrap();
        assert!((before.x - after.x).abs() < 1e-4 && (before.y - after.y).abs() < 1e-4, "{before:?} {after:?}");
    }

    #[test]
    fn panning_cannot_lose_the_picture() {
        let mut camera = Camera::default();
        camera.zoom_at(body(), 1.0, body().center(), 8.0);
        camera.pan(body(), 1.0, vec2(9000.0, -9000.0));
        let picture = camera.picture(body(), 1.0);
        assert!(picture.left() <= body().left() + 0.1 && picture.bottom() >= body().bottom() - 0.1);
    }

    #[test]
    fn outside_the_picture_there_is_no_pixel() {
        assert_eq!(Camera::default().pixel_at(body(), 1.0, pos2(101.0, 51.0)), None);
    }
}
