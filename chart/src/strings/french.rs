//! French.

use super::Strings;

/// French.
pub static FRENCH: Strings = Strings {
    no_data: "Aucune donnée",
    other: "Autres",
    unnamed: "(vide)",
    total: "Total",
    more: "+{n} autres",
    less: "Moins",
    most: "Plus",
    series_summary: "{chart}, {n} points, de {min} à {max}, maximum : {when}.",
    further_series: "{name} de {min} à {max}.",
    category_summary: "{chart}, {n} éléments, le plus grand est {label} avec {value}.",
    grid_summary: "{chart}, {n} cases, maximum à {row} {column} avec {value}.",
    scatter_summary: "{chart}, {n} points.",
    target_summary: "{chart}, {value} sur {target}.",
    charts: [
        "Courbe",
        "Aires",
        "Histogramme",
        "Histogramme empilé",
        "Graphique à deux axes",
        "Graphique en cascade",
        "Barres",
        "Anneau",
        "Tendance",
        "Carte de chaleur",
        "Progression",
        "Jauge",
        "Entonnoir",
        "Carte proportionnelle",
        "Radar",
        "Nuage de points",
    ],
};
