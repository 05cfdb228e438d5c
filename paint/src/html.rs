//! HTML as text. Everything that comes from outside is escaped here and nowhere else.

use emban_chart::push_escaped;

/// How positions and sizes stand in the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Styles {
    /// As `style` attributes, for a document of ours, whose policy allows them.
    Attribute,
    /// As `data-s`, for a script to put in place: the policy of a host's page may forbid `style` attributes, never
    /// what a script sets.
    Script,
}

/// A length or a count in a style.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Css {
    /// CSS pixels, to a tenth.
    Px(f64),
    /// Percent, to a tenth.
    Percent(f64),
    /// Grid lines and spans.
    Count(u32),
}

/// HTML in the making.
///
/// Only text of this source can be markup: [`Self::raw`] takes nothing that lives shorter than the program.
#[derive(Debug)]
pub(crate) struct Html {
    out: String,
    styles: Styles,
}

impl Html {
    pub(crate) fn new(styles: Styles) -> Self {
        Self {
            out: String::new(),
            styles,
        }
    }

    /// Markup of this source.
    pub(crate) fn raw(&mut self, markup: &'static str) -> &mut Self {
        self.out.push_str(markup);
        self
    }

    /// Any text, escaped.
    pub(crate) fn text(&mut self, text: &str) -> &mut Self {
        push_escaped(&mut self.out, text);
        self
    }

    /// ` name="value"`, with any value, escaped.
    pub(crate) fn attr(&mut self, name: &'static str, value: &str) -> &mut Self {
        self.raw(" ").raw(name).raw("=\"").text(value).raw("\"")
    }

    /// ` name="7"`
    pub(crate) fn count(&mut self, name: &'static str, value: usize) -> &mut Self {
        self.raw(" ").raw(name).raw("=\"");
        self.out.push_str(&value.to_string());
        self.raw("\"")
    }

    /// Positions and sizes, written as a browser writes them back, so that equal ones compare equal.
    pub(crate) fn style(&mut self, properties: &[(&'static str, Css)]) -> &mut Self {
        self.raw(match self.styles {
            Styles::Attribute => " style=\"",
            Styles::Script => " data-s=\"",
        });
        for (at, (name, value)) in properties.iter().enumerate() {
            self.raw(if at == 0 { "" } else { " " }).raw(name).raw(": ");
            let (number, unit) = match *value {
                Css::Px(px) => (px, "px;"),
                Css::Percent(percent) => (percent, "%;"),
                Css::Count(count) => (f64::from(count), ";"),
            };
            push_tenths(&mut self.out, number);
            self.raw(unit);
        }
        self.raw("\"")
    }

    /// What a chart is written at the end of; its labels are escaped by the same function.
    pub(crate) fn end(&mut self) -> &mut String {
        &mut self.out
    }

    pub(crate) fn finish(self) -> String {
        self.out
    }
}

/// As CSS texts are written back: `0.5`, `-3`, `12.4`; without the float machinery of `core::fmt`, which is large.
fn push_tenths(out: &mut String, value: f64) {
    let tenths = (value * 10.0).round() as i64;
    if tenths < 0 {
        out.push('-');
    }
    let magnitude = tenths.unsigned_abs();
    out.push_str(&(magnitude / 10).to_string());
    if !magnitude.is_multiple_of(10) {
        out.push('.');
        out.push_str(&(magnitude % 10).to_string());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_becomes_markup_and_no_value_ends_its_attribute() {
        let hostile = "\"><script>alert('1')</script>&";
        let mut html = Html::new(Styles::Attribute);
        html.raw("<p")
            .attr("title", hostile)
            .raw(">")
            .text(hostile)
            .raw("</p>");
        let safe = "&quot;&gt;&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;&amp;";
        assert_eq!(html.finish(), format!("<p title=\"{safe}\">{safe}</p>"));
    }

    #[test]
    fn styles_stand_as_a_browser_writes_them() {
        let write = |styles| {
            let mut html = Html::new(styles);
            html.style(&[
                ("left", Css::Px(0.25)),
                ("--em-x", Css::Count(3)),
                ("inline-size", Css::Percent(43.21)),
            ]);
            html.finish()
        };
        assert_eq!(
            write(Styles::Attribute),
            " style=\"left: 0.3px; --em-x: 3; inline-size: 43.2%;\""
        );
        assert_eq!(
            write(Styles::Script),
            " data-s=\"left: 0.3px; --em-x: 3; inline-size: 43.2%;\""
        );
    }
}
