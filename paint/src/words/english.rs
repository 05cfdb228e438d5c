//! English.

use super::{Notice, Words};

/// English.
pub static ENGLISH: Words = Words {
    chart: &emban_chart::ENGLISH,
    plural: |n| usize::from(n != 1),
    last: [
        &["Last hour", "Last {n} hours"],
        &["Last day", "Last {n} days"],
        &["Last week", "Last {n} weeks"],
        &["Last month", "Last {n} months"],
        &["Last year", "Last {n} years"],
    ],
    units: ["h", "d", "w", "m", "y"],
    ago: [
        &["{n} minute ago", "{n} minutes ago"],
        &["{n} hour ago", "{n} hours ago"],
        &["{n} day ago", "{n} days ago"],
    ],
    just_now: "just now",

    period: "Period",
    custom: "Custom",
    updated: "Updated {age}",
    refresh: "Refresh",
    remove_filter: "Remove filter {name}",
    reset: "Reset",

    loading: "Loading",
    series: "Series",
    as_table: "View as table",
    as_chart: "View as chart",
    view_rows: "View rows",
    arrow_keys: "{title}: arrow keys read the values",
    table: "Table",
    rows_not_shown: &["{n} more row is not shown", "{n} more rows are not shown"],
    sorts_shown: "Only these rows are sorted",
    versus: "vs {value}",
    so_far: "so far",
    in_part: "in part",

    download: "Download",
    as_csv: "Data as CSV",
    as_png: "Image as PNG",
    as_svg: "Image as SVG",

    value: "Value",
    measures: [
        "Count",
        "Users",
        "Total {name}",
        "Average {name}",
        "Minimum {name}",
        "Maximum {name}",
        "Median {name}",
        "Share",
        "Conversion",
    ],
    previous: "Previous",
    change: "Change",
    points: "{n}\u{a0}pp",
    better: "better",
    worse: "worse",
    time: "Time",
    day: "Day",
    other: "Other",
    none: "(none)",
    earlier_period: "Earlier period",

    no_data: "No data in this period",
    no_match: "Nothing matches these filters.",
    no_data_yet: "Figures appear here with the first events. Try a longer period.",
    reset_filters: "Reset filters",
    try_again: "Try again",
    last_figures: "You see the last figures that arrived.",
    session_ended: Notice {
        title: "Session ended",
        advice: "These figures are no longer updated. Reload the page to continue.",
    },

    offline: Notice {
        title: "No connection",
        advice: "Check your network, then try again.",
    },
    rate_limited: Notice {
        title: "Too many requests",
        advice: "Please wait a moment, then try again.",
    },
    too_large: Notice {
        title: "Too much data",
        advice: "Choose a shorter period.",
    },
    too_slow: Notice {
        title: "This took too long",
        advice: "Choose a shorter period, or try again.",
    },
    not_published: Notice {
        title: "Dashboard not available",
        advice: "It may have been taken offline. Try again later.",
    },
    not_permitted: Notice {
        title: "Not available to you",
        advice: "Ask your administrator for access.",
    },
    unavailable: Notice {
        title: "Data is not reachable right now",
        advice: "This is usually short. Try again in a moment.",
    },
    no_session: Notice {
        title: "This dashboard cannot be opened",
        advice: "Reload the page. If it stays like this, contact support.",
    },
    session_over: Notice {
        title: "Session ended",
        advice: "Reload the page to continue.",
    },
    failed: Notice {
        title: "This could not be loaded",
        advice: "Try again. If it keeps failing, contact support.",
    },

    choose_dates: "Choose dates",
    from: "From",
    to: "To",
    apply: "Apply",
    dates_missing: "Choose a first and a last day.",
    dates_backwards: "The last day lies before the first.",
    dates_too_long: &["Choose a single day.", "Choose at most {n} days."],
    choose_values: "Choose values",
    search: "Search",
    search_values: "Search values",
    clear: "Clear",
    nothing_found: "Nothing found",
    choose_bounds: "Choose bounds",
    at_least: "At least",
    at_most: "At most",

    rows: "Rows",
    close: "Close",
    load_more: "Load more",
    no_rows: "No rows here",
};
