//! `emban ingest FILE`.

use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Output, Stdio};

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value, json};

use crate::origin::{ADMIN_KEY, Answer, Origin};

fn file(origin: &Origin, name: &str, content: &[u8]) -> PathBuf {
    let path = origin.data().join(name);
    std::fs::write(&path, content).unwrap();
    path
}

fn gzip(text: &str) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(text.as_bytes()).unwrap();
    encoder.finish().unwrap()
}

/// Runs the command, with this on its standard input.
fn ingest(origin: &Origin, arguments: &[&str], input: &str) -> Output {
    let mut command = origin.command();
    command
        .arg("ingest")
        .args(arguments)
        .args(["--url", &origin.url])
        .env("EMBAN_API_KEY", ADMIN_KEY)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    // It may end before it has read anything.
    child.stdin.take().unwrap().write_all(input.as_bytes()).ok();
    child.wait_with_output().unwrap()
}

fn said(output: &Output) -> String {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    text(&output.stdout) + &text(&output.stderr)
}

async fn await_figure(origin: &Origin, tenant: &str, question: &str, expect: f64) {
    let path = format!("/v1/query?tenant_id={tenant}&event_name=flight&period=30d&{question}");
    let is_awaited = |answer: &Answer| answer.body["data"]["value"].as_f64() == Some(expect);
    origin.await_answer(&path, ADMIN_KEY, is_awaited).await;
}

#[tokio::test]
async fn columns_become_events_and_a_file_that_is_sent_again_counts_once() {
    let origin = Origin::start();
    let mut text = "carrier,delay,note,airport\n".to_owned();
    for n in 0..2500 {
        let carrier = if n % 5 == 0 { "BB" } else { "AA" };
        text += &format!("{carrier},{},\"line\nof {n}\",x\n", n % 10);
    }
    let path = file(&origin, "flights.csv.gz", &gzip(&text));
    let path = path.to_str().unwrap();
    let arguments = [
        path,
        "--column",
        "tenant_id=carrier",
        "--set",
        "event_name=flight",
        "--numbers",
        "delay",
        "--ignore",
        "airport",
    ];
    for _ in 0..2 {
        let done = ingest(&origin, &arguments, "");
        assert!(done.status.success(), "{}", said(&done));
        assert!(said(&done).contains("2500 events taken"), "{}", said(&done));
    }
    await_figure(&origin, "AA", "metric=count", 2000.0).await;
    await_figure(&origin, "BB", "metric=count", 500.0).await;
    await_figure(&origin, "AA", "metric=sum&numeric_prop=delay", 10_000.0).await;
    let values = "/v1/discover";
    let seen = origin.get(values, ADMIN_KEY).await;
    let text = seen.expect(200).to_string();
    assert!(text.contains("note") && !text.contains("airport"), "{text}");
}

#[tokio::test]
async fn what_is_no_event_is_told_by_file_and_line_and_the_rest_can_go_on() {
    let origin = Origin::start();
    let event = |id: u32| json!({ "tenant_id": "acme", "event_name": "flight", "event_id": id.to_string() });
    let lines = |events: &[Value]| {
        events
            .iter()
            .map(|event| format!("{event}\n"))
            .collect::<String>()
    };
    let text = lines(&[event(1), json!({ "event_name": "flight" }), event(2)])
        + "\n{\"tenant_id\":\n"
        + &lines(&[event(3)]);
    let path = file(&origin, "events.ndjson", text.as_bytes());
    let path = path.to_str().unwrap();

    let refused = ingest(&origin, &[path], "");
    let words = said(&refused);
    assert!(!refused.status.success(), "{words}");
    assert!(
        words.contains(&format!("{path}:5: ")) || words.contains(&format!("{path}:2: /tenant_id")),
        "{words}"
    );
    assert!(words.contains("--from-line 1"), "{words}");

    let taken = ingest(&origin, &[path, "--skip-invalid"], "");
    let words = said(&taken);
    assert!(taken.status.success(), "{words}");
    assert!(
        words.contains(&format!("{path}:2: /tenant_id")) && words.contains(&format!("{path}:5: ")),
        "{words}"
    );
    assert!(
        words.contains("3 events taken, 2 lines left out"),
        "{words}"
    );
    await_figure(&origin, "acme", "metric=count", 3.0).await;

    let rest = ingest(&origin, &[path, "--from-line", "6"], "");
    assert!(said(&rest).contains("1 events taken"), "{}", said(&rest));
    let piped = ingest(
        &origin,
        &["-", "--format", "ndjson"],
        &lines(&[event(4), event(1)]),
    );
    assert!(said(&piped).contains("2 events taken"), "{}", said(&piped));
    await_figure(&origin, "acme", "metric=count", 4.0).await;
}

#[tokio::test]
async fn an_interrupted_call_says_where_to_go_on() {
    let origin = Origin::start();
    let line = |n: usize| {
        format!("{{\"tenant_id\":\"acme\",\"event_name\":\"flight\",\"user_id\":\"u{n}\"}}\n")
    };
    let lines = |range: std::ops::Range<usize>| range.map(line).collect::<String>();
    let mut command = origin.command();
    command
        .args(["ingest", "-", "--format", "ndjson", "--url", &origin.url])
        .env("EMBAN_API_KEY", ADMIN_KEY)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut input = child.stdin.take().unwrap();
    input.write_all(lines(0..2500).as_bytes()).unwrap();
    await_figure(&origin, "acme", "metric=count", 2000.0).await;
    let pid = child.id().to_string();
    let kill = std::process::Command::new("kill")
        .args(["-INT", &pid])
        .status();
    assert!(kill.unwrap().success());
    // It waits for a line: with the next one it sees that it is to end, or with the end of its input.
    for n in 2500..2600 {
        if child.try_wait().unwrap().is_some() || input.write_all(line(n).as_bytes()).is_err() {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    drop(input);
    let output = child.wait_with_output().unwrap();
    let words = said(&output);
    assert!(
        !output.status.success() && words.contains("interrupted"),
        "{words}"
    );
    assert!(words.contains("--from-line 2001"), "{words}");
    let go_on = ["-", "--format", "ndjson", "--from-line", "2001"];
    let again = ingest(&origin, &go_on, &lines(0..2600));
    assert!(
        said(&again).contains("600 events taken"),
        "{}",
        said(&again)
    );
    await_figure(&origin, "acme", "metric=count", 2600.0).await;
}

#[tokio::test]
async fn a_mapping_that_is_wrong_in_every_line_is_said_in_few() {
    let origin = Origin::start();
    let text: String = (0..500).map(|n| format!("x{n},1\n")).collect();
    let path = file(&origin, "wrong.csv", format!("who,n\n{text}").as_bytes());
    let refused = ingest(
        &origin,
        &[path.to_str().unwrap(), "--set", "event_name=e"],
        "",
    );
    let words = said(&refused);
    assert!(!refused.status.success(), "{words}");
    assert_eq!(words.matches("tenant_id").count(), 10, "{words}");
    assert!(words.contains("and 490 more places"), "{words}");
}

#[tokio::test]
async fn an_origin_that_does_not_answer_or_refuses_is_said_so() {
    let origin = Origin::start();
    let path = file(
        &origin,
        "a.jsonl",
        b"{\"tenant_id\":\"a\",\"event_name\":\"e\"}\n",
    );
    let path = path.to_str().unwrap();
    let nobody = ["--url", "http://127.0.0.1:1", "--patience", "0"];
    let mut command = origin.command();
    command
        .arg("ingest")
        .arg(path)
        .args(nobody)
        .env("EMBAN_API_KEY", ADMIN_KEY);
    let words = said(&command.output().unwrap());
    assert!(
        words.contains("127.0.0.1:1") && words.contains("--from-line 1"),
        "{words}"
    );
    let mut command = origin.command();
    command
        .args(["ingest", path, "--url", &origin.url])
        .env("EMBAN_API_KEY", "eb_ing_nobody");
    let words = said(&command.output().unwrap());
    assert!(
        words.contains("401") && !words.contains("eb_ing_nobody"),
        "{words}"
    );
    let unnamed = ingest(&origin, &["-"], "");
    assert!(said(&unnamed).contains("--format"), "{}", said(&unnamed));
}
