//! Spanish.

use super::{Notice, Words};

/// Spanish.
pub(super) static SPANISH: Words = Words {
    chart: &emban_chart::SPANISH,
    plural: |n| usize::from(n != 1),
    last: [
        &["Última hora", "Últimas {n} horas"],
        &["Último día", "Últimos {n} días"],
        &["Última semana", "Últimas {n} semanas"],
        &["Último mes", "Últimos {n} meses"],
        &["Último año", "Últimos {n} años"],
    ],
    units: ["\u{a0}h", "\u{a0}d", "\u{a0}sem.", "\u{a0}m", "\u{a0}a"],
    ago: [
        &["hace {n} minuto", "hace {n} minutos"],
        &["hace {n} hora", "hace {n} horas"],
        &["hace {n} día", "hace {n} días"],
    ],
    just_now: "ahora mismo",

    period: "Periodo",
    custom: "Personalizado",
    updated: "Actualizado {age}",
    refresh: "Actualizar",
    remove_filter: "Quitar el filtro {name}",
    reset: "Restablecer",

    loading: "Cargando",
    series: "Series",
    as_table: "Ver como tabla",
    as_chart: "Ver como gráfico",
    view_rows: "Ver filas",
    arrow_keys: "{title}: las flechas leen los valores",
    table: "Tabla",
    rows_not_shown: &["{n} fila más no se muestra", "{n} filas más no se muestran"],
    sorts_shown: "Solo se ordenan estas filas",
    versus: "frente a {value}",
    so_far: "hasta ahora",
    in_part: "en parte",

    download: "Descargar",
    as_csv: "Datos en CSV",
    as_png: "Imagen PNG",
    as_svg: "Imagen SVG",

    value: "Valor",
    measures: [
        "Recuento",
        "Usuarios",
        "Total {name}",
        "Promedio {name}",
        "Mínimo {name}",
        "Máximo {name}",
        "Mediana {name}",
        "Proporción",
        "Conversión",
    ],
    previous: "Anterior",
    change: "Cambio",
    points: "{n}\u{a0}p.\u{a0}p.",
    better: "mejor",
    worse: "peor",
    time: "Hora",
    day: "Día",
    other: "Otros",
    none: "(vacío)",
    earlier_period: "Periodo anterior",

    no_data: "Sin datos en este periodo",
    no_match: "Nada coincide con estos filtros.",
    no_data_yet: "Las cifras aparecen con los primeros eventos. Pruebe un periodo más largo.",
    reset_filters: "Restablecer filtros",
    try_again: "Reintentar",
    last_figures: "Estas son las últimas cifras recibidas.",
    session_ended: Notice {
        title: "Sesión terminada",
        advice: "Estas cifras ya no se actualizan. Recargue la página para continuar.",
    },

    offline: Notice {
        title: "Sin conexión",
        advice: "Compruebe su red y vuelva a intentarlo.",
    },
    rate_limited: Notice {
        title: "Demasiadas solicitudes",
        advice: "Espere un momento y vuelva a intentarlo.",
    },
    too_large: Notice {
        title: "Demasiados datos",
        advice: "Elija un periodo más corto.",
    },
    too_slow: Notice {
        title: "Ha tardado demasiado",
        advice: "Elija un periodo más corto o vuelva a intentarlo.",
    },
    not_published: Notice {
        title: "Panel no disponible",
        advice: "Puede que se haya retirado. Vuelva a intentarlo más tarde.",
    },
    not_permitted: Notice {
        title: "No disponible para usted",
        advice: "Pida acceso a su administrador.",
    },
    unavailable: Notice {
        title: "Los datos no están accesibles ahora",
        advice: "Suele durar poco. Vuelva a intentarlo en un momento.",
    },
    no_session: Notice {
        title: "No se puede abrir este panel",
        advice: "Recargue la página. Si sigue igual, contacte con soporte.",
    },
    session_over: Notice {
        title: "Sesión terminada",
        advice: "Recargue la página para continuar.",
    },
    failed: Notice {
        title: "No se pudo cargar",
        advice: "Vuelva a intentarlo. Si sigue fallando, contacte con soporte.",
    },

    choose_dates: "Elegir fechas",
    from: "Desde",
    to: "Hasta",
    apply: "Aplicar",
    dates_missing: "Elija un primer y un último día.",
    dates_backwards: "El último día es anterior al primero.",
    dates_too_long: &["Elija un solo día.", "Elija {n} días como máximo."],
    choose_values: "Elegir valores",
    search: "Buscar",
    search_values: "Buscar valores",
    clear: "Borrar",
    nothing_found: "Sin resultados",
    choose_bounds: "Elegir límites",
    at_least: "Mínimo",
    at_most: "Máximo",

    rows: "Filas",
    close: "Cerrar",
    load_more: "Cargar más",
    no_rows: "No hay filas",
};
