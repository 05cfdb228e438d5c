//! SELECT: rows, formats, counters, exceptions.

use clickhouse::{Compression, Row};
use serde::{Deserialize, Serialize};

use super::harness::Target;

#[derive(Debug, Clone, PartialEq, Row, Serialize, Deserialize)]
struct Sample {
    id: u64,
    delta: i32,
    price: f64,
    name: String,
    note: Option<String>,
    tags: Vec<String>,
    at_ms: i64,
}

fn samples() -> Vec<Sample> {
    (0..10_000_u32)
        .map(|n| Sample {
            id: u64::from(n) << 40 | u64::from(n),
            delta: -(n as i32),
            price: f64::from(n) / 3.0,
            name: format!("name\t{n}\n'\\é"),
            note: (n % 3 == 0).then(|| format!("{n} \0")),
            tags: (0..n % 4).map(|tag| format!("tag{tag}")).collect(),
            at_ms: i64::from(n) * 1_000_003,
        })
        .collect()
}

async fn check_round_trip(target: &Target, compression: Compression) {
    let client = target.client().with_compression(compression);
    target
        .execute(&[
            "DROP TABLE IF EXISTS samples",
            "CREATE TABLE samples (id UInt64, delta Int32, price Float64, name String, note Nullable(String), \
             tags Array(LowCardinality(String)), at_ms DateTime64(3, 'UTC')) ENGINE = MergeTree ORDER BY id",
        ])
        .await;
    let mut insert = client.insert::<Sample>("samples").await.unwrap();
    for sample in samples() {
        insert.write(&sample).await.unwrap();
    }
    insert.end().await.unwrap();
    let rows: Vec<Sample> = client
        .query("SELECT ?fields FROM samples ORDER BY id")
        .fetch_all()
        .await
        .unwrap();
    assert_eq!(rows, samples());
    let unchecked = client.with_validation(false);
    let rows: Vec<Sample> = unchecked
        .query("SELECT ?fields FROM samples ORDER BY id")
        .fetch_all()
        .await
        .unwrap();
    assert_eq!(rows, samples());
}

#[tokio::test]
async fn typed_rows_come_back_as_they_were_inserted() {
    let target = Target::start("typed_rows").await;
    check_round_trip(&target, Compression::Lz4).await;
    check_round_trip(&target, Compression::None).await;
}

#[tokio::test]
async fn a_row_type_that_does_not_fit_is_an_error_and_not_garbage() {
    let target = Target::start("row_type").await;
    let wrong = target
        .client()
        .query("SELECT toUInt32(1)")
        .fetch_one::<u64>()
        .await;
    assert!(
        matches!(wrong, Err(clickhouse::error::Error::SchemaMismatch(_))),
        "{wrong:?}"
    );
}

#[tokio::test]
async fn every_format_that_emban_asks_for_is_served() {
    let target = Target::start("formats").await;
    let sql = "SELECT number AS n, toString(number) AS s FROM numbers(2)";
    let check = async |format: &str, expected: &str| {
        assert_eq!(
            target.text(&[("default_format", format)], sql).await,
            expected,
            "{format}"
        );
    };
    check("CSVWithNames", "\"n\",\"s\"\n0,\"0\"\n1,\"1\"").await;
    check(
        "JSONEachRow",
        "{\"n\":0,\"s\":\"0\"}\n{\"n\":1,\"s\":\"1\"}",
    )
    .await;
    let compact: serde_json::Value =
        serde_json::from_str(&target.text(&[("default_format", "JSONCompact")], sql).await)
            .unwrap();
    assert_eq!(compact["data"], serde_json::json!([[0, "0"], [1, "1"]]));
    let mut cursor = target.client().query(sql).fetch_bytes("RowBinary").unwrap();
    assert_eq!(
        cursor.collect().await.unwrap().as_ref(),
        b"\0\0\0\0\0\0\0\0\x010\x01\0\0\0\0\0\0\0\x011"
    );
    let named = target
        .post(&[("default_format", "RowBinaryWithNamesAndTypes")], sql)
        .await
        .bytes()
        .await
        .unwrap();
    assert!(
        named.starts_with(b"\x02\x01n\x01s\x06UInt64\x06String\0"),
        "{named:?}"
    );
    let native = target
        .post(&[("default_format", "Native")], sql)
        .await
        .bytes()
        .await
        .unwrap();
    assert!(native.starts_with(b"\x02\x02\x01n\x06UInt64"), "{native:?}");
}

#[tokio::test]
async fn a_format_clause_wins_over_the_default() {
    let target = Target::start("format_clause").await;
    let response = target
        .post(&[("default_format", "JSON")], "SELECT 'a', 1 FORMAT CSV")
        .await;
    assert_eq!(response.headers()["X-ClickHouse-Format"], "CSV");
    assert_eq!(response.text().await.unwrap(), "\"a\",1\n");
    assert_eq!(target.text(&[], "SELECT 'a', 1").await, "a\t1");
}

#[tokio::test]
async fn the_summary_tells_how_many_rows_were_read() {
    let target = Target::start("summary").await;
    target
        .execute(&["CREATE TABLE t (a UInt64) ENGINE = MergeTree ORDER BY a"])
        .await;
    let written = target
        .post(
            &[("query", "INSERT INTO t FORMAT RowBinary")],
            7_u64.to_le_bytes().repeat(5000),
        )
        .await;
    assert_eq!(summary(&written)["written_rows"], "5000");
    let wait = ("wait_end_of_query", "1");
    let read = target
        .post(&[wait], "SELECT sum(a) FROM t WHERE a > 1")
        .await;
    let figures = summary(&read);
    assert_eq!(
        (&figures["read_rows"], &figures["read_bytes"]),
        (&"5000".into(), &"40000".into()),
        "{figures}"
    );
    assert!(
        figures["elapsed_ns"]
            .as_str()
            .unwrap()
            .parse::<u64>()
            .unwrap()
            > 0,
        "{figures}"
    );
    assert_eq!(read.text().await.unwrap(), "35000\n");
}

fn summary(response: &reqwest::Response) -> serde_json::Value {
    serde_json::from_slice(response.headers()["X-ClickHouse-Summary"].as_bytes()).unwrap()
}

#[tokio::test]
async fn exceptions_have_clickhouses_codes_statuses_and_words() {
    let target = Target::start("exceptions").await;
    for (sql, code, status) in [
        ("SELECT * FROM nowhere", 60, 404),
        ("SELECT nothing_of_that_name", 47, 404),
        ("SELEC 1", 62, 400),
        ("", 62, 400),
        ("SELECT throwIf(1, 'on purpose')", 395, 500),
    ] {
        let response = target.post(&[], sql).await;
        assert_eq!(response.status(), status, "{sql}");
        super::harness::refusal_of(response, code).await;
    }
    target
        .refusal(&[("database", "no_such_database")], "SELECT 1", 81)
        .await;
    let seen_by_client = target
        .client()
        .query("SELECT * FROM nowhere")
        .fetch_one::<u8>()
        .await
        .unwrap_err();
    assert!(
        seen_by_client
            .to_string()
            .contains("Code: 60. DB::Exception: "),
        "{seen_by_client}"
    );
}

#[tokio::test]
async fn many_queries_run_at_the_same_time_and_get_their_own_answers() {
    let target = Target::start("parallel").await;
    let client = target.client();
    let queries = (0..64_u64).map(|n| {
        let query = client
            .query("SELECT {n:UInt64} + count() FROM numbers(100000)")
            .param("n", n);
        async move { (n, query.fetch_one::<u64>().await.unwrap()) }
    });
    for (n, answer) in futures_util::future::join_all(queries).await {
        assert_eq!(answer, n + 100_000);
    }
}

#[tokio::test]
async fn a_session_setting_of_one_request_is_gone_in_the_next() {
    let target = Target::start("session").await;
    let sql = "SELECT value FROM system.settings WHERE name = 'max_result_rows'";
    assert_eq!(
        target
            .text(&[("max_result_rows", "77"), ("readonly", "1")], sql)
            .await,
        "77"
    );
    for _ in 0..20 {
        assert_eq!(target.text(&[], sql).await, "0");
    }
    assert_eq!(
        target.text(&[], "SELECT currentDatabase()").await,
        target.database
    );
    assert_eq!(
        target
            .text(&[("database", "system")], "SELECT currentDatabase()")
            .await,
        "system"
    );
}
