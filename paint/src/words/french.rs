//! French.

use super::{Notice, Words};

/// French.
pub(super) static FRENCH: Words = Words {
    chart: &emban_chart::FRENCH,
    plural: |n| usize::from(n > 1),
    last: [
        &["Dernière heure", "{n} dernières heures"],
        &["Dernier jour", "{n} derniers jours"],
        &["Dernière semaine", "{n} dernières semaines"],
        &["Dernier mois", "{n} derniers mois"],
        &["Dernière année", "{n} dernières années"],
    ],
    units: ["\u{a0}h", "\u{a0}j", "\u{a0}sem.", "\u{a0}mois", "\u{a0}a"],
    ago: [
        &["il y a {n} minute", "il y a {n} minutes"],
        &["il y a {n} heure", "il y a {n} heures"],
        &["il y a {n} jour", "il y a {n} jours"],
    ],
    just_now: "à l’instant",

    period: "Période",
    custom: "Personnalisée",
    updated: "Mis à jour {age}",
    refresh: "Actualiser",
    remove_filter: "Retirer le filtre {name}",
    reset: "Réinitialiser",

    loading: "Chargement",
    series: "Séries",
    as_table: "Afficher en tableau",
    as_chart: "Afficher en graphique",
    view_rows: "Voir les lignes",
    arrow_keys: "{title} : les flèches lisent les valeurs",
    table: "Tableau",
    rows_not_shown: &[
        "{n} autre ligne n’est pas affichée",
        "{n} autres lignes ne sont pas affichées",
    ],
    sorts_shown: "Seules ces lignes sont triées",
    versus: "contre {value}",
    so_far: "à ce jour",
    in_part: "en partie",

    download: "Télécharger",
    as_csv: "Données en CSV",
    as_png: "Image PNG",
    as_svg: "Image SVG",

    value: "Valeur",
    measures: [
        "Nombre",
        "Utilisateurs",
        "Total {name}",
        "Moyenne {name}",
        "Minimum {name}",
        "Maximum {name}",
        "Médiane {name}",
        "Part",
        "Conversion",
    ],
    previous: "Précédent",
    change: "Évolution",
    points: "{n}\u{a0}pt",
    better: "mieux",
    worse: "moins bien",
    time: "Heure",
    day: "Jour",
    other: "Autres",
    none: "(vide)",
    earlier_period: "Période antérieure",

    no_data: "Aucune donnée sur cette période",
    no_match: "Rien ne correspond à ces filtres.",
    no_data_yet: "Les chiffres apparaissent avec les premiers événements. Essayez une période plus longue.",
    reset_filters: "Réinitialiser les filtres",
    try_again: "Réessayer",
    last_figures: "Voici les derniers chiffres reçus.",
    session_ended: Notice {
        title: "Session terminée",
        advice: "Ces chiffres ne sont plus mis à jour. Rechargez la page pour continuer.",
    },

    offline: Notice {
        title: "Pas de connexion",
        advice: "Vérifiez votre réseau, puis réessayez.",
    },
    rate_limited: Notice {
        title: "Trop de requêtes",
        advice: "Patientez un instant, puis réessayez.",
    },
    too_large: Notice {
        title: "Trop de données",
        advice: "Choisissez une période plus courte.",
    },
    too_slow: Notice {
        title: "Le délai est dépassé",
        advice: "Choisissez une période plus courte ou réessayez.",
    },
    not_published: Notice {
        title: "Tableau de bord indisponible",
        advice: "Il a peut-être été mis hors ligne. Réessayez plus tard.",
    },
    not_permitted: Notice {
        title: "Non accessible",
        advice: "Demandez l’accès à votre administrateur.",
    },
    unavailable: Notice {
        title: "Données momentanément inaccessibles",
        advice: "C’est généralement bref. Réessayez dans un instant.",
    },
    no_session: Notice {
        title: "Impossible d’ouvrir ce tableau de bord",
        advice: "Rechargez la page. Si le problème persiste, contactez l’assistance.",
    },
    session_over: Notice {
        title: "Session terminée",
        advice: "Rechargez la page pour continuer.",
    },
    failed: Notice {
        title: "Le chargement a échoué",
        advice: "Réessayez. Si le problème persiste, contactez l’assistance.",
    },

    choose_dates: "Choisir les dates",
    from: "Du",
    to: "Au",
    apply: "Appliquer",
    dates_missing: "Choisissez un premier et un dernier jour.",
    dates_backwards: "Le dernier jour précède le premier.",
    dates_too_long: &["Choisissez un seul jour.", "Choisissez {n} jours au plus."],
    choose_values: "Choisir des valeurs",
    search: "Rechercher",
    search_values: "Rechercher des valeurs",
    clear: "Effacer",
    nothing_found: "Aucun résultat",
    choose_bounds: "Choisir des bornes",
    at_least: "Au moins",
    at_most: "Au plus",

    rows: "Lignes",
    close: "Fermer",
    load_more: "Afficher plus",
    no_rows: "Aucune ligne",
};
