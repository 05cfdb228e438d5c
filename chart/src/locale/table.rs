//! One table per language.

use super::{Clock, Locale, SymbolPlace};

/// English as written in the United States.
pub static EN: Locale = Locale {
    tag: "en",
    decimal: ".",
    group: ",",
    group_from: 4,
    zero: '0',
    percent: "%",
    symbol_place: SymbolPlace::Before,
    compact: &[(1e12, "T"), (1e9, "B"), (1e6, "M"), (1e3, "K")],
    durations: ["\u{a0}ms", "\u{a0}s", "\u{a0}min", "\u{a0}h", "\u{a0}d"],
    months: [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ],
    weekdays: ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"],
    first_weekday: 6,
    clock: Clock::Twelve("AM", "PM"),
    month_day: "%M %d",
    full_date: "%M %d, %y",
    month_year: "%M %y",
    year: "%y",
    quarter: "Q",
    right_to_left: false,
};

/// English outside the United States: day first, 24 hours, week from Monday.
pub static EN_GB: Locale = Locale {
    tag: "en-GB",
    first_weekday: 0,
    clock: Clock::TwentyFour,
    month_day: "%d %M",
    full_date: "%d %M %y",
    ..EN
};

/// German.
pub static DE: Locale = Locale {
    tag: "de",
    decimal: ",",
    group: ".",
    percent: "\u{a0}%",
    symbol_place: SymbolPlace::AfterSpaced,
    compact: &[
        (1e12, "\u{a0}Bio."),
        (1e9, "\u{a0}Mrd."),
        (1e6, "\u{a0}Mio."),
        (1e3, "\u{a0}Tsd."),
    ],
    durations: [
        "\u{a0}ms",
        "\u{a0}s",
        "\u{a0}Min.",
        "\u{a0}Std.",
        "\u{a0}T.",
    ],
    months: [
        "Jan.", "Feb.", "März", "Apr.", "Mai", "Juni", "Juli", "Aug.", "Sept.", "Okt.", "Nov.",
        "Dez.",
    ],
    weekdays: ["Mo", "Di", "Mi", "Do", "Fr", "Sa", "So"],
    month_day: "%d. %M",
    full_date: "%d. %M %y",
    ..EN_GB
};

/// French.
pub static FR: Locale = Locale {
    tag: "fr",
    decimal: ",",
    group: "\u{202f}",
    percent: "\u{202f}%",
    symbol_place: SymbolPlace::AfterSpaced,
    compact: &[
        (1e12, "\u{a0}Bn"),
        (1e9, "\u{a0}Md"),
        (1e6, "\u{a0}M"),
        (1e3, "\u{a0}k"),
    ],
    durations: ["\u{a0}ms", "\u{a0}s", "\u{a0}min", "\u{a0}h", "\u{a0}j"],
    months: [
        "janv.", "févr.", "mars", "avr.", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.",
        "déc.",
    ],
    weekdays: ["lun.", "mar.", "mer.", "jeu.", "ven.", "sam.", "dim."],
    quarter: "T",
    ..EN_GB
};

/// Spanish.
pub static ES: Locale = Locale {
    tag: "es",
    decimal: ",",
    group: ".",
    group_from: 5,
    percent: "\u{a0}%",
    symbol_place: SymbolPlace::AfterSpaced,
    compact: &[(1e12, "\u{a0}B"), (1e6, "\u{a0}M"), (1e3, "\u{a0}mil")],
    months: [
        "ene", "feb", "mar", "abr", "may", "jun", "jul", "ago", "sept", "oct", "nov", "dic",
    ],
    weekdays: ["lun", "mar", "mié", "jue", "vie", "sáb", "dom"],
    quarter: "T",
    ..EN_GB
};

/// Portuguese as written in Brazil.
pub static PT: Locale = Locale {
    tag: "pt",
    decimal: ",",
    group: ".",
    symbol_place: SymbolPlace::BeforeSpaced,
    compact: &[
        (1e12, "\u{a0}tri"),
        (1e9, "\u{a0}bi"),
        (1e6, "\u{a0}mi"),
        (1e3, "\u{a0}mil"),
    ],
    months: [
        "jan", "fev", "mar", "abr", "mai", "jun", "jul", "ago", "set", "out", "nov", "dez",
    ],
    weekdays: ["seg", "ter", "qua", "qui", "sex", "sáb", "dom"],
    first_weekday: 6,
    quarter: "T",
    ..EN_GB
};

const MONTH_NUMBERS: [&str; 12] = [
    "1月", "2月", "3月", "4月", "5月", "6月", "7月", "8月", "9月", "10月", "11月", "12月",
];

/// Japanese.
pub static JA: Locale = Locale {
    tag: "ja",
    compact: &[(1e12, "兆"), (1e8, "億"), (1e4, "万")],
    durations: ["ミリ秒", "秒", "分", "時間", "日"],
    months: MONTH_NUMBERS,
    weekdays: ["月", "火", "水", "木", "金", "土", "日"],
    first_weekday: 6,
    month_day: "%M%d日",
    full_date: "%y年%M%d日",
    month_year: "%y年%M",
    year: "%y年",
    ..EN_GB
};

/// Chinese in simplified characters.
pub static ZH: Locale = Locale {
    tag: "zh",
    compact: &[(1e12, "万亿"), (1e8, "亿"), (1e4, "万")],
    durations: ["毫秒", "秒", "分钟", "小时", "天"],
    months: MONTH_NUMBERS,
    weekdays: ["周一", "周二", "周三", "周四", "周五", "周六", "周日"],
    month_day: "%M%d日",
    full_date: "%y年%M%d日",
    month_year: "%y年%M",
    year: "%y年",
    ..EN_GB
};

/// Arabic with Arabic-Indic digits.
pub static AR: Locale = Locale {
    tag: "ar",
    decimal: "٫",
    group: "٬",
    zero: '٠',
    percent: "٪\u{61c}",
    symbol_place: SymbolPlace::AfterSpaced,
    compact: &[
        (1e12, "\u{a0}ترليون"),
        (1e9, "\u{a0}مليار"),
        (1e6, "\u{a0}مليون"),
        (1e3, "\u{a0}ألف"),
    ],
    durations: ["\u{a0}م.ث", "\u{a0}ث", "\u{a0}د", "\u{a0}س", "\u{a0}ي"],
    months: [
        "يناير",
        "فبراير",
        "مارس",
        "أبريل",
        "مايو",
        "يونيو",
        "يوليو",
        "أغسطس",
        "سبتمبر",
        "أكتوبر",
        "نوفمبر",
        "ديسمبر",
    ],
    weekdays: [
        "الاثنين",
        "الثلاثاء",
        "الأربعاء",
        "الخميس",
        "الجمعة",
        "السبت",
        "الأحد",
    ],
    first_weekday: 5,
    clock: Clock::Twelve("ص", "م"),
    quarter: "الربع ",
    right_to_left: true,
    ..EN_GB
};

/// Arabic with Latin digits, as in the Maghreb and the Emirates.
pub static AR_LATN: Locale = Locale {
    tag: "ar-u-nu-latn",
    decimal: ".",
    group: ",",
    zero: '0',
    percent: "%",
    ..AR
};
