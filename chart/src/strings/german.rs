//! German.

use super::Strings;

/// German.
pub static GERMAN: Strings = Strings {
    no_data: "Keine Daten",
    other: "Sonstige",
    unnamed: "(leer)",
    total: "Summe",
    more: "+{n} weitere",
    less: "Weniger",
    most: "Mehr",
    series_summary: "{chart}, {n} Punkte, von {min} bis {max}, am höchsten: {when}.",
    further_series: "{name} von {min} bis {max}.",
    category_summary: "{chart}, {n} Einträge, am größten {label} mit {value}.",
    grid_summary: "{chart}, {n} Felder, am höchsten bei {row} {column} mit {value}.",
    scatter_summary: "{chart}, {n} Punkte.",
    target_summary: "{chart}, {value} von {target}.",
    charts: [
        "Liniendiagramm",
        "Flächendiagramm",
        "Balkendiagramm",
        "Gestapeltes Balkendiagramm",
        "Diagramm mit zwei Achsen",
        "Wasserfalldiagramm",
        "Balkendiagramm",
        "Ringdiagramm",
        "Verlauf",
        "Heatmap",
        "Fortschritt",
        "Tachometer",
        "Trichter",
        "Kacheldiagramm",
        "Netzdiagramm",
        "Streudiagramm",
    ],
};
