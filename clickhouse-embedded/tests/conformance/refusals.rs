//! What must fail loudly instead of being ignored.

use super::harness::{Target, real_server, refusal_of};

#[tokio::test]
async fn several_statements_in_one_request_run_none_of_them() {
    let target = Target::start("several_statements").await;
    target
        .execute(&["CREATE TABLE t (a UInt64) ENGINE = MergeTree ORDER BY a"])
        .await;
    for sql in [
        "SELECT 1; DROP TABLE t",
        "SELECT 1;\n-- a comment\nDROP TABLE t;",
        "SELECT ';' ; DROP TABLE t",
        "SELECT 1 /* ; */ ; DROP TABLE t",
        "INSERT INTO t VALUES (1); DROP TABLE t",
        "DROP TABLE t; SELECT 1",
    ] {
        target.refusal(&[], sql, 62).await;
        target.refusal(&[("readonly", "1")], sql, 62).await;
    }
    let nul = target.post(&[], "SELECT 1\0; DROP TABLE t").await;
    assert!(!nul.status().is_success());
    assert_eq!(
        target.text(&[], "SELECT count() FROM t").await,
        "0",
        "the table is there, and nothing was inserted"
    );
    for harmless in [
        "SELECT 1;",
        "SELECT ';'",
        "SELECT 1 -- ; DROP TABLE t",
        " ; ",
    ] {
        let answer = target.post(&[], harmless).await;
        assert_eq!(
            answer.status().is_success(),
            harmless != " ; ",
            "{harmless:?}"
        );
    }
}

#[tokio::test]
async fn a_statement_behind_an_inserts_rows_is_not_run() {
    let target = Target::start("behind_rows").await;
    target
        .execute(&["CREATE TABLE t (a UInt64) ENGINE = MergeTree ORDER BY a"])
        .await;
    let sql = "INSERT INTO t FORMAT JSONEachRow {\"a\":1}; DROP TABLE t";
    assert!(!target.post(&[], sql).await.status().is_success());
    assert_eq!(target.text(&[], "EXISTS TABLE t").await, "1");
}

#[tokio::test]
async fn unknown_settings_are_refused_by_name() {
    let target = Target::start("unknown_settings").await;
    for name in ["max_execution_tme", "nonsense_thing", "Readonly"] {
        let text = target.refusal(&[(name, "1")], "SELECT 1", 115).await;
        assert!(text.contains(name), "{text}");
    }
    let inserting = [
        ("query", "INSERT INTO nowhere FORMAT CSV"),
        ("max_execution_tme", "1"),
    ];
    refusal_of(target.post(&inserting, "1\n").await, 115).await;
}

#[tokio::test]
async fn bad_values_of_known_settings_are_refused() {
    let target = Target::start("bad_values").await;
    for (name, value) in [
        ("max_threads", "many"),
        ("result_overflow_mode", "explode"),
        ("max_result_rows", "-1"),
    ] {
        assert!(
            !target
                .post(&[(name, value)], "SELECT 1")
                .await
                .status()
                .is_success(),
            "{name}={value}"
        );
    }
}

#[tokio::test]
async fn what_the_helper_does_not_do_is_refused_and_not_ignored() {
    if real_server().is_some() {
        return;
    }
    let target = Target::start("not_done").await;
    for (name, code) in [
        ("session_id", 115),
        ("role", 48),
        ("compress", 48),
        ("user", 115),
        ("password", 115),
    ] {
        target.refusal(&[(name, "1")], "SELECT 1", code).await;
    }
    for sql in [
        "SET max_threads = 1",
        "USE system",
        "CREATE TEMPORARY TABLE x (a UInt8)",
        "BEGIN TRANSACTION",
        "SELECT 1 INTO OUTFILE 'emban-conformance.csv'",
        "INSERT INTO FUNCTION file('emban-conformance.csv', 'CSV', 'a UInt8') SELECT 1",
        "INSERT INTO nowhere FROM INFILE '/etc/passwd' FORMAT LineAsString",
    ] {
        target.refusal(&[], sql, 48).await;
    }
}

#[tokio::test]
async fn a_body_encoding_that_is_not_decoded_is_refused() {
    if real_server().is_some() {
        return;
    }
    let target = Target::start("encodings").await;
    for encoding in ["zstd", "gzip", "br", "lz4", "snappy"] {
        let request = reqwest::Client::new()
            .post(target.url.clone())
            .header("X-ClickHouse-Key", &target.password);
        let response = request
            .header("Content-Encoding", encoding)
            .body("SELECT 1")
            .send()
            .await
            .unwrap();
        assert_eq!(response.status(), 415, "{encoding}");
        let text = refusal_of(response, 89).await;
        assert!(text.contains(encoding), "{text}");
    }
}

#[tokio::test]
async fn statements_that_belong_to_the_operator_are_served() {
    let target = Target::start("operator").await;
    target
        .execute(&[
            "CREATE TABLE t (a UInt64) ENGINE = MergeTree ORDER BY a",
            "ALTER TABLE t FREEZE",
            "OPTIMIZE TABLE t FINAL",
            "SYSTEM FLUSH LOGS",
            "KILL QUERY WHERE query_id = 'no such query' ASYNC",
            "DETACH TABLE t",
            "ATTACH TABLE t",
            "DROP TABLE t",
        ])
        .await;
}
