//! Chinese, simplified.

use super::{Notice, Words};

/// Chinese, simplified.
pub(super) static CHINESE: Words = Words {
    chart: &emban_chart::CHINESE,
    plural: |_| 0,
    last: [
        &["最近 {n} 小时"],
        &["最近 {n} 天"],
        &["最近 {n} 周"],
        &["最近 {n} 个月"],
        &["最近 {n} 年"],
    ],
    units: ["小时", "天", "周", "个月", "年"],
    ago: [&["{n} 分钟前"], &["{n} 小时前"], &["{n} 天前"]],
    just_now: "刚刚",

    period: "时间范围",
    custom: "自定义",
    updated: "更新于{age}",
    refresh: "刷新",
    remove_filter: "移除筛选 {name}",
    reset: "重置",

    loading: "正在加载",
    series: "系列",
    as_table: "以表格查看",
    as_chart: "以图表查看",
    view_rows: "查看明细",
    arrow_keys: "{title}：用方向键读取数值",
    table: "表格",
    rows_not_shown: &["另有 {n} 行未显示"],
    sorts_shown: "仅对这些行排序",
    versus: "上期 {value}",
    so_far: "截至目前",
    in_part: "部分",

    download: "下载",
    as_csv: "数据 (CSV)",
    as_png: "图片 (PNG)",
    as_svg: "图片 (SVG)",

    value: "数值",
    measures: [
        "计数",
        "用户数",
        "{name}总和",
        "{name}平均值",
        "{name}最小值",
        "{name}最大值",
        "{name}中位数",
        "占比",
        "转化率",
    ],
    previous: "上期",
    change: "变化",
    points: "{n}个百分点",
    better: "变好",
    worse: "变差",
    time: "时间",
    day: "日",
    other: "其他",
    none: "（空）",
    earlier_period: "更早的时期",

    no_data: "此时间范围内没有数据",
    no_match: "没有符合筛选条件的内容。",
    no_data_yet: "收到首批事件后将显示数据。请尝试更长的时间范围。",
    reset_filters: "重置筛选",
    try_again: "重试",
    last_figures: "当前显示的是最近一次获取的数据。",
    session_ended: Notice {
        title: "会话已结束",
        advice: "数据不再更新。请重新加载页面以继续。",
    },

    offline: Notice {
        title: "没有网络连接",
        advice: "请检查网络后重试。",
    },
    rate_limited: Notice {
        title: "请求过多",
        advice: "请稍候再试。",
    },
    too_large: Notice {
        title: "数据过多",
        advice: "请选择更短的时间范围。",
    },
    too_slow: Notice {
        title: "耗时过长",
        advice: "请选择更短的时间范围或重试。",
    },
    not_published: Notice {
        title: "仪表板不可用",
        advice: "它可能已下线。请稍后再试。",
    },
    not_permitted: Notice {
        title: "您无权查看",
        advice: "请向管理员申请权限。",
    },
    unavailable: Notice {
        title: "暂时无法获取数据",
        advice: "通常很快恢复。请稍后重试。",
    },
    no_session: Notice {
        title: "无法打开此仪表板",
        advice: "请重新加载页面。如仍无法打开，请联系支持人员。",
    },
    session_over: Notice {
        title: "会话已结束",
        advice: "请重新加载页面以继续。",
    },
    failed: Notice {
        title: "无法加载",
        advice: "请重试。如仍失败，请联系支持人员。",
    },

    choose_dates: "选择日期",
    from: "从",
    to: "到",
    apply: "应用",
    dates_missing: "请选择开始日期和结束日期。",
    dates_backwards: "结束日期早于开始日期。",
    dates_too_long: &["最多选择 {n} 天。"],
    choose_values: "选择值",
    search: "搜索",
    search_values: "搜索值",
    clear: "清除",
    nothing_found: "未找到",
    choose_bounds: "选择范围",
    at_least: "最小值",
    at_most: "最大值",

    rows: "明细",
    close: "关闭",
    load_more: "加载更多",
    no_rows: "没有明细",
};
