//! A scene that takes the room that it gets, before anything has measured it.

use super::{attribute, classes, label, push_escaped, write_mark};
use crate::decimal::{push_tenths, tenths};
use crate::scene::{Anchor, Mark, Point, Scene};

/// Least room of a chart on a phone, in CSS pixels: names of an axis that do not fit are thinned out there.
const NARROW: f64 = 300.0;
/// Room between two names, in CSS pixels.
const NAMES_APART: f64 = 8.0;

/// Appends a scene as an `<svg>` element whose plot stretches with its room, while texts, dots and strokes keep their size,
/// and what stands beside the plot its distance from it.
///
/// For charts whose shapes have no angles to keep: a ring would become an oval. The style sheet gives the element the size
/// of its room; its padding is what the sides take, so that all that is inside is measured in shares of the plot. A text that
/// is one of too many for a phone stands in a group of the class `eb-tN`: of each N one fits.
pub fn push_fluid_svg(out: &mut String, scene: &Scene) {
    let frame = Frame::of(scene);
    out.push_str("<svg class=\"eb-chart eb-fluid\" role=\"img\" direction=\"ltr");
    attribute(out, "width", tenths(scene.size.width));
    attribute(out, "height", tenths(scene.size.height));
    out.push_str("\" style=\"padding: 0 ");
    push_tenths(out, tenths(scene.size.width - frame.right));
    out.push_str("px 0 ");
    push_tenths(out, tenths(frame.left));
    out.push_str("px");
    label(out, scene);
    let mut open = Open::Nothing;
    for (position, mark) in scene.marks.iter().enumerate() {
        let wanted = frame.group(mark);
        if wanted != open {
            open.close(out);
            wanted.begin(out, &frame, scene.marks.get(position..).unwrap_or_default());
            open = wanted;
        }
        frame.push(out, mark);
    }
    open.close(out);
    out.push_str("</svg>");
}

/// What the marks that follow stand in.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Open {
    Nothing,
    /// An element of its own, which stretches what is in it.
    Plot,
    /// Shapes below the plot, at a distance from its right end.
    Foot,
    Texts(&'static str, Anchor),
}

impl Open {
    fn begin(self, out: &mut String, frame: &Frame, marks: &[Mark]) {
        match self {
            Self::Nothing => {}
            Self::Plot => {
                out.push_str("<svg preserveAspectRatio=\"none\" viewBox=\"");
                for (number, end) in [
                    (frame.left, " 0 "),
                    (frame.width(), " "),
                    (frame.height, "\">"),
                ] {
                    push_tenths(out, tenths(number));
                    out.push_str(end);
                }
            }
            Self::Foot => {
                let down = frame.foot / frame.height * 100.0;
                out.push_str(&format!(
                    "<svg x=\"100%\" y=\"{down:.2}%\"><g transform=\"translate("
                ));
                push_tenths(out, tenths(-frame.right));
                out.push(' ');
                push_tenths(out, tenths(-frame.foot));
                out.push_str(")\">");
            }
            Self::Texts(class, anchor) => {
                out.push_str("<g class=\"");
                out.push_str(class);
                out.push_str(thinning(frame, marks));
                out.push_str(match anchor {
                    Anchor::Start => "\">",
                    Anchor::Middle => "\" text-anchor=\"middle\">",
                    Anchor::End => "\" text-anchor=\"end\">",
                });
            }
        }
    }

    fn close(self, out: &mut String) {
        out.push_str(match self {
            Self::Nothing => "",
            Self::Plot => "</svg>",
            Self::Foot => "</g></svg>",
            Self::Texts(..) => "</g>",
        });
    }
}

/// How many of the names that a group begins with fit on a phone, when they stand beside each other.
fn thinning(frame: &Frame, marks: &[Mark]) -> &'static str {
    let first = marks.first().map(|mark| frame.group(mark));
    let names = marks
        .iter()
        .take_while(|mark| Some(frame.group(mark)) == first);
    let (mut wanted, mut line) = (0.0, None);
    for name in names {
        if let Mark::Text { at, .. } = name {
            if *line.get_or_insert(at.y) != at.y {
                return "";
            }
            wanted += name.bounds().width() + NAMES_APART;
        }
    }
    match (wanted / NARROW).ceil() {
        n if n <= 1.0 => "",
        n if n <= 2.0 => " eb-t2",
        n if n <= 3.0 => " eb-t3",
        _ => " eb-t4",
    }
}

/// The plot, and what stands below it at its right end.
struct Frame {
    left: f64,
    right: f64,
    top: f64,
    height: f64,
    /// Where the shapes below the plot begin.
    foot: f64,
}

impl Frame {
    fn of(scene: &Scene) -> Self {
        let (left, right) = (scene.plot.left, scene.plot.right);
        let below = scene.marks.iter().filter_map(|mark| match mark {
            Mark::Path { .. } => {
                Some(mark.bounds().top).filter(|top| *top > scene.plot.bottom + 2.0)
            }
            Mark::Circle { .. } | Mark::Text { .. } => None,
        });
        Self {
            left,
            right: right.max(left + 1.0),
            top: scene.plot.top,
            height: scene.size.height,
            foot: below.fold(f64::INFINITY, f64::min),
        }
    }

    fn width(&self) -> f64 {
        self.right - self.left
    }

    fn group(&self, mark: &Mark) -> Open {
        match mark {
            Mark::Path { .. } if mark.bounds().top >= self.foot => Open::Foot,
            Mark::Path { .. } => Open::Plot,
            Mark::Circle { .. } => Open::Nothing,
            Mark::Text { style, anchor, .. } => Open::Texts(style.class(), *anchor),
        }
    }

    /// Where a text stands: how far from the left end of the plot, as CSS writes it, and how many pixels from there.
    /// What begins or ends above the plot keeps its distance from that end: texts there stand beside each other.
    fn across(&self, at: Point, anchor: Anchor) -> (String, f64) {
        let above = at.y < self.top;
        if at.x < self.left - 0.5 || above && anchor == Anchor::Start {
            (String::from("0"), at.x - self.left)
        } else if at.x > self.right + 0.5 || at.y >= self.foot || above && anchor == Anchor::End {
            (String::from("100%"), at.x - self.right)
        } else {
            (
                format!("{:.2}%", (at.x - self.left) / self.width() * 100.0),
                0.0,
            )
        }
    }

    fn push(&self, out: &mut String, mark: &Mark) {
        let down = |at: Point| at.y / self.height * 100.0;
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
                let x = (center.x - self.left) / self.width() * 100.0;
                out.push_str(&format!("\" cx=\"{x:.2}%\" cy=\"{:.2}%", down(*center)));
                attribute(out, "r", tenths(*radius));
                out.push_str("\"/>");
            }
            Mark::Text {
                at, anchor, text, ..
            } => {
                let (x, dx) = self.across(*at, *anchor);
                out.push_str(&format!("<text x=\"{x}\" y=\"{:.2}%", down(*at)));
                if dx != 0.0 {
                    attribute(out, "dx", tenths(dx));
                }
                out.push_str("\">");
                push_escaped(out, text);
                out.push_str("</text>");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scene::{Hits, Path, Rect, Shape, Size, Slot, TextStyle};

    fn line(from: f64, to: f64, y: f64) -> Path {
        let mut path = Path::default();
        path.move_to(from, y);
        path.line_to(to, y);
        path
    }

    #[test]
    fn the_plot_stretches_and_texts_dots_and_sides_keep_their_size() {
        let mut scene = Scene {
            size: Size::new(200.0, 50.0),
            title: "Calls".to_owned(),
            summary: String::new(),
            empty: false,
            plot: Rect::new(40.0, 0.0, 190.0, 30.0),
            marks: Vec::new(),
            hits: Hits::None,
            legend: Vec::new(),
        };
        let text = |scene: &mut Scene, anchor, x, y, text: &str| {
            scene.text(TextStyle::Tick, anchor, Point::new(x, y), text.to_owned());
        };
        scene.path(Shape::Line, Slot::Series(0), line(40.0, 190.0, 20.0));
        scene.circle(Shape::Dot, Slot::Series(0), Point::new(115.0, 20.0), 2.5);
        text(&mut scene, Anchor::End, 30.0, 20.0, "7");
        text(&mut scene, Anchor::Middle, 115.0, 40.0, "<May>");
        text(&mut scene, Anchor::Start, 70.0, -5.0, "/ 9K");
        text(&mut scene, Anchor::End, 160.0, -5.0, "51%");
        scene.path(Shape::Cell, Slot::Level(1), line(150.0, 160.0, 45.0));
        text(&mut scene, Anchor::Start, 170.0, 48.0, "More");
        let mut out = String::new();
        push_fluid_svg(&mut out, &scene);
        assert_eq!(
            out,
            "<svg class=\"eb-chart eb-fluid\" role=\"img\" direction=\"ltr\" width=\"200\" height=\"50\" \
             style=\"padding: 0 10px 0 40px\" aria-label=\"Calls\">\
             <svg preserveAspectRatio=\"none\" viewBox=\"40 0 150 50\"><path class=\"eb-line eb-s0\" d=\"M40 20h150\"/></svg>\
             <circle class=\"eb-dot eb-s0\" cx=\"50.00%\" cy=\"40.00%\" r=\"2.5\"/>\
             <g class=\"eb-tick\" text-anchor=\"end\"><text x=\"0\" y=\"40.00%\" dx=\"-10\">7</text></g>\
             <g class=\"eb-tick\" text-anchor=\"middle\"><text x=\"50.00%\" y=\"80.00%\">&lt;May&gt;</text></g>\
             <g class=\"eb-tick\"><text x=\"0\" y=\"-10.00%\" dx=\"30\">/ 9K</text></g>\
             <g class=\"eb-tick\" text-anchor=\"end\"><text x=\"100%\" y=\"-10.00%\" dx=\"-30\">51%</text></g>\
             <svg x=\"100%\" y=\"90.00%\"><g transform=\"translate(-190 -45)\"><path class=\"eb-cell eb-h1\" d=\"M150 45h10\"/></g></svg>\
             <g class=\"eb-tick\"><text x=\"100%\" y=\"96.00%\" dx=\"-20\">More</text></g></svg>"
        );
    }

    #[test]
    fn names_that_are_too_many_for_a_phone_are_thinned_out_there() {
        for (count, class) in [
            (4, "eb-tick\""),
            (12, "eb-tick eb-t2\""),
            (24, "eb-tick eb-t4\""),
        ] {
            let plot = Rect::new(0.0, 0.0, 1000.0, 30.0);
            let mut scene = Scene {
                size: Size::new(1000.0, 50.0),
                title: String::new(),
                summary: String::new(),
                empty: false,
                plot,
                marks: Vec::new(),
                hits: Hits::None,
                legend: Vec::new(),
            };
            for name in 0..count {
                let at = Point::new(f64::from(name) * 40.0, 40.0);
                scene.text(TextStyle::Tick, Anchor::Middle, at, "12 PM".to_owned());
            }
            let mut out = String::new();
            push_fluid_svg(&mut out, &scene);
            assert!(out.contains(class), "{count}: {out}");
        }
    }
}
