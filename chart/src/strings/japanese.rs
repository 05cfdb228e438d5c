//! Japanese.

use super::Strings;

/// Japanese.
pub static JAPANESE: Strings = Strings {
    no_data: "データなし",
    other: "その他",
    unnamed: "（なし）",
    total: "合計",
    more: "ほか{n}件",
    less: "少",
    most: "多",
    series_summary: "{chart}、{n}点、{min}から{max}、最大は{when}。",
    further_series: "{name}は{min}から{max}。",
    category_summary: "{chart}、{n}項目、最大は{label}の{value}。",
    grid_summary: "{chart}、{n}マス、最大は{row} {column}の{value}。",
    scatter_summary: "{chart}、{n}点。",
    target_summary: "{chart}、{target}のうち{value}。",
    charts: [
        "折れ線グラフ",
        "面グラフ",
        "棒グラフ",
        "積み上げ棒グラフ",
        "2軸グラフ",
        "ウォーターフォール図",
        "横棒グラフ",
        "ドーナツグラフ",
        "推移",
        "ヒートマップ",
        "進捗",
        "ゲージ",
        "ファネル",
        "ツリーマップ",
        "レーダーチャート",
        "散布図",
    ],
};
