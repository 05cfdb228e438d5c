//! Icons of 16 by 16 units, drawn with lines of one and a half.

use crate::html::Html;

pub(crate) const REFRESH: &str = "M13.5 8a5.5 5.5 0 1 1-1.6-3.9M13.5 2v2.6h-2.6";
pub(crate) const CALENDAR: &str = "M2.5 6.5h11M5 1.8v2.4M11 1.8v2.4M3.5 3h9a1 1 0 0 1 1 1v8.5a1 1 0 0 1-1 1h-9a1 1 0 0 1-1-1V4a1 1 0 0 1 1-1z";
pub(crate) const CHEVRON: &str = "M4.5 6.5 8 10l3.5-3.5";
pub(crate) const CLOSE: &str = "M4 4l8 8M12 4l-8 8";
pub(crate) const TABLE: &str = "M2.5 3.5h11v9h-11zM2.5 6.5h11M2.5 9.5h11M6.5 6.5v6";
pub(crate) const CHART: &str = "M2.5 13.5h11M4.5 11V7.5M8 11V3.5M11.5 11V6";
pub(crate) const ROWS: &str = "M6 4h7.5M6 8h7.5M6 12h7.5M2.7 4h.1M2.7 8h.1M2.7 12h.1";
pub(crate) const SEARCH: &str = "M7 11.5a4.5 4.5 0 1 0 0-9 4.5 4.5 0 0 0 0 9zM10.4 10.4l3.1 3.1";
pub(crate) const SAVE: &str = "M8 2.5v7.7M4.8 7 8 10.2 11.2 7M3 13.5h10";
pub(crate) const ALERT: &str = "M8 5v3.5M8 11h.01M8 1.8l6.5 11.4h-13z";
pub(crate) const UP: &str = "M8 12.5v-9M4 7.2 8 3.2l4 4";
pub(crate) const DOWN: &str = "M8 3.5v9M4 8.8l4 4 4-4";

impl Html {
    /// An icon in the colour of the text around it.
    pub(crate) fn icon(&mut self, path: &'static str) -> &mut Self {
        self.raw("<svg class=\"em-icon\" viewBox=\"0 0 16 16\" width=\"16\" height=\"16\" aria-hidden=\"true\" focusable=\"false\"><path d=\"")
            .raw(path)
            .raw("\"></path></svg>")
    }
}
