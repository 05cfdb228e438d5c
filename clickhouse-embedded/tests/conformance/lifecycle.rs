//! The helper as a process: its one line, its directory, its end. Left out against a real server.

use std::path::Path;

use super::harness::{
    Helper, SECRET, command, command_with_library, failure, library, real_server,
};

async fn sql(helper: &Helper, sql: impl Into<reqwest::Body>) -> String {
    let request = reqwest::Client::new()
        .post(helper.url.clone())
        .header("X-ClickHouse-Key", SECRET);
    let response = request.body(sql).send().await.expect("an answer");
    let (status, text) = (response.status(), response.text().await.unwrap());
    assert!(status.is_success(), "{text}");
    text.trim_end().to_owned()
}

#[tokio::test]
async fn acknowledged_rows_survive_a_kill() {
    if real_server().is_some() {
        return;
    }
    let data = tempfile::tempdir().unwrap();
    let mut helper = Helper::start(data.path());
    sql(
        &helper,
        "CREATE TABLE t (a UInt64) ENGINE = MergeTree ORDER BY a",
    )
    .await;
    for round in 1..=3_u64 {
        for batch in 0..20_u64 {
            let rows: Vec<u8> = (0..500)
                .flat_map(|n: u64| (round * 1_000_000 + batch * 500 + n).to_le_bytes())
                .collect();
            sql(
                &helper,
                [b"INSERT INTO t FORMAT RowBinary\n", rows.as_slice()].concat(),
            )
            .await;
        }
        helper.kill();
        helper = Helper::start(data.path());
        let expected = format!("{0}\t{0}", round * 10_000);
        assert_eq!(
            sql(&helper, "SELECT count(), uniqExact(a) FROM t").await,
            expected
        );
    }
}

#[tokio::test]
async fn its_one_line_and_its_identity_say_the_same() {
    if real_server().is_some() {
        return;
    }
    let data = tempfile::tempdir().unwrap();
    let helper = Helper::start(data.path());
    let ready = helper.ready.clone();
    assert_eq!(ready["pid"], helper.child.id());
    assert_eq!(
        Path::new(ready["data_dir"].as_str().unwrap()),
        data.path().canonicalize().unwrap()
    );
    let request = reqwest::Client::new()
        .get(helper.url.join("identity").unwrap())
        .header("X-ClickHouse-Key", SECRET);
    let identity: serde_json::Value = request.send().await.unwrap().json().await.unwrap();
    for field in ["pid", "data_dir", "engine"] {
        assert_eq!(identity[field], ready[field], "{field}");
    }
    assert_eq!(
        sql(&helper, "SELECT version()").await,
        ready["engine"].as_str().unwrap()
    );
}

#[tokio::test]
async fn a_directory_in_use_is_refused_by_name() {
    if real_server().is_some() {
        return;
    }
    let data = tempfile::tempdir().unwrap();
    let first = Helper::start(data.path());
    let said = failure(command(data.path()));
    assert!(
        said.contains(data.path().to_str().unwrap()) && said.contains("in use"),
        "{said}"
    );
    assert_eq!(sql(&first, "SELECT 1").await, "1");
}

#[tokio::test]
async fn a_successor_waits_for_the_directory() {
    if real_server().is_some() {
        return;
    }
    let data = tempfile::tempdir().unwrap();
    let first = Helper::start(data.path());
    sql(
        &first,
        "CREATE TABLE left (n UInt8) ENGINE = MergeTree ORDER BY n",
    )
    .await;
    sql(&first, "INSERT INTO left VALUES (7)").await;
    let mut waiting = command(data.path());
    waiting.args(["--wait-for-data-dir", "60"]);
    let second = std::thread::spawn(move || Helper::of(&mut waiting));
    drop(first);
    let second = second.join().unwrap();
    assert_eq!(sql(&second, "SELECT n FROM left").await, "7");
}

#[test]
fn of_several_that_wait_for_a_directory_each_gets_it_in_turn() {
    if real_server().is_some() {
        return;
    }
    let data = tempfile::tempdir().unwrap();
    let first = Helper::start(data.path());
    let waiting: Vec<_> = (0..4)
        .map(|_| {
            let mut command = command(data.path());
            command.args(["--wait-for-data-dir", "60"]);
            // Killed as soon as it is ready, so that all that are left see the directory free at the same moment.
            std::thread::spawn(move || Helper::of(&mut command).kill())
        })
        .collect();
    drop(first);
    for successor in waiting {
        successor.join().unwrap();
    }
}

#[test]
fn what_it_cannot_start_with_is_said_in_one_sentence() {
    if real_server().is_some() {
        return;
    }
    let data = tempfile::tempdir().unwrap();
    let check = |command, word: &str| {
        let said = failure(command);
        assert!(
            said.contains(word) && said.lines().count() == 1,
            "{word}: {said}"
        );
    };
    check(
        command_with_library(Path::new("no/such/libchdb.so"), data.path()),
        "no/such/libchdb.so",
    );
    let not_a_library = data.path().join("libchdb.so");
    std::fs::write(&not_a_library, "text").unwrap();
    check(
        command_with_library(&not_a_library, data.path()),
        "libchdb.so",
    );
    // Another library, which has none of the functions: the one that every program here has loaded.
    let maps = std::fs::read_to_string("/proc/self/maps").unwrap();
    let libc = maps
        .lines()
        .find_map(|line| {
            line.split_whitespace()
                .last()
                .filter(|path| path.contains("libc.so"))
        })
        .unwrap();
    check(command_with_library(Path::new(libc), data.path()), "chdb_");
    let mut no_secret = command(data.path());
    no_secret.env_remove("EMBAN_CLICKHOUSE_SECRET");
    check(no_secret, "EMBAN_CLICKHOUSE_SECRET");
    let mut everywhere = command(data.path());
    everywhere.args(["--listen", "0.0.0.0:0"]);
    check(everywhere, "loopback");
}

#[tokio::test]
async fn it_ends_when_stdin_ends_and_lets_go_of_the_directory() {
    if real_server().is_some() {
        return;
    }
    let data = tempfile::tempdir().unwrap();
    let mut helper = Helper::start(data.path());
    sql(
        &helper,
        "CREATE TABLE t (a UInt64) ENGINE = MergeTree ORDER BY a",
    )
    .await;
    drop(helper.child.stdin.take());
    let (status, out, err) = helper.wait();
    assert!(status.success(), "{status} {err}");
    assert_eq!(out, "", "stdout holds one line and no more");
    assert_eq!(
        sql(&Helper::start(data.path()), "EXISTS TABLE t").await,
        "1"
    );
}

#[tokio::test]
async fn a_terminated_helper_finishes_what_it_has_begun() {
    if real_server().is_some() {
        return;
    }
    let data = tempfile::tempdir().unwrap();
    let helper = Helper::start(data.path());
    let slow = "SELECT sum(sleepEachRow(0.1)), count() FROM numbers(15)";
    let signalled = async {
        let running = "SELECT count() FROM system.processes WHERE query LIKE '%sleepEachRow%'";
        while sql(&helper, running).await != "2" {}
        helper.send_signal("-TERM");
    };
    let (answer, ()) = tokio::join!(sql(&helper, slow), signalled);
    assert_eq!(answer, "0\t15");
    let (status, _, err) = helper.wait();
    assert!(status.success(), "{status} {err}");
}

#[tokio::test]
async fn the_log_holds_neither_the_secret_nor_values() {
    if real_server().is_some() {
        return;
    }
    let data = tempfile::tempdir().unwrap();
    let mut helper = Helper::start(data.path());
    let marker = "value-of-a-customer";
    let request = |body: String| {
        let mut url = helper.url.clone();
        url.query_pairs_mut().append_pair("param_x", marker);
        reqwest::Client::new()
            .post(url)
            .header("X-ClickHouse-Key", SECRET)
            .body(body)
            .send()
    };
    for body in [
        "SELECT {x:UInt8}".to_owned(),
        format!("SELECT '{marker}' FROM nowhere"),
        format!("SELEC '{marker}'"),
    ] {
        assert!(!request(body).await.unwrap().status().is_success());
    }
    reqwest::Client::new()
        .post(helper.url.clone())
        .header("X-ClickHouse-Key", "wrong-key")
        .send()
        .await
        .unwrap();
    drop(helper.child.stdin.take());
    let (_, _, log) = helper.wait();
    assert!(
        !log.contains(marker) && !log.contains(SECRET) && !log.contains("wrong-key"),
        "{log}"
    );
    assert!(
        log.contains("without the right secret"),
        "something is logged: {log}"
    );
}

#[test]
fn the_library_of_the_tests_is_there() {
    if real_server().is_none() {
        assert!(library().is_file(), "{}", library().display());
    }
}
