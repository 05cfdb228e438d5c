//! Charts as pure functions: data to scene to SVG.
//!
//! A chart function takes data and a [`Canvas`] and returns a [`Scene`]: marks with coordinates in CSS pixels,
//! the places a pointer can hit, and a summary for those who cannot see it. [`render_svg`] writes a scene as text.
//! The server draws the first paint with the same code as the browser draws every later one, so nothing here
//! reads a clock, knows a time zone or touches a document: all of that comes in as data.
//!
//! Colours are classes, never values; [`STYLESHEET`] gives them light and dark values.

mod aligned;
mod breakdown;
mod calendar;
mod chart;
mod data;
mod decimal;
mod decimate;
mod format;
mod locale;
mod order;
mod scale;
mod scene;
mod strings;
mod svg;
mod text;
mod time_axis;

pub use calendar::{Date, OffsetChange, Step, Zone};
pub use chart::{
    area, bar, category_bar, donut, dual_axis, funnel, gauge, heatmap, horizontal_bar,
    hour_by_weekday, line, progress, radar, scatter, sparkline, stacked_bar, treemap, waterfall,
};
pub use data::{
    Canvas, Categories, Category, Grid, Parts, Role, ScatterPoint, Series, Target, TimeSeries,
};
pub use decimal::push_number;
pub use decimate::{DecimateError, TimePoint, decimate};
pub use format::{DurationUnit, Format, Notation, Unit, format_number, format_time};
pub use locale::{AR, AR_LATN, Clock, DE, EN, EN_GB, ES, FR, JA, Locale, PT, SymbolPlace, ZH};
pub use order::order;
pub use scene::{
    Anchor, HitArc, HitBox, HitColumn, HitPoint, Hits, LegendEntry, Mark, Path, Point, Rect, Scene,
    Segment, Shape, Size, Slot, TextStyle, on_circle, turn_at,
};
pub use strings::{
    ARABIC, CHINESE, ChartName, ENGLISH, FRENCH, GERMAN, JAPANESE, PORTUGUESE, SPANISH, Strings,
    fill as fill_template,
};
pub use svg::{push_escaped, push_fluid_svg, push_svg, render_svg};
pub use text::{cut_at, fit_text, text_width};

/// Colours, fonts and strokes of all charts, as CSS.
pub const STYLESHEET: &str = include_str!("../palette.css");
