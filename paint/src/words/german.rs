//! German.

use super::{Notice, Words};

/// German.
pub(super) static GERMAN: Words = Words {
    chart: &emban_chart::GERMAN,
    plural: |n| usize::from(n != 1),
    last: [
        &["Letzte Stunde", "Letzte {n} Stunden"],
        &["Letzter Tag", "Letzte {n} Tage"],
        &["Letzte Woche", "Letzte {n} Wochen"],
        &["Letzter Monat", "Letzte {n} Monate"],
        &["Letztes Jahr", "Letzte {n} Jahre"],
    ],
    units: [
        "\u{a0}Std.",
        "\u{a0}T.",
        "\u{a0}Wo.",
        "\u{a0}Mon.",
        "\u{a0}J.",
    ],
    ago: [
        &["vor {n} Minute", "vor {n} Minuten"],
        &["vor {n} Stunde", "vor {n} Stunden"],
        &["vor {n} Tag", "vor {n} Tagen"],
    ],
    just_now: "gerade eben",

    period: "Zeitraum",
    custom: "Eigener",
    updated: "Stand: {age}",
    refresh: "Aktualisieren",
    remove_filter: "Filter {name} entfernen",
    reset: "Zurücksetzen",

    loading: "Wird geladen",
    series: "Datenreihen",
    as_table: "Als Tabelle anzeigen",
    as_chart: "Als Diagramm anzeigen",
    view_rows: "Einträge anzeigen",
    arrow_keys: "{title}: Werte mit den Pfeiltasten lesen",
    table: "Tabelle",
    rows_not_shown: &[
        "{n} weitere Zeile wird nicht angezeigt",
        "{n} weitere Zeilen werden nicht angezeigt",
    ],
    sorts_shown: "Sortiert sind nur diese Zeilen",
    versus: "zuvor {value}",
    so_far: "bisher",
    in_part: "zum Teil",

    download: "Herunterladen",
    as_csv: "Daten als CSV",
    as_png: "Bild als PNG",
    as_svg: "Bild als SVG",

    value: "Wert",
    measures: [
        "Anzahl",
        "Nutzer",
        "Summe {name}",
        "Durchschnitt {name}",
        "Minimum {name}",
        "Maximum {name}",
        "Median {name}",
        "Anteil",
        "Konversion",
    ],
    previous: "Zuvor",
    change: "Änderung",
    points: "{n}\u{a0}Pp.",
    better: "besser",
    worse: "schlechter",
    time: "Zeit",
    day: "Tag",
    other: "Sonstige",
    none: "(leer)",
    earlier_period: "Früherer Zeitraum",

    no_data: "Keine Daten in diesem Zeitraum",
    no_match: "Zu diesen Filtern gibt es nichts.",
    no_data_yet: "Zahlen erscheinen hier mit den ersten Ereignissen. Versuchen Sie einen längeren Zeitraum.",
    reset_filters: "Filter zurücksetzen",
    try_again: "Erneut versuchen",
    last_figures: "Sie sehen die zuletzt geladenen Zahlen.",
    session_ended: Notice {
        title: "Sitzung beendet",
        advice: "Diese Zahlen werden nicht mehr aktualisiert. Laden Sie die Seite neu, um fortzufahren.",
    },

    offline: Notice {
        title: "Keine Verbindung",
        advice: "Prüfen Sie Ihr Netzwerk und versuchen Sie es erneut.",
    },
    rate_limited: Notice {
        title: "Zu viele Anfragen",
        advice: "Bitte warten Sie einen Moment und versuchen Sie es erneut.",
    },
    too_large: Notice {
        title: "Zu viele Daten",
        advice: "Wählen Sie einen kürzeren Zeitraum.",
    },
    too_slow: Notice {
        title: "Das hat zu lange gedauert",
        advice: "Wählen Sie einen kürzeren Zeitraum oder versuchen Sie es erneut.",
    },
    not_published: Notice {
        title: "Dashboard nicht verfügbar",
        advice: "Möglicherweise wurde es abgeschaltet. Versuchen Sie es später erneut.",
    },
    not_permitted: Notice {
        title: "Für Sie nicht verfügbar",
        advice: "Bitten Sie Ihre Administration um Zugriff.",
    },
    unavailable: Notice {
        title: "Daten sind gerade nicht erreichbar",
        advice: "Das dauert meist nicht lange. Versuchen Sie es gleich noch einmal.",
    },
    no_session: Notice {
        title: "Dieses Dashboard lässt sich nicht öffnen",
        advice: "Laden Sie die Seite neu. Bleibt es dabei, wenden Sie sich an den Support.",
    },
    session_over: Notice {
        title: "Sitzung beendet",
        advice: "Laden Sie die Seite neu, um fortzufahren.",
    },
    failed: Notice {
        title: "Das konnte nicht geladen werden",
        advice: "Versuchen Sie es erneut. Klappt es weiterhin nicht, wenden Sie sich an den Support.",
    },

    choose_dates: "Datum wählen",
    from: "Von",
    to: "Bis",
    apply: "Anwenden",
    dates_missing: "Wählen Sie einen ersten und einen letzten Tag.",
    dates_backwards: "Der letzte Tag liegt vor dem ersten.",
    dates_too_long: &[
        "Wählen Sie einen einzelnen Tag.",
        "Wählen Sie höchstens {n} Tage.",
    ],
    choose_values: "Werte wählen",
    search: "Suchen",
    search_values: "Werte suchen",
    clear: "Leeren",
    nothing_found: "Nichts gefunden",
    choose_bounds: "Grenzen wählen",
    at_least: "Mindestens",
    at_most: "Höchstens",

    rows: "Einträge",
    close: "Schließen",
    load_more: "Mehr laden",
    no_rows: "Keine Einträge",
};
