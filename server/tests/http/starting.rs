//! A start that cannot succeed ends with a sentence that names the reason.

use std::net::TcpListener;

use crate::origin::{Origin, command};

/// Standard error of a start that must fail.
fn failure(variables: &[(&str, &str)]) -> String {
    let dir = tempfile::tempdir().unwrap();
    let mut command = command(dir.path());
    let output = command.envs(variables.iter().copied()).output().unwrap();
    let text = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{text}");
    assert!(!text.contains("panicked"), "{text}");
    text
}

fn check(variables: &[(&str, &str)], expect: &[&str]) {
    let text = failure(variables);
    for part in expect {
        assert!(text.contains(part), "{part:?} is not in {text}");
    }
}

#[test]
fn a_taken_port_is_named() {
    let holder = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = holder.local_addr().unwrap().to_string();
    check(
        &[("EMBAN_LISTEN", &address)],
        &[&address, "EMBAN_LISTEN", "in use"],
    );
}

#[test]
fn an_unknown_variable_and_a_bad_value_are_named_together() {
    check(
        &[
            ("EMBAN_LISTEM", "x"),
            ("EMBAN_PUBLIC_URL", "edge.example.com"),
            ("EMBAN_LOG", "=[["),
            ("EMBAN_SPOOL_MIB", "0"),
            ("EMBAN_RATE_PER_KEY", "many"),
        ],
        &[
            "EMBAN_LISTEM is not a variable of Emban",
            "EMBAN_PUBLIC_URL must start with",
            "EMBAN_LOG must be a level",
            "EMBAN_SPOOL_MIB must be 1 or more",
            "EMBAN_RATE_PER_KEY must be a whole number",
        ],
    );
}

#[test]
fn missing_pieces_are_named() {
    let missing = [
        ("EMBAN_LIBCHDB", "/nowhere/libchdb.so"),
        ("EMBAN_CLICKHOUSE_HELPER", "/nowhere/helper"),
        ("EMBAN_ASSETS_DIR", "/nowhere"),
    ];
    let mut words: Vec<&str> = missing.iter().flat_map(|(n, v)| [*n, *v]).collect();
    words.push("cargo xtask build runtime");
    check(&missing, &words);
    check(
        &[("EMBAN_DATA_DIR", "/proc/nowhere")],
        &["/proc/nowhere", "cannot make"],
    );
}

#[test]
fn a_helper_that_is_no_program_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("helper");
    std::fs::write(&file, "").unwrap();
    let path = file.to_str().unwrap();
    check(
        &[("EMBAN_CLICKHOUSE_HELPER", path)],
        &[path, "cannot be started"],
    );
}

#[test]
fn a_warehouse_that_does_not_answer_is_named() {
    let closed = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    check(
        &[("EMBAN_CLICKHOUSE_URL", &format!("http://{closed}"))],
        &["EMBAN_CLICKHOUSE_URL", "does not answer"],
    );
}

#[test]
fn a_secret_stays_out_of_what_is_said() {
    let url = "postgres://emban:hunter2secret@127.0.0.1:1/emban";
    let text = failure(&[("EMBAN_DATABASE_URL", url)]);
    assert!(!text.contains("hunter2secret"), "{text}");
    assert!(text.contains("EMBAN_DATABASE_URL"), "{text}");
}

#[test]
fn a_file_configures_as_variables_do() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("emban.toml");
    std::fs::write(&file, "public_url = \"edge.example.com\"\nlistem = \"x\"\n").unwrap();
    check(
        &[("EMBAN_CONFIG", file.to_str().unwrap())],
        &[
            "EMBAN_PUBLIC_URL must start with",
            "EMBAN_LISTEM is not a variable of Emban",
        ],
    );
}

#[tokio::test]
async fn the_data_folder_is_its_owners_only() {
    assert_eq!(Origin::start().data_mode(), 0o700);
}

#[tokio::test]
async fn the_allocator_is_told_to_give_back_what_is_free() {
    let has = |origin: &Origin, line: &str| origin.environment().lines().any(|one| one == line);
    assert!(has(&Origin::start(), "MIMALLOC_PURGE_DELAY=10"));
    let own = Origin::start_with(&[("MIMALLOC_PURGE_DELAY", "250")]);
    assert!(has(&own, "MIMALLOC_PURGE_DELAY=250"));
}
