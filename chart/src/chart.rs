//! One function for each chart: data and canvas in, scene out.

mod columns;
mod donut;
mod dual_axis;
mod frame;
mod funnel;
mod heatmap;
mod line;
mod radar;
mod rows;
mod scatter;
mod sparkline;
mod stacked;
mod summary;
mod target;
mod time_bars;
mod treemap;
mod value_axis;
mod waterfall;

pub use columns::category_bar;
pub use donut::donut;
pub use dual_axis::dual_axis;
pub use funnel::funnel;
pub use heatmap::{heatmap, hour_by_weekday};
pub use line::{area, line};
pub use radar::radar;
pub use rows::horizontal_bar;
pub use scatter::scatter;
pub use sparkline::sparkline;
pub use stacked::stacked_bar;
pub use target::{gauge, progress};
pub use time_bars::bar;
pub use treemap::treemap;
pub use waterfall::waterfall;

use crate::data::Canvas;
use crate::scene::{Anchor, Point, Scene, TextStyle};

/// Corner radius of bars, CSS pixels.
const BAR_RADIUS: f64 = 3.0;

/// A scene that says there is no data.
fn no_data(canvas: &Canvas<'_>) -> Scene {
    let mut scene = canvas.scene();
    scene.empty = true;
    scene.summary = canvas.strings.no_data.to_owned();
    let text = crate::text::fit_text(
        canvas.strings.no_data,
        canvas.size.width,
        TextStyle::Empty.font_px(),
    );
    if canvas.size.height >= TextStyle::Empty.font_px() {
        let at = Point::new(canvas.size.width / 2.0, canvas.size.height / 2.0 + 4.0);
        scene.text(TextStyle::Empty, Anchor::Middle, at, text);
    }
    scene
}

/// A scene as the viewer's language is read. Axes of time and of numbers keep their direction; see decision 0022.
fn as_read(mut scene: Scene, canvas: &Canvas<'_>) -> Scene {
    if canvas.locale.right_to_left {
        scene.mirror();
    }
    scene
}
