//! INSERT: every byte of every row, once, or an error.

use bytes::Bytes;
use clickhouse::{Compression, Row};
use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};
use serde::{Deserialize, Serialize};

use super::harness::{Target, refusal_of};

const CREATE_RAW: &str =
    "CREATE TABLE raw (seq UInt32, id UInt64, payload String) ENGINE = MergeTree ORDER BY seq";

/// RowBinary rows of random bytes, among them every value that a text parser takes for white space.
struct RandomRows {
    bytes: Vec<u8>,
    count: u32,
    id_sum: u64,
    payload_bytes: u64,
}

fn random_rows(count: u32, seed: u64) -> RandomRows {
    let mut random = StdRng::seed_from_u64(seed);
    let mut rows = RandomRows {
        bytes: Vec::new(),
        count,
        id_sum: 0,
        payload_bytes: 0,
    };
    for seq in 0..count {
        let id: u64 = u64::from(seq).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        let length = random.random_range(0..24_u8);
        rows.bytes.extend(seq.to_le_bytes());
        rows.bytes.extend(id.to_le_bytes());
        rows.bytes.push(length);
        for _ in 0..length {
            let blank = b" \t\n\r\x0b\x0c\0\\"[random.random_range(0..8)];
            rows.bytes.push(if random.random_bool(0.3) {
                blank
            } else {
                random.random()
            });
        }
        rows.id_sum = rows.id_sum.wrapping_add(id);
        rows.payload_bytes += u64::from(length);
    }
    rows
}

async fn check_rows(target: &Target, rows: &RandomRows) {
    let figures = target
        .text(
            &[],
            "SELECT count(), uniqExact(id), sum(id), sum(length(payload)) FROM raw",
        )
        .await;
    let RandomRows {
        count,
        id_sum,
        payload_bytes,
        ..
    } = rows;
    assert_eq!(
        figures,
        format!("{count}\t{count}\t{id_sum}\t{payload_bytes}")
    );
    let read = target
        .post(
            &[("default_format", "RowBinary")],
            "SELECT * FROM raw ORDER BY seq",
        )
        .await;
    assert!(
        read.bytes().await.unwrap() == rows.bytes,
        "the rows that are read are not the rows that were sent"
    );
}

async fn check_million(name: &str, compression: Compression) {
    let target = Target::start(name).await;
    target.execute(&[CREATE_RAW]).await;
    let rows = random_rows(1_100_000, 7);
    let client = target.client().with_compression(compression);
    let mut insert =
        client.insert_formatted_with("INSERT INTO raw(seq, id, payload) FORMAT RowBinary");
    // Pieces of an odd size: neither rows nor blocks end where pieces do.
    for piece in rows.bytes.chunks(99_991) {
        insert.send(Bytes::copy_from_slice(piece)).await.unwrap();
    }
    insert.end().await.unwrap();
    check_rows(&target, &rows).await;
}

#[tokio::test]
async fn a_million_rows_of_random_bytes_arrive_exactly_in_many_compressed_blocks() {
    check_million("million_lz4", Compression::Lz4).await;
}

#[tokio::test]
async fn a_million_rows_of_random_bytes_arrive_exactly_without_compression() {
    check_million("million_plain", Compression::None).await;
}

#[tokio::test]
async fn binary_rows_written_behind_the_statement_arrive_exactly() {
    let target = Target::start("inline_rows").await;
    target.execute(&[CREATE_RAW]).await;
    let rows = random_rows(200_000, 8);
    let body = [b"INSERT INTO raw FORMAT RowBinary\n", rows.bytes.as_slice()].concat();
    let response = target.post(&[], body).await;
    assert!(
        response.status().is_success(),
        "{}",
        response.text().await.unwrap()
    );
    check_rows(&target, &rows).await;
}

#[derive(Debug, PartialEq, Row, Serialize, Deserialize)]
struct Event {
    id: u32,
    props: String,
}

#[tokio::test]
async fn json_columns_are_written_and_read_as_text_by_the_client() {
    let target = Target::start("json").await;
    check_json(&target, "JSON(price Float64)", true).await;
    // The client's header leaves out `max_dynamic_paths`, and the engine then says that the types differ (code 117):
    // such a column needs a client without validation.
    check_json(
        &target,
        "JSON(max_dynamic_paths = 64, price Float64)",
        false,
    )
    .await;
}

async fn check_json(target: &Target, column: &str, validation: bool) {
    let create =
        format!("CREATE TABLE events (id UInt32, props {column}) ENGINE = MergeTree ORDER BY id");
    target
        .execute(&["DROP TABLE IF EXISTS events", &create])
        .await;
    let client = target.client().with_validation(validation);
    let client = client.with_setting("input_format_binary_read_json_as_string", "1");
    let client = client.with_setting("output_format_binary_write_json_as_string", "1");
    let mut insert = client.insert::<Event>("events").await.unwrap();
    for id in 0..1000_u32 {
        let props = serde_json::json!({ "price": f64::from(id) / 2.0, "page": format!("/\t'{id}\"é"), "n": id });
        insert
            .write(&Event {
                id,
                props: props.to_string(),
            })
            .await
            .unwrap();
    }
    insert.end().await.unwrap();
    let sums = client.query(
        "SELECT sum(props.price), sum(props.n::UInt64), uniqExact(props.page::String) FROM events",
    );
    assert_eq!(
        sums.fetch_one::<(f64, u64, u64)>().await.unwrap(),
        (249_750.0, 499_500, 1000)
    );
    let page = client
        .query("SELECT props.page::String FROM events WHERE id = 7")
        .fetch_one::<String>()
        .await
        .unwrap();
    assert_eq!(page, "/\t'7\"é");
    let event = client
        .query("SELECT ?fields FROM events WHERE id = 7")
        .fetch_one::<Event>()
        .await
        .unwrap();
    let props: serde_json::Value = serde_json::from_str(&event.props).unwrap();
    assert_eq!(
        (props["page"].as_str(), props["price"].as_f64()),
        (Some("/\t'7\"é"), Some(3.5))
    );
}

#[tokio::test]
async fn a_repeated_deduplication_token_writes_nothing() {
    let target = Target::start("dedup").await;
    target
        .execute(&["CREATE TABLE t (a UInt32) ENGINE = MergeTree ORDER BY a \
                    SETTINGS non_replicated_deduplication_window = 100"])
        .await;
    for (token, value, total) in [
        ("one", 1_u32, "10"),
        ("one", 2, "10"),
        ("two", 1, "20"),
        ("two", 3, "20"),
    ] {
        let parameters = [
            ("query", "INSERT INTO t FORMAT RowBinary"),
            ("insert_deduplication_token", token),
        ];
        let response = target
            .post(&parameters, value.to_le_bytes().repeat(10))
            .await;
        assert!(response.status().is_success());
        assert_eq!(
            target.text(&[], "SELECT count() FROM t").await,
            total,
            "token {token}, value {value}"
        );
    }
}

#[tokio::test]
async fn a_refused_insert_tells_its_client_why_however_large_it_is() {
    let target = Target::start("refused_insert").await;
    target
        .execute(&["CREATE TABLE t (a UInt32) ENGINE = MergeTree ORDER BY a"])
        .await;
    let large = vec![1_u8; 8 << 20];
    refusal_of(
        target
            .post(
                &[("query", "INSERT INTO nowhere FORMAT RowBinary")],
                large.clone(),
            )
            .await,
        60,
    )
    .await;
    refusal_of(
        target
            .post(
                &[("query", "INSERT INTO t FORMAT NoSuchFormat")],
                large.clone(),
            )
            .await,
        73,
    )
    .await;
    let client = target.client();
    let mut insert = client.insert_formatted_with("INSERT INTO nowhere FORMAT RowBinary");
    let sent = async {
        for _ in 0..16 {
            insert.send(Bytes::from(large.clone())).await?;
        }
        insert.end().await
    };
    let error = sent.await.unwrap_err();
    assert!(error.to_string().contains("Code: 60."), "{error}");
    // Three bytes of a four-byte number.
    refusal_of(
        target
            .post(
                &[("query", "INSERT INTO t FORMAT RowBinary")],
                vec![1_u8; 4003],
            )
            .await,
        33,
    )
    .await;
    assert_eq!(target.text(&[], "SELECT count() FROM t").await, "0");
}

/// One block of ClickHouse's compression with method NONE.
fn plain_block(content: &[u8]) -> Vec<u8> {
    let mut hashed = vec![0x02];
    hashed.extend((content.len() as u32 + 9).to_le_bytes());
    hashed.extend((content.len() as u32).to_le_bytes());
    hashed.extend(content);
    let checksum = cityhash_rs::cityhash_102_128(&hashed).rotate_right(64);
    [checksum.to_le_bytes().as_slice(), &hashed].concat()
}

#[tokio::test]
async fn damaged_compressed_bodies_write_nothing() {
    let target = Target::start("damaged").await;
    target
        .execute(&["CREATE TABLE t (a UInt32) ENGINE = MergeTree ORDER BY a"])
        .await;
    let parameters = [
        ("query", "INSERT INTO t FORMAT RowBinary"),
        ("decompress", "1"),
    ];
    let blocks = [plain_block(&[1; 400]), plain_block(&[2; 400])].concat();
    let mut flipped = blocks.clone();
    *flipped.last_mut().unwrap() ^= 1;
    refusal_of(target.post(&parameters, flipped).await, 40).await;
    let cut = blocks[..blocks.len() - 1].to_vec();
    assert!(!target.post(&parameters, cut).await.status().is_success());
    assert_eq!(target.text(&[], "SELECT count() FROM t").await, "0");
    assert!(target.post(&parameters, blocks).await.status().is_success());
    assert_eq!(target.text(&[], "SELECT count() FROM t").await, "200");
}

#[tokio::test]
async fn an_insert_whose_client_goes_away_writes_nothing() {
    let target = Target::start("abandoned_insert").await;
    target
        .execute(&["CREATE TABLE t (a UInt32) ENGINE = MergeTree ORDER BY a"])
        .await;
    let client = target.client();
    let running = "SELECT count() FROM system.processes \
                   WHERE query_kind = 'Insert' AND current_database = currentDatabase()";
    let mut insert = client.insert_formatted_with("INSERT INTO t FORMAT RowBinary");
    insert.send(Bytes::from(vec![1_u8; 4000])).await.unwrap();
    target.wait_for(running, "1").await;
    drop(insert);
    target.wait_for(running, "0").await;
    assert_eq!(target.text(&[], "SELECT count() FROM t").await, "0");
}

#[tokio::test]
async fn text_inserts_and_inserts_from_a_select_work_too() {
    let target = Target::start("other_inserts").await;
    target
        .execute(&[
            "CREATE TABLE t (a UInt32, s String) ENGINE = MergeTree ORDER BY a",
            "INSERT INTO t VALUES (1, 'a;b'), (2, concat('x', 'y'))",
            "INSERT INTO t (a, s) SELECT number, 'from select' FROM numbers(10, 3)",
            "INSERT INTO t FORMAT JSONEachRow {\"a\":3,\"s\":\"json\"}\n{\"a\":4,\"s\":\"FORMAT CSV\"}",
            "INSERT INTO t (s, a) FORMAT CSV\n\"csv\",5\n",
        ])
        .await;
    let values = [("query", "INSERT INTO t (a, s) VALUES")];
    assert!(
        target
            .post(&values, "(6, 'url and body')")
            .await
            .status()
            .is_success()
    );
    let client = target.client();
    client
        .query("INSERT INTO t VALUES ({a:UInt32}, {s:String})")
        .param("a", 7)
        .param("s", "p'\t")
        .execute()
        .await
        .unwrap();
    assert_eq!(
        target.text(&[], "SELECT a, s FROM t ORDER BY a").await,
        "1\ta;b\n2\txy\n3\tjson\n4\tFORMAT CSV\n5\tcsv\n6\turl and body\n7\tp\\'\\t\n\
         10\tfrom select\n11\tfrom select\n12\tfrom select"
    );
}

#[tokio::test]
async fn inserts_at_the_same_time_lose_and_repeat_nothing() {
    let target = Target::start("parallel_inserts").await;
    target
        .execute(&["CREATE TABLE t (a UInt64) ENGINE = MergeTree ORDER BY a"])
        .await;
    let client = target.client();
    let inserts = (0..12_u64).map(|writer| {
        let client = client.clone();
        async move {
            for batch in 0..5_u64 {
                let mut insert = client.insert_formatted_with("INSERT INTO t FORMAT RowBinary");
                let first = (writer * 5 + batch) * 1000;
                let rows: Vec<u8> = (first..first + 1000).flat_map(u64::to_le_bytes).collect();
                insert.send(rows.into()).await.unwrap();
                insert.end().await.unwrap();
            }
        }
    });
    futures_util::future::join_all(inserts).await;
    let figures = target
        .text(&[], "SELECT count(), uniqExact(a), sum(a) FROM t")
        .await;
    assert_eq!(
        figures,
        format!("60000\t60000\t{}", 60_000_u64 * 59_999 / 2)
    );
}
