//! A chart as a picture of its own: what the page's style sheet says is written into it.

use emban_chart::{push_escaped, text_width};
use js_sys::{Array, encode_uri_component};
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    Blob, BlobPropertyBag, CanvasRenderingContext2d, CssStyleDeclaration, Element,
    HtmlCanvasElement, HtmlImageElement, XmlSerializer,
};

use super::file;
use super::task::spawn;

/// What the picture is written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Dots, two for each CSS pixel.
    Png,
    /// Lines and texts.
    Svg,
}

impl Kind {
    /// The word of the browser protocol, and the end of the file's name.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Png => "png",
            Self::Svg => "svg",
        }
    }
}

/// The properties that draw a chart.
const PROPERTIES: [&str; 12] = [
    "fill",
    "fill-opacity",
    "stroke",
    "stroke-width",
    "stroke-opacity",
    "stroke-dasharray",
    "stroke-linecap",
    "stroke-linejoin",
    "paint-order",
    "font-size",
    "font-weight",
    "letter-spacing",
];
/// Room around the chart, in CSS pixels.
const MARGIN: f64 = 16.0;
/// Height of a line of the legend, in CSS pixels.
const LINE: f64 = 20.0;

/// Whether a card shows a chart.
pub(crate) fn is_drawn(card: &Element) -> bool {
    chart_of(card).is_some()
}

fn chart_of(card: &Element) -> Option<Element> {
    card.query_selector(".em-svg > svg").ok().flatten()
}

/// Saves the chart of a card under a name, and says whether that worked.
pub(crate) fn save(
    card: &Element,
    kind: Kind,
    name: String,
    done: impl FnOnce(Option<()>) + 'static,
) {
    let picture = svg(card, &title_of(card));
    spawn(async move {
        done(match (picture, kind) {
            (Some(svg), Kind::Svg) => saved_svg(&svg, &name),
            (Some(svg), Kind::Png) => saved_png(&svg, &name).await,
            (None, _) => None,
        });
    });
}

fn saved_svg(svg: &str, name: &str) -> Option<()> {
    let about = BlobPropertyBag::new();
    about.set_type("image/svg+xml");
    let parts = Array::of1(&svg.into());
    file::save(
        &Blob::new_with_str_sequence_and_options(&parts, &about).ok()?,
        name,
    )
}

async fn saved_png(svg: &str, name: &str) -> Option<()> {
    let image = HtmlImageElement::new().ok()?;
    let text = encode_uri_component(svg).as_string()?;
    image.set_src(&["data:image/svg+xml,", &text].concat());
    JsFuture::from(image.decode()).await.ok()?;
    let document = web_sys::window()?.document()?;
    let canvas: HtmlCanvasElement = document.create_element("canvas").ok()?.dyn_into().ok()?;
    canvas.set_width(image.width() * 2);
    canvas.set_height(image.height() * 2);
    let context: CanvasRenderingContext2d = canvas.get_context("2d").ok()??.dyn_into().ok()?;
    let (width, height) = (f64::from(canvas.width()), f64::from(canvas.height()));
    context
        .draw_image_with_html_image_element_and_dw_and_dh(&image, 0.0, 0.0, width, height)
        .ok()?;
    file::save_from(&canvas.to_data_url().ok()?, name)
}

fn title_of(card: &Element) -> String {
    let title = card.query_selector(".em-card-title").ok().flatten();
    title
        .and_then(|title| title.text_content())
        .unwrap_or_else(|| "chart".to_owned())
}

fn styles(element: &Element) -> Option<CssStyleDeclaration> {
    web_sys::window()?
        .get_computed_style(element)
        .ok()
        .flatten()
}

/// The whole picture: title, legend and chart on the colour of the card.
fn svg(card: &Element, title: &str) -> Option<String> {
    let chart = chart_of(card)?;
    let bounds = chart.get_bounding_client_rect();
    let (width, height) = (bounds.width(), bounds.height());
    let own = styles(card)?;
    let read = |name: &str| own.get_property_value(name).unwrap_or_default();
    let (legend, legend_height) = legend(card, width)?;
    let top = MARGIN + 24.0 + legend_height;
    let number = |value: f64| (value.round() as i64).to_string();
    let (full_width, full_height) = (number(width + 2.0 * MARGIN), number(top + height + MARGIN));
    let mut out = [
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"",
        &full_width,
        "\" height=\"",
        &full_height,
        "\"",
    ]
    .concat();
    attribute(&mut out, "font-family", &read("font-family"));
    out.push_str("><rect width=\"100%\" height=\"100%\"");
    attribute(&mut out, "fill", &read("background-color"));
    out.push_str("/><text x=\"16\" y=\"29\" font-size=\"14\" font-weight=\"600\"");
    attribute(&mut out, "fill", &read("color"));
    out.push('>');
    push_escaped(&mut out, title);
    out.push_str("</text>");
    out.push_str(&legend);
    out.push_str(&["<g transform=\"translate(16 ", &number(top), ")\">"].concat());
    out.push_str(&styled(&chart)?);
    out.push_str("</g></svg>");
    Some(out)
}

fn attribute(out: &mut String, name: &str, value: &str) {
    out.push_str(&[" ", name, "=\""].concat());
    push_escaped(out, value);
    out.push('"');
}

/// The series that are switched on, and how high their lines are.
fn legend(card: &Element, width: f64) -> Option<(String, f64)> {
    let keys = card.query_selector_all(".em-key:not(.em-off)").ok()?;
    let (mut out, mut x, mut y) = (String::new(), 0.0, 0.0);
    for at in 0..keys.length() {
        let Some(key) = keys.item(at).and_then(|key| key.dyn_into::<Element>().ok()) else {
            continue;
        };
        let name = key.text_content().unwrap_or_default();
        let room = 14.0 + text_width(&name, 12.0) + MARGIN;
        if x > 0.0 && x + room > width {
            (x, y) = (0.0, y + LINE);
        }
        let swatch = key.query_selector(".em-swatch").ok().flatten();
        let colour = |element: &Element, property: &str| {
            styles(element)
                .and_then(|own| own.get_property_value(property).ok())
                .unwrap_or_default()
        };
        let number = |value: f64| (value.round() as i64).to_string();
        let place = |dx: f64, dy: f64| {
            [
                " x=\"",
                &number(MARGIN + x + dx),
                "\" y=\"",
                &number(MARGIN + 24.0 + y + dy),
                "\"",
            ]
            .concat()
        };
        let is = |class: &str| matches!(key.query_selector(class), Ok(Some(_)));
        let paint = if is(".eb-cmp") {
            out.push_str("<path stroke-width=\"2\"");
            if is(".em-dash") {
                attribute(&mut out, "stroke-dasharray", "4 4");
            }
            let (x, y) = (number(MARGIN + x - 2.0), number(MARGIN + 30.0 + y));
            attribute(&mut out, "d", &["M", &x, " ", &y, "h12"].concat());
            "stroke"
        } else {
            out.push_str(&["<rect width=\"8\" height=\"8\" rx=\"2\"", &place(0.0, 2.0)].concat());
            "fill"
        };
        let swatch = swatch.map(|swatch| colour(&swatch, "color"));
        attribute(&mut out, paint, &swatch.unwrap_or_default());
        out.push_str(&["/><text font-size=\"12\"", &place(14.0, 10.0)].concat());
        attribute(&mut out, "fill", &colour(&key, "color"));
        out.push('>');
        push_escaped(&mut out, &name);
        out.push_str("</text>");
        x += room;
    }
    Some((out, if x > 0.0 { y + LINE } else { 0.0 }))
}

/// A copy of a chart that needs no style sheet.
fn styled(chart: &Element) -> Option<String> {
    let copy: Element = chart.clone_node_with_deep(true).ok()?.dyn_into().ok()?;
    let (shown, copied) = (
        chart.query_selector_all("*").ok()?,
        copy.query_selector_all("*").ok()?,
    );
    for at in 0..shown.length() {
        let element = |list: &web_sys::NodeList| list.item(at)?.dyn_into::<Element>().ok();
        if let (Some(from), Some(to)) = (element(&shown), element(&copied)) {
            let own = styles(&from)?;
            for name in PROPERTIES {
                let value = own.get_property_value(name).unwrap_or_default();
                to.set_attribute(name, &value).ok()?;
            }
        }
    }
    XmlSerializer::new().ok()?.serialize_to_string(&copy).ok()
}
