//! Icons as strokes and shapes, so that they are sharp at every scale and follow the text colour.

use egui::epaint::PathShape;
use egui::{Color32, CornerRadius, Painter, Pos2, Rect, Shape, Stroke, StrokeKind, Vec2, pos2, vec2};

/// What an icon shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Icon {
    /// A triangle: begin, go on.
    Play,
    /// Two bars: hold.
    Pause,
    /// A triangle and a bar: one step.
    Step,
    /// A square: end.
    Stop,
    /// An open eye: present, visible.
    Eye,
    /// A struck-out eye: dropped, hidden.
    EyeOff,
    /// To the previous.
    Left,
    /// To the next.
    Right,
    /// Opens a list.
    Down,
    /// Find.
    Search,
    /// The whole picture.
    Fit,
    /// Two pictures side by side with a line between.
    Swipe,
    /// A triangle outline: what differs.
    Difference,
    /// A folder.
    Folder,
    /// A cross: close.
    Close,
    /// A turning arrow: restart, reset.
    Restart,
    /// A tag: the label.
    Label,
    /// A circle with a cross-bar: errors.
    Errors,
    /// A question mark: help.
    Help,
    /// A triangle with a mark: warning.
    Warning,
    /// Fills the pane.
    Maximise,
    /// Lines with handles: settings.
    Sliders,
    /// A pin: kept over time.
    Pin,
    /// A tick: done, chosen.
    Check,
}

impl Icon {
    /// Paints the icon centred in `rect`, 14 points wide unless the rectangle is smaller.
    pub fn paint(self, painter: &Painter, rect: Rect, colour: Color32) {
        let side = rect.width().min(rect.height()).min(14.0);
        let frame = Rect::from_center_size(rect.center(), Vec2::splat(side));
        let at = |x: f32, y: f32| pos2(frame.left() + x * side, frame.top() + y * side);
        let stroke = Stroke::new((side / 10.0).max(1.2), colour);
        let line = |points: &[(f32, f32)]| {
            painter.add(Shape::line(points.iter().map(|&(x, y)| at(x, y)).collect(), stroke));
        };
        let solid = |points: &[(f32, f32)]| {
            let points: Vec<Pos2> = points.iter().map(|&(x, y)| at(x, y)).collect();
            painter.add(Shape::convex_polygon(points, colour, Stroke::NONE));
        };
        let bar = |x0: f32, y0: f32, x1: f32, y1: f32| {
            painter.rect_filled(Rect::from_min_max(at(x0, y0), at(x1, y1)), CornerRadius::same(1), colour);
        };
        let curve = |centre: (f32, f32), radius: f32, from: f32, to: f32| {
            let points = (0..=20)
                .map(|part| {
                    let angle = (from + (to - from) * part as f32 / 20.0) * std::f32::consts::TAU;
                    at(centre.0 + radius * angle.cos(), centre.1 + radius * angle.sin())
                })
                .collect();
            painter.add(Shape::Path(PathShape::line(points, stroke)));
        };
        match self {
            Self::Play => solid(&[(0.22, 0.1), (0.9, 0.5), (0.22, 0.9)]),
            Self::Pause => {
                bar(0.2, 0.12, 0.4, 0.88);
                bar(0.6, 0.12, 0.8, 0.88);
            }
            Self::Step => {
                solid(&[(0.12, 0.12), (0.68, 0.5), (0.12, 0.88)]);
                bar(0.72, 0.12, 0.88, 0.88);
            }
            Self::Stop => bar(0.18, 0.18, 0.82, 0.82),
            Self::Eye | Self::EyeOff => {
                let lid = |sign: f32| {
                    let points = (0..=12)
                        .map(|part| {
                            let x = part as f32 / 12.0;
                            at(0.02 + 0.96 * x, 0.5 - sign * 0.29 * (x * std::f32::consts::PI).sin())
                        })
                        .collect();
                    painter.add(Shape::line(points, stroke));
                };
                lid(1.0);
                lid(-1.0);
                painter.circle_filled(frame.center(), side * 0.14, colour);
                if self == Self::EyeOff {
                    line(&[(0.12, 0.9), (0.88, 0.1)]);
                }
            }
            Self::Left => line(&[(0.62, 0.18), (0.32, 0.5), (0.62, 0.82)]),
            Self::Right => line(&[(0.38, 0.18), (0.68, 0.5), (0.38, 0.82)]),
            Self::Down => line(&[(0.22, 0.38), (0.5, 0.66), (0.78, 0.38)]),
            Self::Search => {
                painter.circle_stroke(at(0.42, 0.42), side * 0.3, stroke);
                line(&[(0.64, 0.64), (0.92, 0.92)]);
            }
            Self::Fit => {
                line(&[(0.08, 0.34), (0.08, 0.08), (0.34, 0.08)]);
                line(&[(0.66, 0.08), (0.92, 0.08), (0.92, 0.34)]);
                line(&[(0.92, 0.66), (0.92, 0.92), (0.66, 0.92)]);
                line(&[(0.34, 0.92), (0.08, 0.92), (0.08, 0.66)]);
            }
            Self::Swipe => {
                line(&[(0.5, 0.02), (0.5, 0.98)]);
                line(&[(0.3, 0.3), (0.08, 0.5), (0.3, 0.7)]);
                line(&[(0.7, 0.3), (0.92, 0.5), (0.7, 0.7)]);
            }
            Self::Difference => line(&[(0.5, 0.1), (0.94, 0.88), (0.06, 0.88), (0.5, 0.1)]),
            Self::Folder => {
                line(&[(0.06, 0.82), (0.06, 0.2), (0.4, 0.2), (0.5, 0.34), (0.94, 0.34), (0.94, 0.82), (0.06, 0.82)]);
            }
            Self::Close => {
                line(&[(0.2, 0.2), (0.8, 0.8)]);
                line(&[(0.8, 0.2), (0.2, 0.8)]);
            }
            Self::Restart => {
                curve((0.5, 0.52), 0.38, -0.12, 0.72);
                line(&[(0.82, 0.02), (0.8, 0.28), (0.54, 0.26)]);
            }
            Self::Label => {
                line(&[(0.06, 0.06), (0.52, 0.06), (0.94, 0.48), (0.5, 0.94), (0.06, 0.5), (0.06, 0.06)]);
                painter.circle_filled(at(0.3, 0.3), side * 0.08, colour);
            }
            Self::Errors => {
                painter.circle_stroke(frame.center(), side * 0.42, stroke);
                line(&[(0.22, 0.78), (0.78, 0.22)]);
            }
            Self::Help => {
                curve((0.5, 0.32), 0.23, -0.5, 0.2);
                line(&[(0.57, 0.54), (0.5, 0.66)]);
                painter.circle_filled(at(0.5, 0.88), side * 0.07, colour);
            }
            Self::Warning => {
                line(&[(0.5, 0.08), (0.96, 0.9), (0.04, 0.9), (0.5, 0.08)]);
                line(&[(0.5, 0.38), (0.5, 0.62)]);
                painter.circle_filled(at(0.5, 0.76), side * 0.055, colour);
            }
            Self::Maximise => {
                let inner = Rect::from_min_max(at(0.08, 0.14), at(0.92, 0.86));
                painter.rect_stroke(inner, CornerRadius::same(1), stroke, StrokeKind::Middle);
                line(&[(0.08, 0.34), (0.92, 0.34)]);
            }
            Self::Sliders => {
                for (y, x) in [(0.2, 0.68), (0.5, 0.3), (0.8, 0.6)] {
                    line(&[(0.06, y), (0.94, y)]);
                    painter.circle_filled(at(x, y), side * 0.13, colour);
                }
            }
            Self::Pin => {
                line(&[(0.3, 0.08), (0.7, 0.08)]);
                line(&[(0.36, 0.08), (0.34, 0.4), (0.16, 0.6), (0.84, 0.6), (0.66, 0.4), (0.64, 0.08)]);
                line(&[(0.5, 0.6), (0.5, 0.96)]);
            }
            Self::Check => line(&[(0.14, 0.52), (0.4, 0.78), (0.88, 0.22)]),
        }
    }

    /// The room an icon takes in a row.
    pub fn room() -> Vec2 {
        vec2(14.0, 14.0)
    }
}
