//! Arabic.

use super::Strings;

/// Arabic.
pub static ARABIC: Strings = Strings {
    no_data: "لا توجد بيانات",
    other: "أخرى",
    unnamed: "(فارغ)",
    total: "المجموع",
    more: "+{n} أخرى",
    less: "أقل",
    most: "أكثر",
    series_summary: "{chart}، {n} نقطة، من {min} إلى {max}، الأعلى في {when}.",
    further_series: "{name} من {min} إلى {max}.",
    category_summary: "{chart}، {n} عنصر، الأكبر {label} بقيمة {value}.",
    grid_summary: "{chart}، {n} خلية، الأعلى عند {row} {column} بقيمة {value}.",
    scatter_summary: "{chart}، {n} نقطة.",
    target_summary: "{chart}، {value} من {target}.",
    charts: [
        "مخطط خطي",
        "مخطط مساحي",
        "مخطط أعمدة",
        "أعمدة مكدسة",
        "مخطط بمحورين",
        "مخطط شلالي",
        "مخطط أشرطة",
        "مخطط حلقي",
        "الاتجاه",
        "خريطة حرارية",
        "التقدم",
        "مقياس",
        "قمع",
        "مخطط شجري",
        "مخطط راداري",
        "مخطط مبعثر",
    ],
};
