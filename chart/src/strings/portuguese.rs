//! Portuguese.

use super::Strings;

/// Portuguese.
pub static PORTUGUESE: Strings = Strings {
    no_data: "Sem dados",
    other: "Outros",
    unnamed: "(vazio)",
    total: "Total",
    more: "+{n} mais",
    less: "Menos",
    most: "Mais",
    series_summary: "{chart}, {n} pontos, de {min} a {max}, máximo: {when}.",
    further_series: "{name} de {min} a {max}.",
    category_summary: "{chart}, {n} itens, o maior é {label} com {value}.",
    grid_summary: "{chart}, {n} células, máximo em {row} {column} com {value}.",
    scatter_summary: "{chart}, {n} pontos.",
    target_summary: "{chart}, {value} de {target}.",
    charts: [
        "Gráfico de linhas",
        "Gráfico de áreas",
        "Gráfico de barras",
        "Barras empilhadas",
        "Gráfico de dois eixos",
        "Gráfico em cascata",
        "Gráfico de barras",
        "Gráfico de rosca",
        "Tendência",
        "Mapa de calor",
        "Progresso",
        "Medidor",
        "Funil",
        "Mapa de retângulos",
        "Gráfico de radar",
        "Gráfico de dispersão",
    ],
};
