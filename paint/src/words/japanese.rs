//! Japanese.

use super::{Notice, Words};

/// Japanese.
pub(super) static JAPANESE: Words = Words {
    chart: &emban_chart::JAPANESE,
    plural: |_| 0,
    last: [
        &["過去{n}時間"],
        &["過去{n}日間"],
        &["過去{n}週間"],
        &["過去{n}か月"],
        &["過去{n}年間"],
    ],
    units: ["時間", "日", "週", "か月", "年"],
    ago: [&["{n}分前"], &["{n}時間前"], &["{n}日前"]],
    just_now: "たった今",

    period: "期間",
    custom: "期間指定",
    updated: "{age}に更新",
    refresh: "更新",
    remove_filter: "フィルター「{name}」を外す",
    reset: "リセット",

    loading: "読み込み中",
    series: "系列",
    as_table: "表で表示",
    as_chart: "グラフで表示",
    view_rows: "明細を表示",
    arrow_keys: "{title}：矢印キーで値を読み上げます",
    table: "表",
    rows_not_shown: &["ほか{n}行は表示されていません"],
    sorts_shown: "この行だけを並べ替えています",
    versus: "前回 {value}",
    so_far: "途中経過",
    in_part: "一部",

    download: "ダウンロード",
    as_csv: "データ（CSV）",
    as_png: "画像（PNG）",
    as_svg: "画像（SVG）",

    value: "値",
    measures: [
        "件数",
        "ユーザー数",
        "{name}の合計",
        "{name}の平均",
        "{name}の最小",
        "{name}の最大",
        "{name}の中央値",
        "割合",
        "コンバージョン",
    ],
    previous: "前回",
    change: "増減",
    points: "{n}ポイント",
    better: "改善",
    worse: "悪化",
    time: "時刻",
    day: "日",
    other: "その他",
    none: "（なし）",
    earlier_period: "前の期間",

    no_data: "この期間のデータはありません",
    no_match: "条件に合うものがありません。",
    no_data_yet: "最初のイベントが届くと数値が表示されます。期間を長くしてみてください。",
    reset_filters: "フィルターをリセット",
    try_again: "再試行",
    last_figures: "最後に取得した数値を表示しています。",
    session_ended: Notice {
        title: "セッションが終了しました",
        advice: "数値は更新されません。続けるにはページを再読み込みしてください。",
    },

    offline: Notice {
        title: "接続がありません",
        advice: "ネットワークを確認して、もう一度お試しください。",
    },
    rate_limited: Notice {
        title: "リクエストが多すぎます",
        advice: "しばらく待ってから、もう一度お試しください。",
    },
    too_large: Notice {
        title: "データが多すぎます",
        advice: "期間を短くしてください。",
    },
    too_slow: Notice {
        title: "時間がかかりすぎました",
        advice: "期間を短くするか、もう一度お試しください。",
    },
    not_published: Notice {
        title: "ダッシュボードを利用できません",
        advice: "公開が停止された可能性があります。後でもう一度お試しください。",
    },
    not_permitted: Notice {
        title: "アクセスできません",
        advice: "管理者にアクセス権を依頼してください。",
    },
    unavailable: Notice {
        title: "現在データに接続できません",
        advice: "通常はすぐに復旧します。少し待ってお試しください。",
    },
    no_session: Notice {
        title: "このダッシュボードを開けません",
        advice: "ページを再読み込みしてください。解決しない場合はサポートにご連絡ください。",
    },
    session_over: Notice {
        title: "セッションが終了しました",
        advice: "続けるにはページを再読み込みしてください。",
    },
    failed: Notice {
        title: "読み込めませんでした",
        advice: "もう一度お試しください。解決しない場合はサポートにご連絡ください。",
    },

    choose_dates: "日付を選択",
    from: "開始",
    to: "終了",
    apply: "適用",
    dates_missing: "開始日と終了日を選択してください。",
    dates_backwards: "終了日が開始日より前です。",
    dates_too_long: &["{n}日以内で選択してください。"],
    choose_values: "値を選択",
    search: "検索",
    search_values: "値を検索",
    clear: "クリア",
    nothing_found: "見つかりません",
    choose_bounds: "範囲を選択",
    at_least: "下限",
    at_most: "上限",

    rows: "明細",
    close: "閉じる",
    load_more: "さらに読み込む",
    no_rows: "明細はありません",
};
