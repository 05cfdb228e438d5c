//! A scene that takes the room that it gets, before anything has measured it.

use super::{attribute, classes, label, open_group, push_escaped, write_mark};
use crate::decimal::{push_tenths, tenths};
use crate::scene::{Anchor, Mark, Point, Scene};

/// Appends a scene as an `<svg>` element whose shapes stretch with its room, while texts, dots and strokes keep their size.
///
/// For charts whose shapes have no angles to keep: a ring would become an oval. The style sheet gives the element its size.
pub fn push_fluid_svg(out: &mut String, scene: &Scene) {
    out.push_str("<svg class=\"eb-chart eb-fluid\" role=\"img\" direction=\"ltr");
    attribute(out, "width", tenths(scene.size.width));
    attribute(out, "height", tenths(scene.size.height));
    label(out, scene);
    let mut open = Open::Nothing;
    for mark in &scene.marks {
        let wanted = Open::of(mark);
        if wanted != open {
            open.close(out);
            wanted.begin(out, scene);
            open = wanted;
        }
        push_mark(out, mark, scene);
    }
    open.close(out);
    out.push_str("</svg>");
}

/// What the marks that follow stand in.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Open {
    Nothing,
    /// An element of its own, which stretches what is in it.
    Shapes,
    Texts(&'static str, Anchor),
}

impl Open {
    fn of(mark: &Mark) -> Self {
        match mark {
            Mark::Path { .. } => Self::Shapes,
            Mark::Circle { .. } => Self::Nothing,
            Mark::Text { style, anchor, .. } => Self::Texts(style.class(), *anchor),
        }
    }

    fn begin(self, out: &mut String, scene: &Scene) {
        match self {
            Self::Nothing => {}
            Self::Shapes => {
                out.push_str("<svg preserveAspectRatio=\"none\" viewBox=\"0 0 ");
                push_tenths(out, tenths(scene.size.width));
                out.push(' ');
                push_tenths(out, tenths(scene.size.height));
                out.push_str("\">");
            }
            Self::Texts(class, anchor) => open_group(out, class, anchor, &mut None),
        }
    }

    fn close(self, out: &mut String) {
        out.push_str(match self {
            Self::Nothing => "",
            Self::Shapes => "</svg>",
            Self::Texts(..) => "</g>",
        });
    }
}

fn push_mark(out: &mut String, mark: &Mark, scene: &Scene) {
    let share = |at: Point| {
        (
            at.x / scene.size.width * 100.0,
            at.y / scene.size.height * 100.0,
        )
    };
    match mark {
        Mark::Path { .. } => write_mark(out, mark, &mut None),
        Mark::Circle {
            shape,
            slot,
            center,
            radius,
        } => {
            out.push_str("<circle class=\"");
            classes(out, shape.class(), *slot);
            let (x, y) = share(*center);
            out.push_str(&format!("\" cx=\"{x:.2}%\" cy=\"{y:.2}%"));
            attribute(out, "r", tenths(*radius));
            out.push_str("\"/>");
        }
        Mark::Text { at, text, .. } => {
            let (x, y) = share(*at);
            out.push_str(&format!("<text x=\"{x:.2}%\" y=\"{y:.2}%\">"));
            push_escaped(out, text);
            out.push_str("</text>");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scene::{Hits, Path, Rect, Shape, Size, Slot, TextStyle};

    #[test]
    fn shapes_stretch_and_texts_and_dots_keep_their_place_in_the_room() {
        let size = Size::new(200.0, 50.0);
        let mut scene = Scene {
            size,
            title: "Calls".to_owned(),
            summary: String::new(),
            empty: false,
            plot: Rect::new(0.0, 0.0, 200.0, 50.0),
            marks: Vec::new(),
            hits: Hits::None,
            legend: Vec::new(),
        };
        let line = |y: f64| {
            let mut path = Path::default();
            path.move_to(0.0, y);
            path.line_to(200.0, y);
            path
        };
        scene.path(Shape::Grid, Slot::Plain, line(10.0));
        scene.path(Shape::Line, Slot::Series(0), line(20.0));
        scene.circle(Shape::Dot, Slot::Series(0), Point::new(50.0, 20.0), 2.5);
        let at = Point::new(100.0, 48.0);
        scene.text(TextStyle::Tick, Anchor::Middle, at, "<May>".to_owned());
        let mut out = String::new();
        push_fluid_svg(&mut out, &scene);
        assert_eq!(
            out,
            "<svg class=\"eb-chart eb-fluid\" role=\"img\" direction=\"ltr\" width=\"200\" height=\"50\" aria-label=\"Calls\">\
             <svg preserveAspectRatio=\"none\" viewBox=\"0 0 200 50\"><path class=\"eb-grid\" d=\"M0 10h200\"/>\
             <path class=\"eb-line eb-s0\" d=\"M0 20h200\"/></svg>\
             <circle class=\"eb-dot eb-s0\" cx=\"25.00%\" cy=\"40.00%\" r=\"2.5\"/>\
             <g class=\"eb-tick\" text-anchor=\"middle\"><text x=\"50.00%\" y=\"96.00%\">&lt;May&gt;</text></g></svg>"
        );
    }
}
