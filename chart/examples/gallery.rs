//! Prints an HTML page with every chart in light and dark, at several widths and in its odd states.

#![expect(clippy::print_stdout, reason = "the page is the example's output")]

#[path = "gallery/sample.rs"]
mod sample;

use emban_chart::{
    Canvas, Categories, ENGLISH, Format, Locale, Scene, Size, Slot, Target, area, bar,
    category_bar, donut, dual_axis, funnel, gauge, heatmap, horizontal_bar, line, progress, radar,
    render_svg, scatter, sparkline, stacked_bar, treemap, waterfall,
};

fn main() {
    let part = std::env::args().nth(1).unwrap_or_default();
    println!(
        "<!doctype html><meta charset=utf-8><title>Charts</title><style>{}{PAGE_CSS}</style>",
        emban_chart::STYLESHEET
    );
    for theme in ["light", "dark"] {
        println!("<main data-eb-theme={theme}>");
        match part.as_str() {
            "narrow" => narrow(),
            "states" => states(),
            "locales" => locales(),
            _ => everything(),
        }
        println!("</main>");
    }
}

const PAGE_CSS: &str = "
body{margin:0;font:14px Inter,system-ui,sans-serif}
main{background:color-mix(in srgb,var(--eb-card) 96%,var(--eb-muted));color:var(--eb-text);padding:20px;display:flex;flex-wrap:wrap;gap:16px;align-items:flex-start}
.card{background:var(--eb-card);border:1px solid var(--eb-grid);border-radius:10px;padding:16px}
h3{margin:0 0 12px;font-size:13px;font-weight:600}
ul{display:flex;flex-wrap:wrap;gap:4px 14px;list-style:none;margin:-4px 0 10px;padding:0;font-size:12px;color:var(--eb-muted)}
li{display:flex;align-items:center;gap:6px}
i{width:8px;height:8px;border-radius:2px;background:var(--eb-c)}
p{margin:10px 0 0;font-size:11px;color:var(--eb-muted);max-width:300px}
";

/// Lays out one card: a title, a size, and the chart drawn on a canvas of that size.
fn card(
    title: &str,
    (width, height): (f64, f64),
    format: &Format,
    tag: &str,
    draw: impl Fn(&Canvas<'_>) -> Scene,
) {
    let size = Size::new(width, height);
    let canvas = Canvas {
        size,
        title,
        format,
        locale: Locale::from_tag(tag),
        strings: &ENGLISH,
    };
    let scene = draw(&canvas);
    println!("<div class=card style='width:{width}px'><h3>{title}</h3>");
    if !scene.legend.is_empty() {
        let entries: String = scene
            .legend
            .iter()
            .map(|entry| {
                format!(
                    "<li><i class='{}'></i>{}</li>",
                    Slot::class(entry.slot),
                    entry.name
                )
            })
            .collect();
        println!("<ul>{entries}</ul>");
    }
    println!("{}</div>", render_svg(&scene));
}

fn everything() {
    let (number, money, ms) = (
        Format::plain(),
        Format::currency("USD"),
        sample::milliseconds(),
    );
    let wide = (560.0, 220.0);
    let third = (360.0, 220.0);
    card("Requests", wide, &number, "en", |c| {
        line(&sample::days(30, 1, true), c)
    });
    card("Spend", wide, &money, "en", |c| {
        area(&sample::days(90, 1, false), c)
    });
    card("Events", third, &number, "en", |c| {
        bar(&sample::days(14, 1, false), c)
    });
    card("Tokens by model", wide, &number, "en", |c| {
        stacked_bar(&sample::days(30, 4, false), c)
    });
    card("p95 latency", wide, &ms, "en", |c| {
        line(&sample::hours(48), c)
    });
    card("Requests and spend", third, &number, "en", |c| {
        dual_axis(&sample::two_measures(), &Format::currency("USD"), c)
    });
    card("Net new seats", wide, &number, "en", |c| {
        waterfall(&sample::changes(), c)
    });
    card("Top models", wide, &number, "en", |c| {
        horizontal_bar(&sample::models(true), c)
    });
    card("By plan", third, &number, "en", |c| {
        category_bar(&sample::models(false), c)
    });
    card("Share of tokens", wide, &number, "en", |c| {
        donut(&sample::models(false), c)
    });
    card("Activity", wide, &number, "en", |c| {
        heatmap(&sample::week(c.locale), c)
    });
    card("Sign-up", third, &number, "en", |c| {
        funnel(&sample::steps(), c)
    });
    card("Storage", wide, &number, "en", |c| {
        treemap(&sample::models(false), c)
    });
    card("Profile", third, &number, "en", |c| {
        radar(&sample::models(true), c)
    });
    card("Users by use", third, &money, "en", |c| {
        scatter(
            &sample::cloud(),
            ["Calls", "Milliseconds"],
            &Format::plain(),
            c,
        )
    });
    card("Quota", (240.0, 60.0), &number, "en", |c| {
        progress(
            Target {
                value: 7_240.0,
                target: 10_000.0,
            },
            c,
        )
    });
    card("Health", (240.0, 150.0), &number, "en", |c| {
        gauge(
            Target {
                value: 812.0,
                target: 1_000.0,
            },
            c,
        )
    });
    card("Trend", (240.0, 48.0), &number, "en", |c| {
        sparkline(&sample::days(30, 1, false), c)
    });
}

fn narrow() {
    let (number, money) = (Format::plain(), Format::currency("USD"));
    for width in [160.0, 240.0, 320.0] {
        let size = (width, 180.0);
        card("Requests", size, &number, "en", |c| {
            line(&sample::days(30, 1, true), c)
        });
        card("Hours", size, &money, "en", |c| area(&sample::hours(48), c));
        card("Months", size, &number, "en", |c| {
            bar(&sample::months(14), c)
        });
        card("Stacked", size, &number, "en", |c| {
            stacked_bar(&sample::days(30, 4, false), c)
        });
        card("Top models", size, &number, "en", |c| {
            horizontal_bar(&sample::models(true), c)
        });
        card("By plan", size, &number, "en", |c| {
            category_bar(&sample::models(false), c)
        });
        card("Share", size, &number, "en", |c| {
            donut(&sample::models(false), c)
        });
        card("Share, tall", (width, 360.0), &number, "en", |c| {
            donut(&sample::models(false), c)
        });
        card("Activity", size, &number, "en", |c| {
            heatmap(&sample::week(c.locale), c)
        });
        card("Funnel", size, &number, "en", |c| {
            funnel(&sample::steps(), c)
        });
        card("Radar", size, &number, "en", |c| {
            radar(&sample::models(true), c)
        });
        card("Treemap", size, &number, "en", |c| {
            treemap(&sample::models(false), c)
        });
    }
}

fn states() {
    let (number, percent) = (Format::plain(), Format::percent());
    let size = (360.0, 180.0);
    card("No data", size, &number, "en", |c| {
        line(&sample::days(0, 1, false), c)
    });
    card("All zero", size, &number, "en", |c| {
        area(&sample::scaled(30, 0.0), c)
    });
    card("One point", size, &number, "en", |c| {
        line(&sample::days(1, 1, false), c)
    });
    card("One bar", size, &number, "en", |c| {
        bar(&sample::days(1, 1, false), c)
    });
    card("Gaps", size, &number, "en", |c| area(&sample::gaps(), c));
    card("Tiny", size, &number, "en", |c| {
        line(&sample::scaled(30, 1e-9), c)
    });
    card("Huge", size, &number, "en", |c| {
        bar(&sample::scaled(30, 1e12), c)
    });
    card("Negative", size, &number, "en", |c| {
        bar(&sample::changes(), c)
    });
    card("Negative area", size, &number, "en", |c| {
        area(&sample::changes(), c)
    });
    card("Rates", size, &percent, "en", |c| {
        line(&sample::scaled(30, 0.0007), c)
    });
    card("20,000 points", size, &number, "en", |c| {
        line(&sample::minutes(20_000), c)
    });
    card("5,000 bars", size, &number, "en", |c| {
        bar(&sample::minutes(5_000), c)
    });
    card("Two series of bars", size, &number, "en", |c| {
        bar(&sample::days(10, 2, false), c)
    });
    card("Compared bars", size, &number, "en", |c| {
        bar(&sample::days(14, 1, true), c)
    });
    card("Eight lines", size, &number, "en", |c| {
        line(&sample::days(30, 8, false), c)
    });
    card("Nothing listed", size, &number, "en", |c| {
        donut(&Categories::default(), c)
    });
    card("One slice", size, &number, "en", |c| {
        donut(&sample::first(1), c)
    });
    card("Gains and losses", size, &number, "en", |c| {
        horizontal_bar(&sample::mixed(), c)
    });
    card("Long labels", size, &number, "en", |c| {
        horizontal_bar(&sample::long_labels(), c)
    });
    card("Long labels", size, &number, "en", |c| {
        category_bar(&sample::long_labels(), c)
    });
    card("Low", (360.0, 64.0), &number, "en", |c| {
        line(&sample::days(30, 1, false), c)
    });
    card("Very wide", (1180.0, 200.0), &number, "en", |c| {
        bar(&sample::days(90, 1, false), c)
    });
}

fn locales() {
    let money = Format::currency("EUR");
    for tag in [
        "en", "en-GB", "de", "fr", "es", "pt", "ja", "zh", "ar", "ar-MA",
    ] {
        card(tag, (340.0, 180.0), &money, tag, |c| {
            area(&sample::hours(40), c)
        });
        card(tag, (340.0, 180.0), &Format::plain(), tag, |c| {
            bar(&sample::months(14), c)
        });
        card(tag, (340.0, 190.0), &Format::plain(), tag, |c| {
            heatmap(&sample::week(c.locale), c)
        });
    }
}
