//! Portuguese.

use super::{Notice, Words};

/// Portuguese.
pub(super) static PORTUGUESE: Words = Words {
    chart: &emban_chart::PORTUGUESE,
    plural: |n| usize::from(n > 1),
    last: [
        &["Última hora", "Últimas {n} horas"],
        &["Último dia", "Últimos {n} dias"],
        &["Última semana", "Últimas {n} semanas"],
        &["Último mês", "Últimos {n} meses"],
        &["Último ano", "Últimos {n} anos"],
    ],
    units: ["\u{a0}h", "\u{a0}d", "\u{a0}sem.", "\u{a0}m", "\u{a0}a"],
    ago: [
        &["há {n} minuto", "há {n} minutos"],
        &["há {n} hora", "há {n} horas"],
        &["há {n} dia", "há {n} dias"],
    ],
    just_now: "agora mesmo",

    period: "Período",
    custom: "Personalizado",
    updated: "Atualizado {age}",
    refresh: "Atualizar",
    remove_filter: "Remover o filtro {name}",
    reset: "Redefinir",

    loading: "Carregando",
    series: "Séries",
    as_table: "Ver como tabela",
    as_chart: "Ver como gráfico",
    view_rows: "Ver linhas",
    arrow_keys: "{title}: as setas leem os valores",
    table: "Tabela",
    rows_not_shown: &[
        "{n} linha a mais não é exibida",
        "{n} linhas a mais não são exibidas",
    ],
    sorts_shown: "Só estas linhas são ordenadas",
    versus: "antes {value}",
    so_far: "até agora",
    in_part: "em parte",

    download: "Baixar",
    as_csv: "Dados em CSV",
    as_png: "Imagem PNG",
    as_svg: "Imagem SVG",

    value: "Valor",
    measures: [
        "Contagem",
        "Usuários",
        "Total {name}",
        "Média {name}",
        "Mínimo {name}",
        "Máximo {name}",
        "Mediana {name}",
        "Proporção",
        "Conversão",
    ],
    previous: "Anterior",
    change: "Variação",
    points: "{n}\u{a0}p.p.",
    better: "melhor",
    worse: "pior",
    time: "Hora",
    day: "Dia",
    other: "Outros",
    none: "(vazio)",
    earlier_period: "Período anterior",

    no_data: "Sem dados neste período",
    no_match: "Nada corresponde a estes filtros.",
    no_data_yet: "Os números aparecem com os primeiros eventos. Tente um período mais longo.",
    reset_filters: "Redefinir filtros",
    try_again: "Tentar novamente",
    last_figures: "Estes são os últimos números recebidos.",
    session_ended: Notice {
        title: "Sessão encerrada",
        advice: "Estes números não são mais atualizados. Recarregue a página para continuar.",
    },

    offline: Notice {
        title: "Sem conexão",
        advice: "Verifique sua rede e tente novamente.",
    },
    rate_limited: Notice {
        title: "Solicitações demais",
        advice: "Aguarde um momento e tente novamente.",
    },
    too_large: Notice {
        title: "Dados demais",
        advice: "Escolha um período mais curto.",
    },
    too_slow: Notice {
        title: "Demorou demais",
        advice: "Escolha um período mais curto ou tente novamente.",
    },
    not_published: Notice {
        title: "Painel indisponível",
        advice: "Ele pode ter sido retirado do ar. Tente mais tarde.",
    },
    not_permitted: Notice {
        title: "Não disponível para você",
        advice: "Peça acesso ao seu administrador.",
    },
    unavailable: Notice {
        title: "Os dados não estão acessíveis agora",
        advice: "Costuma durar pouco. Tente novamente em instantes.",
    },
    no_session: Notice {
        title: "Não é possível abrir este painel",
        advice: "Recarregue a página. Se continuar assim, fale com o suporte.",
    },
    session_over: Notice {
        title: "Sessão encerrada",
        advice: "Recarregue a página para continuar.",
    },
    failed: Notice {
        title: "Não foi possível carregar",
        advice: "Tente novamente. Se continuar falhando, fale com o suporte.",
    },

    choose_dates: "Escolher datas",
    from: "De",
    to: "Até",
    apply: "Aplicar",
    dates_missing: "Escolha um primeiro e um último dia.",
    dates_backwards: "O último dia é anterior ao primeiro.",
    dates_too_long: &["Escolha um único dia.", "Escolha no máximo {n} dias."],
    choose_values: "Escolher valores",
    search: "Buscar",
    search_values: "Buscar valores",
    clear: "Limpar",
    nothing_found: "Nada encontrado",
    choose_bounds: "Escolher limites",
    at_least: "No mínimo",
    at_most: "No máximo",

    rows: "Linhas",
    close: "Fechar",
    load_more: "Carregar mais",
    no_rows: "Nenhuma linha",
};
