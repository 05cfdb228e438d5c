//! Chinese, simplified.

use super::Strings;

/// Chinese, simplified.
pub static CHINESE: Strings = Strings {
    no_data: "无数据",
    other: "其他",
    unnamed: "（空）",
    total: "合计",
    more: "另有 {n} 项",
    less: "少",
    most: "多",
    series_summary: "{chart}，{n} 个点，从 {min} 到 {max}，最高在 {when}。",
    further_series: "{name} 从 {min} 到 {max}。",
    category_summary: "{chart}，{n} 项，最大为 {label}，{value}。",
    grid_summary: "{chart}，{n} 格，最高在 {row} {column}，{value}。",
    scatter_summary: "{chart}，{n} 个点。",
    target_summary: "{chart}，{value} / {target}。",
    charts: [
        "折线图",
        "面积图",
        "柱状图",
        "堆积柱状图",
        "双轴图",
        "瀑布图",
        "条形图",
        "环形图",
        "趋势",
        "热力图",
        "进度",
        "仪表",
        "漏斗图",
        "矩形树图",
        "雷达图",
        "散点图",
    ],
};
