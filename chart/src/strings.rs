//! The few sentences a chart says, a table for each language.

mod arabic;
mod chinese;
mod french;
mod german;
mod japanese;
mod portuguese;
mod spanish;

pub use arabic::ARABIC;
pub use chinese::CHINESE;
pub use french::FRENCH;
pub use german::GERMAN;
pub use japanese::JAPANESE;
pub use portuguese::PORTUGUESE;
pub use spanish::SPANISH;

/// Words of titles, summaries and empty states.
///
/// In templates, names in braces are replaced; a name that is left out of a template is simply not said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Strings {
    /// Shown instead of a chart without data.
    pub no_data: &'static str,
    /// Name of everything that was not listed by itself.
    pub other: &'static str,
    /// Name of a category whose label is empty.
    pub unnamed: &'static str,
    /// Caption under the sum in a donut.
    pub total: &'static str,
    /// Said after a list that had to be cut: `{n}`.
    pub more: &'static str,
    /// Low end of the heatmap's key.
    pub less: &'static str,
    /// High end of the heatmap's key.
    pub most: &'static str,
    /// Summary of a time chart: `{chart}`, `{n}`, `{min}`, `{max}`, `{when}`.
    pub series_summary: &'static str,
    /// Added for each further series: `{name}`, `{min}`, `{max}`.
    pub further_series: &'static str,
    /// Summary of a chart of categories: `{chart}`, `{n}`, `{label}`, `{value}`.
    pub category_summary: &'static str,
    /// Summary of a heatmap: `{chart}`, `{n}`, `{row}`, `{column}`, `{value}`.
    pub grid_summary: &'static str,
    /// Summary of a scatter plot: `{chart}`, `{n}`.
    pub scatter_summary: &'static str,
    /// Summary of a progress bar or gauge: `{chart}`, `{value}`, `{target}`.
    pub target_summary: &'static str,
    /// Chart names, in the order of [`ChartName`].
    pub charts: [&'static str; 16],
}

/// The names of charts, as indices into [`Strings::charts`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is the chart of that name")]
pub enum ChartName {
    Line,
    Area,
    Bar,
    StackedBar,
    DualAxis,
    Waterfall,
    HorizontalBar,
    Donut,
    Sparkline,
    Heatmap,
    Progress,
    Gauge,
    Funnel,
    Treemap,
    Radar,
    Scatter,
}

/// English.
pub static ENGLISH: Strings = Strings {
    no_data: "No data",
    other: "Other",
    unnamed: "(none)",
    total: "Total",
    more: "+{n} more",
    less: "Less",
    most: "More",
    series_summary: "{chart}, {n} points, from {min} to {max}, highest on {when}.",
    further_series: "{name} from {min} to {max}.",
    category_summary: "{chart}, {n} items, largest {label} with {value}.",
    grid_summary: "{chart}, {n} cells, highest at {row} {column} with {value}.",
    scatter_summary: "{chart}, {n} points.",
    target_summary: "{chart}, {value} of {target}.",
    charts: [
        "Line chart",
        "Area chart",
        "Bar chart",
        "Stacked bar chart",
        "Chart with two axes",
        "Waterfall chart",
        "Bar chart",
        "Donut chart",
        "Trend",
        "Heatmap",
        "Progress",
        "Gauge",
        "Funnel",
        "Treemap",
        "Radar chart",
        "Scatter plot",
    ],
};

impl Strings {
    /// The name of a chart.
    pub(crate) fn chart(&self, name: ChartName) -> &'static str {
        self.charts.get(name as usize).copied().unwrap_or("")
    }
}

/// Puts values in the place of their names in braces; unknown names are left out.
pub fn fill(template: &str, values: &[(&str, &str)]) -> String {
    let mut out = String::with_capacity(template.len() + 32);
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        out.push_str(before);
        let (name, tail) = after.split_once('}').unwrap_or((after, ""));
        if let Some((_, value)) = values.iter().find(|(key, _)| *key == name) {
            out.push_str(value);
        }
        rest = tail;
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_in_braces_are_replaced_once_and_unknown_ones_dropped() {
        assert_eq!(
            fill("{a} of {b}{c}.", &[("a", "{b}"), ("b", "9")]),
            "{b} of 9."
        );
        assert_eq!(fill("open {a", &[("a", "x")]), "open x");
    }

    #[test]
    fn every_chart_has_a_name() {
        assert!(ENGLISH.charts.iter().all(|name| !name.is_empty()));
        assert_eq!(ENGLISH.chart(ChartName::Scatter), "Scatter plot");
    }
}
