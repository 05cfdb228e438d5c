//! What an operator tries by hand.

use std::path::Path;
use std::process::Output;

use crate::origin::{Origin, run};

const URL: &str = "EMBAN_CLICKHOUSE_URL";
const READER: (&str, &str) = ("EMBAN_CLICKHOUSE_READ_USER", "emban_reader");
const PASSWORD: (&str, &str) = (
    "EMBAN_CLICKHOUSE_READ_PASSWORD",
    "the password of the reading user",
);

fn said(output: &Output) -> (String, String) {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    (text(&output.stdout), text(&output.stderr))
}

fn doctor(dir: &Path, variables: &[(&str, &str)]) -> (bool, String) {
    let output = run(dir, &["doctor"], variables);
    (output.status.success(), said(&output).0)
}

#[test]
fn a_sound_configuration_is_sound_and_an_exposed_key_is_named() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::create_dir(dir.path().join("data")).unwrap();
    let (sound, report) = doctor(dir.path(), &[]);
    assert!(sound, "{report}");
    assert!(
        report.contains("ok     control database: answers"),
        "{report}"
    );
    assert!(
        report.contains("ok     signing keys: 1 published"),
        "{report}"
    );
    assert!(
        report.contains("open   warehouse: the embedded engine"),
        "{report}"
    );
    assert!(
        report.contains("open   edge: EMBAN_PUBLIC_URL is not set"),
        "{report}"
    );

    use std::os::unix::fs::PermissionsExt as _;
    let key = dir.path().join("data/signing/production.key");
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o644)).unwrap();
    let (sound, report) = doctor(dir.path(), &[]);
    assert!(!sound);
    assert!(
        report.contains("BROKEN signing keys: ") && report.contains("production.key"),
        "{report}"
    );
}

#[test]
fn what_is_not_there_is_told_and_not_made() {
    let dir = tempfile::tempdir().unwrap();
    let (sound, report) = doctor(dir.path(), &[("EMBAN_LIBCHDB", "/nowhere/libchdb.so")]);
    assert!(!sound, "{report}");
    let line = "BROKEN files: EMBAN_LIBCHDB: there is no file /nowhere/libchdb.so";
    assert!(report.contains(line), "{report}");
    let mistyped = dir.path().join("mistyped");
    let (sound, report) = doctor(
        dir.path(),
        &[("EMBAN_DATA_DIR", mistyped.to_str().unwrap())],
    );
    assert!(
        sound && report.contains("open   data directory"),
        "{report}"
    );
    assert!(!mistyped.exists());
}

#[test]
fn a_warehouse_that_does_not_answer_is_broken() {
    let dir = tempfile::tempdir().unwrap();
    let (sound, report) = doctor(dir.path(), &[(URL, "http://127.0.0.1:1")]);
    assert!(!sound);
    assert!(
        report.contains("BROKEN warehouse: the warehouse did not answer"),
        "{report}"
    );
}

/// An origin without an edge stands in for one: it answers the same routes.
#[tokio::test]
async fn an_edge_is_asked_whether_it_holds_our_keys_and_reaches_our_origin() {
    let (ours, other) = (Origin::start(), Origin::start());
    let examined = |url: &str| {
        let output = ours.run_with(&["doctor"], &[("EMBAN_PUBLIC_URL", url)]);
        (output.status.success(), said(&output).0)
    };
    let (sound, report) = examined(&ours.url);
    assert!(sound, "{report}");
    for line in [
        "ok     edge: http",
        "ok     edge's clock: ",
        "ok     edge's keys: all 1 of ours",
        "ok     edge's way to the origin: ",
    ] {
        assert!(report.contains(line), "{line} is not in {report}");
    }
    let (sound, report) = examined(&other.url);
    assert!(!sound);
    for line in [
        "ok     edge: http",
        "BROKEN edge's keys: it does not know ",
        "BROKEN edge's way to the origin: it refuses our sessions",
    ] {
        assert!(report.contains(line), "{line} is not in {report}");
    }
    let (sound, report) = examined("http://127.0.0.1:1");
    assert!(!sound);
    assert!(
        report.contains("BROKEN edge: http://127.0.0.1:1: "),
        "{report}"
    );
}

#[test]
fn the_policies_are_printed_without_the_password() {
    let dir = tempfile::tempdir().unwrap();
    let server = (URL, "http://127.0.0.1:1");
    let output = run(
        dir.path(),
        &["warehouse", "policies"],
        &[server, READER, PASSWORD],
    );
    let (printed, log) = said(&output);
    assert!(output.status.success(), "{log}");
    assert!(
        printed.contains(
            "CREATE ROW POLICY OR REPLACE emban_tenant ON emban_production.events \
         USING tenant_id = getSetting('SQL_emban_tenant') TO emban_reader;"
        ),
        "{printed}"
    );
    assert!(
        printed.contains("USING 0 TO ALL EXCEPT emban_reader, default;"),
        "{printed}"
    );
    assert!(!printed.contains(PASSWORD.1) && !log.contains(PASSWORD.1));
    let refused = run(dir.path(), &["warehouse", "policies"], &[]);
    assert!(!refused.status.success());
    assert!(
        said(&refused)
            .1
            .contains("the embedded engine has no users")
    );
}
