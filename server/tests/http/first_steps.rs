//! What API.md tells a new user to type, typed.

use std::process::Command;

use crate::origin::{ADMIN_KEY, Origin};

const API: &str = include_str!("../../../docs/API.md");

#[tokio::test(flavor = "multi_thread")]
async fn first_steps() {
    let origin = Origin::start();
    let section = API.split("## First steps").nth(1).unwrap();
    let script = section.split("```sh\n").nth(1).unwrap();
    let script = script.split("```").next().unwrap();
    let output = Command::new("bash")
        .args(["-euo", "pipefail", "-c", script])
        .env("EMBAN", &origin.url)
        .env("KEY", ADMIN_KEY)
        .output()
        .unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    let failed = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{said}\n{failed}");
    for expect in ["\"accepted\":2", "\"embed_url\":\"", "\"kind\":\"kpi\""] {
        assert!(said.contains(expect), "{expect} is not in {said}");
    }
    assert!(!said.contains("warnings"), "{said}");
    let path = "/v1/query?tenant_id=acme&event_name=call&metric=sum&numeric_prop=tokens";
    origin
        .await_answer(path, ADMIN_KEY, |answer| {
            answer.body["data"]["value"] == 150.0
        })
        .await;
}
