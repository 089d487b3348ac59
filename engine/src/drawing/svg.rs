//! Drawings as SVG, with letters that stay text.

use std::fmt::Write as _;

use super::shape::{Anchor, Drawing, Ink, Place, Shape};

/// Where the window's letters are not installed, those that are closest.
const FAMILY: &str = "Inter, 'Helvetica Neue', Helvetica, Arial, sans-serif";

impl Drawing {
    /// As an SVG file.
    pub fn svg(&self) -> String {
        let Self { width, height, title, shapes } = self;
        let title = escaped(title);
        let mut text = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} \
             {height}\" role=\"img\" stroke=\"none\" font-family=\"{FAMILY}\">\n<title>{title}</title>\n<rect width=\"{width}\" \
             height=\"{height}\" fill=\"#ffffff\"/>\n"
        );
        for shape in shapes {
            // Text takes all that is written.
            let _written = writeln!(text, "{}", element(shape));
        }
        text.push_str("</svg>\n");
        text
    }
}

fn element(shape: &Shape) -> String {
    match shape {
        Shape::Line { from: [x, y], to: [to_x, to_y], width, ink } => format!(
            "<line x1=\"{x:.2}\" y1=\"{y:.2}\" x2=\"{to_x:.2}\" y2=\"{to_y:.2}\" stroke=\"{}\" stroke-width=\"{width}\"/>",
            colour(*ink)
        ),
        Shape::Path { places, width, ink } => format!(
            "<polyline points=\"{}\" fill=\"none\" stroke=\"{}\" stroke-width=\"{width}\" stroke-linejoin=\"round\"/>",
            points(places),
            colour(*ink)
        ),
        Shape::Area { places, ink } => {
            format!("<polygon points=\"{}\" fill=\"{}\"/>", points(places), colour(*ink))
        }
        Shape::Rect { from: [x, y], size: [width, height], ink } => format!(
            "<rect x=\"{x:.2}\" y=\"{y:.2}\" width=\"{width:.2}\" height=\"{height:.2}\" fill=\"{}\"/>",
            colour(*ink)
        ),
        Shape::Dot { at: [x, y], radius, ink } => {
            format!("<circle cx=\"{x:.2}\" cy=\"{y:.2}\" r=\"{radius}\" fill=\"{}\"/>", colour(*ink))
        }
        Shape::Diamond { at: [x, y], radius, width, ink } => {
            let corners = [[*x, y - radius], [x + radius, *y], [*x, y + radius], [x - radius, *y]];
            format!(
                "<polygon points=\"{}\" fill=\"#ffffff\" stroke=\"{}\" stroke-width=\"{width}\"/>",
                points(&corners),
                colour(*ink)
            )
        }
        Shape::Text { at: [x, y], anchor, size, weight, ink, text } => {
            let anchor = match anchor {
                Anchor::Start => "start",
                Anchor::Middle => "middle",
                Anchor::End => "end",
            };
            format!(
                "<text x=\"{x:.2}\" y=\"{y:.2}\" text-anchor=\"{anchor}\" font-size=\"{size}\" font-weight=\"{}\" \
                 fill=\"{}\">{}</text>",
                weight.number(),
                colour(*ink),
                escaped(text)
            )
        }
    }
}

fn points(places: &[Place]) -> String {
    places.iter().map(|[x, y]| format!("{x:.2},{y:.2}")).collect::<Vec<_>>().join(" ")
}

fn colour([red, green, blue]: Ink) -> String {
    format!("#{red:02x}{green:02x}{blue:02x}")
}

/// Text with nothing in it that XML would obey or refuses.
fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            control if control.is_control() || matches!(control, '\u{fffe}' | '\u{ffff}') => safe.push(' '),
            other => safe.push(other),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::drawing::Weight;

    #[test]
    fn names_with_anything_in_them_stay_text() {
        let text = "a < b & \"c\" > d\u{0}\u{1b}[31m".to_owned();
        let shape = Shape::Text {
            at: [1.0, 2.0],
            anchor: Anchor::End,
            size: 12.0,
            weight: Weight::Semibold,
            ink: [0, 16, 255],
            text: text.clone(),
        };
        let path = Shape::Path { places: vec![[1.0, 2.0], [3.0, 4.5]], width: 2.0, ink: [0; 3] };
        let svg = Drawing { width: 10.0, height: 5.0, title: text, shapes: vec![shape, path] }.svg();
        assert_eq!(svg.matches("a &lt; b &amp; &quot;c&quot; &gt; d  [31m").count(), 2, "{svg}");
        assert!(svg.contains("fill=\"#0010ff\"") && svg.contains("text-anchor=\"end\""), "{svg}");
        assert!(svg.contains("points=\"1.00,2.00 3.00,4.50\" fill=\"none\""), "{svg}");
        assert!(svg.chars().all(|letter| letter == '\n' || !letter.is_control()));
    }
}
