//! Spanish.

use super::Strings;

/// Spanish.
pub static SPANISH: Strings = Strings {
    no_data: "Sin datos",
    other: "Otros",
    unnamed: "(vacío)",
    total: "Total",
    more: "+{n} más",
    less: "Menos",
    most: "Más",
    series_summary: "{chart}, {n} puntos, de {min} a {max}, máximo: {when}.",
    further_series: "{name} de {min} a {max}.",
    category_summary: "{chart}, {n} elementos, el mayor es {label} con {value}.",
    grid_summary: "{chart}, {n} celdas, máximo en {row} {column} con {value}.",
    scatter_summary: "{chart}, {n} puntos.",
    target_summary: "{chart}, {value} de {target}.",
    charts: [
        "Gráfico de líneas",
        "Gráfico de áreas",
        "Gráfico de barras",
        "Barras apiladas",
        "Gráfico de dos ejes",
        "Gráfico en cascada",
        "Gráfico de barras",
        "Gráfico de anillo",
        "Tendencia",
        "Mapa de calor",
        "Progreso",
        "Indicador",
        "Embudo",
        "Mapa de rectángulos",
        "Gráfico radial",
        "Gráfico de dispersión",
    ],
};
