//! A scene as SVG text.

mod fluid;

pub use fluid::push_fluid_svg;

use crate::decimal::{push_tenths, tenths};
use crate::scene::{Anchor, Mark, Scene, Slot};

/// Writes a scene as one `<svg>` element.
///
/// The text is the same for the same scene on every machine; coordinates have at most one decimal.
/// Colours and fonts come from classes, which `palette.css` defines; labels are escaped.
pub fn render_svg(scene: &Scene) -> String {
    let mut out = String::with_capacity(512 + scene.marks.len() * 64);
    push_svg(&mut out, scene);
    out
}

/// As [`render_svg`], at the end of a longer text.
pub fn push_svg(out: &mut String, scene: &Scene) {
    out.push_str("<svg class=\"eb-chart\" role=\"img\" direction=\"ltr\" viewBox=\"0 0 ");
    push_tenths(out, tenths(scene.size.width));
    out.push(' ');
    push_tenths(out, tenths(scene.size.height));
    attribute(out, "width", tenths(scene.size.width));
    attribute(out, "height", tenths(scene.size.height));
    label(out, scene);
    let mut group = None;
    for mark in &scene.marks {
        write_mark(out, mark, &mut group);
    }
    if group.is_some() {
        out.push_str("</g>");
    }
    out.push_str("</svg>");
}

/// Ends the attribute before, and the tag after what is read out.
fn label(out: &mut String, scene: &Scene) {
    out.push_str("\" aria-label=\"");
    push_escaped(out, &scene.title);
    if !scene.title.is_empty() && !scene.summary.is_empty() {
        out.push_str(": ");
    }
    push_escaped(out, &scene.summary);
    out.push_str("\">");
}

/// The group of texts that is open: its class and its anchor.
type TextGroup = Option<(&'static str, Anchor)>;

fn write_mark(out: &mut String, mark: &Mark, group: &mut TextGroup) {
    if !matches!(mark, Mark::Text { .. }) && group.take().is_some() {
        out.push_str("</g>");
    }
    match mark {
        Mark::Path { shape, slot, path } => {
            out.push_str("<path class=\"");
            classes(out, shape.class(), *slot);
            out.push_str("\" d=\"");
            path.write_d(out);
            out.push_str("\"/>");
        }
        Mark::Circle {
            shape,
            slot,
            center,
            radius,
        } => {
            out.push_str("<circle class=\"");
            classes(out, shape.class(), *slot);
            attribute(out, "cx", tenths(center.x));
            attribute(out, "cy", tenths(center.y));
            attribute(out, "r", tenths(*radius));
            out.push_str("\"/>");
        }
        Mark::Text {
            style,
            anchor,
            at,
            text,
        } => {
            if *group != Some((style.class(), *anchor)) {
                open_group(out, style.class(), *anchor, group);
            }
            out.push_str("<text x=\"");
            push_tenths(out, tenths(at.x));
            attribute(out, "y", tenths(at.y));
            out.push_str("\">");
            push_escaped(out, text);
            out.push_str("</text>");
        }
    }
}

fn open_group(out: &mut String, class: &'static str, anchor: Anchor, group: &mut TextGroup) {
    if group.is_some() {
        out.push_str("</g>");
    }
    out.push_str("<g class=\"");
    out.push_str(class);
    out.push_str(match anchor {
        Anchor::Start => "\">",
        Anchor::Middle => "\" text-anchor=\"middle\">",
        Anchor::End => "\" text-anchor=\"end\">",
    });
    *group = Some((class, anchor));
}

fn classes(out: &mut String, shape: &str, slot: Slot) {
    out.push_str(shape);
    if slot != Slot::Plain {
        out.push(' ');
        out.push_str(slot.class());
    }
}

/// Ends the attribute before and begins this one, which the next ends.
fn attribute(out: &mut String, name: &str, value: i64) {
    out.push_str("\" ");
    out.push_str(name);
    out.push_str("=\"");
    push_tenths(out, value);
}

/// Appends text for element content or a double-quoted attribute.
///
/// Characters that XML 1.0 forbids are left out, so that the result parses as XML as well.
pub fn push_escaped(out: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\t' | '\n' | '\r' => out.push(' '),
            '\0'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => {}
            other => out.push(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_of_a_label_can_become_markup() {
        let mut out = String::new();
        push_escaped(
            &mut out,
            "</text><script>alert('1')</script> \"x\" & y\u{0}\u{b}\n",
        );
        assert_eq!(
            out,
            "&lt;/text&gt;&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt; &quot;x&quot; &amp; y "
        );
    }
}
