//! Settings that bound a query, and `readonly`, which protects them.

use super::harness::{Target, real_server, refusal_of};

#[tokio::test]
async fn limits_of_the_request_stop_the_query() {
    let target = Target::start("limits").await;
    let endless = "SELECT count() FROM numbers(1000000000000) WHERE sipHash64(number) = 1";
    target
        .refusal(&[("max_execution_time", "0.3")], endless, 159)
        .await;
    target
        .refusal(
            &[("max_result_rows", "5")],
            "SELECT number FROM numbers(10)",
            396,
        )
        .await;
    target
        .refusal(
            &[("max_result_bytes", "100")],
            "SELECT number FROM numbers(1000)",
            396,
        )
        .await;
    target
        .refusal(
            &[("max_rows_to_read", "5")],
            "SELECT sum(number) FROM numbers(10000)",
            158,
        )
        .await;
    let hungry = "SELECT length(groupArray(number)) FROM numbers(100000000)";
    target
        .refusal(&[("max_memory_usage", "50000000")], hungry, 241)
        .await;
}

#[tokio::test]
async fn an_overflow_mode_of_break_returns_what_there_is() {
    let target = Target::start("break").await;
    let settings = [
        ("max_result_rows", "5"),
        ("result_overflow_mode", "break"),
        ("max_threads", "1"),
    ];
    let rows = target
        .text(
            &[&settings[..], &[("readonly", "1")]].concat(),
            "SELECT number FROM numbers(10)",
        )
        .await;
    assert_eq!(rows.lines().next(), Some("0"), "{rows}");
}

#[tokio::test]
async fn a_read_only_request_cannot_write_or_administer() {
    let target = Target::start("read_only").await;
    target
        .execute(&[
            "CREATE TABLE t (a UInt64) ENGINE = MergeTree ORDER BY a",
            "INSERT INTO t VALUES (1)",
        ])
        .await;
    // In either order: the other settings of the request are applied all the same.
    let settings = [("readonly", "1"), ("max_threads", "1")];
    for sql in [
        "INSERT INTO t VALUES (2)",
        "INSERT INTO t SELECT 2",
        "INSERT INTO t FORMAT CSV\n2",
        "ALTER TABLE t DELETE WHERE 1",
        "ALTER TABLE t ADD COLUMN b UInt8",
        "TRUNCATE TABLE t",
        "DROP TABLE t",
        "CREATE TABLE u (a UInt8) ENGINE = Memory",
        "SYSTEM STOP MERGES",
    ] {
        target.refusal(&settings, sql, 164).await;
    }
    let insert = [
        ("readonly", "1"),
        ("query", "INSERT INTO t FORMAT RowBinary"),
    ];
    refusal_of(
        target.post(&insert, 2_u64.to_le_bytes().to_vec()).await,
        164,
    )
    .await;
    let still_there = "SELECT sum(a), getSetting('max_threads') FROM t";
    assert_eq!(target.text(&settings, still_there).await, "1\t1");
}

#[tokio::test]
async fn a_read_only_request_cannot_change_its_settings_in_sql() {
    let target = Target::start("read_only_settings").await;
    target
        .execute(&[
            "CREATE TABLE t (tenant String, a UInt64) ENGINE = MergeTree ORDER BY tenant",
            "INSERT INTO t VALUES ('acme', 1), ('globex', 10)",
        ])
        .await;
    let table = format!("{}.t", target.database);
    let filter = format!("{{'{table}': 'tenant = \\'acme\\''}}");
    let settings = [
        ("additional_table_filters", filter.as_str()),
        ("readonly", "1"),
        ("max_result_rows", "3"),
    ];
    assert_eq!(target.text(&settings, "SELECT sum(a) FROM t").await, "1");
    assert_eq!(
        target
            .text(
                &settings,
                "SELECT sum(a) FROM t WHERE tenant = 'globex' OR 1"
            )
            .await,
        "1"
    );
    for clause in [
        "additional_table_filters = {}".to_owned(),
        format!("additional_table_filters = {{'{table}': '1'}}"),
        "readonly = 0".to_owned(),
        "max_result_rows = 100".to_owned(),
    ] {
        target
            .refusal(
                &settings,
                &format!("SELECT sum(a) FROM t SETTINGS {clause}"),
                164,
            )
            .await;
        if real_server().is_some() {
            continue;
        }
        // The engine alone lets these pass: the helper refuses them.
        let select = format!("SELECT sum(a) FROM t SETTINGS {clause}");
        for hidden in [
            format!("SELECT * FROM ({select})"),
            format!("WITH x AS ({select}) SELECT * FROM x"),
            format!("SELECT * FROM view({select})"),
            format!("{select} UNION ALL SELECT 1"),
            format!(
                "SELECT $a$ ' $a$, ({})",
                select
                    .replace("SETTINGS ", "settings/* */`")
                    .replacen(" =", "` =", 1)
            ),
        ] {
            target.refusal(&settings, &hidden, 164).await;
        }
    }
    let harmless = "SELECT 'SETTINGS a = 1' AS settings, count() > 0 FROM system.settings";
    assert_eq!(
        target.text(&[("readonly", "1")], harmless).await,
        "SETTINGS a = 1\t1"
    );
}

#[tokio::test]
async fn a_read_only_request_reaches_no_file_and_no_other_machine() {
    let target = Target::start("read_only_outside").await;
    for sql in [
        "SELECT * FROM file('/etc/passwd', 'LineAsString')",
        "SELECT * FROM url('http://127.0.0.1:9/', 'LineAsString')",
        "SELECT * FROM remote('127.0.0.1', system.one)",
        "SELECT * FROM executable('id', 'TSV', 'a String')",
    ] {
        target.refusal(&[("readonly", "1")], sql, 164).await;
    }
}

#[tokio::test]
async fn get_requests_are_read_only() {
    let target = Target::start("get").await;
    let get = async |sql: &str| {
        let mut url = target.url.clone();
        url.query_pairs_mut()
            .append_pair("database", &target.database)
            .append_pair("query", sql);
        let request = reqwest::Client::new().get(url);
        let request = request
            .header("X-ClickHouse-User", &target.user)
            .header("X-ClickHouse-Key", &target.password);
        request.send().await.unwrap()
    };
    assert_eq!(get("SELECT 1").await.text().await.unwrap(), "1\n");
    refusal_of(get("CREATE TABLE t (a UInt8) ENGINE = Memory").await, 164).await;
}
